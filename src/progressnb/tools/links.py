"""One worker process as a stage of the process above: its events become reports of stages below that stage."""

from __future__ import annotations

import json
import logging
import multiprocessing
import signal
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from progressnb.errors import RunEndedError
from progressnb.tools.worker import ENDED, ROOT
from progressnb.tracking.current import begin_part, internals
from progressnb.wire.codec import decode
from progressnb.wire.events import TIME_DATA, ContentEvent, ProgressEvent
from progressnb.wire.paths import name_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

    from progressnb.tracking.handle import StageHandle

__all__ = ["AT_WORK", "Link"]

AT_WORK = "it was still at work when its block ended"
"""The message of a worker that was not waited for."""

_EXIT = 2.0  # seconds until the exit code of a process that has closed its connection is given up

_logger = logging.getLogger("progressnb")


class Link:
    """The connection to one worker, and the stages that it has here.

    Attributes:
        connection: The connection.
        is_open: Whether the worker may still say something.
        is_settled: Whether its stage has ended.

    """

    def __init__(self, connection: Connection, begin: Callable[[int], StageHandle]) -> None:
        self.connection = connection
        self.is_open = True
        self.is_settled = False
        self._lock = threading.Lock()  # of what is written
        self._begin = begin
        self._stage: StageHandle | None = None
        self._process: BaseProcess | None = None
        self._below: dict[str, StageHandle] = {}
        self._left_out = 0
        self._said_bye = False
        self._closed_at = 0.0

    def tell(self, **facts: Any) -> None:  # noqa: ANN401 - plain data
        """Say something to the worker."""
        if self.is_open:
            with self._lock, suppress(OSError, ValueError):  # it has gone
                self.connection.send_bytes(json.dumps(facts).encode())

    def read(self) -> None:
        """Take the next message."""
        try:
            message = self.connection.recv_bytes()
        except (OSError, EOFError):
            self.is_open = False
            self._closed_at = time.monotonic()
            self.connection.close()
            return
        for line in message.split(b"\n"):
            try:
                self._take(line)
            except RunEndedError:
                pass
            except Exception:
                _logger.warning("could not read a report of a worker", exc_info=True)

    def _take(self, line: bytes) -> None:
        if line.startswith(b"!"):
            self._take_note(json.loads(line[1:]))
            return
        event = decode(line)
        if event is None or event.stage is None or self._stage is None:
            return
        if isinstance(event, ProgressEvent):
            self._report(self._stage_at(event.stage, event), event)
        elif isinstance(event, ContentEvent):
            stage = self._stage_at(event.stage)
            if not stage.ended:
                stage.write(event.delta or "", part=event.part, kind=event.kind, reset=event.reset)

    def _take_note(self, note: dict[str, Any]) -> None:
        kind = note["kind"]
        if kind == "hello":
            number = int(note["process"])
            self._process = next((each for each in multiprocessing.active_children() if each.pid == number), None)
            self._stage = self._begin(number)
        elif kind == "bye":
            self._said_bye = True
        elif kind == "next":
            self._below.clear()
        elif kind == "more" and self._stage is not None and not self._stage.ended:
            self._left_out += int(note["stages"])
            internals(self._stage).report(None, None, {"left_out": self._left_out})

    def _stage_at(self, path: str, event: ProgressEvent | None = None) -> StageHandle:
        """Return the stage for one of the worker; make it, with those above it, if it is new."""
        if path == ROOT and self._stage is not None:
            return self._stage
        stage = self._below.get(path)
        if stage is None:
            above = self._stage_at(path.rpartition("/")[0])
            weight = min(1.0, event.weight) if event is not None and event.weight is not None else None
            title = event.title if event is not None else None
            stage = self._below[path] = begin_part(above, name_of(path), weight=weight, title=title)
        return stage

    def _report(self, stage: StageHandle, event: ProgressEvent) -> None:
        work = internals(stage)
        if event.status in ENDED and stage is not self._stage:
            self._below.pop(str(event.stage), None)
        if stage.ended:
            return
        data = {name: value for name, value in event.data.items() if name not in TIME_DATA}
        if event.status != stage.status:
            if event.status == "retrying":
                work.work.restart()
            if event.status == "running" and stage.status == "pending":
                work.life.start(event.message, **data)
            else:
                work.life.set_status(event.status, event.message, **data)
            if event.status not in ENDED and event.stage_progress is not None:
                work.report(event.stage_progress, None, {})
        else:
            work.report(event.stage_progress, event.message, data)

    # --- its end --------------------------------------------------------------------------------------

    def settle(self) -> None:
        """End the stages of a worker that has closed its connection, as soon as it is known why."""
        if self.is_open or self.is_settled:
            return
        code = self._exit_code()
        unknown = code is None and not self._said_bye and self._process is not None
        if unknown and time.monotonic() - self._closed_at < _EXIT:
            return
        self.end(*self._verdict(code))

    def _exit_code(self) -> int | None:
        try:
            return self._process.exitcode if self._process is not None else None
        except (ValueError, AssertionError):  # its object was closed
            return None

    def _verdict(self, code: int | None) -> tuple[str | None, bool]:
        """Return what was wrong, or None, and whether it is a failure."""
        if self._said_bye:
            return (AT_WORK if self._below else None), False
        if code is not None and code < 0 and (self._below or code != -signal.SIGTERM):
            try:
                name = signal.Signals(-code).name
            except ValueError:
                name = f"signal {-code}"
            return f"the process was killed ({name})", True
        if code:
            return (f"the process ended with code {code}", True) if code > 0 else (None, False)
        return ("the process ended in the middle of its work" if self._below else None), True

    def end(self, wrong: str | None = None, is_failure: bool = False) -> None:  # noqa: FBT001, FBT002 - what `_verdict` returns
        """End the stages of the worker, the innermost first."""
        if self.is_settled:
            return
        self.is_settled, self.is_open = True, False
        with suppress(OSError):
            self.connection.close()
        below, self._below = list(self._below.values()), {}
        for stage in (*reversed(below), self._stage):
            if stage is None or stage.ended:
                continue
            with suppress(RunEndedError):
                if wrong is None:
                    stage.finish()
                elif is_failure:
                    stage.fail(wrong)
                else:
                    stage.update(message=wrong)
                    stage.cancel()
