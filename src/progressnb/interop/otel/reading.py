"""The facts of a span: its kind, model, tokens and texts, by the names that instrumentations use.

Known are the semantic conventions for generative AI, their older names, OpenInference and Traceloop. All other
attributes are contents, but numbers are not.
"""

from __future__ import annotations

import asyncio
import json
from functools import cached_property
from typing import TYPE_CHECKING, Any

from progressnb.errors import RunCancelled
from progressnb.interop.loose import get, items_of, mapping_of
from progressnb.wire.bounded import bounded
from progressnb.wire.plain import one_line

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Facts"]

_KINDS = {
    "chat": "model",
    "text_completion": "model",
    "generate_content": "model",
    "embeddings": "model",
    "execute_tool": "tool",
    "invoke_agent": "agent",
    "create_agent": "agent",
    "llm": "model",
    "embedding": "model",
    "tool": "tool",
    "agent": "agent",
}
_OPERATION = ("gen_ai.operation.name", "openinference.span.kind", "traceloop.span.kind", "llm.request.type")
_MODEL = ("gen_ai.response.model", "gen_ai.request.model", "llm.model_name")
_TOOL = ("gen_ai.tool.name", "tool.name", "traceloop.entity.name")
_AGENT = ("gen_ai.agent.name", "agent_name", "traceloop.entity.name")
_READ = ("gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens", "llm.token_count.prompt")
_WROTE = ("gen_ai.usage.output_tokens", "gen_ai.usage.completion_tokens", "llm.token_count.completion")
_COST = ("operation.cost", "gen_ai.usage.cost", "llm.cost.total")
_ARGUMENTS = (
    "gen_ai.tool.call.arguments",
    "tool_arguments",
    "traceloop.entity.input",
    "tool.parameters",
    "input.value",
)
_RESULT = ("gen_ai.tool.call.result", "tool_response", "traceloop.entity.output", "output.value")
_TEXT = ("gen_ai.completion.0.content", "llm.output_messages.0.message.content", "final_result", "output.value")
_MESSAGES = ("gen_ai.output.messages",)

_TYPE_NAME = 80  # characters
_CANCELLED = ("CancelledError", "GeneratorExit", "KeyboardInterrupt")
_ATTRIBUTES = 100  # of a span that are looked at
# Attributes that the stage tells in other ways, or that hold whole conversations.
_TOLD = frozenset({*_OPERATION, *_MODEL, *_TOOL, *_AGENT, *_READ, *_WROTE, *_COST, *_ARGUMENTS, *_RESULT, *_TEXT})
_LONG = (
    "gen_ai.input.",
    "gen_ai.output.",
    "gen_ai.prompt",
    "gen_ai.completion",
    "llm.input_messages",
    "llm.output_messages",
)


class Facts:
    """The facts of one span, as far as it tells them by now."""

    def __init__(self, span: Any) -> None:  # noqa: ANN401 - a span of the SDK
        self._span = span
        self._known: Mapping[str, Any] = get(span, "attributes") or {}

    @cached_property
    def kind(self) -> str | None:
        """`model`, `tool`, `agent`, or None for anything else."""
        operation = self._text(_OPERATION)
        if operation is None and self._span.name in ("agent run", "invoke_agent"):
            return "agent"
        return _KINDS.get((operation or "").lower())

    @cached_property
    def model(self) -> str | None:
        """The name of the model, or None."""
        return self._text(_MODEL)

    @property
    def title(self) -> str:
        """The name of the model, the tool or the agent; of any other span its own."""
        names = {"model": _MODEL[1:] + _MODEL[:1], "tool": _TOOL, "agent": _AGENT}.get(self.kind or "", ())
        return self._text(names) or str(self._span.name) or "span"

    @cached_property
    def usage(self) -> dict[str, float]:
        """Tokens and cost, as far as they are known."""
        found = {"input_tokens": _READ, "output_tokens": _WROTE, "cost": _COST}
        numbers = {key: self._number(names) for key, names in found.items()}
        return {key: number for key, number in numbers.items() if number is not None}

    @property
    def arguments(self) -> dict[str, Any] | None:
        """The arguments of a tool's call, or None."""
        value = self._data(_ARGUMENTS) if self.kind == "tool" else None
        return None if value is None else mapping_of(value) or {"input": value}

    @property
    def result(self) -> Any:  # noqa: ANN401 - plain JSON data
        """The result of a tool's call, or None."""
        return self._data(_RESULT) if self.kind == "tool" else None

    @property
    def text(self) -> str | None:
        """The text that a model wrote, or None."""
        if self.kind != "model":
            return None
        messages = items_of(self._data(_MESSAGES))
        parts = [mapping_of(part) for message in messages for part in items_of(mapping_of(message).get("parts"))]
        texts = [part.get("content") for part in parts if part.get("type") == "text"]
        return "".join(text for text in texts if isinstance(text, str)) or self._text(_TEXT)

    def about_model(self) -> dict[str, Any]:
        """Return the data of a stage whose model works."""
        return {} if self.model is None else {"model": self.model}

    def others(self, *, contents: bool) -> dict[str, Any]:
        """Return the other attributes, within bounds; without contents the numbers among them."""
        found: dict[str, Any] = {}
        for name in list(self._known)[:_ATTRIBUTES]:
            value = self._known[name]
            if name in _TOLD or name.startswith(_LONG):
                continue
            if contents or isinstance(value, int | float):
                found[name] = list(value) if isinstance(value, tuple) else value  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
        return bounded(found) if found else {}

    def error(self, below: BaseException | None) -> BaseException | None:
        """Return the error with which the span ended, or None; that of a span below it is the same object."""
        status = get(self._span, "status")
        if get(get(status, "status_code"), "name") != "ERROR":
            return None
        raised = [event for event in items_of(get(self._span, "events")) if event.name == "exception"]
        last: Mapping[str, Any] = get(raised[-1] if raised else None, "attributes") or {}
        kind = str(last.get("exception.type") or self._known.get("error.type") or "Error").rpartition(".")[2]
        text = str(last.get("exception.message") or get(status, "description") or kind)
        if below is not None and (type(below).__name__, str(below)) == (kind, text):
            return below
        if kind in _CANCELLED:
            return asyncio.CancelledError()
        if kind == RunCancelled.__name__:
            return RunCancelled(text)
        made: type[Exception] = type(one_line(kind, _TYPE_NAME), (Exception,), {"__module__": __name__})
        return made(text)

    def _text(self, names: tuple[str, ...]) -> str | None:
        return next((value for name in names if isinstance(value := self._known.get(name), str) and value), None)

    def _number(self, names: tuple[str, ...]) -> float | None:
        for name in names:
            value = self._known.get(name)
            if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < float("inf"):
                return value
        return None

    def _data(self, names: tuple[str, ...]) -> Any:  # noqa: ANN401 - plain JSON data
        value = self._text(names)
        if value is None:
            return next((self._known[name] for name in names if name in self._known), None)
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            return value
