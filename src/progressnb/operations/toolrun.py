"""`run_tools`: tools side by side; one that fails never loses what the others found."""

from __future__ import annotations

import asyncio
import contextvars
import functools
import inspect
import itertools
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from progressnb.errors import InputError
from progressnb.execution.operation import operation
from progressnb.tools.tool import ToolCall
from progressnb.tracking import error_text, internals

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from progressnb.tracking.handle import StageHandle
    from progressnb.tracking.tracker import ProgressTracker

__all__ = ["ToolCalls", "ToolResults", "run_tools"]

OneCall: TypeAlias = "Callable[[], Any] | tuple[Callable[..., Any], Mapping[str, Any]]"
ToolCalls: TypeAlias = "Mapping[str, OneCall] | Iterable[OneCall]"
"""Tools to call: by name, or in a list, each alone or with its keyword arguments."""


@dataclass
class ToolResults:
    """What tools gave, by name in the order of the calls: `results` of those that ended well, `errors` of the others.

    `found["search"]` is a result, or raises what the tool raised.
    """

    names: list[str]
    results: dict[str, Any] = field(default_factory=dict[str, Any])
    errors: dict[str, BaseException] = field(default_factory=dict[str, BaseException])

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401 - whatever the tool gave
        """Return a tool's result; raise what it raised."""
        if name in self.errors:
            raise self.errors[name]
        return self.results[name]

    def __iter__(self) -> Iterator[str]:
        """Go through the names in the order of the calls."""
        return iter(self.names)

    def __len__(self) -> int:
        """Count the calls."""
        return len(self.names)

    def __repr__(self) -> str:
        """Count what ended well, and name what failed."""
        failed = "".join(f", {name} failed: {error_text(error)}" for name, error in self.errors.items())
        return f"<ToolResults: {len(self.results)} of {len(self.names)}{failed}>"


@operation
async def run_tools(tracker: ProgressTracker, calls: ToolCalls, *, concurrency: int = 4) -> ToolResults:
    """Call tools side by side, at most `concurrency` at a time, each as a stage; nothing that one does stops another.

    `calls` is a list, or a mapping from names, of functions without arguments (`functools.partial` gives them theirs)
    and of pairs `(function, {"argument": value})`. In a list a function's own name counts, a repeat is `search#2`.
    Async functions share the loop, others run in threads, and `@progress` tools report as they go. A stage's
    `data.state` is `executing_<tool>`, then `completed_<tool>` or `failed_<tool>`; the overall percent counts the tools
    that have ended. Cancelling the run cancels async tools; a thread can't be stopped, what it gives is left out.
    Raises `InputError` for what can't be called; what a tool raises is in `errors` of the result. ::

        found = await pnb.run_tools([(search, {"query": "tides"}), (search, {"query": "moon"})])
        found.results["search#2"]
    """
    if type(concurrency) is not int or concurrency < 1:  # True is an int too
        raise InputError("a concurrency of 1 or more", repr(concurrency))
    tools = _listed(calls)
    outcomes: dict[str, _Outcome] = {}
    places = asyncio.Semaphore(concurrency)
    # All at once, so that they are numbered in the order of the calls, whichever begins first.
    stages = [tracker.stage(tool.name, weight=1 / len(tools)) for tool in tools]
    # Threads of our own: the loop's are few, and others wait for them. One that hangs delays no end.
    threads = ThreadPoolExecutor(min(concurrency, len(tools)), thread_name_prefix="run_tools")
    try:
        async with asyncio.TaskGroup() as group:
            for tool, stage in zip(tools, stages, strict=True):
                group.create_task(_call(tool, stage, places, threads, outcomes))
    finally:
        threads.shutdown(wait=False, cancel_futures=True)
    # One that is not there cancelled its own task: had the run been cancelled, this would not be reached.
    ended = {tool.key: outcomes.get(tool.key, _Outcome(error=asyncio.CancelledError())) for tool in tools}
    return ToolResults(
        list(ended),
        {key: outcome.result for key, outcome in ended.items() if outcome.error is None},
        {key: outcome.error for key, outcome in ended.items() if outcome.error is not None},
    )


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
        internals(stage).tool_call = ToolCall(_name(tool.function), None)
        with stage:
            stage.update(state=f"executing_{tool.name}")
            outcome = outcomes[tool.key] = await _outcome(tool.function, threads)
            if stage.ended:  # by the tool itself
                return
            stage.update(state=f"{'completed' if outcome.error is None else 'failed'}_{tool.name}")
            if outcome.error is not None:
                stage.fail(outcome.error)


async def _outcome(function: Callable[[], Any], threads: ThreadPoolExecutor) -> _Outcome:
    if inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(getattr(function, "__call__", None)):  # noqa: B004 - whether it is async
        outcome = _outcome_here(function)
    else:
        context = contextvars.copy_context()
        work = lambda: context.run(_outcome_here, function)  # noqa: E731 - pyright can't type what partial makes of it
        outcome = await asyncio.get_running_loop().run_in_executor(threads, work)
    return await _awaited(outcome.result) if inspect.isawaitable(outcome.result) else outcome


def _outcome_here(function: Callable[[], Any]) -> _Outcome:
    # Not raised into the loop: a StopIteration would hang it, a SystemExit end it with the other tools.
    try:
        return _Outcome(function())
    except BaseException as error:  # noqa: BLE001 - whatever a tool raises is its error alone
        return _Outcome(error=error)


async def _awaited(work: Any) -> _Outcome:  # noqa: ANN401 - any awaitable
    try:
        return _Outcome(await work)
    except (KeyboardInterrupt, GeneratorExit):
        raise
    except BaseException as error:
        task = asyncio.current_task()
        # A tool may also cancel itself; only where the run is cancelled is that not its error.
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
        function.close()  # it is refused, not forgotten
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
