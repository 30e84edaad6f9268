"""The rows of a history's tables: how a run and its stages are written, and times as integers."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import reduce
from operator import attrgetter
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from progressnb.folds.shapes import added
from progressnb.wire.plain import clean_text

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping, Sequence

    from progressnb.folds.timings import StageTiming, Timings

__all__ = [
    "ADD_STAGES",
    "CHANGE_RUN",
    "RUN_COLUMNS",
    "STAGE_COLUMNS",
    "USAGE",
    "add_rows",
    "add_run",
    "instant",
    "marks",
    "run_row",
    "save_timings",
    "stage_rows",
]


def marks(count: int) -> str:
    """Return so many parameters of a statement."""
    return ", ".join("?" * count)


_NUMBERS = (float, int)  # made once: a store looks at each value of each row

RUN_COLUMNS = (
    "operation",
    "model",
    "status",
    "started",
    "duration",
    "elapsed",
    "overall_progress",
    "input_tokens",
    "output_tokens",
    "cost",
    "parent",
    "parent_stage",
    "resumed_from",
)
STAGE_COLUMNS = (
    "stage",
    "status",
    "started",
    "duration",
    "first_token",
    "stall",
    "input_tokens",
    "output_tokens",
    "cost",
    "retries",
    "source",
    "characters",
)

_values = attrgetter(*STAGE_COLUMNS)

USAGE = ("input_tokens", "output_tokens", "cost")
"""The columns of what runs and stages have spent."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
CHANGE_RUN = f"UPDATE runs SET {', '.join(f'{name} = ?' for name in RUN_COLUMNS)} WHERE run = ?"  # noqa: S608 - names from the tuple above
"""The statement that takes the values of `RUN_COLUMNS` and the key of a run."""

_STAGE = ("run", "position", *STAGE_COLUMNS)
ADD_STAGES = f"INSERT OR REPLACE INTO stages ({', '.join(_STAGE)}) VALUES ", f"({marks(len(_STAGE))})"  # noqa: S608 - likewise
"""The statement for rows of the key of a run, a position, and the values of `STAGE_COLUMNS`."""

_AT_A_TIME = 64, 16, 4, 1
"""Rows of one statement: a row of its own lets another thread in and waits for it, which takes longer than the row."""

_LARGEST_SUM = 1 << 62  # SQLite's integers have 64 bits


def add_rows(
    connection: sqlite3.Connection, statement: tuple[str, str], rows: Sequence[tuple[Any, ...]], end: str = ""
) -> None:
    """Add rows by a statement, which is its beginning and the parameters of one row; `end` is what follows the rows."""
    beginning, row = statement
    at = 0
    for count in _AT_A_TIME:
        while len(rows) - at >= count:
            values = [value for each in rows[at : at + count] for value in each]
            connection.execute(beginning + ", ".join([row] * count) + end, values)
            at += count


def add_run(connection: sqlite3.Connection, run_id: str, operation: str) -> int:
    """Return the key of a run, after adding the run if it is new."""
    connection.execute(
        "INSERT OR IGNORE INTO runs (run_id, operation, status, elapsed, overall_progress) "
        "VALUES (?, ?, 'pending', 0, 0)",
        (run_id, clean_text(operation)),
    )
    return int(connection.execute("SELECT run FROM runs WHERE run_id = ?", (run_id,)).fetchone()[0])


def save_timings(connection: sqlite3.Connection, run: int, timings: Timings) -> None:
    """Write the row of a run, which is there, and the rows of its stages."""
    stages = [stage for _, stage in timings.rows()]
    connection.execute(CHANGE_RUN, (*run_row(timings, stages), run))
    add_rows(connection, ADD_STAGES, [(run, *row) for row in stage_rows(stages).values()])


def instant(moment: datetime | None) -> int | None:
    """Return an aware time as the tables hold it: microseconds since 1970 in UTC."""
    if moment is None:
        return None
    since = moment - _EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def run_row(timings: Timings, stages: Sequence[StageTiming]) -> tuple[Any, ...]:
    """Return the values of `RUN_COLUMNS`."""
    state = timings.state
    return _clean(
        (
            state.operation,
            state.model,
            state.status,
            state.started,
            state.duration,
            timings.elapsed,
            state.overall_progress if state.ended else timings.overall_progress,
            _total([stage.input_tokens for stage in stages]),
            _total([stage.output_tokens for stage in stages]),
            _total([stage.cost for stage in stages]),
            state.parent.run_id if state.parent is not None else None,
            state.parent.stage if state.parent is not None else None,
            state.resumed_from,
        )
    )


def stage_rows(
    stages: Sequence[StageTiming],
    before: Mapping[str, tuple[Any, ...]] = MappingProxyType({}),
    timed: Mapping[str, StageTiming] = MappingProxyType({}),
) -> dict[str, tuple[Any, ...]]:
    """Return the position of each stage and the values of `STAGE_COLUMNS`, by path.

    Rows from `before` stay, as far as they were made of the very same timings, which are in `timed`.
    """
    rows: dict[str, tuple[Any, ...]] = {}
    for position, stage in enumerate(stages):
        path = stage.stage
        is_known = timed.get(path) is stage and before[path][0] == position
        rows[path] = before[path] if is_known else (position, *_clean(_values(stage)))
    return rows


def _clean(values: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return columns, of which each is text, a number, a time or nothing, as a table takes them."""
    return tuple([value if value is None or type(value) in _NUMBERS else _cleaned(value) for value in values])


def _cleaned(value: object) -> object:
    if isinstance(value, str):
        return clean_text(value)
    return instant(value) if isinstance(value, datetime) else value


def _total(values: list[Any]) -> Any:  # noqa: ANN401 - a count or an amount
    known = [value for value in values if value is not None]
    return min(reduce(added, known), _LARGEST_SUM) if known else None
