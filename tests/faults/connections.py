"""Connections that are cut anywhere, servers that are restarted, and clients that take nothing."""

from __future__ import annotations

import asyncio
import random
import socket
from collections import Counter
from contextlib import suppress
from typing import TYPE_CHECKING, Literal

import progressnb as pnb
from progressnb.tracking.clock import SystemClock
from progressnb.web.client.attach import attach
from progressnb.web.client.events import Events
from tests.faults.campaign import Outcome, fault
from tests.web.cutting import CuttingServer

if TYPE_CHECKING:
    from collections.abc import Callable

CUTS = 10
"""Cuts on the way of one client."""

PATIENCE = 120.0
"""Seconds after which what should have happened has not."""

EVERY = "every event, in order, once"


class NoPause(SystemClock):
    """A clock whose pauses are over at once."""

    def call_later(self, delay: float, callback: Callable[[], None]) -> None:  # noqa: ARG002 - of the protocol
        """Call back now."""
        callback()


@pnb.operation(stages=["Write"])
async def written(tracker: pnb.ProgressTracker) -> dict[str, str]:
    """Write what is hard to cut: characters of four bytes, line breaks of every kind, a long line."""
    async with tracker.stage("Write") as stage:
        for step in range(60):
            stage.write(f"{step} 🚀\r\n\u2028" * 3)
            await stage.update(step, 'say "\n"', number=step)
    return {"text": "🚀\u2029" * 2_000}


def wrong_in(found: list[bytes], expected: list[bytes]) -> int:
    """Count the events that are lost, doubled, changed or at another place."""
    counts = Counter(found)
    counts.subtract(Counter(expected))
    return sum(abs(count) for count in counts.values()) or int(found != expected)


@fault("a connection is cut anywhere, server-sent events", EVERY, times=1_000, part=50)
async def cut_sse(times: int) -> Outcome:
    """Cut streams at any byte."""
    return await _cut("sse", times)


@fault("a connection is cut anywhere, WebSocket", EVERY, times=1_000, part=50)
async def cut_websocket(times: int) -> Outcome:
    """Cut sockets at any byte."""
    return await _cut("websocket", times)


