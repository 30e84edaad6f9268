"""The stage handle: what code at work holds. What it says is thinned before it becomes events."""

from __future__ import annotations

from collections import Counter
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Literal, ParamSpec, TypeVar, cast, overload

from progressnb.errors import InvalidStagesError
from progressnb.tracking.attempts import attempt, time_limit, validated
from progressnb.tracking.lifecycle import LivingStage
from progressnb.tracking.percent import Work, checked_percent, checked_share
from progressnb.tracking.stage import Stage, check_options
from progressnb.wire.paths import encode_name, stage_title
from progressnb.wire.plain import clean_text, jsonable

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping
    from contextlib import AbstractAsyncContextManager
    from types import TracebackType
    from typing import Self

    from progressnb.tools.tool import ToolCall
    from progressnb.tracking.clock import Clock, Pause
    from progressnb.tracking.recorder import Recorder

__all__ = ["StageHandle", "current_stage", "set_stage"]

_current: ContextVar[StageHandle | None] = ContextVar("progressnb_stage", default=None)


def current_stage() -> StageHandle | None:
    """Return the stage that the calling code works for, or None outside any run.

    Follows the code into child tasks and into threads that carry the context, as `asyncio.to_thread` does.
    """
    return _current.get()


def set_stage(stage: StageHandle | None) -> None:
    """Make a stage the current one."""
    _current.set(stage)


P = ParamSpec("P")
T = TypeVar("T")


