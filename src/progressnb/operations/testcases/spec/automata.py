"""A pattern as a graph: single characters, and which may come after which, in how many ways.

Python's matcher tries one way after the other. A path through the graph is one such way, so that the paths of a text
are what the matcher may have to try. What stands for more texts than the pattern is fine: more ways are counted.
"""

from __future__ import annotations

import importlib
import re
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

__all__ = ["Graph", "UnsafePatternError", "graph_of", "mask_of"]

_LONGEST = 400
_COPIES = 32
"""Characters that a counted repeat may be written out to; a larger one is a loop."""
_MOST_EDGES = 1_500
_MOST_WAYS = 50
_LEAST = 1_000
"""Characters and rounds of the shortest text that fits: who makes one makes so many."""

_NAMED = {name: 1 << 128 + at for at, name in enumerate(("letter", "digit", "space", "other"))}
_BEYOND = sum(_NAMED.values())
"""What is not ASCII is told apart by its kind alone."""
_ASCII = (1 << 128) - 1
_EVERY = _ASCII | _BEYOND


class UnsafePatternError(Exception):
    """A pattern that is none of Python's, or that may take too long."""


@dataclass(frozen=True)
class Graph:
    """The characters of a pattern as sets, the ways from each to the next, and those that may come first and last."""

    masks: list[int]
    follow: list[dict[int, int]]
    first: dict[int, int]
    last: dict[int, int]
    anchored: bool


class _Part(NamedTuple):
    """A part of a pattern; `empty` is in how many ways it fits nothing, `least` what its shortest text takes."""

    first: dict[int, int]
    last: dict[int, int]
    empty: int
    least: int


_NOTHING = _Part({}, {}, 1, 0)


def graph_of(pattern: str) -> Graph:
    """Return the graph of a pattern; raise `UnsafePatternError` for what has none of a bounded size."""
    if len(pattern) > _LONGEST:
        raise UnsafePatternError("long")
    try:
        re.compile(pattern)
        # The parser of `re` itself: what it reads is what is matched.
        tree: Any = importlib.import_module("re._parser").parse(pattern)
    except (re.error, OverflowError, RecursionError, FutureWarning) as error:
        raise UnsafePatternError(str(error)) from None
    if tree.state.flags != int(re.UNICODE):
        raise UnsafePatternError("flags")
    builder = _Builder()
    part = builder.sequence(tree)
    if part.least > _LEAST:
        raise UnsafePatternError("a long text")
    return Graph(builder.masks, builder.follow, part.first, part.last, _is_anchored(tree))


def mask_of(char: str) -> int:
    """Return the bit of a character."""
    if char.isascii():
        return 1 << ord(char)
    if char.isdecimal():
        return _NAMED["digit"]
    return _NAMED["letter" if char.isalnum() else "space" if char.isspace() else "other"]


