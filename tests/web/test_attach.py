"""`attach` reads a served run as one's own, and says clearly where it can't."""

from __future__ import annotations

import asyncio
import builtins
import contextlib
import json
import logging
import socket
import sys
from typing import TYPE_CHECKING, Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

import progressnb as pnb
from progressnb.display.looks import tree_of
from progressnb.display.text import heading_text, panel_text
from progressnb.folds.group import panel_tree
from progressnb.tracking.clock import SystemClock
from progressnb.web.client import transports
from progressnb.web.client.address import Address, LostError
from progressnb.web.client.attach import attach
from progressnb.web.client.backoff import FIRST_PAUSE, LONGEST_PAUSE
from progressnb.web.client.remote import RemoteRun
from tests.web.cutting import CuttingServer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from progressnb.web.client.transports import Reader
    from progressnb.web.uvicorn.serving import Server

TOKEN = "a-secret-that-nobody-sees"  # noqa: S105 - of tests
TRANSPORTS: tuple[Literal["sse", "websocket"], ...] = ("sse", "websocket")


def text_of(run: pnb.Run[Any] | RemoteRun) -> str:
    """Return a run as its panel says it in plain text."""
    return panel_text(panel_tree([tree_of(run)], key="panel"))


class NoPause(SystemClock):
    """A clock whose pauses are over at once; it goes on by what they were, and keeps them."""

    def __init__(self) -> None:
        super().__init__()
        self.pauses: list[float] = []

    def monotonic(self) -> float:
        """Return the seconds that were paused so far."""
        return sum(self.pauses)

    def call_later(self, delay: float, callback: Callable[[], None]) -> None:
        """Call back now."""
        self.pauses.append(delay)
        callback()


@pnb.operation(stages=["Say"])
async def say(tracker: pnb.ProgressTracker, word: str = "well") -> dict[str, str]:
    """Say a word."""
    async with tracker.stage("Say") as stage:
        stage.update(50, f"saying {word}")
    return {"said": word}


@pnb.operation
async def wait_for_ever(tracker: pnb.ProgressTracker) -> None:
    """Begin, and never end by itself."""
    async with tracker.stage("Wait"):
        await asyncio.Event().wait()


@pnb.operation
async def fail(tracker: pnb.ProgressTracker) -> None:  # noqa: ARG001
    """Fail."""
    raise ValueError("no luck")


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    """Serve on loopback with a token."""
    async with await pnb.serve(token=TOKEN) as server:
        yield server


def address_of(server: Server, run: pnb.Run[Any]) -> str:
    """Serve a run and return where."""
    return server.add(run).partition("/view")[0]


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_await_iterate_frames(server: Server, transport: Literal["sse", "websocket"]) -> None:
    """The result is plain data, `async for` has every event, the frames are those of the run itself."""
    run = say.using(show=False)("hello")
    seen = pnb.attach(address_of(server, run), token=TOKEN, transport=transport, show=False)
    events = [event async for event in seen]
    assert await seen == {"said": "hello"}
    assert [event.seq for event in events] == list(range(len(run.log)))
    assert seen.log.encoded() == run.log.encoded()
    assert seen.events_frame().equals(run.events_frame())
    assert seen.timings().equals(run.timings())
    assert seen.id == run.id
    assert text_of(seen) == text_of(run)


async def test_page_address(server: Server) -> None:
    """The address of the page is enough: its fragment has the token."""
    assert await attach(server.add(say.using(show=False)()), show=False) == {"said": "well"}


async def test_failure(server: Server) -> None:
    """A run that failed raises `RunFailed` with its error's text."""
    with pytest.raises(pnb.errors.RunFailed, match="no luck"):
        await attach(address_of(server, fail.using(show=False)()), token=TOKEN, show=False)


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_cancel_from_a_thread(server: Server, transport: Literal["sse", "websocket"]) -> None:
    """`cancel` works from any thread, and is done when the server says so."""
    run = wait_for_ever.using(show=False)()
    seen = attach(address_of(server, run), token=TOKEN, transport=transport, show=False)
    await asyncio.to_thread(seen.cancel)
    with pytest.raises(pnb.errors.RunCancelled):
        await seen
    assert run.status == seen.status == "cancelled"
    seen.cancel()  # one that has ended stays as it is
    assert seen.log.encoded() == run.log.encoded()


