"""JSON from outside as plain data: bounded in size and depth, with cleaned texts."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, TypeGuard

from progressnb.errors import InputError

if TYPE_CHECKING:
    from pydantic import JsonValue

__all__ = ["CONTROL", "MAX_CHARACTERS", "clean", "is_mapping", "parse_json", "plain_object", "too_long"]

MAX_CHARACTERS = 200_000
"""The longest document that is read, in characters; for a JSON document, of its JSON text."""

_MAX_DEPTH = 50
# Control characters. Bidirectional overrides are among them: they show a text in another order than it has.
CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069\ufeff]")
_LINE_END = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_WIDEST = " " * 100  # no page has a wider gap
_BLANKS = re.compile(f"[ \t\u00a0]{{{len(_WIDEST)},}}")


def clean(text: str) -> str:
    """Return the text with line feeds as line ends, no very wide gap, no control character and no lone surrogate."""
    return _SURROGATE.sub("\ufffd", _BLANKS.sub(_WIDEST, CONTROL.sub(" ", _LINE_END.sub("\n", text))))


def is_mapping(value: object) -> TypeGuard[Mapping[object, object]]:
    """Tell whether a value is a mapping, whatever its keys and values are."""
    return isinstance(value, Mapping)


def _is_sequence(value: object) -> TypeGuard[list[object] | tuple[object, ...]]:
    return isinstance(value, list | tuple)


def too_long(name: str, size: str) -> InputError:
    """Return the error for a document over the limit. `size` is its size in words."""
    remedy = "Leave out what is not about the person or the job."
    return InputError(f"at most {MAX_CHARACTERS:,} characters", f"{name} with {size}", remedy)


def _too_deep(name: str) -> InputError:
    return InputError(f"{name} nested at most {_MAX_DEPTH} deep", "deeper nesting", "Check how the JSON was made.")


def _no_constant(constant: str) -> float:
    message = f"{constant}, which JSON does not have"
    raise ValueError(message)


def _kind(value: object) -> str:
    if isinstance(value, list):
        return "array"
    if isinstance(value, str):
        return "string"
    return "null" if value is None else "boolean" if isinstance(value, bool) else "number"


def parse_json(text: str, name: str) -> dict[str, JsonValue]:
    """Parse the text of a JSON object. `name` is its name in messages. Raises InputError."""
    try:
        value: object = json.loads(text, parse_constant=_no_constant)
    except RecursionError as error:
        raise _too_deep(name) from error
    except json.JSONDecodeError as error:
        raise InputError(
            f"{name} to be JSON",
            f"{error.msg} at line {error.lineno}, column {error.colno}",
            "Correct it there, or give the document as text or Markdown.",
        ) from error
    except ValueError as error:
        raise InputError(f"{name} to be JSON", str(error), "Correct it there.") from error
    if not is_mapping(value):
        remedy = "See https://jsonresume.org/schema for the form."
        raise InputError(f"{name} to be a JSON object", f"a JSON {_kind(value)}", remedy)
    return plain_object(value, name)


def plain_object(value: Mapping[object, object], name: str) -> dict[str, JsonValue]:
    """Copy an object as plain JSON data with cleaned texts. Raises InputError."""
    return _Copy(name).of_mapping(value, 0)


class _Copy:
    """A copy of an object. It counts characters, since an object may hold itself, or one part a million times."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._size = 0

    def _count(self, size: int, depth: int) -> None:
        self._size += size
        if self._size > MAX_CHARACTERS:
            raise too_long(self._name, "more than that")
        if depth > _MAX_DEPTH:
            raise _too_deep(self._name)

    def of_mapping(self, value: Mapping[object, object], depth: int) -> dict[str, JsonValue]:
        """Return the copy of a mapping at this depth."""
        copy: dict[str, JsonValue] = {}
        for key, item in value.items():
            if not isinstance(key, str):
                raise InputError(f"the keys of {self._name} to be text", type(key).__name__, "Convert them to str.")
            self._count(len(key) + 1, depth)
            copy[clean(key)] = self.of(item, depth + 1)
        return copy

    def of(self, value: object, depth: int) -> JsonValue:
        """Return the copy of a value at this depth."""
        self._count(len(value) + 1 if isinstance(value, str) else 1, depth)
        if isinstance(value, str):
            return clean(value)
        if value is None or isinstance(value, bool | int) or (isinstance(value, float) and math.isfinite(value)):
            return value
        if is_mapping(value):
            return self.of_mapping(value, depth)
        if _is_sequence(value):
            return [self.of(item, depth + 1) for item in value]
        if isinstance(value, date):
            # YAML readers turn the dates of JSON Resume, which are texts, into date objects.
            return value.isoformat()
        raise InputError(f"{self._name} to hold JSON values", repr(value), "Convert it to text first.")
