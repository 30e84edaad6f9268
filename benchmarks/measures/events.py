"""The time of events, made and read, and of reports between two events.

Each row takes turns with its floor, the same facts without us, so that a noisy moment falls on both.
"""

from __future__ import annotations

import asyncio
import gc
import statistics
import sys
import threading
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from pydantic_core import to_json

import progressnb as pnb
from benchmarks.measures import Measure, measure

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

ROUNDS = 7
EVENTS = 5_000
CALLS = 50_000


def in_turns(ours: Callable[[], float], floor: Callable[[], float], rounds: int = ROUNDS) -> Measure:
    """Measure both in turns; return the medians, and how far apart the middle half of ours lies."""
    ours(), floor()  # what loads at first use
    took = [(ours(), floor()) for _ in range(rounds)]
    own = sorted(each for each, _ in took)
    median = statistics.median(own)
    spread = (own[-1 - rounds // 4] - own[rounds // 4]) / median
    return Measure(median, statistics.median(each for _, each in took), None, spread)


def microseconds(work: Callable[[], object], count: int) -> float:
    """Return the CPU time of one of so many calls that a function makes."""
    gc.collect()
    before = time.process_time()
    work()
    return (time.process_time() - before) / count * 1e6


# --- an event ----------------------------------------------------------------------------------------


def bare_events() -> float:
    """Append so many events as plain data, encoded, under a lock."""
    lock, log = threading.RLock(), list[bytes]()

    def work() -> None:
        for seq in range(EVENTS):
            with lock:
                event: dict[str, Any] = {
                    "v": 1,
                    "run_id": "0123456789abcdef0123456789abcdef",
                    "seq": seq,
                    "timestamp": datetime.now(UTC),
                    "elapsed": time.monotonic(),
                    "operation": "benchmark",
                    "stage": "work",
                    "type": "progress",
                    "status": "running",
                    "stage_progress": 50.0,
                    "overall_progress": 50.0,
                    "message": None,
                    "data": {"step": seq},
                    "weight": None,
                    "title": None,
                    "duration": None,
                }
                log.append(to_json(event))

    return microseconds(work, EVENTS)


async def write_events(readers: int) -> float:
    """Write so many events, each with a fact, for readers that are awaited; return the CPU time of one."""
    async with pnb.ProgressTracker("benchmark", stages={"work": 1}, show=False) as tracker:

        async def read() -> int:
            count = 0
            async for _ in tracker.log.follow():
                count += 1
            return count

        following = [asyncio.create_task(read()) for _ in range(readers)]
        async with tracker.stage("work") as stage:
            await asyncio.sleep(0)
            gc.collect()
            before = time.process_time()
            for call in range(EVENTS):
                await stage.update(100 * call / EVENTS, step=call)
            await asyncio.sleep(0)
            used = time.process_time() - before
    if await asyncio.gather(*following) != [len(tracker.log)] * readers:
        raise AssertionError("a reader missed an event")
    return used / EVENTS * 1e6


@measure("an event: record, fold, encode, append", unit="µs", target=8 / 2.9, against="floor")
def an_event() -> Measure:
    """Write an event that nobody reads."""
    return in_turns(lambda: asyncio.run(write_events(0)), bare_events)


@measure("an event, 10 awaited readers", unit="µs", target=16 / 2.9, against="floor")
def an_event_with_readers() -> Measure:
    """Write an event that ten tasks read."""
    return in_turns(lambda: asyncio.run(write_events(10)), bare_events)


# --- between events ----------------------------------------------------------------------------------


def begun(*stages: str) -> pnb.ProgressTracker:
    """Return a tracker that has begun."""
    tracker = pnb.ProgressTracker("benchmark", stages=dict.fromkeys(stages, 1 / len(stages)), show=False)
    tracker.start()
    return tracker


def bare_calls() -> float:
    """Store a number under a lock, if it is the largest."""
    lock, box, monotonic = threading.RLock(), {"floor": 0.0, "due": time.monotonic() + 1e9}, time.monotonic

    def call(percent: float) -> None:
        with lock:
            box["floor"] = max(box["floor"], percent)
            monotonic()

    def work() -> None:
        for number in range(CALLS):
            call(100 * number / CALLS)

    return microseconds(work, CALLS)


def calls(report: Callable[[pnb.StageHandle, float], object], *, depth: int = 0, beside: int = 0) -> float:
    """Report from a stage of some depth, with so many stages at work beside it; return the CPU time of a call."""
    tracker = begun("work", "others")
    stage = tracker.stage("work")
    stage.start()
    for number in range(depth):
        stage = stage.stage(f"below {number}")
        stage.start()
    others = tracker.stage("others")
    for number in range(beside):
        others.stage(f"beside {number}", weight=1 / beside).start()

    def work() -> None:
        for number in range(CALLS):
            report(stage, 100 * number / CALLS)

    return microseconds(work, CALLS)


def update(stage: pnb.StageHandle, percent: float) -> object:
    """Say a percent."""
    return stage.update(percent)


def say(stage: pnb.StageHandle, percent: float) -> object:
    """Say a percent and a message."""
    return stage.update(percent, "reading the job")


def write(stage: pnb.StageHandle, _percent: float) -> object:
    """Write a few characters."""
    return stage.write("lorem ipsum ")


@measure("stage.update(percent)", unit="µs", target=1.0 / 0.46, against="floor")
def an_update() -> Measure:
    """Say a percent between two events."""
    return in_turns(lambda: calls(update), bare_calls)


@measure("stage.update(percent), 60 stages deep", unit="µs", target=1.0 / 0.46, against="floor")
def an_update_deep() -> Measure:
    """Say a percent far below."""
    return in_turns(lambda: calls(update, depth=60), bare_calls)


@measure("stage.update(percent), 1,000 stages at work", unit="µs", target=1.0 / 0.46, against="floor")
def an_update_beside_many() -> Measure:
    """Say a percent beside many."""
    return in_turns(lambda: calls(update, beside=1_000), bare_calls, 3)


@measure("stage.update(percent, message)", unit="µs", target=1.0 / 0.46, against="floor")
def an_update_with_a_message() -> Measure:
    """Say a percent and a message."""
    return in_turns(lambda: calls(say), bare_calls)


@measure("stage.write(text)", unit="µs", target=1.0 / 0.46, against="floor")
def a_write() -> Measure:
    """Write some characters between two events."""
    return in_turns(lambda: calls(write), bare_calls)


@measure("stage.write(text), 60 stages deep", unit="µs", target=1.0 / 0.46, against="floor")
def a_write_deep() -> Measure:
    """Write some characters far below."""
    return in_turns(lambda: calls(write, depth=60), bare_calls)


# --- calls -------------------------------------------------------------------------------------------


def called(report: Callable[[pnb.StageHandle], object]) -> tuple[int, int]:
    """Return how many functions of ours a report calls once the stage is at work, and in how many files."""
    from pathlib import Path

    ours = str(Path(pnb.__file__).parent)
    found = list[str]()

    def note(frame: FrameType, event: str, _argument: object) -> None:
        if event == "call" and frame.f_code.co_filename.startswith(ours):
            found.append(frame.f_code.co_filename)

    stage = begun("work").stage("work")
    for _ in range(3):
        report(stage)
    sys.setprofile(note)
    try:
        report(stage)
    finally:
        sys.setprofile(None)
    return len(found), len(set(found))


@measure("a token that is written, calls of ours (floor: files)", unit="calls", target=19)
def calls_of_a_token() -> Measure:
    """Write a token between two events; it was 20–23 calls in 8–9 files before."""
    return Measure(*called(lambda stage: stage.write("word ")))


@measure("an event, calls of ours (floor: files)", unit="calls")
def calls_of_an_event() -> Measure:
    """Report a fact, which is an event at once."""
    return Measure(*called(lambda stage: stage.update(50, step=1)))