@pytest.mark.parametrize(
    ("reason", "kept"),
    [("wrong file", "wrong file"), ("half \ud800 a letter", "half"), ("long" * 9_999, "long"), (None, "a client")],
)
async def test_cancel_says_why(server: Server, reason: str | None, kept: str) -> None:
    """The reason to cancel reaches the served run and comes back, whatever text it is."""
    run = wait_for_ever.using(show=False)()
    seen = attach(address_of(server, run), token=TOKEN, show=False)
    seen.cancel(reason)
    with pytest.raises(pnb.errors.RunCancelled):
        await seen
    assert kept in (run.state.reason or "")
    assert seen.state.reason == run.state.reason


async def test_wait_in_a_thread(server: Server) -> None:
    """Code that is not async waits with `wait`."""
    seen = attach(address_of(server, say.using(show=False)()), token=TOKEN, show=False)
    assert await asyncio.to_thread(seen.wait) == {"said": "well"}


def assert_says_so(seen: RemoteRun) -> None:
    """Check that a run that was never reached does not seem to have failed: all texts say that there was no way in."""
    assert seen.operation == "attach"
    assert str(seen.exception).startswith("could not attach: ")
    tree = tree_of(seen)
    assert heading_text(tree).startswith("✗ attach")
    assert tree["failure"] is not None
    assert "could not attach: " in tree["failure"]["text"]
    (row,) = seen.events_frame().to_dict("records")
    assert (row["operation"], row["type"]) == ("attach", "error")
    assert row["message"] == str(seen.exception)


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_gone(server: Server, transport: Literal["sse", "websocket"]) -> None:
    """A run that the server does not have is an error at once, however one waits, and ends the panel."""
    clock = NoPause()
    seen = attach(f"{server.url}/runs/none", token=TOKEN, transport=transport, show=False, clock=clock)
    with pytest.raises(pnb.errors.UnknownRunError, match="deleted, or is too old"):
        await seen
    with pytest.raises(pnb.errors.UnknownRunError):
        _ = [event async for event in seen]
    assert clock.pauses == []
    assert_says_so(seen)


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("token", [None, "another-secret"])
async def test_refused(
    server: Server, transport: Literal["sse", "websocket"], token: str | None, caplog: pytest.LogCaptureFixture
) -> None:
    """A wrong token is an error at once, and no text has it, whatever the logs' level."""
    caplog.set_level(logging.DEBUG)
    run = say.using(show=False)()
    seen = attach(address_of(server, run), token=token, transport=transport, show=False, clock=NoPause())
    with pytest.raises(pnb.errors.AttachError, match="token") as raised:
        await seen
    assert_says_so(seen)
    good = attach(address_of(server, run), token=TOKEN, transport=transport, show=False)
    await good
    good.cancel()
    logged = [record.getMessage() for record in caplog.records]
    texts = [*logged, repr(seen), repr(good), str(raised.value), repr(raised.value), repr(vars(good)), text_of(seen)]
    for secret in (TOKEN, "another-secret"):
        assert not [text for text in texts if secret in text]


@pytest.mark.parametrize(
    "url",
    [
        "file:///runs/1",
        "ftp://host/runs/1",
        "http://host/",
        "http://host/runs/",
        "http://host:port/runs/1",
        "http:///runs/1",
        "http://me:hidden@host/runs/1",
        "runs/1",
        "",
        None,
    ],
)
def test_no_address(url: str) -> None:
    """A URL that is not a run's is refused before anything is sent, and the error shows no password."""
    with pytest.raises(pnb.errors.InputError) as raised:
        attach(url, show=False)
    assert "hidden" not in str(raised.value)


def test_no_token() -> None:
    """A token that a header can't carry is refused, and the error does not show it."""
    with pytest.raises(pnb.errors.InputError) as raised:
        attach("http://127.0.0.1/runs/1", token="two\r\nlines", show=False)  # noqa: S106 - of tests
    assert "lines" not in str(raised.value)


