"""Measure what an iteration costs under `pnb.track`, beside a bare loop, tqdm and rich.

    python benchmarks/track.py --rounds 5

Each loop is shown as its owner shows it, on a screen that throws everything away. Nanoseconds an iteration
above the bare loop of the same round, the median of the rounds; the loops take turns, so that a noisy moment
falls on all of them. A loop that does nothing shows what an item costs; one whose body takes some microseconds
shows whether that matters.

Figures fail nothing: the exit code is 1 only if a loop lost an item.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import io
import os
import statistics
import sys
import time
from typing import TYPE_CHECKING

import rich.progress
import tqdm
import tqdm.asyncio
from rich.console import Console

import progressnb as pnb
from progressnb import configure
from progressnb.display.console import ConsoleView

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable

    from progressnb.tracking.protocols import Watchable

faults: list[str] = []


def screen() -> Console:
    """Return a terminal that nobody sees."""
    return Console(file=io.StringIO(), force_terminal=True, width=100)


def show_nowhere(run: Watchable) -> None:
    """Show a run as a terminal would."""
    ConsoleView(run, console=screen()).start()


def bare(items: Iterable[int]) -> Iterable[int]:
    """Iterate and report nothing."""
    return items


def ours(items: Iterable[int]) -> Iterable[int]:
    """Iterate under `pnb.track`."""
    return pnb.track(items, "items")


def with_tqdm(items: Iterable[int]) -> Iterable[int]:
    """Iterate under tqdm."""
    return tqdm.tqdm(items, file=io.StringIO())


def with_rich(items: Iterable[int]) -> Iterable[int]:
    """Iterate under rich."""
    return rich.progress.track(items, console=screen())


LOOPS: dict[str, Callable[[Iterable[int]], Iterable[int]]] = {
    "bare": bare,
    "pnb.track": ours,
    "rich.progress.track": with_rich,
    "tqdm": with_tqdm,
}


async def counted(count: int) -> AsyncIterator[int]:
    """Yield numbers as an async generator does."""
    for number in range(count):
        yield number


ASYNC_LOOPS: dict[str, Callable[[AsyncIterator[int]], AsyncIterable[int]]] = {
    "bare": lambda items: items,
    "pnb.atrack": lambda items: pnb.atrack(items, "items"),
    "tqdm.asyncio": lambda items: tqdm.asyncio.tqdm(items, file=io.StringIO()),
}


def idle(items: Iterable[int]) -> int:
    """Do nothing with each item."""
    count = 0
    for _ in items:
        count += 1
    return count


def busy(items: Iterable[int]) -> int:
    """Work some microseconds on each item."""
    count = 0
    for _ in items:
        sum(range(200))
        count += 1
    return count


def measure(name: str, body: Callable[[Iterable[int]], int], count: int) -> float:
    """Return nanoseconds an iteration."""
    loop = LOOPS[name](range(count))
    gc.collect()
    before = time.perf_counter()
    seen = body(loop)
    took = time.perf_counter() - before
    if seen != count:
        faults.append(f"{name}: {seen} of {count} items")
    return took / count * 1e9


async def measure_async(name: str, count: int) -> float:
    """Return nanoseconds an iteration of `async for`."""
    loop = ASYNC_LOOPS[name](counted(count))
    gc.collect()
    seen, before = 0, time.perf_counter()
    async for _ in loop:
        seen += 1
    took = time.perf_counter() - before
    if seen != count:
        faults.append(f"{name}: {seen} of {count} items")
    return took / count * 1e9


def report(title: str, rounds: list[dict[str, float]]) -> None:
    """Print what each loop costs over the bare one of its round."""
    print(f"\n{title}\n{'':22}{'ns an iteration':>16}{'over bare':>12}{'of ours':>10}{'times bare':>12}")
    names = list(rounds[0])
    over = {name: statistics.median(each[name] - each["bare"] for each in rounds) for name in names}
    for name in names:
        took = statistics.median(each[name] for each in rounds)
        times = statistics.median(each[name] / each["bare"] for each in rounds)
        part = f"{over[name] / over[names[1]]:.1f} x" if name != "bare" and over[names[1]] > 0 else ""
        print(f"{name:22}{took:16,.0f}{over[name]:12,.1f}{part:>10}{times:12.3f}")


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--items", type=int, default=3_000_000)
    options = parser.parse_args()
    configure(screen=show_nowhere)
    print(f"{options.rounds} rounds, {os.cpu_count()} cores, Python {sys.version.split()[0]}")
    for title, body, count in (
        (f"A body that does nothing, {options.items:,} items", idle, options.items),
        (f"A body that works some microseconds, {options.items // 10:,} items", busy, options.items // 10),
    ):
        report(title, [{name: measure(name, body, count) for name in LOOPS} for _ in range(options.rounds)])
    count = options.items // 10
    rounds = [{name: asyncio.run(measure_async(name, count)) for name in ASYNC_LOOPS} for _ in range(options.rounds)]
    report(f"async for, {count:,} items", rounds)
    for fault in faults:
        print(fault, file=sys.stderr)
    return bool(faults)


if __name__ == "__main__":
    sys.exit(main())
