"""The part of an answer that pydantic-ai took as the output: of several calls the valid one, of a text its block."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pydantic_ai.messages import BaseToolCallPart, ModelRequest, ModelResponse, TextPart, ToolCallPart, ToolReturnPart

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from pydantic_ai.messages import ModelMessage

__all__ = ["PROCESSED", "Block", "block_of", "taken_output"]

PROCESSED = "Final result processed."
"""The answer of pydantic-ai to the call of an output tool whose arguments became the result."""

_OPENED = re.compile(r"```(?:\w+)?\r?\n(?=\{)")
_BEGUN = re.compile(r"(?:`{1,2}|```\w*\r?\n?)\Z")
_FENCED = re.compile(r"```(?:\w+)?\r?\n(\{.*?\})\s*(?:\r?\n?```|\Z)", re.DOTALL)


def taken_output(
    messages: Sequence[ModelMessage], tools: Collection[str], *, json: bool
) -> tuple[str | None, str] | None:
    """Return the output tool and the text of JSON that became the result.

    None where that is the first that was written: plain text, and the first call of an output tool.

    Args:
        messages: All messages of the agent's run.
        tools: The names of the output tools.
        json: Whether text is an output as JSON.

    """
    response = next((each for each in reversed(messages) if isinstance(each, ModelResponse)), None)
    if response is None:
        return None
    calls = [part for part in response.parts if isinstance(part, ToolCallPart) and part.tool_name in tools]
    if calls:
        taken = _processed(messages[-1])
        call = next((each for each in calls[1:] if each.tool_call_id == taken), None)
        return (call.tool_name, call.args_as_json_str()) if call is not None else None
    return (None, block_of(_text_of(response))) if json else None


def block_of(text: str) -> str:
    """Return the JSON in a text as pydantic-ai finds it: the first fenced block, else the text."""
    found = None if text.startswith("{") else _FENCED.search(text)
    return text if found is None else found[1]


class Block:
    """The JSON in a text that is being written: an object at its begin, else the first object in a fence.

    pydantic-ai takes no other, so what stands before it is prose, though it may look like JSON.
    """

    def __init__(self) -> None:
        self._is_begin = True  # only white space came so far
        self._held: str | None = ""  # what may be the begin of a fence; None once the block has begun

    def add(self, text: str) -> tuple[str, str]:
        """Take more of the text; return what of it is prose, and what is of the block."""
        if self._held is None:
            return "", text
        text = self._held + text
        if self._is_begin:
            text = text.lstrip()
            if text.startswith("{"):
                self._held = None
                return "", text
            self._is_begin = not text
        if (opened := _OPENED.search(text)) is not None:
            self._held = None
            return text[: opened.start()], text[opened.end() :]
        begun = _BEGUN.search(text)
        at = len(text) if begun is None else begun.start()
        self._held = text[at:]
        self._is_begin = self._is_begin or at == 0
        return text[:at], ""


def _processed(last: ModelMessage) -> str | None:
    """Return the id of the call whose arguments became the result."""
    parts = last.parts if isinstance(last, ModelRequest) else ()
    return next(
        (part.tool_call_id for part in parts if isinstance(part, ToolReturnPart) and part.content == PROCESSED), None
    )


def _text_of(response: ModelResponse) -> str:
    """Return the text of an answer behind the provider's own tools, or before them where none is behind."""
    text = before = ""
    for part in response.parts:
        if isinstance(part, TextPart):
            text += part.content
        elif isinstance(part, BaseToolCallPart) and text:
            text, before = "", text
    return text or before
