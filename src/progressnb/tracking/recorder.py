"""The recorder of a run: the one place where events are made.

Each event is stamped, counted, folded and appended under the run's lock.
"""

from __future__ import annotations

import functools
import logging
import threading
import uuid
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any, TypeVar, cast
from weakref import ref

from progressnb.folds.facts import place_text
from progressnb.tracking.appending import CAP, Appending, OpenStage
from progressnb.tracking.clock import Clock, SystemClock, running_loop
from progressnb.tracking.controls import Controls
from progressnb.tracking.failures import causes_of, error_data, error_text, error_type, note_stage
from progressnb.tracking.remaining import NEWS_AFTER, TICK
from progressnb.tracking.views import view_of
from progressnb.tracking.work import Work
from progressnb.wire.events import (
    BaseEvent,
    CancelledEvent,
    DoneEvent,
    ErrorEvent,
    StageDeclaration,
    StartedEvent,
)
from progressnb.wire.paths import encode_name
from progressnb.wire.plain import clean_text, jsonable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from contextvars import Context

    from progressnb.tracking.protocols import KeptResults, OpenLoop, ResultKeeper
    from progressnb.wire.events import Event

__all__ = ["CAP", "INTERVAL", "OpenStage", "Recorder"]

INTERVAL = 0.1
"""Seconds between two events of one stage that only move it on."""

NEWS = 0.1
"""Percent points by which time alone must have moved a run before an event says so."""

_logger = logging.getLogger("progressnb")


_Recorded = TypeVar("_Recorded", bound=BaseEvent)


