"""Types of inputs by what JSON can carry: the members of unions, files and paths, functions and unknown types."""

from __future__ import annotations

import collections.abc
import os
import types
import typing
from typing import Any, Union, get_args, get_origin

from progressnb.tracking.annotations import is_unknown, parts_of

__all__ = ["is_foreign", "members_of", "names_files"]

_CALLABLES: tuple[Any, ...] = (getattr(collections.abc, "Callable"), type)  # noqa: B009 - else of an unknown type
_FILES: tuple[Any, ...] = (os.PathLike, typing.IO)


def members_of(annotation: Any) -> list[Any]:  # noqa: ANN401 - a type
    """Return the types of a union, or the one type."""
    origin = get_origin(annotation)
    if origin is typing.Annotated:
        inner = members_of(get_args(annotation)[0])
        return [annotation] if len(inner) == 1 else inner
    if origin in (Union, types.UnionType):
        return [each for member in get_args(annotation) for each in members_of(member)]
    return [annotation]


def names_files(annotation: Any) -> bool:  # noqa: ANN401 - a type
    """Tell whether a type, or one inside it, is a path or an open file."""
    return any(isinstance(part, type) and issubclass(part, _FILES) for part in parts_of(annotation))


def is_foreign(annotation: Any) -> bool:  # noqa: ANN401 - a type
    """Tell whether a type, or one inside it, can't be JSON: a function, a class, an unknown type."""
    return is_unknown(annotation) or any(part in _CALLABLES for part in parts_of(annotation))
