"""The types that an output type of pydantic-ai stands for."""

from __future__ import annotations

from typing import Any, Union, cast, get_args, get_origin, get_type_hints

from pydantic_ai import NativeOutput, PromptedOutput, TextOutput, ToolOutput

__all__ = ["output_types", "type_of_output"]


def output_types(output_type: Any) -> list[Any]:  # noqa: ANN401 - whatever pydantic-ai takes
    """Return the types of data that an output type of pydantic-ai stands for.

    Args:
        output_type: A type, a union, a list of types, or one of the markers `ToolOutput`, `NativeOutput`,
            `PromptedOutput`.

    Returns:
        The single types, in the order in which they were given.

    Example:
        ::

            output_types([int, NativeOutput(str)])  # [int, str]

    """
    if isinstance(output_type, list | tuple):
        return [kind for each in cast("list[Any]", output_type) for kind in output_types(each)]
    if isinstance(output_type, ToolOutput):
        return output_types(output_type.output)  # pyright: ignore[reportUnknownMemberType] # of any type
    if isinstance(output_type, NativeOutput | PromptedOutput):
        return output_types(output_type.outputs)  # pyright: ignore[reportUnknownMemberType] # of any type
    if get_origin(output_type) in (Union, type(int | str)):
        return [kind for each in get_args(output_type) for kind in output_types(each)]
    return [output_type]


def type_of_output(output_type: Any) -> Any:  # noqa: ANN401 - whatever pydantic-ai takes
    """Return one type for the outputs of an output type; a function's outputs have the type that it returns."""
    types = [_returned(each) for each in output_types(output_type)]
    return cast("Any", Union)[tuple(types)] if types else Any


def _returned(output_type: Any) -> Any:  # noqa: ANN401 - whatever pydantic-ai takes
    function = cast("Any", output_type).output_function if isinstance(output_type, TextOutput) else output_type
    if isinstance(function, type) or get_origin(function) is not None or not callable(function):
        return cast("Any", output_type)
    try:
        return get_type_hints(function).get("return", Any)
    except (NameError, TypeError):  # names that only a type checker knows
        return Any
