"""What a few past durations say of the next one: lognormal, shrunk, robust.

Durations are positive and vary by factors, so all is done in logarithms. A few runs don't know their own
spread: it is shrunk to that of all stages, and that to a prior. All functions are pure.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist, median
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "PRIOR_SPREAD",
    "Line",
    "Location",
    "Normal",
    "Part",
    "Unmoved",
    "bounded",
    "chance_beyond",
    "compare",
    "explain",
    "locate",
    "log",
    "moments",
    "own_spread",
    "pooled_variance",
    "quantile",
    "rest_points",
    "shrunk_variance",
    "student",
    "sum_of",
]

PRIOR_SPREAD = 0.3
"""How far durations of one stage lie apart, as a factor's logarithm, before any run says more."""

_PRIOR_COUNT = 0.25
_OUTLYING = 2.3  # deviations
_MEDIAN_TO_VARIANCE = 2.2  # of squared deviations, for a normal
_BOUND = 2.0  # deviations beyond which a duration counts less, as an outlier
_SMALL = 1e-9
_SHORTEST, _LONGEST = 1e-3, 1e9  # seconds; what is shorter differs in nothing that anyone sees
_MOST = 22.0  # of a logarithm of seconds: a century
_WIDEST = 4.0
_STANDARD = NormalDist()


class Normal(NamedTuple):
    """A logarithm of seconds, as far as it is known."""

    mean: float
    variance: float


class Part(NamedTuple):
    """What is left, as one possibility: some seconds that are sure, and a lognormal of more."""

    sure: float
    mean: float  # of the logarithm; -inf for none
    deviation: float


@dataclass(frozen=True, slots=True)
class Location:
    """Where values lie: their middle, weights that outliers have less of, and how many they count for."""

    middle: float
    weights: tuple[float, ...]
    count: float


def log(seconds: float) -> float:
    """Return a logarithm, also of nothing and of what no run takes."""
    return math.log(min(_LONGEST, max(_SHORTEST, seconds)))


def bounded(normal: Normal) -> Normal:
    """Return what is computed as far as it can be a duration."""
    mean = min(_MOST, max(-_MOST, normal.mean))
    return Normal(mean, min(_WIDEST, max(_SMALL, normal.variance)))


def pooled_variance(groups: Sequence[Sequence[float]], lost: float = 0.0) -> float:
    """Return the variance that groups of logarithms have in common, shrunk to the prior.

    `lost` is how many degrees of freedom were used before.
    """
    total, freedom = _PRIOR_COUNT * PRIOR_SPREAD**2, _PRIOR_COUNT - lost
    squares: list[float] = []
    for values in groups:
        middle = median(values)
        # One of them is the middle, or two lie around it: that many say nothing of the spread.
        squares += sorted((value - middle) ** 2 for value in values)[1:]
    if squares:
        # An outlier is one stage's own, and no reason to doubt all others.
        most = _OUTLYING**2 * max(_SMALL, _MEDIAN_TO_VARIANCE * median(squares))
        total += math.fsum(min(most, square) for square in squares)
        freedom += len(squares)
    return total / freedom


def locate(values: Sequence[float], weights: Sequence[float], spread: float) -> Location:
    """Find the middle of values, with less weight on what lies more than two spreads off."""
    ordered = sorted(zip(values, weights, strict=True))
    half, below = sum(weights) / 2, 0.0
    middle = ordered[-1][0]
    for value, weight in ordered:
        below += weight
        if below >= half:
            middle = value
            break
    robust = tuple(weights)
    for _ in range(3):
        robust = tuple(
            weight * min(1.0, _BOUND * spread / max(_SMALL, abs(value - middle)))
            for value, weight in zip(values, weights, strict=True)
        )
        middle = math.fsum(weight * value for value, weight in zip(values, robust, strict=True)) / sum(robust)
    return Location(middle, robust, sum(robust) ** 2 / math.fsum(weight**2 for weight in robust))


