"""Measure how fast a history takes events in and gives them out, and what a killed kernel loses.

    python benchmarks/history.py --events 1000000

Out is compared with `pandas.read_sql` of a plain table with the same columns, in turns. Figures fail nothing: the
exit code is 1 only if what came out is not what went in.
"""

from __future__ import annotations

import argparse
import gc
import json
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from progressnb import History, ProgressTracker
from progressnb.testing import ManualClock
from progressnb.wire.events import ContentEvent, ProgressEvent

if TYPE_CHECKING:
    from collections.abc import Callable

INTO = 50_000  # events a second
OUT = 1.2  # times read_sql
LOST = 0.25  # seconds
JSON_COLUMNS = ("data", "stages", "parent", "result")
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

faults: list[str] = []


def run_of(count: int) -> ProgressTracker:
    """Return a run of so many events, progress and content by turns."""
    clock = ManualClock()
    tracker = ProgressTracker("bench", ["work"], model="none", clock=clock)
    tracker.start()
    with tracker.stage("work"):
        record = tracker._recorder.record  # noqa: SLF001 - a handle would thin them
        for number in range((count - 5) // 2):
            clock.advance(0.01)
            record(ProgressEvent, "work", status="running", stage_progress=50.0, message="reading a page")
            record(ContentEvent, "work", delta=f"what was said, {number} ", kind="text", stage_progress=50.0)
    tracker.done()
    return tracker


def timed(work: Callable[[], object]) -> float:
    """Return the seconds that some work takes."""
    gc.collect()
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def take_in(tracker: ProgressTracker, path: Path, *, contents: bool) -> None:
    """Print how many events a second a file takes."""
    with History(path, contents=contents) as history:

        def store() -> None:
            history.record(tracker)
            history._writer.flush()  # noqa: SLF001 - a question would load pandas

        seconds = timed(store)
        count = len(tracker.log)
        rate = count / seconds
        met = "met" if rate >= INTO else "NOT MET"
        what = "with contents" if contents else "redacted"
        print(f"  in, {what:14}{rate:>10,.0f} events/s   target {INTO:,}: {met}")
        if contents and history.export_jsonl().splitlines() != tracker.log.encoded():
            faults.append("what was stored is not what was written")


def give_out(tracker: ProgressTracker, path: Path, rounds: int) -> None:
    """Print how long a DataFrame takes, beside `pandas.read_sql` of a table with the same columns."""
    with History(path) as history, closing(sqlite3.connect(path.with_suffix(".plain"))) as plain:
        frame = history.events(tracker.id)
        if len(frame) != len(tracker.log):
            faults.append("events are missing")
        flat = frame.reset_index()
        for name in JSON_COLUMNS:
            flat[name] = [None if value is None else json.dumps(value) for value in flat[name]]
        flat["timestamp"] = flat["timestamp"].astype("str")
        flat.to_sql("events", plain, index=False)
        del flat, frame
        ways: dict[str, Callable[[], object]] = {
            "history.events()": lambda: history.events(tracker.id),
            "read_sql, parse_dates": lambda: pd.read_sql("SELECT * FROM events", plain, parse_dates=["timestamp"]),
            "read_sql, bare": lambda: pd.read_sql("SELECT * FROM events", plain),
        }
        took: dict[str, list[float]] = {name: [] for name in ways}
        for _ in range(rounds):
            for name, way in ways.items():
                took[name].append(timed(way))
    own = statistics.median(took["history.events()"])
    for name, seconds in took.items():
        median = statistics.median(seconds)
        print(f"  out, {name:24}{median:>8.2f} s   ours/this {own / median:5.2f}")
    ratio = own / statistics.median(took["read_sql, parse_dates"])
    print(f"  target {OUT}: {'met' if ratio <= OUT else 'NOT MET'}")


def ask_timings(path: Path, runs: int) -> None:
    """Print how long the timings of many runs take, from their rows and from their events."""
    with History(path, contents=True) as history:
        trackers = [run_of(100) for _ in range(runs)]
        for tracker in trackers:
            history.record(tracker)
        history.runs()
        rows = timed(history.timings)
        events = timed(lambda: [history.log(tracker.id) for tracker in trackers[:50]]) * runs / 50
        print(
            f"  timings of {runs:,} runs{rows:>8.3f} s; out of their events {events:.1f} s, {events / rows:,.0f} times"
        )


def kill(folder: Path, times: int) -> None:
    """Print how much of a run is missing when its kernel is killed: the longest of several times, in seconds."""
    missing: list[float] = []
    for number in range(times):
        path = folder / f"killed{number}.db"
        command = [sys.executable, "-c", CHILD, str(path)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - our own code
            if process.stdout is None:
                raise AssertionError("a pipe was asked for")
            printed: list[str] = []
            for line in process.stdout:
                printed.append(line)
                if float(line) > 1 + number * 0.017:
                    process.kill()
                    break
            printed += process.stdout.readlines()
        last = max(float(line) for line in printed if line.endswith("\n"))
        with History(path) as history:
            (elapsed,) = history.runs()["elapsed"]
            missing.append(max(0.0, last - elapsed))
    met = "met" if max(missing) <= LOST else "NOT MET"
    print(f"  killed {times} times: at most {max(missing):.3f} s are missing   target {LOST}: {met}")


def main() -> int:
    """Measure; return 1 if something came out otherwise than it went in."""
    parser = argparse.ArgumentParser(description="Measure a history.")
    parser.add_argument("--events", type=int, default=1_000_000, help="default: 1000000")
    parser.add_argument("--rounds", type=int, default=3, help="how often each takes its turn; default: 3")
    parser.add_argument("--runs", type=int, default=2_000, help="runs whose timings are asked for; default: 2000")
    parser.add_argument("--kills", type=int, default=5, help="default: 5")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        tracker = run_of(options.events)
        print(f"{len(tracker.log):,} events")
        take_in(tracker, folder / "redacted.db", contents=False)
        take_in(tracker, folder / "contents.db", contents=True)
        give_out(tracker, folder / "contents.db", options.rounds)
        ask_timings(folder / "many.db", options.runs)
        kill(folder, options.kills)
    for fault in faults:
        print(f"WRONG: {fault}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
