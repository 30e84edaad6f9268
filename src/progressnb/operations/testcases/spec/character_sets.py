"""Sets of characters as bits: one for each character of ASCII, and one for each kind beyond it."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

__all__ = ["UnsafePatternError", "mask_of", "mask_of_node"]

_NAMED = {name: 1 << 128 + at for at, name in enumerate(("letter", "digit", "space", "other"))}
_BEYOND = sum(_NAMED.values())
"""The bits of characters beyond ASCII, of which only the kind is told apart."""

_ASCII = (1 << 128) - 1
_EVERY = _ASCII | _BEYOND


class UnsafePatternError(Exception):
    """A pattern that Python can't compile, that can't be analysed, or that may take too long."""


def mask_of(char: str) -> int:
    """Return the bit that stands for a character, or for its kind beyond ASCII."""
    if char.isascii():
        return 1 << ord(char)
    if char.isdecimal():
        return _NAMED["digit"]
    return _NAMED["letter" if char.isalnum() else "space" if char.isspace() else "other"]


def mask_of_node(operation: str, argument: Any) -> int:  # noqa: ANN401 - Python's parser has no types
    """Return the set of characters that fit a node of a pattern's tree, such as `[a-z]`."""
    if operation == "LITERAL":
        return mask_of(chr(argument))
    if operation == "NOT_LITERAL":
        return _EVERY & ~(mask_of(chr(argument)) & _ASCII)
    if operation == "ANY":
        return _EVERY & ~mask_of("\n")
    # The set, and the part of it that is certain: a range may hold only some characters of a kind beyond ASCII.
    mask = whole = 0
    for kind, each in argument:
        if str(kind) == "CATEGORY":
            some = every = _category(str(each))
        elif str(kind) in ("LITERAL", "RANGE"):
            low, high = (each, each) if str(kind) == "LITERAL" else each
            every = _ASCII & ((1 << min(high, 127) + 1) - (1 << min(low, 128)))
            some = every | (0 if high <= 127 else mask_of(chr(high)) if low == high else _BEYOND)  # noqa: PLR2004
        elif str(kind) == "NEGATE":
            continue
        else:
            raise UnsafePatternError(f"a set with {kind}")
        mask, whole = mask | some, whole | every
    return _EVERY & ~whole if str(argument[0][0]) == "NEGATE" else mask


@cache
def _category(name: str) -> int:
    _, _, kind = name.rpartition("_")
    letter = {"DIGIT": "d", "SPACE": "s", "WORD": "w"}[kind]
    inside = sum(1 << code for code in range(128) if re.match(f"\\{letter}", chr(code)))
    beyond = {"DIGIT": ("digit",), "SPACE": ("space",), "WORD": ("letter", "digit")}[kind]
    mask = inside | sum(_NAMED[each] for each in beyond)
    return _EVERY & ~mask if "NOT" in name else mask
