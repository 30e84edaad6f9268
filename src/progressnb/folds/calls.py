"""The call of a tool in a few words: its first argument, and a word of its result."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from progressnb.folds.data import value_text
from progressnb.folds.shapes import is_described, is_dict, is_list, is_nothing
from progressnb.folds.texts import brief, count_text, humanize, quoted
from progressnb.folds.words import duration_text
from progressnb.wire.bounded import HIDDEN

if TYPE_CHECKING:
    from progressnb.folds.state import StageState
    from progressnb.folds.tree import Block

__all__ = ["hint_text", "latest_table", "outcome_text"]

_HINT_LIMIT = 32
_OUTCOME_LIMIT = 48
_MAIN_FIELDS = ("title", "name", "answer", "result", "summary", "text", "message", "status", "value", "count", "total")


def hint_text(arguments: object) -> str:
    """Return the first argument of a tool in a few characters, or an empty text."""
    if is_dict(arguments) and not is_described(arguments):
        arguments = next(iter(arguments.values()), None)
    return "" if arguments is None else _few_words(arguments, _HINT_LIMIT, quotes=True)


def outcome_text(stage: StageState) -> str:
    """Return a word of the result of a tool that finished, or an empty text."""
    value = stage.data.get("result")
    if stage.status != "finished" or value is None or value == "":
        return ""
    if is_list(value):
        # Of a list that was too long for an event its number of items was written beside it.
        number = stage.data.get("result_length")
        if isinstance(number, int) and not isinstance(number, bool) and number >= len(value):
            return f"→ {count_text(number, 'result')}"
        return f"→ {_count(value, 'result')}"
    if is_dict(value) and not is_described(value):
        return f"→ {_main_field(value)}"
    return f"→ {_few_words(value, _OUTCOME_LIMIT)}"


def _main_field(value: dict[str, Any]) -> str:
    lists = [(name, item) for name, item in value.items() if is_list(item)]
    if len(lists) == 1:
        name, items = lists[0]
        word = brief(humanize(name).lower(), _HINT_LIMIT)
        return _count(items, word, word)
    for name in _MAIN_FIELDS:
        if name in value and not isinstance(item := value[name], dict | list) and not is_nothing(item):
            return _few_words(item, _OUTCOME_LIMIT)
    return _count(value, "field")


def _count(value: list[Any] | dict[str, Any], word: str, plural: str = "") -> str:
    """Return the number of items in words: "20 results", and "8+ results" where the last ones were left out."""
    if value and [*value][-1] == HIDDEN:
        return f"{len(value) - 1:,}+ {plural or f'{word}s'}"
    return count_text(len(value), word, plural)


def _few_words(value: object, limit: int, *, quotes: bool = False) -> str:
    if isinstance(value, str):
        return quoted(value, limit) if quotes else brief(value, limit)
    if is_list(value):
        return _count(value, "item")
    if is_described(value):
        return brief(value["repr"], limit)
    if is_dict(value):
        return _count(value, "field")
    return brief(value_text(value), limit)


def latest_table(stages: list[StageState]) -> Block:
    """Return the latest stages of a kind as a table: what they were given, what they gave, how long they took."""
    rows: list[dict[str, Any]] = [
        {
            "key": stage.path,
            "cells": [
                hint_text(stage.data.get("arguments")) or "–",
                outcome_text(stage).removeprefix("→ ") or "–",
                duration_text(stage.duration),
            ],
        }
        for stage in stages
    ]
    columns = [("Argument", False), ("Result", False), ("Time", True)]
    told = [index for index in range(len(columns)) if any(row["cells"][index] != "–" for row in rows)]
    return {
        "key": "latest",
        "type": "table",
        "columns": [columns[index][0] for index in told],
        "numeric": [columns[index][1] for index in told],
        "rows": [{"key": row["key"], "cells": [row["cells"][index] for index in told]} for row in rows],
    }
