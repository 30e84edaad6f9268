"""The recent runs of operations, for the forecasts of runs that begin: no run waits for the file, and few ask it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

from progressnb.wire.codec import decode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from progressnb.history.queries import Queries
    from progressnb.history.store import Store
    from progressnb.wire.events import Event

__all__ = ["RecentRuns", "decoded"]


PAUSE = 0.5
"""Seconds for which an answer holds whatever other processes write, unless runs are deleted here."""


class _Answer(NamedTuple):
    when: tuple[float, int]  # seconds of a monotonic clock, and the deletions until then
    version: tuple[int, int] | None  # of the file
    ids: tuple[str, ...]


class RecentRuns:
    """The runs that are stored to their end. An answer holds until somebody has written to the file."""

    def __init__(self, store: Store, queries: Queries, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._queries = queries
        self._clock = clock
        self._found: dict[str, _Answer] = {}  # by operation

    def latest(self, operation: str, count: int) -> tuple[str, ...]:
        """Return the ids of the latest runs of an operation, the oldest first; the last answer while the file is busy.

        The first question about an operation waits for the file.
        """
        now, found = (self._clock(), self._store.deletions), self._found.get(operation)
        if found is not None and now[0] - found.when[0] < PAUSE and now[1] == found.when[1]:
            return found.ids
        version = self._store.version(wait=found is None)
        if found is None or (version is not None and version != found.version):
            ids = tuple(self._queries.latest(operation, count))
            found = _Answer(now, version, ids if found is None or ids != found.ids else found.ids)
        self._found[operation] = found = found._replace(when=now)
        return found.ids

    def stored(self, run_id: str) -> list[Event]:
        """Return the events of a run as far as they are stored."""
        return decoded(self._queries.stored(run_id))


def decoded(lines: Iterable[bytes]) -> list[Event]:
    """Return events of stored lines, without those that only a newer version knows."""
    return [event for line in lines if (event := decode(line)) is not None]
