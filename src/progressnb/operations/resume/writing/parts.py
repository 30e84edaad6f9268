"""The data of a resume without parts that are not shown, and with parts that come back."""

from __future__ import annotations

import copy
import re
from typing import TYPE_CHECKING

from progressnb.operations.resume.documents.paths import set_value, value_at

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pydantic import JsonValue

__all__ = ["with_parts", "without_cuts"]


def with_parts(data: dict[str, JsonValue], parts: Iterable[tuple[str, JsonValue]]) -> dict[str, JsonValue]:
    """Return a copy of the data with parts, each a place and its value; to a list at that place an item is added."""
    whole = copy.deepcopy(data)
    for place, value in parts:
        there = value_at(whole, place)
        set_value(whole, place, [*there, value] if isinstance(there, list) and not isinstance(value, list) else value)
    return whole


def without_cuts(data: dict[str, JsonValue], cuts: Iterable[tuple[str, str]]) -> dict[str, JsonValue]:
    """Return a copy of the data without the cut parts, each a place and the sentence that is cut there ("" for all).

    The index of each item stays valid.
    """
    shown = copy.deepcopy(data)
    for place, text in cuts:
        value = value_at(shown, place)
        if value is not None:
            rest = _without_sentence(value, text) if text and isinstance(value, str) else None
            set_value(shown, place, rest)
    return shown


def _without_sentence(value: str, sentence: str) -> str:
    """Remove a sentence and the space that it leaves."""
    shorter = value.replace(sentence, "", 1)
    return re.sub(r"[ \t]{2,9}", " ", re.sub(r"\n[ \t]{1,9}", "\n", shorter)).strip()