async def _cut(transport: Literal["sse", "websocket"], times: int) -> Outcome:
    run = written.using(show=False)()
    await run
    lines = run.log.encoded()
    chosen = random.Random(7)  # noqa: S311 - the same each time
    survived = lost = 0
    async with CuttingServer(lines) as server:
        for _ in range(times // CUTS):
            server.cuts = sorted(chosen.randrange(sum(map(len, lines))) for _ in range(CUTS))
            seen = attach(server.url(run.id), transport=transport, show=False, clock=NoPause(), chance=chosen.random)
            async with asyncio.timeout(PATIENCE):
                await seen.log.wait_ended()
            lost += wrong_in(seen.log.encoded(), lines)
            survived += CUTS * (seen.status == "finished")
        return Outcome(server.made, survived, lost)


class Client:
    """A client as a browser's EventSource: it connects again with `Last-Event-ID` until it has a last event."""

    def __init__(self, port: int, path: str) -> None:
        self._port, self._path = port, path
        self.lines: list[bytes] = []
        self.connected = 0

    async def read(self) -> None:
        """Read until the run's last event."""
        while not (self.lines and b'"type":"done"' in self.lines[-1]):
            with suppress(
                OSError, asyncio.IncompleteReadError, ValueError
            ):  # the server is gone, or was while it wrote
                await self._read_once()
            await asyncio.sleep(0.05)  # a browser's pause, shortened

    async def _read_once(self) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        try:
            head = f"GET {self._path} HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n"
            head += f"last-event-id: {len(self.lines) - 1}\r\n" if self.lines else ""
            writer.write(f"{head}\r\n".encode())
            answer = await reader.readuntil(b"\r\n\r\n")
            if b" 200 " not in answer[:20]:
                return
            self.connected += 1
            events = Events()
            while size := int(await reader.readline() or b"0", 16):
                chunk = await reader.readexactly(size + 2)
                self.lines += events.of(chunk[:-2])
        finally:
            writer.transport.abort()


@fault("the server is restarted under 200 clients", EVERY, times=20, part=2)
async def restarted(times: int) -> Outcome:
    """Stop a server and start another at the same port, again and again, while its run goes on."""
    clients = 10 * min(times, 20)
    over = asyncio.Event()

    @pnb.operation(stages=["Work"])
    async def work(tracker: pnb.ProgressTracker) -> str:
        async with tracker.stage("Work") as stage:
            step = 0
            while not over.is_set():
                step += 1
                stage.update(step % 100, f"step {step}", number=step)
                await asyncio.sleep(0.01)
        return "done"

    run = work.using(show=False)()
    server = await pnb.serve()
    server.add(run)
    port = int(server.url.rpartition(":")[2])
    readers = [Client(port, f"/runs/{run.id}/events") for _ in range(clients)]
    reading = [asyncio.create_task(reader.read()) for reader in readers]
    async with asyncio.timeout(PATIENCE):
        for number in range(times):
            while min(reader.connected for reader in readers) <= number:
                await asyncio.sleep(0.02)
            await server.stop()
            server = await pnb.serve(port=port)
            server.add(run)
        over.set()
        await run
        await asyncio.gather(*reading)
    await server.stop()
    lines = run.log.encoded()
    wrong = [wrong_in(reader.lines, lines) for reader in readers]
    survived = times if all(reader.connected > times for reader in readers) else 0
    return Outcome(times, survived, sum(wrong))


@fault("100 of 1,000 clients take nothing", "the others get every event; those are dropped", times=1_000, part=100)
async def stalled(times: int) -> Outcome:
    """Serve a run to many clients of which a tenth reads nothing."""
    stalls = times // 10
    gate = asyncio.Event()

    @pnb.operation(stages=["Write"])
    async def write(tracker: pnb.ProgressTracker) -> str:
        async with tracker.stage("Write") as stage:
            await gate.wait()
            for step in range(15):
                stage.write("x" * 100_000)
                await stage.update(step)
                await asyncio.sleep(0.01)
        return "done"

    async with await pnb.serve(limits=pnb.web.Limits(stall=1)) as server:
        run = write.using(show=False)()
        server.add(run)
        port, path = int(server.url.rpartition(":")[2]), f"/runs/{run.id}/events"
        readers = [Counting(port, path) for _ in range(times - stalls)]
        reading = [asyncio.create_task(reader.read()) for reader in readers]
        idle = [await _reads_nothing(port, path) for _ in range(stalls)]
        async with asyncio.timeout(PATIENCE):
            while server.service.clients < times:
                await asyncio.sleep(0.02)
            gate.set()
            await run
            await asyncio.gather(*reading)
            while server.service.clients:
                await asyncio.sleep(0.02)
        for each in idle:
            each.close()
    expected = list(range(len(run.log)))
    complete = [reader.seqs == expected for reader in readers]
    return Outcome(times, sum(complete) + stalls, len(complete) - sum(complete))


async def _reads_nothing(port: int, path: str) -> socket.socket:
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    client.setblocking(False)  # noqa: FBT003 - its only form
    loop = asyncio.get_running_loop()
    await loop.sock_connect(client, ("127.0.0.1", port))
    await loop.sock_sendall(client, f"GET {path} HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n".encode())
    return client


class Counting(asyncio.Protocol):
    """A client that keeps the numbers of the events that it got."""

    def __init__(self, port: int, path: str) -> None:
        self._port, self._path = port, path
        self._ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._rest = b""
        self.seqs: list[int] = []

    async def read(self) -> None:
        """Read until the server ends the answer."""
        transport, _ = await asyncio.get_running_loop().create_connection(lambda: self, "127.0.0.1", self._port)
        transport.write(f"GET {self._path} HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n".encode())
        await self._ended
        transport.abort()

    def data_received(self, data: bytes) -> None:
        """Keep the numbers: lines of `id:`, which no JSON has at a line's begin."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        self.seqs += [int(line[4:]) for line in lines if line.startswith(b"id: ")]

    def connection_lost(self, _: Exception | None) -> None:
        """Note the end."""
        if not self._ended.done():
            self._ended.set_result(None)
