"""The file of a history: a copy is whole, a backup too, and a file that is missing or was removed is told."""

import asyncio
import logging
import os
import shutil
import sqlite3
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from progressnb import History, use_history
from progressnb.errors import HistoryError

from .helpers import report, run_of

posix = pytest.mark.skipif(os.name != "posix", reason="an open file can't be removed there")


def runs_in(path: Path) -> int:
    """Return how many runs a file alone has, as a copy of it without its journal would."""
    alone = path.with_name("alone.db")
    shutil.copyfile(path, alone)
    connection = sqlite3.connect(alone)
    try:
        return int(connection.execute("SELECT count(*) FROM runs WHERE duration IS NOT NULL").fetchone()[0])
    finally:
        connection.close()
        for each in alone.parent.glob("alone.db*"):
            each.unlink()


def has(path: Path, count: int) -> bool:
    """Tell whether a copy of a file alone has so many runs; one that a write in progress tore is not whole yet."""
    try:
        return runs_in(path) == count
    except sqlite3.DatabaseError:
        return False


def until(true: Callable[[], bool]) -> None:
    """Wait for a condition."""
    deadline = time.monotonic() + 30
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_copy_is_whole_when_the_writer_is_idle(path: Path) -> None:
    """Soon after the last run has ended, the file alone has all runs, though the history is open and holds a reader."""
    history = History(path)
    for _ in range(60):
        history.record(run_of())
    until(lambda: has(path, 60))
    history.record(run_of())
    until(lambda: has(path, 61))
    history.close()


@pytest.mark.integration
def test_a_copy_is_whole_after_a_kill(path: Path) -> None:
    """A kernel that is killed while it is idle leaves a file that has all runs without its journal."""
    code = f"""
        import sys, time
        sys.path.insert(0, {str(Path(__file__).parents[2])!r})
        import progressnb as pnb
        from tests.history.helpers import run_of
        history = pnb.use_history({str(path)!r})
        for _ in range(60):
            history.record(run_of())
        print("ready", flush=True)
        time.sleep(60)
    """
    child = subprocess.Popen([sys.executable, "-c", textwrap.dedent(code)], stdout=subprocess.PIPE)
    assert child.stdout is not None
    child.stdout.readline()
    until(lambda: has(path, 60))
    child.kill()
    child.wait()
    child.stdout.close()
    path.with_name(f"{path.name}-wal").unlink(missing_ok=True)
    path.with_name(f"{path.name}-shm").unlink(missing_ok=True)
    with History(path) as history:
        assert len(history.runs()) == 60


def test_a_copy_is_whole_after_closing_beside_another_history(path: Path) -> None:
    """Closing brings all into the file, though another history has it open."""
    other = History(path)
    history = History(path)
    history.record(run_of())
    history.close()
    assert runs_in(path) == 1
    other.close()


def test_a_backup_is_whole_while_runs_are_recorded(path: Path, tmp_path: Path) -> None:
    """A backup has all that runs have done, is one file for its owner alone, and replaces an older one."""
    history = History(path)
    target = tmp_path / "backup.db"
    for count in (1, 2):
        history.record(run_of())
        assert history.backup(target) == target
        assert sorted(each.name for each in tmp_path.iterdir() if "backup" in each.name) == ["backup.db"]
        with History(target, create=False) as copy:
            assert len(copy.runs()) == count
            assert copy.export_jsonl() == history.export_jsonl()
    history.close()
    if os.name == "posix":
        assert target.stat().st_mode & 0o077 == 0


def test_a_history_in_memory_is_backed_up(tmp_path: Path) -> None:
    """Runs that were kept in memory get a file by a backup."""
    history = History()
    history.record(run_of())
    with History(history.backup(str(tmp_path / "kept.db"))) as kept:
        assert list(kept.runs()["run_id"]) == list(history.runs()["run_id"])


