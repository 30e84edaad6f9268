"""Short runs of thirteen events, in turn and eight at once, and histories that have many: for rows of runs."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from contextlib import closing
from typing import TYPE_CHECKING

import progressnb as pnb

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from progressnb.execution import Run

BLOCK = 40  # runs
TURN = 200
AT_ONCE = 8


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
    """Return the least CPU milliseconds of a run without the history and with it, by turns.

    A turn is long enough for what a history does now and then: learn, look into its file, save it.
    """
    took: dict[bool, list[float]] = {False: [], True: []}
    for _ in range(rounds):
        for is_on in (False, True):
            pnb.configure(history=history if is_on else None)
            began = time.process_time()
            await work(begin, TURN)
            history._writer.flush()  # noqa: SLF001 - a question would load pandas
            took[is_on].append((time.process_time() - began) / TURN * 1_000)
    pnb.configure(history=None)
    return min(took[False]), min(took[True])
