"""The complete part of an answer that is ended while a model writes it: text as it is, JSON without what is open."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, cast

from pydantic_ai.messages import TextPart, ThinkingPart, ToolCallPart
from pydantic_core import to_json

from progressnb.wire.buffer import OutputBuffer

if TYPE_CHECKING:
    from collections.abc import Container, Sequence

    from pydantic_ai.messages import ModelResponsePart
    from pydantic_ai.models import ModelRequestParameters

    from progressnb.wire.scanner import Path

__all__ = ["complete_json", "complete_parts", "is_output"]

_WRAPPER = "response"
"""The key under which pydantic-ai asks for an output that is not an object."""

_NOTHING: Final[Any] = object()


def is_output(part: ModelResponsePart, parameters: ModelRequestParameters) -> bool:
    """Return whether a part of an answer is, or may be, the output."""
    if isinstance(part, ToolCallPart):
        return any(tool.name == part.tool_name for tool in parameters.output_tools)
    return isinstance(part, TextPart) and (_text_is_json(parameters) or parameters.allow_text_output)


def complete_parts(parts: Sequence[ModelResponsePart], parameters: ModelRequestParameters) -> list[ModelResponsePart]:
    """Return an answer as if it had ended here, with what is complete of the output; empty where nothing is.

    Calls of tools other than the output's are left out: nothing more shall happen.
    """
    outputs = [part for part in parts if is_output(part, parameters)]
    call = next((part for part in outputs if isinstance(part, ToolCallPart)), None)
    kept: list[ModelResponsePart] = [part for part in parts if isinstance(part, ThinkingPart) and part.signature]
    if call is not None:
        tool = next(tool for tool in parameters.output_tools if tool.name == call.tool_name)
        if not isinstance(call.args, str):  # a model that gives arguments as an object gives them at once
            return [*kept, call] if call.args else []
        arguments = complete_json(call.args, keeps_text=tool.outer_typed_dict_key == _WRAPPER)
        return [*kept, replace(call, args=arguments)] if arguments is not None else []
    text = "".join(part.content for part in outputs if isinstance(part, TextPart))
    if _text_is_json(parameters):
        text = complete_json(text, keeps_text=_is_wrapped(parameters)) or ""
    return [*kept, TextPart(text)] if text.strip() else []


def complete_json(text: str, *, keeps_text: bool = False) -> str | None:
    """Return JSON of the values in a text of JSON that are complete, or None where none is.

    A field of an object may be a list or an object that is still open: its complete items and fields stay. An item of a
    list is complete or left out. `keeps_text` keeps a text under the key `response` as far as it goes.
    """
    buffer = OutputBuffer("json")
    buffer.append(text)
    value, open_path = buffer.value, buffer.open_path
    if value is None:
        return None
    if open_path is not None and not (keeps_text and open_path == (_WRAPPER,) and isinstance(value[_WRAPPER], str)):
        value = _closed(value, (), open_path, buffer.completed)
    return None if value is _NOTHING else to_json(value).decode()


def _closed(value: Any, path: Path, open_path: Path, completed: Container[Path]) -> Any:  # noqa: ANN401 - plain JSON data
    """Return a value without what is open in it. `open_path` leads from it to the value that was written last."""
    if not isinstance(value, dict | list):
        return _NOTHING
    if not open_path:  # between two of its values
        return cast("Any", value) or _NOTHING
    step = open_path[0]
    here = (*path, step)
    whole = len(open_path) == 1 and here in completed
    if isinstance(value, list):
        return value[: cast("int", step) + whole] or _NOTHING  # pyright: ignore[reportUnknownVariableType]
    fields = dict(cast("dict[str | int, Any]", value))
    if not whole and step in fields:
        fields[step] = _closed(fields[step], here, open_path[1:], completed)
        if fields[step] is _NOTHING:
            del fields[step]
    return fields or _NOTHING


def _text_is_json(parameters: ModelRequestParameters) -> bool:
    mode: str = parameters.output_mode
    return mode in ("native", "prompted") or (mode == "auto" and parameters.output_object is not None)


def _is_wrapped(parameters: ModelRequestParameters) -> bool:
    schema = parameters.output_object.json_schema if parameters.output_object is not None else {}
    return "title" not in schema and list(schema.get("properties", ())) == [_WRAPPER]
