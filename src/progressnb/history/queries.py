"""The questions that a history answers in SQL, and what callers may pass to name runs and times."""

from __future__ import annotations

import difflib
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeAlias, cast

from pydantic_core import to_json

from progressnb.errors import InputError, UnknownRunError
from progressnb.history.rows import RUN_COLUMNS, STAGE_COLUMNS, USAGE
from progressnb.history.times import microseconds, span_of_day

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import date

    import numpy as np
    import pandas as pd

    from progressnb.history.store import Store
    from progressnb.history.times import When
    from progressnb.tracking.clock import Clock
    from progressnb.tracking.protocols import Recordable

__all__ = ["Chosen", "Named", "Queries", "SomeNames", "SomeRuns", "names_of", "run_ids"]

SomeRuns: TypeAlias = (
    "str | date | np.datetime64[Any] | Recordable | pd.DataFrame | pd.Series[Any] | Iterable[str | Recordable]"
)
"""A run or its id, several, a frame of runs or a row of it, or a local day, which is the runs of that day."""

SomeNames: TypeAlias = "str | Named | Iterable[str | Named]"
"""A name, something that has one, such as an operation, or several of these, any of which is meant."""

_Columns: TypeAlias = dict[str, list[Any]]


class Named(Protocol):
    """Something that has a name."""

    @property
    def name(self) -> str:
        """The name."""
        ...


