"""Distributions of durations: lognormals, what is left of one, their sums and mixtures.

Durations are positive and vary by factors, so a duration is described by the normal distribution of its natural
logarithm. All functions are pure. Seconds are floats; `Normal` holds log seconds unless its use says otherwise.
"""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "Component",
    "Interval",
    "Normal",
    "clamped",
    "interval_of",
    "log_seconds",
    "lognormal_moments",
    "lognormal_sum",
    "mixture_quantile",
    "remaining_points",
    "usual_total",
]

_SMALL = 1e-9
_SHORTEST, _LONGEST = 1e-3, 1e9  # seconds; nobody sees a difference between shorter durations
_MAX_LOG_SECONDS = 22.0  # about a century
_MAX_VARIANCE = 4.0
_FAR_TAIL = 6.0  # standard deviations beyond which the normal tail is approximated
_BISECTIONS = 30
_TOLERANCE = 0.002  # of a quantile, as a share of it
_POINTS = 5  # that stand for a lognormal
_WIDENING = 1.02  # of intervals: no model is exact
_STANDARD = NormalDist()


class Normal(NamedTuple):
    """A normal distribution: its mean and its variance."""

    mean: float
    variance: float


class Component(NamedTuple):
    """One component of a mixture of durations: some fixed seconds plus a lognormal.

    `mean` and `deviation` are those of the lognormal's logarithm; a mean of -inf stands for no lognormal. `weight` is
    how likely the component is, relative to the others. Where shorter runs are no likelier to be looked at, as in a
    distribution that is one over looks already, `seen` is the usual total in seconds; else it is 0.
    """

    fixed: float
    mean: float = -math.inf
    deviation: float = 0.0
    weight: float = 1.0
    seen: float = 0.0

    @classmethod
    def of(cls, fixed: float, log_rest: Normal | None, weight: float = 1.0, seen: float = 0.0) -> Component:
        """Return a component of fixed seconds plus a lognormal, or plus nothing."""
        if log_rest is None:
            return cls(fixed, weight=weight, seen=seen)
        mean, variance = clamped(log_rest)
        return cls(fixed, mean, math.sqrt(variance), weight, seen)


class Interval(NamedTuple):
    """Seconds that remain: 10 %, 50 % and 90 % quantiles."""

    p10: float
    p50: float
    p90: float

    def after(self, passed: float) -> Interval:
        """Return what is left of it some seconds later."""
        return Interval(*(max(0.0, seconds - passed) for seconds in self))


def log_seconds(seconds: float) -> float:
    """Return the natural logarithm of a duration that is limited to 1e-3 to 1e9 seconds."""
    return math.log(min(_LONGEST, max(_SHORTEST, seconds)))


def clamped(normal: Normal) -> Normal:
    """Limit a computed distribution of log seconds to what a duration can be."""
    mean = min(_MAX_LOG_SECONDS, max(-_MAX_LOG_SECONDS, normal.mean))
    return Normal(mean, min(_MAX_VARIANCE, max(_SMALL, normal.variance)))


def lognormal_moments(normal: Normal) -> tuple[float, float]:
    """Return the mean (seconds) and the variance (seconds squared) of a lognormal duration."""
    mean, variance = clamped(normal)
    seconds = math.exp(mean + variance / 2)
    return seconds, seconds**2 * math.expm1(variance)


def lognormal_sum(moments: Sequence[tuple[float, float]], shared: float = 0.0) -> Normal | None:
    """Approximate a sum of durations by a lognormal (Fenton–Wilkinson: match mean and variance).

    `moments` holds the mean (seconds) and the variance (seconds squared) of each duration. `shared` is the variance,
    in logarithms, of a factor that multiplies all of them. Returns None for a sum of nothing.
    """
    mean = math.fsum(mean for mean, _ in moments)
    if mean <= _SMALL:
        return None
    variance = math.fsum(variance for _, variance in moments) * math.exp(shared) + mean**2 * math.expm1(shared)
    ratio = math.log1p(variance / mean**2)
    return clamped(Normal(math.log(mean) - ratio / 2, ratio))


