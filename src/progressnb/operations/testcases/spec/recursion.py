"""Schemas that never end, or unfold into far too many, when one value is held against them."""

from __future__ import annotations

from typing import Any

from progressnb.errors import InputError
from progressnb.operations.testcases.spec.plain import is_list, is_object, list_at
from progressnb.operations.testcases.spec.references import pointed

__all__ = ["check_circles"]

_SAME_VALUE = ("allOf", "anyOf", "oneOf")
_ALSO = ("not", "if", "then", "else")
_MOST = 2_000
_DEEPEST = 60


def check_circles(document: dict[str, Any]) -> None:
    """Raise `InputError` where a schema refers to itself for the same value, or does so far too often, or to nothing.

    A tree of pets in pets is none: each level of the value ends one round.
    """
    counter = _Counter(document)
    waiting: list[Any] = [document]
    while waiting:
        node = waiting.pop()
        if is_object(node):
            if isinstance(reference := node.get("$ref"), str):
                counter.target(reference, 0)
            waiting.extend(node.values())
        elif is_list(node):
            waiting.extend(node)


class _Counter:
    """Count the schemas that one value is held against."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._document = document
        self._counted: dict[str, int] = {}

    def target(self, reference: str, depth: int) -> int:
        if reference not in self._counted:
            if depth > _DEEPEST:
                raise _endless(reference)
            self._counted[reference] = _MOST  # in a circle it is met again before it is counted
            self._counted[reference] = self._count(pointed(self._document, reference), depth + 1)
        if self._counted[reference] >= _MOST:
            raise _endless(reference)
        return self._counted[reference]

    def _count(self, node: object, depth: int) -> int:
        if not is_object(node):
            return 1
        found = 1
        if isinstance(reference := node.get("$ref"), str):
            found += self.target(reference, depth)
        parts = [part for key in _SAME_VALUE for part in list_at(node, key)]
        parts += [node[key] for key in _ALSO if key in node]
        return found + sum(self._count(part, depth) for part in parts)


def _endless(reference: str) -> InputError:
    return InputError(
        "schemas that end", f"{reference[:150]!r}, which contains itself or far too much", "Check allOf, anyOf, oneOf."
    )
