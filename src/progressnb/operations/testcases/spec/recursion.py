"""The check for schemas that refer to themselves without end, or unfold into far too many for one value."""

from __future__ import annotations

from typing import Any

from progressnb.errors import InputError
from progressnb.operations.testcases.spec.plain import is_list, is_object, list_at
from progressnb.operations.testcases.spec.references import pointed

__all__ = ["check_recursion"]

_SAME_VALUE = ("allOf", "anyOf", "oneOf")
_SAME_VALUE_SINGLE = ("not", "if", "then", "else")

_MOST = 2_000
"""Schemas that one value may be held against."""

_DEEPEST = 60
"""References that lead to references."""


def check_recursion(document: dict[str, Any]) -> None:
    """Raise `InputError` for a schema that applies itself to the same value, directly or through others.

    That includes schemas that apply far too many others to one value, and references to nothing. A schema of pets
    that contain pets is fine: each level of the value takes one reference.
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
    """A counter of the schemas that one value is held against, by reference."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._document = document
        self._counted: dict[str, int] = {}

    def target(self, reference: str, depth: int) -> int:
        """Return the number of schemas behind a reference. Raises `InputError` for too many."""
        if reference not in self._counted:
            if depth > _DEEPEST:
                raise _endless(reference)
            self._counted[reference] = _MOST  # a circle comes back here before it is counted
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
        parts += [node[key] for key in _SAME_VALUE_SINGLE if key in node]
        return found + sum(self._count(part, depth) for part in parts)


def _endless(reference: str) -> InputError:
    return InputError(
        "schemas that end", f"{reference[:150]!r}, which contains itself or far too much", "Check allOf, anyOf, oneOf."
    )
