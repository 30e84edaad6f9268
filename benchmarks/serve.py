"""How far behind are 1,000 clients of one run? Real sockets, clients in another process, ten of them stalled.

    python benchmarks/serve.py [clients] [seconds]

The server and the run are in this process, the clients in a second one: two cores. Lag is the time from an event's
`timestamp` to the arrival of its bytes at a client, over all events and all clients. Every client must get every event,
in order, once. The stalled clients read nothing: what they cost is told in bytes, and the lag is that of the others.

The run works on the server's loop, as one in a notebook does: what serving costs makes it longer. Beside our stream
stand those that others would write for the same run and the same bytes: a generator for each client that follows the
log, sent by sse-starlette's and by FastAPI's `EventSourceResponse`.

`?view=1` and `?snapshots=1` serve the same run to the same clients. What counts there is the bytes of a client, the
CPU of the server, and how long after the run's end a client has all.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import re
import resource
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import fastapi.sse
import sse_starlette

import progressnb as pnb
from progressnb.web.uvicorn.serving import server_of
from progressnb.wire.codec import encode

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from multiprocessing.connection import Connection

    from fastapi import FastAPI

STALLED = 10
PEERS = ("sse-starlette", "fastapi")
PAUSE = 0.02
EVENT = re.compile(rb'data: \{"v":1,"run_id":"\w+","seq":(\d+),"timestamp":"([^"]+)"')
DONE = re.compile(rb"event: (done|end)\r?\n")
NUMBER = re.compile(rb'data: \{"n":(\d+),')
VIEWS = ("view=1", "snapshots=1")


class Reader(asyncio.Protocol):
    """A client that only keeps what it got and when."""

    def __init__(self, path: str, *, stalled: bool) -> None:
        self.chunks: list[tuple[float, bytes]] = []
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._path, self._stalled = path, stalled

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the events."""
        connection = cast("asyncio.Transport", transport)
        connection.write(f"GET {self._path} HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n".encode())
        if self._stalled:
            connection.pause_reading()

    def data_received(self, data: bytes) -> None:
        """Keep it."""
        self.chunks.append((time.time(), data))

    def connection_lost(self, _: Exception | None) -> None:
        """Say that it is over."""
        if not self.ended.done():
            self.ended.set_result(None)


def _same(reader: Reader) -> Reader:
    return reader


def read(pipe: Connection, port: int, path: str, clients: int) -> None:
    """Run the clients; in a process of their own."""

    async def main() -> list[list[tuple[float, bytes]]]:
        loop = asyncio.get_running_loop()
        readers: list[Reader] = []
        for number in range(clients + STALLED):
            reader = Reader(path, stalled=number >= clients)
            await loop.create_connection(partial(_same, reader), "127.0.0.1", port)
            readers.append(reader)
        pipe.send("connected")
        await asyncio.wait([reader.ended for reader in readers[:clients]])
        return [reader.chunks for reader in readers[:clients]]

    chunks = asyncio.run(main())
    pipe.send(measured_views(chunks) if path.endswith(VIEWS) else measured(chunks))


def measured(clients: list[list[tuple[float, bytes]]]) -> dict[str, Any]:
    """Return how many clients have all events, in order, and the lags of all and of the last event, in seconds."""
    lags: list[float] = []
    last: list[float] = []
    complete = 0
    counts: set[int] = set()
    for chunks in clients:
        text = b"".join(data for _, data in chunks)
        arrivals: list[tuple[int, float]] = []
        for when, data in chunks:
            arrivals.append(((arrivals[-1][0] if arrivals else 0) + len(data), when))
        seqs: list[int] = []
        at, lag = 0, 0.0
        for match in EVENT.finditer(text):
            ends = text.find(b"\n", match.end())  # chunks may be cut anywhere
            while arrivals[at][0] < ends:
                at += 1
            seqs.append(int(match[1]))
            lag = arrivals[at][1] - datetime.fromisoformat(match[2].decode()).timestamp()
            if seqs[-1] > 0:  # the first one was there before the clients
                lags.append(lag)
        last.append(lag)
        counts.add(len(seqs))
        complete += seqs == list(range(len(seqs))) and DONE.search(text) is not None
    return {"lags": lags, "last": last, "complete": complete, "counts": sorted(counts)}


def measured_views(clients: list[list[tuple[float, bytes]]]) -> dict[str, Any]:
    """Return how many clients have all patches, in order, their bytes, and when each had the last of them."""
    complete, sizes, ends = 0, list[int](), list[float]()
    for chunks in clients:
        text = b"".join(data for _, data in chunks)
        numbers = [int(number) for number in NUMBER.findall(text)]
        in_order = numbers[:-1] == list(range(numbers[0], numbers[-1] + 1)) if numbers else True
        complete += in_order and DONE.search(text) is not None
        sizes.append(len(text))
        ends.append(chunks[-1][0])
    return {"complete": complete, "sizes": sizes, "ends": ends}