def shrunk_variance(
    values: Sequence[float], middle: float, prior: float, prior_count: float = 4.0, *, lost: float = 0.0
) -> float:
    """Return the variance of values around a middle, shrunk to a prior; what is far off counts as less far."""
    most = _OUTLYING**2 * prior
    squares = math.fsum(min(most, (value - middle) ** 2) for value in values)
    return (prior_count * prior + squares) / (prior_count + max(0.0, len(values) - 1 - lost))


def own_spread(values: Sequence[float], least: float) -> float:
    """Return how far values lie apart, outliers aside, but at least so much."""
    middle = median(values)
    return max(least, math.sqrt(_MEDIAN_TO_VARIANCE * median((value - middle) ** 2 for value in values)))


def student(freedom: float) -> float:
    """Return by what factor a normal's variance grows so that its middle 80 % are those of Student's t."""
    return 1 + 1.3 / freedom


class Line(NamedTuple):
    """A line through past values: what a cause says of the next one, and by how much it beats having none."""

    cause_mean: float
    value_mean: float
    slope: float
    variance: float  # of a new value at the mean
    slope_variance: float
    evidence: float

    def at(self, cause: float) -> Normal:
        """Predict the value for a cause."""
        distance = cause - self.cause_mean
        mean = self.value_mean + self.slope * distance
        return bounded(Normal(mean, self.variance + distance * distance * self.slope_variance))


def explain(
    values: Sequence[float],
    causes: Sequence[float],
    location: Location,
    *,
    noise: float,
    slope: float,
    slope_spread: float,
    noise_count: float = 1.0,
) -> Line:
    """Fit a line whose slope is shrunk to what it usually is.

    `noise` is the variance expected of what the line leaves over, worth `noise_count` values.
    """
    count = location.count
    total = sum(location.weights)
    weights = [weight / total for weight in location.weights]
    value_mean = math.fsum(w * v for w, v in zip(weights, values, strict=True))
    cause_mean = math.fsum(w * c for w, c in zip(weights, causes, strict=True))
    squares = count * math.fsum(w * (c - cause_mean) ** 2 for w, c in zip(weights, causes, strict=True))
    products = count * math.fsum(
        w * (c - cause_mean) * (v - value_mean) for w, c, v in zip(weights, causes, values, strict=True)
    )
    plain = count * math.fsum(w * (v - value_mean) ** 2 for w, v in zip(weights, values, strict=True))
    freedom = noise_count + max(0.0, count - 1)
    without = (noise_count * noise + plain) / freedom
    count_freedom = freedom
    variance, slope_precision, best = noise, slope_spread**-2, slope
    for _ in range(3):
        precision = squares / variance + slope_precision
        best = (products / variance + slope * slope_precision) / precision
        left = max(0.0, plain - 2 * best * products + best * best * squares)
        # A slope that was found in the values has used up to one of them.
        found = squares / variance / precision
        freedom = noise_count + max(0.0, count - 1 - found)
        variance = (noise_count * noise + left) / freedom
    precision = squares / variance + slope_precision
    evidence = 0.5 * count_freedom * math.log(without / variance * count_freedom / freedom) - 0.5 * math.log(
        precision / slope_precision
    )
    spread = variance * (1 + 1 / count) * student(freedom)
    return Line(cause_mean, value_mean, best, spread, 1 / precision, evidence)


class Unmoved(NamedTuple):
    """How well causes are the values themselves: the variance of what differs, and the evidence for it."""

    variance: float
    evidence: float


def compare(
    values: Sequence[float], causes: Sequence[float], location: Location, *, noise: float, noise_count: float = 1.0
) -> Unmoved:
    """Say how well values are what causes say, with nothing fitted; the evidence is comparable to `explain`'s."""
    count, total = location.count, sum(location.weights)
    weights = [weight / total for weight in location.weights]
    middle = math.fsum(w * v for w, v in zip(weights, values, strict=True))
    plain = count * math.fsum(w * (v - middle) ** 2 for w, v in zip(weights, values, strict=True))
    left = count * math.fsum(w * (v - c) ** 2 for w, c, v in zip(weights, causes, values, strict=True))
    without = (noise_count * noise + plain) / (noise_count + count - 1)
    variance = (noise_count * noise + left) / (noise_count + count)
    # A line has its height fitted too, which this need not.
    evidence = 0.5 * (noise_count + count - 1) * math.log(without / variance) + 0.5 * math.log(1 + count)
    return Unmoved(variance * (1 + 1 / count) * student(noise_count + count), evidence)


