"""Texts of others made ready for a screen: hidden characters as signs, names as words, short forms, cuts."""

from __future__ import annotations

import re
from typing import Literal

from progressnb.wire.plain import clean_text, one_line

__all__ = ["DECEIVING", "LINE_END", "brief", "count_text", "humanize", "quoted", "visible", "window"]

LINE_END = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
"""A line end that is not `\n`."""

DECEIVING = (
    "\x00-\x08\x0e-\x1f\x7f-\x9f\xad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ud800-\udfff\ufeff"
    "\U000e0000-\U000e0fff"
)
"""A set of a regular expression: controls, and bidirectional and invisible characters, which deceive a reader."""

_DROPPED = re.compile("[\xad\u200b\u2060\ufeff]+")
_HIDDEN = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f]|[\x80-\x9f\u202a-\u202e\u2061-\u206f\ufff9-\ufffb]|[\U000e0000-\U000e0fff]+"
)
_PICTURES = 0x2400  # the block of Unicode with a picture for each of the first 32 control characters
_DELETE = 0x7F

_ACRONYMS = frozenset({"api", "id", "json", "sql", "uri", "url"})
_WORDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[_\-\s]+")
_STEPS = 4  # a cut moves on by a quarter of what is shown, so that it stands still for most tokens


def visible(text: str) -> str:
    r"""Return text in which no character hides or deceives.

    Control characters and those that turn the direction of what follows become signs: `\x1b` is `␛`, U+202E is
    `⟨U+202E⟩`. Characters without a width are left out, and line ends of all kinds are `\n`.
    """
    if text.isascii() and text.isprintable():  # nearly always, and known at once
        return text
    text = LINE_END.sub("\n", clean_text(text))
    return _HIDDEN.sub(_sign, _DROPPED.sub("", text))


def _sign(match: re.Match[str]) -> str:
    code = ord(match[0][0])
    if code < ord(" "):
        return chr(_PICTURES + code)
    if code == _DELETE:
        return "␡"
    return f"⟨U+{code:04X}{'…' if len(match[0]) > 1 else ''}⟩"


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
