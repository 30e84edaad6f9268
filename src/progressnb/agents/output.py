"""What an agent writes: which part of a model's stream is the output, in what form, and how far it is."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal, cast

from pydantic_ai.messages import TextPart, TextPartDelta, ThinkingPart, ThinkingPartDelta, ToolCallPart
from pydantic_core import to_json

from progressnb.tracking import internals

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic_ai.messages import ModelResponsePart, ModelResponsePartDelta
    from pydantic_ai.models import Model, ModelRequestContext

    from progressnb.tracking.handle import StageHandle
    from progressnb.tracking.percent import Work
    from progressnb.wire.buffer import OutputBuffer

__all__ = ["OutputForm", "OutputWriter"]

# Outputs that are no object travel as `{"response": …}`, outputs of several types that come as text as
# `{"result": {"kind": …, "data": …}}`; these keys are the transport's, not the user's.
_WRAPPER = "response"
_WRAPPED = re.compile(rf'\{{\s*"{_WRAPPER}"\s*:\s*')
_KINDS = "result"
_KIND = re.compile(rf'\{{\s*"{_KINDS}"\s*:\s*\{{\s*(?:"kind"\s*:\s*"[^"]*"\s*,\s*)?"data"\s*:\s*')
_BEGINNINGS = {_WRAPPED: f'{{"{_WRAPPER}":', _KIND: f'{{"{_KINDS}":{{"'}
_JSON_BEGINS = re.compile(r"[{\[]")
_WRAPPER_LIMIT = 4000

NOT_VALIDATED = 0.9
"""The share of an agent's work that its output can fill before it is validated."""

_HALF_FIELD = 300  # characters at which a field of unknown length counts as half written
_HALF_TEXT = 1500  # the same for an output without fields

_Role = Literal["output", "text", "thinking", "other"]


@dataclass(frozen=True)
class OutputForm:
    """How the output of one model request will come: as text, as JSON text, or as a tool's arguments.

    `text` is what text would be as the output, None if it can't be; `text_is_output` tells that it is.
    `fields` counts the top-level fields of the schema, by tool name; the text form's is under None.
    """

    text: Literal["text", "json"] | None = "text"
    text_is_output: bool = True
    tools: frozenset[str] = frozenset()
    fields: Mapping[str | None, int] = field(default_factory=dict[str | None, int])
    wrappers: Mapping[str | None, re.Pattern[str]] = field(default_factory=dict[str | None, re.Pattern[str]])

    @classmethod
    def of(cls, request: ModelRequestContext) -> OutputForm:
        """Read the form from what pydantic-ai is about to request."""
        parameters = request.model_request_parameters
        open_mode = parameters.output_mode == "auto"
        mode: str = _default_mode(request.model) if open_mode else parameters.output_mode
        tools = {tool.name: tool for tool in parameters.output_tools}
        fields: dict[str | None, int] = {
            name: _count_fields(tool.parameters_json_schema) for name, tool in tools.items()
        }
        wrappers: dict[str | None, re.Pattern[str]] = {
            name: _WRAPPED for name, tool in tools.items() if tool.outer_typed_dict_key == _WRAPPER
        }
        text: Literal["text", "json"] | None = None
        if mode in ("native", "prompted") or open_mode:  # an open one may turn out so, as it does for models that think
            text = "json"
        elif mode == "text" or parameters.allow_text_output:
            text = "text"
        if text == "json" and parameters.output_object is not None:
            schema = parameters.output_object.json_schema
            fields[None] = _count_fields(schema)
            # A user's model has a title; the transport's wrappers have none.
            if "title" not in schema and len(schema.get("properties", ())) == 1:
                (key,) = schema["properties"]
                if key == _WRAPPER:
                    wrappers[None] = _WRAPPED
                elif key == _KINDS and "anyOf" in schema["properties"][key]:
                    wrappers[None] = _KIND
        for name in wrappers:
            fields[name] = 0
        return cls(
            text=text,
            text_is_output=mode in ("text", "native", "prompted"),
            tools=frozenset(tools),
            fields=fields,
            wrappers=wrappers,
        )


def _default_mode(model: Model) -> str:
    try:
        return model.profile.get("default_structured_output_mode", "tool")
    except NotImplementedError:  # FallbackModel: which of its models will answer is not known
        return "tool"


def _count_fields(schema: Mapping[str, Any]) -> int:
    properties = schema.get("properties")
    return len(cast("dict[str, Any]", properties)) if isinstance(properties, dict) else 0


