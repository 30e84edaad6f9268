"""Migrations: a file of any older version becomes one like a new one, and its events stay the bytes that they were.

A new migration is tested here without a new test: it runs on the file that 0.1.0 wrote.
"""

import json
import math
import shutil
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from progressnb import History
from progressnb.history import schema

DATA = Path(__file__).parents[1] / "data" / "history"
TABLES_SINCE = {1: ("runs", "events"), 2: ("stages",)}
"""The tables that 0.1.0 has, by the version that brought them."""


def old_file(path: Path, version: int) -> Path:
    """Make a file of a version with the runs and the events of 0.1.0."""
    with closing(sqlite3.connect(path, isolation_level=None)) as made:
        made.execute("ATTACH ? AS old", (str(DATA / "0.1.0.db"),))
        for number, migration in enumerate(schema._MIGRATIONS[:version], 1):
            migration(made)
            for table in TABLES_SINCE.get(number, ()):
                made.execute(f"INSERT INTO {table} SELECT * FROM old.{table}")  # noqa: S608 - names from the table above
        made.execute(f"PRAGMA application_id = {schema.APPLICATION}")
        made.execute(f"PRAGMA user_version = {version}")
    return path


@pytest.fixture(params=["0.1.0", *range(1, len(schema._MIGRATIONS))])
def path(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Name a file of 0.1.0, or one of each version before this one."""
    path = tmp_path / "runs.db"
    if request.param == "0.1.0":
        shutil.copy(DATA / "0.1.0.db", path)
    else:
        old_file(path, request.param)
    return path


def tables_of(path: Path) -> list[tuple[object, ...]]:
    """Return the columns of all tables, with their types, and the indices."""
    with closing(sqlite3.connect(path)) as connection:
        names = [name for (name,) in connection.execute("SELECT name FROM sqlite_schema ORDER BY name")]
        return [
            (name, *row) for name in names for row in connection.execute("SELECT * FROM pragma_table_xinfo(?)", (name,))
        ]


def known(durations: Iterable[float | None]) -> Any:
    """Return what durations read from JSON are in a frame: rounded there, and not a number where missing."""
    return pytest.approx([math.nan if each is None else each for each in durations], nan_ok=True)


def test_the_tables_are_those_of_a_new_file(path: Path, tmp_path: Path) -> None:
    """After all migrations the tables have the same columns, types and keys as those of a new file."""
    History(path).close()
    History(tmp_path / "new.db").close()
    assert tables_of(path) == tables_of(tmp_path / "new.db")
    with closing(sqlite3.connect(path)) as connection:
        assert schema.version_of(connection) == schema.VERSION


def test_events_stay_the_bytes_that_they_were(path: Path) -> None:
    """No migration touches an event: the export is that of 0.1.0, byte by byte."""
    with History(path) as history:
        assert history.export_jsonl() == (DATA / "0.1.0.jsonl").read_bytes()


def test_runs_and_stages_are_kept(path: Path) -> None:
    """The runs are those that 0.1.0 listed, and every stage has the duration that it had."""
    runs, stages = (json.loads((DATA / f"0.1.0.{name}.json").read_text()) for name in ("runs", "timings"))
    with History(path) as history:
        found = history.runs(children=True)
        assert found[["run_id", "status"]].to_dict("records") == [
            {name: run[name] for name in ("run_id", "status")} for run in runs
        ]
        assert found["duration"].tolist() == known(run["duration"] for run in runs)
        timings = history.timings()
        assert list(zip(timings["run_id"], timings["stage"], strict=True)) == [
            (stage["run_id"], stage["stage"]) for stage in stages
        ]
        assert timings["duration"].tolist() == known(stage["duration"] for stage in stages)


def test_a_second_opening_changes_nothing(path: Path) -> None:
    """A migrated file opens again as it is."""
    with History(path) as history:
        before = history.timings()
    with History(path) as again:
        assert again.timings().equals(before)


def test_every_migration_says_what_it_is_for() -> None:
    """Each step has a docstring of one line, which is the history of the schema."""
    assert all((step.__doc__ or "").strip() for step in schema._MIGRATIONS)


def test_a_run_of_an_older_version_that_was_killed_is_lost(path: Path) -> None:
    """A run that no lease holds and that has told nothing for a day is lost, and can be told from one at work."""
    with closing(sqlite3.connect(path)) as connection:
        (killed,) = connection.execute("SELECT run_id FROM runs WHERE status = 'failed'").fetchone()
        connection.execute("UPDATE runs SET status = 'running', duration = NULL WHERE run_id = ?", (killed,))
        own = "run = (SELECT run FROM runs WHERE run_id = :id)"
        last = f"SELECT max(seq) FROM events WHERE {own}"  # noqa: S608 - a text from above
        connection.execute(f"DELETE FROM events WHERE {own} AND seq = ({last})", {"id": killed})  # noqa: S608
        connection.commit()
    with History(path) as history:
        runs = history.runs(children=True).set_index("run_id")
    assert runs["status"][killed] == "lost"
