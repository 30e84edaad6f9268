"""A served run that can't be reached: the reason comes at once, in fixed words, and a hopeless wait ends."""

from __future__ import annotations

import asyncio
import io
import logging
import socket
import ssl
from typing import TYPE_CHECKING, Literal

import pytest
from rich.console import Console

import progressnb as pnb
from progressnb.display.console import ConsoleView
from progressnb.display.html import panel_html
from progressnb.display.lines import Lines
from progressnb.display.looks import tree_of
from progressnb.display.painter import INTERVAL
from progressnb.display.text import heading_text
from progressnb.folds.group import panel_tree
from progressnb.web.client.address import Address, LostError
from progressnb.web.client.attach import attach
from progressnb.web.client.remote import RemoteRun
from progressnb.web.client.troubles import trouble_of
from progressnb.wire.events import ErrorEvent
from tests.web.test_attach import TRANSPORTS, NoPause, event, remote, sends

if TYPE_CHECKING:
    from collections.abc import Callable

    from progressnb.web.client.transports import Reader

HOSTILE = "<script>alert(1)</script>\x1b[31m"


class NoTicks(NoPause):
    """A clock without pauses, on which screens don't tick: they paint changes only."""

    def call_later(self, delay: float, callback: Callable[[], None]) -> None:
        """Call back now, unless it is a screen's tick."""
        if delay > INTERVAL:
            super().call_later(delay, callback)


def lost(*causes: BaseException) -> LostError:
    """Return a lost connection with causes, as a transport raises it: each in the context of the next."""
    error: BaseException | None = None
    for cause in (*causes, LostError(HOSTILE)):
        cause.__context__ = error
        error = cause
    assert isinstance(error, LostError)
    return error


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (lost(ConnectionRefusedError(HOSTILE)), "no server at host:9 yet"),
        (lost(OSError(HOSTILE), ExceptionGroup(HOSTILE, [OSError(HOSTILE)])), "no server at host:9 yet"),
        (lost(ExceptionGroup(HOSTILE, [socket.gaierror(-2, HOSTILE)])), "no host of the name host:9 yet"),
        (lost(TimeoutError(HOSTILE)), "no answer from host:9 yet"),
        (lost(ValueError(HOSTILE)), "no stream of events from host:9 yet"),
        (lost(), "no stream of events from host:9 yet"),
    ],
)
def test_words(error: LostError, words: str) -> None:
    """The reason is given in fixed words, never in a server's or a library's, and another attempt follows."""
    assert trouble_of(error, "host:9") == (words, None)


def test_what_will_not_mend() -> None:
    """A certificate that is not trusted and a server without TLS stay what they are; other faults of TLS may pass."""
    untrusted = trouble_of(lost(ssl.SSLCertVerificationError(1, HOSTILE)), "host")
    assert untrusted.words == "no certificate for host that can be trusted"
    assert untrusted.remedy
    assert trouble_of(lost(ssl.SSLEOFError(8, HOSTILE)), "host").remedy is None


def console_text(run: RemoteRun) -> str:
    """Return what a console shows of a run at its end."""
    file = io.StringIO()
    Lines(run, Console(file=file, force_terminal=False, width=400), compact=False).write()
    return file.getvalue()


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_it_is_said_after_the_first_try(
    transport: Literal["sse", "websocket"], caplog: pytest.LogCaptureFixture
) -> None:
    """A dead address is reported once, at once: in the panel's line, or in the log without a panel."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        place = f"127.0.0.1:{listener.getsockname()[1]}"
    run = attach(f"http://{place}/runs/1", transport=transport, show=False, clock=NoPause(), chance=lambda: 0.0)
    seen: list[str] = []
    run.on_trouble(lambda: seen.append(heading_text(tree_of(run))))
    with pytest.raises(pnb.errors.AttachError, match="no answer for"):
        await run
    said = f"no server at {place} yet; trying for 30 s"
    assert seen in ([], [f"○ attach · {said}"])  # it may have come before we listened
    assert [(record.levelno, record.getMessage()) for record in caplog.records] == [(logging.WARNING, said)]
    assert run.trouble == ""  # it tries no more
    # Nothing came of the run: no time is told, which would be that of nothing.
    assert run.state.duration is None
    assert heading_text(tree_of(run)) == "✗ attach failed"
    text = console_text(run)
    assert "failed: AttachError: " in text
    assert "failed after" not in text


async def answers_in_plain(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer as a server without TLS does."""
    writer.write(b"HTTP/1.0 400 Bad request\r\n\r\n")
    await writer.drain()
    writer.close()


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_tls_to_a_plain_server(transport: Literal["sse", "websocket"]) -> None:
    """TLS with a server that does not speak TLS fails at the first attempt, with the remedy."""
    clock = NoPause()
    async with await asyncio.start_server(answers_in_plain, "127.0.0.1", 0) as server:
        place = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
        with pytest.raises(
            pnb.errors.AttachError, match=rf"got a server at {place} that does not speak TLS. Write http://"
        ):
            await attach(f"https://{place}/runs/1", transport=transport, show=False, clock=clock)
    assert clock.pauses == []


