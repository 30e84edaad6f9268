"""The report of one stream: where it goes, how it begins, and how it ends."""

from __future__ import annotations

import asyncio
import atexit
import logging
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple
from weakref import WeakSet

from progressnb.errors import RunCancelled, RunEndedError, RunFailed
from progressnb.execution.driven import DrivenRun
from progressnb.execution.outcome import interrupt_reason
from progressnb.interop.streams.ends import CANCELLED, LEFT_EARLY
from progressnb.interop.streams.reader import Reader
from progressnb.interop.streams.request import request_of
from progressnb.interop.streams.writer import StreamWriter
from progressnb.tracking import (
    current_run,
    current_stage,
    hush_error,
    internals,
    mute,
    note_arguments,
    running_loop,
)
from progressnb.tracking.clock import LateClock, SystemClock
from progressnb.tracking.counted import CountedWork
from progressnb.tracking.session import present
from progressnb.wire.garbage import is_collecting, is_finalizing, notice_collections
from progressnb.wire.plain import clean_text, one_line

if TYPE_CHECKING:
    from collections.abc import Callable

    from progressnb.interop.streams.request import Request
    from progressnb.tracking import StageHandle

__all__ = ["Options", "Report"]

_NAME = 100  # characters of a run's name

_logger = logging.getLogger("progressnb")


_open: WeakSet[Report] = WeakSet()


@atexit.register
def _leave_all() -> None:
    # Later, while Python takes its modules apart, nothing can be told or shown any more.
    for report in list(_open):
        report.leave()


class Options(NamedTuple):
    """The options of a call of `stream`."""

    title: str | None = None
    expected_length: float | None = None
    contents: bool = True
    show: bool | None = None


