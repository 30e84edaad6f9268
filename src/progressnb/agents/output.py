"""The output of an agent: which part of a model's stream it is, its form, and how much of it is written."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

from pydantic_ai.messages import (
    BaseToolCallPart,
    TextPart,
    TextPartDelta,
    ThinkingPart,
    ThinkingPartDelta,
    ToolCallPart,
)
from pydantic_core import to_json

from progressnb.agents.taken import Block, taken_output
from progressnb.tracking import internals
from progressnb.tracking.earlier import earlier_texts
from progressnb.tracking.expected import CHARACTERS_OF_A_TOKEN, Expected
from progressnb.tracking.written import OutputMeasure
from progressnb.wire.buffer import OutputBuffer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pydantic_ai.messages import ModelMessage, ModelResponsePart, ModelResponsePartDelta
    from pydantic_ai.models import Model, ModelRequestContext

    from progressnb.tracking import StageHandle
    from progressnb.tracking.work import Work

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

FOR_OUTPUT = 0.5
"""The share of an agent's work that its tools leave to its output."""

_Role = Literal["output", "text", "thinking", "other"]


@dataclass(frozen=True)
class OutputForm:
    """The form in which the output of one model request comes: text, JSON text, or the arguments of a tool.

    `text` is the kind of an output that comes as text, None where it can't. `text_is_output` is whether text is the
    output for certain. `schemas` are the JSON schemas of the output by tool name; None is the text form. `limit` is the
    number of characters that the model may write at most.
    """

    text: Literal["text", "json"] | None = "text"
    text_is_output: bool = True
    tools: frozenset[str] = frozenset()
    schemas: Mapping[str | None, Mapping[str, Any]] = field(default_factory=dict[str | None, "Mapping[str, Any]"])
    limit: float = math.inf
    wrappers: Mapping[str | None, re.Pattern[str]] = field(default_factory=dict[str | None, re.Pattern[str]])

    @classmethod
    def of(cls, request: ModelRequestContext) -> OutputForm:
        """Read the form from what pydantic-ai is about to request."""
        parameters = request.model_request_parameters
        open_mode = parameters.output_mode == "auto"
        mode: str = _default_mode(request.model) if open_mode else parameters.output_mode
        tools = {tool.name: tool for tool in parameters.output_tools}
        schemas: dict[str | None, Mapping[str, Any]] = {
            name: tool.parameters_json_schema for name, tool in tools.items()
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
            schema = schemas[None] = parameters.output_object.json_schema
            # The schema of a user's model has a title, the wrappers of pydantic-ai have none.
            if "title" not in schema and len(schema.get("properties", ())) == 1:
                (key,) = schema["properties"]
                if key == _WRAPPER:
                    wrappers[None] = _WRAPPED
                elif key == _KINDS and "anyOf" in schema["properties"][key]:
                    wrappers[None] = _KIND
        return cls(
            text=text,
            text_is_output=mode in ("text", "native", "prompted"),
            tools=frozenset(tools),
            schemas=schemas,
            limit=_limit(request),
            wrappers=wrappers,
        )

    def expected(self, tool: str | None) -> Expected:
        """Return the expected length of the output that comes by a tool, or as text."""
        inside = _WRAPPER if self.wrappers.get(tool) is _WRAPPED else None
        return Expected.of(self.schemas.get(tool, {}), inside=inside).at_most(self.limit)


def _default_mode(model: Model) -> str:
    try:
        return model.profile.get("default_structured_output_mode", "tool")
    except NotImplementedError:  # a FallbackModel: nobody knows yet which of its models will answer
        return "tool"


def _limit(request: ModelRequestContext) -> float:
    """Return the most characters that the model may write."""
    tokens = (request.model_settings or {}).get("max_tokens")
    return CHARACTERS_OF_A_TOKEN * tokens if isinstance(tokens, int) and tokens > 0 else math.inf


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
        self._block = Block()
        self._is_behind = False  # a provider's own tool was called: only what is behind it is the output
        self._unwrapping: str | None = ""  # the text before the wrapper is recognised; None afterwards
        self._measured: OutputMeasure | None = None  # of the output that is being written
        self._lines: int | None = None  # that the output needs at most
        work.reserve(FOR_OUTPUT)
        internals(stage).measure = self._measure

    def request(self, form: OutputForm) -> None:
        """Begin the answer to a new request, which replaces the answer to the last one."""
        self._form = form
        self._roles.clear()
        self._written.clear()
        self._output_tool = None
        self._is_behind = False
        self._begin_text()

    def _begin_text(self) -> None:
        self._block, self._unwrapping, self._measured = Block(), "", None

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
            self._is_behind = self._is_behind or isinstance(part, BaseToolCallPart)
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
        self._measured = None

    def settle(self, messages: Sequence[ModelMessage]) -> None:
        """Let the output be what pydantic-ai took of the last answer, where that is not what was written first."""
        taken = taken_output(messages, self._form.tools, json=self._form.text == "json")
        if taken is None or "output" not in self._written:
            return
        tool, text = taken
        wrapper = self._form.wrappers.get(tool)
        self._unwrapping = ""
        text = text if wrapper is None else self._unwrapped(text, wrapper)
        now, buffer = internals(self.stage).outputs.get("output"), OutputBuffer("json")
        buffer.append(text)
        if now is None or now.kind != "json" or now.value == buffer.value or not text:
            return
        self._output_tool, self._measured = tool, None
        self._written.discard("output")
        self._put("output", text, "json")

    def validated(self) -> None:
        """Fill the agent's whole share, and show the message from before the agent again."""
        if self.stage.status != "fallback":  # its message is the reason
            self.stage.update(message=self._message)
        internals(self.stage).measure = None
        if "output" in self._written:
            earlier_texts.end(internals(self.stage))
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
        if self._is_behind:
            self._is_behind = False
            self._written.discard("output")
            self._begin_text()
        if self._output_tool is None and self._form.text == "json":
            prose, text = self._block.add(text)
            if prose.strip():
                self._put("text", prose, "text")
            if not text:
                return
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
        if part == "output" and part not in self._written:
            self._reserve()
        self._written.add(part)
        self.stage.write(text, part=part, kind=kind, reset=reset)

    def _reserve(self) -> None:
        """Tell how many lines the output needs at most, where its type says so: screens keep no more room for it."""
        lines = self._form.expected(self._output_tool).lines
        if lines is not None and lines != self._lines:
            self._lines = lines
            self.stage.update(output_lines=lines)

    def _measure(self) -> None:
        if "output" not in self._written or (buffer := internals(self.stage).measured("output")) is None:
            return
        if self._expected_length:
            # The length is known, so only the last tenth is left for the validation.
            share = min(NOT_VALIDATED, len(buffer) / self._expected_length)
            self._work.write_output(share, is_measured=True)
            return
        if self._measured is None:
            expected = self._form.expected(self._output_tool)
            self._measured = OutputMeasure(earlier_texts.expected(internals(self.stage), expected))
        before = min(1.0, self._work.output / NOT_VALIDATED)
        self._work.write_output(NOT_VALIDATED * self._measured.share(buffer, before))


def _message_of(stage: StageHandle) -> str:
    """Return the message that a stage shows beside its work; of a retry or a fallback none."""
    return (internals(stage).message or "") if stage.status in ("pending", "running") else ""


def _as_text(arguments: str | dict[str, Any]) -> str:
    return arguments if isinstance(arguments, str) else to_json(arguments).decode()
