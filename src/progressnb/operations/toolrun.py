"""`run_tools`: tools side by side. A tool that fails loses no result of the others."""

from __future__ import annotations

import asyncio
import contextvars
import functools
import inspect
import itertools
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from progressnb.errors import InputError
from progressnb.execution import operation
from progressnb.tools import bind_call
from progressnb.tracking import arguments_of, error_text, is_async, note_arguments, note_result
from progressnb.wire import jsonable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from progressnb.tracking import ProgressTracker, StageHandle

__all__ = ["ToolCalls", "ToolResults", "run_tools"]

OneCall: TypeAlias = "Callable[[], Any] | tuple[Callable[..., Any], Mapping[str, Any]]"
ToolCalls: TypeAlias = "Mapping[str, OneCall] | Sequence[OneCall] | Iterator[OneCall]"
"""Tools to call: by name, or in a list, each alone or with its keyword arguments."""


@dataclass
class ToolResults:
    """The results and errors of tools, by name.

    Attributes:
        names: The names in the order of the calls; a repeated name is `search#2`.
        results: The results of the tools that ended well.
        errors: The errors of the other tools.

    Example:
        ::

            found["search"]  # the result, or raises the tool's error
            list(found)  # the names

    """

    names: list[str]
    results: dict[str, Any] = field(default_factory=dict[str, Any])
    errors: dict[str, BaseException] = field(default_factory=dict[str, BaseException])

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401 - a tool returns anything
        """Return the result of a tool; raise its error."""
        if name in self.errors:
            raise self.errors[name]
        return self.results[name]

    def __iter__(self) -> Iterator[str]:
        """Go through the names in the order of the calls."""
        return iter(self.names)

    def __len__(self) -> int:
        """Count the calls."""
        return len(self.names)

    def _progressnb_view_(self) -> list[dict[str, Any]]:
        items = [{"label": name, "text": _text(self.results[name])} for name in self.names if name in self.results]
        errors = [f"{name}: {error_text(error)}" for name, error in self.errors.items()]
        failed = [{"type": "text", "text": text, "tone": "bad"} for text in errors]
        return [*failed, {"type": "list", "items": items, "bullets": False}]

    def __repr__(self) -> str:
        """Count the results, and name the tools that failed."""
        failed = "".join(f", {name} failed: {error_text(error)}" for name, error in self.errors.items())
        return f"<ToolResults: {len(self.results)} of {len(self.names)}{failed}>"


