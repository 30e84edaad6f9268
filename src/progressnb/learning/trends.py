"""Runs that become slower from one to the next: a trend is taken out, unless chance makes it as well."""

from __future__ import annotations

import math
from statistics import fmean, median
from typing import TYPE_CHECKING

from progressnb.learning.statistics import PRIOR_SPREAD, pooled_variance

if TYPE_CHECKING:
    from progressnb.learning.stages import StageKnowledge

__all__ = ["straighten"]

_OUTLYING = 2.0  # deviations
_ENOUGH_FOR_TREND = 4
_PRIOR_COUNT = 0.25


def straighten(stages: list[StageKnowledge]) -> None:
    """Take a trend from run to run out of what stages took, as far as stages do have trends."""
    fits: list[tuple[StageKnowledge, float, float, float]] = []  # slope, squares of ages, middle age
    left = freedom = 0.0
    most = _OUTLYING * math.sqrt(pooled_variance([stage.values for stage in stages]))
    for stage in stages:
        count = len(stage.values)
        if count < _ENOUGH_FOR_TREND:
            continue
        middle = median(stage.values)
        # One run that was cold is no trend.
        near = [max(middle - most, min(middle + most, value)) for value in stage.values]
        age, value = fmean(stage.ages), fmean(near)
        squares = math.fsum((own - age) ** 2 for own in stage.ages)
        slope = math.fsum((own - age) * seen for own, seen in zip(stage.ages, near, strict=True)) / squares
        off = [seen - value - slope * (own - age) for own, seen in zip(stage.ages, near, strict=True)]
        left += math.fsum(one * one for one in off)
        freedom += count - 2
        fits.append((stage, slope, squares, age))
    if not fits:
        return
    noise = (left + _PRIOR_COUNT * PRIOR_SPREAD**2) / (freedom + _PRIOR_COUNT)
    # First what all stages have in common, then how much more they differ than chance alone makes them.
    found = fmean(slope for _, slope, _, _ in fits)
    doubt = fmean(noise / squares for _, _, squares, _ in fits)
    common, common_variance = _shrunk_slope(found, _doubt_of_runs(stages, noise, doubt / len(fits)))
    excess = math.fsum((slope - common) ** 2 - 2 * noise / squares for _, slope, squares, _ in fits)
    true = max(0.0, excess / (1 + len(fits)))
    for stage, slope, squares, age in fits:
        kept = true / (true + noise / squares)
        trend = common + kept * (slope - common)
        stage.straightened = min(1.0, abs(trend / slope)) if slope else 0.0
        stage.values = tuple(v - trend * own for v, own in zip(stage.values, stage.ages, strict=True))
        stage.trend_variance = ((1 - kept) * true + common_variance) * age**2


def _shrunk_slope(slope: float, doubt: float) -> tuple[float, float]:
    """Return a slope and its variance, shrunk to none unless it is more than chance makes it."""
    true = max(0.0, slope**2 - 2 * doubt)
    kept = true / (true + doubt)
    return kept * slope, kept * doubt


def _doubt_of_runs(stages: list[StageKnowledge], noise: float, least: float) -> float:
    """Return the variance of a trend that all stages have: runs that vary as a whole make it less sure."""
    by_run: dict[int, list[float]] = {}
    for stage in stages:
        middle = median(stage.values)
        for age, value in zip(stage.ages, stage.values, strict=True):
            by_run.setdefault(age, []).append(value - middle)
    ages = [float(age) for age in by_run]
    means = [fmean(values) for values in by_run.values()]
    centre, level = fmean(ages), fmean(means)
    squares = math.fsum((age - centre) ** 2 for age in ages)
    slope = math.fsum((age - centre) * (mean - level) for age, mean in zip(ages, means, strict=True)) / squares
    left = math.fsum((mean - level - slope * (age - centre)) ** 2 for age, mean in zip(ages, means, strict=True))
    return (2 * least + left / squares) / len(means) if len(means) > 2 else noise  # noqa: PLR2004 - two make a line
