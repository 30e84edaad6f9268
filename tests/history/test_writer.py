"""The writer of a history: whatever the disk does, runs go on, memory stays bounded and one warning says why."""

import asyncio
import gc
import logging
import threading
import weakref
from collections.abc import Iterator
from pathlib import Path

import pytest

from progressnb import History, ProgressTracker, use_history
from progressnb.errors import HistoryError
from progressnb.history.store import Store
from progressnb.testing import ManualClock
from tests.history.helpers import report, run_of, until


class Heard(logging.Handler):
    """Collect what the writer of a history logs, and let a test wait for it."""

    def __init__(self) -> None:
        super().__init__()
        self.messages: list[str] = []
        self.came = threading.Event()

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one message."""
        if record.module == "writer":
            self.messages.append(f"{record.levelname} {record.getMessage()}")
            self.came.set()


@pytest.fixture
def heard() -> Iterator[Heard]:
    """Listen to the package's log."""
    handler, logger = Heard(), logging.getLogger("progressnb")
    logger.addHandler(handler)
    yield handler
    logger.removeHandler(handler)


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait neither for locks nor between attempts."""
    for name in ("store.BUSY", "writer.INTERVAL", "writer.RETRY"):
        monkeypatch.setattr(f"progressnb.history.{name}", 0.001)


def limit_pages(history: History, *, more: int) -> None:
    """Let the file of a history grow by so many pages, as on a disk with so much room."""
    writer = history._store._writer
    pages = writer.execute("PRAGMA page_count").fetchone()[0]
    writer.execute(f"PRAGMA max_page_count = {pages + more}")


@pytest.mark.usefixtures("hasty")
async def test_full_disk(path: Path, heard: Heard) -> None:
    """On a full disk a run goes on with one warning; once there is room, all that it did is stored."""
    history = use_history(path, contents=True)
    with history._store._write_lock:
        limit_pages(history, more=0)
    run = report.using(show=False)("tides " * 20_000)
    assert await run == "tides " * 20_000
    assert await asyncio.to_thread(heard.came.wait, 30)
    with pytest.raises(HistoryError, match="a full disk"):
        history.runs()
    with history._store._write_lock:
        limit_pages(history, more=100_000)
    assert history.export_jsonl().splitlines() == run.log.encoded()
    assert len(heard.messages) == 1
    assert "WARNING could not store what runs do; they go on, and it is tried again: " in heard.messages[0]
    history.close()


@pytest.mark.usefixtures("hasty")
async def test_locked_file(path: Path, heard: Heard) -> None:
    """While another process holds the file, a run goes on; afterwards all that it did is stored."""
    history = use_history(path)
    other = Store(path)
    with other.writing():
        run = report.using(show=False)("tides")
        await run
        assert await asyncio.to_thread(heard.came.wait, 30)
    other.close()
    assert len(history.log(run.id)) == len(run.log)
    assert ["it is tried again" in message for message in heard.messages] == [True]
    history.close()


@pytest.mark.usefixtures("hasty")
async def test_file_that_may_only_be_read(path: Path, heard: Heard) -> None:
    """A file that becomes read-only costs one warning and the rest of the recording, not the run."""
    history = use_history(path)
    with history._store._write_lock:
        history._store._writer.execute("PRAGMA query_only = ON")
    run = report.using(show=False)("tides")
    assert await run == "tides"
    assert await asyncio.to_thread(heard.came.wait, 30)
    assert await report.using(show=False)("tides") == "tides"
    assert len(history.runs()) == 0
    assert len(heard.messages) == 1
    assert "they are not recorded any more: " in heard.messages[0]
    history.close()


@pytest.mark.usefixtures("hasty")
def test_memory_is_bounded_while_the_disk_is_full(path: Path, heard: Heard, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the runs that end while nothing can be stored, the latest few are kept for later, not all."""
    monkeypatch.setattr("progressnb.history.writer.WAITING", 3)
    history = History(path, contents=True)
    with history._store._write_lock:
        limit_pages(history, more=0)
        logs = []
        for _ in range(20):
            tracker = run_of(text="tides " * 10_000)
            history.record(tracker)
            logs.append(weakref.ref(tracker.log))
            del tracker
    assert heard.came.wait(30)
    for _ in range(3_000):
        gc.collect()
        alive = sum(log() is not None for log in logs)
        if alive <= 3:
            break
        threading.Event().wait(0.01)
    assert alive == 3
    with history._store._write_lock:
        limit_pages(history, more=100_000)
    assert len(history.runs()) == 3
    history.close()


@pytest.mark.usefixtures("hasty")
def test_memory_is_bounded_while_a_write_hangs(path: Path, heard: Heard, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same holds where a write neither fails nor returns, as on a disk over a network; it is told once."""
    monkeypatch.setattr("progressnb.history.writer.WAITING", 3)
    monkeypatch.setattr("progressnb.history.writer.STALL", -1.0)
    history = History(path)
    with history._store._write_lock:
        history.record(run_of())
        until(lambda: history._writer._write_began is not None)
        logs = []
        for _ in range(20):
            tracker = ProgressTracker("op", clock=ManualClock())
            history.record(tracker)
            tracker.start()
            tracker.done()
            logs.append(weakref.ref(tracker.log))
            del tracker
        gc.collect()
        assert sum(log() is not None for log in logs) == 3
    assert len(history.runs()) == 4
    assert heard.messages == ["WARNING only the latest 3 runs that end meanwhile will be stored"]
    history.close()


def test_a_callback_may_ask_while_events_are_stored(path: Path) -> None:
    """Whoever has the lock of a run, as a callback of it has, keeps no writer waiting, and nothing is lost after it."""
    history, tracker = History(path), ProgressTracker("op", ["s"], clock=ManualClock())
    history.record(tracker)
    tracker.start()
    with tracker.log.lock:
        tracker.stage("s").update(30)
        storing = threading.Thread(target=history._writer.flush)
        storing.start()
        storing.join(60)
        assert not storing.is_alive()
    tracker.stage("s").update(60)
    tracker.done()
    assert len(history.log(tracker.id)) == len(tracker.log)
    history.close()


def write_a_thousand(tracker: ProgressTracker) -> None:
    """Begin a run and write a thousand events."""
    tracker.start()
    for at in range(1_000):
        tracker.stage("s").update(at=at)


def test_a_stalled_disk_keeps_nobody_waiting(path: Path) -> None:
    """A thousand updates go through while the file can't be written."""
    history = use_history(path)
    tracker = ProgressTracker("op", ["s"], clock=ManualClock())
    with history._store._write_lock:
        writer = threading.Thread(target=write_a_thousand, args=(tracker,))
        writer.start()
        writer.join(30)
        assert not writer.is_alive()
    assert len(history.log(tracker.id)) == 1_002
    history.close()