@operation
async def run_tools(tracker: ProgressTracker, calls: ToolCalls, *, concurrency: int = 4) -> ToolResults:
    """Call tools side by side, each as a stage. A tool that fails stops no other tool.

    The `data.state` of a stage is `executing_<tool>`, then `completed_<tool>` or `failed_<tool>`; `data.arguments` and
    `data.result` have what the tool was given and gave, 2,000 characters each at most. The overall percent is the share
    of the tools that have ended. Tools made by `@pnb.progress` report as they go. Async functions share the loop, all
    others run in threads. Cancelling the run cancels async tools; a thread can't be stopped, and its result is left
    out.

    Args:
        tracker: The tracker of the run, which the call itself provides.
        calls: A list, or a mapping from names. Each call is a function without arguments (`functools.partial` gives a
            function its arguments), or a pair `(function, {"argument": value})`. In a list the function's name counts.
        concurrency: Tools that run at a time, at most.

    Returns:
        The results and the errors, by name.

    Raises:
        InputError: For calls that are no functions, for no call at all, and for a concurrency below 1. Errors of the
            tools are in `errors` of the result.

    Example:
        ::

            found = await pnb.run_tools([(search, {"query": "tides"}), (search, {"query": "moon"})])
            found.results["search#2"]

    """
    if type(concurrency) is not int or concurrency < 1:  # True is an int too
        raise InputError("a concurrency of 1 or more", repr(concurrency))
    tools = _listed(calls)
    outcomes: dict[str, _Outcome] = {}
    places = asyncio.Semaphore(concurrency)
    # All stages now, so that they are numbered in the order of the calls, whichever tool begins first.
    stages = [tracker.stage(tool.name, weight=1 / len(tools)) for tool in tools]
    # An executor of its own: the loop's has few threads, and others wait for them. A thread that hangs delays nothing.
    threads = ThreadPoolExecutor(min(concurrency, len(tools)), thread_name_prefix="run_tools")
    try:
        async with asyncio.TaskGroup() as group:
            for tool, stage in zip(tools, stages, strict=True):
                group.create_task(_call(tool, stage, places, threads, outcomes))
    finally:
        threads.shutdown(wait=False, cancel_futures=True)
    # A tool without an outcome has cancelled its own task: a cancelled run does not come this far.
    ended = {tool.key: outcomes.get(tool.key, _Outcome(error=asyncio.CancelledError())) for tool in tools}
    return ToolResults(
        list(ended),
        {key: outcome.result for key, outcome in ended.items() if outcome.error is None},
        {key: outcome.error for key, outcome in ended.items() if outcome.error is not None},
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(jsonable(value), ensure_ascii=False)


@dataclass(frozen=True)
class _Tool:
    key: str  # unique, in the results
    name: str
    function: Callable[[], Any]


@dataclass(frozen=True)
class _Outcome:
    result: Any = None
    error: BaseException | None = None


async def _call(
    tool: _Tool,
    stage: StageHandle,
    places: asyncio.Semaphore,
    threads: ThreadPoolExecutor,
    outcomes: dict[str, _Outcome],
) -> None:
    async with places:
        bind_call(stage, _name(tool.function))
        note_arguments(stage, arguments_of(tool.function, (), {}))
        with stage:
            stage.update(state=f"executing_{tool.name}")
            outcome = outcomes[tool.key] = await _outcome(tool.function, threads)
            if stage.ended:  # by the tool itself
                return
            if outcome.error is None:
                note_result(stage, outcome.result)
            stage.update(state=f"{'completed' if outcome.error is None else 'failed'}_{tool.name}")
            if outcome.error is not None:
                stage.fail(outcome.error)


async def _outcome(function: Callable[[], Any], threads: ThreadPoolExecutor) -> _Outcome:
    if is_async(function):
        outcome = _outcome_here(function)
    else:
        context = contextvars.copy_context()
        work = lambda: context.run(_outcome_here, function)  # noqa: E731 - pyright can't type what partial makes of it
        outcome = await asyncio.get_running_loop().run_in_executor(threads, work)
    return await _awaited(outcome.result) if inspect.isawaitable(outcome.result) else outcome


def _outcome_here(function: Callable[[], Any]) -> _Outcome:
    # Raised into the loop, a StopIteration would hang it, and a SystemExit would end it with the other tools.
    try:
        return _Outcome(function())
    except BaseException as error:  # noqa: BLE001 - it is the error of this tool alone
        return _Outcome(error=error)


async def _awaited(work: Any) -> _Outcome:  # noqa: ANN401 - any awaitable
    try:
        return _Outcome(await work)
    except (KeyboardInterrupt, GeneratorExit):
        raise
    except BaseException as error:
        task = asyncio.current_task()
        # A tool may cancel itself, which is its error. A cancelled run goes on being cancelled.
        if isinstance(error, asyncio.CancelledError) and task is not None and task.cancelling():
            raise
        return _Outcome(error=error)


def _listed(calls: object) -> list[_Tool]:
    tools: dict[str, _Tool] = {}
    for given, call in _named(calls):
        function = _bound(call)
        name = _name(function) if given is None else given
        keys = itertools.chain([name], (f"{name}#{count}" for count in itertools.count(2)))
        key = next(key for key in keys if key not in tools)
        tools[key] = _Tool(key, name, function)
    if not tools:
        raise InputError("at least one tool to call", "none")
    return list(tools.values())


def _named(calls: object) -> Iterator[tuple[str | None, object]]:
    if isinstance(calls, Mapping):
        yield from ((str(name), call) for name, call in cast("Mapping[object, object]", calls).items())
    elif isinstance(calls, str) or not hasattr(calls, "__iter__"):
        raise InputError("a mapping or a list of tools to call", repr(calls))
    else:
        yield from ((None, call) for call in cast("Iterable[object]", calls))


def _bound(call: object) -> Callable[[], Any]:
    pair: list[Any] = [*call] if isinstance(call, tuple) else []
    function, arguments = pair if len(pair) == 2 else [cast("Any", call), None]  # noqa: PLR2004 - a pair
    if inspect.iscoroutine(function):
        function.close()  # a coroutine that was never awaited warns
    if not callable(function) or not (arguments is None or isinstance(arguments, Mapping)):
        remedy = 'Pass the function itself, functools.partial(function, …), or (function, {"argument": value}).'
        raise InputError("functions to call", repr(pair or function), remedy)
    if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
        raise InputError("tools that return", f"the generator function {_name(function)}", "Decorate it: @pnb.progress")
    return functools.partial(function, **cast("Mapping[str, Any]", arguments)) if arguments else function


def _name(function: Any) -> str:  # noqa: ANN401 - any callable
    while isinstance(function, functools.partial):
        function = function.func  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType] # of any function
    return str(getattr(function, "__name__", type(function).__name__))  # pyright: ignore[reportUnknownArgumentType]
