"""The questions that a history answers in SQL. Each statement finds its runs by an index."""

from __future__ import annotations

import difflib
import logging
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from pydantic_core import to_json

from progressnb.errors import InputError, UnknownRunError
from progressnb.history.chosen import ALL, run_ids
from progressnb.history.rows import RUN_COLUMNS, STAGE_COLUMNS, USAGE
from progressnb.history.times import span_of_day

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from progressnb.history.chosen import Chosen
    from progressnb.history.store import Store

__all__ = ["Queries"]

_Columns: TypeAlias = dict[str, list[Any]]

_STAGE_NAMES = ("run_id", "operation", "model", *STAGE_COLUMNS)
_STAGES = (
    f"SELECT runs.run_id, runs.operation, runs.model, {', '.join(f'stages.{name}' for name in STAGE_COLUMNS)}, "  # noqa: S608 - names from a tuple
    "coalesce(runs.duration, runs.elapsed) FROM runs CROSS JOIN stages USING (run) "
    "WHERE {where} ORDER BY runs.started, run, position"
)
_FOUND = (
    "WITH RECURSIVE found (run_id) AS (SELECT run_id FROM runs WHERE {where} "
    "UNION SELECT runs.run_id FROM found CROSS JOIN runs ON runs.parent = found.run_id) "
)
_THESE = f"{_FOUND}SELECT run FROM found CROSS JOIN runs USING (run_id)"  # noqa: S608 - a text from above
_DELETE = "DELETE FROM runs WHERE run IN (SELECT value FROM json_each(?))"
_STEP = 500
"""The number of runs that one transaction deletes: other kernels wait for its lock, and give up after some seconds."""

_CALLED = (
    f"SELECT child.run_id, child.parent, {', '.join(f'child.{key}' for key in USAGE)}, "  # noqa: S608 - names from a tuple
    f"{', '.join(f'stages.{key}' for key in USAGE)} FROM runs AS child "
    "CROSS JOIN runs AS caller ON caller.run_id = child.parent "
    "LEFT JOIN stages ON stages.run = caller.run AND stages.stage = child.parent_stage WHERE child.parent IS NOT NULL"
)
_CALLED_BY_THESE = f"{_FOUND}{_CALLED} AND child.parent IN (SELECT run_id FROM found)"  # noqa: S608 - texts from above
_NAMES = (
    "WITH RECURSIVE names (name) AS (SELECT min({column}) FROM runs WHERE {column} IS NOT NULL "
    "UNION ALL SELECT (SELECT min({column}) FROM runs WHERE {column} > name) FROM names WHERE name IS NOT NULL) "
    "SELECT name FROM names WHERE name IS NOT NULL"
)
_BEGIN_SO = "FROM runs WHERE run_id BETWEEN ? AND ?"
_TWO_THAT_BEGIN_SO = f"SELECT run, run_id {_BEGIN_SO} ORDER BY run_id LIMIT 2"
_COUNT_OF_THESE = f"SELECT count(*) {_BEGIN_SO}"
_END = "\U0010ffff" * 8  # no id has it, and it comes behind all that one may have

_ROUNDING = 1e-9
"""The difference of two sums of the same amounts, added in another order, at most."""

_logger = logging.getLogger("progressnb")


