"""The writer of a history: one thread that follows the logs of runs and stores what is new, in batches.

It holds a position in each log, never a copy: a disk that stalls costs no memory and keeps no run waiting.
"""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pydantic_core import to_json

from progressnb.errors import HistoryError
from progressnb.folds.timings import Timings
from progressnb.history.inputs import keep_inputs
from progressnb.history.redaction import redact
from progressnb.history.schema import begin, save
from progressnb.history.store import is_passing
from progressnb.wire.events import is_last

if TYPE_CHECKING:
    from progressnb.history.store import Store
    from progressnb.tracking.protocols import Recordable
    from progressnb.wire.events import Event
    from progressnb.wire.log import EventLog

__all__ = ["Historian"]

INTERVAL = 0.1
"""Seconds that events are gathered for before they are written."""

RETRY = 1.0
"""Seconds between two attempts to write what could not be written."""

PATIENCE = 30.0
"""Seconds that closing waits for a file that can't be written."""

BATCH = 10_000
"""Events that are written in one transaction."""

WAITING = 256
"""Runs that have ended and are kept in memory while the file can't be written."""

STALL = 30.0
"""Seconds after which a write that does not return counts as one that fails."""

_logger = logging.getLogger("progressnb")


@dataclass(slots=True, eq=False)
class _Recording:
    """A run that is being recorded: how much of its log is stored."""

    run_id: str
    operation: str
    fingerprint: str | None
    inputs: str | None
    run: int | None = None
    stored: int = -1
    dropped: bool = False
    timings: Timings = field(default_factory=Timings)
    stages: dict[str, tuple[Any, ...]] = field(default_factory=dict[str, "tuple[Any, ...]"])


class Historian:
    """Store the events of runs as they come. `contents` keeps what was written, and the inputs."""

    def __init__(self, store: Store, *, contents: bool) -> None:
        self._store = store
        self._contents = contents
        # What has events that are not stored. A log is held no longer than that.
        self._behind: dict[_Recording, EventLog] = {}
        self._news = threading.Event()
        self._closing = threading.Event()
        self._batch = threading.Lock()
        self._thread: threading.Thread | None = None
        self._error: HistoryError | None = None
        self._began: float | None = None  # when the write that goes on now did
        self._warned = self._shedding = self._stopped = False

    def record(self, run: Recordable, keep: object = None) -> None:
        """Store what a run has done so far and will do. `keep` is held until it ends."""
        self._store.check_process()
        inputs = keep_inputs(getattr(run, "inputs", {})) if self._contents else None
        if self._contents and (keep_results := getattr(run, "keep_results", None)) is not None:
            keep_results()
        recording = _Recording(
            run_id=run.id,
            operation=run.operation,
            fingerprint=getattr(run, "fingerprint", None),
            inputs=None if inputs is None else to_json(inputs).decode(),
        )
        log = run.log

        def note(event: Event, _keep: object = keep) -> None:
            if self._stopped or recording.dropped:
                stop()
                return
            self._behind[recording] = log
            if not self._news.is_set():
                self._news.set()
            if is_last(event):
                stop()
                began = self._began
                if began is not None and time.monotonic() - began > STALL:
                    self._shed()

        with log.lock:
            stop = log.subscribe(note)
            if len(log):
                note(log[-1])
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="progressnb-history", daemon=True)
            self._thread.start()

    def flush(self) -> None:
        """Store what has happened so far, here and now. Raises `HistoryError` if that fails."""
        with self._batch:
            self._write_all()

    def close(self) -> None:
        """Store what has happened so far, record nothing more, close the file. Raises `HistoryError` if that fails."""
        self._closing.set()
        self._news.set()
        thread = self._thread
        if thread is None:
            self._end()
        elif thread is not threading.current_thread():  # as a garbage collector may have it
            thread.join(PATIENCE)
        error, self._error = self._error, None
        if error is not None:
            raise error

    def _end(self) -> None:
        try:
            if not self._stopped:
                self.flush()
        except HistoryError as error:
            self._error = error
        finally:
            self._stop()
            self._store.close()

    def _stop(self) -> None:
        self._stopped = True
        self._behind.clear()

    def _work(self) -> None:
        while not self._closing.is_set():
            self._news.wait()
            if self._closing.wait(INTERVAL):
                break
            self._news.clear()
            try:
                self.flush()
            except HistoryError as error:
                self._bear(error)
            else:
                self._warned = self._shedding = False
        self._end()

    def _bear(self, error: HistoryError) -> None:
        passing = is_passing(error.__cause__)
        if not passing:
            self._stop()
        if not self._warned:
            self._warned = True
            then = "it is tried again" if passing else "they are not recorded any more"
            _logger.warning("could not store what runs do; they go on, and %s: %s", then, error)
        if not passing:
            return
        self._shed()
        self._news.set()
        self._closing.wait(RETRY)

    def _shed(self) -> None:
        ended = [recording for recording, log in tuple(self._behind.items()) if log.ended]
        for recording in ended[:-WAITING]:
            self._behind.pop(recording, None)
            if not self._shedding:
                self._shedding = True
                _logger.warning("only the latest %d runs that end meanwhile will be stored", WAITING)

    def _write_all(self) -> None:
        for recording in tuple(self._behind):
            log = self._behind.pop(recording, None)  # before it is read: what comes meanwhile puts it back
            if log is None:
                continue
            self._began, last = time.monotonic(), len(log) - 1
            try:
                while recording.stored < last and not recording.dropped:
                    self._write(recording, log)
            except HistoryError:
                self._behind.setdefault(recording, log)
                raise
            except Exception:
                recording.dropped = True
                _logger.warning("could not store %s; it goes on", recording.operation, exc_info=True)
            finally:
                self._began = None

    def _write(self, recording: _Recording, log: EventLog) -> None:
        first = recording.stored + 1
        lines = log.encoded(recording.stored)[:BATCH]
        for seq in range(first, first + len(lines)):
            recording.timings.apply(log[seq])  # one that was folded before a fault is passed over
        kept = lines if self._contents else [redact(line) for line in lines]
        with self._store.writing() as connection:
            run = recording.run
            if run is None:
                run = begin(connection, recording.run_id, recording.operation)
                connection.execute(
                    "UPDATE runs SET fingerprint = ?, inputs = ? WHERE run = ?",
                    (recording.fingerprint, recording.inputs, run),
                )
            stages = save(connection, run, recording.timings, recording.stages)
            if stages is None:
                recording.dropped = True  # somebody deleted the run
                return
            connection.executemany(
                "INSERT OR IGNORE INTO events VALUES (?, ?, CAST(? AS TEXT))",
                [(run, seq, line) for seq, line in enumerate(kept, first)],
            )
        recording.run, recording.stages = run, stages
        recording.stored += len(lines)
