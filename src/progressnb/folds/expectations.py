"""The expectations of a batch: its throughput, the time that is left, its cost and tokens in all, with their ranges.

Figures come from what its items took so far. Ranges are p10 and p90 of a sum of independent items, of which mean and
variance are known from a sample: the rest of N items after n has the variance s² · N · (1 + N / n). The time left is
that until no item waits any more, and then that until the slowest of those at work has ended (`lifetimes.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeAlias

from progressnb.folds.lifetimes import Lifetimes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from progressnb.wire.items import BatchNow, ItemAtWork

__all__ = ["Figures", "Range", "Sum", "figures_of"]

Range: TypeAlias = tuple[float, float, float]
"""A low, a middle and a high value: p10, p50, p90."""

_ENOUGH = 3
"""Ended items before which nothing is expected of others."""

_ENOUGH_SEEN = 3.0  # seconds
_Z = 1.2816  # of p10 and p90 of a normal distribution
_LOW, _MIDDLE, _HIGH = 0.1, 0.5, 0.9


class Lasted(Protocol):
    """An item that has ended."""

    @property
    def duration(self) -> float:
        """Its seconds."""
        ...


class Counted(Protocol):
    """The counts and sums of a batch, as its state has them."""

    @property
    def ended(self) -> int:
        """Items that have ended."""
        ...

    @property
    def rest(self) -> int | None:
        """Items that have not, or None."""
        ...

    @property
    def at_work(self) -> int:
        """Items at work."""
        ...

    @property
    def reused(self) -> int:
        """Items that an earlier run had done."""
        ...

    @property
    def sums(self) -> Mapping[str, Sum]:
        """Cost, tokens and seconds of the items that were paid for now."""
        ...

    @property
    def ends(self) -> Sequence[float]:
        """When the latest items ended."""
        ...

    @property
    def now(self) -> BatchNow | None:
        """What the batch said last of what it does."""
        ...

    @property
    def items(self) -> Mapping[int, ItemAtWork]:
        """The items at work that are known."""
        ...

    @property
    def slowest(self) -> Sequence[Lasted]:
        """The items that took longest, the slowest first."""
        ...


@dataclass(slots=True)
class Sum:
    """The sum of a figure of items: how many have it, their sum, and the sum of its squares."""

    count: int = 0
    total: float = 0.0
    squares: float = 0.0

    def add(self, value: float) -> None:
        """Add the figure of one more item."""
        self.count += 1
        self.total += value
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


class Figures(NamedTuple):
    """What a batch lets expect.

    Attributes:
        at: When this was computed, in seconds since the batch began.
        rate: Items a second of late, or None.
        left: Seconds until the last item ends, or None.
        cost: Dollars of the whole batch, or None.
        tokens: Tokens of the whole batch, or None.
        usual: Seconds that an item takes on the average, or None.
        spent: Dollars of the items that have ended, or None.
        used: Their tokens, or None.

    """

    at: float = 0.0
    rate: float | None = None
    left: Range | None = None
    cost: Range | None = None
    tokens: Range | None = None
    usual: float | None = None
    spent: float | None = None
    used: float | None = None


def figures_of(batch: Counted, elapsed: float) -> Figures:
    """Return what a batch of this age lets expect."""
    rest, sums = batch.rest, batch.sums
    expected = {name: sums[name].expected(rest) for name in ("cost", "tokens") if rest and name in sums}
    return Figures(
        elapsed,
        rate=_rate(batch, elapsed),
        left=_left(batch, elapsed, rest) if rest else None,
        cost=expected.get("cost"),
        tokens=expected.get("tokens"),
        usual=sums["duration"].mean if "duration" in sums and sums["duration"].count > 1 else None,
        spent=sums["cost"].total if "cost" in sums else None,
        used=sums["tokens"].total if "tokens" in sums else None,
    )


def _rate(batch: Counted, elapsed: float) -> float | None:
    """Return the items that ended a second, of the latest ones: of all while they are few."""
    paid = batch.ended - batch.reused
    if paid < _ENOUGH:
        return None
    kept = len(batch.ends)
    first, count = (0.0, kept) if paid <= kept else (batch.ends[0], kept - 1)
    # Items that begin at once end at once: the time since the latest end is not counted before it is a pause.
    usual = batch.sums["duration"].mean if "duration" in batch.sums else 0.0
    last = batch.ends[-1] if elapsed - batch.ends[-1] <= 2 * usual else elapsed
    return count / (last - first) if last > first else None


def _left(batch: Counted, elapsed: float, rest: int) -> Range | None:
    """Return the seconds until the last item ends: until none waits any more, and then until the slowest has ended."""
    lasted, logs = batch.sums.get("duration"), batch.sums.get("log")
    ended = batch.ended - batch.reused
    # The first to end are the short ones: before as many have ended as are at work they are no sample.
    if (
        lasted is None
        or logs is None
        or lasted.count < max(_ENOUGH, min(batch.at_work, rest))
        or elapsed < _ENOUGH_SEEN
        or not ended
    ):
        return None
    at_work = batch.at_work
    ages = [max(0.0, elapsed - each.began) for each in batch.items.values()][:at_work]
    longest_done = batch.slowest[0].duration if batch.slowest else 0.0
    if ages and 2 * sum(age > longest_done for age in ages) > len(ages):
        return None  # most of them are unlike those that are done: nobody knows
    youngest = min(ages, default=0.0)
    others = [youngest / 2] * (at_work - len(ages))  # those that are told are the oldest
    lifetimes = Lifetimes(lasted.count, lasted.total, logs.total, logs.squares, [*ages, *others])
    pending, ages = rest - at_work, [*ages, *others]
    if pending <= 0:
        return _range(lambda share: lifetimes.all_ended(share, ages))
    side = _side_by_side(batch, elapsed, sum(ages))
    pause = _pause(batch, elapsed) if not at_work else 0.0
    low, middle, high = _range(lambda share: lifetimes.all_ended(share, ages, pending, lifetimes.mean / side))
    doubt = _Z * lifetimes.deviation * sqrt(pending * (1 + pending / lasted.count)) / side
    return (
        max(0.0, pause + middle - sqrt(doubt**2 + (middle - low) ** 2)),
        pause + middle,
        pause + middle + sqrt(doubt**2 + (high - middle) ** 2),
    )


def _range(quantile: Callable[[float], float]) -> Range:
    return quantile(_LOW), quantile(_MIDDLE), quantile(_HIGH)


def _side_by_side(batch: Counted, elapsed: float, ages: float) -> float:
    """Return how many items are at work side by side: as many as on the average, and no more than the limit allows."""
    lasted = batch.sums["duration"]
    average = (lasted.total + ages) / elapsed
    side = max(average, float(batch.at_work))
    limit = batch.now.limit if batch.now is not None else 0
    return max(1.0, min(side, float(limit)) if limit else side)


def _pause(batch: Counted, elapsed: float) -> float:
    """Return the seconds until the first gate opens."""
    gates = batch.now.gates if batch.now is not None else []
    return min((max(0.0, gate.until - elapsed) for gate in gates if gate.until is not None), default=0.0)
