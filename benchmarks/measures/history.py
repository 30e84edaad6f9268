"""The cost of a history: events in and out, runs found and compared among many, and stages whose results are kept.

"In" is measured as it happens, some hundred events at a time while the run goes on. Its floor is the same bytes in a
bare table of SQLite, in transactions of the same size.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.measures import Measure, measure
from benchmarks.turns import take_turns
from progressnb import History, ProgressTracker, configure, operation, use_history
from progressnb.testing import ManualClock
from progressnb.wire.events import ContentEvent, ProgressEvent

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

EVENTS, STEP = 10_000, 500
OUT = 100_000  # events of a frame
RUNS, COMPARED = 20_000, 100
STAGES = 1_000
JSON_COLUMNS = ("data", "stages", "parent", "result")
BARE = "CREATE TABLE events (run INTEGER, seq INTEGER, line TEXT, PRIMARY KEY (run, seq)) WITHOUT ROWID"


def begin(operation_name: str = "bench") -> tuple[ProgressTracker, ManualClock]:
    """Begin a run on a clock of its own."""
    clock = ManualClock()
    tracker = ProgressTracker(operation_name, ["work"], model="none", clock=clock)
    tracker.start()
    return tracker, clock


def steps(tracker: ProgressTracker, clock: ManualClock, count: int = EVENTS) -> Iterator[None]:
    """Write progress and content by turns, so many events at a time, to the end of the run."""
    record = tracker._recorder.record  # noqa: SLF001 - a handle would thin them
    with tracker.stage("work"):
        for number in range(count // 2):
            clock.advance(0.01)
            record(ProgressEvent, "work", status="running", stage_progress=50.0, message="reading a page")
            record(ContentEvent, "work", delta=f"what was said, {number} ", kind="text", stage_progress=50.0)
            if number % (STEP // 2) == 0:
                yield
    tracker.done()
    yield


def by_hand(path: Path, *, contents: bool) -> History:
    """Return a history that stores events when it is asked to, and not by its thread."""
    history = History(path, contents=contents)
    history._writer._work = lambda: None  # type: ignore[method-assign] # noqa: SLF001
    return history


def taken_in(path: Path, *, contents: bool, count: int = EVENTS) -> tuple[float, list[bytes]]:
    """Return the CPU seconds that storing a run takes, and its events."""
    history, (tracker, clock) = by_hand(path, contents=contents), begin()
    history.record(tracker)
    took = 0.0
    for _ in steps(tracker, clock, count):
        began = time.process_time()
        history._writer.flush()  # noqa: SLF001 - a question would load pandas
        took += time.process_time() - began
    if contents and history.export_jsonl().splitlines() != tracker.log.encoded():
        raise AssertionError("what was stored is not what was written")
    history.close()
    return took, tracker.log.encoded()


def taken_bare(path: Path, lines: Sequence[bytes]) -> float:
    """Return the CPU seconds that a bare table takes for the same events."""
    with closing(sqlite3.connect(path, isolation_level=None)) as plain:
        for statement in ("PRAGMA journal_mode = WAL", "PRAGMA synchronous = NORMAL", BARE):
            plain.execute(statement).fetchall()
        began = time.process_time()
        for first in range(0, len(lines), STEP):
            plain.execute("BEGIN")
            rows = enumerate(lines[first : first + STEP], first)
            plain.executemany("INSERT INTO events VALUES (1, ?, CAST(? AS TEXT))", rows)
            plain.execute("COMMIT")
        return time.process_time() - began


def measure_in(*, contents: bool) -> Measure:
    """Measure an event that is stored."""
    owns, bares = list[float](), list[float]()
    with tempfile.TemporaryDirectory() as name:
        for number in range(8):
            took, lines = taken_in(Path(name) / f"{number}.db", contents=contents)
            bare = taken_bare(Path(name) / f"{number}.plain", lines)
            if number:
                owns.append(took / len(lines) * 1e6)
                bares.append(bare / len(lines) * 1e6)
    return of_pairs(owns, bares)


def of_pairs(owns: list[float], floors: list[float]) -> Measure:
    """Return the medians of pairs that were measured by turns."""
    ratios = sorted(own / floor for own, floor in zip(owns, floors, strict=True))
    half = len(ratios) // 2
    away = (ratios[-1 - half // 2] - ratios[half // 2]) / 2 / ratios[half]
    return Measure(sorted(owns)[half], sorted(floors)[half], None, away)


@measure("history in, with contents, an event", unit="µs", target=2.33, against="floor")
def events_in() -> Measure:
    """Store events as they are."""
    return measure_in(contents=True)


@measure("history in, without contents, an event", unit="µs", target=2.33, against="floor")
def events_in_redacted() -> Measure:
    """Store events without what was said in them."""
    return measure_in(contents=False)


@measure("history out, a DataFrame of events", unit="ms", target=1.2, against="peer", own=True)
def events_out() -> Measure:
    """Read events as a DataFrame; the peer is `pandas.read_sql` of a plain table with the same columns."""
    import pandas as pd

    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "runs.db"
        taken_in(path, contents=True, count=OUT)
        with History(path) as history, closing(sqlite3.connect(path.with_suffix(".plain"))) as plain:
            (run_id,) = history.runs()["run_id"]
            flat = history.events(run_id).reset_index()
            for column in JSON_COLUMNS:
                flat[column] = [None if value is None else json.dumps(value) for value in flat[column]]
            flat["timestamp"] = flat["timestamp"].astype("str")
            flat.to_sql("events", plain, index=False)
            return take_turns(
                lambda: history.events(run_id),
                peer=lambda: pd.read_sql("SELECT * FROM events", plain, parse_dates=["timestamp"]),
                unit="ms",
                rounds=3,
            )


def many_runs(path: Path, count: int = RUNS) -> list[str]:
    """Write a history of so many runs of two stages; return their ids."""
    History(path, create=True).close()
    ids = [f"{number * 0x9E3779B97F4A7C15 % (1 << 128):032x}" for number in range(1, count + 1)]
    with closing(sqlite3.connect(path)) as plain, plain:
        plain.executemany(
            "INSERT INTO runs (run, run_id, operation, model, status, started, duration, elapsed, overall_progress) "
            "VALUES (?, ?, ?, 'm', 'finished', ?, 1.5, 1.5, 100.0)",
            ((run, run_id, f"job{run % 20}", run * 1_000_000) for run, run_id in enumerate(ids, 1)),
        )
        plain.executemany(
            "INSERT INTO stages (run, position, stage, status, duration, output_tokens, retries, characters) "
            "VALUES (?, ?, ?, 'finished', ?, 20, 0, 100)",
            ((run, place, "ab"[place], 0.5 + run % 7) for run in range(1, count + 1) for place in (0, 1)),
        )
    return ids


@measure("find a run among 20,000 by the beginning of its id", unit="µs", target=1.67, against="floor")
def find_run() -> Measure:
    """Find runs; the floor is a range on the index, in bare SQLite."""
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "runs.db"
        beginnings = [run_id[:20] for run_id in many_runs(path)[:1_000]]
        with History(path) as history, closing(sqlite3.connect(path)) as plain:
            find = history._queries.find  # noqa: SLF001 - without what is asked of the run then
            query = "SELECT run, run_id FROM runs WHERE run_id BETWEEN ? AND ? ORDER BY run_id LIMIT 2"

            def ours() -> None:
                for beginning in beginnings:
                    find(beginning)

            def floor() -> None:
                for beginning in beginnings:
                    plain.execute(query, (beginning, beginning + "\U0010ffff")).fetchall()

            return take_turns(ours, floor=floor, calls=len(beginnings))


@measure("compare(100, 100) among 20,000 runs", unit="ms", target=15.0)
def compare_runs() -> Measure:
    """Compare two groups of runs, which are named by the beginnings of their ids."""
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "runs.db"
        ids = [run_id[:20] for run_id in many_runs(path)[: 2 * COMPARED]]
        with History(path) as history:
            return take_turns(lambda: history.compare(ids[:COMPARED], ids[COMPARED:]), unit="ms")


@measure("delete a run of 20,000, the older half at once", unit="µs")
def prune_runs() -> Measure:
    """Delete the older half of the runs."""
    from datetime import UTC, datetime

    times = list[float]()
    with tempfile.TemporaryDirectory() as name:
        for number in range(3):
            path = Path(name) / f"{number}.db"
            many_runs(path)
            with History(path) as history:
                began = time.process_time()
                count = history.prune(older_than=datetime.fromtimestamp(RUNS / 2, UTC))
                times.append((time.process_time() - began) / count * 1e6)
    return Measure(sorted(times)[1])


@measure("timings of 2,000 runs, from their rows", unit="ms")
def timings_of_runs() -> Measure:
    """Ask for the timings of many runs, which come from rows and not from events."""
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "runs.db"
        many_runs(path, 2_000)
        with History(path) as history:
            return take_turns(history.timings, unit="ms")


CHILD = """
import sys, time
import progressnb as pnb
tracker = pnb.ProgressTracker("killed", ["work"])
pnb.use_history(sys.argv[1])
tracker.start()
while True:
    tracker.stage("work").update(at=1)
    sys.stdout.write(f"{tracker.log[len(tracker.log) - 1].elapsed}\\n")
    sys.stdout.flush()
    time.sleep(0.001)
