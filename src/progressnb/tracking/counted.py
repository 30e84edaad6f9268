"""Work that is counted: its percent is how many of its items are done, whatever their own parts say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from progressnb.tracking.percent import FULL, Work

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["CountedWork"]


class CountedWork(Work):
    """A piece of work that stands in the place of another and is done item by item.

    Items that are done one after the other let their parts fill the item's own share. Where they are done
    side by side, or nobody knows how many there are, only the count moves it.
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
            # What is left of the items before no longer counts: the count says that they are done.
            self.round += 1
            self._at, self._filled = done, min(FULL, FULL * done / self._total)
            self._item = Work(self, max(0.0, min(FULL / self._total, FULL - self._filled)))
        return self._item.part(weight)

    def write_output(self, fraction: float) -> None:
        """Move nothing: what an item writes says nothing of the others."""
