"""The parameters of a function that is to be an operation: the tracker first, then inputs."""

from __future__ import annotations

import dataclasses
import functools
import inspect
import os
from types import UnionType
from typing import TYPE_CHECKING, Annotated, Any, Literal, Union, cast, get_args, get_origin

from progressnb.errors import OperationError
from progressnb.tracking.annotations import type_hints

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["OPTIONS", "checked_function"]

OPTIONS = ("show", "timeout", "on_event")
"""The options that every call of an operation takes."""

_SHORT = ("t", "p", "pt", "tr", "own", "reporter")
"""Names besides "tracker" and "progress" by which functions are known to call their tracker."""

_DATA = frozenset({"pydantic.BaseModel", "enum.Enum", "datetime.date", "datetime.timedelta", "pandas.DataFrame"})
_INPUTS: tuple[Any, ...] = (str, bytes, int, float, list, dict, tuple, set, os.PathLike)


def _is_input(hint: object) -> bool:
    """Return whether an annotation is one of an input, which a tracker never has."""
    kind = get_origin(hint) or hint
    if kind in (Union, UnionType):
        members = [member for member in get_args(hint) if member is not type(None)]
        return all(map(_is_input, members))
    if kind is Annotated:
        return _is_input(get_args(hint)[0])
    return kind is Literal or (isinstance(kind, type) and (issubclass(kind, _INPUTS) or _is_data(kind)))


def _is_data(kind: type) -> bool:
    """Return whether a type is one of data: a pydantic model, a dataclass, an enum, a date."""
    named = {f"{each.__module__.partition('.')[0]}.{each.__name__}" for each in kind.__mro__}
    return dataclasses.is_dataclass(kind) or not named.isdisjoint(_DATA)


def _names_a_tracker(name: str) -> bool:
    """Return whether a parameter without an annotation may be the tracker: by its name, or as one that is not used."""
    return name.startswith("_") or any(word in name.lower() for word in ("track", "progress")) or name in _SHORT


def _annotation(first: inspect.Parameter) -> str:
    return "Any" if first.kind is inspect.Parameter.VAR_POSITIONAL else "pnb.ProgressTracker"


def checked_function(function: object) -> str:
    """Return the name of a function that can be an operation. Raises `OperationError` for any other."""
    inner = function
    while isinstance(inner, functools.partial):  # its text has an address, which is another one in each process
        inner = cast("functools.partial[object]", inner).func
    name = getattr(inner, "__name__", repr(inner))
    if not inspect.iscoroutinefunction(function):
        raise OperationError("an async function", name, f"Write `async def {name}(tracker, …)`.")
    parameters = inspect.signature(function).parameters
    first = next(iter(parameters.values()), None)
    if first is None or first.kind in (inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.VAR_KEYWORD):
        raise OperationError(
            f"a first positional parameter for the tracker in {name}",
            str(first or "none"),
            f"Write `{name}(tracker, …)`.",
        )
    hint = type_hints(cast("Callable[..., Any]", function)).get(first.name)
    is_method = first.name in ("self", "cls")
    if not is_method and first.annotation is inspect.Parameter.empty and not _names_a_tracker(first.name):
        raise OperationError(
            f"the tracker as the first parameter of {name}",
            f"{first}, which has neither that name nor an annotation",
            f"Write `{name}(tracker, {first}, …)`, or annotate it: `{first}: {_annotation(first)}`.",
        )
    if _is_input(hint):
        expected = f"the tracker as the first parameter of {name}"
        raise OperationError(expected, str(first), f"Write `{name}(tracker, {str(first).partition(':')[0]}, …)`.")
    if is_method:
        raise OperationError("a function", f"the method {name}", f"Write `{name}(tracker, …)` outside the class.")
    if taken := sorted({*parameters} & {*OPTIONS}):
        raise OperationError(
            f"no parameter of {name} called show, timeout or on_event",
            ", ".join(taken),
            "Rename it: every operation's call takes these.",
        )
    return str(name)
