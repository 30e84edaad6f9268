"""Regular expressions as graphs of single characters, with the number of ways from each to the next.

It is Glushkov's construction, with ways counted. Python's matcher backtracks: it tries one way through the pattern
after the other, and each is a path through the graph. So the paths that fit a text bound the steps of a match. Where
the graph allows more texts than the pattern, such as after a lookahead, only more steps are counted than are needed.

The tree of a pattern comes from `re._parser`, which is private to Python. A pattern whose tree can't be had or
understood, such as after a change there, is refused like an unsafe one.
"""

from __future__ import annotations

import importlib
import re
from dataclasses import dataclass
from typing import Any, NamedTuple

from progressnb.operations.testcases.spec.character_sets import UnsafePatternError, mask_of_node

__all__ = ["Graph", "graph_of", "tree_of"]

_LONGEST = 400
"""Characters of a pattern."""

_COPIES = 32
"""Characters of a counted repeat that is written out, so `a{3}` as `aaa`. A larger one is treated as a loop."""

_MOST_EDGES = 1_500
"""Edges of a graph."""

_MOST_WAYS = 50
"""Ways from one character to another."""

_LEAST = 1_000
"""Characters and rounds of the shortest text that fits: whoever makes such a text has to go through so many."""


@dataclass(frozen=True)
class Graph:
    """The places of single characters in a pattern, and the ways between them.

    Attributes:
        masks: The set of characters that fit each place, as bits.
        follow: For each place the places that may come next, with the number of ways there.
        first: The places that a match may begin with, with the number of ways.
        last: The places that it may end with, with the number of ways.
        anchored: Whether a match begins only at the start of a text.

    """

    masks: list[int]
    follow: list[dict[int, int]]
    first: dict[int, int]
    last: dict[int, int]
    anchored: bool


class _Part(NamedTuple):
    """A part of a pattern.

    Attributes:
        first: The places that it may begin with, with the number of ways.
        last: The places that it may end with, with the number of ways.
        empty: The number of ways in which it matches the empty text.
        least: The characters and rounds of the shortest text that fits.

    """

    first: dict[int, int]
    last: dict[int, int]
    empty: int
    least: int


_NOTHING = _Part({}, {}, 1, 0)


def graph_of(pattern: str) -> Graph:
    """Return the graph of a pattern. Raises `UnsafePatternError` where it can't be had, or is too large."""
    if len(pattern) > _LONGEST:
        raise UnsafePatternError("long")
    try:
        re.compile(pattern)
        tree = tree_of(pattern)
        if tree.state.flags != int(re.UNICODE):
            raise UnsafePatternError("flags")
        builder = _Builder()
        part = builder.sequence(tree)
        anchored = _is_anchored(tree)
    except (re.error, OverflowError, RecursionError, FutureWarning) as error:
        raise UnsafePatternError(str(error)) from None
    except (ImportError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise UnsafePatternError(f"the parser of this Python: {type(error).__name__}: {error}") from error
    if part.least > _LEAST:
        raise UnsafePatternError("a long text")
    return Graph(builder.masks, builder.follow, part.first, part.last, anchored)


def tree_of(pattern: str) -> Any:  # noqa: ANN401 - Python's parser has no types
    """Return the tree of a pattern from the parser of `re` itself, so that the matched pattern is the analysed one."""
    return importlib.import_module("re._parser").parse(pattern)


class _Builder:
    """Build the graph of one pattern, part by part."""

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
            self.masks.append(mask_of_node(operation, argument))
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
        # The characters of a lookahead count as a way that ends with them.
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
    # No place is in both parts.
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
