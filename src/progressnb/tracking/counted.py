"""Work that is done item by item, as that of a loop: its percent is the share of the items that are done."""

# ruff: noqa: SLF001 - the pieces of one tree know each other

from __future__ import annotations

from typing import TYPE_CHECKING

from progressnb.tracking.percent import FULL
from progressnb.tracking.work import Work

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["CountedWork"]


class CountedWork(Work):
    """A piece of work that is done item by item, in the place of a plain one.

    `total` is the number of items, and `count` returns how many are done. Parts that begin during an item fill that
    item's share. Without a total, or without a count because items are done side by side, parts fill nothing.
    `left` returns the seconds that the items to come will take, or None where that is not known.
    """

    __slots__ = ("_at", "_count", "_item", "_stands", "_total", "left")

    counts_items = True

    def __init__(self, plain: Work, total: float | None, count: Callable[[], float] | None) -> None:
        plain._catch_up()
        super().__init__(plain._parent, plain.span)
        self._is_shared, self._is_in_room, self._is_waiting = plain._is_shared, plain._is_in_room, plain._is_waiting
        self._total = total
        self._count = count
        self.left: Callable[[], float | None] | None = None
        self._stands: tuple[float | None] | None = None  # the percent that it shows for good
        self._at = -1.0
        self._item: Work | None = None
        self._claimed = FULL  # all of it belongs to the items
        if self._parent is not None:
            if self._parent._latest is plain:
                self._parent._latest = self
            if self._parent._room is not None:
                self._parent._room.replace(plain, self)
        if total:
            self._stretch()

    @property
    def percent(self) -> float | None:
        """The percent, or None while nothing is known."""
        return super().percent if self._stands is None else self._stands[0]

    def stand_still(self) -> None:
        """Show this percent for good: the work ends before all items are done. Its share of the whole is filled."""
        self._stands = (self.percent,)
        self.finish(given=True)

    @property
    def item(self) -> float | None:
        """The number of the item that is being done, from 0; None where items are done side by side."""
        return self._count() if self._count is not None else None

    def part(self, weight: float | None = None) -> Work:
        """Begin a part of the item that is being done."""
        if not self._total or self._count is None:
            return Work(None, 0.0)
        self._catch_up()
        done, self._known = self._count(), True
        if self._item is None or self._at != done:
            # Parts of the items before count no more: the count says that those items are done.
            self.round += 1
            self._at, self._filled = done, min(FULL, FULL * done / self._total)
            self._item = Work(self, max(0.0, min(FULL / self._total, FULL - self._filled)))
        return self._item.part(weight)

    def write_output(self, fraction: float, *, is_measured: bool = False) -> None:
        """Move nothing: the output of one item says nothing of the others."""
