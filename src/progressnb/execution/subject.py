"""The subject of a run: the argument that tells it from other runs of its operation, in a few words."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import is_dataclass
from datetime import date
from enum import Enum
from functools import lru_cache
from pathlib import PurePath
from typing import Any, cast

from progressnb.tracking.percent import is_number
from progressnb.wire.plain import clean_text, one_line
from progressnb.wire.secrets import is_secret_name

__all__ = ["subject_of"]

LENGTH = 60
"""Characters of a subject."""

_LARGEST = 1e15
"""The number from which on a number has too many digits to tell anything."""

_SECRET_VALUE = re.compile(
    r"^(?:sk|pk|rk|ghp|gho|github_pat|glpat|xox[a-z]|hf|AKIA|eyJ)[-_A-Za-z0-9.]{8,}|^Bearer\s|://[^/\s]*:[^/\s]*@"
    r"|[?&](?:[\w-]*(?:key|token|secret|sig|signature|password|auth))=",
    re.IGNORECASE,
)
"""Texts that are secrets, whatever their parameter is called: keys of known makers, addresses with a password."""

_HOW = frozenset({"model", "models", "instructions", "output_type", "language", "lang"})
"""Parameters that say how the work is done, and rarely on what."""

_NAMES = ("title", "name")
"""The fields that name an object."""


def subject_of(arguments: Mapping[str, object]) -> str | None:
    """Return the argument that tells a run from others, as one line of at most 60 characters, or None.

    It is the first text, the name of a file, the `title` or `name` of a model, dataclass or mapping, or the first of a
    list; where there is none of these, the first number with its name. A long text gives its first words, and a
    document its title or first heading. An argument whose name or text looks like a secret is passed over, and so is
    any other object: nothing is written by its `repr`.

    Args:
        arguments: The arguments that were given, by the names of their parameters.

    """
    about = {name: value for name, value in arguments.items() if name not in _HOW}
    how = {name: value for name, value in arguments.items() if name in _HOW}
    return _first(about) or _first(how)


@lru_cache(maxsize=1_000)  # the parameters have the same names in each run
def _is_secret(name: str) -> bool:
    return is_secret_name(name, doubtful=True)


def _first(arguments: Mapping[str, object]) -> str | None:
    known = {name: value for name, value in arguments.items() if not _is_secret(name)}
    numbers_last = sorted(known.items(), key=lambda argument: is_number(argument[1]))
    texts = [told for name, value in numbers_last if (told := _told(name, value)) is not None]
    # A document that is an argument tells less than the name beside it.
    text = next((each for each in texts if len(each) <= LENGTH), None) or next(iter(texts), None)
    return None if text is None else one_line(text, LENGTH - 1) if len(text) > LENGTH else text


def _told(name: str, value: object) -> str | None:
    """Return an argument in words: a number with its parameter's name, since alone it tells nothing."""
    text = _text(value)
    if text is None or not is_number(value):
        return text
    return one_line(clean_text(f"{name}={text}"), 4 * LENGTH)  # a name given by `**` may be any text


def _text(value: object) -> str | None:
    """Return a value in words, or None; only values of known kinds are read."""
    if type(value) is int:
        return _figure(value)
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, str):
        text = str.__str__(value)
        if "\n" in text.strip() or len(text) > LENGTH:
            from progressnb.execution.documents import telling_part  # twelve patterns

            text = telling_part(text) or ""
        text = one_line(clean_text(text), 4 * LENGTH)
        return text if text and not _SECRET_VALUE.search(text) else None
    if isinstance(value, os.PathLike):
        path: object = os.fspath(value)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
        return _text(PurePath(path).name) if isinstance(path, str) else None
    return _figure(value) or _named(value)


def _figure(value: object) -> str | None:
    if isinstance(value, date):
        return value.isoformat()
    if not is_number(value) or not abs(value) < _LARGEST:  # nor is NaN
        return None
    return str(int(value)) if value == int(value) else f"{float(value):.6g}"


def _named(value: object) -> str | None:
    if isinstance(value, list | tuple):
        items = cast("list[object]", value)
        leading = items[0] if items else None
        first = None if isinstance(leading, list | tuple) else _text(leading)  # lists may be of any depth
        return first if first is None or len(items) == 1 else f"{first} and {len(items) - 1:,} more"
    fields: Mapping[str, Any]
    if isinstance(value, Mapping):
        fields = cast("Mapping[str, Any]", value)
    elif isinstance(value, type):
        return None
    elif is_dataclass(value) or hasattr(type(value), "model_fields"):
        fields = cast("Mapping[str, Any]", getattr(value, "__dict__", None) or _slots(value))
    else:
        return None
    texts = (fields.get(name) for name in _NAMES)
    return next((text for each in texts if isinstance(each, str) and (text := _text(each)) is not None), None)


def _slots(value: object) -> dict[str, Any]:
    slots: Iterable[str] = getattr(type(value), "__dataclass_fields__", ())
    return {name: getattr(value, name, None) for name in slots}
