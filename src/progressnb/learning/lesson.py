"""The lesson of an operation's past runs: one frozen knowledge that all of its runs at work share.

What holds for every run before it begins is found once: its usual duration, and the seconds of its stages. What depends
on how far a run is costs about a millisecond each time, so the runs together ask ten times a second at most.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, NamedTuple, TypeAlias, TypeVar
from weakref import WeakSet

from progressnb.folds.course import PastRun
from progressnb.learning.distributions import interval_of, usual_total
from progressnb.learning.forecast import RunForecast

if TYPE_CHECKING:
    from collections.abc import Mapping

    from progressnb.learning.distributions import Interval
    from progressnb.learning.knowledge import Knowledge

__all__ = ["PAUSE", "Beginning", "Lesson", "Turns"]

T = TypeVar("T")
_Declared: TypeAlias = "tuple[tuple[str, float], ...]"

PAUSE = 0.1
"""Seconds between two questions of the runs of one operation."""

_IN_A_SECOND = 10  # questions of one run whose stages begin and end faster than that
_BEGINNINGS = 16  # declarations that are kept: those of a run that is taken up again may differ


class Beginning(NamedTuple):
    """The forecast of a run that begins: the seconds that its percent is measured against, and those that remain."""

    total: float
    left: Interval


class Lesson:
    """The knowledge of one operation and model, and what follows from it for every run. Any thread may ask."""

    def __init__(self, knowledge: Knowledge) -> None:
        self.knowledge = knowledge
        self._at_work: WeakSet[Turns] = WeakSet()
        self._beginnings: dict[_Declared, Beginning | None] = {}
        self._durations: dict[_Declared, Mapping[str, float]] = {}

    def beginning(self, declared: Mapping[str, float]) -> Beginning | None:
        """Return the forecast of a run with these declared stages that begins, or None where past runs say nothing."""
        key = tuple(declared.items())
        if key not in self._beginnings:
            found = RunForecast(self.knowledge, PastRun(declared=dict(declared))).remaining(0.0)
            made = None if found is None else Beginning(usual_total(found, 0.0), interval_of(found))
            self._beginnings = {**_latest(self._beginnings), key: made}
        return self._beginnings[key]

    def durations(self, declared: Mapping[str, float]) -> Mapping[str, float]:
        """Return the seconds that are expected of each stage at the top, by path; empty without ground."""
        key = tuple(declared.items())
        if key not in self._durations:
            found = RunForecast(self.knowledge, PastRun()).durations(declared)
            self._durations = {**_latest(self._durations), key: found}
        return self._durations[key]

    def take_part(self) -> Turns:
        """Return the turns of a run that is about to ask."""
        return Turns(self._at_work)


class Turns:
    """The turns in which one run asks: ten a second of all runs at work, shared out evenly."""

    def __init__(self, at_work: WeakSet[Turns]) -> None:
        self._at_work = at_work
        self._times: deque[float] = deque(maxlen=_IN_A_SECOND)
        at_work.add(self)

    @property
    def is_alone(self) -> bool:
        """Whether no other run of the operation is at work."""
        return len(self._at_work) <= 1

    def may_ask(self, elapsed: float, asked: float, *, has_changed: bool) -> bool:
        """Return whether it is the run's turn; times are seconds since it began, `asked` that of its last question.

        A run alone asks at once where one of its stages has begun or ended.
        """
        is_due = elapsed - asked >= PAUSE * max(1, len(self._at_work)) or (has_changed and self.is_alone)
        return is_due and (len(self._times) < _IN_A_SECOND or elapsed - self._times[0] >= 1.0)

    def take(self, elapsed: float) -> None:
        """Take note of a question."""
        self._times.append(elapsed)

    def leave(self) -> None:
        """Leave the turns to the others."""
        self._at_work.discard(self)


def _latest(found: dict[_Declared, T]) -> dict[_Declared, T]:
    return found if len(found) < _BEGINNINGS else {}
