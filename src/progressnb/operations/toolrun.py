"""`run_tools`: tools side by side; one that fails never loses what the others found."""

from __future__ import annotations

import asyncio
import functools
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from progressnb.attempts import called
from progressnb.errors import InputError
from progressnb.operation import operation
from progressnb.recorder import error_text
from progressnb.tools import ToolCall

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from progressnb.handle import StageHandle
    from progressnb.tracker import ProgressTracker

__all__ = ["ToolCalls", "ToolResults", "run_tools"]

OneCall: TypeAlias = "Callable[[], Any] | tuple[Callable[..., Any], Mapping[str, Any]]"
ToolCalls: TypeAlias = "Mapping[str, Callable[[], Any]] | Iterable[OneCall]"
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

    `calls` is a mapping of names to functions without arguments (`functools.partial` gives them theirs), or a list of
    functions and of pairs `(function, {"argument": value})`. Async functions share the loop, others run in threads,
    and `@progress` tools report as they go. A stage's `data.state` is `executing_<tool>`, then `completed_<tool>` or
    `failed_<tool>`; the overall percent counts the tools that have ended.
    Raises `InputError` for what can't be called; what a tool raises is in `errors` of the result. ::

        found = await pnb.run_tools([(search, {"query": "tides"}), (search, {"query": "moon"})])
        found.results["search#2"]
    """
    if isinstance(concurrency, bool) or concurrency < 1:
        raise InputError("a concurrency of 1 or more", repr(concurrency))
    tools = _listed(calls)
    results = ToolResults(list(tools))
    places = asyncio.Semaphore(concurrency)
    # All at once, so that they are numbered in the order of the calls, whichever begins first.
    stages = {name: tracker.stage(_plain(name), weight=1 / len(tools)) for name in tools}
    async with asyncio.TaskGroup() as group:
        for name, function in tools.items():
            group.create_task(_call(stages[name], name, function, places, results))
    results.results = {name: results.results[name] for name in results.names if name in results.results}
    results.errors = {name: results.errors[name] for name in results.names if name in results.errors}
    return results


async def _call(
    stage: StageHandle, name: str, function: Callable[[], Any], places: asyncio.Semaphore, results: ToolResults
) -> None:
    tool = _plain(name)
    async with places:
        stage.start()
        stage.update(state=f"executing_{tool}")
        stage.tool_call = ToolCall(_name(function), None)
        try:
            with stage:
                try:
                    results.results[name] = await called(function, (), {})
                except Exception as error:
                    results.errors[name] = error
                    stage.update(state=f"failed_{tool}")
                    raise
                stage.update(state=f"completed_{tool}")
        except Exception as error:
            if results.errors.get(name) is not error:  # a fault of the report, not of the tool
                raise


def _listed(calls: object) -> dict[str, Callable[[], Any]]:
    tools: dict[str, Callable[[], Any]] = {}
    counts: Counter[str] = Counter()
    for given, function in _pairs(calls):
        if not callable(function):
            raise InputError("functions to call", repr(function), "Pass functools.partial(function, …), or a pair.")
        name = _name(function) if given is None else given
        counts[name] += 1
        tools[f"{name}#{counts[name]}" if counts[name] > 1 else name] = cast("Callable[[], Any]", function)
    if not tools:
        raise InputError("at least one tool to call", "none")
    return tools


def _pairs(calls: object) -> Iterator[tuple[str | None, object]]:
    if isinstance(calls, Mapping):
        for name, function in cast("Mapping[object, object]", calls).items():
            yield str(name), function
        return
    if isinstance(calls, str) or not hasattr(calls, "__iter__"):
        raise InputError("a mapping or a list of tools to call", repr(calls))
    for call in cast("Iterable[Any]", calls):
        pair: list[Any] = [*call] if isinstance(call, tuple) else []
        if len(pair) == 2 and callable(pair[0]) and isinstance(pair[1], Mapping):  # noqa: PLR2004 - a pair
            yield None, functools.partial(pair[0], **cast("Mapping[str, Any]", pair[1]))
        else:
            yield None, call


def _name(function: Any) -> str:  # noqa: ANN401 - any callable
    while isinstance(function, functools.partial):
        function = function.func  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType] # of any function
    return str(getattr(function, "__name__", type(function).__name__))  # pyright: ignore[reportUnknownArgumentType]


def _plain(name: str) -> str:
    return name.rpartition("#")[0] if "#" in name and name.rpartition("#")[2].isdigit() else name
