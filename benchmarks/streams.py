"""Streams without a server, and the client: for the rows of the server."""

from __future__ import annotations

import asyncio
import gc
import multiprocessing
import time
import tracemalloc
from typing import TYPE_CHECKING, Any, Self, cast

import progressnb as pnb
from benchmarks.traffic import RUN, Run, event_of, frame_of
from progressnb.web.client.address import Address
from progressnb.web.client.remote import RemoteRun
from progressnb.web.client.transports import read_sse
from progressnb.wire.codec import decode_any, encode

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from multiprocessing.connection import Connection

    from progressnb.wire.log import EventLog

JOINED = 65_536
OUTPUT = 250_000
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"


async def answer(log: EventLog, send: Callable[[Any], Awaitable[None]], *, snapshots: bool = False) -> None:
    """Answer one client of a run by hand."""

    async def receive() -> dict[str, Any]:
        await asyncio.Event().wait()
        return {}

    scope: dict[str, Any] = {"type": "http", "headers": [], "query_string": b"", "extensions": {}}
    scope["extensions"]["progressnb.abort"] = lambda: None  # as our own server has it
    await pnb.web.sse(cast("Any", Run(log)), snapshots=snapshots)(scope, receive, send)


def read_all(log: EventLog) -> None:
    """Send a log to one client that takes all at once."""

    async def send(_: object) -> None:
        pass

    asyncio.run(answer(log, send))


def joined(log: EventLog) -> None:
    """Join the lines of a log as server-sent events, 64 KB at a time."""
    size, some = 0, list[bytes]()
    for seq, line in enumerate(log.encoded()):
        some.append(frame_of(seq, line))
        size += len(line)
        if size >= JOINED:
            b"".join(some)
            size, some = 0, []


def longest_turn(log: EventLog) -> float:
    """Return the CPU time in seconds of the longest turn of the loop while a client gets a log."""

    async def main() -> float:
        async def send(_: object) -> None:
            pass

        reading = asyncio.ensure_future(answer(log, send))
        longest = 0.0
        while not reading.done():
            began = time.thread_time()
            await asyncio.sleep(0)
            longest = max(longest, time.thread_time() - began)
        return longest

    return asyncio.run(main())


async def held_by_clients(clients: int, *, snapshots: bool) -> float:
    """Return the bytes that a client holds which takes nothing of 250 KB of output."""
    log = Run().log
    for seq in range(OUTPUT // 1_000):  # with an output in each event that is due
        event = event_of(seq, "x" * 1_000, elapsed=2.0 * seq)
        log.append_encoded(encode(event), event)

    kept: list[object] = []

    async def send(message: dict[str, Any]) -> None:
        if len(message.get("body", b"")) > len(HEAD):  # events, and not the pause that the server asks for
            kept.append(message)
            await asyncio.Event().wait()

    async def stalled() -> None:
        while len(kept) < len(tasks):  # noqa: ASYNC110 - they come in a few turns
            await asyncio.sleep(0)

    tasks = [asyncio.ensure_future(answer(log, send, snapshots=snapshots))]
    await stalled()
    gc.collect()
    tracemalloc.start()
    tasks += [asyncio.ensure_future(answer(log, send, snapshots=snapshots)) for _ in range(clients)]
    await stalled()
    gc.collect()
    held = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return held / clients


def decoded(lines: Sequence[bytes]) -> None:
    """Decode lines."""
    for line in lines:
        decode_any(line)


def _serve_bytes(pipe: Connection, body: bytes) -> None:
    """Answer each request with the same bytes; in a process of its own."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(HEAD + body)
        await writer.drain()
        writer.close()

    async def main() -> None:
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        pipe.send(server.sockets[0].getsockname()[1])
        await asyncio.to_thread(pipe.recv)
        server.close()

    asyncio.run(main())


class Attached:
    """A server of the bytes of a run in another process, to attach to; use it as a block."""

    def __init__(self, lines: Sequence[bytes]) -> None:
        self._lines = lines

    def __enter__(self) -> Self:
        """Begin to serve."""
        context = multiprocessing.get_context("spawn")
        self._pipe, other = context.Pipe()
        body = b"retry: 10\n\n" + b"".join(map(frame_of, range(len(self._lines)), self._lines))
        self._process = context.Process(target=_serve_bytes, args=(other, body))
        self._process.start()
        self._port = self._pipe.recv()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop it."""
        self._pipe.send("end")
        self._process.join()

    def read(self) -> None:
        """Attach, and read all."""
        address, _ = Address.of(f"http://127.0.0.1:{self._port}/runs/{RUN}")
        run = RemoteRun(address, read_sse)
        asyncio.run(run._read())  # noqa: SLF001 - in this thread, to measure it alone
        if len(run.log) != len(self._lines):
            raise RuntimeError(f"{len(run.log)} events of {len(self._lines)} came")
