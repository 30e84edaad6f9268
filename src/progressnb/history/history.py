"""`History`: what runs did, kept in memory or in a SQLite file, and asked with pandas."""

from __future__ import annotations

import contextlib
import logging
import os
import weakref
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, cast, overload

from pydantic_core import from_json

from progressnb.errors import HistoryError, InputError, UnknownRunError
from progressnb.history.jsonl import import_jsonl
from progressnb.history.schema import RUN_COLUMNS, STAGE_COLUMNS, instant
from progressnb.history.store import Store
from progressnb.history.writer import Historian
from progressnb.tracking.clock import SystemClock
from progressnb.tracking.session import configure, current_session
from progressnb.wire.codec import decode

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType
    from typing import Self

    import pandas as pd

    from progressnb.frames.vega import ShownChart
    from progressnb.history.inputs import KeptInput
    from progressnb.learning import PastRuns, RunEstimator
    from progressnb.tracking.clock import Clock
    from progressnb.tracking.protocols import Recordable
    from progressnb.wire.events import Event

__all__ = ["History", "use_history"]

SomeRuns: TypeAlias = "str | Recordable | Iterable[str | Recordable]"
"""A run or its id, or several."""

When: TypeAlias = datetime | timedelta
"""A point in time, or how long ago; a time without a zone is the machine's own."""

_logger = logging.getLogger("progressnb")


