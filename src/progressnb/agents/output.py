"""The output of an agent: which part of a model's stream it is, its form, and how much of it is written."""

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

    from progressnb.tracking import StageHandle
    from progressnb.tracking.percent import Work
    from progressnb.wire.buffer import OutputBuffer

__all__ = ["OutputForm", "OutputWriter"]

# pydantic-ai wraps an output that is not an object as `{"response": …}`, and one of several types that comes as text
# as `{"result": {"kind": …, "data": …}}`. Users see their output without these wrappers.
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
    """The form in which the output of one model request comes: text, JSON text, or the arguments of a tool.

    `text` is the kind of an output that comes as text, None where it can't. `text_is_output` is whether text is the
    output for certain. `fields` is the number of top-level fields of the schema by tool name; None is the text form.
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
        if mode in ("native", "prompted") or open_mode:  # "auto" becomes JSON text for some models that think
            text = "json"
        elif mode == "text" or parameters.allow_text_output:
            text = "text"
        if text == "json" and parameters.output_object is not None:
            schema = parameters.output_object.json_schema
            fields[None] = _count_fields(schema)
            # The schema of a user's model has a title, the wrappers of pydantic-ai have none.
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
    except NotImplementedError:  # a FallbackModel: nobody knows yet which of its models will answer
        return "tool"


def _count_fields(schema: Mapping[str, Any]) -> int:
    properties = schema.get("properties")
    return len(cast("dict[str, Any]", properties)) if isinstance(properties, dict) else 0


class OutputWriter:
    """Write a model's stream into a stage: the output, the text beside it, the thinking.

    `expected_length` is the length of the output in characters, or None.
    """

    def __init__(self, stage: StageHandle, work: Work, expected_length: float | None = None) -> None:
        self.stage = stage
        self._work = work
        self._expected_length = expected_length
        self._message = _message_of(stage)
        self._form = OutputForm()
        self._roles: dict[int, _Role] = {}
        self._written: set[str] = set()
        self._output_tool: str | None = None
        self._unwrapping: str | None = ""  # the text before the wrapper is recognised; None afterwards
        internals(stage).measure = self._measure

    def request(self, form: OutputForm) -> None:
        """Begin the answer to a new request, which replaces the answer to the last one."""
        self._form = form
        self._roles.clear()
        self._written.clear()
        self._output_tool = None
        self._unwrapping = ""

    def start(self, index: int, part: ModelResponsePart) -> str | None:
        """Begin a part; return the name of the function tool that it calls, or None."""
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
        """Make the text so far the output: for some models only the first token shows that it is."""
        if self._form.text_is_output or self._form.text is None:
            return
        self._form = replace(self._form, text_is_output=True)
        buffer = internals(self.stage).outputs.get("text")
        text = buffer.text if buffer is not None and "text" in self._written else ""
        for index, role in self._roles.items():
            if role == "text":
                self._roles[index] = "output"
        if text:
            self.stage.write("", part="text", reset=True)
            self._add_output(text)

    def restart(self) -> None:
        """Take the percent back for a further attempt; the text stays until the new one comes."""
        self._work.write_output(0)
        self._written.clear()

    def validated(self) -> None:
        """Fill the agent's whole share, and show the message from before the agent again."""
        if self.stage.status != "fallback":  # its message is the reason
            self.stage.update(message=self._message)
        internals(self.stage).measure = None
        self._work.finish()

    def _start_tool(self, index: int, part: ToolCallPart) -> str | None:
        if part.tool_name not in self._form.tools:
            self._roles[index] = "other"
            return part.tool_name
        # An answer may call several output tools: pydantic-ai takes the first.
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
        # The closing braces of the wrapper may stay: the reader of partial JSON stops at the end of the value.
        if self._unwrapping is None:
            return text
        self._unwrapping += text
        if match := wrapper.search(self._unwrapping):
            rest, self._unwrapping = self._unwrapping[match.end() :], None
            return rest
        # Code fences and prose may come first. JSON that begins otherwise has no wrapper.
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
            self._work.write_output(_share(buffer, fields, self._expected_length))


def _message_of(stage: StageHandle) -> str:
    """Return the message that a stage shows beside its work; of a retry or a fallback none."""
    return (internals(stage).message or "") if stage.status in ("pending", "running") else ""


def _as_text(arguments: str | dict[str, Any]) -> str:
    return arguments if isinstance(arguments, str) else to_json(arguments).decode()


def _share(buffer: OutputBuffer, fields: int, expected: float | None) -> float:
    """Estimate the share that is done, 0–1: by the expected length, else by the fields that are complete.

    The field that is being written counts as `length / (length + 300)`, an output without fields as
    `length / (length + 1500)`: both approach 1 and never reach it.
    """
    if expected:  # the length says more than the fields, so only the last tenth is left for the validation
        return min(NOT_VALIDATED, len(buffer) / expected)
    if buffer.kind == "json" and fields:
        length = buffer.open_length
        return NOT_VALIDATED * min(1.0, (buffer.fields_completed + length / (length + _HALF_FIELD)) / fields)
    return NOT_VALIDATED * len(buffer) / (len(buffer) + _HALF_TEXT)