@given(st.text(max_size=80))
def test_any_text_as_an_address(text: str) -> None:
    """Any text is an address of http or https, or refused with `InputError`."""
    for url in (text, f"http://{text}", f"http://host/runs/{text}", f"https://host/runs/1/view#{text}"):
        try:
            address, _ = Address.of(url)
        except pnb.errors.InputError:
            continue
        assert address.url.startswith(("http://", "https://"))
        assert "#" not in address.url
        assert "?" not in address.url


@pytest.mark.parametrize(
    ("url", "got"),
    [
        ("http://host:81", "that of host without a run"),
        ("http://host/", "that of host without a run"),
        ("http://host/base/9", "'/base/9'"),
        ("http:///runs/7", "without a host"),
        ("host/runs/7", "does not begin with any of them"),
        ("ftp://host/runs/7", "'ftp'"),
    ],
)
def test_the_error_says_what_the_address_is(url: str, got: str) -> None:
    """An address that is no run's is told by what it is, never as an empty text."""
    with pytest.raises(pnb.errors.InputError) as raised:
        Address.of(url)
    assert got in raised.value.got


def test_addresses() -> None:
    """The run's address, its page's, its stream's and its socket's are one."""
    for tail in ("", "/", "/view", "/view/", "/events", "/ws?after=3", "/view#token=t%20", "?token=u"):
        assert Address.of(f"ws://host:81/base/runs/7{tail}", "t")[0].url == "http://host:81/base/runs/7"
    assert Address.of("https://host/runs/7/view#token=a%2Bb")[0].token == "a+b"  # noqa: S105 - of tests
    assert [Address.of(f"{scheme}://h/runs/7")[1] for scheme in ("http", "https", "ws", "wss")] == [
        False,
        False,
        True,
        True,
    ]


@contextlib.asynccontextmanager
async def answering(*parts: bytes, endless: bytes = b"") -> AsyncIterator[tuple[str, asyncio.Event]]:
    """Answer every request with these bytes, and then with `endless` for ever; the event is set when a client left."""
    left = asyncio.Event()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"".join(parts))
            await writer.drain()
            while endless:
                writer.write(endless)
                await writer.drain()
        except ConnectionError:
            left.set()
        finally:
            writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/runs/1", left


STREAM = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"


