"""Robust, shrunk statistics of a few values: centre, spread and a line through them.

A few runs don't know their own spread, so it is shrunk towards that of all stages, and that towards a prior
(empirical Bayes). One odd run must not decide, so outliers count less (Huber). Values are log seconds. All functions
are pure.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

from progressnb.learning.distributions import Normal, clamped

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "PRIOR_DEVIATION",
    "IdentityFit",
    "LineFit",
    "Location",
    "fit_identity",
    "fit_line",
    "huber_location",
    "pooled_variance",
    "robust_deviation",
    "shrunk_variance",
    "student_inflation",
]

PRIOR_DEVIATION = 0.3
"""The standard deviation of a stage's log seconds before any run says more: about 30 %."""

_PRIOR_COUNT = 0.25  # values that the prior variance is worth
_WINSOR_BOUND = 2.3  # standard deviations at which a squared deviation is cut
_HUBER_BOUND = 2.0  # standard deviations beyond which a value counts less
_ITERATIONS = 3
_MEDIAN_TO_VARIANCE = 2.2  # 1.4826 squared: from the median squared deviation of a normal to its variance
_SMALL = 1e-9


def pooled_variance(groups: Sequence[Sequence[float]], freedom_used: float = 0.0) -> float:
    """Return the variance within groups of values, shrunk towards the prior.

    `freedom_used` counts the degrees of freedom that an earlier fit of the same values took.
    """
    total, freedom = _PRIOR_COUNT * PRIOR_DEVIATION**2, _PRIOR_COUNT - freedom_used
    squares: list[float] = []
    for values in groups:
        center = median(values)
        # The smallest deviation is zero, or one of two equal ones around the median: it says nothing of the spread.
        squares += sorted((value - center) ** 2 for value in values)[1:]
    if squares:
        # Winsorized: an outlier concerns its own stage and is no reason to doubt the others.
        most = _WINSOR_BOUND**2 * max(_SMALL, _MEDIAN_TO_VARIANCE * median(squares))
        total += math.fsum(min(most, square) for square in squares)
        freedom += len(squares)
    return total / freedom


def shrunk_variance(
    values: Sequence[float], center: float, prior: float, prior_count: float = 4.0, *, freedom_used: float = 0.0
) -> float:
    """Return the winsorized variance of values around a centre, shrunk towards `prior`.

    The prior is worth `prior_count` values (the posterior mean under a scaled inverse chi-squared prior).
    """
    most = _WINSOR_BOUND**2 * prior
    squares = math.fsum(min(most, (value - center) ** 2) for value in values)
    return (prior_count * prior + squares) / (prior_count + max(0.0, len(values) - 1 - freedom_used))


def robust_deviation(values: Sequence[float], least: float) -> float:
    """Return the scaled median absolute deviation of values, but at least `least`."""
    center = median(values)
    return max(least, math.sqrt(_MEDIAN_TO_VARIANCE * median((value - center) ** 2 for value in values)))


def student_inflation(freedom: float) -> float:
    """Return the factor for a normal's variance that gives it the middle 80 % of Student's t.

    `freedom` is the degrees of freedom; 1 + 1.3 / freedom approximates the squared ratio of the 90 % quantiles.
    """
    return 1 + 1.3 / freedom


@dataclass(frozen=True, slots=True)
class Location:
    """A robust centre of values, the weight of each, and the effective sample size (Kish)."""

    center: float
    weights: tuple[float, ...]
    count: float


def huber_location(values: Sequence[float], weights: Sequence[float], deviation: float) -> Location:
    """Return the weighted Huber location of values: iteratively reweighted means from the weighted median.

    A value more than two deviations off the centre counts less, in inverse proportion to its distance.
    """
    ordered = sorted(zip(values, weights, strict=True))
    half, below = sum(weights) / 2, 0.0
    center = ordered[-1][0]
    for value, weight in ordered:
        below += weight
        if below >= half:
            center = value
            break
    robust = tuple(weights)
    for _ in range(_ITERATIONS):
        robust = tuple(
            weight * min(1.0, _HUBER_BOUND * deviation / max(_SMALL, abs(value - center)))
            for value, weight in zip(values, weights, strict=True)
        )
        center = math.fsum(weight * value for value, weight in zip(values, robust, strict=True)) / sum(robust)
    return Location(center, robust, sum(robust) ** 2 / math.fsum(weight**2 for weight in robust))


