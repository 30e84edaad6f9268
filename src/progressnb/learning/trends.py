"""Trends from run to run: runs that become slower or faster, taken out of the values unless chance explains them.

A run's age is 1 for the latest, 2 for the one before it and so on. A least-squares slope of each stage's log seconds
over age is split into what all stages have in common and what is the stage's own. Each part is shrunk to zero as far
as it is no larger than chance makes it (empirical Bayes).
"""

from __future__ import annotations

import math
from statistics import fmean, median
from typing import TYPE_CHECKING, NamedTuple

from progressnb.learning.statistics import PRIOR_DEVIATION, pooled_variance

if TYPE_CHECKING:
    from collections.abc import Sequence

    from progressnb.learning.stages import StageKnowledge

__all__ = ["remove_trends"]

_WINSOR_BOUND = 2.0  # standard deviations at which a value is cut
_RUNS_FOR_A_TREND = 4
_PRIOR_COUNT = 0.25  # values that the prior variance is worth


class _Slope(NamedTuple):
    """The least-squares slope of one stage's log seconds over age."""

    stage: StageKnowledge
    slope: float
    squares: float  # of the ages around their mean
    mean_age: float
    residuals: float  # sum of squares
    freedom: int

    @classmethod
    def of(cls, stage: StageKnowledge, bound: float) -> _Slope:
        center = median(stage.values)
        # Winsorized: one run that was slow because it was cold makes no trend.
        values = [max(center - bound, min(center + bound, value)) for value in stage.values]
        mean_age, mean = fmean(stage.ages), fmean(values)
        squares = math.fsum((age - mean_age) ** 2 for age in stage.ages)
        slope = math.fsum((age - mean_age) * value for age, value in zip(stage.ages, values, strict=True)) / squares
        residuals = [value - mean - slope * (age - mean_age) for age, value in zip(stage.ages, values, strict=True)]
        return cls(stage, slope, squares, mean_age, math.fsum(one * one for one in residuals), len(values) - 2)


def remove_trends(stages: Sequence[StageKnowledge]) -> None:
    """Subtract from each stage's values the trend that it is believed to have."""
    bound = _WINSOR_BOUND * math.sqrt(pooled_variance([stage.values for stage in stages]))
    fits = [_Slope.of(stage, bound) for stage in stages if len(stage.values) >= _RUNS_FOR_A_TREND]
    if not fits:
        return
    residuals, freedom = sum(fit.residuals for fit in fits), sum(fit.freedom for fit in fits)
    noise = (residuals + _PRIOR_COUNT * PRIOR_DEVIATION**2) / (freedom + _PRIOR_COUNT)
    mean_slope = fmean(fit.slope for fit in fits)
    mean_variance = fmean(noise / fit.squares for fit in fits)
    common, common_variance = _shrunk_slope(mean_slope, _common_variance(stages, noise, mean_variance / len(fits)))
    # The variance between stages' slopes beyond what chance alone makes.
    excess = math.fsum((fit.slope - common) ** 2 - 2 * noise / fit.squares for fit in fits)
    between = max(0.0, excess / (1 + len(fits)))
    for stage, slope, squares, mean_age, *_ in fits:
        kept = between / (between + noise / squares)
        trend = common + kept * (slope - common)
        stage.trend_share = min(1.0, abs(trend / slope)) if slope else 0.0
        stage.values = tuple(value - trend * age for value, age in zip(stage.values, stage.ages, strict=True))
        stage.trend_variance = ((1 - kept) * between + common_variance) * mean_age**2


def _shrunk_slope(slope: float, variance: float) -> tuple[float, float]:
    """Return a slope and its variance, shrunk to zero unless the slope is larger than chance makes it."""
    signal = max(0.0, slope**2 - 2 * variance)
    kept = signal / (signal + variance)
    return kept * slope, kept * variance


def _common_variance(stages: Sequence[StageKnowledge], noise: float, least: float) -> float:
    """Return the variance of the slope that all stages share: it is less sure where whole runs are fast or slow."""
    by_age: dict[int, list[float]] = {}
    for stage in stages:
        center = median(stage.values)
        for age, value in zip(stage.ages, stage.values, strict=True):
            by_age.setdefault(age, []).append(value - center)
    ages = [float(age) for age in by_age]
    means = [fmean(values) for values in by_age.values()]
    mean_age, mean = fmean(ages), fmean(means)
    squares = math.fsum((age - mean_age) ** 2 for age in ages)
    slope = math.fsum((age - mean_age) * (value - mean) for age, value in zip(ages, means, strict=True)) / squares
    residuals = math.fsum(
        (value - mean - slope * (age - mean_age)) ** 2 for age, value in zip(ages, means, strict=True)
    )
    return (2 * least + residuals / squares) / len(means) if len(means) > 2 else noise  # noqa: PLR2004 - two points make a line