_STAGE_NAMES = ("run_id", "operation", "model", *STAGE_COLUMNS)
_STAGES = (
    f"SELECT runs.run_id, runs.operation, runs.model, {', '.join(f'stages.{name}' for name in STAGE_COLUMNS)}, "  # noqa: S608 - names from a tuple
    "coalesce(runs.duration, runs.elapsed) FROM stages JOIN runs USING (run) "
    "WHERE {where} ORDER BY runs.started, run, position"
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


_logger = logging.getLogger("progressnb")


@dataclass(frozen=True, slots=True)
class Chosen:
    """The runs that a question is about: of an operation, of a model, begun since a time and before another one."""

    operation: tuple[str, ...] | None = None
    model: tuple[str, ...] | None = None
    since: int | None = None
    until: int | None = None

    @classmethod
    def of(
        cls,
        clock: Clock,
        operation: SomeNames | None,
        model: SomeNames | None,
        since: When | None,
        until: When | None,
    ) -> Chosen:
        """Read what a caller passed. Raises `InputError` for a time that is none, and for names that are none."""
        first = None if since is None else microseconds(since, clock)
        last = None if until is None else microseconds(until, clock, end=True)
        return cls(names_of(operation, "operation"), names_of(model, "model"), first, last)

    @property
    def where(self) -> str:
        """The condition in SQL."""
        conditions = [
            f"{column} IN ({', '.join(f':{column}{number}' for number in range(len(names)))})"
            for column, names in self._names
            if names is not None
        ]
        since = "(:since IS NULL OR runs.started >= :since)"
        return " AND ".join([*conditions, since, "(:until IS NULL OR runs.started < :until)"])

    @property
    def parameters(self) -> dict[str, str | int | None]:
        """The values for SQL."""
        named = {f"{column}{number}": name for column, names in self._names for number, name in enumerate(names or ())}
        return {**named, "since": self.since, "until": self.until}

    @property
    def _names(self) -> tuple[tuple[str, tuple[str, ...] | None], ...]:
        return ("operation", self.operation), ("model", self.model)


class Queries:
    """The SQL of a history. `flush` stores what runs have done so far; every question but two calls it first."""

    def __init__(self, store: Store, flush: Callable[[], None]) -> None:
        self._store = store
        self._flush = flush

    def find(self, run_id: str) -> int:
        """Return the key of the run whose id begins so. Raises `UnknownRunError` unless it is exactly one."""
        exact = self._read("SELECT run FROM runs WHERE run_id = :id", {"id": run_id})
        if exact:  # by the index: a frame may name thousands
            return int(exact[0][0])
        beginning = "SELECT run FROM runs WHERE substr(run_id, 1, length(:id)) = :id AND :id <> ''"
        found = self._read(beginning, {"id": run_id})
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

    def runs(self, chosen: Chosen, *, children: bool) -> _Columns:
        """Return the columns of runs, the oldest first, with those that other runs called or without."""
        names = ("run_id", *RUN_COLUMNS)
        where = chosen.where if children else f"{chosen.where} AND parent IS NULL"
        query = f"SELECT {', '.join(names)} FROM runs WHERE {where} ORDER BY started, run"  # noqa: S608 - names from a tuple
        rows = self._read(query, chosen.parameters)
        if not rows:
            self._check_names(chosen)
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

    def stages(self, chosen: Chosen) -> tuple[_Columns, list[float]]:
        """Return the columns of stages, and the duration in seconds of the run of each."""
        found = self._stages(chosen.where, chosen.parameters)
        if not found[1]:
            self._check_names(chosen)
        return found

    def stages_of(self, runs: Sequence[int]) -> tuple[_Columns, list[float]]:
        """Return the same for some runs."""
        return self._stages("runs.run IN (SELECT value FROM json_each(?))", (to_json(list(runs)).decode(),))

    def keys(self, given: object) -> list[int]:
        """Return the keys of runs that a caller names: by ids, runs, a frame, or a local day.

        Raises `InputError` for anything else, `UnknownRunError` for a run that is not here and a day without runs.
        """
        if (span := span_of_day(given)) is None:
            return [self.find(run_id) for run_id in run_ids(given)]
        began = "SELECT run FROM runs WHERE parent IS NULL AND started >= ? AND started < ? ORDER BY started, run"
        found = self._read(began, span)
        if not found:
            raise UnknownRunError("a day with runs", f"{given}, which has none", "history.runs() lists them.")
        return [int(run) for (run,) in found]

    def _check_names(self, chosen: Chosen) -> None:
        """Raise `InputError` for an operation without any run; warn of such a model."""
        asked = (("operation", chosen.operation), ("model", chosen.model))
        for column, name in ((column, name) for column, wanted in asked for name in wanted or ()):
            names = self._read(f"SELECT DISTINCT {column} FROM runs WHERE {column} IS NOT NULL")  # noqa: S608 - one of two names
            known = sorted(str(each) for (each,) in names)
            if not known or name in known:
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


def names_of(given: object, what: str) -> tuple[str, ...] | None:
    """Return the names that a caller passed: a text, an object that has a `name`, or several of these; None for None.

    Raises `InputError` for anything else; `what` says what they are names of.
    """
    if given is None:
        return None
    asked: object = given
    has_name = hasattr(given, "name") and not hasattr(given, "iloc")  # a series has a name, too
    is_one = isinstance(given, str | bytes) or has_name or not isinstance(given, Iterable)
    several: list[object] = [given] if is_one else list(cast("Iterable[object]", given))
    names = [each if isinstance(each, str) else getattr(each, "name", None) for each in several]
    if not names or not all(isinstance(name, str) for name in names):
        raise InputError(f"the name of one {what}, or names of several", repr(asked), f'Write {what}="name".')
    return tuple(map(str, names))


def run_ids(given: object) -> list[str]:
    """Return the ids of a run, of several, or of a frame. Raises `InputError` for anything else."""
    given = _ids_of_frame(given)
    is_one = isinstance(given, str | bytes) or not isinstance(given, Iterable)
    several = cast("list[object]", [given] if is_one else list(cast("Iterable[object]", given)))
    ids = [each if isinstance(each, str) else getattr(each, "id", None) for each in several]
    if not ids or not all(isinstance(run_id, str) for run_id in ids):
        got = repr(several[0]) if is_one else repr(several) if several else "none"
        raise InputError("runs or their ids", got, 'history.runs() has them; a day such as "2026-11-27" is its runs.')
    return list(dict.fromkeys(map(str, ids)))


def _ids_of_frame(given: object) -> object:
    """Return the column or the index `run_id` of a frame, that of a row, or anything else as it is."""
    if not hasattr(given, "index") or not hasattr(given, "iloc"):
        return given
    frame = cast("Any", given)
    if "run_id" in getattr(frame, "columns", frame.index):
        return frame["run_id"]
    if "run_id" in getattr(frame.index, "names", ()):
        return frame.index.get_level_values("run_id")
    return [None] if hasattr(frame, "columns") else frame


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
