"""The memory of events, of outputs that are being written, and of runs of hours."""

from __future__ import annotations

import gc
import statistics
import time
import tracemalloc
from typing import TYPE_CHECKING

import progressnb as pnb
from benchmarks.measures import Measure, measure

if TYPE_CHECKING:
    from collections.abc import Callable

ROUNDS = 7
WORD = "word "


def kept(work: Callable[[], object]) -> int:
    """Return the bytes that a function leaves in memory."""
    gc.collect()
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    held = work()
    gc.collect()
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    del held
    return after - before


def begun(*stages: str) -> tuple[pnb.ProgressTracker, pnb.testing.ManualClock]:
    """Return a tracker that has begun, and its clock."""
    from progressnb.testing import ManualClock

    clock = ManualClock()
    weights = dict.fromkeys(stages, 1 / len(stages))
    tracker = pnb.ProgressTracker("benchmark", stages=weights, show=False, clock=clock)
    tracker.start()
    return tracker, clock


@measure("an event kept, of the 900 of a short run", unit="B", target=500)
def an_event() -> Measure:
    """Keep events while all of them are as they came."""
    count, (tracker, _) = 900, begun("work")
    stage = tracker.stage("work")
    stage.update(0, step=0)

    def work() -> None:
        for call in range(count):
            stage.update(100 * call / count, step=call)

    bytes_kept = kept(work) / count
    return Measure(bytes_kept, sum(map(len, tracker.log.encoded())) / len(tracker.log))


@measure("a collection of garbage with 72,000 events, beside one with none", unit="ms", target=1.1, against="floor")
def a_collection() -> Measure:
    """Collect garbage beside a long log."""
    tracker, _ = begun("work")
    stage = tracker.stage("work")
    stage.update(0, step=0)

    def collections() -> list[float]:
        took = list[float]()
        for _ in range(ROUNDS):
            before = time.process_time()
            gc.collect()
            took.append((time.process_time() - before) * 1e3)
        return took

    floor = collections()
    for call in range(72_000):
        stage.update(call / 720, step=call)
    ours = collections()
    return Measure(statistics.median(ours), statistics.median(floor), None, 0.1)


def streamed(size: int, token: str) -> float:
    """Return the bytes that are kept of each character of an output, of 1,000 tokens a second that nobody reads."""
    tracker, clock = begun("work")
    stage = tracker.stage("work")
    stage.start()

    def work() -> None:
        for _ in range(size // len(token)):
            stage.write(token)
            clock.advance(0.001)

    return kept(work) / size


@measure("an output that streams, kept: 1 MB in pieces of 12 characters", unit="B a character", target=2.5)
def an_output() -> Measure:
    """Stream in larger pieces."""
    return Measure(streamed(1_000_000, "lorem ipsum "), 1.0)


@measure("an output that streams, kept: 400 KB in tokens of 4 characters", unit="B a character", target=2.5)
def an_output_of_tokens() -> Measure:
    """Stream in small pieces."""
    return Measure(streamed(400_000, "wor "), 1.0)


@measure("a buffer of tokens that nobody reads", unit="B a character", target=2.5)
def a_buffer() -> Measure:
    """Append tokens of four characters."""
    from progressnb.wire.buffer import OutputBuffer

    def work() -> OutputBuffer:
        buffer = OutputBuffer()
        for number in range(250_000):
            buffer.append(f"{number % 1000:3} ")
        return buffer

    return Measure(kept(work) / 1_000_000, 1.0)


def hours(count: int, step: float) -> float:
    """Return the megabytes that are kept of hours of 1,000 tokens a second, gathered for `step` seconds each time."""
    tracker, clock = begun("answer", "rows")
    answer, rows = tracker.stage("answer"), tracker.stage("rows")
    answer.start()
    rows.start()
    ticks = round(count * 3_600 / step)

    def work() -> None:
        for tick in range(ticks):
            answer.write(WORD * round(1_000 * step))
            rows.update(100 * tick / ticks, f"row {tick}")
            clock.advance(step)

    return kept(work) / 1e6


@measure("an hour of 1,000 tokens and 10 updates a second", unit="MB", target=60)
def an_hour() -> Measure:
    """Keep an hour."""
    return Measure(hours(1, 0.1), 3_600_000 * len(WORD) / 1e6)


@measure("a day of 1,000 tokens a second, beside eight hours", unit="MB", target=1.2, against="floor", own=True)
def a_day() -> Measure:
    """Keep a day: beyond some hours the log and the text are bounded, whatever the length."""
    return Measure(hours(24, 2), hours(8, 2))
