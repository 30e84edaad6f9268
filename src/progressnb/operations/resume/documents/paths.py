"""Paths into JSON Resume data, such as `work[0].highlights[1]`, and the texts at their ends."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic import JsonValue

__all__ = ["Leaf", "entry_path", "leaves", "objects", "section_of", "set_value", "text_at", "value_at"]

_TOOL_KEYS = frozenset({"meta", "$schema"})
_ENTRY = re.compile(r"[^.\[]+\[\d+\]")
_LONGEST_INDEX = 9  # digits


class Leaf(NamedTuple):
    """A text of a resume with its path."""

    path: str
    text: str


def leaves(value: JsonValue, path: str = "") -> Iterator[Leaf]:
    """Yield each text and number of plain data with its path, in order, without settings of tools (`meta`)."""
    if isinstance(value, dict):
        for key, item in value.items():
            if path or key not in _TOOL_KEYS:
                yield from leaves(item, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from leaves(item, f"{path}[{index}]")
    elif value is not None and value != "":
        yield Leaf(path, str(value))


def section_of(path: str) -> str:
    """Return the section of a path: "work" for "work[0].position"."""
    return re.split(r"[.\[]", path, maxsplit=1)[0]


def entry_path(path: str) -> str | None:
    """Return the path of the entry that a path lies in: "work[0]" for "work[0].position"."""
    match = _ENTRY.match(path)
    return match[0] if match else None


def objects(value: JsonValue) -> list[dict[str, JsonValue]]:
    """Return the objects of a list, or nothing for any other value."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def value_at(data: JsonValue, path: str) -> JsonValue:
    """Return the value at a path, or None if there is no such path."""
    for step in _steps(path):
        data = _child(data, step)
    return data


def text_at(data: JsonValue, path: str) -> str:
    """Return the texts at and below a path on one line, with " · " between them."""
    return " · ".join(leaf.text for leaf in leaves(value_at(data, path), "_"))


def set_value(data: JsonValue, path: str, value: JsonValue) -> None:
    """Set the value at a path. Nothing happens if the object or list that holds it does not exist."""
    steps = _steps(path)
    if not steps:
        return
    *before, last = steps
    for step in before:
        data = _child(data, step)
    if isinstance(data, dict):
        data[last] = value
    elif isinstance(data, list) and (index := _index(data, last)) is not None:
        data[index] = value


def _steps(path: str) -> list[str]:
    return re.findall(r"[^.\[\]]+", path)


def _child(value: JsonValue, step: str) -> JsonValue:
    if isinstance(value, dict):
        return value.get(step)
    index = _index(value, step) if isinstance(value, list) else None
    return value[index] if isinstance(value, list) and index is not None else None


def _index(value: list[JsonValue], step: str) -> int | None:
    # A model may write any path: int() refuses thousands of digits.
    index = int(step) if step.isdecimal() and len(step) <= _LONGEST_INDEX else len(value)
    return index if index < len(value) else None
