"""The embedded default model: rules, streamed as a model streams, so that all runs without key and network.

It is no language model and says so: its name is what panels and results show.
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

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from pydantic_ai.messages import ModelMessage

__all__ = ["HOW_TO_USE_AN_LLM", "OFFLINE_NAME", "OfflineModel"]

OFFLINE_NAME = "offline rules, no LLM"

HOW_TO_USE_AN_LLM = (
    "Made by fixed rules without a language model. For an LLM set PROGRESSNB_MODEL or pass model=, "
    'such as "openai:gpt-5" or "anthropic:claude-sonnet-4-6", with that provider\'s key in the environment.'
)

PACE = 0.002
"""Seconds from one token to the next."""

_TOKEN = re.compile(r"\s*[^\W_]{1,6}|\s*[\W_]{1,4}")


class OfflineModel(FunctionModel):
    """A pydantic-ai model that streams what rules compute.

    `answer` computes the output when the model is asked; it runs in a worker thread. `pace` is the time
    from one token to the next in seconds; 0 streams as fast as the loop turns. Without an answer it knows
    nothing: progressnb's own operations give it theirs.
    """

    reports_usage = False  # rules use no tokens, and FunctionModel's are an estimate for tests

    def __init__(self, answer: Callable[[], BaseModel | str] | None = None, *, pace: float = PACE) -> None:
        super().__init__(self._whole, stream_function=self._stream, model_name=OFFLINE_NAME)
        self._answer = answer
        self.pace = pace

    def answering(self, answer: Callable[[], BaseModel | str]) -> OfflineModel:
        """Return a model of the same pace that answers with these rules."""
        return OfflineModel(answer, pace=self.pace)

    async def _whole(self, messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
        answer = await self._ask()
        if info.output_tools and isinstance(answer, BaseModel):
            return ModelResponse(parts=[ToolCallPart(_tool_for(answer, info), _text(answer))])
        return ModelResponse(parts=[TextPart(_text(answer))])

    async def _stream(self, messages: list[ModelMessage], info: AgentInfo) -> AsyncIterator[Any]:
        answer = await self._ask()
        as_tool = bool(info.output_tools) and isinstance(answer, BaseModel)
        if as_tool:
            yield {0: DeltaToolCall(name=_tool_for(answer, info), json_args="", tool_call_id="offline")}
        for token in list(_tokens(_text(answer))) or [""]:  # a stream of nothing is an error
            await asyncio.sleep(self.pace)
            yield {0: DeltaToolCall(json_args=token)} if as_tool else token

    async def _ask(self) -> BaseModel | str:
        if self._answer is None:
            raise ModelError(
                "a language model for this agent",
                "the offline model, which only has rules for progressnb's own operations",
                'Pass a model such as "openai:gpt-5", or a scripted one from progressnb.testing in tests.',
            )
        return await asyncio.to_thread(self._answer)


def _tool_for(answer: BaseModel | str, info: AgentInfo) -> str:
    # Where several types may come, pydantic-ai ends the names of their tools with those of the types.
    names = [tool.name for tool in info.output_tools]
    return next((name for name in names if name.endswith(f"_{type(answer).__name__}")), names[0])


def _text(answer: BaseModel | str) -> str:
    return answer if isinstance(answer, str) else to_json(answer, by_alias=True, exclude_none=True).decode()


def _tokens(text: str) -> Iterator[str]:
    for match in _TOKEN.finditer(text):
        yield match[0]
