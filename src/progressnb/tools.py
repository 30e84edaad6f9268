"""`@progress`: a generator that yields how far it is becomes a tool that reports and returns its result."""

from __future__ import annotations

import functools
import inspect
import logging
import math
import sys
from collections.abc import (
    AsyncGenerator,
    AsyncIterable,
    AsyncIterator,
    Awaitable,
    Callable,
    Generator,
    Iterable,
    Iterator,
    Mapping,
)
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar, cast, get_args, get_origin, get_type_hints, overload

from progressnb.current import current_run, current_stage
from progressnb.errors import OperationError, RunCancelled
from progressnb.percent import is_number
from progressnb.state import stage_title

if TYPE_CHECKING:
    from progressnb.handle import StageHandle

__all__ = ["Result", "Step", "generator_of", "progress", "read_step", "result_of"]

P = ParamSpec("P")
T = TypeVar("T")

_logger = logging.getLogger("progressnb")


@dataclass(frozen=True, slots=True)
class Result:
    """What an async generator gives as its result, which it can't return: `yield Result(value)` as its last word."""

    value: Any


@dataclass(frozen=True, slots=True)
class Step:
    """What a generator said: `progress` 0–1 or None, a `status` text or None, and any other `data`."""

    progress: float | None
    status: str | None
    data: Mapping[str, Any] = field(default_factory=dict[str, Any])


