"""Measure what a batch costs: CPU seconds and memory an item, beside `gather`, tqdm's `gather` and pydantic-evals.

    python benchmarks/batch.py --items 1000 --rounds 5

The same runs of an agent that answers at once, 20 at a time, by each in turn in one process. What counts is the median,
and its ratio to `asyncio.gather` with a semaphore. Then batches of 100, 1,000 and 10,000 items: seconds and bytes of
the driver an item, and events a second in the log. Figures fail nothing.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import importlib
import importlib.util
import statistics
import tempfile
import time
import tracemalloc
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic_ai import Agent
from pydantic_ai.models.test import TestModel
from tqdm.asyncio import tqdm

import progressnb as pnb

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

LIMIT = 20
writer = Agent(TestModel(custom_output_text="fine"), name="writer")


@pnb.operation
async def ask(tracker: pnb.ProgressTracker, number: int) -> str:
    """Ask an agent."""
    async with tracker.stage("ask"):
        return (await writer.run(f"Is {number} fine?")).output


@pnb.operation
async def wait(tracker: pnb.ProgressTracker, number: int) -> int:
    """Wait a moment."""
    async with tracker.stage("wait") as stage:
        await stage.update(50)
        await asyncio.sleep(0)
    return number


def limited(work: Callable[[int], Awaitable[object]]) -> Callable[[int], Awaitable[object]]:
    """Let a function run 20 times at once, at most."""
    room = asyncio.Semaphore(LIMIT)

    async def one(number: int) -> object:
        async with room:
            return await work(number)

    return one


async def by_gather(count: int) -> None:
    """Run the items as `gather` does."""
    one = limited(lambda number: ask(number, show=False))
    await asyncio.gather(*(one(number) for number in range(count)))


async def by_tqdm(count: int) -> None:
    """Run them below a bar of tqdm."""
    one = limited(lambda number: ask(number, show=False))
    await tqdm.gather(*(one(number) for number in range(count)), disable=True)


async def by_agents(count: int) -> None:
    """Run the agents alone, without any run of progressnb."""
    one = limited(lambda number: writer.run(f"Is {number} fine?"))
    await asyncio.gather(*(one(number) for number in range(count)))


async def by_evals(count: int) -> None:
    """Run the agents alone by pydantic-evals."""
    evals: Any = importlib.import_module("pydantic_evals")

    async def task(number: int) -> str:
        return (await writer.run(f"Is {number} fine?")).output

    dataset = evals.Dataset(name="numbers", cases=[evals.Case(name=str(n), inputs=n) for n in range(count)])
    await dataset.evaluate(task, max_concurrency=LIMIT, progress=False)


async def by_batch(count: int) -> None:
    """Run them as a batch."""
    await pnb.batch(ask, range(count), limit=LIMIT, show=False)


async def seconds_of(work: Callable[[int], Awaitable[None]], count: int) -> float:
    """Return the CPU seconds that some work takes."""
    gc.collect()
    before = time.process_time()
    await work(count)
    return time.process_time() - before


def kinds() -> dict[str, Callable[[int], Awaitable[None]]]:
    """Return the ways to run the items that are installed here."""
    found = {
        "gather, with a semaphore": by_gather,
        "tqdm.asyncio.gather": by_tqdm,
        "pnb.batch": by_batch,
        "agents alone, gather": by_agents,
    }
    if importlib.util.find_spec("pydantic_evals") is not None:
        found["agents alone, pydantic-evals"] = by_evals
    else:
        print("pydantic-evals is not installed: pip install pydantic-evals")
    return found


def compare(count: int, rounds: int) -> None:
    """Print milliseconds an item of each way, and the ratio to `gather`."""
    ways = kinds()
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(rounds + 1):
        for name, work in ways.items():
            seconds = asyncio.run(seconds_of(work, count if number else 20))
            if number:  # the first round pays for imports and caches
                taken[name].append(seconds)
    base = statistics.median(taken["gather, with a semaphore"])
    print(f"{count:,} items, {LIMIT} at a time, median of {rounds}")
    for name, seconds in taken.items():
        middle = statistics.median(seconds)
        print(f"  {name:30} {1e3 * middle / count:7.2f} ms an item  {middle / base:5.2f}")


async def sized(count: int) -> tuple[float, float, float]:
    """Return the milliseconds and the bytes of the driver an item, and the events a second, of a batch."""
    gc.collect()
    before, _ = tracemalloc.get_traced_memory() if tracemalloc.is_tracing() else (0, 0)
    began = time.process_time()
    batch = pnb.batch(wait, range(count), limit=LIMIT, show=False)
    await batch
    seconds = time.process_time() - began
    gc.collect()
    after, _ = tracemalloc.get_traced_memory() if tracemalloc.is_tracing() else (0, 0)
    return 1e3 * seconds / count, (after - before) / count, len(batch.log) / seconds


def grow(counts: list[int]) -> None:
    """Print how time and memory grow with the number of items."""
    print("short runs: time, then memory of the driver with its log, both an item")
    for count in counts:
        milliseconds, _, events = asyncio.run(sized(count))
        print(f"  {count:7,} items {milliseconds:7.3f} ms  {events:8,.0f} events a second in the log")
    tracemalloc.start()
    for count in counts[:-1]:
        _, size, _ = asyncio.run(sized(count))
        print(f"  {count:7,} items {size / 1e3:7.2f} kB")
    tracemalloc.stop()


def kept(count: int) -> None:
    """Print what committing costs: a history without contents, and one with."""
    alone, _, _ = asyncio.run(sized(count))
    print(f"committing, {count:,} short runs")
    print(f"  {'no history':24} {alone:7.3f} ms an item")
    for contents in (False, True):
        with (
            tempfile.TemporaryDirectory() as folder,
            pnb.History(Path(folder) / "runs.db", contents=contents) as history,
        ):
            pnb.use_history(history)
            milliseconds, _, _ = asyncio.run(sized(count))
            name = "history with contents" if contents else "history without contents"
            print(f"  {name:24} {milliseconds:7.3f} ms an item  {milliseconds / alone:5.2f}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--items", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--largest", type=int, default=10_000)
    options = parser.parse_args()
    compare(options.items, options.rounds)
    grow([100, 1_000, options.largest])
    kept(options.items)


if __name__ == "__main__":
    main()
