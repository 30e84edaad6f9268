"""The time that items at work take still, if durations are distributed lognormally, as those of models' answers are."""

from __future__ import annotations

from math import exp, log, sqrt
from statistics import NormalDist
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["SHORTEST", "Lifetimes"]

SHORTEST = 1e-3
"""Seconds that an item takes at least, for the logarithms of durations."""

_NARROWEST, _BROADEST = 0.05, 3.0  # of the logarithm: items of one duration differ by a few percent all the same
_FARTHEST = 6.0  # standard deviations beyond which no item at work is taken to be
_ROUNDS = 4  # of the method
_STEPS = 30  # of a bisection
_WIDEST, _LONGEST = 10.0, log(1e9)  # standard deviations and logarithms of seconds that are looked at
_CHUNKS = 40
_LEAST = 1e-12
_NORMAL = NormalDist()


class Lifetimes:
    """The durations of items, as those tell that have ended and those that are at work.

    What has ended is not all that began: the long ones are at work still, and were they left out, all would seem short.
    So each item at work counts as one of its age at least, by the method of expectation and maximization.

    Args:
        count: Items that have ended.
        seconds: The sum of their durations.
        logs: The sum of the logarithms of these.
        squares: The sum of the squares of the logarithms.
        ages: The seconds for which items have been at work.

    Attributes:
        mean: The mean duration in seconds.
        deviation: The standard deviation in seconds.

    """

    def __init__(self, count: int, seconds: float, logs: float, squares: float, ages: Sequence[float] = ()) -> None:
        self._set(count, logs, squares)
        self.mean = seconds / count
        for _ in range(_ROUNDS if ages else 0):
            whole = [self._expected(max(age, SHORTEST)) for age in ages]
            firsts, second_squares, more = (sum(values) for values in zip(*whole, strict=True))
            self._set(count + len(ages), logs + firsts, squares + second_squares)
            self.mean = (seconds + more) / (count + len(ages))
        self.deviation = self.mean * sqrt(exp(self._spread**2) - 1)

    def _set(self, count: int, logs: float, squares: float) -> None:
        self._middle = logs / count
        variance = (squares - logs * self._middle) / max(count - 1, 1)
        self._spread = min(max(sqrt(max(variance, 0.0)), _NARROWEST), _BROADEST)

    def _expected(self, age: float) -> tuple[float, float, float]:
        """Return what the logarithm of the duration of an item of this age will be, its square, and the duration."""
        middle, spread = self._middle, self._spread
        at = min((log(age) - middle) / spread, _FARTHEST)
        left = max(_NORMAL.cdf(-at), _LEAST)
        hazard = _NORMAL.pdf(at) / left
        first = middle + spread * hazard
        second = middle**2 + 2 * middle * spread * hazard + spread**2 * (1 + at * hazard)
        whole = exp(middle + spread**2 / 2) * _NORMAL.cdf(spread - at) / left
        return first, second, max(whole, age)

    def outlasts(self, seconds: float) -> float:
        """Return the share of items that take longer than this."""
        if seconds <= 0:
            return 1.0
        return _NORMAL.cdf((self._middle - log(seconds)) / self._spread)

    def all_ended(self, share: float, ages: Sequence[float], pending: int = 0, pace: float = 0.0) -> float:
        """Return the seconds after which all items have ended with a probability.

        Args:
            share: The probability, 0–1.
            ages: The seconds for which items have been at work already.
            pending: Items that have not begun.
            pace: Seconds between the begins of two of these.

        """
        chunks = _chunks(pending, pace)
        low, high = 0.0, pending * pace + exp(min(self._middle + _WIDEST * self._spread, _LONGEST))
        for _ in range(_STEPS):
            seconds = (low + high) / 2 if high < 2 * low else sqrt(max(low, _LEAST) * high)
            if self._probability(seconds, ages, chunks) < share:
                low = seconds
            else:
                high = seconds
        return high

    def _probability(self, seconds: float, ages: Sequence[float], chunks: Sequence[tuple[float, int]]) -> float:
        known = 1.0
        for age in ages:
            known *= 1 - self.outlasts(age + seconds) / max(self.outlasts(age), _LEAST)
        for begins, count in chunks:
            known *= (1 - self.outlasts(seconds - begins)) ** count
        return known


def _chunks(pending: int, pace: float) -> list[tuple[float, int]]:
    """Return when pending items begin, many of them as a few at a time: the latest of each."""
    size = max(1, -(-pending // _CHUNKS))
    return [(min(end, pending) * pace, min(size, pending - end + size)) for end in range(size, pending + size, size)]
