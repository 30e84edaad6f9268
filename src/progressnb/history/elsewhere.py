"""Runs that another process records in the same file: whether they are alive, what is new of them, what they are asked.

So any worker of a server answers for the runs of all workers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from pydantic_core import from_json, to_json

from progressnb.history.holders import is_gone, is_here, word_holder
from progressnb.history.leases import now

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from progressnb.history.store import Store

__all__ = ["Elsewhere", "Holder"]


class Holder(NamedTuple):
    """The process that works on a run, in words, and whether it is this one."""

    words: str
    is_here: bool


class Elsewhere:
    """The runs of a history's file that are at work in any process. Its methods may be called in any thread.

    They raise `HistoryError` for a file that can't be used.
    """

    def __init__(self, store: Store, flush: Callable[[], None]) -> None:
        self._store, self.settle = store, flush

    @property
    def is_shared(self) -> bool:
        """Whether other processes may use the same file."""
        return self._store.path is not None

    def holder(self, run_id: str) -> Holder | None:
        """Return the process that works on a run; None where no process does, or none that is alive."""
        with self._store.reading() as connection:
            row = connection.execute("SELECT holder, seen FROM leases WHERE run_id = ?", (run_id,)).fetchone()
        if row is None or is_gone(row[0], now() - row[1]):
            return None
        return Holder(word_holder(row[0]), is_here(row[0]))

    def version(self) -> object:
        """Return what changes as anybody writes to the file."""
        return self._store.version(wait=True)

    def lines(self, run_id: str, after: int) -> list[bytes]:
        """Return the encoded events of a run behind a seq."""
        where = "WHERE run = (SELECT run FROM runs WHERE run_id = ?) AND seq > ?"
        query = f"SELECT CAST(line AS BLOB) FROM events {where} ORDER BY seq"  # noqa: S608 - ours
        with self._store.reading() as connection:
            return [line for (line,) in connection.execute(query, (run_id, after)).fetchall()]

    def ask(self, run_id: str, message: Mapping[str, Any]) -> None:
        """Ask the process that works on a run for an act: plain data that `asked` gives there."""
        row = run_id, to_json(message).decode()
        with self._store.writing() as connection:
            connection.execute("DELETE FROM wishes WHERE run_id NOT IN (SELECT run_id FROM leases)")  # never heard
            connection.execute("INSERT INTO wishes (run_id, message) VALUES (?, ?)", row)

    def asked(self, run_ids: Collection[str]) -> list[tuple[str, dict[str, Any]]]:
        """Take what other processes ask of these runs, each once."""
        ids = to_json(list(run_ids)).decode()
        where = "WHERE run_id IN (SELECT value FROM json_each(?))"
        with self._store.reading() as connection:
            if connection.execute(f"SELECT 1 FROM wishes {where} LIMIT 1", (ids,)).fetchone() is None:  # noqa: S608 - ours
                return []
        with self._store.writing() as connection:
            rows = connection.execute(f"SELECT run_id, message FROM wishes {where} ORDER BY wish", (ids,)).fetchall()  # noqa: S608
            connection.execute(f"DELETE FROM wishes {where}", (ids,))  # noqa: S608
        return [(run_id, from_json(message)) for run_id, message in rows]