class Report:
    """The report of one stream. Whatever goes wrong in it is logged once, and the stream goes on.

    Attributes:
        begun: Whether the first chunk was asked for.
        over: Whether the report has ended; the stream may go on without it.

    """

    def __init__(self, options: Options) -> None:
        self.begun = False
        self.over = False
        self.interrupted = False  # by a Stop, while the stream was waited for
        self._options = options
        self._name = "stream"
        self._reader = Reader()
        self._writer: StreamWriter | None = None
        self._own_stage: StageHandle | None = None
        self._own_run: DrivenRun | None = None
        self._above: StageHandle | None = None  # the caller's stage, where the stream has it for itself
        self._message: str | None = None
        self._asked_at: float | None = None  # when its request began, as far as that is known
        self._clock = LateClock()  # of the stream's own run
        self._said = False
        self._waiting: tuple[asyncio.AbstractEventLoop, asyncio.Task[Any]] | None = None

    # --- its life ----------------------------------------------------------------------------------

    def asked(self) -> None:
        """Take in that the request of the stream is under way: its time counts from the first word of it."""
        if self._asked_at is None:
            self._asked_at = time.monotonic()

    def begin(self, stream: object) -> None:
        """Begin, once: in the current stage, in the current run, or else in a run of the stream's own."""
        if not self.begun:
            self.begun = True
            _open.add(self)
            notice_collections()
            self._safely(lambda: self._begin(request_of(stream)))

    def read(self, chunk: object) -> None:
        """Write what a chunk tells."""
        writer = self._writer
        if writer is None or self.over:
            return
        try:
            facts = self._reader.read(chunk)
            writer.tells_end = writer.tells_end or self._reader.tells_end
            if facts is None:
                self._say(f"{type(chunk).__module__}.{type(chunk).__qualname__}")
            elif facts:
                writer.take(facts)
        except RunEndedError:  # the stage or the run is over: the stream goes on without reports
            self._writer = None
        except Exception:  # noqa: BLE001 - a fault of the report is none of the stream
            self._warned("a chunk could not be reported")

    def finish(self) -> None:
        """End well: the stream was read to its end."""
        self._end(lambda: self._finish(self._writer))

    def leave(self, reason: str = LEFT_EARLY) -> None:
        """End early: whoever reads has left the loop."""
        self._end(lambda: self._cancel(reason))

    def drop(self, reason: str = LEFT_EARLY) -> None:
        """End early, since what reads the stream was dropped; where the collector calls, on the timers' thread."""
        if self.over or is_finalizing():  # `_leave_all` has told of those that were read
            return
        if is_collecting():  # the code that it came upon may hold a lock that the report, a screen or an import needs
            SystemClock().call_later(0.0, self.leave)
        else:
            self.leave(reason)

    def fail(self, error: BaseException) -> None:
        """End with an error of the stream, or of the block that reads it."""
        if isinstance(error, GeneratorExit):
            self.leave()
        elif isinstance(error, RunCancelled) or not isinstance(error, Exception):
            reason = interrupt_reason(error, CANCELLED)
            self._end(lambda: self._cancel(reason))
        else:
            self._end(lambda: self._fail(error))

    # --- Stop --------------------------------------------------------------------------------------

    @property
    def is_stopped(self) -> bool:
        """Whether somebody has stopped the run, or the stage, that the stream reports into."""
        if self.over:
            return False
        if self._own_run is not None:
            return self._own_run.stop_reason is not None
        return self._writer is not None and internals(self._writer.stage).stopped

    def stopped_error(self) -> RunCancelled:
        """Return the error of a stream that was stopped."""
        if self._own_run is not None:
            return self._own_run.stopped_error()
        return RunCancelled(f"{self._name} was stopped: the stage that it worked for was cancelled")

    def await_chunk(self) -> None:
        """Let a Stop cancel the wait of the current task from now on."""
        loop = running_loop()
        task = asyncio.current_task() if loop is not None else None
        self._waiting = (loop, task) if loop is not None and task is not None else None

    def end_wait(self) -> None:
        """Let a Stop cancel no wait any more."""
        self._waiting = None

    def _interrupt(self) -> None:
        if (waiting := self._waiting) is not None:
            loop, task = waiting

            def cancel() -> None:
                if self._waiting is waiting and not self.over:
                    self.interrupted = True
                    task.cancel()

            with suppress(RuntimeError):  # the loop is closed
                loop.call_soon_threadsafe(cancel)

    # --- beginning -----------------------------------------------------------------------------------

    def _begin(self, request: Request) -> None:
        options = self._options
        self._name = one_line(clean_text(options.title or request.model or ""), _NAME) or "stream"
        above, run = current_stage(), current_run()
        if above is not None:
            if above.ended:
                return
            work = internals(above)
            if not work.agents and not isinstance(work.work, CountedWork):
                self._above, self._message = above, work.message
                work.agents.add(self)
                self._write_into(above, request, alone=False)
                return
            stage = above.stage(self._name, title=self._name)
        elif run is not None:
            if run.log.ended:
                return
            stage = run.stage(self._name, title=self._name)
        else:
            stage = self._begin_run(request)
        self._own_stage = stage
        if request.model:
            # The model of a run is the first that it hears of: the one that was asked, whatever the answer calls it.
            internals(stage).carry(model=request.model)
        if self._own_run is None and request.prompt and self._options.contents:
            note_arguments(stage, {"prompt": request.prompt})  # it tells the rows of a loop apart
        stage.start()
        self._clock.go()
        self._write_into(stage, request, alone=True)

    def _begin_run(self, request: Request) -> StageHandle:
        contents = self._options.contents
        self._clock = clock = LateClock(self._asked_at)
        self._own_run = run = DrivenRun(
            self._name,
            model=request.model,
            subject=request.subject if contents else None,
            prompt=request.prompt if contents else None,
            on_stop=self._interrupt,
            clock=clock,
        )
        run.tracker.leave_errors_alone()
        run.shown = present(run, show=self._options.show)  # it may load a screen, which is none of the run's time
        return run.begin()  # at the time of the request: the clock goes on once the stage has begun, too

    def _write_into(self, stage: StageHandle, request: Request, *, alone: bool) -> None:
        work = internals(stage).work if alone else internals(stage).work.part()
        if not self._options.contents or not internals(stage).contents:
            stage = mute(stage)
        waited = 0.0 if self._asked_at is None else time.monotonic() - self._asked_at
        self._writer = StreamWriter(stage, work, request, self._options.expected_length, waited=waited)

    # --- ending --------------------------------------------------------------------------------------

    def _end(self, end: Callable[[], None]) -> None:
        if self.over or not self.begun:
            return
        self.over = True
        _open.discard(self)
        try:
            self._safely(end)
            if self._own_run is not None and not self._own_run.log.ended:
                self._own_run.stop("its end could not be reported")  # else it would be at work for ever
        finally:
            if self._above is not None:
                internals(self._above).agents.discard(self)

    def _finish(self, writer: StreamWriter | None) -> None:
        if writer is None:
            self._end_run(None)
            return
        if writer.failure is not None:
            self._fail(RunFailed(f"{self._name} failed: {writer.failure}"))
            return
        writer.end(well=True)
        result = internals(writer.stage).partial
        if self._own_stage is not None:
            self._own_stage.finish(writer.outcome)
        elif self._above is not None:
            self._above.update(message=writer.outcome or self._message or "")
        self._end_run(result)

    def _end_run(self, result: object) -> None:
        if self._own_run is not None:
            self._own_run.finish(result, contents=self._options.contents)

    def _cancel(self, reason: str) -> None:
        own, run = self._own_stage, self._own_run
        stopped = run.stop_reason if run is not None else None
        with suppress(RunEndedError):
            self._leave_writer(stopped or reason)
            if own is not None and not own.ended:
                if run is not None and reason == LEFT_EARLY and stopped is None:
                    internals(own).carry(ended_early={"kind": "left"})  # which is no fault, and nobody stopped it
                own.cancel()
        if run is not None:
            run.stop(reason)

    def _fail(self, error: Exception) -> None:
        if not self._options.contents:
            hush_error(error)
        with suppress(RunEndedError):
            # Whoever catches the error goes on with the stage; if nobody does, the stage fails with it anyway.
            self._leave_writer((self._message or "") if self._own_stage is None else None)
            if self._own_stage is not None and not self._own_stage.ended:
                self._own_stage.fail(error)
        if self._own_run is not None:
            self._own_run.fail(error)

    def _leave_writer(self, message: str | None) -> None:
        if self._writer is not None and not self._writer.stage.ended:
            self._writer.end(well=False)
            if message is not None:
                self._writer.stage.update(message=one_line(message, 500))

    # --- faults --------------------------------------------------------------------------------------

    def _safely(self, work: Callable[[], None]) -> None:
        try:
            work()
        except RunEndedError:
            self._writer = None
        except Exception:  # noqa: BLE001 - a fault of the report is none of the stream
            self._writer = None
            self._warned("it could not be reported")

    def _say(self, kind: str) -> None:
        if not self._said:
            self._said = True
            _logger.warning("%s: chunks of %s are passed on and not shown; their shape is unknown", self._name, kind)

    def _warned(self, what: str) -> None:
        if not self._said:
            self._said = True
            _logger.warning("%s: %s; the stream goes on", self._name, what, exc_info=True)  # noqa: LOG014 - called in handlers