class OutputWriter:
    """Write a model's stream into a stage: the output, what it says beside it, its thinking."""

    def __init__(self, stage: StageHandle, work: Work) -> None:
        self.stage = stage
        self._work = work
        self._form = OutputForm()
        self._roles: dict[int, _Role] = {}
        self._written: set[str] = set()
        self._output_tool: str | None = None
        self._unwrapping: str | None = ""  # what came before the wrapper was recognised
        internals(stage).measure = self._measure

    def request(self, form: OutputForm) -> None:
        """Begin the answer to a new request: what it writes replaces what the last one wrote."""
        self._form = form
        self._roles.clear()
        self._written.clear()
        self._output_tool = None
        self._unwrapping = ""

    def start(self, index: int, part: ModelResponsePart) -> str | None:
        """Begin a part; return the name of the function tool that it calls, if it does."""
        if isinstance(part, TextPart):
            self._roles[index] = "output" if self._form.text_is_output else "text"
            self._add(index, part.content)
        elif isinstance(part, ThinkingPart):
            self._roles[index] = "thinking"
            self._add(index, part.content)
        elif isinstance(part, ToolCallPart):
            return self._start_tool(index, part)
        else:
            self._roles[index] = "other"
        return None

    def add(self, index: int, delta: ModelResponsePartDelta) -> None:
        """Add to a part."""
        if isinstance(delta, TextPartDelta):
            self._add(index, delta.content_delta)
        elif isinstance(delta, ThinkingPartDelta):
            self._add(index, delta.content_delta or "")
        elif (arguments := getattr(delta, "args_delta", None)) is not None:
            self._add(index, _as_text(arguments))

    def text_is_final(self) -> None:
        """Take the text for the output, which only the first of it could tell."""
        if self._form.text_is_output or self._form.text is None:
            return
        self._form = replace(self._form, text_is_output=True)
        said = internals(self.stage).outputs.get("text")
        text = said.text if said is not None and "text" in self._written else ""
        for index, role in self._roles.items():
            if role == "text":
                self._roles[index] = "output"
        if text:
            self.stage.write("", part="text", reset=True)
            self._add_output(text)

    def restart(self) -> None:
        """Take the percent back, as a retry does; the text stays until the new one comes."""
        self._work.write_output(0)
        self._written.clear()

    def validated(self) -> None:
        """Fill the agent's whole share; what it was doing is done."""
        if self.stage.status != "fallback":  # its message says why
            self.stage.update(message="")
        internals(self.stage).measure = None
        self._work.finish()

    def _start_tool(self, index: int, part: ToolCallPart) -> str | None:
        if part.tool_name not in self._form.tools:
            self._roles[index] = "other"
            return part.tool_name
        # Of several outputs in one answer the first counts.
        first = self._output_tool is None
        self._roles[index] = "output" if first else "other"
        self._output_tool = self._output_tool or part.tool_name
        if first and part.args:
            self._add(index, _as_text(part.args))
        return None

    def _add(self, index: int, text: str) -> None:
        role = self._roles.get(index, "other")
        if role == "other" or not text:
            return
        if role == "output":
            self._add_output(text)
        else:
            self._put(role, text, "text")

    def _add_output(self, text: str) -> None:
        wrapper = self._form.wrappers.get(self._output_tool)
        if wrapper is not None:
            text = self._unwrapped(text, wrapper)
        if text:
            self._put("output", text, "json" if self._output_tool else self._form.text or "text")

    def _unwrapped(self, text: str, wrapper: re.Pattern[str]) -> str:
        # The closing braces may stay: the value ends before them.
        if self._unwrapping is None:
            return text
        self._unwrapping += text
        if match := wrapper.search(self._unwrapping):
            rest, self._unwrapping = self._unwrapping[match.end() :], None
            return rest
        # Fences and prose may come first, but what begins as other JSON has no wrapper.
        begins = _JSON_BEGINS.search(self._unwrapping)
        json = "".join(self._unwrapping[begins.start() :].split()) if begins else ""
        beginning = _BEGINNINGS[wrapper]
        if not beginning.startswith(json[: len(beginning)]) or len(self._unwrapping) > _WRAPPER_LIMIT:
            rest, self._unwrapping = self._unwrapping, None
            return rest
        return ""

    def _put(self, part: str, text: str, kind: Literal["text", "json"]) -> None:
        reset = part not in self._written and bool(internals(self.stage).outputs.get(part))
        self._written.add(part)
        self.stage.write(text, part=part, kind=kind, reset=reset)

    def _measure(self) -> None:
        buffer = internals(self.stage).outputs.get("output")
        if buffer is not None and "output" in self._written:
            fields = self._form.fields.get(self._output_tool, 0)
            self._work.write_output(_share(buffer, fields, internals(self.stage).expected_length))


def _as_text(arguments: str | dict[str, Any]) -> str:
    return arguments if isinstance(arguments, str) else to_json(arguments).decode()


def _share(buffer: OutputBuffer, fields: int, expected: float | None) -> float:
    """Guess which share is done: by the expected length, else by the complete fields and the open one's length."""
    if expected:  # to validate takes no time: only the end has to wait for it
        return min(NOT_VALIDATED, len(buffer) / expected)
    if buffer.kind == "json" and fields:
        length = buffer.open_length
        return NOT_VALIDATED * min(1.0, (buffer.fields_completed + length / (length + _HALF_FIELD)) / fields)
    return NOT_VALIDATED * len(buffer) / (len(buffer) + _HALF_TEXT)
