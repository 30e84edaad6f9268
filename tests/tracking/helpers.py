"""Trackers that several tests begin, and what their logs say."""

from typing import Any

from progressnb import Stage
from progressnb.testing import ManualClock
from progressnb.tracking.handle import StageHandle
from progressnb.tracking.tracker import ProgressTracker

STAGES = {"extract": 1, "load": 3}


def tracker_of(*stages: Stage, clock: ManualClock | None = None) -> ProgressTracker:
    """Make a tracker of these stages whose clock stands still."""
    return ProgressTracker("op", stages or None, clock=clock or ManualClock(), show=False)


def started(stages: Any = STAGES) -> tuple[ProgressTracker, ManualClock]:
    """Begin a run on a clock that stands still."""
    clock = ManualClock()
    tracker = ProgressTracker("etl", stages, clock=clock)
    tracker.start()
    return tracker, clock


def at_work() -> tuple[ProgressTracker, StageHandle, ManualClock]:
    """Begin a run with a stage at work, on a clock that stands still."""
    tracker, clock = started(["s", "t"])
    stage = tracker.stage("s")
    stage.start()
    return tracker, stage, clock


def types(tracker: ProgressTracker) -> list[str]:
    """Show the log as stage and status, or the event's type."""
    return [f"{event.stage}:{getattr(event, 'status', event.type)}" for event in tracker.log]