def test_a_backup_overwrites_nothing_else(path: Path, tmp_path: Path) -> None:
    """A backup onto itself, another file, a history in use, or into no folder is refused, and nothing changes."""
    history = History(path)
    history.record(run_of())
    other = tmp_path / "letter.txt"
    other.write_text("dear")
    used = History(tmp_path / "used.db")
    used.record(run_of())
    len(used.runs())
    for target, text in (
        (path, "the history itself"),
        (other, "is no history"),
        (tmp_path / "used.db", "in use"),
        (tmp_path / "no" / "b.db", "a place for the backup"),
    ):
        with pytest.raises(HistoryError, match=text):
            history.backup(target)
    assert other.read_text() == "dear"
    used.close()
    history.close()
    with pytest.raises(HistoryError, match="a closed one"):
        history.backup(tmp_path / "late.db")
    assert not list(tmp_path.glob(".late*"))


@posix
async def test_a_file_that_was_removed_is_told(path: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A run after the removal warns that it is not recorded; a backup still saves what was recorded before."""
    history = use_history(path)
    await report("tides")
    assert len(history.runs()) == 1
    path.unlink()  # noqa: ASYNC240 - at once
    with caplog.at_level(logging.WARNING, "progressnb"):
        assert len(history.runs()) == 1
        assert caplog.text.count("was removed, moved or replaced") == 1
        await report("moon")
        await asyncio.to_thread(until, lambda: "they are not recorded any more" in caplog.text)
    with History(history.backup(tmp_path / "saved.db")) as saved:
        assert len(saved.runs()) == 1
    assert not path.exists()  # noqa: ASYNC240
    history.close()


@posix
def test_a_question_after_the_removal_says_so(path: Path) -> None:
    """Events that can't be stored any more are an error of the question that would miss them."""
    history = History(path)
    history.record(run_of())
    path.rename(path.with_name("elsewhere.db"))
    with pytest.raises(HistoryError, match="removed, moved or replaced"):
        history.runs()
    with pytest.raises(HistoryError):
        history.close()


@posix
def test_a_file_that_was_moved_is_whole(path: Path) -> None:
    """What was recorded before a file was moved is in the moved file."""
    history = History(path)
    history.record(run_of())
    len(history.runs())
    moved = path.with_name("moved.db")
    path.rename(moved)
    history.record(run_of())
    for _ in range(2):
        with pytest.raises(HistoryError):
            history.runs()
    assert runs_in(moved) == 1
    with pytest.raises(HistoryError):
        history.close()


@posix
def test_whoever_meets_the_failure_first(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Where the thread that stores events met the failure before anybody asked, a question and the end tell it too."""
    history = History(path)
    history.record(run_of())
    len(history.runs())
    path.rename(path.with_name("moved.db"))
    history.record(run_of())
    until(lambda: "they are not recorded any more" in caplog.text)
    with pytest.raises(HistoryError, match="removed, moved or replaced"):
        history.runs()
    with pytest.raises(HistoryError, match="removed, moved or replaced"):
        history.close()


def test_a_name_with_a_typing_error(tmp_path: Path) -> None:
    """A file that is to be read and does not exist is told, with a name that is alike, and no file is left."""
    with History(tmp_path / "runs.db") as history:
        history.record(run_of())
    typo = tmp_path / "rnus.db"
    questions: list[Callable[[History], object]] = [
        lambda read: read.runs(),
        lambda read: read.timings(),
        lambda read: read.export_jsonl(),
        lambda read: read.events("a"),
        lambda read: read.compare("a", "b"),
    ]
    for question in questions:
        read = History(typo)
        with pytest.raises(HistoryError, match=r"no such file; runs\.db lies beside it\. Check the name"):
            question(read)
        assert not typo.exists()
    with pytest.raises(HistoryError, match="no such file"):
        History(typo, create=False)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["runs.db"]


async def test_a_missing_file_is_made_for_recording(path: Path) -> None:
    """The first run that is recorded makes the file, also after a question; `create=True` makes it at once."""
    history = History(path)
    with pytest.raises(HistoryError):
        history.runs()
    use_history(history)
    await report("tides")
    assert len(history.runs()) == 1
    history.close()
    with History(path.with_name("empty.db"), create=True) as empty:
        assert len(empty.runs()) == 0
    with History(path.with_name("empty.db"), create=False) as empty:
        assert len(empty.runs()) == 0
    with use_history(path.with_name("used.db")) as used:
        assert len(used.runs()) == 0