async def test_answer_of_something_else() -> None:
    """A server of another kind is an error at once."""
    async with answering(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 2\r\n\r\nhi") as (url, _):
        with pytest.raises(pnb.errors.AttachError, match="Is that a progressnb server"):
            await attach(url, show=False)


async def test_compressed_stream() -> None:
    """A stream that is compressed unasked is refused before any of it is unpacked, and the remedy says what to do."""
    async with answering(STREAM, b"Content-Encoding: gzip\r\n\r\n") as (url, _):
        with pytest.raises(pnb.errors.AttachError, match=r"not compressed.* proxy .* transport=\"websocket\""):
            await attach(url, show=False)


@pytest.mark.parametrize(
    "endless",
    [b"x" * 9_999, b"data: x\n" * 999, b"data: \xd0\xb6\r", b"event: x\r\nid: 1\r\n", b": nothing\n"],
    ids=["no line", "no end", "no line feed", "no data", "comments alone"],
)
async def test_endless_event(monkeypatch: pytest.MonkeyPatch, endless: bytes) -> None:
    """An event that never ends is given up where it is longer than one may be, once, and the connection is left."""
    monkeypatch.setattr(transports, "LONGEST", 2**18)
    clock = NoPause()
    async with answering(STREAM, b"\r\nretry: 10\n\n", endless=endless) as (url, left):
        with pytest.raises(pnb.errors.AttachError, match="MB at most, got a longer one"):
            await attach(url, show=False, clock=clock)
        await left.wait()
    assert clock.pauses == []


async def test_endless_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    """A WebSocket's frame that is longer than an event may be is the same error, not tried again."""
    monkeypatch.setattr(transports, "LONGEST", 2**18)
    clock = NoPause()
    async with CuttingServer([b"x" * 2**19]) as server:
        with pytest.raises(pnb.errors.AttachError, match="MB at most, got a longer one"):
            await attach(server.url("1"), transport="websocket", show=False, clock=clock)
        assert len(server.requests) == 1
    assert clock.pauses == []


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_long_streams(monkeypatch: pytest.MonkeyPatch, transport: Literal["sse", "websocket"]) -> None:
    """The bound is an event's: a stream may be as long as it likes."""
    monkeypatch.setattr(transports, "LONGEST", 2**18)
    lines = [event(0, "started"), *(event(seq, message="x" * 100_000) for seq in range(1, 20)), event(20, "done")]
    async with CuttingServer(lines) as server:
        assert await attach(server.url("1"), transport=transport, show=False) == 7


async def test_odd_stream() -> None:
    """Events are UTF-8 whatever charset a server names, and a pause with too many digits is ignored."""
    said = event(1, "done", result="+AGE-").replace(b"+AGE-", "+AGE-é".encode())
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-7\r\n\r\n"
    body = b"retry: %s\n\ndata: %s\n\ndata: %s\n\n" % (b"9" * 4000, event(0, "started"), said)
    async with answering(head, body) as (url, _):
        assert await attach(url, show=False) == "+AGE-é"


async def test_answer_to_cancel_is_not_read() -> None:
    """A server's answer to `cancel` may be endless, so it is not read."""
    async with answering(b"HTTP/1.1 202 Accepted\r\n\r\n", endless=b"x" * 65_536) as (url, left):
        await transports.post_cancel(Address.of(url)[0])
        await left.wait()


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_another_run(transport: Literal["sse", "websocket"]) -> None:
    """Events of another run than the address says are refused at once."""
    clock = NoPause()
    async with CuttingServer([event(0, "started"), event(1, "done")]) as server:
        with pytest.raises(pnb.errors.AttachError, match="events of run 2, got one of run 1 from"):
            await attach(server.url("2"), transport=transport, show=False, clock=clock)
    assert clock.pauses == []


async def test_it_lives_elsewhere() -> None:
    """`runs` does not list it, `cancel_all` leaves it alone, and `use_history` does not record it."""
    lines = [event(0, "started"), event(1), event(2, "done")]
    history = pnb.use_history(pnb.History())
    try:
        async with CuttingServer(lines[:2]) as server:
            seen = attach(server.url("1"), show=False, clock=NoPause())
            async for each in seen:
                if each.seq == 1:
                    break
            assert seen.id not in [run.id for run in pnb.runs()]
            pnb.cancel_all("all of them")
            server.lines = lines
            assert await seen == 7
            assert not [request for request in server.requests if request.startswith("POST")]
        assert history.runs().empty
    finally:
        history.close()


# --- with a transport of the test's own ------------------------------------------------------------------------


def remote(*connections: Callable[[int, Reader], Awaitable[None]], chance: float = 0.0) -> tuple[RemoteRun, NoPause]:
    """Return a run with these connections, one after the other, and no further one."""
    left, clock = list(connections), NoPause()

    async def connect(_: Address, after: int, reader: Reader) -> None:
        if not left:
            raise LostError
        await left.pop(0)(after, reader)

    run = RemoteRun(Address("http://host/runs/1", TOKEN), connect, clock=clock, chance=lambda: chance)
    return run, clock


def event(seq: int, kind: str = "progress", **fields: object) -> bytes:
    """Return an event's JSON."""
    base = {"v": 1, "run_id": "1", "seq": seq, "timestamp": "2026-01-01T00:00:00Z", "elapsed": 1.0, "operation": "work"}
    own: dict[str, dict[str, object]] = {
        "started": {"stages": []},
        "progress": {"status": "running", "stage": "a"},
        "done": {"result": 7, "overall_progress": 100, "duration": 1.0},
    }
    return json.dumps(base | {"type": kind} | own.get(kind, {}) | fields).encode()


def sends(
    *lines: bytes, expects: int | None = None, wish: float | None = None
) -> Callable[[int, Reader], Awaitable[None]]:
    """Return a connection that sends these and is lost."""

    async def connection(after: int, reader: Reader) -> None:
        assert expects is None or after == expects
        reader.opened()
        if wish is not None:
            reader.wait_at_least(wish)
        for line in lines:
            if reader.take(line):
                return
        raise LostError

    return connection


async def test_doubles_and_gaps() -> None:
    """An event that a server sends twice counts once, and a missing event is asked for again."""
    run, _ = remote(
        sends(event(0, "started"), event(1), event(0, "started"), event(1)),
        sends(event(1), event(3), expects=1),
        sends(event(2), event(3), event(4, "done"), expects=1),
    )
    assert await run == 7
    assert [each.seq for each in run.log] == [0, 1, 2, 3, 4]


async def test_record_that_lacks_a_part() -> None:
    """A gap that stays is an error, not an endless retry."""
    run, clock = remote(*[sends(event(0, "started"), event(2))] * 9)
    with pytest.raises(pnb.errors.EventFormatError, match="lacks a part"):
        await run
    assert len(clock.pauses) == 1


async def test_events_of_a_newer_version() -> None:
    """Events of types that only a newer version knows are left out, and count."""
    run, _ = remote(
        sends(event(0, "started"), event(1, "sparkled")),
        sends(event(1, "sparkled"), event(2, "sparkled"), event(3), event(4, "done"), expects=1),
    )
    assert await run == 7
    assert [each.seq for each in run.log] == [0, 3, 4]


@pytest.mark.parametrize("line", [b"nonsense", b"[]", b'{"type":"new"}', b'{"type":"new","run_id":"1"}'])
async def test_damaged_events(line: bytes) -> None:
    """Text that is not an event of this run ends the run with a clear error."""
    run, clock = remote(sends(line))
    with pytest.raises(pnb.errors.EventFormatError):
        await run
    assert clock.pauses == []


@pytest.mark.parametrize(
    "line", [event(1, run_id="2"), event(0, "started", run_id="2"), event(1, "sparkled", run_id="2")]
)
async def test_another_run_later(line: bytes) -> None:
    """An event of another run is refused wherever it comes: as the next, as one seen before, as one of a newer type."""
    run, clock = remote(sends(event(0, "started")), sends(line))
    with pytest.raises(pnb.errors.AttachError, match="events of run 1, got one of run 2 from"):
        await run
    assert len(clock.pauses) == 1


async def test_pauses() -> None:
    """Pauses double up to a bound, with some chance in them, and begin anew when events come; `retry:` counts."""
    run, clock = remote(sends(event(0, "started"), wish=2.0), chance=1.0)
    with pytest.raises(pnb.errors.AttachError, match=r"no answer for \d+ s \(it ended the stream\)"):
        await run
    assert clock.pauses[:5] == [2.0, 4.0, 8.0, LONGEST_PAUSE, LONGEST_PAUSE]
    assert 300 < sum(clock.pauses) < 330
    low, clock_low = remote(*[sends(event(0, "started"))] * 3, sends(event(1, "done")), chance=0.0)
    await low
    assert clock_low.pauses == [FIRST_PAUSE / 2, FIRST_PAUSE, FIRST_PAUSE * 2]


async def test_nobody_there() -> None:
    """Without a first connection the error comes sooner, with its cause."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    for transport in TRANSPORTS:
        clock = NoPause()
        with pytest.raises(pnb.errors.AttachError, match=r"no answer for 3\d s \(Connect"):
            await attach(
                f"http://127.0.0.1:{port}/runs/1", transport=transport, show=False, clock=clock, chance=lambda: 0.0
            )


async def test_long_silence_is_no_fault() -> None:
    """A connection that was silent for an hour and is then lost is made again, after a short pause."""

    async def silence(_after: int, reader: Reader) -> None:
        reader.opened()
        clock.pauses.append(3600.0)
        raise LostError

    run, clock = remote(sends(event(0, "started")), silence, silence, sends(event(1, "done"), expects=0))
    assert await run == 7
    assert max(pause for pause in clock.pauses if pause < 3600) <= FIRST_PAUSE


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_server_begins_anew(transport: Literal["sse", "websocket"]) -> None:
    """A server that stops and begins anew on its port is found again, and the run goes on from where it was."""
    go_on = asyncio.Event()

    @pnb.operation
    async def outlive(tracker: pnb.ProgressTracker) -> str:
        async with tracker.stage("Outlive"):
            await go_on.wait()
        return "alive"

    first = await pnb.serve(token=TOKEN)
    run = outlive.using(show=False)()
    seen = attach(address_of(first, run), token=TOKEN, transport=transport, show=False, chance=lambda: -0.99)
    async for each in seen:
        if each.stage is not None:
            break
    port = int(first.url.rpartition(":")[2])
    await first.stop()
    async with await pnb.serve(token=TOKEN, port=port) as second:
        second.add(run)
        go_on.set()
        assert await seen == "alive"
        assert seen.log.encoded() == run.log.encoded()


async def test_reconnecting_is_said() -> None:
    """The panel's line says that the run is being connected to, and connected to again."""
    run, _ = remote()
    run_states: list[str] = [heading_text(tree_of(run))]

    async def looks(after: int, reader: Reader) -> None:
        run_states.append(heading_text(tree_of(run)))
        assert run.connection == "reconnecting"
        await sends(event(1, "done"))(after, reader)

    again, _ = remote(sends(event(0, "started")), looks)
    run = again
    assert await again == 7
    assert "connecting…" in run_states[0]
    assert "reconnecting…" in run_states[1]
    assert again.connection == "ended"


async def test_bug_in_a_transport() -> None:
    """An unexpected error ends the wait too, and shows no secret."""

    async def breaks(_after: int, _reader: Reader) -> None:
        raise KeyError(TOKEN)

    run, _ = remote(breaks)
    with pytest.raises(pnb.errors.AttachError, match="KeyError") as raised:
        await run
    assert TOKEN not in str(raised.value)


def test_missing_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the extra, the error is the exact command to install it."""
    importer = builtins.__import__

    def without(name: str, *rest: Any) -> Any:
        if name.partition(".")[0] in ("httpx_sse", "websockets"):
            raise ImportError(name)
        return importer(name, *rest)

    monkeypatch.delitem(sys.modules, "progressnb.web.client.transports")
    monkeypatch.delitem(sys.modules, "progressnb.web.client.remote")
    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(pnb.errors.MissingExtraError, match=r'pip install "progressnb\[web\]"'):
        attach("http://127.0.0.1/runs/1", show=False)


async def test_headers_carry_the_token() -> None:
    """Both transports say the token in a header, and never in an address."""
    run = say.using(show=False)()
    await run
    async with CuttingServer(run.log.encoded()) as server:
        for transport in TRANSPORTS:
            await attach(server.url(run.id), token=TOKEN, transport=transport, show=False)
        for request in server.requests:
            assert f"authorization: bearer {TOKEN}" in request.lower()
            assert TOKEN not in request.partition("\r\n")[0]
        assert len(server.requests) == 2


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_the_bytes_are_handed_on(transport: Literal["sse", "websocket"]) -> None:
    """The log of an attached run has the very bytes that were read, and a server hands these on once more.

    They may come from another version: with other spaces, fields and types.
    """
    run = say.using(show=False)("hello")
    await run
    lines = [json.dumps({**json.loads(line), "new": "ü\u2028"}).encode() for line in run.log.encoded()]
    lines[1:1] = [json.dumps({"v": 1, "run_id": run.id, "seq": 1, "type": "new", "operation": "say"}).encode()]
    lines[2:] = [json.dumps({**json.loads(line), "seq": seq}).encode() for seq, line in enumerate(lines[2:], 2)]
    async with CuttingServer(lines) as first:
        seen = attach(first.url(run.id), transport=transport, show=False)
        assert await seen == {"said": "hello"}
    assert seen.log.encoded() == lines
    async with await pnb.serve() as second:
        url = second.add(seen).removesuffix("/view")
        again = attach(url, transport=transport, show=False)
        assert await again == {"said": "hello"}
    assert again.log.encoded() == lines
