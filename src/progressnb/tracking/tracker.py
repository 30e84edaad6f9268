"""`ProgressTracker`: the emit side of a run. It knows no widget, file or socket."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, TypeAlias

from progressnb.errors import UnknownStageError
from progressnb.tracking.clock import Pause
from progressnb.tracking.handle import StageHandle, current_stage, set_stage
from progressnb.tracking.percent import checked_share
from progressnb.tracking.recorder import Recorder
from progressnb.tracking.session import estimate, present, record
from progressnb.tracking.stage import Stage, Stages, check_options, declare, list_stages
from progressnb.wire.paths import encode_name, stage_title
from progressnb.wire.plain import clean_text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType
    from typing import Self

    from progressnb.folds.state import RunState
    from progressnb.tracking.clock import Clock
    from progressnb.tracking.recorder import Kept
    from progressnb.wire.events import Parent
    from progressnb.wire.log import EventLog

__all__ = ["ProgressTracker", "RunContext", "current_run", "enter_run", "leave_run"]

RunContext: TypeAlias = "tuple[ProgressTracker | None, StageHandle | None]"
"""The run and the stage that were current before."""

_current_run: ContextVar[ProgressTracker | None] = ContextVar("progressnb_run", default=None)


def current_run() -> ProgressTracker | None:
    """Return the tracker of the run that the calling code works for, or None outside any run."""
    return _current_run.get()


def enter_run(tracker: ProgressTracker) -> RunContext:
    """Make a run the current one, with no stage yet; return what `leave_run` restores."""
    previous = _current_run.get(), current_stage()
    _current_run.set(tracker)
    set_stage(None)
    return previous


def leave_run(previous: RunContext | None) -> None:
    """Restore what was current before a run."""
    tracker, stage = previous or (None, None)
    _current_run.set(tracker)
    set_stage(stage)


class ProgressTracker:
    """Report the progress of one run, stage by stage.

    An operation gets one as its first argument. Without an operation it is a block of its own::

        async with ProgressTracker("etl", stages={"extract": 0.3, "load": 0.7}) as tracker:
            await tracker.update("extract", 50, "half way")

    `stages` is a mapping of names to relative weights, or a list of `Stage` objects or names. Raises
    `InvalidStagesError` for stages that can't be declared.
    """

    def __init__(
        self,
        operation: str,
        stages: Stages | None = None,
        *,
        model: str | None = None,
        parent: Parent | None = None,
        resumed_from: str | None = None,
        show: bool | None = None,
        clock: Clock | None = None,
    ) -> None:
        listed = list_stages(stages)
        self._declared = declare(listed)
        self._recorder = Recorder(operation, clock=clock)
        self._pause = Pause(self._recorder.clock)
        self._model = clean_text(model) if model is not None else None
        self._parent = parent
        self._resumed_from = resumed_from
        self._names: Counter[str] = Counter()
        self._task: asyncio.Task[Any] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._cancel_reason: str | None = None
        self._stages: dict[str, StageHandle] = {}
        self._show = show
        self._previous: RunContext | None = None
        for stage, options in zip(self._declared, listed, strict=True):
            path = encode_name(stage.name)
            work = self._recorder.root.part(stage.weight)
            self._stages[path] = StageHandle(self._recorder, self._pause, stage.name, path, work, options=options)
        self._declared_paths = frozenset(self._stages)
        self.inputs: Mapping[str, object] = {}
        self.fingerprint: str | None = None

    def __repr__(self) -> str:
        """Show the operation, the status and the percent."""
        state = self.state
        return f"<{self.operation}: {state.status}, {state.overall_progress:.0f} %>"

    @property
    def id(self) -> str:
        """The run's id."""
        return self._recorder.run_id

    @property
    def operation(self) -> str:
        """The operation's name."""
        return self._recorder.operation

    @property
    def model(self) -> str | None:
        """The model that was declared for the run, or None."""
        return self._model

    @property
    def log(self) -> EventLog:
        """The run's events."""
        return self._recorder.log

    @property
    def state(self) -> RunState:
        """The fold of the run's events so far."""
        return self._recorder.state

    @property
    def partial(self) -> Any:  # noqa: ANN401 - plain JSON data
        """The output of the stage that wrote last, as plain data, with what no event carries yet."""
        output = self._recorder.output
        return output.value if output is not None else None

    @property
    def clock(self) -> Clock:
        """The clock that stamps the events."""
        return self._recorder.clock

    @property
    def elapsed(self) -> float:
        """Seconds since the run began; its duration once it has ended."""
        duration = self.state.duration
        return self._recorder.elapsed if duration is None else duration

    @property
    def dropped(self) -> int:
        """How many updates came from threads after the run had ended, and were dropped."""
        return self._recorder.dropped

    # --- reporting -------------------------------------------------------------------------------

    def stage(self, name: str | Stage, *, weight: float | None = None, title: str | None = None) -> StageHandle:
        """Return a stage to enter: `async with tracker.stage("read") as stage`.

        A declared stage by its name. Where no stages were declared, with a `weight` or `title`, or for a
        `Stage` with options of its own, a new one; a name that was used before becomes `name#2`, `name#3`, …
        Raises `UnknownStageError` for a name that was not declared.
        """
        options = None
        if isinstance(name, Stage):
            check_options(options := name)
            name, weight, title = options.name, options.weight, options.title
        encoded = encode_name(clean_text(name)) or "%"
        share = checked_share(weight)
        with self.log.lock:
            declared = self._stages.get(encoded) if encoded in self._declared_paths else None
            if declared is not None and not declared.ended and options is None:
                return declared
            if declared is None and self._declared and weight is None and title is None and options is None:
                names = ", ".join(repr(stage.name) for stage in self._declared)
                raise UnknownStageError(f"one of {names}", repr(name), "Declare it in stages=, or give it a weight.")
            self._names[encoded] += 1
            count = self._names[encoded] + (declared is not None)
            path = encoded + (f"#{count}" if count > 1 else "")
            work = self._recorder.root.part(share)
            announce = (work.span / 100, clean_text(title or stage_title(name)))
            handle = StageHandle(self._recorder, self._pause, name, path, work, announce=announce, options=options)
            self._stages[path] = handle
            return handle

    def update(self, stage: str, percent: float | None = None, message: str | None = None, **data: Any) -> Pause:  # noqa: ANN401
        """Say how far a stage is: a percent from 0 to 100, a message, and any data.

        Begins the stage if need be, and finishes it at 100.
        """
        handle = self._stages.get(encode_name(clean_text(stage))) or self.stage(stage)
        pause = handle.update(percent, message, **data)
        if percent == 100 and not handle.ended:  # noqa: PLR2004 - percent
            handle.finish()
        return pause

    # --- the run's own life ------------------------------------------------------------------------

    def start(self) -> None:
        """Write the first event."""
        self._recorder.estimator = estimate(self)
        record(self)
        self._recorder.adopt_thread()
        self._recorder.started(self._declared, model=self._model, parent=self._parent, resumed_from=self._resumed_from)

    def keep_results(self) -> None:
        """Write the result of each `stage.run` into its last event, so that a run can be taken up again."""
        self._recorder.keep_results = True

    def restore(self, kept: Mapping[str, Kept]) -> None:
        """Give each `stage.run` at one of these paths what an earlier run kept of it, instead of its work."""
        self._recorder.kept = dict(kept)

    def done(self, result: object = None) -> None:
        """End the run well: stages still at work are finished, those that never began are skipped."""
        with self.log.lock:
            for handle in tuple(self._stages.values()):
                if handle.status == "pending":
                    handle.skip()
                elif not handle.ended:
                    handle.finish()
            self._recorder.done(result)

    def fail(self, error: BaseException) -> None:
        """End the run as failed."""
        self._recorder.failed(error, self._recorder.stage_of(error))

    def cancelled(self, reason: str | None = None) -> None:
        """End the run as cancelled."""
        self._recorder.cancelled(reason)

    def cancel(self, reason: str | None = None) -> None:
        """Cancel the block that this tracker is used as, from any thread."""
        task, loop = self._task, self._loop
        if task is not None and loop is not None and not loop.is_closed():
            self._cancel_reason = reason or "cancelled"
            loop.call_soon_threadsafe(task.cancel)

    async def __aenter__(self) -> Self:
        """Begin the run."""
        self._task, self._loop = asyncio.current_task(), asyncio.get_running_loop()
        self.start()
        self._previous = enter_run(self)
        present(self, show=self._show)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """End the run as its block ended."""
        self._task = None
        leave_run(self._previous)
        if self.log.ended:
            return
        if self._cancel_reason is not None or (error is not None and not isinstance(error, Exception)):
            self.cancelled(self._cancel_reason)
        elif error is None:
            self.done()
        else:
            self.fail(error)
