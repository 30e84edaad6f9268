"""The tables of a history file, their versions, and the migrations between them.

A new version is one more function in `_MIGRATIONS`. The tests run every migration against a file of 0.1.0.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from progressnb.errors import HistoryError
from progressnb.folds.silences import Signs
from progressnb.folds.timings import Timings
from progressnb.history.foreign import find_foreign
from progressnb.history.rows import save_timings
from progressnb.wire.codec import decode
from progressnb.wire.plain import clean_text

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Generator, Iterator

    from progressnb.wire.events import Event

__all__ = ["APPLICATION", "VERSION", "migrate", "version_of"]

APPLICATION = 0x706E6231
"""The application id in the header of a history's file: `pnb1`."""

_DAY = 24 * 3600.0

_RUNS_AND_EVENTS = """
CREATE TABLE runs (
    run INTEGER PRIMARY KEY AUTOINCREMENT,  -- never used twice: a writer may still hold that of a deleted run
    run_id TEXT NOT NULL UNIQUE,
    operation TEXT NOT NULL,
    model TEXT,
    status TEXT NOT NULL,
    started INTEGER,                        -- microseconds since 1970 in UTC, here and below
    duration REAL,                          -- seconds, here and below
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
_STAGES = """
CREATE TABLE stages (
    run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
    position INTEGER NOT NULL,
    stage TEXT NOT NULL,
    status TEXT NOT NULL,
    started INTEGER,
    duration REAL,
    first_token REAL,
    stall REAL,                             -- NULL where it is not known
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
_RESULTS_AND_LEASES = """
CREATE TABLE results (
    run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
    position INTEGER NOT NULL,
    stage TEXT NOT NULL,
    code TEXT NOT NULL,                     -- the digest of the function and of what it reads
    arguments TEXT,                         -- that of the arguments; NULL where they can't be compared
    files TEXT NOT NULL,                    -- the digests of the files that these name, by path
    duration REAL NOT NULL,
    reason TEXT,
    fault TEXT,                             -- why the result can't be given back
    value BLOB,
    PRIMARY KEY (run, position)
) WITHOUT ROWID;
CREATE TABLE leases (
    root TEXT PRIMARY KEY,                  -- the first of the runs that take each other up
    run_id TEXT NOT NULL,                   -- the one at work
    holder TEXT NOT NULL,
    seen REAL NOT NULL                      -- seconds since 1970 of its last sign of life
) WITHOUT ROWID;
CREATE INDEX runs_by_resumed ON runs (resumed_from) WHERE resumed_from IS NOT NULL;
"""

_BATCHES = """
CREATE TABLE batches (
    run INTEGER PRIMARY KEY REFERENCES runs ON DELETE CASCADE,  -- of the first call
    identity TEXT NOT NULL,                 -- the operation and the name
    latest TEXT NOT NULL                    -- the id of the run that worked on it last
);
CREATE TABLE items (
    run INTEGER NOT NULL REFERENCES batches ON DELETE CASCADE,
    key TEXT NOT NULL,                      -- the digest of what is computed
    position INTEGER NOT NULL,
    run_id TEXT,
    attempts INTEGER NOT NULL,
    cost REAL,
    input_tokens INTEGER,
    output_tokens INTEGER,
    duration REAL,
    fault TEXT,                             -- why the result can't be given back
    value BLOB,
    PRIMARY KEY (run, key)
);
CREATE INDEX batches_by_identity ON batches (identity);
"""
_INDEXES = """
CREATE INDEX runs_by_time ON runs (started);
CREATE INDEX runs_by_model ON runs (model, started) WHERE model IS NOT NULL;
CREATE INDEX runs_by_caller ON runs (parent) WHERE parent IS NOT NULL;
CREATE INDEX leases_by_run ON leases (run_id);
"""

_WISHES = """
CREATE TABLE wishes (
    wish INTEGER PRIMARY KEY,
    run_id TEXT NOT NULL REFERENCES runs (run_id) ON DELETE CASCADE,  -- at work in another process
    message TEXT NOT NULL                   -- what is asked of it, as JSON; gone once it was heard
);
CREATE INDEX wishes_by_run ON wishes (run_id);
"""

_ANSWERS = """
ALTER TABLE wishes ADD COLUMN answer TEXT;
"""  # of the process that has the run, as JSON; empty once it has heard the wish, null before


def version_of(connection: sqlite3.Connection) -> int:
    """Return the version of a file's tables, 0 for an empty file.

    Raises `HistoryError` for a file that another program or a newer version wrote, and for one of ours to which
    somebody has added triggers, views, tables or indices.
    """
    with _as_of_now(connection):
        return _checked_version(connection)


@contextmanager
def _as_of_now(connection: sqlite3.Connection) -> Generator[None]:
    """Let all that a block reads be of one moment: another kernel may make the tables meanwhile."""
    is_outer = connection.in_transaction
    if not is_outer:
        connection.execute("BEGIN")
    try:
        yield
    finally:
        if not is_outer:
            connection.execute("ROLLBACK")


def _checked_version(connection: sqlite3.Connection) -> int:
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
    if (version or tables) and (foreign := find_foreign(connection, _MIGRATIONS[:version])) is not None:
        raise HistoryError("a history as progressnb makes it", foreign, "Open no file of a stranger as a history.")
    return version


def migrate(connection: sqlite3.Connection) -> None:
    """Bring the file to this version, inside the caller's transaction. Raises `HistoryError` as `version_of` does."""
    version = version_of(connection)
    for to_next_version in _MIGRATIONS[version:]:
        to_next_version(connection)
    if 0 < version < _WITH_STAGES:
        _fill_stages(connection)
    if 0 < version < VERSION:
        _lose_killed(connection)
    # Written even where nothing changed: a read-only file or a full disk shows now, and not during a run.
    connection.execute(f"PRAGMA application_id = {APPLICATION}")
    connection.execute(f"PRAGMA user_version = {VERSION}")


def _to_version_1(connection: sqlite3.Connection) -> None:
    """Make the tables of runs and events."""
    _run_script(connection, _RUNS_AND_EVENTS)


def _to_version_2(connection: sqlite3.Connection) -> None:
    """Add a row a stage: reading the timings of many runs out of their events takes a thousand times longer."""
    _run_script(connection, _STAGES)


def _to_version_3(connection: sqlite3.Connection) -> None:
    """Read the silences anew: null for one that a log of 0.1.0 can't tell from a message."""
    # Of the stored events only the silences: the rest of a row may say more than a redacted log.
    for (run,) in connection.execute("SELECT run FROM runs").fetchall():
        signs = Signs.of(_events(connection, run))
        stalls = [(signs.stall(path), run, clean_text(path)) for path in signs.stages]
        connection.executemany("UPDATE stages SET stall = ? WHERE run = ? AND stage = ?", stalls)


def _to_version_4(connection: sqlite3.Connection) -> None:
    """Add the results of stages, which a run that is taken up again may reuse, and who works on which run."""
    _run_script(connection, _RESULTS_AND_LEASES)


def _to_version_5(connection: sqlite3.Connection) -> None:
    """Add the results of the items of batches."""
    _run_script(connection, _BATCHES)


def _to_version_6(connection: sqlite3.Connection) -> None:
    """Let runs be found by their time, their model and their caller without a look at all of them."""
    _run_script(connection, _INDEXES)


def _to_version_7(connection: sqlite3.Connection) -> None:
    """Let processes ask for acts on each other's runs."""
    _run_script(connection, _WISHES)


def _to_version_8(connection: sqlite3.Connection) -> None:
    """Let a process answer what it is asked."""
    _run_script(connection, _ANSWERS)


_MIGRATIONS: tuple[Callable[[sqlite3.Connection], None], ...] = (
    _to_version_1,
    _to_version_2,
    _to_version_3,
    _to_version_4,
    _to_version_5,
    _to_version_6,
    _to_version_7,
    _to_version_8,
)
"""Step n brings a file from version n to n + 1. A step that was published is never changed."""

_WITH_STAGES = 2

VERSION = len(_MIGRATIONS)
"""The version of the tables that this progressnb writes."""


def _fill_stages(connection: sqlite3.Connection) -> None:
    """Write the rows of all stages from the events. All migrations come first: the rows have the latest columns."""
    for (run,) in connection.execute("SELECT run FROM runs").fetchall():
        save_timings(connection, run, Timings.of(_events(connection, run)))


def _lose_killed(connection: sqlite3.Connection) -> None:
    """Mark runs of older versions as lost that have no lease: one that was silent for a day is at work no more."""
    silent = (time.time() - _DAY) * 1e6
    connection.execute(
        "UPDATE runs SET status = 'lost' WHERE duration IS NULL AND started + elapsed * 1e6 < ? "
        "AND status IN ('pending', 'running', 'retrying', 'fallback', 'waiting') "
        "AND run_id NOT IN (SELECT run_id FROM leases)",
        (silent,),
    )


def _events(connection: sqlite3.Connection, run: int) -> Iterator[Event]:
    for (line,) in connection.execute("SELECT line FROM events WHERE run = ? ORDER BY seq", (run,)):
        if (event := decode(line)) is not None:
            yield event


def _pragma(connection: sqlite3.Connection, name: str) -> int:
    return int(connection.execute(f"PRAGMA {name}").fetchone()[0])


def _run_script(connection: sqlite3.Connection, script: str) -> None:
    for statement in script.split(";\n"):  # `executescript` would commit the transaction
        if statement.strip():
            connection.execute(statement)
