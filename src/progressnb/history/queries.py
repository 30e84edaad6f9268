"""The questions that a history answers in SQL, and what callers may pass to name runs and times."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, cast

from progressnb.errors import InputError, UnknownRunError
from progressnb.history.rows import RUN_COLUMNS, STAGE_COLUMNS, USAGE, instant

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from progressnb.history.store import Store
    from progressnb.tracking.clock import Clock
    from progressnb.tracking.protocols import Recordable

__all__ = ["Queries", "SomeRuns", "When", "microseconds", "run_ids"]

SomeRuns: TypeAlias = "str | Recordable | Iterable[str | Recordable]"
"""A run or its id, or several."""

When: TypeAlias = datetime | timedelta
"""A point in time, or how long ago. A time without a zone is in the zone of the machine."""

_Columns: TypeAlias = dict[str, list[Any]]

_STAGE_NAMES = ("run_id", "operation", "model", *STAGE_COLUMNS)
_STAGES = (
    f"SELECT runs.run_id, runs.operation, runs.model, {', '.join(f'stages.{name}' for name in STAGE_COLUMNS)}, "  # noqa: S608 - names from a tuple
    "coalesce(runs.duration, runs.elapsed) FROM stages JOIN runs USING (run) "
    "WHERE {where} ORDER BY runs.started, run, position"
)
_FILTER = (
    "(:operation IS NULL OR operation = :operation) AND (:model IS NULL OR model = :model) "
    "AND (:since IS NULL OR runs.started >= :since)"
)
_WITH_CHILDREN = (
    "WITH RECURSIVE found (run_id) AS (SELECT run_id FROM runs WHERE {where} "
    "UNION SELECT runs.run_id FROM runs JOIN found ON runs.parent = found.run_id) "
    "DELETE FROM runs WHERE run_id IN (SELECT run_id FROM found)"
)


_CALLED = (
    f"SELECT child.run_id, child.parent, {', '.join(f'child.{key}' for key in USAGE)}, "  # noqa: S608 - names from a tuple
    f"{', '.join(f'stages.{key}' for key in USAGE)} FROM runs AS child "
    "JOIN runs AS caller ON caller.run_id = child.parent "
    "LEFT JOIN stages ON stages.run = caller.run AND stages.stage = child.parent_stage"
)
_ROUNDING = 1e-9
"""The difference of two sums of the same amounts, added in another order, at most."""


class Queries:
    """The SQL of a history. `flush` stores what runs have done so far; every question but two calls it first."""

    def __init__(self, store: Store, flush: Callable[[], None]) -> None:
        self._store = store
        self._flush = flush

    def find(self, run_id: str) -> int:
        """Return the key of the run whose id begins so. Raises `UnknownRunError` unless it is exactly one."""
        beginning = "SELECT run FROM runs WHERE substr(run_id, 1, length(:id)) = :id AND :id <> ''"
        found = self._read(beginning, {"id": run_id})
        if len(found) > 1:
            found = self._read("SELECT run FROM runs WHERE run_id = :id", {"id": run_id}) or found
        if len(found) != 1:
            got = f"{run_id!r}, which {'no' if not found else len(found)} runs have"
            raise UnknownRunError("the id of one run", got, "history.runs() lists them.")
        return int(found[0][0])

    def field(self, name: Literal["inputs", "fingerprint"], run: int) -> str | None:
        """Return a text of the row of a run."""
        ((value,),) = self._read(f"SELECT {name} FROM runs WHERE run = ?", (run,))  # noqa: S608 - one of two names
        return None if value is None else str(value)

    def lines(self, run: int | None = None) -> Iterator[bytes]:
        """Go through the encoded events of a run, or of all runs, in order."""
        self._flush()
        self._store.need()
        where, parameters = ("", ()) if run is None else ("WHERE run = ?", (run,))
        query = f"SELECT CAST(line AS BLOB) FROM events {where} ORDER BY run, seq"  # noqa: S608 - one of two texts
        with self._store.reading() as connection:
            for (line,) in connection.execute(query, parameters):
                yield line

    def latest(self, operation: str, count: int) -> list[str]:
        """Return the ids of the latest runs of an operation that are stored to their end, without a flush."""
        if self._store.discarded:
            return []
        ended = "SELECT run_id FROM runs WHERE operation = ? AND duration IS NOT NULL"
        with self._store.reading() as connection:
            rows = connection.execute(f"{ended} ORDER BY started DESC, run DESC LIMIT ?", (operation, count)).fetchall()
        return [str(run_id) for (run_id,) in reversed(rows)]

    def stored(self, run_id: str) -> list[bytes]:
        """Return the encoded events of a run as far as they are stored, without a flush."""
        if self._store.discarded:
            return []
        query = "SELECT CAST(line AS BLOB) FROM events JOIN runs USING (run) WHERE run_id = ? ORDER BY seq"
        with self._store.reading() as connection:
            return [line for (line,) in connection.execute(query, (run_id,)).fetchall()]

    def runs(self, *, children: bool) -> _Columns:
        """Return the columns of all runs, the oldest first, with those that other runs called or without."""
        names = ("run_id", *RUN_COLUMNS)
        where = "" if children else "WHERE parent IS NULL"
        rows = self._read(f"SELECT {', '.join(names)} FROM runs {where} ORDER BY started, run")  # noqa: S608 - names from a tuple
        columns = _columns(names, rows)
        unseen = self._unseen()
        if unseen:
            places = {run_id: row for row, run_id in enumerate(columns["run_id"])}
            for run_id, amounts in unseen.items():
                if (row := places.get(run_id)) is not None:
                    for key, amount in amounts.items():
                        columns[key][row] = (columns[key][row] or 0) + amount
        return columns

    def _unseen(self) -> dict[str, dict[str, float]]:
        """Return what runs spent that other runs called, and that no event of these tells, by the caller's id.

        Such a run went on after its caller had ended, or its kernel was killed between two writes.
        """
        called = self._read(_CALLED)
        unseen: dict[str, dict[str, float]] = {}
        for run_id, caller, *amounts in _innermost_first(called):
            own, seen = amounts[: len(USAGE)], amounts[len(USAGE) :]
            for key, spent, told in zip(USAGE, own, seen, strict=True):
                more = (spent or 0) + unseen.get(run_id, {}).get(key, 0) - (told or 0)
                if more > _ROUNDING:
                    sums = unseen.setdefault(caller, {})
                    sums[key] = sums.get(key, 0) + more
        return unseen

    def stages(self, operation: str | None, model: str | None, since: int | None) -> tuple[_Columns, list[float]]:
        """Return the columns of stages, and the duration in seconds of the run of each."""
        return self._stages(_FILTER, {"operation": operation, "model": model, "since": since})

    def stages_of(self, runs: Sequence[int]) -> tuple[_Columns, list[float]]:
        """Return the same for some runs."""
        return self._stages(f"runs.run IN ({', '.join('?' * len(runs))})", tuple(runs))

    def delete(self, run: int) -> int:
        """Delete a run and the runs below it; return how many these were."""
        return self._delete("run = ?", run)

    def delete_before(self, moment: int) -> int:
        """Delete the runs that began before a time, with the runs below them; return how many these were."""
        return self._delete("started < ?", moment)

    def _read(self, query: str, parameters: Mapping[str, Any] | tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        self._flush()
        self._store.need()
        with self._store.reading() as connection:
            return connection.execute(query, parameters).fetchall()

    def _stages(self, where: str, parameters: Mapping[str, Any] | tuple[Any, ...]) -> tuple[_Columns, list[float]]:
        rows = self._read(_STAGES.format(where=where), parameters)
        return _columns(_STAGE_NAMES, rows), [row[-1] for row in rows]

    def _delete(self, where: str, parameter: int) -> int:
        self._flush()
        with self._store.writing() as connection:
            connection.execute(_WITH_CHILDREN.format(where=where), (parameter,))
            count = int(connection.execute("SELECT changes()").fetchone()[0])
        self._store.forget()
        return count


def run_ids(given: object) -> list[str]:
    """Return the ids of a run or of several. Raises `InputError` for anything else."""
    is_one = isinstance(given, str | bytes) or not isinstance(given, Iterable)
    several = cast("list[object]", [given] if is_one else list(cast("Iterable[object]", given)))
    ids = [each if isinstance(each, str) else getattr(each, "id", None) for each in several]
    if not ids or not all(isinstance(run_id, str) for run_id in ids):
        got = repr(several[0]) if is_one else repr(several) if several else "none"
        raise InputError("runs or their ids", got, 'history.runs()["run_id"] has them.')
    return [str(run_id) for run_id in ids]


def microseconds(when: When, clock: Clock) -> int:
    """Return a time as the tables hold it. Raises `InputError` for anything else."""
    moment = clock.now() - when if isinstance(when, timedelta) else when
    try:
        return instant(moment.astimezone()) or 0
    except (AttributeError, TypeError):
        raise InputError("a datetime, or a timedelta for how long ago", repr(when)) from None


def _innermost_first(called: Sequence[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Return the rows of runs that others called, each behind the runs that it called itself."""
    rows = {row[0]: row for row in called}
    depths: dict[str, int] = {}
    for run_id in rows:
        chain: list[str] = []
        at = run_id
        while at in rows and at not in depths and at not in chain[-1:]:
            chain.append(at)
            at = rows[at][1]
        depth = depths.get(at, 0)
        for each in reversed(chain):
            depth += 1
            depths[each] = depth
    return sorted(called, key=lambda row: -depths[row[0]])


def _columns(names: tuple[str, ...], rows: list[tuple[Any, ...]]) -> _Columns:
    return {name: [row[number] for row in rows] for number, name in enumerate(names)}
