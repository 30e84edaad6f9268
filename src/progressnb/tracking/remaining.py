"""The seconds that remain of a run without a history, where something that is counted gives ground for them.

Ground is a percent that code reported, a loop with a total, an output of a known length, and the declared weights of
the stages to come. A placeholder is no ground, nor is the guess of how much of an output is written. Points that nobody
worked for (skipped and restored stages) do not count for the pace. As soon as the stage at work has a pace of its own,
that of the run before it says no more: declared weights are somebody's guess.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from progressnb.tracking.counted import CountedWork
from progressnb.tracking.percent import FULL

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from progressnb.tracking.waits import Waits
    from progressnb.tracking.work import Work

__all__ = ["NEWS_AFTER", "TICK", "AtWork", "TimeLeft", "measured_remaining"]

TICK = 1.0
"""Seconds between two looks at what time alone changes."""

NEWS_AFTER = 5.0
"""Seconds after which the remaining time is written again, whether or not the run has moved."""


_NEWS_SECONDS, _NEWS_SHARE = 1.0, 0.05  # by which the time left must differ from what was written last to be news
_MANY = 50  # stages at work above which it is computed once in `_SOON` seconds, and not with each event
_SOON = 0.1
_ENOUGH_DONE = 10.0  # percent points
_ENOUGH_SEEN = 3.0  # seconds
_OWN_DONE, _OWN_SEEN = 5.0, 1.0  # percent points and seconds of a stage that has a pace of its own


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


def measured_remaining(
    root: Work, stages: Iterable[AtWork], moved: float, elapsed: float, since: tuple[float, float] = (0.0, 0.0)
) -> float | None:
    """Return the seconds that remain, or None without ground.

    Args:
        root: The work of the run.
        stages: The stages at work.
        moved: When the percent moved last, in seconds since the run began, without waits for people.
        elapsed: The seconds since the run began, without these.
        since: When the run moved last before the stage at work did, in the same seconds, and the points earned by then.

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
    took, gained = moved - since[0], earned - since[1]
    if took >= _OWN_SEEN and gained >= _OWN_DONE:
        each = took / gained
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


def _any_loop(stages: Iterable[AtWork]) -> bool:
    """Return whether a loop with a known pace is at work. Stages above those at work are at work too."""
    for stage in stages:
        work = stage.work
        if work.counts_items and _loop_of(stage) is not None:
            return True
    return False


class TimeLeft:
    """The time left of one run as its events have told it, and what is news of it. Called under the run's lock.

    Times are in seconds since the run began. `told` is when it was written last, `carried` when it was computed last
    because an event of a stage could carry it.
    """

    def __init__(self, waits: Waits) -> None:
        self._waits = waits
        self.told = float("-inf")
        self.carried = float("-inf")
        self._seconds: float | None = None  # as they were written last
        self._doubt: str | None = None  # why the forecast of past runs was taken back
        self._moved = 0.0  # when the work moved last, without waits
        self._value: float = 0.0  # of the work, then
        self._at_work = 0  # stages, at the latest look
        self._place: int | None = None  # the identity of the one stage at work that is in no other
        self._since = 0.0, 0.0  # when the run moved last before that stage did, and the points that were earned then

    def measured(self, root: Work, stages: Collection[AtWork], value: float, elapsed: float) -> dict[str, Any] | None:
        """Return what is measured, as data, where it is news, once a second at most; else None.

        `value` is that of the root.
        """
        worked = elapsed - self._waits.seconds(elapsed)
        if value != self._value:
            self._value, self._moved = value, worked
        if len(stages) != self._at_work:
            self._at_work = len(stages)
            self._note_place(root, stages)
        if elapsed - self.told < TICK or (elapsed - self.carried < _SOON and len(stages) > _MANY):
            return None
        self.carried = elapsed
        # In the first seconds only a loop gives ground, and nobody knows when a person answers.
        is_known = (worked >= _ENOUGH_SEEN or _any_loop(stages)) and not self._waits.is_waiting()
        seconds = measured_remaining(root, stages, self._moved, worked, self._since) if is_known else None
        if seconds is self._seconds or not self._is_news(seconds):
            return None
        self._seconds, self.told = seconds, elapsed
        return {"remaining": None if seconds is None else round(seconds, 1)}

    def _note_place(self, root: Work, stages: Collection[AtWork]) -> None:
        """Take note of where the run is at work: several stages beside each other have the pace of the run."""
        places = [id(stage) for stage in stages if stage.above is None]
        place = places[0] if len(places) == 1 else None
        if place != self._place:
            self._place = place
            self._since = (self._moved, root.value - root.given) if place is not None else (0.0, 0.0)

    def learned(
        self, remaining: tuple[float, float, float], doubt: str | None, elapsed: float, *, has_moved: bool
    ) -> dict[str, Any]:
        """Return the forecast of past runs, as data, where it is news; with a doubt there is no number."""
        news: dict[str, Any] = {} if doubt == self._doubt else {"forecast": doubt}
        self._doubt = doubt
        if doubt is not None:
            self._seconds, self.told = None, elapsed
            return {"remaining": None, **news} if news else {}
        if not has_moved and elapsed - self.told < NEWS_AFTER and not self._is_news(remaining[1]):
            return {}
        self._seconds, self.told = remaining[1], elapsed
        return {"remaining": [round(one, 1) for one in remaining], **news}

    def _is_news(self, seconds: float | None) -> bool:
        told = self._seconds
        if told is None or seconds is None:
            return told is not seconds
        return abs(seconds - told) >= max(_NEWS_SECONDS, _NEWS_SHARE * told)
