"""The items of a batch that somebody has opened in a panel: their runs, live or from the history."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from progressnb.folds.tree import RunTree
    from progressnb.tracking.protocols import Watchable

__all__ = ["Items", "run_of_item"]

MOST = 3
"""Items that are open at a time; one more closes the one that was opened first."""

_logger = logging.getLogger("progressnb")


class Opened(Protocol):
    """The entry of an item's run."""

    @property
    def tree(self) -> RunTree:
        """What is to be seen of it."""
        ...

    def refresh(self, *, whole: bool = True, ended_too: bool = False) -> None:
        """Bring the tree up to date."""
        ...


EntryT = TypeVar("EntryT", bound=Opened)


class Items(Generic[EntryT]):
    """The opened items of one batch, by index.

    Args:
        make: A function that makes the entry of an item's run.

    """

    def __init__(self, make: Callable[[int, Watchable], EntryT]) -> None:
        self._make = make
        self._entries: dict[int, EntryT] = {}

    @property
    def trees(self) -> dict[int, RunTree]:
        """What is to be seen of them."""
        return {index: entry.tree for index, entry in list(self._entries.items())}

    def open(self, index: int, batch: Watchable | None) -> EntryT | str:
        """Open an item of a batch; return its entry, or a sentence that says why it can't be seen."""
        known = self._entries.get(index)
        if known is not None:
            return known
        run = run_of_item(batch, index)
        if isinstance(run, str):
            return run
        while len(self._entries) >= MOST:
            self._entries.pop(next(iter(self._entries)))
        entry = self._entries[index] = self._make(index, run)
        entry.refresh(ended_too=True)
        return entry

    def close(self, index: int) -> None:
        """Show an item no more."""
        self._entries.pop(index, None)

    def refresh(self) -> None:
        """Bring the trees up to date."""
        for entry in list(self._entries.values()):
            entry.refresh()


def run_of_item(batch: Watchable | None, index: int) -> Watchable | str:
    """Return the run of an item of a batch, or a sentence that says why it can't be seen."""
    open_item = getattr(batch, "open_item", None)
    if open_item is None:
        return "The items of this batch can't be opened from here."
    try:
        found: Watchable = open_item(index)
    except LookupError as error:
        return str(error.args[0]) if error.args else f"Item {index} is not there."
    except Exception as error:
        _logger.info("could not open item %d", index, exc_info=True)
        return f"Item {index} can't be opened: {error}"
    return found