class Queries:
    """The SQL of a history; every question but two calls `flush` first.

    Args:
        store: The database.
        flush: Stores what runs have done so far.
        settle: Does so too, and marks the runs whose processes are gone.

    """

    def __init__(self, store: Store, flush: Callable[[], None], settle: Callable[[], None]) -> None:
        self._store = store
        self._flush = flush
        self._settle = settle

    def find(self, run_id: str) -> int:
        """Return the key of the run whose id begins so. Raises `UnknownRunError` unless it is exactly one."""
        return self._find([run_id])[0]

    def _find(self, ids: Sequence[str]) -> list[int]:
        """Return the keys of the runs whose ids begin so, each by the index; raise as `find` does."""
        self._flush()
        self._store.need()
        return [_key(self._store, run_id) for run_id in ids]

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
        rows = self._store.read(f"{ended} ORDER BY started DESC, run DESC LIMIT ?", (operation, count))
        return [str(run_id) for (run_id,) in reversed(rows)]

    def stored(self, run_id: str) -> list[bytes]:
        """Return the encoded events of a run as far as they are stored, without a flush."""
        if self._store.discarded:
            return []
        query = "SELECT CAST(line AS BLOB) FROM events JOIN runs USING (run) WHERE run_id = ? ORDER BY seq"
        return [line for (line,) in self._store.read(query, (run_id,))]

    def runs(self, chosen: Chosen, *, children: bool) -> _Columns:
        """Return the columns of runs, the oldest first, with those that other runs called or without."""
        names = ("run_id", *RUN_COLUMNS)
        where = chosen.where if children else f"{chosen.where} AND parent IS NULL"
        query = f"SELECT {', '.join(names)} FROM runs WHERE {where} ORDER BY started, run"  # noqa: S608 - names from a tuple
        rows = self._read(query, chosen.parameters)
        if not rows:
            self._check_names(chosen)
        columns = _columns(names, rows)
        unseen = self._unseen(chosen)
        if unseen:
            places = {run_id: row for row, run_id in enumerate(columns["run_id"])}
            for run_id, amounts in unseen.items():
                if (row := places.get(run_id)) is not None:
                    for key, amount in amounts.items():
                        columns[key][row] = (columns[key][row] or 0) + amount
        return columns

    def _unseen(self, chosen: Chosen) -> dict[str, dict[str, float]]:
        """Return what runs spent that these called, and that no event of these tells, by the caller's id.

        Such a run went on after its caller had ended, or its kernel was killed between two writes.
        """
        query = _CALLED if chosen.where == ALL else _CALLED_BY_THESE.format(where=chosen.where)
        called = self._read(query, chosen.parameters)
        unseen: dict[str, dict[str, float]] = {}
        for run_id, caller, *amounts in _innermost_first(called):
            own, seen = amounts[: len(USAGE)], amounts[len(USAGE) :]
            for key, spent, told in zip(USAGE, own, seen, strict=True):
                more = (spent or 0) + unseen.get(run_id, {}).get(key, 0) - (told or 0)
                if more > _ROUNDING:
                    sums = unseen.setdefault(caller, {})
                    sums[key] = sums.get(key, 0) + more
        return unseen

    def stages(self, chosen: Chosen) -> tuple[_Columns, list[float]]:
        """Return the columns of stages, and the duration in seconds of the run of each."""
        rows = self._read(_STAGES.format(where=chosen.where), chosen.parameters)
        if not rows:
            self._check_names(chosen)
        return _columns(_STAGE_NAMES, rows), [row[-1] for row in rows]

    def work_of(self, runs: Sequence[int]) -> list[tuple[str, float | None, int | None]]:
        """Return the path, the duration in seconds and the output tokens of each stage of some runs."""
        query = (
            "SELECT stage, stages.duration, stages.output_tokens FROM runs CROSS JOIN stages USING (run) "
            "WHERE run IN (SELECT value FROM json_each(?)) ORDER BY runs.started, run, position"
        )
        return self._read(query, (to_json(list(runs)).decode(),))

    def keys(self, given: object) -> list[int]:
        """Return the keys of runs that a caller names: by ids, runs, a frame, or a local day.

        Raises `InputError` for anything else, `UnknownRunError` for a run that is not here and a day without runs.
        """
        if (span := span_of_day(given)) is None:
            return self._find(run_ids(given))
        began = "SELECT run FROM runs WHERE parent IS NULL AND started >= ? AND started < ? ORDER BY started, run"
        found = self._read(began, span)
        if not found:
            raise UnknownRunError("a day with runs", f"{given}, which has none", "history.runs() lists them.")
        return [int(run) for (run,) in found]

    def _check_names(self, chosen: Chosen) -> None:
        """Raise `InputError` for an operation without any run; warn of such a model."""
        asked = (("operation", chosen.operation), ("model", chosen.model))
        for column, name in ((column, name) for column, wanted in asked for name in wanted or ()):
            if self._read(f"SELECT 1 FROM runs WHERE {column} = ? LIMIT 1", (name,)):  # noqa: S608 - one of two names
                continue
            known = sorted(str(each) for (each,) in self._read(_NAMES.format(column=column)))
            if not known:
                continue
            near = difflib.get_close_matches(name, known, 3) or known[:3]
            got = f"no runs of {column} {name!r}"
            if column == "operation":
                raise InputError(f"an operation of this history, such as {', '.join(map(repr, near))}", got)
            _logger.warning("%s; this history has %s", got, ", ".join(map(repr, near)))

    def delete(self, run: int) -> int:
        """Delete a run and the runs below it; return how many these were."""
        return self._delete("run = ?", run)

    def delete_before(self, moment: int) -> int:
        """Delete the runs that began before a time, with the runs below them; return how many these were."""
        return self._delete("started < ?", moment)

    def _delete(self, where: str, parameter: int) -> int:
        """Delete runs in short transactions, those below a run first, so that it may be broken off at any time."""
        rows = self._read(_THESE.format(where=where), (parameter,))
        runs = [int(run) for (run,) in reversed(rows)]
        count = 0
        for first in range(0, len(runs), _STEP):
            with self._store.writing() as connection:
                some = to_json(runs[first : first + _STEP]).decode()
                count += connection.execute(_DELETE, (some,)).rowcount
        self._store.forget()
        return count

    def _read(self, query: str, parameters: Mapping[str, Any] | tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        self._settle()
        self._store.need()
        return self._store.read(query, parameters)


def _key(store: Store, run_id: str) -> int:
    """Return the key of the run whose id begins so; raise `UnknownRunError` unless it is exactly one."""
    span = (run_id, run_id + _END)
    try:
        found = store.read(_TWO_THAT_BEGIN_SO, span) if run_id else []
    except UnicodeEncodeError:  # half of a surrogate pair, which is in no id
        found = []
    if found and (len(found) == 1 or found[0][1] == run_id):
        return int(found[0][0])
    ((count,),) = store.read(_COUNT_OF_THESE, span) if found else (("no",),)
    raise UnknownRunError("the id of one run", f"{run_id!r}, which {count} runs have", "history.runs() lists them.")


def _innermost_first(called: Sequence[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Return the rows of runs that others called, each behind the runs that it called itself."""
    rows = {row[0]: row for row in called}
    depths: dict[str, int] = {}
    for run_id in rows:
        chain: dict[str, None] = {}  # in order
        at = run_id
        while at in rows and at not in depths and at not in chain:
            chain[at] = None
            at = rows[at][1]
        depth = depths.get(at, 0)
        for each in reversed(chain):
            depth += 1
            depths[each] = depth
    return sorted(called, key=lambda row: -depths[row[0]])


def _columns(names: tuple[str, ...], rows: list[tuple[Any, ...]]) -> _Columns:
    return {name: [row[number] for row in rows] for number, name in enumerate(names)}
