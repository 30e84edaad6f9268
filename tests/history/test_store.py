"""The file of a history: no other program's file is touched, every fault is named, old versions are migrated."""

import os
import sqlite3
import stat
import sys
from pathlib import Path

import pytest

from progressnb import History
from progressnb.errors import HistoryError
from progressnb.history import schema
from progressnb.history.faults import is_passing
from progressnb.history.rows import add_run
from progressnb.history.store import Store
from progressnb.testing import ManualClock
from progressnb.tracking.tracker import ProgressTracker


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for no lock."""
    monkeypatch.setattr("progressnb.history.store.BUSY", 0.0)


def ended_run(*, text: str = "tides") -> ProgressTracker:
    """Return a run of 3 seconds with one stage that wrote a text."""
    clock = ManualClock()
    tracker = ProgressTracker("op", ["write"], model="m", clock=clock)
    tracker.start()
    with tracker.stage("write") as stage:
        clock.advance(1)
        stage.write(text)
        stage.add_usage(output_tokens=7, cost=0.5)
        clock.advance(2)
    tracker.done({"text": text})
    return tracker


def test_new_file(path: Path) -> None:
    """A new file says that it is ours, keeps a journal, and is for its owner alone."""
    store = Store(path)
    with store.reading() as connection:
        assert connection.execute("PRAGMA application_id").fetchone() == (schema.APPLICATION,)
        assert connection.execute("PRAGMA user_version").fetchone() == (schema.VERSION,)
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    store.close()
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def _begin_and_raise(store: Store) -> None:
    with store.writing() as connection:
        add_run(connection, "r", "op")
        raise ZeroDivisionError


def test_all_or_nothing(path: Path) -> None:
    """A transaction that raises leaves nothing behind, and the next one works."""
    store = Store(path)
    with pytest.raises(ZeroDivisionError):
        _begin_and_raise(store)
    with store.writing() as connection:
        assert connection.execute("SELECT count(*) FROM runs").fetchone() == (0,)
    store.close()


@pytest.mark.usefixtures("impatient")
def test_reading_does_not_keep_a_writer_waiting(path: Path) -> None:
    """While somebody reads a file, it is written."""
    store = Store(path)
    with store.reading() as reader:
        rows = reader.execute("SELECT * FROM runs")
        with store.writing() as connection:
            add_run(connection, "r", "op")
        assert rows.fetchall() == [] or reader.execute("SELECT count(*) FROM runs").fetchone() == (1,)
    store.close()


# --- what is wrong with a file ---------------------------------------------------------------------------


def refused(path: Path, match: str) -> HistoryError:
    """Check that a file is refused in one line, and by the builtin's name too."""
    with pytest.raises(OSError, match=match) as caught:
        History(path)
    assert isinstance(caught.value, HistoryError)
    assert "\n" not in str(caught.value)
    return caught.value


def test_another_kind_of_file(path: Path) -> None:
    """A file of another kind is refused and left as it is."""
    content = b"%PDF-1.7 is no database, however long it is." * 100
    path.write_bytes(content)
    refused(path, "got a file of another kind, or a damaged one. Name a file that does not exist yet")
    assert path.read_bytes() == content


@pytest.mark.parametrize("version", [0, 1, 99])
def test_another_programs_database(path: Path, version: int) -> None:
    """Another program's database is refused and left as it is, whatever its version."""
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE runs (name TEXT)")
    other.execute(f"PRAGMA user_version = {version}")
    other.commit()
    other.close()
    before = path.read_bytes()
    with pytest.raises(HistoryError, match="expected a history of progressnb, got the database of another program"):
        History(path)
    assert path.read_bytes() == before
    assert [each.name for each in path.parent.iterdir()] == ["runs.db"]


def test_newer_version(path: Path) -> None:
    """A file that a newer progressnb wrote is refused, left as it is, and the remedy is to upgrade."""
    Store(path).close()
    newer = sqlite3.connect(path)
    newer.execute("PRAGMA user_version = 1000")
    newer.close()
    error = refused(path, "got version 1000")
    assert "pip install --upgrade progressnb" in str(error)


def test_missing_folder(tmp_path: Path) -> None:
    """A folder that does not exist is not made."""
    refused(tmp_path / "no" / "runs.db", "Name a file in a folder that you may write to")
    assert not (tmp_path / "no").exists()


def test_folder(tmp_path: Path) -> None:
    """A folder is refused."""
    refused(tmp_path, "can't be opened")


