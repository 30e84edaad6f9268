"""The writer of a history: one thread that follows the logs of runs and stores new events in batches.

It holds a position in each log, never a copy: a disk that stalls costs no memory and keeps no run waiting.
"""

from __future__ import annotations

import logging
import threading
import time
from math import inf
from typing import TYPE_CHECKING

from progressnb.errors import HistoryError
from progressnb.history.begun import recording_of
from progressnb.history.faults import is_passing
from progressnb.history.hearing import Hearing
from progressnb.history.holders import BEAT
from progressnb.history.leases import beat
from progressnb.history.pace import BATCH, IDLE, INTERVAL, LISTEN, PATIENCE, RETRY, SAVING, STALL, WAITING
from progressnb.history.recording import News, Recording, news_of, store, take_note, to_store

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from progressnb.history.store import Store
    from progressnb.tracking.protocols import Recordable
    from progressnb.wire.events import Event
    from progressnb.wire.log import EventLog

__all__ = ["Writer"]

_logger = logging.getLogger("progressnb")


class Writer:
    """Store the events of runs as they come. With `contents`, outputs, results and inputs too."""

    def __init__(self, store: Store, *, contents: bool) -> None:
        self._store, self._contents = store, contents
        self._hearing = Hearing(store)
        # Recordings with events that are not stored, and their logs. A log is held only while it is in here.
        self._pending: dict[Recording, EventLog] = {}
        self._open: set[Recording] = set()  # of runs that go on and are in the table
        self._news, self._closing = threading.Event(), threading.Event()
        self._flushing = threading.Lock()
        self._thread: threading.Thread | None = None
        self._error: HistoryError | None = None
        self._gave_up = False  # after an error that no further attempt mends
        self._is_saved = False  # then: what could be saved lies in a backup
        self._write_began: float | None = None  # of the write that goes on now
        self._saved = 0.0
        self._beaten = time.monotonic()
        self._warned = self._dropping = self._stopped = False

    def record(self, run: Recordable, keep: object = None) -> None:
        """Store what a run has done so far and will do. `keep` is referenced until the run ends.

        Raises `HistoryError` for a writer that is closed, or that belongs to the parent of a forked process.
        """
        self._store.check_process()
        if self._closing.is_set():
            raise HistoryError(f"the open history {self._store.path or 'memory'}", "a closed one", "Open it again.")
        self._store.open()
        recording = recording_of(run, contents=self._contents)
        log = run.log
        if self._contents:  # what is asked, such as a word to an agent, is contents
            self._hearing.add(run)

        def kept(_keep: object = keep) -> float:
            return inf if self._stopped or recording.dropped else recording.stored

        with log.lock:
            log.hold(kept)
            self._await_news(recording, log)
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="progressnb-history", daemon=True)
            self._thread.start()

    def _await_news(self, recording: Recording, log: EventLog) -> None:
        """Hear of the next event of a run that is not stored, and of no more: all that follow are read with it."""
        stop: Callable[[], None] | None = None

        def note(_: Event | None = None) -> None:
            if stop is not None:
                stop()
            if self._stopped or recording.dropped:
                return
            if (began := self._write_began) is not None and time.monotonic() - began > STALL:
                self._drop_oldest(but=WAITING - 1)  # this one makes the number whole, once it has ended
            self._pending[recording] = log
            if not self._news.is_set():
                self._news.set()

        if not log.lock.acquire(blocking=False):  # whoever has it may wait for what is stored now
            note()  # to look again soon
            return
        try:
            if recording.stored < len(log) - 1:
                note()
            elif not log.ended:
                stop = log.subscribe(note)
        finally:
            log.lock.release()

    def flush(self, *, young: bool = True) -> None:
        """Store what has happened so far, in the calling thread. Raises `HistoryError` if that fails.

        Without `young` runs that have just begun are left for the next time: a short one is then stored as a whole.
        Of a file that is gone it raises also where the writer met that first, and has given up.
        """
        with self._flushing:
            if self._gave_up:
                self._store.check_file()
            elif self._pending:
                self._write_all(young=young)

    def note_backup(self) -> None:
        """Take note that all that could be saved after a failure has been: closing is no error any more."""
        self._is_saved = True

    def close(self) -> None:
        """Store what has happened so far, record nothing more, close the file. Raises `HistoryError` if that fails."""
        self._closing.set()
        self._news.set()
        thread = self._thread
        if thread is None:
            self._finish()
        elif thread is not threading.current_thread():  # a garbage collector may close in this thread
            thread.join(PATIENCE)
        error, self._error = self._error, None
        if error is not None:
            raise error

    def _finish(self) -> None:
        try:
            if not self._stopped or (self._gave_up and not self._is_saved):
                self.flush()
        except HistoryError as error:
            self._error = error
        finally:
            self._stop()
            self._store.close()

    def _stop(self) -> None:
        self._stopped = True
        self._pending.clear()

    def _work(self) -> None:
        while not self._closing.is_set():
            self._wait()
            if self._closing.wait(INTERVAL):
                break
            self._news.clear()
            try:
                self.flush(young=False)
            except HistoryError as error:
                self._handle_failure(error)
            else:
                self._warned = self._dropping = False
                self._attempt(self._hearing.hear)
                now = time.monotonic()
                if now - self._saved >= SAVING:
                    self._save()
                if self._open and now - self._beaten >= BEAT:
                    self._beat()
        self._finish()

    def _wait(self) -> None:
        """Wait for news; meanwhile bring the file up to date, give signs of life for what is at work, and listen."""
        began = time.monotonic()
        while not self._news.wait(self._pause()):
            now = time.monotonic()
            self._attempt(self._hearing.hear)
            if self._store.unsaved:
                if now - began >= IDLE:
                    self._save()
            elif self._open and now - self._beaten >= BEAT:
                self._beat()

    def _pause(self) -> float | None:
        if self._open and self._hearing:
            return LISTEN
        return IDLE if self._store.unsaved else BEAT if self._open else None

    def _attempt(self, work: Callable[[], object]) -> None:
        try:
            work()
        except HistoryError as error:
            self._handle_failure(error)

    def _save(self) -> None:
        self._saved = time.monotonic()
        self._store.save()

    def _beat(self) -> None:
        self._beaten = time.monotonic()
        self._attempt(lambda: beat(self._store))

    def _handle_failure(self, error: HistoryError) -> None:
        """Warn once, then wait before the next attempt; give up where a further attempt can't help."""
        passing = is_passing(error.__cause__)
        if not passing:
            self._gave_up = True
            self._stop()
        if not self._warned:
            self._warned = True
            then = "it is tried again" if passing else "they are not recorded any more"
            _logger.warning("could not store what runs do; they go on, and %s: %s", then, error)
        if not passing:
            return
        self._drop_oldest(but=WAITING)
        self._news.set()
        self._closing.wait(RETRY)

    def _drop_oldest(self, *, but: int) -> None:
        """Bound the memory: of the ended runs that wait to be stored, keep the latest."""
        ended = [recording for recording, log in tuple(self._pending.items()) if log.ended]
        for recording in ended[: max(0, len(ended) - but)]:
            self._pending.pop(recording, None)
            if not self._dropping:
                self._dropping = True
                _logger.warning("only the latest %d runs that end meanwhile will be stored", WAITING)

    def _write_all(self, *, young: bool) -> None:
        """Write what has come until now, in transactions of so many events at most; each may be of many runs."""
        waiting = to_store(self._pending, young=young)
        if len(waiting) < len(self._pending):
            self._news.set()  # to look again soon
        taken: dict[Recording, EventLog] = {}
        try:
            while waiting:
                self._write_began = time.monotonic()
                news = self._gather(waiting, taken)
                try:
                    if news:
                        self._write(news, taken)
                except HistoryError:
                    raise
                except Exception:  # noqa: BLE001 - one of them has a value that no table takes
                    self._write_each(news, taken)
                taken.clear()
        except HistoryError:
            for recording, log in taken.items():
                self._pending.setdefault(recording, log)
            raise
        finally:
            taken.clear()  # whoever keeps the error keeps this frame
            self._write_began = None

    def _gather(self, waiting: list[tuple[Recording, int]], taken: dict[Recording, EventLog]) -> list[News]:
        """Return the news of runs for one transaction; `taken` gets the logs of these, `waiting` keeps the others."""
        news, count = list[News](), 0
        while waiting and count < BATCH:
            recording, last = waiting[0]
            log = self._pending.pop(recording, None)  # before it is read: an event that comes meanwhile puts it back
            if log is None or recording.dropped or recording.stored >= last:
                del waiting[0]
                if log is not None:
                    self._await_news(recording, log)
                continue
            taken[recording] = log
            try:
                each = news_of(recording, log, BATCH - count, contents=self._contents)
            except Exception as error:  # noqa: BLE001 - of one run, which goes on, as the others do
                self._drop(recording, error)
                continue
            news.append(each)
            count += len(each.events)
            if each.events[-1][0] >= last:
                del waiting[0]
            else:
                self._pending.setdefault(recording, log)
        return news

    def _write_each(self, news: list[News], logs: Mapping[Recording, EventLog]) -> None:
        """Write runs one by one, without those that can't be stored."""
        for each in news:
            try:
                self._write([each], logs)
            except HistoryError:
                raise
            except Exception as error:  # noqa: BLE001
                self._drop(each.recording, error)

    def _drop(self, recording: Recording, error: Exception) -> None:
        recording.dropped = True
        self._open.discard(recording)
        _logger.warning("could not store %s; it goes on", recording.operation, exc_info=error)

    def _write(self, news: list[News], logs: Mapping[Recording, EventLog]) -> None:
        with self._store.writing() as connection:
            keys = store(connection, news)
        for each in news:
            recording = each.recording
            if recording not in keys:
                recording.dropped = True  # somebody deleted the run
                self._open.discard(recording)
                continue
            take_note(each, keys[recording])
            if each.ended:
                self._hearing.forget(recording.run_id)
            (self._open.discard if each.ended else self._open.add)(recording)
            if not each.ended:
                self._await_news(recording, logs[recording])