def chance_beyond(score: float) -> float:
    """Return the chance that a standard normal value lies above a score."""
    return 0.5 * math.erfc(score / math.sqrt(2))


def rest_points(normal: Normal, passed: float, count: int) -> list[float]:
    """Return what is left of a duration of which some seconds have passed, as equally likely points."""
    normal = bounded(normal)
    deviation = math.sqrt(normal.variance)
    if passed <= 0:
        return [math.exp(normal.mean + deviation * score) for score in _scores(count)]
    start = (math.log(passed) - normal.mean) / deviation
    if start > 6:  # noqa: PLR2004 - so far out the tail is exponential in the logarithm
        rate = (start + 1 / start) / deviation
        return [passed * math.expm1(-math.log((at + 0.5) / count) / rate) for at in reversed(range(count))]
    beyond = chance_beyond(start)
    points: list[float] = []
    for at in range(count):
        chance = beyond * (1 - (at + 0.5) / count)
        score = -_STANDARD.inv_cdf(chance)
        points.append(max(0.0, math.exp(normal.mean + deviation * score) - passed))
    return points


_score_cache: dict[int, list[float]] = {}


def _scores(count: int) -> list[float]:
    if count not in _score_cache:
        _score_cache[count] = [_STANDARD.inv_cdf((at + 0.5) / count) for at in range(count)]
    return _score_cache[count]


def moments(normal: Normal) -> tuple[float, float]:
    """Return the mean and the variance in seconds of what has a normal logarithm."""
    mean, variance = bounded(normal)
    seconds = math.exp(mean + variance / 2)
    return seconds, seconds**2 * math.expm1(variance)


def sum_of(parts: Sequence[tuple[float, float]], shared: float = 0.0) -> Normal | None:
    """Return the logarithm of a sum of durations as a normal, from their means and variances in seconds.

    `shared` is the variance of a factor, in logarithms, that all of them have in common.
    """
    mean = math.fsum(mean for mean, _ in parts)
    if mean <= _SMALL:
        return None
    variance = math.fsum(variance for _, variance in parts) * math.exp(shared) + mean**2 * math.expm1(shared)
    ratio = math.log1p(variance / mean**2)
    return bounded(Normal(math.log(mean) - ratio / 2, ratio))


def quantile(parts: Sequence[Part], share: float) -> float:
    """Return the seconds below which a share of equally likely possibilities lies."""
    if all(part.mean == -math.inf for part in parts):
        ordered = sorted(part.sure for part in parts)
        place = share * len(ordered) - 0.5
        low = min(len(ordered) - 1, max(0, math.floor(place)))
        high = min(len(ordered) - 1, low + 1)
        inside = min(1.0, max(0.0, place - low))
        return ordered[low] + inside * (ordered[high] - ordered[low])
    score = _STANDARD.inv_cdf(share)
    each = [part.sure + math.exp(part.mean + score * part.deviation) for part in parts]
    lower, higher = min(each), max(each)
    for _ in range(30):
        if higher - lower <= 0.002 * higher:
            break
        middle = (lower + higher) / 2
        if _chance_below(parts, middle) < share:
            lower = middle
        else:
            higher = middle
    return (lower + higher) / 2


def _chance_below(parts: Sequence[Part], seconds: float) -> float:
    total = 0.0
    for part in parts:
        rest = seconds - part.sure
        if rest > 0:
            total += 0.5 * math.erfc((part.mean - math.log(rest)) / (part.deviation * math.sqrt(2)))
    return total / len(parts)
