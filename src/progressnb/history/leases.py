"""Leases: of a run and those that take it up again, one at a time is worked on, by one process.

A lease lies in the history's file. It ends with the run; one whose holder is gone is taken over, and its run is lost.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from pydantic_core import to_json

from progressnb.errors import HistoryError, ResumeError
from progressnb.history.holders import PATIENCE, holder_of_process, is_gone, is_here, word_holder

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Container, Sequence

    from progressnb.history.store import Store

__all__ = ["Lease", "beat", "claim", "forget_lost", "forget_stale", "hold_all", "let_go_all", "now", "root_of"]

_LOST = (
    "UPDATE {table} SET status = 'lost' "
    "WHERE {key} AND status IN ('pending', 'running', 'retrying', 'fallback', 'waiting')"
)
_STALE = "wish NOT BETWEEN ? AND ?"
_FINISHED = (
    "WITH RECURSIVE family (run_id) AS (SELECT ? UNION "
    "SELECT runs.run_id FROM runs JOIN family ON runs.resumed_from = family.run_id) "
    "SELECT run_id FROM runs JOIN family USING (run_id) WHERE status = 'finished' LIMIT 1"
)


class Lease:
    """The right to take up a run again, from `claim` until `release`."""

    def __init__(self, store: Store, root: str) -> None:
        self._store, self._root = store, root

    def hand_to(self, run_id: str) -> None:
        """Name the new run."""
        with self._store.writing() as connection:
            connection.execute("UPDATE leases SET run_id = ? WHERE root = ?", (run_id, self._root))

    def release(self) -> None:
        """Give the lease back; a history that was closed meanwhile has forgotten it."""
        try:
            with self._store.writing() as connection:
                connection.execute(
                    "DELETE FROM leases WHERE root = ? AND holder = ?", (self._root, holder_of_process())
                )
        except HistoryError:
            pass


def claim(store: Store, run_id: str, alive: Container[str], *, anew: bool = False) -> Lease:
    """Return the lease of a run that is to be taken up again; of several who ask at once one gets it.

    `alive` has the ids of this process's runs that are at work. Raises `ResumeError` where somebody works on the run,
    or on one that took it up, and, unless it is to be done `anew`, where one that took it up has finished.
    """
    with store.writing() as connection:
        root = root_of(connection, run_id)
        finished = None if anew else connection.execute(_FINISHED, (root,)).fetchone()
        if finished is not None:
            got = f"one that {finished[0][:8]} has taken up, which finished"
            raise ResumeError("a run that was interrupted", got, "Begin a new run, or name stages in rerun=.")
        row = connection.execute("SELECT run_id, holder, seen FROM leases WHERE root = ?", (root,)).fetchone()
        if row is not None:
            by, holder, seen = row
            is_alive = by in alive or by == "" if is_here(holder) else not is_gone(holder, now() - seen)
            if is_alive:
                what = "one that is alive" if by == run_id else f"one that {by[:8] or 'another run'} has taken up"
                remedy = (
                    "Await it, or cancel it first." if is_here(holder) else "Wait for it, or end that process first."
                )
                raise ResumeError("a run that was interrupted", f"{what}, in {word_holder(holder)}", remedy)
            _lose(connection, "?", by)
        connection.execute("INSERT OR REPLACE INTO leases VALUES (?, '', ?, ?)", (root, holder_of_process(), now()))
    return Lease(store, root)


def hold_all(connection: sqlite3.Connection, begun: Sequence[tuple[str, str | None]]) -> None:
    """Write the leases of runs that this process has begun, inside the caller's transaction.

    Each is the id of a run, and that of the run that it takes up, or None.
    """
    if begun:
        rows = [
            (run_id if before is None else root_of(connection, before), run_id, holder_of_process(), now())
            for run_id, before in begun
        ]
        connection.executemany("INSERT OR REPLACE INTO leases VALUES (?, ?, ?, ?)", rows)


def let_go_all(connection: sqlite3.Connection, ended: Sequence[str]) -> None:
    """Delete the leases of runs that have ended, inside the caller's transaction."""
    if ended:
        ids = to_json(list(ended)).decode()
        connection.execute("DELETE FROM leases WHERE run_id IN (SELECT value FROM json_each(?))", (ids,))


def beat(store: Store) -> None:
    """Write a sign of life of this process."""
    with store.writing() as connection:
        connection.execute("UPDATE leases SET seen = ? WHERE holder = ?", (now(), holder_of_process()))
        forget_stale(connection)


def forget_lost(store: Store) -> None:
    """Mark the runs whose holders are gone as lost, and forget what nobody waits for any more."""
    with store.reading() as connection:  # which also warns of a file that was removed
        holders = connection.execute("SELECT holder, max(seen) FROM leases GROUP BY holder").fetchall()
        has_stale = connection.execute(f"SELECT 1 FROM wishes WHERE {_STALE} LIMIT 1", _of_late()).fetchone()  # noqa: S608 - ours
    gone = [holder for holder, seen in holders if is_gone(holder, now() - seen)]
    if gone or has_stale:
        with store.writing() as connection:
            if has_stale:
                forget_stale(connection)
            for holder in gone:
                _lose(connection, "SELECT run_id FROM leases WHERE holder = ?", holder)
                connection.execute("DELETE FROM leases WHERE holder = ?", (holder,))


def forget_stale(connection: sqlite3.Connection) -> None:
    """Delete what processes asked of runs of others a minute ago, answered or not: who asks waits for seconds.

    So a wish whose process died does not stay, and a process that hung does nothing late. Two clocks may differ by less
    than that minute.
    """
    connection.execute(f"DELETE FROM wishes WHERE {_STALE}", _of_late())  # noqa: S608 - ours


def _of_late() -> tuple[int, int]:
    """Return the numbers of the first and the last wish that may be waited for: microseconds since 1970."""
    return round((now() - PATIENCE) * 1e6), round((now() + PATIENCE) * 1e6)


def root_of(connection: sqlite3.Connection, run_id: str) -> str:
    """Return the id of the first run that a run, directly or by others, takes up."""
    seen = {run_id}
    while True:
        row = connection.execute("SELECT resumed_from FROM runs WHERE run_id = ?", (run_id,)).fetchone()
        if row is None or row[0] is None or row[0] in seen:
            return run_id
        run_id = row[0]
        seen.add(run_id)


def _lose(connection: sqlite3.Connection, runs: str, parameter: str) -> None:
    """Mark runs as lost; `runs` is what gives their ids in SQL."""
    stages = f"SELECT run FROM runs WHERE run_id IN ({runs})"  # noqa: S608 - one of two texts
    connection.execute(_LOST.format(table="runs", key=f"run_id IN ({runs})"), (parameter,))
    connection.execute(_LOST.format(table="stages", key=f"run IN ({stages})"), (parameter,))


def now() -> float:
    """Return seconds since 1970."""
    return time.time()  # other processes and machines read it
