"""Files of strangers: what is not our schema is refused before anything in it runs."""

import os
import socket
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from progressnb import History
from progressnb.errors import HistoryError
from tests.history.helpers import run_of

ENDLESS = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i, i, i, i FROM n"

STRANGE = {
    "trigger": "CREATE TRIGGER t AFTER INSERT ON runs BEGIN DELETE FROM events; END",
    "endless trigger": "CREATE TRIGGER t BEFORE UPDATE ON runs BEGIN INSERT INTO leases ENDLESS; END",
    "trigger instead": "CREATE VIEW v AS SELECT 1; CREATE TRIGGER t INSTEAD OF INSERT ON v BEGIN SELECT 1; END",
    "view": "CREATE VIEW more AS SELECT * FROM runs",
    "view in place of a table": "ALTER TABLE runs RENAME TO kept; CREATE VIEW runs AS SELECT * FROM kept",
    "endless view": "DROP TABLE leases; CREATE VIEW leases (root, run_id, holder, seen) AS ENDLESS",
    "table": "CREATE TABLE more (a)",
    "virtual table": "CREATE VIRTUAL TABLE more USING fts5(a)",
    "index": "CREATE INDEX more ON runs (hex(operation))",
    "column": "ALTER TABLE runs ADD COLUMN more TEXT",
    "computed column": "ALTER TABLE runs ADD COLUMN more GENERATED ALWAYS AS (hex(zeroblob(1000000000))) VIRTUAL",
    "default": "ALTER TABLE runs ADD COLUMN more DEFAULT 5",
    "missing table": "DROP TABLE stages",
    "missing index": "DROP INDEX runs_by_operation",
    "other table": "DROP TABLE leases; CREATE TABLE leases (root, run_id, holder, seen)",
    "check": "DROP TABLE leases; CREATE TABLE leases (root CHECK (length(randomblob(9)) > 1), run_id, holder, seen)",
    "hidden in the schema": "PRAGMA writable_schema = ON; INSERT INTO sqlite_schema VALUES ('trigger', 'sqlite_stat1', "
    "'runs', 0, 'CREATE TRIGGER sqlite_stat1 AFTER INSERT ON runs BEGIN SELECT 1; END')",
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Make a history with one run."""
    path = tmp_path / "runs.db"
    with History(path) as history:
        history.record(run_of())
    return path


@pytest.mark.parametrize("what", STRANGE)
def test_what_is_not_ours(path: Path, what: str) -> None:
    """A file with anything beside our tables and indices is refused in one line, and stays the bytes that it was."""
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(STRANGE[what].replace("ENDLESS", ENDLESS))
    before = path.read_bytes()
    with pytest.raises(HistoryError, match="a history as progressnb makes it"):
        History(path)
    assert path.read_bytes() == before


NUMBERS = {
    "runs": ("started", "duration", "elapsed", "overall_progress", "input_tokens", "output_tokens", "cost"),
    "stages": (
        *("started", "duration", "first_token", "stall", "input_tokens", "output_tokens", "cost", "retries"),
        *("characters", "position"),
    ),
}
PLACES = [(table, column) for table, columns in NUMBERS.items() for column in columns]


@pytest.mark.parametrize("value", [b"", b"\xff", "", "many", '{"a": 1}', 1e308, -(2**63), 2**63 - 1, float("inf")])
@pytest.mark.parametrize(("table", "column"), PLACES, ids=[".".join(place) for place in PLACES])
def test_a_number_that_is_none(path: Path, table: str, column: str, value: object) -> None:
    """In a file of ours with strange values a number that is none is missing: each table of figures is there."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"UPDATE {table} SET {column} = ?", (value,))  # noqa: S608 - ours
        connection.commit()
    with History(path) as history:
        runs, timings = history.runs(), history.timings()
        assert len(runs) == 1
        assert len(timings) >= 1
        assert len(history.compare(runs, runs)) == timings["stage"].nunique()
        if not isinstance(value, int | float):
            frame = runs if table == "runs" else timings
            assert column not in frame or frame[column].isna().all()


def test_an_unborn_file_with_a_trap(tmp_path: Path) -> None:
    """A file that claims to be ours, without a version, has no tables."""
    path = tmp_path / "runs.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(f"PRAGMA application_id = {0x706E6231}; CREATE VIEW runs AS {ENDLESS}")
    with pytest.raises(HistoryError, match="a view 'runs' that is not its own"):
        History(path)


def test_ours(path: Path) -> None:
    """A file of ours opens, also after a user's ANALYZE and VACUUM, and a schema may call no function of its own."""
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript("ANALYZE; VACUUM;")
    with History(path) as history:
        assert len(history.runs()) == 1
        with history._store.reading() as connection:
            assert connection.execute("PRAGMA trusted_schema").fetchone() == (0,)


@pytest.mark.parametrize("kind", ["pipe", "socket", "link to a device", "link to a pipe"])
def test_what_is_no_file(tmp_path: Path, kind: str) -> None:
    """A pipe, a socket or a device is refused at once, also behind a link: nothing waits for it."""
    path, target = tmp_path / "runs.db", tmp_path / "target"
    if kind == "socket":
        with closing(socket.socket(socket.AF_UNIX)) as listener:
            listener.bind(str(path))
    elif kind == "pipe":
        os.mkfifo(path)
    else:
        if kind == "link to a pipe":
            os.mkfifo(target)
        path.symlink_to(target if target.exists() else "/dev/zero")
    with pytest.raises(HistoryError, match="no regular file"):
        History(path)
