"""`@progress`: a decorator that makes a tool of a generator function which yields its progress."""

from __future__ import annotations

import functools
import inspect
import logging
import sys
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ParamSpec, Protocol, TypeVar, cast, overload

from progressnb.errors import OperationError, RunCancelled
from progressnb.tools.signatures import describe
from progressnb.tools.steps import Step, read_step, result_of
from progressnb.tracking import arguments_of, current_run, current_stage, internals, note_arguments, note_result
from progressnb.tracking.session import door
from progressnb.wire.paths import stage_title

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Generator

    from progressnb.tracking import StageHandle

__all__ = ["Listener", "ToolCall", "bind_call", "generator_of", "progress"]

P = ParamSpec("P")
T = TypeVar("T")

_logger = logging.getLogger("progressnb")


@overload
def progress(function: Callable[P, AsyncGenerator[Any, Any]], /) -> Callable[P, Awaitable[Any]]: ...
@overload
def progress(function: Callable[P, Generator[Any, Any, T]], /) -> Callable[P, T]: ...
def progress(function: Callable[..., Any], /) -> Callable[..., Any]:
    """Make a tool of a generator function that yields its progress and returns its result.

    A call of the tool returns the result. That of an async function returns an awaitable.

    The function yields its steps: a number from 0 to 1, or a mapping such as `{"progress": 0.5, "status": "reading"}`.
    Both keys are optional. Other keys are data. An async generator can't return a value, so it yields its result as
    `Result(value)`, or under the key `"result"` of its last mapping that has one.

    The tool reports a stage below the current one, with its arguments and its result. Called by an agent it reports
    into the stage of that call. Outside any run it works without reporting. When the run or the stage is cancelled, the
    generator is closed at its next step. As an agent's tool it also emits each step as a `CustomEvent` of pydantic-ai,
    at most ten a second; steps with data are emitted at once.

    A progress that falls stays where it was. NaN, and steps that are neither numbers nor mappings, are left out. The
    first such fault in a call logs a warning, and the work goes on.

    Args:
        function: A generator function, async or not.

    Returns:
        A function with the same parameters, whose return type is the type of the result.

    Raises:
        OperationError: For a function that is not a generator function.
        InvalidProgressError: In a call, for a progress over 1.
        RunCancelled: In a call, after the run or the stage was cancelled.

    Example:
        ::

            from collections.abc import Generator

            @pnb.progress
            def resize(files: list[str]) -> Generator[dict[str, object], None, int]:
                for number, file in enumerate(files, 1):
                    yield {"progress": number / len(files), "status": file}
                return len(files)

            assert resize(["a.png", "b.png"]) == 2

    """
    named = hasattr(function, "__name__")  # a `functools.partial` has none
    if named and inspect.isasyncgenfunction(function):

        @functools.wraps(function)
        async def call_async(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - what the function takes and gives
            with _reporting(function, args, kwargs) as report:
                generator = function(*args, **kwargs)
                result = None
                try:
                    async for yielded in generator:
                        found, value, step = result_of(yielded)
                        result = value if found else result
                        await report.step_async(step)
                finally:
                    await generator.aclose()
                    await report.end_async()
                report.result(result)
                return result

        return describe(call_async, function)
    if named and inspect.isgeneratorfunction(function):

        @functools.wraps(function)
        def call(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - what the function takes and gives
            with _reporting(function, args, kwargs) as report:
                generator = function(*args, **kwargs)
                try:
                    while True:
                        report.step(next(generator))
                except StopIteration as stop:
                    report.result(stop.value)
                    return stop.value
                finally:
                    generator.close()
                    report.end()

        return describe(call, function)
    name = getattr(function, "__qualname__", repr(function))
    raise OperationError("a generator function", name, 'Write `yield {"progress": 0.5}` in it.')


def generator_of(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return the generator function of a tool; a function that is no tool is returned as it is."""
    inner = getattr(function, "__progress__", function)
    if inspect.ismethod(function) and inner is not function:
        return functools.partial(inner, function.__self__)
    return cast("Callable[..., Any]", inner)


@dataclass(slots=True)
class ToolCall:
    """The call of a tool that a stage stands for.

    Attributes:
        tool_name: The name of the tool.
        call_id: The id of the call in an agent's messages, or None.
        function: The function of the tool, or None if it is unknown.
        claimed: Whether a generator reports into the stage already.

    """

    tool_name: str
    call_id: str | None
    function: object = None
    claimed: bool = False

    def claim(self, function: Callable[..., Any]) -> bool:
        """Return whether a generator function is the tool's own and may report into the stage; only once a call."""
        known = self.function is not None
        own = getattr(self.function, "__progress__", None) is function if known else function.__name__ == self.tool_name
        first, self.claimed = not self.claimed, True
        return first and own


def bind_call(stage: StageHandle, tool_name: str, call_id: str | None = None, function: object = None) -> None:
    """Make a stage stand for one call of a tool.

    A tool made by `@progress` then reports into this stage, and not into a stage below it.

    Args:
        stage: The stage that is entered around the call.
        tool_name: The name of the tool.
        call_id: The id of the call in an agent's messages, or None.
        function: The function of the tool, if its name is not the tool's.

    Example:
        ::

            async with tracker.stage("resize") as stage:
                bind_call(stage, "resize")
                resize(["a.png", "b.png"])  # its steps move this stage

    """
    internals(stage).tool_call = ToolCall(tool_name, call_id, function)


class Listener(Protocol):
    """A receiver of the steps of a tool, such as the event stream of the agent that called it."""

    def report(self, step: Step) -> None:
        """Take a step; works in any thread."""
        ...

    async def report_async(self, step: Step) -> None:
        """Take a step."""
        ...

    def end(self) -> None:
        """Send a step that is held back; works in any thread."""
        ...

    async def end_async(self) -> None:
        """Send a step that is held back."""
        ...


class _Report:
    """The reports of one call: each step goes into its stage and to the listener, where there are these."""

    def __init__(self, name: str, stage: StageHandle | None, listener: Listener | None, *, own: bool = False) -> None:
        self._name = name
        self._stage = stage
        self._own = own  # whether the stage is of this call alone, and no caller notes the result
        self._listener = listener
        self._progress: float | None = None
        self._warned = False

    def step(self, yielded: object) -> None:
        """Report a step; works in any thread."""
        step = self._read(yielded)
        if step is not None and self._listener is not None:
            self._listener.report(step)

    async def step_async(self, yielded: object) -> None:
        """Report a step, and let the event loop do other work when that is due."""
        step = self._read(yielded)
        if step is not None and self._listener is not None:
            await self._listener.report_async(step)
        if self._stage is not None:
            await internals(self._stage).pause

    def result(self, result: object) -> None:
        """Take the result, which the last event of the call's own stage carries."""
        if self._own and self._stage is not None:
            note_result(self._stage, result)

    def end(self) -> None:
        """Send the listener a step that is held back."""
        if self._listener is not None:
            self._listener.end()

    async def end_async(self) -> None:
        """Send the listener a step that is held back."""
        if self._listener is not None:
            await self._listener.end_async()

    def _read(self, yielded: object) -> Step | None:
        stage = self._stage
        if stage is not None and internals(stage).stopped:
            raise RunCancelled(f"{self._name} was stopped: the stage that it worked for was cancelled")
        if yielded is None:  # a pause without a report
            return None
        step, fault = read_step(yielded, self._progress)
        if fault is not None and not self._warned:
            self._warned = True
            _logger.warning("%s yielded %s; it goes on", self._name, fault)
        self._progress = step.progress
        if stage is not None and not stage.ended:
            internals(stage).report(None if step.progress is None else 100 * step.progress, step.status, step.data)
        return step


@contextmanager
def _reporting(function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Generator[_Report]:
    name = function.__name__
    above, run = current_stage(), current_run()
    with _listening(above) as listener:
        if above is not None and not above.ended:
            call = internals(above).tool_call
            if call is not None and call.claim(function):
                yield _Report(name, above, listener)  # the code that called `bind_call` ends this stage
                return
            stage = above.stage(name)
        elif above is None and run is not None and not run.log.ended:
            stage = run.stage(name, title=stage_title(name))
        else:
            yield _Report(name, None, listener)
            return
        note_arguments(stage, arguments_of(function, args, kwargs))
        with stage:
            yield _Report(name, stage, listener, own=True)


def _listening(stage: StageHandle | None) -> AbstractContextManager[Listener | None]:
    if "pydantic_ai" not in sys.modules:  # then no agent called the tool
        return nullcontext()
    listening: Callable[[StageHandle | None], AbstractContextManager[Listener | None]] = door("listening")
    return listening(stage)