def percentile(values: list[float], share: float) -> float:
    """Return the value below which a share of the others is."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def add_peers(app: FastAPI, runs: dict[str, pnb.Run[int]]) -> None:
    """Serve runs by the responses of others too."""

    @app.get("/peers/{run_id}/sse-starlette")
    async def by_sse_starlette(run_id: str) -> sse_starlette.EventSourceResponse:
        async def events() -> AsyncIterator[sse_starlette.ServerSentEvent]:
            log = runs[run_id].log
            async for event in log.follow():
                yield sse_starlette.ServerSentEvent(encode(event).decode(), id=str(event.seq), event=event.type)

        return sse_starlette.EventSourceResponse(events(), send_timeout=3)

    @app.get("/peers/{run_id}/fastapi", response_class=fastapi.sse.EventSourceResponse)
    async def by_fastapi(run_id: str) -> AsyncIterator[fastapi.sse.ServerSentEvent]:
        async for event in runs[run_id].log.follow():
            yield fastapi.sse.ServerSentEvent(raw_data=encode(event).decode(), id=str(event.seq), event=event.type)


async def measure(kind: str, clients: int, seconds: float) -> tuple[float, float]:
    """Serve one run to the clients, say how far behind they were; return the lag's p95 and the run's seconds."""
    app = pnb.web.create_app(limits=pnb.web.Limits(stall=3.0))
    runs: dict[str, pnb.Run[int]] = {}
    add_peers(app, runs)
    server = await server_of(app, host="127.0.0.1", port=0, token=None).start()
    begin = asyncio.Event()

    @pnb.operation(stages={"reading": 0.5, "writing": 0.5})
    async def work(tracker: pnb.ProgressTracker) -> int:
        """Report from two stages, and write into one, far more often than readers are told."""
        await begin.wait()
        steps = int(seconds / PAUSE)
        async with tracker.stage("reading") as reading, tracker.stage("writing") as writing:
            for step in range(steps):
                reading.update(100 * step / steps, f"step {step}")
                writing.write(f"word {step} of what is being written; ")
                await asyncio.sleep(PAUSE)
        return steps

    run = work.using(show=False)()
    runs[run.id] = run
    server.add(run)
    own = f"/runs/{run.id}/events"
    path = own if kind == "ours" else f"{own}?{kind}" if kind in VIEWS else f"/peers/{run.id}/{kind}"
    context = multiprocessing.get_context("spawn")
    pipe, other = context.Pipe()
    before = resident()
    process = context.Process(target=read, args=(other, int(server.url.rpartition(":")[2]), path, clients))
    process.start()
    await asyncio.to_thread(pipe.recv)
    connected, most = resident(), [resident()]
    leave = run.log.subscribe(lambda _: most.append(resident()))
    begin.set()
    cpu, began = time.process_time(), time.monotonic()
    await run
    took, cpu = time.monotonic() - began, time.process_time() - cpu
    found = await asyncio.to_thread(pipe.recv)
    process.join()
    leave()
    await server.stop()
    print(f"\n{kind}: {clients:,} clients, {len(run.log)} events in {took:.1f} s")
    if kind in VIEWS:
        return _say_views(found, run, cpu, took, seconds)
    lags, last = found["lags"], found["last"]
    print(f"  clients with every event, in order, once: {found['complete']:,}; events a client: {found['counts']}")
    p50, p95 = percentile(lags, 0.5), percentile(lags, 0.95)
    print(f"  lag of all events: p50 {p50:.3f} s, p95 {p95:.3f} s, max {max(lags):.3f} s")
    print(f"  lag of the last event: p95 {percentile(last, 0.95):.3f} s")
    print(f"  CPU of the server with the run: {1000 * cpu / len(run.log) / clients:.4f} ms an event and client")
    print(f"  the same: {cpu:.2f} s, {1000 * cpu / clients / took:.3f} ms a client and second")
    each = (connected - before) / (clients + STALLED)
    print(
        f"  memory: {before / 1024:.0f} MB without clients, {each:.0f} KB for each, {max(most) / 1024:.0f} MB at most"
    )
    print(f"  the run itself took {took / seconds:.2f} of what it takes alone")
    return p95, took


def _say_views(
    found: dict[str, Any], run: pnb.Run[int], cpu: float, took: float, seconds: float
) -> tuple[float, float]:
    ended = run.log[-1].timestamp.timestamp()
    lag = percentile([end - ended for end in found["ends"]], 0.95)
    size = percentile(found["sizes"], 0.5)
    print(f"  clients with everything, in order: {found['complete']:,}")
    print(f"  bytes of a client: {size:,.0f}, {size / took / 1000:.1f} KB a second")
    print(f"  all was there after the run's end: p95 {lag:.3f} s")
    each = 1000 * cpu / len(found["sizes"]) / took
    print(f"  CPU of the server with the run: {cpu:.2f} s, {each:.3f} ms a client and second")
    print(f"  the run itself took {took / seconds:.2f} of what it takes alone")
    return lag, took


def resident() -> float:
    """Return the memory of this process in KB."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 1024


def measure_apart(kind: str, clients: int, seconds: float) -> tuple[float, float]:
    """Measure in a process of its own, whose memory is nobody else's."""
    return asyncio.run(measure(kind, clients, seconds))


def main() -> None:
    """Measure ours and the others', one after the other."""
    clients = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 10.0  # noqa: PLR2004 - arguments
    print(f"{os.cpu_count()} cores, {STALLED} more clients that read nothing")
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=spawn, max_tasks_per_child=1) as pool:
        found = {kind: pool.submit(measure_apart, kind, clients, seconds).result() for kind in ("ours", *PEERS, *VIEWS)}
    lag, took = found["ours"]
    for peer in PEERS:
        peer_lag, peer_took = found[peer]
        print(f"\nours of {peer}'s: p95 {lag / peer_lag:.2f}, seconds for the same work {took / peer_took:.2f}")


if __name__ == "__main__":
    main()
