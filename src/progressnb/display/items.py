"""The items of a batch that somebody has opened in a panel: their runs, live or from the history."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from progressnb.tracking.session import current_session, door

if TYPE_CHECKING:
    from collections.abc import Callable

    from progressnb.folds.tree import RunTree
    from progressnb.tracking.protocols import Watchable

__all__ = ["Items", "opens_items", "run_of_item"]

MOST = 3
"""Items that are open at a time; one more closes the one that was opened first."""

_logger = logging.getLogger("progressnb")


class Opened(Protocol):
    """The entry of an item's run."""

    @property
    def tree(self) -> RunTree:
        """Its tree, to be drawn."""
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
        """Their trees, to be drawn, by index."""
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


def opens_items(batch: Watchable) -> bool:
    """Tell whether items of a batch may be seen: it is one of this process, or a history may have them."""
    return hasattr(batch, "open_item") or current_session().history is not None


def run_of_item(batch: Watchable | None, index: int) -> Watchable | str:
    """Return the run of an item of a batch, or a sentence that says why it can't be seen.

    A batch of this process knows its items. Of a record, or of one that is gone, the history of the session is asked.
    """
    if batch is None:
        return "This batch is no longer in the kernel's memory."
    open_item: Callable[[int], Watchable] | None = getattr(batch, "open_item", None)
    try:
        found: Watchable = open_item(index) if open_item is not None else door("kept_item")(batch.log, index)
    except LookupError as error:
        return str(error.args[0]) if error.args else f"Item {index} is not there."
    except Exception as error:
        _logger.info("could not open item %d", index, exc_info=True)
        return f"Item {index} can't be opened: {error}"
    return found