class History:
    """Keep what runs did, in a SQLite file or in memory, and answer questions as DataFrames.

    Timings, names and messages are kept. What was written, the results and the inputs are kept only with
    `contents=True`: they are often personal data. Several kernels may use one file. Raises `HistoryError` for a
    file that is corrupt, locked, read-only, full, another program's or a newer version's. ::

        history = pnb.use_history("runs.db")  # every run from now on
        history.runs().tail(20)["cost"].sum()  # what did the last 20 runs cost
        history.timings(operation="report").groupby(["model", "stage"])["duration"].median()
        history.compare(yesterday, today)["ratio"]  # did it get slower
    """

    def __init__(
        self, path: str | os.PathLike[str] | None = None, *, contents: bool = False, clock: Clock | None = None
    ) -> None:
        self.path = None if path is None or path == ":memory:" else Path(path)
        self.contents = contents
        self._clock = clock or SystemClock()
        self._store = Store(self.path)
        self._historian = Historian(self._store, contents=contents)
        self._past_runs: PastRuns | None = None
        self._close = weakref.finalize(self, _leave, self._historian)

    def __repr__(self) -> str:
        """Show where it is."""
        return f"<History {self.path or 'in memory'}{', with contents' if self.contents else ''}>"

    def __enter__(self) -> Self:
        """Use it for a block."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close it."""
        self.close()

    def close(self) -> None:
        """Store what has happened so far, and close the file. Runs go on, and are no longer recorded.

        Raises `HistoryError` if the last events could not be stored.
        """
        if current_session().history is self:
            configure(history=None)
        if self._close.detach() is not None:
            self._historian.close()

    def record(self, run: Recordable) -> None:
        """Keep what a run has done so far and will do. `use_history` does this for every run."""
        self._historian.record(run, keep=self)

    # --- questions ---------------------------------------------------------------------------------

    def runs(self, *, children: bool = False) -> pd.DataFrame:
        """Return one row a run, the oldest first: status, times, tokens, cost.

        `duration` and `elapsed` are seconds; a run without a duration goes on, or its kernel was killed after
        `elapsed`. A run that was called inside another one is part of it, in cost and time too: such are left out,
        unless `children` asks for them. ::

            history.runs().tail(20)["cost"].sum()  # what did the last 20 runs cost
        """
        from progressnb.frames.columns import typed_frame
        from progressnb.frames.frames import RUNS

        where = "" if children else "WHERE parent IS NULL"
        names = ("run_id", *RUN_COLUMNS)
        rows = self._read(f"SELECT {', '.join(names)} FROM runs {where} ORDER BY started, run")  # noqa: S608 - names of ours
        return typed_frame(_columns(names, rows), RUNS)

    def events(self, run_id: str) -> pd.DataFrame:
        """Return one row an event of a run; `seq` is the index, columns are the events' fields.

        A run's id may be cut as long as one run has it. Raises `UnknownRunError` where there is none.
        """
        from progressnb.frames.frames import events_frame

        return events_frame(self._lines(self._find(run_id)))

    def latest(self, operation: str, count: int) -> list[str]:
        """Return the ids of the latest runs of an operation that are stored to their end, the oldest first."""
        with self._store.reading() as connection:
            rows = connection.execute(
                "SELECT run_id FROM runs WHERE operation = ? AND duration IS NOT NULL "
                "ORDER BY started DESC, run DESC LIMIT ?",
                (operation, count),
            ).fetchall()
        return [str(run_id) for (run_id,) in reversed(rows)]

    def stored(self, run_id: str) -> list[Event]:
        """Return the events of a run as far as they are stored, without waiting for the rest."""
        with self._store.reading() as connection:
            lines = connection.execute(
                "SELECT CAST(line AS BLOB) FROM events JOIN runs USING (run) WHERE run_id = ? ORDER BY seq", (run_id,)
            ).fetchall()
        return [event for (line,) in lines if (event := decode(line)) is not None]

    def estimate(self, run: Recordable) -> RunEstimator:
        """Return what estimates a run from past ones of its operation. `use_history` does this for every run."""
        from progressnb.learning import PastRuns

        if self._past_runs is None:
            self._past_runs = PastRuns(self)
        return self._past_runs.estimator(run.id, run.operation, run.model)

    def log(self, run_id: str) -> list[Event]:
        """Return a run's events; types that only a newer version knows are left out.

        Raises `UnknownRunError` where there is no such run.
        """
        return [event for line in self._lines(self._find(run_id)) if (event := decode(line)) is not None]

    def inputs(self, run_id: str) -> dict[str, KeptInput] | None:
        """Return what a run was given, or None where that was not kept. Raises `UnknownRunError`."""
        ((inputs,),) = self._read("SELECT inputs FROM runs WHERE run = ?", (self._find(run_id),))
        return None if inputs is None else from_json(inputs)

    def fingerprint(self, run_id: str) -> str | None:
        """Return what tells the code of a run's operation from another's. Raises `UnknownRunError`."""
        ((fingerprint,),) = self._read("SELECT fingerprint FROM runs WHERE run = ?", (self._find(run_id),))
        return None if fingerprint is None else str(fingerprint)

    def timings(
        self,
        *,
        operation: str | None = None,
        model: str | None = None,
        since: When | None = None,
    ) -> pd.DataFrame:
        """Return one row a stage of every run, or of those of an operation, of a model, since a time.

        The columns of `run.timings()`, after `run_id`, `operation` and `model`. ::

            week = history.timings(operation="report", since=timedelta(days=7))
            week.groupby([week["started"].dt.date, "stage"])["duration"].median()  # did it get slower
        """
        return self._timings(
            "(?1 IS NULL OR operation = ?1) AND (?2 IS NULL OR model = ?2) AND (?3 IS NULL OR runs.started >= ?3)",
            (operation, model, None if since is None else self._instant(since)),
        )

    def compare(self, a: SomeRuns, b: SomeRuns) -> pd.DataFrame:
        """Return one row a stage: how long it took in a run, or in the median of several, beside another.

        `a` and `b` are runs or their ids, one or several. Columns: `duration_a` and `duration_b` in seconds,
        `difference` (b less a), `ratio` (b by a: above 1 is slower), `tokens_per_second_a` and `_b`.
        Raises `InputError` for what is no run, and `UnknownRunError` for one that is not here. ::

            history.compare(history.latest("report", 10), run)  # this one beside the latest ten
        """
        import pandas as pd

        sides: list[pd.DataFrame] = []
        for given in (a, b):
            keys = [self._find(run_id) for run_id in _ids(given)]
            frame = self._timings(f"runs.run IN ({', '.join('?' * len(keys))})", tuple(keys))
            columns = frame[["stage", "duration", "tokens_per_second"]]
            sides.append(columns.groupby("stage", sort=False).median())
        stages = sides[0].index.append(sides[1].index).unique()  # in the order of the first, new ones after
        named = [side.reindex(stages).add_suffix(suffix) for side, suffix in zip(sides, ("_a", "_b"), strict=True)]
        both = pd.concat(named, axis="columns")
        both["difference"] = both["duration_b"] - both["duration_a"]
        both["ratio"] = both["duration_b"] / both["duration_a"].where(both["duration_a"] > 0)
        names = ["duration_a", "duration_b", "difference", "ratio", "tokens_per_second_a", "tokens_per_second_b"]
        return both[names].rename_axis("stage")

    def plot_stages(
        self, *, operation: str | None = None, model: str | None = None, since: When | None = None
    ) -> ShownChart:
        """Show how long each stage takes over all runs: median, half and four fifths of them.

        Needs the extra `plots`, else raises `MissingExtraError`.
        """
        from progressnb.frames.plots import stages_chart

        return stages_chart(self.timings(operation=operation, model=model, since=since))

    # --- in and out --------------------------------------------------------------------------------

    @overload
    def export_jsonl(self, path: None = None, *, run_id: str | None = None) -> bytes: ...
    @overload
    def export_jsonl(self, path: str | os.PathLike[str], *, run_id: str | None = None) -> Path: ...
    def export_jsonl(self, path: str | os.PathLike[str] | None = None, *, run_id: str | None = None) -> bytes | Path:
        """Write the events of all runs, or of one, as JSON Lines: the stored bytes, one event a line.

        Into a file, whose path is returned, or as bytes. Inputs are no events, and stay.
        """
        lines = self._lines(None if run_id is None else self._find(run_id))
        if path is None:
            return b"".join(line + b"\n" for line in lines)
        target = Path(path)
        with target.open("wb") as file:
            file.writelines(line + b"\n" for line in lines)
        return target

    @classmethod
    def from_jsonl(
        cls, source: str | os.PathLike[str] | bytes | Iterable[bytes], path: str | os.PathLike[str] | None = None
    ) -> Self:
        """Return a history of exported events, in memory or in the file `path`; a path, bytes or lines are read.

        Exporting it gives the same bytes again. All is read or nothing: raises `EventFormatError` with the number of
        the line for one that is no event or out of order, and `HistoryError` for a run that the file has.
        """
        history = cls(path)
        try:
            with contextlib.ExitStack() as stack:
                lines: Iterable[bytes]
                if isinstance(source, bytes):
                    lines = source.splitlines()
                elif isinstance(source, str | os.PathLike):
                    lines = stack.enter_context(Path(source).open("rb"))
                else:
                    lines = source
                connection = stack.enter_context(history._store.writing())
                import_jsonl(connection, lines)
        except BaseException:
            history.close()
            raise
        return history

    def delete(self, run_id: str) -> int:
        """Delete a run and the runs that it called, contents and all; return how many there were.

        Raises `UnknownRunError` where there is no such run.
        """
        return self._delete("run = ?", self._find(run_id))

    def prune(self, *, older_than: When) -> int:
        """Delete the runs that began before a time, or longer ago than a `timedelta`; return how many there were."""
        return self._delete("started < ?", self._instant(older_than))

    # --- inside ------------------------------------------------------------------------------------

    def _read(self, query: str, parameters: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        self._historian.flush()
        with self._store.reading() as connection:
            return connection.execute(query, parameters).fetchall()

    def _lines(self, run: int | None) -> Iterator[bytes]:
        self._historian.flush()
        with self._store.reading() as connection:
            where, parameters = ("", ()) if run is None else ("WHERE run = ?", (run,))
            query = f"SELECT CAST(line AS BLOB) FROM events {where} ORDER BY run, seq"  # noqa: S608 - a condition of ours
            for (line,) in connection.execute(query, parameters):
                yield line

    def _find(self, run_id: str) -> int:
        found = self._read("SELECT run FROM runs WHERE substr(run_id, 1, length(?1)) = ?1 AND ?1 <> ''", (run_id,))
        if len(found) > 1:
            found = self._read("SELECT run FROM runs WHERE run_id = ?", (run_id,)) or found
        if len(found) != 1:
            got = f"{run_id!r}, which {'no' if not found else len(found)} runs have"
            raise UnknownRunError("the id of one run", got, "history.runs() lists them.")
        return int(found[0][0])

    def _timings(self, where: str, parameters: tuple[Any, ...]) -> pd.DataFrame:
        from progressnb.frames.frames import stage_frame

        names = ("run_id", "operation", "model", *STAGE_COLUMNS)
        of_runs = ("run_id", "operation", "model")
        listed = ", ".join(f"{'runs' if name in of_runs else 'stages'}.{name}" for name in names)
        rows = self._read(
            f"SELECT {listed}, coalesce(runs.duration, runs.elapsed) FROM stages JOIN runs USING (run) "  # noqa: S608 - names of ours
            f"WHERE {where} ORDER BY runs.started, run, position",
            parameters,
        )
        return stage_frame(_columns(names, rows), [row[-1] for row in rows])

    def _delete(self, where: str, parameter: int) -> int:
        self._historian.flush()
        below = (
            f"WITH RECURSIVE gone (run_id) AS (SELECT run_id FROM runs WHERE {where} "  # noqa: S608 - conditions of ours
            "UNION SELECT runs.run_id FROM runs JOIN gone ON runs.parent = gone.run_id) "
            "DELETE FROM runs WHERE run_id IN (SELECT run_id FROM gone)"
        )
        with self._store.writing() as connection:
            connection.execute(below, (parameter,))
            count = int(connection.execute("SELECT changes()").fetchone()[0])
        self._store.forget()
        return count

    def _instant(self, when: When) -> int:
        moment = self._clock.now() - when if isinstance(when, timedelta) else when
        try:
            return instant(moment.astimezone()) or 0
        except (AttributeError, TypeError):
            raise InputError("a datetime, or a timedelta for how long ago", repr(when)) from None


@overload
def use_history(history: None, *, contents: bool = False) -> None: ...
@overload
def use_history(history: str | os.PathLike[str] | History, *, contents: bool = False) -> History: ...
def use_history(history: str | os.PathLike[str] | History | None, *, contents: bool = False) -> History | None:
    """Record every run from now on in a file or a history, which is returned; None records no more.

    A file keeps timings and messages; `contents=True` keeps what was written, the results and the inputs too. Runs that
    are already recorded go on being so. Raises `HistoryError` for a file that can't be used. ::

        history = pnb.use_history("runs.db")
    """
    if history is None:
        configure(history=None)
        return None
    used = history if isinstance(history, History) else History(history, contents=contents)
    configure(history=used)
    return used


def the_history(history: History | None = None) -> History:
    """Return this history, or the one that `use_history` set. Raises `HistoryError` where there is none."""
    used = history or current_session().history
    if not isinstance(used, History):
        raise HistoryError("a history", "none", 'Call pnb.use_history("runs.db") first, or pass history=.')
    return used


def _ids(given: Any) -> list[str]:  # noqa: ANN401 - whatever was passed
    is_one = isinstance(given, str | bytes) or not isinstance(given, Iterable)
    several = cast("list[object]", [given] if is_one else list(cast("Iterable[object]", given)))
    ids = [each if isinstance(each, str) else getattr(each, "id", None) for each in several]
    if not ids or not all(isinstance(run_id, str) for run_id in ids):
        got = repr(several[0]) if is_one else repr(several) if several else "none"
        raise InputError("runs or their ids", got, 'history.runs()["run_id"] has them.')
    return [str(run_id) for run_id in ids]


def _columns(names: tuple[str, ...], rows: list[tuple[Any, ...]]) -> dict[str, list[Any]]:
    return {name: [row[number] for row in rows] for number, name in enumerate(names)}


def _leave(historian: Historian) -> None:
    # Nobody holds the history any more, or Python exits.
    try:
        historian.close()
    except HistoryError as error:
        _logger.warning("could not store the last of what runs did: %s", error)
