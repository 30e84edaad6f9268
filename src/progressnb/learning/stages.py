"""Knowledge of one stage: how long it takes, how long its first sign takes, and when it had which position."""

from __future__ import annotations

import math
from functools import cached_property
from statistics import fmean
from typing import TYPE_CHECKING, NamedTuple

from progressnb.learning.distributions import Normal, log_seconds, lognormal_moments, remaining_points
from progressnb.learning.lengths import Curve, Template, percent_position
from progressnb.learning.statistics import (
    PRIOR_DEVIATION,
    LineFit,
    Location,
    fit_line,
    huber_location,
    robust_deviation,
    shrunk_variance,
    student_inflation,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from progressnb.folds.course import Mark, StageCourse

__all__ = ["StageKnowledge", "WaitModel"]

_FORGETTING = 0.85  # the weight of a run relative to the next later one (exponential forgetting)
_WAIT_SLOPE, _WAIT_SLOPE_DEVIATION = 0.3, 0.5  # prior: how much of a long wait goes on after the first sign
_WAIT_POINTS = 7
_WAIT_PRIOR_COUNT = 2.0
_LEAST_REST = 0.01  # of the duration: a logarithm needs more than zero
_WORTH_WAITING = 1.5  # the wait model is used while its relative variance is below this multiple of the plain one's
_FREEDOM = 3


class WaitModel(NamedTuple):
    """The wait for a stage's first sign, and the rest of the stage given that wait; both are log seconds."""

    wait: Normal
    rest: LineFit


class StageKnowledge:
    """Knowledge of one stage from the past runs in which it finished.

    Indices run over those runs, the oldest first. `runs` are their numbers among all past runs, `ages` count from 1
    for the latest, `values` are log seconds without the trend that was removed.
    """

    def __init__(self, path: str, courses: Mapping[int, StageCourse], ages: Sequence[int]) -> None:
        self.path = path
        self.runs = tuple(courses)
        self.courses = tuple(courses.values())
        self.ages = tuple(ages[run] for run in self.runs)
        self.weights = tuple(_FORGETTING ** (age - 1) for age in self.ages)
        self.values = tuple(log_seconds(course.added) for course in self.courses)
        self.longest = max(course.duration for course in self.courses)  # seconds
        self.longest_silence = max(course.quiet for course in self.courses)
        self.location: Location
        self.variance = PRIOR_DEVIATION**2
        self.trend_variance = 0.0
        self.trend_share = 0.0  # of the fitted slope, 0–1, that was removed: the degrees of freedom it used
        self.template = Template.of(self.courses)

    def fit(self, pooled: float) -> None:
        """Find the centre and the variance of the values, given the pooled variance of all stages."""
        self.location = huber_location(self.values, self.weights, math.sqrt(pooled))
        self.variance = shrunk_variance(self.values, self.location.center, pooled, freedom_used=self.trend_share)

    @property
    def deviation(self) -> float:
        """The standard deviation of one run's value."""
        return math.sqrt(self.variance)

    @property
    def inflation(self) -> float:
        """The factor by which a prediction's variance exceeds `variance`, since centre and spread are estimates."""
        return (1 + 1 / self.location.count) * student_inflation(_FREEDOM + len(self.values))

    @cached_property
    def curves(self) -> tuple[Curve, ...] | None:
        """The curve of each past run, or None where most runs showed nothing on their way."""
        curves = tuple(Curve(course, self.position) for course in self.courses)
        shown = sum(curve.first is not None for curve in curves)
        return curves if 2 * shown > len(curves) else None

    @cached_property
    def wait_model(self) -> WaitModel | None:
        """The model of the wait for the first sign, or None where the plain duration predicts better."""
        curves = self.curves
        if curves is None:
            return None
        waits = [log_seconds(curve.duration if curve.first is None else curve.first) for curve in curves]
        rests = [
            log_seconds(max(_LEAST_REST * curve.duration, curve.duration - (curve.first or 0.0))) for curve in curves
        ]
        spread = robust_deviation(waits, self.deviation)
        center = huber_location(waits, self.weights, spread).center
        wait = Normal(center, shrunk_variance(waits, center, spread**2, _WAIT_PRIOR_COUNT) * self.inflation)
        rest = fit_line(
            rests,
            waits,
            huber_location(rests, self.weights, robust_deviation(rests, self.deviation)),
            noise=self.variance,
            slope=_WAIT_SLOPE,
            slope_deviation=_WAIT_SLOPE_DEVIATION,
        )
        model = WaitModel(wait, rest)
        return model if _relative_variance(model) < _WORTH_WAITING * self.variance * self.inflation else None

    def position(self, course: StageCourse, mark: Mark) -> float:
        """Return how far a course was at a mark, 0–1."""
        return percent_position(course, mark) if self.template is None else self.template.position(course, mark)


def _relative_variance(model: WaitModel) -> float:
    """Return the variance of wait plus rest divided by the squared mean (law of total variance)."""
    both = [
        (point, *lognormal_moments(model.rest.at(log_seconds(point))))
        for point in remaining_points(model.wait, 0.0, _WAIT_POINTS)
    ]
    mean = fmean(point + rest for point, rest, _ in both)
    return fmean((point + rest - mean) ** 2 + variance for point, rest, variance in both) / mean**2