"""


def lost_of_killed(path: Path, seconds: float) -> float:
    """Return how many seconds of a run are missing whose kernel was killed after so many."""
    command = [sys.executable, "-c", CHILD, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - our own code
        printed = list[str]()
        for line in process.stdout or ():
            printed.append(line)
            if float(line) > seconds:
                process.kill()
                break
        printed += process.stdout.readlines() if process.stdout is not None else []
    last = max(float(line) for line in printed if line.endswith("\n"))
    with History(path) as history:
        (elapsed,) = history.runs()["elapsed"]
    return max(0.0, last - elapsed)


@measure("the most that is missing of five killed runs", unit="s", target=0.25, own=True)
def killed_runs() -> Measure:
    """Kill kernels at different moments."""
    with tempfile.TemporaryDirectory() as name:
        return Measure(max(lost_of_killed(Path(name) / f"{number}.db", 1 + number * 0.017) for number in range(5)))


def stages_in(count: int) -> float:
    """Return the CPU microseconds a stage that storing a run of so many takes, a hundred stages at a time."""
    with tempfile.TemporaryDirectory() as name:
        history, (tracker, clock) = by_hand(Path(name) / "runs.db", contents=False), begin()
        history.record(tracker)
        took = 0.0
        with tracker.stage("work") as work:
            for number in range(count):
                with work.stage("page"):
                    clock.advance(0.01)
                if number % 100 == 99:  # noqa: PLR2004
                    began = time.process_time()
                    history._writer.flush()  # noqa: SLF001
                    took += time.process_time() - began
        tracker.done()
        history.close()
    return took / count * 1e6


@measure("a stage stored in a run of 8,000; floor: of 500", unit="µs", target=3.5, against="floor", own=True)
def many_stages() -> Measure:
    """Store a long run: a stage costs little more than in a short one."""
    pairs = [(stages_in(8_000), stages_in(500)) for _ in range(4)][1:]
    return of_pairs([long for long, _ in pairs], [short for _, short in pairs])


async def fetch(name: str) -> str:
    """Return what there is."""
    return f"page of {name}"


@operation
async def crawl(tracker: ProgressTracker, names: list[str]) -> list[str]:
    """Fetch by stages whose results are kept."""
    async with tracker.stage("crawl") as stage:
        return [await stage.stage("page").run(fetch, name) for name in names]


@operation
async def walk(tracker: ProgressTracker, names: list[str]) -> list[str]:
    """Fetch in blocks of stages, of which no result is kept."""
    pages = list[str]()
    async with tracker.stage("crawl") as stage:
        for name in names:
            async with stage.stage("page"):
                pages.append(await fetch(name))
    return pages


@measure("a kept stage of 1,000, with contents; floor: not kept", unit="µs", target=300.0, own=True)
def kept_stages() -> Measure:
    """Keep the results of stages in a history, with its thread's work; the floor is a history that keeps none."""
    names = [f"n{number}" for number in range(STAGES)]
    configure(show=False)
    with tempfile.TemporaryDirectory() as folder:
        files = itertools.count()

        def go(call: Any) -> None:  # noqa: ANN401 - one of the operations
            history = use_history(Path(folder) / f"{next(files)}.db", contents=True)

            async def run() -> None:
                await call(names)

            asyncio.run(run())
            use_history(None)
            history.close()

        return take_turns(lambda: go(crawl), floor=lambda: go(walk), calls=STAGES, rounds=5)