@overload
def progress(function: Callable[P, AsyncGenerator[Any, Any]], /) -> Callable[P, Awaitable[Any]]: ...
@overload
def progress(function: Callable[P, Generator[Any, Any, T]], /) -> Callable[P, T]: ...
def progress(function: Callable[..., Any], /) -> Callable[..., Any]:
    """Make a tool of a generator function that yields its progress and returns its result.

    It yields `{"progress": 0.0–1.0, "status": "…"}`, both optional, with any other keys as data, or a bare number.
    Called, the tool returns the result; that of an async generator returns an awaitable, and its result is the
    `Result(value)` that it yields, or the `"result"` of the last mapping that has one. It reports a stage below the
    one that calls it, and as an agent's tool that call's own stage; outside any run it just works.

    Progress over 1 is 1, falling progress stays where it was, NaN and what is no number or mapping are left out;
    the first of these in a call logs a warning, and the work goes on. Once the run was cancelled the generator is
    closed at its next yield. Raises `OperationError` for a function that is no generator. ::

        @progress
        def resize(files: list[str]) -> Generator[dict[str, object], None, int]:
            for number, file in enumerate(files, 1):
                yield {"progress": number / len(files), "status": file}
            return len(files)

        resize(["a.png", "b.png"])  # 2
    """
    if inspect.isasyncgenfunction(function):

        @functools.wraps(function)
        async def call_async(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - what the function takes and gives
            with _reporting(function) as report:
                generator = function(*args, **kwargs)
                result = None
                try:
                    async for yielded in generator:
                        found, value = result_of(yielded)
                        result = value if found else result
                        if not isinstance(yielded, Result):
                            await report.step_async(yielded)
                finally:
                    await generator.aclose()
                return result

        return _described(call_async, function)
    if inspect.isgeneratorfunction(function):

        @functools.wraps(function)
        def call(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - what the function takes and gives
            with _reporting(function) as report:
                generator = function(*args, **kwargs)
                try:
                    while True:
                        report.step(next(generator))
                except StopIteration as stop:
                    return stop.value
                finally:
                    generator.close()

        return _described(call, function)
    name = getattr(function, "__qualname__", repr(function))
    raise OperationError("a generator function", name, 'Write `yield {"progress": 0.5}` in it.')


def generator_of(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return the generator function that a tool was made of, or the function itself."""
    inner = getattr(function, "__progress__", function)
    if inspect.ismethod(function) and inner is not function:
        return functools.partial(inner, function.__self__)
    return cast("Callable[..., Any]", inner)


def result_of(yielded: object) -> tuple[bool, Any]:
    """Tell whether what an async generator yielded holds its result, and return that."""
    if isinstance(yielded, Result):
        return True, yielded.value
    if isinstance(yielded, Mapping) and "result" in yielded:
        return True, cast("Mapping[object, Any]", yielded)["result"]
    return False, None


def read_step(yielded: object, before: float | None) -> tuple[Step, str | None]:
    """Return what was yielded as a step, and what was wrong with it, if anything; `before` is the last progress."""
    if isinstance(yielded, Mapping):
        said = cast("Mapping[object, Any]", yielded)
        status = said.get("status")
        data = {str(key): value for key, value in said.items() if key not in ("progress", "status")}
        value, fault = _read_progress(said.get("progress"), before)
        return Step(value, None if status is None else str(status), data), fault
    if yielded is None or is_number(yielded):
        value, fault = _read_progress(yielded, before)
        return Step(value, None), fault
    return Step(before, None), f"neither a mapping nor a number: a {type(yielded).__name__}"


def _read_progress(value: object, before: float | None) -> tuple[float | None, str | None]:
    if value is None:
        return before, None
    if not is_number(value):
        return before, f"a progress that is no number: a {type(value).__name__}"
    if math.isnan(value):
        return before, "a progress that is not a number"
    if value > 1:
        return 1.0, f"a progress of {float(value):g}, over 1"
    if value < (before or 0.0):
        return before or 0.0, f"a progress of {float(value):g} after {before or 0.0:g}"
    return float(value), None


class _Report:
    """Report the steps of one call into its stage, and to whoever listens to the agent that called."""

    def __init__(self, name: str, stage: StageHandle | None) -> None:
        self._name = name
        self._stage = stage
        self._progress: float | None = None
        self._warned = False
        self._listener = _listener(stage)

    def step(self, yielded: object) -> None:
        """Report a step; works in any thread."""
        step = self._read(yielded)
        if self._listener is not None:
            self._listener.tell(step)

    async def step_async(self, yielded: object) -> None:
        """Report a step, and give the loop its turns."""
        step = self._read(yielded)
        if self._listener is not None:
            await self._listener.tell_async(step)
        if self._stage is not None:
            await self._stage.pause

    def _read(self, yielded: object) -> Step:
        step, fault = read_step(yielded, self._progress)
        if fault is not None and not self._warned:
            self._warned = True
            _logger.warning("%s yielded %s; it goes on", self._name, fault)
        self._progress = step.progress
        stage = self._stage
        if stage is not None and stage.run_status == "cancelled":
            raise RunCancelled(f"{self._name} was stopped: its run was cancelled")
        if stage is not None and not stage.ended:
            stage.report(None if step.progress is None else 100 * step.progress, step.status, step.data)
        return step


@contextmanager
def _reporting(function: Callable[..., Any]) -> Generator[_Report]:
    name = function.__name__
    above, run = current_stage(), current_run()
    if above is not None and not above.ended:
        if above.tool_call is not None and above.tool_call.claim(name):
            yield _Report(name, above)  # the agent's bridge ends this stage
            return
        stage = above.stage(name)
    elif above is None and run is not None and not run.log.ended:
        stage = run.stage(name, title=stage_title(name))
    else:
        yield _Report(name, None)
        return
    with stage:
        yield _Report(name, stage)


def _listener(stage: StageHandle | None) -> Any:  # noqa: ANN401 - typed where pydantic-ai is
    if "pydantic_ai" not in sys.modules:  # then no agent called
        return None
    from progressnb.tool_events import listener

    return listener(stage)


def _described(wrapper: Callable[..., Any], function: Callable[..., Any]) -> Callable[..., Any]:
    # What builds a schema from a function reads its annotations: the result's type is the generator's.
    try:
        hints = get_type_hints(function, include_extras=True)
    except (NameError, TypeError):  # names that only a type checker knows
        hints = dict(function.__annotations__)
    arguments = get_args(hints.get("return"))
    origin = get_origin(hints.get("return")) or hints.get("return")
    if origin is Generator and len(arguments) > 2:  # noqa: PLR2004 - yields, takes, returns
        hints["return"] = arguments[2]
    elif origin in (Generator, AsyncGenerator, Iterator, AsyncIterator, Iterable, AsyncIterable):
        hints.pop("return", None)  # it says what is yielded, not what comes of it
    wrapper.__annotations__ = hints
    signature = inspect.signature(function)
    parameters = [
        parameter.replace(annotation=hints.get(name, parameter.annotation))
        for name, parameter in signature.parameters.items()
    ]
    returned = hints.get("return", inspect.Signature.empty)
    described = cast("Any", wrapper)
    described.__signature__ = signature.replace(parameters=parameters, return_annotation=returned)
    described.__progress__ = function
    del described.__wrapped__  # which would lead readers of signatures back to the generator
    return wrapper
