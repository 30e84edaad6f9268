"""Plain data as a readable outline: labels, lists that grow, and where the writing is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Iterator

    from progressnb.wire.scanner import Path

__all__ = ["Line", "humanize", "outline"]


_ACRONYMS = frozenset({"api", "id", "json", "sql", "uri", "url"})
_WORDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[_\-\s]+")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an outline; `item` says that a list's item begins, `open` that it is being written."""

    depth: int
    label: str
    text: str
    item: bool = False
    open: bool = False


def humanize(name: str) -> str:
    """Make a label of a field's name: `match_score` and `startDate` read as words."""
    words = " ".join(_word(word) for word in _WORDS.split(name) if word)
    return words[:1].upper() + words[1:]


def _word(word: str) -> str:
    if word.lower() in _ACRONYMS:
        return word.upper()
    return word.lower() if word[1:].islower() else word


def outline(value: Any, open_path: Path | None = None) -> Iterator[Line]:  # noqa: ANN401 - plain JSON data
    """Go through plain data line by line; `open_path` is where the writing is."""
    yield from _lines(value, 0, "", item=False, here=open_path)


def _lines(value: Any, depth: int, label: str, *, item: bool, here: Path | None) -> Iterator[Line]:  # noqa: ANN401
    if isinstance(value, dict):
        yield from _fields(cast("dict[str, Any]", value), depth, label, item=item, here=here)
    elif isinstance(value, list):
        if label:
            yield Line(depth, label, "", item=item, open=here == ())
        inner = depth + bool(label)
        for index, element in enumerate(cast("list[object]", value)):
            yield from _lines(element, inner, "", item=True, here=_below(here, index))
    else:
        yield Line(depth, label, _scalar(value), item=item, open=here is not None)


def _fields(value: dict[str, Any], depth: int, label: str, *, item: bool, here: Path | None) -> Iterator[Line]:
    if label:
        yield Line(depth, label, "", item=item)
    inner = depth + bool(label)
    # An empty text that is no longer being written says nothing.
    said = [(key, field) for key, field in value.items() if field != "" or _below(here, key) is not None]
    for index, (key, field) in enumerate(said):
        # The first field of a list's item carries its bullet; the others stand below it.
        first = item and not label and index == 0
        deeper = inner + (1 if item and not label and not first else 0)
        yield from _lines(field, deeper, humanize(str(key)), item=first, here=_below(here, key))


def _below(here: Path | None, step: str | int) -> Path | None:
    return here[1:] if here and here[0] == step else None


def _scalar(value: object) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