def remaining_points(normal: Normal, passed: float, count: int) -> list[float]:
    """Return `count` equally likely values of the seconds that are left of a duration, in ascending order.

    They are the quantiles (i + 0.5) / count of T - passed, given that T > passed (the residual lifetime). Far in the
    tail of the normal its hazard rate is about z + 1/z (Mills' ratio), so that the excess is exponential in log time.
    """
    normal = clamped(normal)
    deviation = math.sqrt(normal.variance)
    if passed <= 0:
        return [math.exp(normal.mean + deviation * score) for score in _standard_quantiles(count)]
    start = (math.log(passed) - normal.mean) / deviation
    if start > _FAR_TAIL:
        rate = (start + 1 / start) / deviation
        return [passed * math.expm1(-math.log((at + 0.5) / count) / rate) for at in reversed(range(count))]
    beyond = _upper_tail(start)
    points: list[float] = []
    for at in range(count):
        chance = beyond * (1 - (at + 0.5) / count)
        score = -_STANDARD.inv_cdf(chance)
        points.append(max(0.0, math.exp(normal.mean + deviation * score) - passed))
    return points


def mixture_quantile(components: Sequence[Component], probability: float) -> float:
    """Return a quantile, in seconds, of a mixture of durations.

    Bisection of the distribution function, to 0.2 %. Components without a lognormal are interpolated.
    """
    if all(component.mean == -math.inf for component in components):
        return _weighted_quantile([(component.fixed, component.weight) for component in components], probability)
    score = _STANDARD.inv_cdf(probability)
    each = [component.fixed + math.exp(component.mean + score * component.deviation) for component in components]
    lower, higher = min(each), max(each)
    for _ in range(_BISECTIONS):
        if higher - lower <= _TOLERANCE * higher:
            break
        middle = (lower + higher) / 2
        if _chance_below(components, middle) < probability:
            lower = middle
        else:
            higher = middle
    return (lower + higher) / 2


def interval_of(components: Sequence[Component]) -> Interval:
    """Return the quantiles of a mixture of durations, a little widened."""
    low, middle, high = (mixture_quantile(components, probability) for probability in (0.1, 0.5, 0.9))
    below, above = max(0.0, middle - low), max(0.0, high - middle)
    return Interval(max(0.0, middle - _WIDENING * below), middle, middle + _WIDENING * above)


def usual_total(components: Sequence[Component], passed: float) -> float:
    """Return the total T, in seconds, whose share passed / T has the least expected error over whole runs.

    A run of T seconds is looked at for so long, but all of it counts as one run. So a look at a run counts 1 / T, and
    the total is the median with these weights. Where totals differ by factors it is far below the plain median.
    """
    points: list[tuple[float, float]] = []
    for fixed, mean, deviation, weight, seen in components:
        if mean == -math.inf:
            totals = [passed + fixed] * _POINTS
        else:
            base = passed + fixed
            totals = [base + math.exp(mean + deviation * score) for score in _standard_quantiles(_POINTS)]
        points += [(total, weight / max(_SHORTEST, seen or total)) for total in totals]
    return _weighted_quantile(points, 0.5)


def _weighted_quantile(points: Sequence[tuple[float, float]], probability: float) -> float:
    """Return a quantile of weighted values: between two middles of their weights it is interpolated."""
    ordered = sorted(points)
    goal, below = probability * math.fsum(weight for _, weight in ordered), 0.0
    before, then = ordered[0][0], 0.0
    for value, weight in ordered:
        middle = below + weight / 2
        if middle >= goal:
            return value if middle <= then else before + (value - before) * max(0.0, goal - then) / (middle - then)
        before, then, below = value, middle, below + weight
    return before


def _chance_below(components: Sequence[Component], seconds: float) -> float:
    total = 0.0
    for component in components:
        rest = seconds - component.fixed
        if rest > 0:
            chance = 0.5 * math.erfc((component.mean - math.log(rest)) / (component.deviation * math.sqrt(2)))
            total += component.weight * chance
    return total / math.fsum(component.weight for component in components)


def _upper_tail(score: float) -> float:
    return 0.5 * math.erfc(score / math.sqrt(2))


_quantile_cache: dict[int, list[float]] = {}


def _standard_quantiles(count: int) -> list[float]:
    if count not in _quantile_cache:
        _quantile_cache[count] = [_STANDARD.inv_cdf((at + 0.5) / count) for at in range(count)]
    return _quantile_cache[count]
