"""The durations that items are taken to have: as those tell that have ended and those that are at work, with a tail.

No shape is taken for granted: there are items of one duration, of two, and with long tails. What has ended is not all
that began, since the long ones are at work still: so each item at work counts as one of the durations beyond its age
(Efron, 1967). The longest fifth tells how the tail goes on, as a generalized Pareto distribution (Hosking and Wallis,
1987), which has the tails of uniform, exponential, lognormal and Pareto durations.
"""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate
from math import exp, log, log2, sqrt
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from random import Random

__all__ = ["Durations", "evenly", "rung_of", "rungs_of"]

_RUNG = 1 / 16
"""The width of a rung, as a power of two: durations are counted to four percent."""

_WIDTH = _RUNG * log(2)
_SHORTEST = 1e-3  # seconds
_HIGHEST = 1_000  # rungs
_TOP, _LEAST_TOP = 0.2, 3.0  # the share of the durations that are the tail, and how many at least
_USUAL_SHAPE, _WORTH = 0.3, 20.0  # the shape of a tail of which nothing is known, and how many durations it counts as
_LIGHTEST, _HEAVIEST = -0.5, 0.8  # shapes
_MOST_DOUBT = 0.3  # of the shape
_BEYOND = (1.05, 1.2, 1.4, 1.7, 2.2, 3.5)  # times the age of an item that has outlasted all others


def rung_of(seconds: float) -> int:
    """Return the rung of a duration on a ladder of logarithms, on which durations are counted."""
    return round(log2(max(seconds, _SHORTEST)) / _RUNG)


class Durations:
    """A distribution of durations.

    Args:
        counts: Items that have ended, by the rung of their duration.
        mean: Their mean duration in seconds.
        ages: The seconds for which items have been at work.

    Attributes:
        mean: The mean duration of all items in seconds.
        deviation: The standard deviation in seconds.

    """

    def __init__(self, counts: Mapping[int, int], mean: float, ages: Iterable[float] = ()) -> None:
        total, mean = sum(counts.values()), max(mean, _SHORTEST)
        # Each rung stands for its middle; together they have the mean that the items had.
        scale = mean * total / sum(2 ** (rung * _RUNG) * count for rung, count in counts.items())
        weights = {2 ** (rung * _RUNG) * scale: float(count) for rung, count in counts.items()}
        for age in sorted(ages):
            _outlast(weights, age)
        self._values = sorted(weights)
        self._sums = [*accumulate(weights[value] for value in self._values)]
        self._total = self._sums[-1]
        self.mean = sum(value * weight for value, weight in weights.items()) / self._total
        variance = sum(weight * (value - self.mean) ** 2 for value, weight in weights.items()) / self._total
        self.deviation = sqrt(variance)
        self._fit(weights)

    def _fit(self, weights: Mapping[float, float]) -> None:
        """Fit the tail by probability-weighted moments, to which the usual shape is added as some more durations."""
        least, above, at = max(_TOP * self._total, _LEAST_TOP), 0.0, len(self._values) - 1
        while at > 0 and above + weights[self._values[at]] <= least:
            above += weights[self._values[at]]
            at -= 1
        self._from, self._body, self._above = self._values[at] * (1 + _WIDTH / 2), at, above
        self._shape, self._scale = _LIGHTEST, self._from * _WIDTH / 2
        if not above:
            return
        first = second = before = 0.0
        for value in self._values[at + 1 :]:
            weight, excess = weights[value], value - self._from
            first += weight * excess / above
            second += weight * excess * (1 - (before + weight / 2) / above) / above
            before += weight
        shape = 2 - first / (first - 2 * second) if first > 2 * second else _LIGHTEST
        self._shape = _bounded((above * shape + _WORTH * _USUAL_SHAPE) / (above + _WORTH))
        self._scale = max(first * (1 - self._shape), _SHORTEST)

    def trial(self, random: Random) -> float:
        """Return a shape of the tail for one trial: nobody knows it better than as a guess."""
        if not self._above:
            return self._shape
        return _bounded(self._shape + random.gauss(0, 1) * min(_MOST_DOUBT, 1 / sqrt(self._above)))

    def draw(self, random: Random, shape: float, *, smooth: bool, age: float = 0.0) -> float:
        """Return a duration in seconds by chance, of an item of this age.

        `smooth` takes the whole tail as fitted; else the durations that were seen come again, and the fitted tail
        lies beyond the longest.
        """
        start = self._from if smooth else self._values[-1]
        if age >= start:
            heavy = max(shape, 0.0) if age > self._values[-1] else shape
            return age + _excess(random.random(), heavy, self._scale + max(shape, 0.0) * (age - self._from))
        at = bisect_right(self._values, age)
        low = self._sums[at - 1] if at else 0.0
        place = low + random.random() * (self._total + (not smooth) - low)
        if place >= self._total and self._above:  # one more than those that were seen
            return start + _excess(random.random(), shape, self._scale + max(shape, 0.0) * (start - self._from))
        at = min(bisect_right(self._sums, place), len(self._values) - 1)
        if smooth and at > self._body and self._above:
            return self._from + _excess(random.random(), shape, self._scale)
        return self._values[at] * (1 + (random.random() - 0.5) * _WIDTH)


def rungs_of(counts: Mapping[int, int]) -> dict[int, int]:
    """Return the counts of a record that are on the ladder: a stranger's may be anywhere."""
    return {rung: count for rung, count in counts.items() if count and abs(rung) <= _HIGHEST}


def _outlast(weights: dict[float, float], age: float) -> None:
    """Count an item of an age as one of the durations beyond it, in the proportions of these."""
    beyond = {value: weight for value, weight in weights.items() if value > age}
    total = sum(beyond.values())
    for value, weight in beyond.items():
        weights[value] = weight * (1 + 1 / total)
    for times in () if beyond else _BEYOND:
        weights[age * times] = weights.get(age * times, 0.0) + 1 / len(_BEYOND)


def _excess(share: float, shape: float, scale: float) -> float:
    """Return the quantile of a generalized Pareto distribution."""
    if abs(shape) < 1e-6:  # noqa: PLR2004 - the exponential distribution
        return -scale * log(1 - share)
    return scale * (exp(-shape * log(1 - share)) - 1) / shape


def _bounded(shape: float) -> float:
    return max(_LIGHTEST, min(_HEAVIEST, shape))


def evenly(known: Sequence[float], count: int, others: Sequence[float] = ()) -> list[float]:
    """Return the ages of so many items at work, of which the oldest are known, and of the others some or none."""
    missing, least = max(0, count - len(known)), min(known, default=0.0)
    if others:
        return [*known[:count], *(others[number * len(others) // missing] for number in range(missing))]
    return [*known[:count], *(least * (number + 0.5) / missing for number in range(missing))]
