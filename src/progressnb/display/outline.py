"""An outline of plain data: a labelled line for each value, read from the start or from the end."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast

from progressnb.wire.plain import shorten

if TYPE_CHECKING:
    from collections.abc import Iterator

    from progressnb.wire.scanner import Path

__all__ = ["Line", "head", "humanize", "outline", "tail"]

_ACRONYMS = frozenset({"api", "id", "json", "sql", "uri", "url"})
_WORDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[_\-\s]+")
_COST = 8  # characters that a line counts beside its own


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an outline.

    `path` holds the keys and indices down to its value. `number` counts, from 1, the item of a list that begins on this
    line, and is 0 elsewhere. `open` marks the value that is being written.
    """

    depth: int
    label: str
    text: str
    path: Path = ()
    number: int = 0
    open: bool = False


def humanize(name: str) -> str:
    """Return a field's name as words: `match_score` as "Match score", `startDate` as "Start date"."""
    words = " ".join(_word(word) for word in _WORDS.split(name) if word)
    return words[:1].upper() + words[1:]


def _word(word: str) -> str:
    if word.lower() in _ACRONYMS:
        return word.upper()
    return word.lower() if word[1:].islower() else word


def outline(value: Any, open_path: Path | None = None, *, backwards: bool = False) -> Iterator[Line]:  # noqa: ANN401 - plain JSON data
    """Yield the lines of plain data, one by one; no more of it is read than the caller asks for.

    `open_path` is the path of the value that is being written.
    """
    yield from _lines(value, Line(0, "", ""), open_path, backwards=backwards)


def head(lines: Iterator[Line], limit: int) -> Iterator[Line]:
    """Yield the first lines, of at most `limit` characters; "…" stands for the rest."""
    for line in lines:
        limit -= len(line.text) + len(line.label) + _COST
        if limit <= 0:
            yield Line(line.depth, "", "…")
            return
        yield line


def tail(value: Any, open_path: Path | None, limit: int) -> list[Line]:  # noqa: ANN401 - plain JSON data
    """Return the last lines of plain data, of about `limit` characters."""
    kept: list[Line] = []
    for line in outline(value, open_path, backwards=True):
        text = shorten(line.text, limit, keep="end")
        kept.append(replace(line, text=text))
        limit -= len(text) + len(line.label) + _COST
        if limit <= 0:
            break
    return kept[::-1]


def _lines(value: Any, at: Line, here: Path | None, *, backwards: bool) -> Iterator[Line]:  # noqa: ANN401
    """Yield the lines of a value that stands `at` a line; `here` is the rest of the path to what is being written."""
    if not isinstance(value, dict | list) or not value:
        is_open = here is not None
        yield replace(at, text=_text(cast("object", value), is_open=is_open), open=is_open)
        return
    heading = replace(at, open=here == ()) if at.label else None
    if heading is not None and not backwards:
        yield heading
    children = _items(cast("list[Any]", value), at, backwards=backwards)
    if isinstance(value, dict):
        children = _fields(cast("dict[str, Any]", value), at, here, backwards=backwards)
    for child, below in children:
        yield from _lines(child, below, _rest(here, below.path[-1]), backwards=backwards)
    if heading is not None and backwards:
        yield heading


def _items(value: list[Any], at: Line, *, backwards: bool) -> Iterator[tuple[Any, Line]]:
    indices = range(len(value))
    for index in reversed(indices) if backwards else indices:
        yield value[index], Line(at.depth + bool(at.label), "", "", (*at.path, index), index + 1)


def _fields(value: dict[str, Any], at: Line, here: Path | None, *, backwards: bool) -> Iterator[tuple[Any, Line]]:
    # The first field of a list's item carries its number; the others stand below it.
    is_item = at.number > 0 and not at.label
    first = next(iter(value))
    for key in reversed(value) if backwards else value:
        if value[key] == "" and _rest(here, key) is None and not (is_item and key == first):
            continue  # an empty text that is no longer being written says nothing
        number = at.number if is_item and key == first else 0
        depth = at.depth + bool(at.label) + (is_item and not number)
        yield value[key], Line(depth, humanize(str(key)), "", (*at.path, key), number)


def _rest(here: Path | None, step: str | int) -> Path | None:
    return here[1:] if here and here[0] == step else None


def _text(value: object, *, is_open: bool) -> str:
    if value is None or value in ({}, []):
        return "" if is_open else "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
