"""The recent runs of operations, for the forecasts of runs that begin: no run waits for the file, and few ask it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from progressnb.wire.codec import decode

if TYPE_CHECKING:
    from progressnb.history.queries import Queries
    from progressnb.history.store import Store
    from progressnb.wire.events import Event

__all__ = ["RecentRuns"]


class RecentRuns:
    """The runs that are stored to their end. An answer holds until somebody has written to the file."""

    def __init__(self, store: Store, queries: Queries) -> None:
        self._store = store
        self._queries = queries
        self._found: dict[str, tuple[tuple[int, int], tuple[str, ...]]] = {}  # by operation: the file's version, ids

    def latest(self, operation: str, count: int) -> tuple[str, ...]:
        """Return the ids of the latest runs of an operation, the oldest first; the last answer while the file is busy.

        The first question about an operation waits for the file.
        """
        found = self._found.get(operation)
        version = self._store.version(wait=found is None)
        if found is not None and (version is None or version == found[0]):
            return found[1]
        ids = tuple(self._queries.latest(operation, count))
        if version is not None:
            self._found[operation] = version, ids
        return ids

    def stored(self, run_id: str) -> list[Event]:
        """Return the events of a run as far as they are stored."""
        return [event for line in self._queries.stored(run_id) if (event := decode(line)) is not None]