class StageHandle(LivingStage):
    """Report one stage of a run: `async with tracker.stage("read") as stage: stage.update(30, "reading")`.

    Leaving the block finishes the stage; an exception fails it, a cancellation cancels it. All methods
    work from any thread and act at once.
    """

    def __init__(
        self,
        recorder: Recorder,
        pause: Pause,
        name: str,
        path: str,
        work: Work,
        *,
        announce: tuple[float | None, str] | None = None,
        above: StageHandle | None = None,
        options: Stage | None = None,
    ) -> None:
        super().__init__(recorder, path, work, announce=announce, above=above, options=options)
        self.name = name
        self.agents: set[object] = set()
        self.tool_call: ToolCall | None = None
        self.expected_length: float | None = None  # characters of its output, learned or given
        self._usage: dict[str, float] = {}
        self._pause = pause
        self._names: Counter[str] = Counter()
        self._previous: list[StageHandle | None] = []
        self._limits: list[AbstractAsyncContextManager[None]] = []

    def __repr__(self) -> str:
        """Show the path, the status and the percent."""
        percent = "" if self.percent is None else f", {self.percent:.0f} %"
        return f"<stage {self.path!r}: {self.status}{percent}>"

    @property
    def run_id(self) -> str:
        """The id of the run that the stage belongs to."""
        return self._recorder.run_id

    @property
    def partial(self) -> Any:  # noqa: ANN401 - plain JSON data
        """The output written so far as plain data, or None."""
        buffer = self.outputs.get("output")
        return buffer.value if buffer is not None else None

    @property
    def restored(self) -> bool:
        """Whether the stage's result came from an earlier run."""
        return self._restored is not None

    @property
    def above(self) -> StageHandle | None:
        """The stage that this one is below, or None."""
        return cast("StageHandle | None", self._above)

    @property
    def stopped(self) -> bool:
        """Whether the run was cancelled, this stage, or one above it."""
        stage: StageHandle | None = self
        while stage is not None and stage.status != "cancelled":
            stage = stage.above
        return stage is not None or self._recorder.state.status == "cancelled"

    @property
    def pause(self) -> Pause:
        """What gives the loop its turns, where one is due."""
        return self._pause

    @property
    def clock(self) -> Clock:
        """The clock that stamps the events."""
        return self._recorder.clock

    # --- reporting -------------------------------------------------------------------------------

    def update(self, percent: float | None = None, message: str | None = None, **data: Any) -> Pause:  # noqa: ANN401
        """Say how far the stage is: a percent from 0 to 100 as a floor, a message, and any data.

        Acts at once; `await stage.update(…)` in a busy loop also lets bars move and Cancel arrive.
        Raises `InvalidProgressError` for a percent out of range and `RunEndedError` after the end.
        """
        return self.report(percent, message, data)

    def report(self, percent: float | None, message: str | None, data: Mapping[str, Any]) -> Pause:
        """Do what `update` does, with data of any keys."""
        floor = None if percent is None else checked_percent(percent)
        with self._log.lock:
            if self._open():
                if floor is not None:
                    self.work.raise_floor(floor)
                if message is not None:
                    self._message = clean_text(str(message))
                if data:
                    self._data.update({clean_text(key): jsonable(value) for key, value in data.items()})
                self._moved = True
                self._write(now=bool(data))
        return self._pause

    def write(
        self,
        delta: str,
        *,
        part: str = "output",
        kind: Literal["text", "json"] = "text",
        reset: bool = False,
    ) -> Pause:
        """Add characters to the stage's output, or to another `part` of it such as `"thinking"`.

        `reset` starts the part over with these characters.
        """
        with self._log.lock:
            if self._open():
                self._append(delta, clean_text(part), kind, reset=reset)
                self._write(now=False)
        return self._pause

    def add_usage(self, model: str | None = None, **amounts: float | None) -> None:
        """Add to the stage's `input_tokens`, `output_tokens` and `cost`; None is unknown and adds nothing."""
        with self._log.lock:
            for key, amount in amounts.items():
                if amount is not None:
                    self._usage[key] = self._usage.get(key, 0) + amount
            data: dict[str, Any] = {**self._usage, "model": model} if model else {**self._usage}
            self.update(**data)

    def expect(self, count: int) -> None:
        """Declare how many sub-stages or agent runs are to come; they share evenly what is left."""
        with self._log.lock:
            self.work.expect(count)

    def stage(
        self, name: str | Stage, *, weight: float | None = None, title: str | None = None, work: Work | None = None
    ) -> StageHandle:
        """Begin a stage below this one; a `Stage` brings its options along.

        A name that was used before becomes `name#2`, `name#3` and so on. `weight` is the stage's share of
        this one, 0–1; without it the stage takes half of what is left. `work` puts it under another piece
        of work of this stage.
        """
        options = None
        if isinstance(name, Stage):
            check_options(options := name)
            name, weight, title = options.name, options.weight, options.title
        share = checked_share(weight)
        with self._log.lock:
            encoded = encode_name(clean_text(name)) or "%"
            self._names[encoded] += 1
            count = self._names[encoded]
            path = f"{self.path}/{encoded}" + (f"#{count}" if count > 1 else "")
            title = clean_text(title or stage_title(name))
            part = (work or self.work).part(share)
            announce = (part.span / 100, title)
            return StageHandle(
                self._recorder, self._pause, name, path, part, announce=announce, above=self, options=options
            )

    # --- work ------------------------------------------------------------------------------------

    @overload
    async def run(self, function: Callable[P, Coroutine[Any, Any, T]], /, *args: P.args, **kwargs: P.kwargs) -> T: ...
    @overload
    async def run(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T: ...
    async def run(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        """Run a function as this stage, within its `timeout`, with its `retries` and its `fallback`.

        A function that is not async runs in a thread; a timeout leaves that thread to itself. Every error but
        progressnb's own is tried again. In a run that was resumed, a stage that had finished is not run again:
        its result comes back, as the type that the function's annotation says.
        Raises the error of the last attempt.

        ::

            tracker = ProgressTracker("etl", stages=[Stage("load", timeout=30, retries=2)])
            async with tracker:
                rows = await tracker.stage("load").run(load, "rows.csv")
        """
        __tracebackhide__ = True  # IPython and pytest leave such frames out
        kept = self._recorder.kept.pop(self.path, None)
        if kept is not None:
            result = validated(function, kept.result)
            self._restored = kept.duration
            self.start()
            self._set_status("finished", None, source="restored", **self._result(kept.result))
            return result
        self._enter()
        try:
            result = await attempt(self, function, args, kwargs)
        except BaseException as error:
            self._leave(error)
            raise
        set_stage(self._previous.pop())
        if not self.ended:
            self._set_status("finished", None, **self._result(result))
        return result

    def _result(self, result: object) -> dict[str, Any]:
        return {"result": jsonable(result)} if self._recorder.keep_results else {}

    # --- as a block --------------------------------------------------------------------------------

    def __enter__(self) -> Self:
        """Begin the stage and make it the current one."""
        self._check_block(is_async=False)
        return self._enter()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """End the stage as its block ended."""
        self._leave(error)

    async def __aenter__(self) -> Self:
        """Begin the stage and make it the current one; its `timeout` begins to count."""
        self._check_block(is_async=True)
        self._limits.append(limit := time_limit(self.options.timeout))
        await limit.__aenter__()
        return self._enter()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """End the stage as its block ended."""
        try:
            await self._limits.pop().__aexit__(kind, error, traceback)
        except BaseException as last:
            self._leave(last)
            raise
        self._leave(error)

    def _enter(self) -> Self:
        self.start()
        self._previous.append(current_stage())
        set_stage(self)
        return self

    def _leave(self, error: BaseException | None) -> None:
        set_stage(self._previous.pop())
        if self.ended:
            return
        if error is None:
            self.finish()
        elif isinstance(error, Exception):
            self.fail(error)
        else:
            self._recorder.blame_cancellation(self.path)
            self.cancel()

    def _check_block(self, *, is_async: bool) -> None:
        options = self.options
        if options.retries or options.fallback is not None:
            raise InvalidStagesError(
                f"`await stage.run(function)` for stage {self.path!r}, which has retries or a fallback",
                "a block",
                "A block can't be repeated: put its work into a function.",
            )
        if options.timeout is not None and not is_async:
            raise InvalidStagesError(
                f"`async with` for stage {self.path!r}, which has a timeout", "`with`", "Code can't be stopped there."
            )
