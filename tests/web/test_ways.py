"""`attach` where something on the way gathers the stream or drips: it says so, and takes a WebSocket."""

from __future__ import annotations

import asyncio
import logging
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Literal

import pytest

import progressnb as pnb
from progressnb.web import attach
from progressnb.web.client import transports, ways
from progressnb.web.client.address import LostError
from progressnb.web.client.ways import FIRST_BYTES, Ways
from tests.web.conftest import TOKEN
from tests.web.test_attach import NoPause, say

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from progressnb.web import Server

Gathers = Literal["body", "head"]


class Proxy:
    """A proxy that holds server-sent events back until the server ends them, with or without their head."""

    def __init__(self, server: Server, gathers: Gathers, *, lets_sockets: bool) -> None:
        self._port = int(server.url.rpartition(":")[2])
        self._gathers, self._lets_sockets = gathers, lets_sockets
        self.asked: list[str] = []
        self.tasks: set[asyncio.Task[None]] = set()

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Pass a request on."""
        if (task := asyncio.current_task()) is not None:
            self.tasks.add(task)
        try:
            await self._take(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            writer.close()
        except asyncio.CancelledError:  # the test is over: who takes no more bytes would keep the socket open
            writer.transport.abort()
        else:
            writer.close()

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        path = head.split()[1].decode().rpartition("/")[2].partition("?")[0]
        self.asked.append(path)
        if path == "ws" and not self._lets_sockets:
            writer.write(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
            return
        there, back = await asyncio.open_connection("127.0.0.1", self._port)
        back.write(head.replace(b"keep-alive", b"close"))
        up = asyncio.ensure_future(_pass(reader, back))
        try:
            if path == "events":
                begin = await there.readuntil(b"\r\n\r\n")
                if self._gathers == "body":
                    writer.write(begin)
                    begin = b""
                writer.write(begin + await there.read())
            else:
                await _pass(there, writer)
        finally:
            up.cancel()
            back.transport.abort()


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while data := await reader.read(65_536):
            writer.write(data)


@asynccontextmanager
async def behind(proxy: Proxy) -> AsyncIterator[str]:
    """Open a proxy; return its address."""
    async with await asyncio.start_server(proxy.take, "127.0.0.1", 0) as listener:
        yield f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}"
        for task in proxy.tasks:
            task.cancel()
        await asyncio.gather(*proxy.tasks, return_exceptions=True)


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    """Serve on loopback with a token."""
    async with await pnb.serve(token=TOKEN) as server:
        yield server


def waiting(gate: asyncio.Event) -> pnb.Operation[..., str]:
    """Return an operation that says half, and goes on when the gate opens."""

    @pnb.operation(stages=["Wait"])
    async def wait(tracker: pnb.ProgressTracker) -> str:
        async with tracker.stage("Wait") as stage:
            stage.update(50, "half")
            await gate.wait()
        return "through"

    return wait


async def until(condition: object) -> None:
    """Wait until something is so."""
    async with asyncio.timeout(30):
        while not (callable(condition) and condition()):
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("gathers", ["body", "head"])
async def test_a_socket_where_a_stream_is_gathered(
    server: Server, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, gathers: Gathers
) -> None:
    """Where the first line does not follow the head within 5 s, or no head comes, a WebSocket brings all, at once."""
    assert FIRST_BYTES == 5
    monkeypatch.setattr(ways, "FIRST_BYTES", 0.1)
    monkeypatch.setattr(transports, "OPENING", 0.3)
    gate = asyncio.Event()
    run = waiting(gate).using(show=False)()
    server.add(run)
    proxy = Proxy(server, gathers, lets_sockets=True)
    with caplog.at_level(logging.INFO, "progressnb"):
        async with behind(proxy) as place:
            seen = attach(f"{place}/runs/{run.id}", token=TOKEN, show=False)
            await until(lambda: seen.state.overall_progress)
            assert (seen.connection, seen.trouble) == ("connected", "")
            assert proxy.asked[:2] == ["events", "ws"]
            gate.set()
            assert await seen == "through"
    if gathers == "body":
        assert "gathers the stream; trying a WebSocket" in caplog.text
    assert seen.log.encoded() == run.log.encoded()


@pytest.mark.parametrize("transport", ["sse", None])
async def test_late_where_nothing_else_passes(
    server: Server, monkeypatch: pytest.MonkeyPatch, transport: Literal["sse"] | None
) -> None:
    """Where no socket passes, or the stream was asked for, the gathered stream is read, and it says: they come late."""
    monkeypatch.setattr(ways, "FIRST_BYTES", 0.1)
    gate = asyncio.Event()
    run = waiting(gate).using(show=False)()
    server.add(run)
    proxy = Proxy(server, "body", lets_sockets=False)
    async with behind(proxy) as place:
        seen = attach(f"{place}/runs/{run.id}", token=TOKEN, transport=transport, show=False)
        await until(lambda: "come late" in seen.trouble and seen.connection == "connected")
        assert place.removeprefix("http://") in seen.trouble
        gate.set()
        assert await seen == "through"
    assert proxy.asked == (["events", "events"] if transport else ["events", "ws", "events"])


@pytest.mark.parametrize("transport", ["sse", "websocket", None])
async def test_a_dripping_head_is_no_answer(
    monkeypatch: pytest.MonkeyPatch, transport: Literal["sse", "websocket"] | None
) -> None:
    """A server that sends its head byte by byte, for ever, does not answer: that is said, and half a minute ends it."""
    monkeypatch.setattr(transports, "OPENING", 0.05)
    answering: set[asyncio.Task[None]] = set()

    async def drip(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if (task := asyncio.current_task()) is not None:
            answering.add(task)
        with suppress(ConnectionError, asyncio.CancelledError):
            writer.write(b"HTTP/1.1 200 OK\r\n")
            while True:
                writer.write(b"x")
                await writer.drain()
                await asyncio.sleep(0.005)
        writer.close()

    async with await asyncio.start_server(drip, "127.0.0.1", 0) as listener:
        port = listener.sockets[0].getsockname()[1]
        seen = attach(f"http://127.0.0.1:{port}/runs/1", transport=transport, show=False, clock=NoPause())
        await until(lambda: seen.trouble)
        assert seen.trouble == f"no answer from 127.0.0.1:{port} yet; trying for 30 s"
        async with asyncio.timeout(60):
            with pytest.raises(pnb.errors.AttachError, match="no answer for"):
                await seen
        for task in answering:
            task.cancel()


async def test_an_act_has_its_time_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """A cancellation and an act wait for no dripping answer either."""
    monkeypatch.setattr(transports, "OPENING", 0.05)
    with pytest.raises(LostError):
        async with transports.answering():
            await asyncio.Event().wait()


def test_what_is_tried_next() -> None:
    """Gathered: the other; refused or silent there: the first without a limit; lost again: all as at the beginning."""
    first, other = object(), object()
    chosen = Ways(first, other)  # type: ignore[arg-type]
    assert (chosen.transport, chosen.first_bytes) == (first, FIRST_BYTES)
    chosen.gathered()
    assert chosen.transport is other
    assert chosen.refused()
    assert (chosen.transport, chosen.is_late) == (first, True)
    chosen.lost(opened=True, silent=False)
    assert (chosen.transport, chosen.is_late) == (first, False)
    chosen.lost(opened=False, silent=True)
    assert chosen.transport is other
    chosen.lost(opened=True, silent=False)  # it worked, so it is taken again
    assert chosen.transport is other
    alone = Ways(first)  # type: ignore[arg-type]
    alone.lost(opened=False, silent=True)
    assert alone.transport is first
    assert not alone.refused()
    alone.gathered()
    assert alone.is_late


async def test_the_address_of_a_page_has_a_ticket(server: Server) -> None:
    """A ticket is changed for what lets in for hours, so that a connection can be made again after its minute."""
    page = server.add(say.using(show=False)())
    assert "#ticket=" in page
    seen = attach(page, show=False)
    assert await seen == {"said": "well"}
    with pytest.raises(pnb.errors.AttachError, match="the ticket, which lets in for a minute"):
        await attach(page.partition("#")[0] + "#ticket=00000000." + "A" * 43, show=False)
