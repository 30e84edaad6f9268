"""A server of ours, the same by others, and clients in another process: for the rows of the server."""

from __future__ import annotations

import asyncio
import multiprocessing
import time
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, Self, cast

import sse_starlette
from starlette.responses import Response, StreamingResponse

import progressnb as pnb
from benchmarks.traffic import Run, event_of, frame_of
from progressnb.web.uvicorn.serving import server_of
from progressnb.wire.codec import encode

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Generator, Sequence
    from multiprocessing.connection import Connection

PEERS = ("starlette", "sse-starlette")
PACE = 0.02  # seconds between two events, and that a step of a run waits


class Hub:
    """A broadcast as others write it: a queue a client, each with the same bytes."""

    def __init__(self) -> None:
        self._queues: set[asyncio.Queue[bytes]] = set()

    def publish(self, frame: bytes) -> None:
        """Give bytes to all clients."""
        for queue in self._queues:
            queue.put_nowait(frame)

    async def frames(self) -> AsyncIterator[bytes]:
        """Yield what is published from now on."""
        queue: asyncio.Queue[bytes] = asyncio.Queue()
        self._queues.add(queue)
        try:
            while True:
                yield await queue.get()
        finally:
            self._queues.discard(queue)


class Raw(asyncio.Protocol):
    """The floor: a server that writes bytes to sockets and knows nothing else."""

    def __init__(self, connections: set[asyncio.Transport]) -> None:
        self._connections = connections

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Answer at once."""
        connection = cast("asyncio.Transport", transport)
        connection.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n")
        self._connections.add(connection)
        self._connection = connection

    def connection_lost(self, _: Exception | None) -> None:
        """Forget it."""
        self._connections.discard(self._connection)


class Ways:
    """The ways to serve events to many: ours, those of the peers, and raw bytes. Use it as a block.

    Each has a `publish` that takes the next event and its JSON.
    """

    def __init__(self) -> None:
        self.run, self._raw, self._seq = Run(), set[asyncio.Transport](), 0
        self._hubs = {kind: Hub() for kind in PEERS}

    async def __aenter__(self) -> Self:
        """Serve on two free ports."""
        app = pnb.web.create_app()
        hubs = self._hubs

        @app.get("/ours")
        async def ours() -> Response:
            return pnb.web.sse(cast("Any", self.run))

        @app.get("/starlette")
        async def by_starlette() -> Response:
            return StreamingResponse(hubs["starlette"].frames(), media_type="text/event-stream")

        @app.get("/sse-starlette")
        async def by_sse_starlette() -> Response:
            return sse_starlette.EventSourceResponse(hubs["sse-starlette"].frames(), ping=3600)

        self._server = await server_of(app, host="127.0.0.1", port=0, token=None).start()
        self._floor = await asyncio.get_running_loop().create_server(lambda: Raw(self._raw), "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop."""
        for connection in list(self._raw):
            connection.abort()
        self._floor.close()
        await self._server.stop()

    def port(self, kind: str) -> int:
        """Return the port of a way."""
        return int(self._floor.sockets[0].getsockname()[1] if kind == "raw" else self._server.url.rpartition(":")[2])

    def publish(self, kind: str) -> None:
        """Give the next event to the clients of a way."""
        event = event_of(self._seq)
        line = encode(event)
        if kind == "ours":
            self._seq += 1
            self.run.log.append_encoded(line, event)
        elif kind == "raw":
            frame = frame_of(self._seq, line)
            chunk = b"%x\r\n%s\r\n" % (len(frame), frame)
            for connection in self._raw:
                connection.write(chunk)
        else:
            self._hubs[kind].publish(frame_of(self._seq, line))


async def microseconds(kinds: Sequence[str], clients: int, rounds: int, events: int = 10) -> dict[str, list[float]]:
    """Return the CPU time of an event and client in each round; each way to serve has its turn in each.

    The clients read nothing, and so take no part of the CPU: their buffers hold all that is sent.
    """
    found: dict[str, list[float]] = {kind: [] for kind in kinds}
    async with Ways() as ways:
        with ExitStack() as stack:
            for kind in kinds:
                await stack.enter_context(clients_of(ways.port(kind), f"/{kind}", clients, stalled=clients))()
            await asyncio.sleep(0.5)
            for _ in range(rounds):
                for kind in kinds:
                    began = time.process_time()
                    for _ in range(events):
                        ways.publish(kind)
                        await asyncio.sleep(PACE)
                    found[kind].append((time.process_time() - began) / events / clients * 1e6)
    return found


async def run_for(seconds: float, clients: int) -> float:
    """Return the seconds that a run takes whose waits take so many seconds, while so many clients read it."""
    begin = asyncio.Event()

    @pnb.operation(stages={"reading": 0.5, "writing": 0.5})
    async def work(tracker: pnb.ProgressTracker) -> None:
        await begin.wait()
        steps = int(seconds / PACE)
        async with tracker.stage("reading") as reading, tracker.stage("writing") as writing:
            for step in range(steps):
                reading.update(100 * step / steps, f"step {step}")
                writing.write(f"word {step} of what is being written; ")
                await asyncio.sleep(PACE)

    async with await pnb.serve() as server:
        run = work.using(show=False)()
        server.add(run)
        port = int(server.url.rpartition(":")[2])
        with clients_of(port, f"/runs/{run.id}/events", clients, stalled=clients) as connected:
            await connected()
            await asyncio.sleep(0.5)
            began = time.monotonic()
            begin.set()
            await run
            return time.monotonic() - began


class Taker(asyncio.Protocol):
    """A client that asks and drops what it gets, or reads nothing at all."""

    def __init__(self, path: str, *, stalls: bool) -> None:
        self._path, self._stalls = path, stalls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask."""
        connection = cast("asyncio.Transport", transport)
        connection.write(f"GET {self._path} HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n".encode())
        if self._stalls:
            connection.pause_reading()


def take(pipe: Connection, port: int, path: str, count: int, stalled: int) -> None:
    """Run clients until a word comes; in a process of their own."""

    async def main() -> None:
        loop = asyncio.get_running_loop()
        connections: list[object] = []  # the loop does not hold those that read nothing
        for number in range(count):
            make: Callable[[], asyncio.Protocol] = partial(Taker, path, stalls=number < stalled)
            connections.append(await loop.create_connection(make, "127.0.0.1", port))
        pipe.send("connected")
        await asyncio.to_thread(pipe.recv)

    asyncio.run(main())


@contextmanager
def clients_of(port: int, path: str, count: int, stalled: int = 0) -> Generator[Callable[[], Any]]:
    """Connect clients in another process for a block; yield a function that waits until they are."""
    context = multiprocessing.get_context("spawn")
    pipe, other = context.Pipe()
    process = context.Process(target=take, args=(other, port, path, count, stalled))
    process.start()
    try:
        yield partial(asyncio.to_thread, pipe.recv)
    finally:
        pipe.send("end")
        process.join()
