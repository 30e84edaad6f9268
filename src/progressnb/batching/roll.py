"""The roll of a batch: its items, in the order of the inputs and of their ends, and what is kept of each."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from typing import TYPE_CHECKING, Any, SupportsIndex

from progressnb.batching.state import BatchItem

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from contextlib import AbstractContextManager
    from weakref import ref

__all__ = ["Roll"]

FAILURES = 20
"""Failed items whose runs and tracebacks are kept: the first of each kind, and the last ones."""

SLOWEST = 5
"""Slowest items whose runs are kept."""

_CHAIN = 20


class Roll:
    """The items of a batch.

    Attributes:
        items: Those that are known, in the order of the inputs.
        ended: Those that have ended, in the order of their ends.
        counts: How many there are, by status of their end.
        repeated: Results that came a second time and were dropped: what was paid twice.
        is_over: Whether no more will end.

    """

    def __init__(self, batch: ref[Any], total: int | None) -> None:
        self._batch = batch
        self.items: list[BatchItem[Any]] = [BatchItem(index, batch) for index in range(total or 0)]
        self.ended: list[BatchItem[Any]] = []
        self.counts: Counter[str] = Counter()
        self.repeated = 0
        self.is_over = False
        self._failures: list[BatchItem[Any]] = []
        self._slowest: list[BatchItem[Any]] = []
        self._readers: list[asyncio.Future[None]] = []

    def item(self, index: int) -> BatchItem[Any]:
        """Return the item of an index, which is the next one where it is new."""
        if index == len(self.items):
            self.items.append(BatchItem(index, self._batch))
        return self.items[index]

    def at(self, index: Any) -> Any:  # noqa: ANN401 - of a slice a list, as for a list
        """Return the item at a position, or those of a slice."""
        if not isinstance(index, SupportsIndex | slice):
            raise TypeError(f"expected the position of an item as a whole number, got {index!r}")
        known = len(self.items)
        if not isinstance(index, slice) and not -known <= index.__index__() < known:
            has = f"from 0 to {known - 1}" if known else "of an item, of which none is known"
            raise IndexError(f"expected a position {has}, got {index}")
        return self.items[index]

    def end(self, item: BatchItem[Any]) -> None:
        """Take note that an item has ended, and keep what may be looked at."""
        self.ended.append(item)
        self.counts[item.status] += 1
        if item.status == "failed":
            self._fail(item)
        elif not self._is_slow(item):
            item.run = None
        if item.run is not None:
            item.run.pack()
        self._notify()

    def close(self) -> None:
        """Give their end to items that never began, and tell readers that no more will come."""
        if not self.is_over:
            for item in self.items:
                if not item.ended:
                    item.status = "not begun"
                    self.counts["not begun"] += 1
            self.is_over = True
            self._notify()

    async def follow(
        self, waiting: Callable[[asyncio.Future[None]], AbstractContextManager[None]]
    ) -> AsyncIterator[BatchItem[Any]]:
        """Yield the items in the order of their ends, from the first, until none is to come.

        `waiting` makes the block in which it waits for a future.
        """
        place = 0
        while True:
            while place < len(self.ended):
                place += 1
                yield self.ended[place - 1]
            if self.is_over:
                return
            reader: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._readers.append(reader)
            if place == len(self.ended) and not self.is_over:  # another thread may have been quicker
                with waiting(reader):
                    await reader

    def _notify(self) -> None:
        readers, self._readers = self._readers, []
        for reader in readers:
            with contextlib.suppress(RuntimeError):  # its loop is closed: nobody reads any more
                reader.get_loop().call_soon_threadsafe(_wake, reader)

    def _fail(self, item: BatchItem[Any]) -> None:
        """Keep a failed item in the place of the oldest that is no example: panels name the first of each kind."""
        self._failures.append(item)
        if len(self._failures) <= FAILURES:
            return
        examples = {_kind(each): each for each in sorted(self._failures, key=lambda each: -each.index)}
        out = next((each for each in self._failures if examples[_kind(each)] is not each), self._failures[0])
        self._failures.remove(out)
        self._let_go(out)

    def _is_slow(self, item: BatchItem[Any]) -> bool:
        if item.run is None or item.duration is None:
            return False
        self._slowest.append(item)
        self._slowest.sort(key=lambda each: -(each.duration or 0.0))
        if len(self._slowest) <= SLOWEST:
            return True
        out = self._slowest.pop()
        out.run = None
        return out is not item

    def _let_go(self, item: BatchItem[Any]) -> None:
        """Let the run of a failed item go, and the frames that the traceback of its error holds."""
        item.run, error = None, item.error
        for _ in range(_CHAIN):
            if error is None:
                break
            error.__traceback__ = None
            error = error.__cause__ or error.__context__


def _kind(item: BatchItem[Any]) -> tuple[type[BaseException | None], object]:
    return type(item.error), getattr(item.error, "status_code", None)


def _wake(reader: asyncio.Future[None]) -> None:
    if not reader.done():
        reader.set_result(None)
