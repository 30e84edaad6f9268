"""How far behind are 1,000 clients of one run? Real sockets, clients in another process, one of them stalled.

    python benchmarks/serve.py [clients] [seconds]

The server and the run are in this process, the clients in a second one: two cores. Lag is the time from an event's
`timestamp` to the arrival of its bytes at a client, over all events and all clients. Every client must get every event,
in order, once. A few stalled clients read nothing: what they cost is told in bytes, and the lag is that of the others.
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import os
import re
import resource
import sys
import time
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

import progressnb as pnb

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

STALLED = 10
PAUSE = 0.02
EVENT = re.compile(rb'id: (\d+)\nevent: (\w+)\ndata: \{"v":1,"run_id":"\w+","seq":\d+,"timestamp":"([^"]+)"')


@pnb.operation(stages={"reading": 0.5, "writing": 0.5})
async def work(tracker: pnb.ProgressTracker, seconds: float) -> int:
    """Report from two stages, and write into one, far more often than readers are told."""
    steps = int(seconds / PAUSE)
    async with tracker.stage("reading") as reading, tracker.stage("writing") as writing:
        for step in range(steps):
            reading.update(100 * step / steps, f"step {step}")
            writing.write(f"word {step} of what is being written; ")
            await asyncio.sleep(PAUSE)
    return steps


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


def read(pipe: Connection, port: int, path: str, clients: int) -> None:
    """Run the clients; in a process of their own."""

    async def main() -> list[list[tuple[float, bytes]]]:
        loop = asyncio.get_running_loop()
        readers: list[Reader] = []
        for number in range(clients + STALLED):
            _, reader = await loop.create_connection(
                lambda number=number: Reader(path, stalled=number >= clients), "127.0.0.1", port
            )
            readers.append(reader)
        pipe.send("connected")
        await asyncio.wait([reader.ended for reader in readers[:clients]])
        return [reader.chunks for reader in readers[:clients]]

    chunks = asyncio.run(main())
    pipe.send(measured(chunks))


def measured(clients: list[list[tuple[float, bytes]]]) -> dict[str, Any]:
    """Return each client's seqs and all lags, in seconds, by type."""
    lags: dict[str, list[float]] = {}
    complete = 0
    counts: set[int] = set()
    for chunks in clients:
        text = b""
        arrivals: list[tuple[int, float]] = []
        for when, data in chunks:
            text += data
            arrivals.append((len(text), when))
        seqs: list[int] = []
        at = 0
        for match in EVENT.finditer(text):
            ends = text.find(b"\n\n", match.start()) + 2
            while arrivals[at][0] < ends:
                at += 1
            seqs.append(int(match[1]))
            lags.setdefault(match[2].decode(), []).append(
                arrivals[at][1] - datetime.fromisoformat(match[3].decode()).timestamp()
            )
        counts.add(len(seqs))
        complete += seqs == list(range(len(seqs))) and b"event: done" in text
    return {"lags": lags, "complete": complete, "counts": sorted(counts)}


def percentile(values: list[float], share: float) -> float:
    """Return the value below which a share of the others is."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


async def main() -> None:
    """Serve one run to the clients and say how far behind they were."""
    clients = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 10.0  # noqa: PLR2004 - arguments
    server = await pnb.serve(limits=pnb.web.Limits(stall=3.0))
    pause = asyncio.Event()

    @pnb.operation
    async def waiting(tracker: pnb.ProgressTracker) -> int:
        async with tracker.stage("waiting"):
            await pause.wait()
        return await work(seconds)

    @pnb.operation(stages={"reading": 0.5, "writing": 0.5}, name="work")
    async def begun(tracker: pnb.ProgressTracker) -> int:
        await pause.wait()
        return await work.function(tracker, seconds)

    run = begun(show=False)
    server.add(run)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    pipe, other = multiprocessing.get_context("spawn").Pipe()
    process = multiprocessing.get_context("spawn").Process(
        target=read, args=(other, int(server.url.rpartition(":")[2]), f"/runs/{run.id}/events", clients)
    )
    process.start()
    await asyncio.to_thread(pipe.recv)
    connected = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    pause.set()
    cpu, began = time.process_time(), time.monotonic()
    await run
    took = time.monotonic() - began
    cpu = time.process_time() - cpu
    found = await asyncio.to_thread(pipe.recv)
    process.join()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    lags = [lag for each in found["lags"].values() for lag in each]
    lifecycle = [lag for kind, each in found["lags"].items() if kind not in ("progress", "content") for lag in each]
    print(f"{clients:,} clients, {len(run.log)} events in {took:.1f} s, {os.cpu_count()} cores")
    print(f"clients with every event, in order, once: {found['complete']:,}; events a client: {found['counts']}")
    print(
        f"lag of all events: p50 {percentile(lags, 0.5):.3f} s, p95 {percentile(lags, 0.95):.3f} s, max {max(lags):.3f}"
    )
    print(f"lag of the first and the last: p95 {percentile(lifecycle, 0.95):.3f} s")
    print(f"the server's CPU: {cpu / took:.0%} of one core")
    print(f"memory: {before / 1024:.0f} MB, {connected / 1024:.0f} with the clients, {peak / 1024:.0f} at most")
    print(f"slowdown of the run itself: {took / seconds:.2f}")
    print(json.dumps({"clients left": server.service.clients}))
    await server.stop()


if __name__ == "__main__":
    asyncio.run(main())
