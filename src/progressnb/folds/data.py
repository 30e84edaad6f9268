"""Plain data as blocks of a view: fields with labels, tables, lists and texts, up to a number of characters.

The data may be still being written. Of long data the start or the end is read, and no more than is shown.
"""

from __future__ import annotations

import json
from itertools import islice
from typing import TYPE_CHECKING, Any, Literal

from progressnb.folds.shapes import is_described, is_dict, is_list, is_nothing, is_number
from progressnb.folds.texts import brief, count_text, humanize, visible, window

if TYPE_CHECKING:
    from collections.abc import Iterator

    from progressnb.folds.tree import Block
    from progressnb.wire.scanner import Path

__all__ = ["DataBlocks", "value_text"]

# Characters that a block and a cell count beside their own: a million empty items are a lot, too.
_BLOCK, _CELL = 40, 6
_DEEPEST = 6  # levels of fields and lists; what is deeper is shown as JSON
_MOST_COLUMNS = 12
_LABEL_LIMIT = 80
_NOTHING = "–"
_DIGITS, _NOISE = 12, 6  # digits that count; digits of a number behind these that are zeros, or nines, but for the last


class DataBlocks:
    """Make blocks of plain data, of at most `limit` characters from its start or its end.

    `omitted` says in words what is left out, and is empty where nothing is.
    """

    def __init__(self, limit: int, keep: Literal["start", "end"] = "start") -> None:
        self._left = limit
        self._keep: Literal["start", "end"] = keep
        self._characters = 0  # left out of texts
        self._items = 0  # left out of lists
        self._is_cut: bool = False

    @property
    def omitted(self) -> str:
        """The amount that is left out in words, such as "12,300 characters"."""
        if self._items:
            return count_text(self._items, "item")
        if self._characters:
            return count_text(self._characters, "character")
        return "more" if self._is_cut else ""

    def make(self, value: Any, open_path: Path | None = None) -> list[Block]:  # noqa: ANN401 - plain JSON data
        """Return the blocks of a value; `open_path` is the path of the value inside it that is being written."""
        return [self._block(value, "data", open_path, 0)]

    def _block(self, value: Any, key: str, here: Path | None, depth: int) -> Block:  # noqa: ANN401 - plain JSON data
        if is_described(value):
            text = value["repr"]
            if "\n" not in text:
                return self._text(text, key, is_open=False)
            # Frames and arrays draw themselves in columns of characters.
            return {"key": key, "type": "md", "nodes": [["pre", ["code", self._cut(text, _BLOCK)]]]}
        is_open = here is not None
        if depth >= _DEEPEST and (is_dict(value) or is_list(value)) and value:
            return self._text(_compact(value, self._left), key, is_open=is_open)
        if is_list(value) or is_dict(value):
            self._left -= _BLOCK
        if is_dict(value) and value:
            return self._fields(value, key, here, depth)
        if is_list(value) and value:
            return self._table(value, key, here) or self._list(value, key, here, depth)
        return self._text(value_text(value, is_open=is_open), key, is_open=is_open)

    def _text(self, text: str, key: str, *, is_open: bool) -> Block:
        block: Block = {"key": key, "type": "text", "text": self._cut(text, _BLOCK)}
        if is_open:
            block["open"] = True
        return block

    def _cut(self, text: str, cost: int) -> str:
        start, end = window(len(text), self._left, self._keep)
        self._left -= end - start + cost
        if end - start == len(text):
            return visible(text)
        self._characters += len(text) - (end - start)
        self._is_cut = True
        return f"{'…' if start else ''}{visible(text[start:end])}{'…' if end < len(text) else ''}"

    def _fields(self, value: dict[str, Any], key: str, here: Path | None, depth: int) -> Block:
        items: list[Block] = []
        names = list(islice(value if self._keep == "start" else reversed(value), max(0, self._left // _BLOCK + 1)))
        for name in names:
            if self._left <= 0:
                break
            self._left -= min(len(name), _LABEL_LIMIT)
            block = self._block(value[name], _key(name, items), _rest(here, name), depth + 1)
            block["label"] = _label(name)
            items.append(block)
        self._is_cut = self._is_cut or len(items) < len(value)
        return {"key": key, "type": "fields", "items": items if self._keep == "start" else items[::-1]}

    def _list(self, value: list[Any], key: str, here: Path | None, depth: int) -> Block:
        items: list[Block] = []
        for index in self._indices(value):
            if self._left <= 0:
                break
            items.append(self._block(value[index], str(index), _rest(here, index), depth + 1))
        self._omit(value, len(items))
        return {"key": key, "type": "list", "items": items if self._keep == "start" else items[::-1], "bullets": True}

    def _indices(self, value: list[Any]) -> Iterator[int]:
        indices = range(len(value))
        return iter(indices if self._keep == "start" else reversed(indices))

    def _omit(self, value: list[Any], shown: int) -> None:
        if shown < len(value):
            self._is_cut = True
            self._items += len(value) - shown

    def _table(self, value: list[Any], key: str, here: Path | None) -> Block | None:
        """Return rows that have the columns of the first, or None for what is no table."""
        columns = _columns(value)
        if columns is None or (not columns and here is None):
            return None
        before = self._left, self._characters, self._is_cut
        rows: list[tuple[int, dict[str, Any], list[str]]] = []
        for index in self._indices(value):
            if self._left <= 0:
                break
            row = value[index]
            if not _is_flat(row) or not row.keys() <= columns.keys():
                self._left, self._characters, self._is_cut = before
                return None
            is_open = _rest(here, index) is not None
            self._left -= _BLOCK
            cells = [self._cut(_cell(row, name, is_open=is_open), _CELL) for name in columns]
            rows.append((index, row, cells))
        self._omit(value, len(rows))
        rows = rows if self._keep == "start" else rows[::-1]
        block: Block = {
            "key": key,
            "type": "table",
            "columns": [_label(name) for name in columns],
            "numeric": [_is_numeric([row.get(name) for _, row, _ in rows]) for name in columns],
            "rows": [{"key": str(index), "cells": cells} for index, _, cells in rows],
        }
        if here is not None:
            block["open"] = True
        return block


def value_text(value: object, *, is_open: bool = False) -> str:
    """Return a single value as people read it: yes and no, and "–" for nothing."""
    if is_nothing(value):
        return "" if is_open else _NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    return _number(value) if isinstance(value, float) else str(value)


def _number(value: float) -> str:
    """Return a number without the noise of floating point: 0.1 + 0.2 is 0.3, and a third keeps its digits."""
    text, clean = str(value), str(float(f"{value:.{_DIGITS}g}"))
    return clean if len(text) - len(clean) >= _NOISE else text


def _compact(value: object, limit: int) -> str:
    """Return the start of a value as JSON; no more of it is written than is wanted."""
    parts: list[str] = []
    for part in json.JSONEncoder(ensure_ascii=False).iterencode(value):
        parts.append(part)
        limit -= len(part)
        if limit < 0:
            break
    return "".join(parts)


def _label(name: str) -> str:
    return brief(humanize(name[: 2 * _LABEL_LIMIT]), _LABEL_LIMIT)


def _key(name: str, items: list[Block]) -> str:
    shown = brief(name, _LABEL_LIMIT)
    return name if shown == name else f"{shown}#{len(items)}"


def _rest(here: Path | None, step: str | int) -> Path | None:
    return here[1:] if here and here[0] == step else None


def _columns(value: list[Any]) -> dict[str, None] | None:
    first = value[0]
    if not _is_flat(first) or len(first) > _MOST_COLUMNS:
        return None
    return dict.fromkeys(first)


def _is_flat(value: object) -> bool:
    if not is_dict(value) or is_described(value):
        return False
    return not any((is_dict(item) or is_list(item)) and item for item in value.values())


def _cell(row: dict[str, Any], name: str, *, is_open: bool) -> str:
    return value_text(row.get(name), is_open=is_open)


def _is_numeric(values: list[object]) -> bool:
    told = [value for value in values if value is not None]
    return bool(told) and all(map(is_number, told))
