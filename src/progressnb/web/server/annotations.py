"""What an operation's annotations say at run time, also where their names are known to a type checker alone."""

from __future__ import annotations

import collections.abc
import inspect
import os
import pathlib
import types
import typing
from typing import TYPE_CHECKING, Any, Union, get_args, get_origin

from progressnb.wire.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["is_unknown", "members_of", "names_files", "resolver"]

_CALLABLES: tuple[Any, ...] = (getattr(collections.abc, "Callable"), type)  # noqa: B009 - else of an unknown type
_FILES: tuple[Any, ...] = (os.PathLike, typing.IO)


class _Meta(type):
    """Makes names that only a type checker knows work as types."""

    def __getattr__(cls, name: str) -> _Meta:
        if name.startswith("__"):
            raise AttributeError(name)
        return _Meta(name, (_Unknown,), {})

    def __getitem__(cls, _: object) -> _Meta:
        return cls


class _Unknown(metaclass=_Meta):
    """A type that is not known at run time, and so none that JSON can carry."""


class _Names(dict[str, Any]):
    def __missing__(self, name: str) -> Any:  # noqa: ANN401
        if hasattr(__import__("builtins"), name):
            raise KeyError(name)
        return _Meta(name, (_Unknown,), {})


def resolver(function: Callable[..., Any]) -> Callable[[Any], Any]:
    """Return what turns a function's annotations into types; what only a type checker knows becomes unknown."""
    inner = inspect.unwrap(function)
    known: dict[str, Any] = {}
    for module in (typing, collections.abc):
        known |= {name: getattr(module, name) for name in dir(module) if not name.startswith("_")}
    known |= {"os": os, "pathlib": pathlib, "Path": pathlib.Path, "PathLike": os.PathLike, "typing": typing}
    names = _Names({**known, "Text": Text, **getattr(inner, "__globals__", {})})

    def resolve(annotation: Any) -> Any:  # noqa: ANN401
        if annotation is inspect.Parameter.empty:
            return Any
        for _ in range(3):  # an alias may be a string too
            if isinstance(annotation, typing.ForwardRef):
                annotation = annotation.__forward_arg__
            if not isinstance(annotation, str):
                break
            try:
                annotation = eval(annotation, {}, names)  # noqa: S307 - the operation's own source
            except Exception:  # noqa: BLE001 - whatever an annotation does that only a type checker reads
                return _Unknown
        return annotation

    return resolve


def members_of(annotation: Any) -> list[Any]:  # noqa: ANN401
    """Return the types of a union, or the one type."""
    origin = get_origin(annotation)
    if origin is typing.Annotated:
        inner = members_of(get_args(annotation)[0])
        return [annotation] if len(inner) == 1 else inner
    if origin in (Union, types.UnionType):
        return [each for member in get_args(annotation) for each in members_of(member)]
    return [annotation]


def names_files(annotation: Any) -> bool:  # noqa: ANN401
    """Tell whether a type, or one inside it, is a path or an open file."""
    return any(isinstance(each, type) and issubclass(each, _FILES) for each in (annotation, *_inside(annotation)))


def is_unknown(annotation: Any) -> bool:  # noqa: ANN401
    """Tell whether a type, or one inside it, is none that JSON can carry: a function, a class, an unknown name."""
    return any(
        (isinstance(each, type) and issubclass(each, _Unknown)) or each in _CALLABLES or get_origin(each) in _CALLABLES
        for each in (annotation, *_inside(annotation))
    )


def _inside(annotation: Any) -> list[Any]:  # noqa: ANN401
    found: list[Any] = []
    waiting = [annotation]
    while waiting and len(found) < 1000:  # noqa: PLR2004 - far more than anybody writes
        each = waiting.pop()
        origin = get_origin(each)
        if origin is typing.Literal:
            continue
        found += [origin] if isinstance(origin, type) else []
        inner = [argument for argument in get_args(each) if not isinstance(argument, str)]
        found += inner
        waiting += inner
    return found
