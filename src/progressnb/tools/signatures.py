"""The signature of a tool: that of its generator function, with the type of the result as the return type."""

from __future__ import annotations

import inspect
from collections.abc import (
    AsyncGenerator,
    AsyncIterable,
    AsyncIterator,
    Callable,
    Generator,
    Iterable,
    Iterator,
)
from typing import Any, cast, get_args, get_origin

from progressnb.tracking.annotations import type_hints

__all__ = ["describe"]

_ITERATORS = (Generator, AsyncGenerator, Iterator, AsyncIterator, Iterable, AsyncIterable)


def describe(tool: Callable[..., Any], function: Callable[..., Any]) -> Callable[..., Any]:
    """Give a tool the annotations and the signature of its generator function, and return it.

    Libraries build the schema of a tool from these. The generator itself is kept as `__progress__`.
    """
    hints = _result_hints(function)
    signature = inspect.signature(function)
    parameters = [
        parameter.replace(annotation=hints.get(name, parameter.annotation))
        for name, parameter in signature.parameters.items()
    ]
    returned = hints.get("return", inspect.Signature.empty)
    described = cast("Any", tool)
    described.__annotations__ = hints
    described.__signature__ = signature.replace(parameters=parameters, return_annotation=returned)
    described.__progress__ = function
    return tool


def _result_hints(function: Callable[..., Any]) -> dict[str, Any]:
    # Annotations that only a type checker can read stay as they were written, except that of the result.
    written = {name: annotation for name, annotation in function.__annotations__.items() if name != "return"}
    hints = written | type_hints(function)
    origin = get_origin(hints.get("return")) or hints.get("return")
    arguments = get_args(hints.get("return"))
    if origin is Generator and len(arguments) > 2:  # noqa: PLR2004 - types of what is yielded, sent and returned
        hints["return"] = arguments[2]
    elif origin in _ITERATORS:
        del hints["return"]  # it names the type of the steps, not of the result
    return hints
