"""The facts of a call in the data of its stage: the arguments that it was given and the result that it gave."""

from __future__ import annotations

import dataclasses
import functools
import inspect
import os
from datetime import date, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

from pydantic import BaseModel

from progressnb.tracking.current import internals
from progressnb.wire.bounded import HIDDEN, bounded
from progressnb.wire.plain import jsonable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence, Sized

    from progressnb.tracking.handle import StageHandle

__all__ = ["arguments_of", "calling_text", "note_arguments", "note_result"]

_DATA = (BaseModel, Decimal, Enum, UUID, date, time, timedelta)
"""Types whose values are data; attributes of other objects may be keys or connections."""


def calling_text(names: Sequence[str]) -> str:
    """Return which tools are called now, in words: "calling search", "calling 3 tools"; empty for none."""
    return f"calling {len(names):,} tools" if len(names) > 1 else f"calling {names[0]}" if names else ""


def note_arguments(stage: StageHandle, arguments: Mapping[str, object]) -> None:
    """Let the next event of a stage carry the arguments of its call as `data.arguments`, 2,000 characters at most.

    Texts under secret names are left out. An object that is no data is its type.
    """
    if internals(stage).contents:
        internals(stage).carry(arguments=bounded(dict(arguments), plain=_as_data, secrets=False))


def note_result(stage: StageHandle, result: object) -> None:
    """Let the next event of a stage carry the result of its call as `data.result`, 2,000 characters at most.

    Of a list that is too long `data.result_length` is the number of its items.
    """
    if not internals(stage).contents:
        return
    facts: dict[str, Any] = {"result": bounded(result)}
    if isinstance(result, list | tuple | set | frozenset) and facts["result"][-1:] == [HIDDEN]:
        facts["result_length"] = len(cast("Sized", result))
    internals(stage).carry(**facts)


def arguments_of(function: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of a call by the names of the parameters, without the object of a method.

    Positional arguments of a function without a signature are left out.
    """
    while isinstance(function, functools.partial):
        args, kwargs = (*function.args, *args), {**function.keywords, **kwargs}
        function = function.func
    try:
        parameters = inspect.signature(function).parameters
    except (TypeError, ValueError):  # some functions in C have no signature
        return dict(kwargs)
    named: dict[str, Any] = {}
    ahead = list(args)
    for name, parameter in parameters.items():
        if parameter.kind is inspect.Parameter.VAR_POSITIONAL:
            named[name], ahead = ahead, []
        elif ahead and parameter.kind is not inspect.Parameter.KEYWORD_ONLY:
            named[name] = ahead.pop(0)
    if next(iter(parameters), None) in ("self", "cls"):
        named.pop(next(iter(parameters)), None)
    return {**named, **kwargs}


def _as_data(value: object) -> Any:  # noqa: ANN401 - plain JSON data
    if isinstance(value, os.PathLike):
        return os.fspath(cast("os.PathLike[str]", value))
    if isinstance(value, _DATA) or (dataclasses.is_dataclass(value) and not isinstance(value, type)):
        return jsonable(value)
    return {"type": f"{type(value).__module__}.{type(value).__qualname__}"}
