"""Names of columns as Vega takes them: a dot, bracket or quote in one would be read as a path."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["escaped", "label_of"]


def escaped(name: str) -> str:
    """Return a column's name as a field."""
    name = name.replace("\\", "\\\\")
    for mark in ".[]'\"":
        name = name.replace(mark, f"\\{mark}")
    return name


def label_of(field: str, labels: Iterable[str]) -> str | None:
    """Return the column that a field names, written plainly or escaped, or None."""
    known = list(labels)
    return field if field in known else next((label for label in known if escaped(label) == field), None)
