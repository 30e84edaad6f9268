"""Measure what one update costs whoever reports, and what it costs to read an output while it is written.

    python benchmarks/update.py --rounds 5

Three readers follow the log meanwhile, and their work is in the figures: CPU microseconds a call, the
median of the rounds. The measures take turns, so that a noisy moment falls on all of them.

Figures fail nothing: the exit code is 1 only if a reader missed an event or an output was read wrongly.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import statistics
import sys
import time
from typing import TYPE_CHECKING, Any

from pydantic_core import from_json
from rich.progress import Progress

import progressnb as pnb
from progressnb.wire.buffer import OutputBuffer

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from progressnb.wire.log import EventLog

READERS = 3
TARGET = 6.0  # microseconds
CHUNK = 12
LOOK = 100  # chunks between two looks at an output
FEWER = 50  # times: what writes an event at each call is called less often

faults: list[str] = []


# --- updates: each calls so many times ----------------------------------------------------------------


async def update(tracker: pnb.ProgressTracker, calls: int) -> None:
    """Say a percent."""
    stage = tracker.stage("work")
    for call in range(calls):
        stage.update(100 * call / calls)


async def update_awaited(tracker: pnb.ProgressTracker, calls: int) -> None:
    """Say a percent and give the loop its turns."""
    stage = tracker.stage("work")
    for call in range(calls):
        await stage.update(100 * call / calls)


async def update_message(tracker: pnb.ProgressTracker, calls: int) -> None:
    """Say a percent and a message."""
    stage = tracker.stage("work")
    for call in range(calls):
        await stage.update(100 * call / calls, "reading the job")


async def update_data(tracker: pnb.ProgressTracker, calls: int) -> None:
    """Say what is written at once, as an event of its own that all readers get."""
    stage = tracker.stage("work")
    for call in range(calls // FEWER):
        await stage.update(100 * call / calls, step=call)


async def update_by_name(tracker: pnb.ProgressTracker, calls: int) -> None:
    """Say a percent of a stage that the tracker looks up."""
    for call in range(calls):
        await tracker.update("work", 100 * call / calls)


async def write_delta(tracker: pnb.ProgressTracker, calls: int) -> None:
    """Write a few characters."""
    stage = tracker.stage("work")
    for _ in range(calls):
        await stage.write("lorem ipsum ")


def nothing(percent: float) -> float:
    """Do nothing."""
    return percent


async def bare_call(_tracker: pnb.ProgressTracker, calls: int) -> None:
    """Call a function that does nothing."""
    for call in range(calls):
        nothing(100 * call / calls)


async def rich_update(_tracker: pnb.ProgressTracker, calls: int) -> None:
    """Update a bar of rich that is not on screen."""
    bars = Progress(disable=True, auto_refresh=False)
    bar = bars.add_task("bar", total=100)
    for call in range(calls):
        bars.update(bar, completed=100 * call / calls)


UPDATES: dict[str, Callable[[pnb.ProgressTracker, int], Awaitable[None]]] = {
    "stage.update(percent)": update,
    "await stage.update(percent)": update_awaited,
    "await stage.update(percent, message)": update_message,
    "await tracker.update(name, percent)": update_by_name,
    "await stage.write(delta)": write_delta,
    "await stage.update(percent, step=…), an event each": update_data,
    "a function that does nothing": bare_call,
    "rich's Progress.update, not on screen": rich_update,
}
OURS_THINNED = 5  # the first of these: the target is for them


async def measure_update(name: str, calls: int) -> float:
    """Return the CPU microseconds a call, with the readers' work."""
    async with pnb.ProgressTracker("benchmark", stages={"work": 1}, show=False) as tracker:
        readers = [asyncio.create_task(read(tracker.log)) for _ in range(READERS)]
        async with tracker.stage("work"):
            await asyncio.sleep(0)
            gc.collect()
            before = time.process_time()
            await UPDATES[name](tracker, calls)
            await asyncio.sleep(0.1)  # what was thinned is written, and the readers get it
            used = time.process_time() - before
    seen = await asyncio.gather(*readers)
    if seen != [list(range(len(tracker.log)))] * READERS:
        faults.append(f"{name}: a reader missed an event")
    return used / (calls // FEWER if UPDATES[name] is update_data else calls) * 1e6


async def read(log: EventLog) -> list[int]:
    """Follow a log to its end and return what came."""
    return [event.seq async for event in log.follow()]


def print_updates(calls: int, rounds: int) -> None:
    """Measure and print what an update costs."""
    costs: dict[str, list[float]] = {name: [] for name in UPDATES}
    for _ in range(rounds):
        for name, cost in costs.items():
            cost.append(asyncio.run(measure_update(name, calls)))
    print(f"\nOne update with {READERS} readers, CPU microseconds a call")
    print(f"  {'':52}{'median':>8}{'best':>8}")
    for index, (name, cost) in enumerate(costs.items()):
        median = statistics.median(cost)
        line = f"  {name:52}{median:8.2f}{min(cost):8.2f}"
        if index < OURS_THINNED:
            line += f"   target {TARGET:.0f}: {'met' if median <= TARGET else 'NOT MET'}"
        print(line)


# --- partial output -----------------------------------------------------------------------------------


def long_texts(count: int) -> dict[str, Any]:
    """Return an output of few long strings."""
    return {"items": [{"name": f"item {n}", "text": "lorem ipsum dolor sit amet " * 20} for n in range(count)]}


def small_fields(count: int) -> dict[str, Any]:
    """Return an output of many small fields."""
    return {"items": [{"id": n, "done": n % 2 == 0, "at": [n, 0.5, None], "by": "x"} for n in range(count)]}


def look_never(_buffer: OutputBuffer) -> None:
    """Look at nothing."""


def look_at_fields(buffer: OutputBuffer) -> int:
    """See which fields are complete, as the percent does."""
    return buffer.fields_completed


def look_at_value(buffer: OutputBuffer) -> object:
    """Read all that is written, as the panel does."""
    return buffer.value


def fill(chunks: list[str], look: Callable[[OutputBuffer], object]) -> object:
    """Write the chunks into a buffer, look at it now and then, and return its value."""
    buffer = OutputBuffer("json")
    for count, chunk in enumerate(chunks, start=1):
        buffer.append(chunk)
        if count % LOOK == 0:
            look(buffer)
    return buffer.value


def print_partial(make: Callable[[int], dict[str, Any]], kilobytes: float, rounds: int) -> None:
    """Measure and print what it costs to read an output while it is written."""
    count = 1
    while len(text := json.dumps(expected := make(count))) < kilobytes * 1000:
        count = count * 21 // 20 + 1
    chunks = [text[at : at + CHUNK] for at in range(0, len(text), CHUNK)]
    measures: dict[str, Callable[[], object]] = {
        "write it, read it at the end": lambda: fill(chunks, look_never),
        f"and see which fields are complete every {LOOK} chunks": lambda: fill(chunks, look_at_fields),
        f"and read the value every {LOOK} chunks": lambda: fill(chunks, look_at_value),
        "pydantic_core.from_json of the whole, once": lambda: from_json(text),
    }
    costs: dict[str, list[float]] = {name: [] for name in measures}
    for _ in range(rounds):
        for name, measure in measures.items():
            gc.collect()
            before = time.process_time()
            value = measure()
            costs[name].append((time.process_time() - before) * 1e3)
            if value != expected:
                faults.append(f"{name}: read wrongly")
    shape = make.__name__.replace("_", " ")
    print(f"\n{len(text) / 1000:.0f} KB of {shape} in {len(chunks):,} chunks of {CHUNK} characters, CPU milliseconds")
    print(f"  {'':52}{'median':>8}{'best':>8}")
    for name, cost in costs.items():
        print(f"  {name:52}{statistics.median(cost):8.2f}{min(cost):8.2f}")


def main() -> int:
    """Measure; return 1 if a reader missed an event or an output was read wrongly."""
    parser = argparse.ArgumentParser(description="Measure what one update costs.")
    parser.add_argument("--calls", type=int, default=200_000, help="updates a round; default: 200000")
    parser.add_argument("--rounds", type=int, default=5, help="how often each takes its turn; default: 5")
    parser.add_argument("--size", type=float, default=171, metavar="KB", help="of the partial output; default: 171")
    options = parser.parse_args()
    print_updates(max(FEWER, options.calls), max(1, options.rounds))
    for make in (long_texts, small_fields):
        print_partial(make, options.size, max(1, options.rounds))
    for fault in faults:
        print(f"  WRONG: {fault}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