def test_damaged_file(path: Path) -> None:
    """A file with overwritten pages gives a clear error where they are read, which is not taken for passing."""
    with History(path) as history:
        history.record(ended_run(text="tide " * 20_000))
    content = bytearray(path.read_bytes())
    content[8192:] = b"\x5a" * (len(content) - 8192)
    path.write_bytes(content)
    with pytest.raises(HistoryError, match=r"got a damaged file\. Restore a copy") as caught:
        History(path).export_jsonl()
    assert not is_passing(caught.value.__cause__)


@pytest.mark.usefixtures("impatient")
def test_locked_file(path: Path) -> None:
    """A file that another process holds locked is named as such, and may pass."""
    Store(path).close()
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    error = refused(path, "got one that another process holds locked. Close that process")
    assert is_passing(error.__cause__)
    holder.execute("ROLLBACK")
    holder.close()
    History(path).close()


@pytest.mark.skipif(sys.platform == "win32", reason="SQLite's own way to open a file for reading alone")
def test_read_only_file(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that may only be read is refused when it is opened."""
    Store(path).close()
    connect = sqlite3.connect

    def read_only(_: object, **options: object) -> sqlite3.Connection:
        return connect(f"file:{path}?mode=ro", uri=True, **options)  # type: ignore[call-overload, no-any-return]

    # Permissions don't bind root, which tests may be.
    monkeypatch.setattr(sqlite3, "connect", read_only)
    error = refused(path, "got one that may only be read. Copy it")
    assert not is_passing(error.__cause__)


def _store_a_large_run(store: Store) -> None:
    with store.writing() as connection:
        run = add_run(connection, "second", "op")
        connection.execute("INSERT INTO events VALUES (?, 0, ?)", (run, "x" * 100_000))


def test_full_disk(path: Path) -> None:
    """A full disk is named as such, may pass, and what was stored before is still there."""
    store = Store(path)
    with store.writing() as connection:
        add_run(connection, "first", "op")
    with store.reading():
        pages = store._writer.execute("PRAGMA page_count").fetchone()[0]
    store._writer.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(HistoryError, match=r"got a full disk\. Make room") as caught:
        _store_a_large_run(store)
    assert is_passing(caught.value.__cause__)
    store._writer.execute("PRAGMA max_page_count = 1000000")
    with store.writing() as connection:
        add_run(connection, "third", "op")
    with store.reading() as connection:
        assert connection.execute("SELECT run_id FROM runs").fetchall() == [("first",), ("third",)]
    store.close()


def test_closed(path: Path) -> None:
    """A closed history says that it is closed."""
    history = History(path)
    history.close()
    history.close()
    with pytest.raises(HistoryError, match=r"got a closed one\. Open it again"):
        history.runs()


# --- versions --------------------------------------------------------------------------------------------


def test_version_1(path: Path) -> None:
    """A file of version 1 is migrated when it is opened: its runs have the timings of their events, bytes stay."""
    tracker = ended_run()
    with History() as fresh:
        fresh.record(tracker)
        expected, stored = fresh.timings(), fresh.export_jsonl()
    old = sqlite3.connect(path, isolation_level=None)
    schema._to_version_1(old)
    old.execute(f"PRAGMA application_id = {schema.APPLICATION}")
    old.execute("PRAGMA user_version = 1")
    run = add_run(old, tracker.id, "op")
    for seq, line in enumerate(tracker.log.encoded()):
        old.execute("INSERT INTO events VALUES (?, ?, CAST(? AS TEXT))", (run, seq, line))
    old.close()
    with History(path) as migrated:
        assert migrated.timings().equals(expected)
        assert migrated.export_jsonl() == b"".join(line + b"\n" for line in tracker.log.encoded())
        assert migrated.runs()[["status", "duration", "cost"]].to_numpy().tolist() == [["finished", 3.0, 0.5]]
        assert len(stored.splitlines()) == len(tracker.log)
    again = Store(path)
    with again.reading() as connection:
        assert schema.version_of(connection) == schema.VERSION
    again.close()


def test_migration_that_fails(path: Path) -> None:
    """A migration that fails leaves the file at its version, to be tried again."""
    old = sqlite3.connect(path, isolation_level=None)
    schema._to_version_1(old)
    old.execute(f"PRAGMA application_id = {schema.APPLICATION}")
    old.execute("PRAGMA user_version = 1")
    run = add_run(old, "r", "op")
    old.execute("INSERT INTO events VALUES (?, 0, 'no event')", (run,))
    with pytest.raises(ValueError, match="expected one event as JSON"):
        History(path)
    assert schema.version_of(old) == 1
    old.execute("DELETE FROM events")
    old.close()
    History(path).close()