class _Builder:
    def __init__(self) -> None:
        self.masks: list[int] = []
        self.follow: list[dict[int, int]] = []
        self._edges = 0

    def sequence(self, items: Any) -> _Part:  # noqa: ANN401 - the parser has no types
        whole = _NOTHING
        for operation, argument in items:
            whole = self._joined(whole, self._one(str(operation), argument))
        return whole

    def _joined(self, one: _Part, other: _Part) -> _Part:
        self._connect(one.last, other.first)
        first = _added(one.first, other.first, one.empty)
        last = _added(other.last, one.last, other.empty)
        return _Part(first, last, _bounded(one.empty * other.empty), one.least + other.least)

    def _connect(self, last: dict[int, int], first: dict[int, int]) -> None:
        for before, left in last.items():
            after = self.follow[before]
            for then, entered in first.items():
                after[then] = _bounded(after.get(then, 0) + left * entered)
                self._edges += 1
        if self._edges > _MOST_EDGES:
            raise UnsafePatternError("large")

    def _one(self, operation: str, argument: Any) -> _Part:  # noqa: ANN401
        if operation in ("LITERAL", "NOT_LITERAL", "ANY", "IN"):
            self.masks.append(_mask(operation, argument))
            self.follow.append({})
            here = {len(self.masks) - 1: 1}
            return _Part(here, here, 0, 1)
        if operation == "AT":
            return _NOTHING
        if operation == "SUBPATTERN" and not argument[1] and not argument[2]:
            return self.sequence(argument[3])
        if operation == "BRANCH":
            return self._branches([self.sequence(each) for each in argument[1]])
        if operation in ("MAX_REPEAT", "MIN_REPEAT"):
            return self._repeat(*argument)
        if operation in ("ASSERT", "ASSERT_NOT"):
            return self._look(*argument)
        raise UnsafePatternError(operation)

    def _branches(self, parts: list[_Part]) -> _Part:
        first = {key: ways for part in parts for key, ways in part.first.items()}
        last = {key: ways for part in parts for key, ways in part.last.items()}
        return _Part(first, last, _bounded(sum(part.empty for part in parts)), max(part.least for part in parts))

    def _look(self, direction: int, items: Any) -> _Part:  # noqa: ANN401
        if direction < 0 and any(str(each) not in ("LITERAL", "NOT_LITERAL", "ANY", "IN", "AT") for each, _ in items):
            raise UnsafePatternError("a look back")
        # What is looked at is a way that ends there.
        return _NOTHING if direction < 0 else _Part(self.sequence(items).first, {}, 1, 1)

    def _repeat(self, low: int, high: int, items: Any) -> _Part:  # noqa: ANN401
        before = len(self.masks)
        part = self.sequence(items)
        size = len(self.masks) - before
        least = max(low, 1) * max(part.least, 1)
        if high <= 1:
            return _optional(part) if low == 0 else part
        if part.empty or least > _LEAST:
            raise UnsafePatternError("a repeat of nothing, or too many")
        if high * size > _COPIES:
            self._connect(part.last, part.first)
            return (_optional(part) if low == 0 else part)._replace(least=least)
        copies = [part, *(self.sequence(items) for _ in range(high - 1))]
        whole = _NOTHING
        for at in reversed(range(high)):
            whole = self._joined(copies[at], whole)
            whole = _optional(whole) if at >= low else whole
        return whole._replace(least=least)


def _optional(part: _Part) -> _Part:
    return part._replace(empty=part.empty + 1)


def _added(one: dict[int, int], other: dict[int, int], factor: int) -> dict[int, int]:
    # Each character stands in one part only.
    return {**one, **{key: _bounded(ways * factor) for key, ways in other.items()}} if factor else one


def _bounded(ways: int) -> int:
    if ways > _MOST_WAYS:
        raise UnsafePatternError("many ways to the same")
    return ways


def _is_anchored(items: Any) -> bool:  # noqa: ANN401
    for operation, argument in items:
        if str(operation) == "AT":
            return str(argument) in ("AT_BEGINNING", "AT_BEGINNING_STRING")
        if str(operation) == "SUBPATTERN":
            return _is_anchored(argument[3])
        return str(operation) == "BRANCH" and all(_is_anchored(each) for each in argument[1])
    return False


def _mask(operation: str, argument: Any) -> int:  # noqa: ANN401
    if operation == "LITERAL":
        return mask_of(chr(argument))
    if operation == "NOT_LITERAL":
        return _EVERY & ~(mask_of(chr(argument)) & _ASCII)
    if operation == "ANY":
        return _EVERY & ~mask_of("\n")
    mask = whole = 0  # what may be in it, and what is in it as a whole: of a kind beyond ASCII others may be left
    for kind, each in argument:
        if str(kind) == "CATEGORY":
            some = every = _category(str(each))
        elif str(kind) in ("LITERAL", "RANGE"):
            low, high = (each, each) if str(kind) == "LITERAL" else each
            every = _ASCII & ((1 << min(high, 127) + 1) - (1 << min(low, 128)))
            some = every | (0 if high <= 127 else mask_of(chr(high)) if low == high else _BEYOND)  # noqa: PLR2004
        else:
            continue
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
