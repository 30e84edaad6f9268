"""What past runs teach of one stage: how long it takes, how long it waits, when it was how far."""

from __future__ import annotations

import math
from statistics import fmean
from typing import TYPE_CHECKING, NamedTuple

from progressnb.learning.lengths import Curve, Template, by_percent
from progressnb.learning.statistics import (
    PRIOR_SPREAD,
    Line,
    Location,
    Normal,
    explain,
    locate,
    log,
    moments,
    own_spread,
    rest_points,
    shrunk_variance,
    student,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from progressnb.folds.course import Mark, StageCourse

__all__ = ["StageKnowledge", "Waiting"]

_FADING = 0.85  # what a run counts beside the one after it
_WAIT_SLOPE, _WAIT_SLOPE_SPREAD = 0.3, 0.5  # how much of a long wait goes on after it, before runs say more
_WAIT_POINTS = 7
_NO_BETTER = 1.5  # times the variance of the whole, with which a wait still says more


class Waiting(NamedTuple):
    """How long the first sign takes to come, and what the rest takes after a wait: logarithms of seconds."""

    wait: Normal
    rest: Line


class StageKnowledge:
    """What past runs teach of one stage."""

    def __init__(self, path: str, courses: Mapping[int, StageCourse], ages: Sequence[int]) -> None:
        self.path = path
        self.runs = tuple(courses)
        self.courses = tuple(courses.values())
        self.fading = tuple(_FADING ** (ages[run] - 1) for run in self.runs)
        self.ages = tuple(ages[run] for run in self.runs)
        self.values = tuple(log(course.added) for course in self.courses)
        self.longest_silence = max(course.quiet for course in self.courses)
        self.location: Location
        self.variance = PRIOR_SPREAD**2
        self.trend_variance = 0.0
        self.straightened = 0.0  # how much of a trend was taken out
        self.template = Template.of(self.courses)
        self._curves: tuple[Curve, ...] | None = None
        self._waiting: Waiting | None = None
        self._waited = False

    def settle(self, pooled: float) -> None:
        """Find middle and spread, given how much all stages vary."""
        self.location = locate(self.values, self.fading, math.sqrt(pooled))
        self.variance = shrunk_variance(self.values, self.location.middle, pooled, lost=self.straightened)

    @property
    def deviation(self) -> float:
        """The spread of one run's value."""
        return math.sqrt(self.variance)

    @property
    def doubt(self) -> float:
        """By what factor a prediction's variance is larger, as middle and spread are known from few runs."""
        return (1 + 1 / self.location.count) * student(3 + len(self.values))

    @property
    def curves(self) -> tuple[Curve, ...] | None:
        """When each past run passed which position, or None where most showed nothing on their way."""
        if self._curves is None:
            self._curves = tuple(Curve(course, self.position) for course in self.courses)
        shown = sum(curve.first is not None for curve in self._curves)
        return self._curves if 2 * shown > len(self._curves) else None

    @property
    def waiting(self) -> Waiting | None:
        """What waits for the first sign say, or None where the whole duration is known better without them."""
        if not self._waited:
            self._waited = True
            self._waiting = self._wait_model()
        return self._waiting

    def _wait_model(self) -> Waiting | None:
        curves = self.curves
        if curves is None:
            return None
        waits = [log(curve.duration if curve.first is None else curve.first) for curve in curves]
        rests = [log(max(0.01 * curve.duration, curve.duration - (curve.first or 0.0))) for curve in curves]
        where = locate(waits, self.fading, own_spread(waits, self.deviation))
        variance = shrunk_variance(waits, where.middle, own_spread(waits, self.deviation) ** 2, 2.0) * self.doubt
        line = explain(
            rests,
            waits,
            locate(rests, self.fading, own_spread(rests, self.deviation)),
            noise=self.variance,
            slope=_WAIT_SLOPE,
            slope_spread=_WAIT_SLOPE_SPREAD,
        )
        wait = Normal(where.middle, variance)
        both = [(point, *moments(line.at(log(point)))) for point in rest_points(wait, 0.0, _WAIT_POINTS)]
        mean = fmean(point + rest for point, rest, _ in both)
        spread = fmean((point + rest - mean) ** 2 + own for point, rest, own in both) / mean**2
        return Waiting(wait, line) if spread < _NO_BETTER * self.variance * self.doubt else None

    def position(self, course: StageCourse, mark: Mark) -> float:
        """Return how far a course was at a mark."""
        return by_percent(course, mark) if self.template is None else self.template.position(course, mark)
