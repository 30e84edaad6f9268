"""The tracker of a run: stages, updates, and the run's own beginning and end. It knows no widget, file or socket."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import TYPE_CHECKING, Any, TypeAlias, cast
from weakref import WeakMethod

from progressnb.errors import InvalidStagesError, UnknownStageError
from progressnb.folds.partials import partials_of
from progressnb.tracking.clock import Pause
from progressnb.tracking.current import current_work, entered_run, entered_work, internals, set_stage
from progressnb.tracking.handle import StageHandle
from progressnb.tracking.in_hand import InHand
from progressnb.tracking.items import work_for_part
from progressnb.tracking.percent import FULL
from progressnb.tracking.recorder import Recorder
from progressnb.tracking.session import estimate, present, record
from progressnb.tracking.stage import Stage, Stages, declare, list_stages, read_stage
from progressnb.tracking.stage_work import StageWork
from progressnb.wire.loops import asyncio_loop
from progressnb.wire.paths import encode_name
from progressnb.wire.pickles import Unpicklable
from progressnb.wire.plain import clean_text

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from contextvars import Context
    from types import TracebackType
    from typing import Self

    from progressnb.folds.state import RunState
    from progressnb.tracking.clock import Clock
    from progressnb.tracking.controls import Controls
    from progressnb.tracking.protocols import KeptResults, ResultKeeper
    from progressnb.wire.events import Parent
    from progressnb.wire.log import EventLog

__all__ = ["ProgressTracker", "RunContext", "current_run", "enter_run", "entered", "leave_run"]

MOST_STAGES = 1_000
"""Stages at the top that are held at least; past them those that nothing needs any more are let go."""

RunContext: TypeAlias = "tuple[ProgressTracker | None, StageHandle | None]"
"""The run and the stage that were current before."""

_NAME_FIRST = 'Name it first: tracker.update("load", 50, "half way").'


def current_run() -> ProgressTracker | None:
    """Return the tracker of the run that the calling code works for, or None outside any run."""
    return cast("ProgressTracker | None", current_work()[0])


def entered() -> RunContext:
    """Return the context that `leave_run` restores: what was entered here, without the places that guides know."""
    return entered_work()


def enter_run(tracker: ProgressTracker) -> RunContext:
    """Make a run the current one, with no stage yet; return the context that `leave_run` restores."""
    previous = entered()
    entered_run.set(tracker)
    set_stage(None)
    return previous


def leave_run(previous: RunContext | None) -> None:
    """Make the run and the stage current again that were so before a run."""
    tracker, stage = previous or (None, None)
    entered_run.set(tracker)
    set_stage(stage)


class ProgressTracker(Unpicklable, InHand):
    """Report the progress of one run, stage by stage.

    An operation gets one as its first argument. Without an operation it is a block, `async with`: the run begins and
    ends with the block, well or with its error, and Cancel stops it.

    Args:
        operation: The name of the operation.
        stages: The stages: a mapping of names to relative weights, or a list of `Stage` objects or names. Without any,
            each stage that begins takes half of the percent points that are left.
        model: The name of the model that the run uses, which its first event carries.
        parent: The run and the stage that this run is a part of.
        resumed_from: The id of the run that this one takes up again.
        title: The title that screens show for this run; None makes it of the name.
        subject: The argument that tells this run from others of its operation, in a few words, or None.
        show: False shows nothing; None does as `configure` says.
        clock: The clock that stamps the events; tests pass a `ManualClock`.

    Raises:
        InvalidStagesError: For stages that can't be declared.

    Example:
        ::

            async with pnb.ProgressTracker("etl", stages={"extract": 0.3, "load": 0.7}) as tracker:
                await tracker.update("extract", 50, "half way")
                async with tracker.stage("load") as stage:
                    await stage.update(message="writing")

    """

    def __init__(
        self,
        operation: str,
        stages: Stages | None = None,
        *,
        model: str | None = None,
        parent: Parent | None = None,
        resumed_from: str | None = None,
        title: str | None = None,
        subject: str | None = None,
        show: bool | None = None,
        clock: Clock | None = None,
    ) -> None:
        listed = list_stages(stages)
        self._declared = declare(listed)
        self._recorder = Recorder(operation, clock=clock)
        self._pause = Pause(self._recorder.clock)
        self._model = clean_text(model) if model is not None else None
        self._parent, self._resumed_from = parent, resumed_from
        self._title = clean_text(title) if title is not None else None
        self._subject = clean_text(subject) if subject is not None else None
        self._names: Counter[str] = Counter()
        self._task: asyncio.Task[Any] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._cancel_reason: str | None = None
        self._on_cancel: WeakMethod[Callable[[str | None], None]] | None = None
        self._stages: dict[str, StageHandle] = {}
        self._most_stages = MOST_STAGES
        self._show = show
        self._previous: RunContext | None = None
        for stage, options in zip(self._declared, listed, strict=True):
            path = encode_name(stage.name)
            work = self._recorder.root.part(stage.weight)
            self._stages[path] = StageHandle(
                StageWork(self._recorder, self._pause, stage.name, path, work, options=options)
            )
        self._declared_paths = frozenset(self._stages)
        self.inputs: Mapping[str, object] = {}
        self.fingerprint: str | None = None
        self.keeper: ResultKeeper | None = None
        self.paths: Collection[str] = ()  # the inputs that are declared as paths
        self.forecast = True  # whether past runs tell how far it is
        self._rerun: tuple[str, ...] = ()

    def __repr__(self) -> str:
        """Show the operation, the status and the percent."""
        state, percent = self.state, self.state.counted_progress
        return f"<{self.operation}: {state.status}{'' if percent is None else f', {percent:.0f} %'}>"

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
        """The fold of the run's events so far, with the percents and messages that the next ones will carry."""
        return self._recorder.told()

    @property
    def partial(self) -> Any:  # noqa: ANN401 - plain JSON data
        """The output of the stage that wrote last, as plain data, with what no event carries yet."""
        writer = self._recorder.last_writer
        output = writer.output("output") if writer is not None else None
        return output.value if output is not None else self.state.partial

    @property
    def partials(self) -> dict[str, Any]:
        """The output of every stage that writes one, as plain data by name, with what no event carries yet."""
        with self.log.lock:
            open_boxes = tuple(self._recorder.open.items())
            ahead = {path: output for path, box in open_boxes if (output := box.output("output")) is not None}
            return partials_of(self.state, ahead)

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
    def parent(self) -> Parent | None:
        """The run and the stage that this run is a part of, or None."""
        return self._parent

    @property
    def resumed_from(self) -> str | None:
        """The id of the run that this one takes up again, or None."""
        return self._resumed_from

    @property
    def controls_of_run(self) -> Controls:
        """The controls of the run, for packages that act on it: its agents, its budget, the runs below it."""
        return self._recorder.controls

    @property
    def _in_hand(self) -> Controls:
        return self._recorder.controls

    @property
    def dropped(self) -> int:
        """The number of updates that threads made after the run had ended; they were dropped."""
        return self._recorder.dropped

    # --- reporting -------------------------------------------------------------------------------

    def stage(self, name: str | Stage, *, weight: float | None = None, title: str | None = None) -> StageHandle:
        """Return a stage of the run; it begins with its block or its first report.

        A declared stage is found by its name. A new stage begins where no stages were declared, with a `weight` or a
        `title`, and for a `Stage` with options of its own.

        Args:
            name: The name, or a `Stage` with options. A name of a new stage that was used before becomes `name#2`,
                `name#3`, ….
            weight: The share of the run, 0–1. None takes half of the percent points that are left.
            title: The text that screens show; None makes it of the name.

        Returns:
            The handle of the stage: `async with tracker.stage("read") as stage`.

        Raises:
            UnknownStageError: For a name that was not declared, where stages were.
            InvalidStagesError: For a weight out of range, for invalid options, and for a path longer than 100,000
                characters.

        Example:
            ::

                async with tracker.stage("read") as stage:
                    await stage.update(30, "reading")

        """
        spec = read_stage(name, weight, title)
        with self.log.lock:
            declared = self._stages.get(spec.encoded) if spec.encoded in self._declared_paths else None
            if declared is not None and not declared.ended and spec.options is None:
                return declared
            new = weight is not None or title is not None or spec.options is not None
            if declared is None and self._declared and not new:
                names = ", ".join(repr(stage.name) for stage in self._declared)
                raise UnknownStageError(f"one of {names}", repr(name), "Declare it in stages=, or give it a weight.")
            number = self._names[spec.encoded] + 1
            path = spec.path(number + (declared is not None))
            self._names[spec.encoded] = number
            work = work_for_part(self._recorder.root, spec.share).part(spec.share)
            announce = (work.span / FULL, spec.title)
            handle = StageHandle(
                StageWork(self._recorder, self._pause, spec.name, path, work, announce=announce, options=spec.options)
            )
            self._stages[path] = handle
            if len(self._stages) > self._most_stages:
                self._forget_repeats()
            return handle

    def _forget_repeats(self) -> None:
        """Forget stages that have ended and that no name finds: the repeats of others."""
        self._stages = {path: handle for path, handle in self._stages.items() if "#" not in path or not handle.ended}
        self._most_stages = max(MOST_STAGES, 2 * len(self._stages))

    def update(self, stage: str, percent: float | None = None, message: str | None = None, **data: Any) -> Pause:  # noqa: ANN401
        """Report how far a stage is, by its name: `tracker.stage(name).update(…)` in one call.

        100 reports that the work is done and does not end the stage. A stage that is no block ends when the next
        stage begins, at the latest with the run.

        Args:
            stage: The name. The stage begins if need be.
            percent: From 0 to 100. It is a floor: a lower one later changes nothing.
            message: A text that replaces the last one.
            **data: Facts by name, which reach readers at once: percents and messages alone are thinned to ten events
                a second.

        Returns:
            An object that may be awaited: `await tracker.update(…)` in a busy loop lets bars move and Cancel arrive.

        Raises:
            InvalidProgressError: For a percent out of range, and before the run has begun.
            RunEndedError: After the end of the stage or of the run.
            UnknownStageError: For a name that was not declared, where stages were.

        Example:
            ::

                await tracker.update("extract", 50, "half way")
                await tracker.update("extract", 100, "20,000 rows")
                await tracker.update("load", 10)  # now "extract" is finished

        """
        if not isinstance(stage, str):  # pyright: ignore[reportUnnecessaryIsInstance] # callers may be untyped
            raise InvalidStagesError("the name of a stage as text", repr(stage), _NAME_FIRST)
        handle = self._stages.get(encode_name(clean_text(stage))) or self.stage(stage)
        return internals(handle).update(percent, message, data)

    # --- the run's own life ------------------------------------------------------------------------

    def start(self, *, timers: Context | None = None) -> None:
        """Write the first event.

        `timers` is the context of the run's timers, which outlives the run by a second: one in which it is current
        would keep it for so long.
        """
        self._recorder.estimator = estimate(self) if self.forecast else None
        record(self)
        self._recorder.adopt_thread()
        self._recorder.started(
            self._declared,
            model=self._model,
            parent=self._parent,
            resumed_from=self._resumed_from,
            title=self._title,
            subject=self._subject,
            rerun=self._rerun,
            timers=timers,
        )
        self._recorder.controls.begin()

    def leave_errors_alone(self) -> None:
        """Add no notes to errors: the stages of this run are none that its caller has made."""
        self._recorder.notes = False

    def keep_results(self, keeper: ResultKeeper) -> None:
        """Give the result of each `stage.run` to a keeper, so that the run can be taken up again."""
        self._recorder.keeper = self.keeper = keeper

    def restore(self, kept: KeptResults, *, rerun: Sequence[str] = ()) -> None:
        """Give each `stage.run` the result that an earlier run kept of an equal call, instead of its work.

        `rerun` names the stages whose results `kept` does not give; the first event says so.
        """
        self._recorder.kept, self._rerun = kept, tuple(rerun)

    def done(self, result: object = None) -> None:
        """End the run well: stages still at work are finished, those that never began are skipped."""
        with self.log.lock:
            self._recorder.settle_loops(None)
            for handle in tuple(self._stages.values()):
                if handle.status == "pending":
                    handle.skip()
                elif not handle.ended:
                    handle.finish()
            self._recorder.done(result)

    def fail(self, error: BaseException) -> None:
        """End the run as failed."""
        self._recorder.settle_loops(error)
        self._recorder.failed(error, self._recorder.stage_of(error))

    def cancelled(self, reason: str | None = None) -> None:
        """End the run as cancelled."""
        self._recorder.settle_loops(None)
        self._recorder.cancelled(reason)

    def pack(self) -> None:
        """Keep of a run that has ended what readers need, in little memory: the state, and the events compressed."""
        if self.log.ended:
            self.log.pack()
            self._stages = {}
            self._recorder.forget_stages()

    def when_cancelled(self, stop: Callable[[str | None], None]) -> None:
        """Let `cancel` call a method, which is held weakly: that of the run whose tracker this is."""
        self._on_cancel = WeakMethod(stop)

    def cancel(self, reason: str | None = None) -> None:
        """Cancel the run, from any thread: the block that this tracker is used as, or the operation that got it.

        The code is stopped where it awaits next, so an operation that cancels itself goes on until then.

        Example:
            ::

                async with pnb.ProgressTracker("etl") as tracker:
                    asyncio.get_running_loop().call_later(60, tracker.cancel, "a minute is over")

        """
        stop = self._on_cancel() if self._on_cancel is not None else None
        if stop is not None:
            stop(reason)
            return
        task, loop = self._task, self._loop
        if task is not None and loop is not None and not loop.is_closed():
            self._cancel_reason = reason or "cancelled"
            loop.call_soon_threadsafe(task.cancel)

    async def __aenter__(self) -> Self:
        """Begin the run."""
        self._loop, self._task = asyncio_loop(), asyncio.current_task()
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
        self._recorder.settle_loops(error)
        if self.log.ended:
            return
        if self._cancel_reason is not None or (error is not None and not isinstance(error, Exception)):
            self.cancelled(self._cancel_reason)
        elif error is None:
            self.done()
        else:
            self.fail(error)
