"""The seconds that remain of a run without a history, where something that is counted gives ground for them.

Ground is a percent that code reported, a loop with a total, an output of a known length, and the declared weights of
the stages to come. A placeholder is no ground, nor is the guess of how much of an output is written. Points that nobody
worked for (skipped and restored stages) do not count for the pace.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from progressnb.tracking.percent import FULL, CountedWork

if TYPE_CHECKING:
    from collections.abc import Iterable

    from progressnb.tracking.percent import Work

__all__ = ["AtWork", "measured_remaining"]

_ENOUGH_DONE = 10.0  # percent points
_ENOUGH_SEEN = 3.0  # seconds


class AtWork(Protocol):
    """A stage at work."""

    @property
    def work(self) -> Work:
        """Its piece of work."""
        ...

    @property
    def above(self) -> AtWork | None:
        """The stage above, or None."""
        ...


def measured_remaining(root: Work, stages: Iterable[AtWork], moved: float, elapsed: float) -> float | None:
    """Return the seconds that remain, or None without ground.

    Args:
        root: The work of the run.
        stages: The stages at work.
        moved: When the percent moved last, in seconds since the run began.
        elapsed: The seconds since the run began.

    """
    at_work = list(stages)
    above = {id(stage.above) for stage in at_work}
    innermost = [stage for stage in at_work if id(stage) not in above]
    if not innermost:
        return None
    left = FULL - root.value - root.unclaimed
    left -= sum(stage.work.unclaimed * stage.work.points / FULL for stage in at_work)
    loops = [_loop_of(stage) for stage in innermost]
    earned = root.value - root.given
    each = moved / earned if earned > 0 else 0.0  # seconds a percent point, by the run so far
    counted = {id(loop): loop for loop in loops if loop is not None}
    if counted and all(loops):
        seconds = [loop.left() if loop.left is not None else None for loop in counted.values()]
        known = [one for one in seconds if one is not None]
        if len(known) < len(seconds):
            return None
        after = left - sum((FULL - loop.value) * loop.points / FULL for loop in counted.values())
        return max(known) + max(0.0, after) * each
    if not all(loop is not None or stage.work.has_ground for stage, loop in zip(innermost, loops, strict=True)):
        return None
    if earned < _ENOUGH_DONE or elapsed < _ENOUGH_SEEN:
        return None
    remaining = left * each - (elapsed - moved)
    return remaining if remaining > 0 else None


def _loop_of(stage: AtWork) -> CountedWork | None:
    """Return the outermost loop with a known pace that a stage is part of."""
    found: CountedWork | None = None
    box: AtWork | None = stage
    while box is not None:
        if isinstance(box.work, CountedWork) and box.work.left is not None:
            found = box.work
        box = box.above
    return found