class Recorder(Appending):
    """Write the events of one run.

    `complete` has those of the open stages that stand at 100 % and that nothing else will end, each with the function
    that finishes it. `loops` has the loops that are at work or were left, by path. `keeper` gets the results of stages,
    `kept` has those of the run that this one takes up again. `dropped` counts updates of threads that outlived the run.
    `controls` is what people may do with the run, its budget included. `notes` says whether an error gets a note of its
    stage: not where the stages are none of the caller's.
    """

    def __init__(self, operation: str, *, run_id: str | None = None, clock: Clock | None = None) -> None:
        super().__init__(operation, run_id or uuid.uuid4().hex, clock or SystemClock(running_loop()))
        self.dropped = 0
        self.notes = True
        self.last_writer: OpenStage | None = None
        self.complete: dict[str, Callable[[], None]] = {}
        self.loops: dict[str, OpenLoop] = {}
        self.keeper: ResultKeeper | None = None
        self.kept: KeptResults | None = None
        self.controls = Controls(self)
        self._blamed: tuple[BaseException, str] | None = None
        self._cancelled_stage: str | None = None
        self._home = threading.get_ident()

    def adopt_thread(self) -> None:
        """Make this thread the one whose updates after the end are errors, not orphans."""
        self._home = threading.get_ident()

    def is_orphan(self) -> bool:
        """Return whether an update that comes now is of a thread that outlived the run; if so, count it."""
        if not self.log.ended or threading.get_ident() == self._home:
            return False
        with self.log.lock:
            self.dropped += 1
        return True

    def record(self, event_type: type[_Recorded], stage: str | None = None, **fields: Any) -> None:  # noqa: ANN401
        """Append one event, and fold it in."""
        with self.log.lock:
            fields["elapsed"] = elapsed = self.elapsed
            if event_type.moves:
                fields["overall_progress"] = self._risen(self.root.value, elapsed)
            fields["run_id"], fields["operation"], fields["stage"] = self.run_id, self.operation, stage
            fields["seq"], fields["timestamp"] = len(self.log), self.clock.now()
            event = cast("Event", event_type(**fields))
            if self.log.ended:
                self.log.refuse()
            self.state.apply(event)
            if self.estimator is not None:
                self._observe(event)
            self.log.add(event)

    def longest_silence(self, path: str, seconds: float) -> float | None:
        """Return the longest silence in seconds that past runs had in a stage, if this one is longer; else None."""
        return self._estimated(lambda estimator: estimator.silence(path, seconds))

    def tell_remaining(self) -> None:
        """Write, under the lock, the seconds that remain, if they are known and have changed."""
        elapsed, time_left = self.elapsed, self._time_left
        remaining = self._estimated(lambda estimator: estimator.remaining(elapsed))
        if remaining is None:
            # Events of stages carry it as they come.
            is_due = elapsed - time_left.carried >= TICK
            news = time_left.measured(self.root, self.open.values(), self.root.value, elapsed) if is_due else {}
        else:
            doubt = self._estimated(lambda estimator: estimator.doubt(elapsed))
            if self.waits.is_waiting():
                doubt = "waiting"  # nobody knows when a person answers
            has_moved = min(self._estimated_overall(elapsed, self.root.value), CAP) - self.overall >= NEWS
            news = time_left.learned(remaining, doubt, elapsed, has_moved=has_moved)
        if news:
            self.progress(None, "running", data=news)

    def started(
        self,
        stages: list[StageDeclaration],
        *,
        title: str | None = None,
        subject: str | None = None,
        rerun: Sequence[str] = (),
        timers: Context | None = None,
        **facts: Any,  # noqa: ANN401
    ) -> None:
        """Write the first event; `rerun` names the stages that are run again, `facts` are its other fields.

        `timers` is the context in which timers are set, or None for that of the caller.
        """
        self._began = self.clock.monotonic()
        declared = {encode_name(stage.name): stage.weight for stage in stages}
        expected = self._estimated(lambda estimator: estimator.durations(declared))
        data: dict[str, Any] = {"expected": dict(expected)} if expected else {}
        data |= {"rerun": list(rerun)} if rerun else {}
        self.record(StartedEvent, stages=stages, title=title, subject=subject, writer=_writer(), data=data, **facts)
        later = partial(self.clock.call_later, TICK, partial(_tick, ref(self)))
        timers.run(later) if timers is not None else later()

    def tell(self, data: Mapping[str, Any]) -> None:
        """Write data of the run itself."""
        with self.log.lock:
            self.progress(None, "running", data=dict(data))

    def tick(self) -> bool:
        """Write what time alone has changed; return whether the run goes on."""
        with self.log.lock:
            if self.log.ended:
                return False
            # One event a tick. The innermost and latest stage comes first: that is where the run stands still.
            written = any(stage.tick() for stage in reversed(tuple(self.open.values())))
            if not written or self.elapsed - self._time_left.told >= NEWS_AFTER:
                self.tell_remaining()
            self.log.tidy()
        return True

    def finish_complete(self, beside: str | None = None) -> None:
        """Finish, under the lock, the stages that stand at 100 % and that nothing else will end.

        `beside` is the path of a stage that begins now: only stages of the same level are finished then.
        """
        level = None if beside is None else beside.rpartition("/")[0]
        for path, finish in tuple(self.complete.items()):
            if path != beside and (level is None or path.rpartition("/")[0] == level):
                del self.complete[path]
                finish()

    def settle_loops(self, error: BaseException | None, below: str = "") -> None:
        """End the loops whose bodies were left, the innermost first, before what is around them ends with an error.

        `below` is the path of the stage that ends; without it the run does.
        """
        if self.loops:
            with self.log.lock:
                for path, loop in reversed(tuple(self.loops.items())):
                    if not below or path.startswith(f"{below}/"):
                        loop.settle(error)

    def done(self, result: object) -> None:
        """Write the last event of a run that succeeded."""
        self._end(DoneEvent, result=jsonable(result), view=view_of(result), data=dict(self.state.usage))

    def failed(self, error: BaseException, stage: str | None, *, fatal: bool = True) -> None:
        """Write an error; a fatal one is the last event."""
        write = self._end if fatal else self.record
        message, data = error_text(error), error_data(error)
        write(ErrorEvent, stage, message=message, error_type=error_type(error), fatal=fatal, data=data)

    def blame(self, error: BaseException, stage: str) -> None:
        """Record in which stage an error arose: the innermost, which hears of it first."""
        if self._blamed_for(error) is not None:
            return
        self._blamed = (error, stage)
        if self.notes and stage != encode_name(self.operation):  # as the run of a loop is
            parent = self.state.parent
            note = f"in {place_text(self.state, stage)} of {self.operation!r}"
            note_stage(error, note, run_id=self.run_id, parent_id=parent.run_id if parent is not None else None)
        self.failed(error, stage, fatal=False)

    def blame_cancellation(self, stage: str) -> None:
        """Record which stage a cancellation, and so perhaps a timeout, met first."""
        self._cancelled_stage = self._cancelled_stage or stage

    def stage_of(self, error: BaseException) -> str | None:
        """Return the path of the stage in which an error arose, or None."""
        stage = self._blamed_for(error)
        return self._cancelled_stage if stage is None and isinstance(error, TimeoutError) else stage

    def _blamed_for(self, error: BaseException) -> str | None:
        # A group around the one error that a stage was blamed for is that error again.
        if self._blamed is None or (self._blamed[0] is not error and causes_of(error) != [self._blamed[0]]):
            return None
        return self._blamed[1]

    def cancelled(self, reason: str | None) -> None:
        """Write the last event of a run that was cancelled."""
        self._end(CancelledEvent, reason=clean_text(str(reason)) if reason else None)

    def _end(
        self,
        event_type: type[DoneEvent | ErrorEvent | CancelledEvent],
        stage: str | None = None,
        **fields: Any,  # noqa: ANN401
    ) -> None:
        with self.log.lock:
            self.finish_complete()
            # Parents begin first and move when their parts do, hence the way back.
            stages = tuple(self.open.values())
            for each in (*stages, *reversed(stages)):
                each.flush(whole=True)
            self.record(event_type, stage, duration=self.elapsed, **fields)
            # Nobody needs these any more, and circles would wait for the garbage collector.
            self.estimator = self.last_writer = None
            self.root.forget_parts()

    def forget_stages(self) -> None:
        """Let go of the work of a run that has ended; its state stays."""
        self.root = Work()
        self.open.clear()
        self.complete.clear()
        self.loops.clear()


def _tick(weak: ref[Recorder]) -> None:
    # A run that nobody holds any more must not be kept alive by its timer.
    recorder = weak()
    if recorder is not None and recorder.tick():
        recorder.clock.call_later(TICK, partial(_tick, weak))


@functools.cache
def _writer() -> str:
    try:
        return f"progressnb {version('progressnb')}"
    except PackageNotFoundError:  # a source tree that is not installed
        return "progressnb"
