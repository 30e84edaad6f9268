"""The pace of a loop: seconds an item, smoothed exponentially, as users of tqdm expect it.

A mean over the whole loop is wrong where the first items came from a cache. The latest items say more of those to come.
One item that takes far longer than those before it may be a pause of the machine or of a person: it counts a few times
the mean and not more (a winsorized mean). Three items in a row that all are far from the mean are another pace: then
the mean begins anew with them.
"""

from __future__ import annotations

from statistics import median

__all__ = ["Pace"]

SMOOTHING = 0.3
"""The weight of the latest sample, as tqdm's `smoothing`."""

SAMPLE = 1.0
"""Seconds that a sample lasts at least: items that come in bursts are measured together with the pause before them."""

_FAR = 4.0  # the factor from the mean at which a sample is far from it
_IN_A_ROW = 3  # samples that are far from the mean and are another pace


class Pace:
    """The pace of items that are counted from time to time. Times are in seconds on a steady clock.

    `began` is the time at which the first item begins. Items that were done before do not count.
    """

    __slots__ = ("_counted", "_far", "_items", "_last", "_mean", "_since", "_weight")

    def __init__(self, began: float) -> None:
        self._since = began  # when the open sample began
        self._last = began  # when the latest item was done
        self._items = 0.0  # of the open sample
        self._counted = 0.0
        self._mean = 0.0  # seconds an item
        self._weight = 0.0
        self._far: list[float] = []  # the latest samples, as long as all are far from the mean on the same side

    def count(self, done: float, now: float) -> None:
        """Take note of how many items are done by now."""
        added = done - self._counted
        if added <= 0:
            return
        self._counted, self._last = done, now
        self._items += added
        if now - self._since >= SAMPLE:
            self._add((now - self._since) / self._items)
            self._since, self._items = now, 0.0

    def skip(self, seconds: float) -> None:
        """Leave out so many seconds until now, in which the loop waited for a person."""
        self._since += seconds
        self._last += seconds

    def each(self, now: float) -> float | None:
        """Return the seconds that an item takes, or None in the first second.

        An item that takes longer than the pace says slows the pace down before it is done.
        """
        if not self._weight:
            return None
        # Items of a burst are measured together, so the one at work is seen beside those that came with it.
        waiting = (now - self._since) / (self._items + 1)
        return self._smoothed(waiting) if waiting > self._mean else self._mean

    def left(self, items: float, now: float) -> float | None:
        """Return the seconds until so many more items are done; None without a pace, and where it was refuted."""
        each = self.each(now)
        if each is None or items <= 0:
            return None if items > 0 else 0.0
        left = items * each - min(max(0.0, now - self._last), each)
        return left if left > 0 else None

    def _add(self, each: float) -> None:
        """Take in a sample."""
        far = self._far
        if self._weight and not self._mean / _FAR <= each <= self._mean * _FAR:
            if far and (far[-1] > self._mean) != (each > self._mean):
                far.clear()
            far.append(each)
        else:
            far.clear()
        if len(far) >= _IN_A_ROW:
            self._mean, self._weight = median(far), SMOOTHING
            far.clear()
            return
        self._mean = self._smoothed(min(each, self._mean * _FAR) if self._weight else each)
        self._weight = SMOOTHING + (1 - SMOOTHING) * self._weight

    def _smoothed(self, seconds: float) -> float:
        # The weights of the first samples sum to less than 1 (bias correction).
        kept = (1 - SMOOTHING) * self._weight
        return (SMOOTHING * seconds + kept * self._mean) / (SMOOTHING + kept)
