"""The results that a run which takes up another may reuse: those of its family, and of the runs that these called."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from progressnb.history.leases import root_of
from progressnb.history.results import KeptResult, KeptResults, names_stage
from progressnb.wire.codec import open_line

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection

    from progressnb.history.store import Store

__all__ = ["kept_before"]

_FAMILY = (
    "WITH RECURSIVE family (run_id) AS (SELECT ? UNION "
    "SELECT runs.run_id FROM runs JOIN family ON runs.resumed_from = family.run_id) "
    "SELECT run, run_id FROM runs JOIN family USING (run_id) ORDER BY run DESC"
)
_CHILDREN = (
    "SELECT run, run_id, parent, parent_stage FROM runs "
    "WHERE operation = ? AND parent IN (SELECT value FROM json_each(?)) ORDER BY run DESC"
)
_RESULTS = (
    "SELECT stage, code, arguments, files, duration, reason, fault, value FROM results WHERE run = ? ORDER BY position"
)


@dataclass(frozen=True, slots=True)
class _Run:
    """A run before; `again` has the stages that later runs were asked to run again.

    `generation` is the key of the run of the family that it is, or that called it.
    """

    key: int
    run_id: str
    generation: int
    again: frozenset[str] = field(default_factory=frozenset[str])


def kept_before(store: Store, run_id: str, rerun: Collection[str], reuse: Collection[str]) -> KeptResults:
    """Return what a run kept, with what the runs kept that it takes up and that took it up; later runs come first.

    Results of stages that a later run was asked to run again are left out.
    """
    with store.reading() as connection:
        runs: list[_Run] = []
        again: frozenset[str] = frozenset()
        for key, each in connection.execute(_FAMILY, (root_of(connection, run_id),)).fetchall():
            runs.append(_Run(key, each, key, again))
            again |= _asked_again(connection, key)
    return _kept(store, runs, rerun, reuse)


def _kept(store: Store, runs: list[_Run], rerun: Collection[str], reuse: Collection[str]) -> KeptResults:
    with store.reading() as connection:
        results = [result for run in runs for result in _results(connection, run)]

    def below(operation: str) -> KeptResults | None:
        parents = {run.run_id: run for run in runs}
        with store.reading() as connection:
            rows = connection.execute(_CHILDREN, (operation, json.dumps(list(parents)))).fetchall()
        children = [
            _Run(key, run_id, parents[parent].generation, parents[parent].again)
            for key, run_id, parent, stage in rows
            if not names_stage(stage or "", parents[parent].again)
        ]
        return _kept(store, children, rerun, reuse) if children else None

    return KeptResults(results, rerun=rerun, reuse=reuse, below=below)


def _results(connection: sqlite3.Connection, run: _Run) -> list[KeptResult]:
    kept = [KeptResult.of_row(row, run.generation) for row in connection.execute(_RESULTS, (run.key,))]
    return [each for each in kept if not names_stage(each.stage, run.again)] if run.again else kept


def _asked_again(connection: sqlite3.Connection, run: int) -> frozenset[str]:
    row = connection.execute("SELECT CAST(line AS BLOB) FROM events WHERE run = ? AND seq = 0", (run,)).fetchone()
    data: Any = open_line(row[0]).get("data") if row is not None else None
    names: list[Any] | None = cast("dict[str, Any]", data).get("rerun") if isinstance(data, dict) else None
    return frozenset(map(str, names)) if isinstance(names, list) else frozenset()
