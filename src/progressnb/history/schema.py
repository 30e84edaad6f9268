"""The tables of a history, their versions, and the rows that a run becomes.

Version 1 had runs and events. Version 2 keeps a row a stage, since reading the timings of many runs out of their
events takes a thousand times longer. Version 3 has the same tables, and null for a silence that a log can't tell.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from progressnb.errors import HistoryError
from progressnb.folds.silences import Signs
from progressnb.folds.timings import Timings
from progressnb.wire.codec import decode
from progressnb.wire.plain import clean_text

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterator, Mapping

    from progressnb.folds.timings import StageTiming
    from progressnb.wire.events import Event

__all__ = [
    "APPLICATION",
    "RUN_COLUMNS",
    "STAGE_COLUMNS",
    "VERSION",
    "begin",
    "instant",
    "migrate",
    "save",
    "version_of",
]

APPLICATION = 0x706E6231
"""What says in the file's header that it is ours."""

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

_VERSION_1 = """
CREATE TABLE runs (
    run INTEGER PRIMARY KEY AUTOINCREMENT,  -- never given twice: a writer may still hold that of a deleted run
    run_id TEXT NOT NULL UNIQUE,
    operation TEXT NOT NULL,
    model TEXT,
    status TEXT NOT NULL,
    started INTEGER,                        -- microseconds since 1970 in UTC, here and below
    duration REAL,
    elapsed REAL NOT NULL,
    overall_progress REAL NOT NULL,
    input_tokens INTEGER,
    output_tokens INTEGER,
    cost REAL,
    parent TEXT,
    parent_stage TEXT,
    resumed_from TEXT,
    fingerprint TEXT,
    inputs TEXT
);
CREATE TABLE events (
    run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
    seq INTEGER NOT NULL,
    line TEXT NOT NULL,
    PRIMARY KEY (run, seq)
) WITHOUT ROWID;
"""
_VERSION_2 = """
CREATE TABLE stages (
    run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
    position INTEGER NOT NULL,
    stage TEXT NOT NULL,
    status TEXT NOT NULL,
    started INTEGER,
    duration REAL,
    first_token REAL,
    stall REAL,
    input_tokens INTEGER,
    output_tokens INTEGER,
    cost REAL,
    retries INTEGER NOT NULL,
    source TEXT,
    characters INTEGER NOT NULL,
    PRIMARY KEY (run, stage)
) WITHOUT ROWID;
CREATE INDEX runs_by_operation ON runs (operation, started);
"""


def version_of(connection: sqlite3.Connection) -> int:
    """Return the version of a file's tables, 0 for none yet.

    Raises `HistoryError` for a file that is another program's or a newer version's.
    """
    version = _pragma(connection, "user_version")
    tables = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
    if _pragma(connection, "application_id") != APPLICATION and (version or tables):
        raise HistoryError(
            "a history of progressnb", "the database of another program", "Name a file that does not exist yet."
        )
    if version > VERSION:
        raise HistoryError(
            f"a history of schema version {VERSION} or older",
            f"version {version}",
            "A newer progressnb wrote it: upgrade with `pip install --upgrade progressnb`.",
        )
    return version


def migrate(connection: sqlite3.Connection) -> None:
    """Bring the file to this version, inside the caller's transaction. Raises `HistoryError` as `version_of` does."""
    version = version_of(connection)
    for number in range(version, VERSION):
        _MIGRATIONS[number](connection)
    # Also where nothing changed: a file that may only be read, or a full disk, is told of now and not during a run.
    connection.execute(f"PRAGMA application_id = {APPLICATION}")
    connection.execute(f"PRAGMA user_version = {VERSION}")


