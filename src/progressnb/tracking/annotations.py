"""Type hints of functions at run time, also where their names are imported for type checkers alone."""

from __future__ import annotations

import builtins
import collections.abc
import functools
import inspect
import os
import pathlib
import typing
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast, get_args, get_origin

from progressnb.wire.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Unknown", "is_unknown", "parts_of", "type_hints"]


class _Meta(type):
    """The class of unknown types: they stand in annotations wherever a type may stand."""

    def __getattr__(cls, name: str) -> _Meta:
        if name.startswith("__"):
            raise AttributeError(name)
        return _Meta(name, (Unknown,), {})

    def __getitem__(cls, _: object) -> _Meta:
        return cls


class Unknown(metaclass=_Meta):
    """The base of types that stand for names that exist for type checkers alone."""


class _Names(dict[str, Any]):
    """The names of a module. A name that it lacks is an unknown type."""

    def __missing__(self, name: str) -> Any:  # noqa: ANN401 - a type
        if hasattr(builtins, name):
            raise KeyError(name)
        return _Meta(name, (Unknown,), {})


def type_hints(function: Callable[..., Any], *, keep_unknown: bool = False) -> dict[str, Any]:
    """Return the types in a function's annotations by parameter name, and `"return"` for its result.

    Each annotation is evaluated by itself, as source of the function's own module. The names of `typing`,
    `collections.abc`, `os` and `pathlib` are known even if the module imports them for type checkers alone.

    Args:
        function: Any callable. Decorators that use `functools.wraps` are looked through.
        keep_unknown: With True an annotation with another name that only a type checker knows is kept: the type
            `Unknown` or a type with it inside. With False it is left out.

    Returns:
        Types and other annotations such as `Annotated[int, …]`. Empty for an object without annotations.

    """
    annotations = cast("dict[str, Any]", getattr(function, "__annotations__", None) or {})
    names = _names_of(function)
    hints = {name: _evaluated(annotation, names) for name, annotation in annotations.items()}
    return hints if keep_unknown else {name: hint for name, hint in hints.items() if not is_unknown(hint)}


def is_unknown(annotation: object) -> bool:
    """Tell whether a type, or a type inside it, is one that only a type checker knows."""
    return any(isinstance(part, type) and issubclass(part, Unknown) for part in parts_of(annotation))


def parts_of(annotation: object) -> list[Any]:
    """Return a type and all types inside it, such as `dict`, `str` and `int` of `dict[str, int]`."""
    found: list[Any] = []
    waiting: list[Any] = [annotation]
    while waiting and len(found) < 1000:  # noqa: PLR2004 - far more than anybody writes
        part = waiting.pop()
        if isinstance(part, list):  # the parameters of a `Callable`
            waiting += cast("Any", part)
            continue
        origin = get_origin(part)
        found += [part, origin] if isinstance(origin, type) else [part]
        if origin is not typing.Literal:
            waiting += [argument for argument in get_args(part) if not isinstance(argument, str)]
    return found


def _names_of(function: Callable[..., Any]) -> _Names:
    inner = inspect.unwrap(function)
    variables = {variable.__name__: variable for variable in getattr(inner, "__type_params__", ())}
    return _Names({**_known_names(), **getattr(inner, "__globals__", {}), **variables})


@functools.cache
def _known_names() -> dict[str, Any]:
    """Return the names that annotations may use though their module imports them for type checkers alone."""
    known: dict[str, Any] = {}
    for module in (typing, collections.abc):
        known |= {name: getattr(module, name) for name in dir(module) if not name.startswith("_")}
    known |= {"os": os, "pathlib": pathlib, "Path": pathlib.Path, "PathLike": os.PathLike, "typing": typing}
    return known | {"collections": collections, "Text": Text}


def _evaluated(annotation: object, names: _Names) -> Any:  # noqa: ANN401 - a type
    one = cast("Any", SimpleNamespace(__annotations__={"one": annotation}))
    try:
        # Strings inside it and aliases that are strings are evaluated too.
        return typing.get_type_hints(one, {}, names, include_extras=True)["one"]
    except Exception:  # noqa: BLE001 - an annotation that only a type checker reads may do anything
        return Unknown
