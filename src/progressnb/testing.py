"""Helpers for users' own tests: a clock that is moved by hand, and models that answer by a script."""

from __future__ import annotations

import asyncio
import heapq
import itertools
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, cast

from progressnb.errors import InvalidProgressError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence

    from pydantic_ai.messages import ModelMessage, ModelResponsePart
    from pydantic_ai.models.function import AgentInfo, DeltaToolCall, FunctionModel

__all__ = ["ManualClock", "ToolCall", "scripted_model", "tool_call"]


class ManualClock:
    """A clock that stands still until it is advanced.

    Example:
        ::

            clock = ManualClock()
            clock.advance(0.1)  # runs the callbacks that are due, in order

    """

    def __init__(self) -> None:
        self._seconds = 0.0
        self._start = datetime(2026, 1, 1, tzinfo=UTC)
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()

    def monotonic(self) -> float:
        """Return the seconds advanced so far."""
        return self._seconds

    def now(self) -> datetime:
        """Return 1 January 2026 in UTC plus the seconds advanced so far."""
        return self._start + timedelta(seconds=self._seconds)

    def call_later(self, delay: float, callback: Callable[[], None]) -> None:
        """Call back when the clock has been advanced this far."""
        heapq.heappush(self._due, (self._seconds + delay, next(self._order), callback))

    def advance(self, seconds: float) -> None:
        """Move the clock on and run the callbacks that fall due on the way, in order.

        Args:
            seconds: How far, 0 or more.

        Raises:
            InvalidProgressError: For a step back.

        """
        if not seconds >= 0:
            raise InvalidProgressError("seconds of 0 or more", repr(seconds), "Time does not go back.")
        end = self._seconds + seconds
        while self._due and self._due[0][0] <= end:
            due, _, callback = heapq.heappop(self._due)
            self._seconds = max(self._seconds, due)
            callback()
        self._seconds = max(self._seconds, end)


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A call of a function tool, as an answer of a scripted model.

    Attributes:
        name: The tool's name.
        arguments: The tool's arguments, by name.

    Example:
        ::

            ToolCall("search", {"query": "tides"})

    """

    name: str
    arguments: Mapping[str, object]


def tool_call(name: str, /, **arguments: object) -> ToolCall:
    """Return a call of a function tool, as an answer for `scripted_model`.

    Args:
        name: The tool's name.
        arguments: The tool's arguments.

    Example:
        ::

            model = scripted_model(tool_call("search", query="tides"), "Two a day.")

    """
    return ToolCall(name, arguments)


def scripted_model(*answers: object, chunk: int = 12, pace: float = 0.0) -> FunctionModel:
    """Return a pydantic-ai model that gives these answers, one a request, and streams them in chunks.

    Args:
        answers: Each is a string (text), a dict or a pydantic model (the structured output), one `tool_call(…)` or a
            list of them (function tools, called side by side), or an exception, which is raised.
        chunk: The length of a chunk in characters.
        pace: The time between two chunks in seconds.

    Raises:
        InvalidProgressError: For an answer of another kind.

    Example:
        ::

            model = scripted_model(tool_call("search", query="tides"), {"answer": "42"})
            agent = Agent(model, output_type=Answer, tools=[search])

    """
    # pydantic-ai takes long to load, and the clock above needs none of it.
    from pydantic_ai.messages import ModelResponse
    from pydantic_ai.models.function import FunctionModel

    if chunk < 1:
        raise InvalidProgressError("chunks of 1 character or more", repr(chunk))
    for each in answers:
        _check_answer(each)
    script = iter(answers)
    end = object()

    def next_parts(info: AgentInfo) -> list[ModelResponsePart]:
        answer = next(script, end)
        if answer is end:
            raise AssertionError(f"the script has {len(answers)} answers, and the model was asked once more")
        if isinstance(answer, BaseException):
            raise answer
        return _parts(answer, info.output_tools[0].name if info.output_tools else None)

    def whole(_messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
        return ModelResponse(parts=next_parts(info))

    async def stream(_messages: list[ModelMessage], info: AgentInfo) -> AsyncIterator[str | dict[int, DeltaToolCall]]:
        for index, part in enumerate(next_parts(info)):
            for delta in _deltas(part, index, chunk):
                await asyncio.sleep(pace)
                yield delta

    return FunctionModel(whole, stream_function=stream, model_name="scripted")


def _parts(answer: object, output_tool: str | None) -> list[ModelResponsePart]:
    from pydantic import BaseModel
    from pydantic_ai.messages import TextPart, ToolCallPart
    from pydantic_core import to_json

    if isinstance(answer, str):
        return [TextPart(answer)]
    if isinstance(answer, BaseModel | dict):
        text = to_json(answer).decode()
        return [ToolCallPart(output_tool, text)] if output_tool else [TextPart(text)]
    calls = (call for call in _listed(answer) if isinstance(call, ToolCall))
    return [ToolCallPart(call.name, to_json(call.arguments).decode()) for call in calls]


def _listed(answer: object) -> Sequence[object]:
    return cast("Sequence[object]", answer) if isinstance(answer, list | tuple) else [answer]


def _deltas(part: ModelResponsePart, index: int, chunk: int) -> Iterator[str | dict[int, DeltaToolCall]]:
    from pydantic_ai.messages import TextPart, ToolCallPart
    from pydantic_ai.models.function import DeltaToolCall

    if isinstance(part, TextPart):
        yield from _chunks(part.content, chunk)
    elif isinstance(part, ToolCallPart):
        yield {index: DeltaToolCall(part.tool_name, "", tool_call_id=part.tool_call_id)}
        yield from ({index: DeltaToolCall(json_args=text)} for text in _chunks(part.args_as_json_str(), chunk))


def _check_answer(answer: object) -> None:
    from pydantic import BaseModel

    calls = _listed(answer) or [answer]
    if not isinstance(answer, str | dict | BaseModel | BaseException) and not all(
        isinstance(call, ToolCall) for call in calls
    ):
        raise InvalidProgressError(
            "answers as text, a dict, a pydantic model, tool calls or an exception",
            repr(answer),
            'A list as the output is scripted as {"response": […]}, as models send it.',
        )


def _chunks(text: str, size: int) -> list[str]:
    # An empty answer is one empty chunk: a stream of nothing is an error.
    return [text[at : at + size] for at in range(0, len(text), size)] or [""]