def test_screens_say_it_once_and_go_on() -> None:
    """A pipe gets one line and a panel's heading says it, without markup; when the server comes both go on."""
    clock, out = NoTicks(), io.StringIO()
    tries = 0

    async def connect(_: Address, after: int, reader: Reader) -> None:
        nonlocal tries
        tries += 1
        if tries < 4:
            assert (tries == 1) == (run.trouble == "")
            raise lost(ConnectionRefusedError(HOSTILE))
        headings.append(panel_html(panel_tree([tree_of(run)], key="panel")))
        reader.opened()
        assert run.trouble == ""
        for line in (event(0, "started"), event(1, "progress"), event(2, "done")):
            if after < 2:
                reader.take(line)

    headings: list[str] = []
    run = RemoteRun(Address("http://<b>:9/runs/1"), connect, clock=clock, chance=lambda: 0.0)
    run.shown = True
    ConsoleView(run, console=Console(file=out, width=100, force_terminal=False)).start()
    assert out.getvalue() == ""
    assert run.wait() == 7
    lines = out.getvalue().splitlines()
    assert lines[0] == "attach: no server at <b>:9 yet; trying for 30 s"
    assert "no server" not in "".join(lines[1:])
    assert lines[-1].startswith("work 100 %")
    assert "no server at &lt;b&gt;:9 yet" in headings[0]
    assert not any(isinstance(each, ErrorEvent) for each in run.log)


def test_a_terminal_says_it_until_there_is_a_run() -> None:
    """In a terminal the line stands where the bars will."""
    out = io.StringIO()

    async def nobody(_: Address, _after: int, _reader: Reader) -> None:
        raise lost(ConnectionRefusedError())

    run = RemoteRun(Address("http://host:9/runs/1"), nobody, clock=NoTicks(), chance=lambda: 0.0)
    run.shown = True
    console = Console(file=out, width=100, height=20, force_terminal=True, force_interactive=True)
    ConsoleView(run, console=console).start()
    with pytest.raises(pnb.errors.AttachError):
        run.wait()
    assert "attach: no server at host:9 yet; trying for 30 s" in out.getvalue()


async def test_a_server_that_went_away() -> None:
    """A run whose server is gone did not fail as far as anybody knows: every screen says that its end is unknown."""
    run, _ = remote(sends(event(0, "started"), event(1)))
    troubles: list[str] = []
    run.on_trouble(lambda: troubles.append(run.trouble))
    with pytest.raises(pnb.errors.AttachError, match="The run may go on there: attach again"):
        await run
    assert troubles == ["no answer from host; trying for 5 minutes"]
    why = "the server went away, how the run ended is unknown"
    tree = tree_of(run)
    assert (tree["header"]["status"], tree["header"]["ended"]) == ("lost", why)
    assert heading_text(tree) == f"◌ work lost after 1.0 s · {why}"
    totals = panel_tree([tree] * 4, key="panel")["totals"]
    assert totals is not None
    assert (totals["status"], totals["text"]) == ("lost", "4 runs · 4 lost")
    for text in (panel_html(panel_tree([tree], key="panel")), console_text(run)):
        assert why in text
        assert "failed after" not in text
    assert run.state.error_data == {"end_unknown": True}


async def test_a_server_that_comes_back() -> None:
    """The word of a lost connection goes with the next one; a break that the first try mends is not worth a word."""
    run, _ = remote(sends(event(0, "started")), nobody, nobody, nobody, sends(event(1), event(2, "done")))
    troubles: list[str] = []
    run.on_trouble(lambda: troubles.append(run.trouble))
    assert await run == 7
    assert (len(troubles), run.trouble) == (1, "")
    run, _ = remote(sends(event(0, "started")), sends(event(1), event(2, "done")))
    run.on_trouble(lambda: troubles.append(run.trouble))
    assert await run == 7
    assert len(troubles) == 1


async def nobody(_after: int, _reader: Reader) -> None:
    """Find no server."""
    raise LostError
