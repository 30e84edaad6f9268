"""Runs to record, and checks that several tests of histories share."""

import threading
from collections.abc import Callable
from pathlib import Path

import progressnb as pnb
from progressnb import History, ProgressTracker
from progressnb.testing import ManualClock
from progressnb.wire.events import Parent

PERSONAL = "Ada Lovelace, +44 20 7946 0000"


@pnb.operation(stages={"read": 0.5, "write": 0.5})
async def report(tracker: ProgressTracker, topic: str, *, fail: bool = False) -> str:
    """Read, and write a text."""
    async with tracker.stage("read") as stage:
        stage.update(50, "half way", pages=3, page=topic, model="m1")
    async with tracker.stage("write") as stage:
        stage.write(topic)
        if fail:
            raise ValueError("no paper")
    return topic


def run_of(
    seconds: float = 1.0,
    *,
    operation: str = "report",
    model: str = "m1",
    cost: float = 0.5,
    start: float = 0.0,
    parent: Parent | None = None,
    text: str = "",
) -> ProgressTracker:
    """Return a run whose stage `write` takes so many seconds, and `read` a tenth."""
    clock = ManualClock()
    clock.advance(start)
    tracker = ProgressTracker(operation, ["read", "write"], model=model, parent=parent, clock=clock)
    tracker.start()
    with tracker.stage("read"):
        clock.advance(seconds / 10)
    with tracker.stage("write") as stage:
        stage.add_usage(output_tokens=10, cost=cost)
        stage.write(text)
        clock.advance(seconds)
    tracker.done()
    return tracker


def history_of(*trackers: ProgressTracker) -> History:
    """Return a history of these runs."""
    history = History()
    for tracker in trackers:
        history.record(tracker)
    return history


def everything_in(path: Path) -> bytes:
    """Return the bytes of a history's files."""
    return b"".join(each.read_bytes() for each in path.parent.glob(f"{path.name}*"))


def until(condition: Callable[[], bool]) -> None:
    """Wait for a condition, a minute at most."""
    pause = threading.Event()
    for _ in range(6_000):
        if condition():
            return
        pause.wait(0.01)
    raise AssertionError("it never came true")
