"""The percent of a run: a tree of work in which each part fills a span of its parent.

The percent that a stage reports is a floor. Work that begins later fills the percent points above that floor. Parts
that were expected share them evenly; any other part takes half of those left. An output that is being written fills
the rest. A change goes up the tree in as many steps as the tree is deep.
"""

from __future__ import annotations

from numbers import Real
from typing import TYPE_CHECKING, TypeGuard

from progressnb.errors import InvalidProgressError, InvalidStagesError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["FULL", "CountedWork", "Work", "checked_percent", "checked_share", "is_number"]

FULL = 100.0

NOTHING_LEFT = 0.1
"""Percent points that are too few to share: halves of them would round up to all."""


def is_number(value: object) -> TypeGuard[float]:
    """Return whether a value is a real number; NumPy's are, a bool is not."""
    return not isinstance(value, bool) and isinstance(value, Real)


def checked_percent(value: object) -> float:
    """Return a percent, 0–100, as a float; raise `InvalidProgressError` for any other value."""
    if not is_number(value):
        raise InvalidProgressError("a percent as a number from 0 to 100", repr(value), "Pass None if it is unknown.")
    if not 0 <= value <= FULL:  # NaN is not, either
        raise InvalidProgressError(
            "a percent from 0 to 100", repr(value), "Pass 100 * done / total, or None if it is unknown."
        )
    return float(value)


def checked_share(value: object) -> float | None:
    """Return a stage's share of the stage above, 0–1, or None; raise `InvalidStagesError` for any other value."""
    if value is None:
        return None
    if not is_number(value) or not 0 <= value <= 1:
        raise InvalidStagesError(
            "a weight from 0 to 1", repr(value), "It is the share of the whole; declared stages take relative weights."
        )
    return float(value)


class Work:
    """A piece of work and how much of it is done, in percent.

    `span` is how many percent points of the parent this work fills when it is complete. Not
    thread-safe: changed under the run's lock.
    """

    __slots__ = (
        "_claimed",
        "_expected",
        "_filled",
        "_floor",
        "_gaps",
        "_known",
        "_output",
        "_parent",
        "_round_above",
        "complete",
        "round",
        "span",
        "value",
    )

    def __init__(self, parent: Work | None = None, span: float = FULL) -> None:
        self._parent = parent
        self.span = span
        self.value = 0.0
        self.complete = False
        self._known = False
        self._floor = 0.0
        self._claimed = 0.0  # percent points that belong to parts or to the floor
        self._gaps = 0.0  # claimed percent points that belong to the floor alone
        self._filled = 0.0  # claimed percent points that parts have done
        self._expected = 0
        self._output = 0.0
        self.round = 0  # how often it began anew
        self._round_above = parent.round if parent is not None else 0

    @property
    def percent(self) -> float | None:
        """The percent, or None while nothing is known."""
        return self.value if self._known or self.complete else None

    def raise_floor(self, percent: float) -> None:
        """Raise the least percent that is done; a lower one changes nothing."""
        self._floor = max(self._floor, percent)
        self._refresh()

    def expect(self, count: int) -> None:
        """Declare how many parts are to come; they share evenly the percent points that are left."""
        self._expected = count

    def part(self, weight: float | None = None) -> Work:
        """Begin a part; its span is `weight` (0–1) of the whole, else as this module's docstring says."""
        # The output so far keeps its percent points: only a retry lets a percent fall.
        start = max(self._floor, self._claimed + (FULL - self._claimed) * self._output)
        self._output = 0.0
        left = FULL - start
        if weight is not None:
            span = min(weight * FULL, left)
        elif self._expected > 0:
            span = left / self._expected
            self._expected -= 1
        else:
            span = left / 2 if left > NOTHING_LEFT else 0.0
        self._gaps += start - self._claimed
        self._claimed = start + span
        self._known = True
        self._refresh()
        return Work(self, span)

    def write_output(self, fraction: float) -> None:
        """Set the share of the output that is written, 0–1. It fills the unclaimed rest, and may fall at a retry."""
        self._output = min(1.0, max(0.0, fraction))
        self._known = True
        self._refresh()

    def finish(self) -> None:
        """Fill the whole span."""
        self.complete = True
        self._refresh()

    def restart(self) -> None:
        """Begin anew: neither the work so far counts any more, nor the parts that began before."""
        self.round += 1
        self._floor = self._claimed = self._gaps = self._filled = self._output = 0.0
        self._expected = 0
        self.complete = self._known = False
        self._refresh()

    def _refresh(self) -> None:
        work = self
        while True:  # up the tree, as far as anything changes
            if work._floor:
                work._known = True
            rest = FULL - work._claimed
            computed = max(work._floor, work._gaps + work._filled + rest * work._output)
            before, work.value = work.value, FULL if work.complete else min(FULL, computed)
            above = work._parent
            if above is None or work.value == before or work._round_above != above.round:
                return
            above._filled += work.span * (work.value - before) / FULL  # noqa: SLF001 - another of this class
            work = above


class CountedWork(Work):
    """A piece of work that is done item by item, in the place of a plain one.

    `total` is the number of items, and `count` returns how many are done. Parts that begin during an item fill that
    item's share. Without a total, or without a count because items are done side by side, parts fill nothing.
    """

    __slots__ = ("_at", "_count", "_item", "_total")

    def __init__(self, plain: Work, total: float | None, count: Callable[[], int] | None) -> None:
        super().__init__(plain._parent, plain.span)  # noqa: SLF001 - takes its place
        self._total = total
        self._count = count
        self._at = -1
        self._item: Work | None = None
        self._claimed = FULL  # all of it belongs to the items

    def part(self, weight: float | None = None) -> Work:
        """Begin a part of the item that is being done."""
        if not self._total or self._count is None:
            return Work(None, 0.0)
        done = self._count()
        if self._item is None or self._at != done:
            # Parts of the items before count no more: the count says that those items are done.
            self.round += 1
            self._at, self._filled = done, min(FULL, FULL * done / self._total)
            self._item = Work(self, max(0.0, min(FULL / self._total, FULL - self._filled)))
        return self._item.part(weight)

    def write_output(self, fraction: float) -> None:
        """Move nothing: the output of one item says nothing of the others."""
