"""`OfflineModel`: fixed rules in the place of a model, streamed as a model streams, without a key or a network.

It is not a language model, and its name in panels and results says so.
"""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel
from pydantic_ai.messages import ModelResponse, TextPart, ToolCallPart
from pydantic_ai.models.function import AgentInfo, DeltaToolCall, FunctionModel
from pydantic_core import to_json

from progressnb.errors import ModelError
from progressnb.tracking import in_thread

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from pydantic_ai.messages import ModelMessage
    from pydantic_ai.tools import ToolDefinition

__all__ = ["HOW_TO_USE_AN_LLM", "OFFLINE_NAME", "OfflineModel"]

OFFLINE_NAME = "offline rules, no LLM"

HOW_TO_USE_AN_LLM = (
    "Made by fixed rules without a language model. For an LLM set PROGRESSNB_MODEL or pass model=, "
    'such as "openai:gpt-5" or "anthropic:claude-sonnet-4-6", with that provider\'s key in the environment.'
)

PACE = 0.002
"""Seconds between two tokens."""

_GATHER = 0.05
"""Seconds between two pieces of a stream, at least: tokens that come faster come together, as they do from servers.

A screen paints ten times a second at most, so more pieces would only cost.
"""

_TOKEN = re.compile(r"\s*[^\W_]{1,6}|\s*[\W_]{1,4}")


class OfflineModel(FunctionModel):
    """A pydantic-ai model that streams the output of a function.

    Args:
        answer: A function without arguments that computes the output: a Pydantic model, a dataclass, text, or other
            plain data. It runs in a worker thread. Without one the model raises `ModelError` when it is asked:
            progressnb's own operations give it theirs.
        pace: Seconds between two tokens of about six letters. Those of a twentieth of a second come as one piece. With
            0 each comes alone, as fast as the loop turns.

    Example:
        ::

            agent = Agent(OfflineModel(lambda: "Tides follow the moon."), capabilities=[ReportProgress()])
            (await agent.run("Why are there tides?")).output  # 'Tides follow the moon.'

    """

    reports_usage = False  # rules use no tokens, and those of FunctionModel are an estimate for tests

    def __init__(self, answer: Callable[[], object] | None = None, *, pace: float = PACE) -> None:
        super().__init__(self._whole, stream_function=self._stream, model_name=OFFLINE_NAME)
        self._answer = answer
        self.pace = pace

    @property
    def has_rules(self) -> bool:
        """Whether the model has a function that computes its output."""
        return self._answer is not None

    def answering(self, answer: Callable[[], object]) -> OfflineModel:
        """Return a model of the same pace with this function."""
        return OfflineModel(answer, pace=self.pace)

    async def _whole(self, messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
        tool, text = _as_response(await self._computed(), info)
        return ModelResponse(parts=[TextPart(text) if tool is None else ToolCallPart(tool, text)])

    async def _stream(self, messages: list[ModelMessage], info: AgentInfo) -> AsyncIterator[Any]:
        tool, text = _as_response(await self._computed(), info)
        if tool is not None:
            yield {0: DeltaToolCall(name=tool, json_args="", tool_call_id="offline")}
        size = max(1, round(_GATHER / self.pace)) if self.pace else 1
        tokens = list(_tokens(text)) or [""]  # an empty stream is an error of the model
        for at in range(0, len(tokens), size):
            piece = tokens[at : at + size]
            await asyncio.sleep(self.pace * len(piece))
            yield "".join(piece) if tool is None else {0: DeltaToolCall(json_args="".join(piece))}

    async def _computed(self) -> object:
        if self._answer is None:
            raise ModelError(
                "a language model for this agent",
                "the offline model, which only has rules for progressnb's own operations",
                'Pass a model such as "openai:gpt-5", or a scripted one from progressnb.testing in tests.',
            )
        return await in_thread(self._answer)


def _as_response(answer: object, info: AgentInfo) -> tuple[str | None, str]:
    """Return the name of the output tool, or None for text, and the output as that tool's arguments or as text."""
    if isinstance(answer, str):
        return None, answer
    tool = _tool_for(answer, info.output_tools) if info.output_tools else None
    # pydantic-ai wraps an output that is not an object. Models come as objects.
    key = tool.outer_typed_dict_key if tool is not None and not isinstance(answer, BaseModel) else None
    text = to_json({key: answer} if key else answer, by_alias=True, exclude_none=True).decode()
    return tool.name if tool is not None else None, text


def _tool_for(answer: object, tools: list[ToolDefinition]) -> ToolDefinition:
    # Where several types are possible, pydantic-ai ends the names of their tools with the names of the types.
    return next((tool for tool in tools if tool.name.endswith(f"_{type(answer).__name__}")), tools[0])


def _tokens(text: str) -> Iterator[str]:
    for match in _TOKEN.finditer(text):
        yield match[0]