class LineFit(NamedTuple):
    """A line that predicts a value from a predictor.

    `variance` is that of a new value at the predictor's mean, `slope_variance` that of the slope. `evidence` is the
    log of the odds (a Bayes factor) for the line against predicting the mean.
    """

    predictor_mean: float
    value_mean: float
    slope: float
    variance: float
    slope_variance: float
    evidence: float

    def at(self, predictor: float) -> Normal:
        """Return the predictive distribution of the value for a predictor."""
        distance = predictor - self.predictor_mean
        mean = self.value_mean + self.slope * distance
        return clamped(Normal(mean, self.variance + distance * distance * self.slope_variance))


class IdentityFit(NamedTuple):
    """The fit of values by the predictors themselves.

    `variance` is that of a new value; `evidence` compares with `LineFit.evidence`.
    """

    variance: float
    evidence: float


class _Sums(NamedTuple):
    """Weighted sums of squares, scaled to the effective sample size."""

    predictor_mean: float
    value_mean: float
    predictors: float  # squares around the mean
    products: float
    values: float  # squares around the mean

    @classmethod
    def of(cls, values: Sequence[float], predictors: Sequence[float], location: Location) -> _Sums:
        """Sum up values and predictors with the weights of a location."""
        count = location.count
        points = list(zip(_normalized(location), predictors, values, strict=True))
        value_mean = math.fsum(w * v for w, _, v in points)
        predictor_mean = math.fsum(w * x for w, x, _ in points)
        return cls(
            predictor_mean,
            value_mean,
            count * math.fsum(w * (x - predictor_mean) ** 2 for w, x, _ in points),
            count * math.fsum(w * (x - predictor_mean) * (v - value_mean) for w, x, v in points),
            count * math.fsum(w * (v - value_mean) ** 2 for w, _, v in points),
        )


def _normalized(location: Location) -> list[float]:
    total = sum(location.weights)
    return [weight / total for weight in location.weights]


def fit_line(
    values: Sequence[float],
    predictors: Sequence[float],
    location: Location,
    *,
    noise: float,
    slope: float,
    slope_deviation: float,
    noise_count: float = 1.0,
) -> LineFit:
    """Fit a weighted regression line with a normal prior on the slope (Bayesian linear regression).

    `location` holds the robust weights of the values. `slope` and `slope_deviation` are the prior's mean and standard
    deviation. `noise` is the prior of the residual variance, worth `noise_count` values. Slope and residual variance
    depend on each other and are found in three iterations.
    """
    sums, count = _Sums.of(values, predictors, location), location.count
    null_freedom = freedom = noise_count + max(0.0, count - 1)
    null_variance = (noise_count * noise + sums.values) / freedom
    variance, prior_precision, best = noise, slope_deviation**-2, slope
    for _ in range(_ITERATIONS):
        precision = sums.predictors / variance + prior_precision
        best = (sums.products / variance + slope * prior_precision) / precision
        residuals = max(0.0, sums.values - 2 * best * sums.products + best * best * sums.predictors)
        # The share of the slope that comes from the values and not from the prior uses a degree of freedom.
        from_values = sums.predictors / variance / precision
        freedom = noise_count + max(0.0, count - 1 - from_values)
        variance = (noise_count * noise + residuals) / freedom
    precision = sums.predictors / variance + prior_precision
    evidence = 0.5 * null_freedom * math.log(null_variance / variance * null_freedom / freedom) - 0.5 * math.log(
        precision / prior_precision
    )
    new_value = variance * (1 + 1 / count) * student_inflation(freedom)
    return LineFit(sums.predictor_mean, sums.value_mean, best, new_value, 1 / precision, evidence)


def fit_identity(
    values: Sequence[float], predictors: Sequence[float], location: Location, *, noise: float, noise_count: float = 1.0
) -> IdentityFit:
    """Measure how well the predictors themselves are the values: slope 1, intercept 0, nothing fitted.

    `noise` is the prior of the residual variance, worth `noise_count` values.
    """
    count, weights = location.count, _normalized(location)
    mean = math.fsum(w * v for w, v in zip(weights, values, strict=True))
    spread = count * math.fsum(w * (v - mean) ** 2 for w, v in zip(weights, values, strict=True))
    residuals = count * math.fsum(w * (v - x) ** 2 for w, x, v in zip(weights, predictors, values, strict=True))
    null_variance = (noise_count * noise + spread) / (noise_count + count - 1)
    variance = (noise_count * noise + residuals) / (noise_count + count)
    # The last term is what a line pays for its fitted intercept, and the identity does not.
    evidence = 0.5 * (noise_count + count - 1) * math.log(null_variance / variance) + 0.5 * math.log(1 + count)
    return IdentityFit(variance * (1 + 1 / count) * student_inflation(noise_count + count), evidence)
