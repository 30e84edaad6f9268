"""The expectations of a batch: its throughput, the time that is left, its cost and tokens in all, with their ranges.

Figures come from what its items took so far. Ranges are p10 and p90 of a sum of independent items, of which mean and
variance are known from a sample: the rest of N items after n has the variance s² · N · (1 + N / n). The time left is
that of trials of the rest (`rest.py`), with durations as items had them so far (`durations.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from progressnb.folds.durations import Durations, evenly
from progressnb.folds.rest import rest_of
from progressnb.folds.shapes import added

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Figures", "Ground", "Range", "Sum", "figures_of"]

Range: TypeAlias = tuple[float, float, float]
"""A low, a middle and a high value: p10, p50, p90."""

_ENOUGH = 3
"""Ended items before which nothing is expected of others."""

_ENOUGH_SEEN = 3.0  # seconds
_Z = 1.2816  # of p10 and p90 of a normal distribution


@dataclass(slots=True)
class Sum:
    """The sum of a figure of items: how many have it, their sum, and the sum of its squares."""

    count: int = 0
    total: float = 0.0
    squares: float = 0.0

    def add(self, value: float) -> None:
        """Add the figure of one more item."""
        self.count += 1
        self.total = added(self.total, value)
        self.squares += value * value

    @property
    def mean(self) -> float:
        """The mean."""
        return self.total / self.count if self.count else 0.0

    @property
    def deviation(self) -> float:
        """The standard deviation of a sample; that of fewer than two items is taken for their mean."""
        if self.count < 2:  # noqa: PLR2004 - of one item nothing is known of others
            return self.mean
        return sqrt(max(0.0, self.squares - self.total * self.mean) / (self.count - 1))

    def expected(self, more: int) -> Range | None:
        """Return the sum with so many items more; None without ground."""
        if self.count < _ENOUGH or more <= 0:
            return None
        middle = self.total + more * self.mean
        spread = _Z * self.deviation * sqrt(more * (1 + more / self.count))
        return max(self.total, middle - spread), middle, middle + spread


@dataclass(frozen=True, slots=True)
class Ground:
    """The ground of the expectations of a batch. It is taken once a second, and they are computed when asked for.

    Attributes:
        at: The moment, in seconds since the batch began.
        paid: Items that have ended and were paid for now.
        rest: Items that have not ended, or None while nobody knows how many there are.
        at_work: Items at work.
        limit: Items that may be at work; 0 where nobody said so.
        ages: The seconds for which items have been at work: the oldest of them.
        others: The seconds for which some of the others have been at work.
        longest: The longest duration of an item that has ended.
        ends: When the first and the last of the latest items ended, and how many these are.
        opens: When the first gate opens, in seconds since the batch began, or None.
        sums: Cost, tokens and seconds of the items that were paid for.
        durations: How many of them took how long, by the rung of their duration.

    """

    at: float
    paid: int
    rest: int | None
    at_work: int
    limit: int
    ages: tuple[float, ...]
    others: tuple[float, ...]
    longest: float
    ends: tuple[float, float, int]
    opens: float | None
    sums: Mapping[str, Sum]
    durations: Mapping[int, int]


class Figures(NamedTuple):
    """The expectations of a batch.

    Attributes:
        rate: Items a second of late, or None.
        left: Seconds until the last item ends, or None.
        cost: Dollars of the whole batch, or None.
        tokens: Tokens of the whole batch, or None.
        usual: Seconds that an item takes on the average, or None.
        spent: Dollars of the items that have ended, or None.
        used: Their tokens, or None.

    """

    rate: float | None = None
    left: Range | None = None
    cost: Range | None = None
    tokens: Range | None = None
    usual: float | None = None
    spent: float | None = None
    used: float | None = None


def figures_of(ground: Ground) -> Figures:
    """Return what a batch lets expect."""
    rest, sums = ground.rest, ground.sums
    expected = {name: sums[name].expected(rest) for name in ("cost", "tokens") if rest and name in sums}
    return Figures(
        rate=_rate(ground),
        left=_left(ground, rest) if rest else None,
        cost=expected.get("cost"),
        tokens=expected.get("tokens"),
        usual=sums["duration"].mean if "duration" in sums and sums["duration"].count > 1 else None,
        spent=sums["cost"].total if "cost" in sums else None,
        used=sums["tokens"].total if "tokens" in sums else None,
    )


def _rate(ground: Ground) -> float | None:
    """Return the items that ended a second, of the latest ones: of all while they are few."""
    if ground.paid < _ENOUGH:
        return None
    first, last, kept = ground.ends
    first, count = (0.0, kept) if ground.paid <= kept else (first, kept - 1)
    # Items that begin at once end at once: the time since the latest end is not counted before it is a pause.
    usual = ground.sums["duration"].mean if "duration" in ground.sums else 0.0
    last = last if ground.at - last <= 2 * usual else ground.at
    return count / (last - first) if last > first else None


def _left(ground: Ground, rest: int) -> Range | None:
    """Return the seconds until the last item ends."""
    lasted, known = ground.sums.get("duration"), sum(ground.durations.values())
    # The first to end are the short ones: before as many have ended as are at work they are no sample.
    if lasted is None or known < max(_ENOUGH, ground.at_work) or ground.at < _ENOUGH_SEEN:
        return None
    told = ground.ages
    if told and 2 * sum(age > ground.longest for age in told) > len(told):
        return None  # most of them are unlike those that are done: nobody knows
    ages = evenly(told, ground.at_work, ground.others)
    durations = Durations(ground.durations, lasted.mean, ages)
    pending = max(0, rest - ground.at_work)
    pause = max(0.0, ground.opens - ground.at) if ground.opens is not None and not ground.at_work else 0.0
    side = _side_by_side(ground, lasted, sum(ages))
    low, middle, high = rest_of(durations, ages, pending, side, known)
    return pause + low, pause + middle, pause + high


def _side_by_side(ground: Ground, lasted: Sum, ages: float) -> int:
    """Return how many items are at work side by side: as many as on the average, and no more than the limit allows."""
    side = round(max((lasted.total + ages) / ground.at, float(ground.at_work)))
    return max(1, min(side, ground.limit) if ground.limit else side)
