"""Processes that are killed by `kill -9` while they record and serve."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import httpx

import progressnb as pnb
from progressnb.wire.codec import encode
from tests.faults.campaign import Outcome, fault

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable

    from progressnb.web.client.remote import RemoteRun
    from progressnb.wire.events import Event

PATIENCE = 60.0
LAST = 0.1
"""Seconds before the kill of which events may be lost."""

RECORDED = "whole and without a gap, but for the last 0.1 s; the run is told as lost"

SERVER = """
import asyncio, sys
import progressnb as pnb

@pnb.operation(stages=["Work"])
async def work(tracker):
    async with tracker.stage("Work") as stage:
        step = 0
        while True:
            step += 1
            await stage.update(step % 100, f"step {step}", number=step)
            await asyncio.sleep(0.003)

async def main():
    history = pnb.History(sys.argv[1], contents=True)
    pnb.use_history(history)
    server = await pnb.serve(history=history)
    print(server.add(work.using(show=False)()), flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""

KERNEL = """
import sys, time
import progressnb as pnb

tracker = pnb.ProgressTracker("child", ["s"])
pnb.use_history(sys.argv[1], contents=True)
tracker.start()
at = 0
while True:
    tracker.stage("s").update(at=at)
    at += 1
    print(f"{tracker.log[-1].elapsed} {len(tracker.log)}", flush=True)
    time.sleep(0.002)
"""


@contextmanager
def process_of(code: str) -> Generator[tuple[subprocess.Popen[str], Path]]:
    """Start a program of its own that records into a file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "runs.db"
        with subprocess.Popen([sys.executable, "-c", code, str(path)], stdout=subprocess.PIPE, text=True) as process:
            try:
                yield process, path
            finally:
                process.kill()


def kept_of(path: Path) -> tuple[bool, list[Event]]:
    """Return whether a file has one run, told as lost and without a gap, and its events."""
    with pnb.History(path) as history:
        (row,) = history.runs().to_dict("records")
        kept = list(history.log(row["run_id"]))
    return row["status"] == "lost" and [event.seq for event in kept] == list(range(len(kept))), kept


def lost_of(seen: Iterable[Event], kept: Iterable[Event]) -> int:
    """Count the events that somebody saw, before the last moments, and that were not kept."""
    events, known = [event for event in seen if event.type == "progress"], {encode(event) for event in kept}
    until = events[-1].elapsed - LAST
    return sum(encode(event) not in known for event in events if event.elapsed <= until)


async def watched_until(seen: RemoteRun, seq: int) -> None:
    """Watch a run until it has so many events."""
    async with asyncio.timeout(PATIENCE):
        async for event in seen:
            if event.seq >= seq:
                break


@fault("a server is killed (`kill -9`) under a client", RECORDED, times=20, part=1)
async def server_killed(times: int) -> Outcome:
    """Kill a server that records; compare what it kept with what its client has seen."""
    survived = lost = 0
    for _ in range(times):
        with process_of(SERVER) as (process, path):
            assert process.stdout is not None
            seen = pnb.attach((await asyncio.to_thread(process.stdout.readline)).strip(), show=False)
            await watched_until(seen, 300)
            process.kill()
            process.wait()
            seen.end_cancelled("the server was killed")
            is_whole, kept = kept_of(path)
            lost += lost_of(seen.log, kept)
            survived += is_whole
    return Outcome(times, survived, lost)


@fault("a kernel that records is killed (`kill -9`)", RECORDED, times=20, part=1)
async def kernel_killed(times: int) -> Outcome:
    """Kill a program that records; compare what it kept with what it had told."""
    survived = lost = 0
    for _ in range(times):
        with process_of(KERNEL) as (process, path):
            assert process.stdout is not None
            told = [process.stdout.readline() for _ in range(400)]
            process.kill()
            process.wait()
            told += process.stdout.readlines()
            counts = [(float(elapsed), int(count)) for elapsed, _, count in (line.partition(" ") for line in told)]
            must = max(count for elapsed, count in counts if elapsed <= counts[-1][0] - LAST)
            is_whole, kept = kept_of(path)
            lost += max(0, must - len(kept))
            survived += is_whole
    return Outcome(times, survived, lost)


@fault("a worker is killed (`kill -9`) under a client of another one", RECORDED, times=20, part=1)
async def worker_killed(times: int) -> Outcome:
    """Kill the worker that has a run; another one, which shares the history, tells what was kept, and that it ended."""
    survived = lost = 0
    for _ in range(times):
        with process_of(SERVER) as (process, path), pnb.History(path, contents=True, create=True) as history:
            assert process.stdout is not None
            run_id = (await asyncio.to_thread(process.stdout.readline)).partition("/runs/")[2].partition("/")[0].strip()
            async with await pnb.serve(history=history) as other:
                async with httpx.AsyncClient(base_url=other.url, trust_env=False) as client:
                    while (await client.get(f"/runs/{run_id}")).status_code == httpx.codes.NOT_FOUND:
                        await asyncio.sleep(0.02)  # its first events are not written yet
                seen = pnb.attach(f"{other.url}/runs/{run_id}", show=False)
                await watched_until(seen, 300)
                process.kill()
                process.wait()
                async with asyncio.timeout(PATIENCE):
                    await seen.log.wait_ended()
            is_whole, kept = kept_of(path)
            told = list(seen.log)
            survived += is_whole and seen.status == "cancelled" and len(told) == len(kept) + 1
            lost += lost_of(told, kept)
    return Outcome(times, survived, lost)