def save(
    connection: sqlite3.Connection, run: int, timings: Timings, saved: Mapping[str, tuple[Any, ...]]
) -> dict[str, tuple[Any, ...]] | None:
    """Write what a run's times are by now; return None if the run was deleted meanwhile.

    `saved` has the stages' rows as they stand in the file; what they are now is returned.
    """
    stages = [stage for _, stage in timings.rows()]
    assignments = ", ".join(f"{column} = ?" for column in RUN_COLUMNS)
    cursor = connection.execute(f"UPDATE runs SET {assignments} WHERE run = ?", (*_run_row(timings, stages), run))  # noqa: S608 - names of ours
    if cursor.rowcount == 0:
        return None
    rows = {stage.stage: _stage_row(position, stage) for position, stage in enumerate(stages)}
    changed = [(run, *row) for path, row in rows.items() if saved.get(path) != row]
    columns = ", ".join(("run", "position", *STAGE_COLUMNS))
    marks = ", ".join("?" * (len(STAGE_COLUMNS) + 2))
    connection.executemany(f"INSERT OR REPLACE INTO stages ({columns}) VALUES ({marks})", changed)  # noqa: S608 - names of ours
    return rows


def begin(connection: sqlite3.Connection, run_id: str, operation: str) -> int:
    """Return the key of a run, which is added where it is new."""
    connection.execute(
        "INSERT OR IGNORE INTO runs (run_id, operation, status, elapsed, overall_progress) "
        "VALUES (?, ?, 'pending', 0, 0)",
        (run_id, clean_text(operation)),
    )
    return int(connection.execute("SELECT run FROM runs WHERE run_id = ?", (run_id,)).fetchone()[0])


def instant(moment: datetime | None) -> int | None:
    """Return an aware time as microseconds since 1970 in UTC, as the tables have it."""
    if moment is None:
        return None
    since = moment - datetime(1970, 1, 1, tzinfo=UTC)
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def _run_row(timings: Timings, stages: list[StageTiming]) -> tuple[Any, ...]:
    state = timings.state
    return _clean(
        state.operation,
        state.model,
        state.status,
        instant(state.started),
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


def _stage_row(position: int, timing: StageTiming) -> tuple[Any, ...]:
    values = (getattr(timing, column) for column in STAGE_COLUMNS)
    return _clean(position, *(instant(value) if isinstance(value, datetime) else value for value in values))


def _clean(*values: Any) -> tuple[Any, ...]:  # noqa: ANN401 - a column is text or a number
    return tuple(clean_text(value) if isinstance(value, str) else value for value in values)


def _total(values: list[Any]) -> Any:  # noqa: ANN401 - a count or an amount
    known = [value for value in values if value is not None]
    return min(sum(known), 1 << 62) if known else None


def _pragma(connection: sqlite3.Connection, name: str) -> int:
    return int(connection.execute(f"PRAGMA {name}").fetchone()[0])


def _run_script(connection: sqlite3.Connection, script: str) -> None:
    for statement in script.split(";\n"):  # executescript would commit the transaction
        if statement.strip():
            connection.execute(statement)


def _to_version_1(connection: sqlite3.Connection) -> None:
    _run_script(connection, _VERSION_1)


def _to_version_2(connection: sqlite3.Connection) -> None:
    _run_script(connection, _VERSION_2)
    for (run,) in connection.execute("SELECT run FROM runs").fetchall():
        save(connection, run, Timings.of(_events(connection, run)), {})


def _to_version_3(connection: sqlite3.Connection) -> None:
    # Of the stored events only the silences are read anew: the rest of a row may tell more than a redacted log.
    for (run,) in connection.execute("SELECT run FROM runs").fetchall():
        signs = Signs.of(_events(connection, run))
        stalls = [(signs.stall(path), run, clean_text(path)) for path in signs.stages]
        connection.executemany("UPDATE stages SET stall = ? WHERE run = ? AND stage = ?", stalls)


def _events(connection: sqlite3.Connection, run: int) -> Iterator[Event]:
    for (line,) in connection.execute("SELECT line FROM events WHERE run = ? ORDER BY seq", (run,)):
        if (event := decode(line)) is not None:
            yield event


_MIGRATIONS: tuple[Callable[[sqlite3.Connection], None], ...] = (_to_version_1, _to_version_2, _to_version_3)

VERSION = len(_MIGRATIONS)
"""The version of the tables that this progressnb writes."""
