"""Measure what short runs cost with a history, beside the same runs without one, and what each leaves in memory.

    python benchmarks/runs.py --recorded 500 20000 --rounds 12

A run has three stages and thirteen events. Blocks of runs with and without a history take turns in one process, in
turn and eight at once; what counts is the median of the CPU seconds of the whole process, the history's thread
included, and their ratio. A block waits until its runs are stored. Figures fail nothing: the exit code is 1 only if
a run is missing.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import sqlite3
import statistics
import sys
import tempfile
import time
import tracemalloc
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import progressnb as pnb

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from progressnb.execution import Run

TARGET = 1.5  # times history off
BLOCK = 40  # runs
AT_ONCE = 8

faults: list[str] = []


@pnb.operation(stages={"read": 0.2, "think": 0.5, "write": 0.3})
async def small(tracker: pnb.ProgressTracker, text: str) -> str:
    """Report a few events, and do nothing."""
    async with tracker.stage("read") as stage:
        stage.update(50, "reading", files=3)
    async with tracker.stage("think") as stage:
        stage.update(30, "thinking", pages=1)
        stage.update(70, "thinking", pages=2)
        stage.add_usage("offline", input_tokens=10, output_tokens=20, cost=0.001)
    async with tracker.stage("write") as stage:
        for word in ("a ", "b ", "c "):
            stage.write(word)
    return text


async def bare(text: str) -> str:
    """Do as much without a run."""
    return text


async def in_turn(begin: Callable[[str], Awaitable[object]], count: int) -> None:
    """Await one after the other."""
    for number in range(count):
        await begin(f"text {number}")


async def at_once(begin: Callable[[str], Awaitable[object]], count: int) -> None:
    """Await eight at once."""
    free = asyncio.Semaphore(AT_ONCE)

    async def one(number: int) -> None:
        async with free:
            await begin(f"text {number}")

    await asyncio.gather(*(one(number) for number in range(count)))


def record(path: Path, count: int) -> None:
    """Make a history of so many runs: a few real ones, and copies of them."""
    with closing(sqlite3.connect(path)) as file:
        names = [row[1] for row in file.execute("PRAGMA table_info(runs)") if row[1] not in ("run", "run_id")]
        columns = ", ".join(names)
        while (there := file.execute("SELECT count(*) FROM runs").fetchone()[0]) < count:
            (last,) = file.execute("SELECT max(run) FROM runs").fetchone()
            first = last - min(there, count - there)
            which = f"FROM {{}} WHERE run > {first} AND run <= {last}"
            file.execute(
                f"INSERT INTO runs (run, run_id, {columns}) "
                f"SELECT run + {last - first}, lower(hex(randomblob(16))), {columns} {which.format('runs')}"
            )
            for table in ("stages", "events"):
                rest = [row[1] for row in file.execute(f"PRAGMA table_info({table})") if row[1] != "run"]
                named = ", ".join(rest)
                file.execute(
                    f"INSERT INTO {table} (run, {named}) SELECT run + {last - first}, {named} {which.format(table)}"
                )
            file.commit()


def begin(text: str) -> Run[str]:
    """Begin a run that is not shown."""
    return small.using(show=False)(text)


async def compare(history: pnb.History, work: Callable[..., Awaitable[None]], rounds: int) -> tuple[float, float]:
    """Return the median CPU milliseconds of a run without the history and with it."""
    took: dict[bool, list[float]] = {False: [], True: []}
    for _ in range(rounds):
        for is_on in (False, True):
            pnb.configure(history=history if is_on else None)
            began = time.process_time()
            await work(begin, BLOCK)
            history._writer.flush()  # noqa: SLF001 - a question would load pandas
            took[is_on].append((time.process_time() - began) / BLOCK * 1_000)
    pnb.configure(history=None)
    return statistics.median(took[False]), statistics.median(took[True])


async def measure(path: Path, recorded: int, rounds: int, *, contents: bool) -> None:
    """Print the cost of a run with a history that has so many."""
    with pnb.History(path, contents=contents, create=True) as history:
        pnb.configure(history=history)
        await in_turn(begin, min(60, recorded))
        pnb.configure(history=None)
    record(path, recorded)
    with pnb.History(path, contents=contents) as history:
        for name, work in (("in turn", in_turn), ("8 at once", at_once)):
            off, on = await compare(history, work, rounds)
            what = f"after {recorded:,} runs, {'contents' if contents else 'redacted'}, {name}"
            met = "met" if on / off <= TARGET else "NOT MET"
            print(f"  {what:44}{off:6.2f} → {on:5.2f} ms CPU   {on / off:5.2f} ×   target {TARGET}: {met}")
        if len(history.runs()) != recorded + 2 * rounds * BLOCK:
            faults.append(f"runs are missing of those after {recorded:,}")


async def cost() -> None:
    """Print what a run costs beside a bare coroutine."""
    for name, function in (("a bare coroutine", bare), ("a run, no history", begin)):
        await in_turn(function, BLOCK)
        began = time.process_time()
        await in_turn(function, 10 * BLOCK)
        print(f"  {name:44}{(time.process_time() - began) / BLOCK * 100:6.3f} ms CPU")


async def memory(count: int) -> None:
    """Print what an ended run leaves where nobody holds it, what one that is held has, and what it has once packed."""
    with pnb.History(None, contents=True) as history:
        for name, recorder in (("no history", None), ("a history", history)):
            pnb.configure(history=recorder)
            for what in ("dropped", "held", "packed"):
                await in_turn(begin, BLOCK)
                held: list[Run[str]] = []
                gc.collect()
                tracemalloc.start()
                before, _ = tracemalloc.get_traced_memory()
                for number in range(count):
                    run = begin(f"text {number}")
                    await run
                    if what != "dropped":
                        held.append(run)
                    if what == "packed":
                        run.pack()
                history._writer.flush()  # noqa: SLF001
                await asyncio.sleep(1.2)  # timers of the runs
                gc.collect()
                after, _ = tracemalloc.get_traced_memory()
                tracemalloc.stop()
                print(f"  memory, {name}, {what:30}{(after - before) / count:10,.0f} bytes a run")
    pnb.configure(history=None)


async def measure_all(options: argparse.Namespace) -> None:
    """Measure everything."""
    await cost()
    with tempfile.TemporaryDirectory() as folder:
        for recorded in options.recorded:
            for contents in (False, True):
                path = Path(folder) / f"{recorded}-{contents}.db"
                await measure(path, recorded, options.rounds, contents=contents)
    await memory(options.runs)


def main() -> int:
    """Measure; return 1 if a run is missing."""
    parser = argparse.ArgumentParser(description="Measure short runs.")
    parser.add_argument("--recorded", type=int, nargs="+", default=[500, 20_000], help="default: 500 20000")
    parser.add_argument("--rounds", type=int, default=12, help="how often each takes its turn; default: 12")
    parser.add_argument("--runs", type=int, default=1_000, help="runs whose memory is measured; default: 1000")
    options = parser.parse_args()
    pnb.configure(show=False)
    asyncio.run(measure_all(options))
    for fault in faults:
        print(f"WRONG: {fault}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
