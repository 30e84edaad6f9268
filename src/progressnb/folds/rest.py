"""The time until the last item of a batch ends: trials of the rest of it, with durations by chance."""

from __future__ import annotations

from heapq import heapify, heapreplace
from math import sqrt
from random import Random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from progressnb.folds.durations import Durations

__all__ = ["rest_of"]

_TRIALS = 32
_ONE_BY_ONE = 300
"""Items that wait and are tried one by one: the last ones. Those before them count by their mean."""

_OUT = 2
"""Trials to both sides of the range: 6 % rather than 10 %, since durations are not quite what they are taken to be."""

_HALF = 0.5
"""Seconds by which a range is wide to both sides at least: nobody reads less."""


def rest_of(
    durations: Durations, ages: Sequence[float], pending: int, side: int, known: int
) -> tuple[float, float, float]:
    """Return p10, p50 and p90 of the seconds until the last item ends.

    Args:
        durations: What items take.
        ages: The seconds for which the items at work have been at work.
        pending: Items that have not begun.
        side: Items that may be at work side by side.
        known: Items that have ended, by which the mean is known.

    """
    random = Random(1)  # noqa: S311 - the same figures whoever looks
    tried = min(pending, max(_ONE_BY_ONE, 2 * side))
    before, doubt = pending - tried, durations.deviation / sqrt(known)
    ends: list[float] = []
    for trial in range(_TRIALS):
        smooth, shape = bool(trial % 2), durations.trial(random)
        mean = max(durations.mean / 5, durations.mean + random.gauss(0, 1) * doubt)
        slower = mean / durations.mean
        heap = [durations.draw(random, shape, smooth=smooth, age=age) - age for age in ages]
        heap += [0.0] * (side - len(heap) if pending else 0)
        heapify(heap)
        end = max(heap, default=0.0)
        for _ in range(tried):
            ends_at = heap[0] + durations.draw(random, shape, smooth=smooth) * slower
            heapreplace(heap, ends_at)
            end = max(end, ends_at)
        if before:
            end += (before * mean + random.gauss(0, 1) * durations.deviation * sqrt(before)) / side
        ends.append(max(0.0, end))
    ends.sort()
    low, middle, high = ends[_OUT], ends[_TRIALS // 2], ends[-1 - _OUT]
    return max(0.0, min(low, middle - _HALF)), middle, max(high, middle + _HALF)
