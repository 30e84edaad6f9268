"""What a run needs that takes up another: the right to do so, and the results that the runs before it kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from progressnb.history.leases import root_of
from progressnb.history.results import KeptResult, names_stage
from progressnb.wire.codec import open_line

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

    from progressnb.history.store import Store

__all__ = ["results_before"]

_FAMILY = (
    "WITH RECURSIVE family (run_id) AS (SELECT ? UNION "
    "SELECT runs.run_id FROM runs JOIN family ON runs.resumed_from = family.run_id) "
    "SELECT run FROM runs JOIN family USING (run_id) ORDER BY run DESC"
)
_RESULTS = (
    "SELECT stage, code, arguments, files, duration, reason, fault, value FROM results WHERE run = ? ORDER BY position"
)


def results_before(store: Store, run_id: str) -> list[KeptResult]:
    """Return the results of a run, of those that it takes up and of those that took it up, of later runs first.

    Those of stages that a later run was asked to run again are left out.
    """
    with store.reading() as connection:
        return list(_results(connection, run_id))


def _results(connection: sqlite3.Connection, run_id: str) -> Iterator[KeptResult]:
    again: set[str] = set()
    for (run,) in connection.execute(_FAMILY, (root_of(connection, run_id),)).fetchall():
        for row in connection.execute(_RESULTS, (run,)):
            result = KeptResult.of_row(row)
            if not again or not names_stage(result.stage, again):
                yield result
        again |= _asked_again(connection, run)


def _asked_again(connection: sqlite3.Connection, run: int) -> set[str]:
    row = connection.execute("SELECT CAST(line AS BLOB) FROM events WHERE run = ? AND seq = 0", (run,)).fetchone()
    data: Any = open_line(row[0]).get("data") if row is not None else None
    names = data.get("rerun") if isinstance(data, dict) else None  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType] # any JSON
    return {str(name) for name in names} if isinstance(names, list) else set()  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
