"""The check for schemas that refer to themselves without end, or unfold into far too many for one value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from progressnb.operations.testcases.spec.flaws import FlawError, shown
from progressnb.operations.testcases.spec.plain import is_object, list_at

if TYPE_CHECKING:
    from progressnb.operations.testcases.spec.references import Documents

__all__ = ["Recursion"]

_SAME_VALUE = ("allOf", "anyOf", "oneOf")
_SAME_VALUE_SINGLE = ("not", "if", "then", "else")

_MOST = 2_000
"""Schemas that one value may be held against."""

_DEEPEST = 60
"""References that lead to references."""


class Recursion:
    """A counter of the schemas that one value is held against, by reference."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents
        self._counted: dict[str, int] = {}

    def check(self, node: dict[str, Any]) -> None:
        """Raise `FlawError` where a schema applies itself to the same value, directly or through others.

        That includes schemas that apply far too many others to one value, and references to nothing. A schema of pets
        that contain pets is fine: each level of the value takes one reference.
        """
        self._target(node, 0)

    def _target(self, node: dict[str, Any], depth: int) -> int:
        """Return the number of schemas behind a reference."""
        reference = self._documents.key_of(node["$ref"])
        if reference not in self._counted:
            if depth > _DEEPEST:
                raise _endless(node)
            self._counted[reference] = _MOST  # a circle comes back here before it is counted
            try:
                self._counted[reference] = self._count(self._documents.pointed(node), depth + 1)
            except FlawError:
                del self._counted[reference]  # another flaw behind it is told as what it is
                raise
        if self._counted[reference] >= _MOST:
            raise _endless(node)
        return self._counted[reference]

    def _count(self, node: object, depth: int) -> int:
        if not is_object(node):
            return 1
        found = 1
        if isinstance(node.get("$ref"), str):
            found += self._target(node, depth)
        parts: list[Any] = [part for key in _SAME_VALUE for part in list_at(node, key)]
        parts += [node[key] for key in _SAME_VALUE_SINGLE if key in node]
        return found + sum(self._count(part, depth) for part in parts)


def _endless(node: dict[str, Any]) -> FlawError:
    return FlawError(node, "$ref", f"{shown(node['$ref'])} contains itself without end, or far too much: check allOf")
