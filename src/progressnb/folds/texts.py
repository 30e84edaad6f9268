"""Texts of others made ready for a screen: hidden characters as signs, names as words, short forms, cuts."""

from __future__ import annotations

import re
from typing import Literal

from progressnb.wire.plain import one_line
from progressnb.wire.visible import DECEIVING, LINE_END, visible

__all__ = ["DECEIVING", "LINE_END", "brief", "count_text", "humanize", "quoted", "visible", "window"]

_ACRONYMS = frozenset({"api", "id", "json", "sql", "uri", "url"})
_WORDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[_\-\s]+")
_STEPS = 4  # a cut moves on by a quarter of what is shown, so that it stands still for most tokens


def humanize(name: str) -> str:
    """Return a field's name as words: `match_score` as "Match score", `startDate` as "Start date"."""
    words = " ".join(_word(word) for word in _WORDS.split(name) if word)
    return words[:1].upper() + words[1:]


def _word(word: str) -> str:
    if word.lower() in _ACRONYMS:
        return word.upper()
    return word.lower() if word[1:].islower() else word


def brief(text: str, limit: int) -> str:
    """Return a foreign text as one line of at most `limit` characters, with "…" where it is cut."""
    line = one_line(text, limit)
    if line.endswith("…") and len(line) > limit:
        line = f"{line[:-1].rstrip()}…"
    return visible(line)


def quoted(text: str, limit: int) -> str:
    """Return a foreign text as one line in quotes, with "…" before the closing quote where it is cut."""
    return f'"{brief(text, limit)}"'


def count_text(count: int, word: str, plural: str = "") -> str:
    """Return a number with its word: "1 item", "1,200 items"."""
    return f"{count:,} {word if count == 1 else plural or f'{word}s'}"


def window(length: int, limit: int, keep: Literal["start", "end"]) -> tuple[int, int]:
    """Return the first and the last position of what is shown of a text of this length, `limit` characters at most.

    The end of a growing text is cut in steps, so that two paints in a row nearly always begin at the same place.
    """
    if length <= limit:
        return 0, length
    limit = max(limit, 0)
    if keep == "start":
        return 0, limit
    step = max(limit // _STEPS, 1)
    return min(length, -(-(length - limit) // step) * step), length
