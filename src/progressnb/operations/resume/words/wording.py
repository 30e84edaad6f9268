"""The words of a resume as the truth check compares them: sentences, clauses, degrees in full, dates, titles."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .dates import normal_date
from .lexicon import DIMINISHERS, ORDINARY
from .terms import fold, words
from .vocabulary import STOPWORDS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .quantities import Quantity

__all__ = [
    "ADDRESSES",
    "DATE_KEYS",
    "compact",
    "following",
    "full_degrees",
    "has_date",
    "keys_of",
    "near",
    "plain",
    "section_of",
    "segments",
    "undiminished",
    "weight",
]

DATE_KEYS = ("startDate", "endDate", "date", "releaseDate")
ADDRESSES = frozenset({"url", "email", "phone", "image", "username"})
_SEGMENT = re.compile(
    r"\n+|[ ]·[ ]|[ ]*[•➢●▪✓][ ]*|(?<=[.!?;)])\s+(?=[^\W_a-z]|[(\"“])|(?<=[.!?;])\s+(?=[^\W_])|(?<=[.!?])(?=[A-Z])|;"
)
_CLAUSE = re.compile(r"[,;:()|–—]|(?<![^\W_])(?:and|while|by which|which|but|as well as)(?![^\W_])")
_WINDOW = 6
_MANY = 60
_DEGREE_NAMES = tuple(
    (re.compile(rf"(?<![^\W_])(?:{short})(?![^\W_])", flags), name)
    for short, flags, name in (
        (r"b\.?[ ]?sc\.?|B\.?S\.?", re.IGNORECASE, "bachelor of science"),
        (r"B\.?A\.?", 0, "bachelor of arts"),
        (r"B\.?[ ]?[Cc][Oo][Mm]\.?", 0, "bachelor of commerce"),
        (r"B\.?[ ]?[Tt]ech\.?|B\.?[ ]?TECH", 0, "bachelor of technology"),
        (r"B\.?E\.?|B\.?[ ]?[Ee]ng\.?", 0, "bachelor of engineering"),
        (r"B\.?B\.?A\.?", 0, "bachelor of business administration"),
        (r"B\.?C\.?A\.?", 0, "bachelor of computer applications"),
        (r"LL\.?[ ]?B\.?", 0, "bachelor of laws"),
        (r"m\.?[ ]?sc\.?|M\.?S\.?(?![ -][A-Z])", re.IGNORECASE, "master of science"),
        (r"M\.?A\.?", 0, "master of arts"),
        (r"M\.?[ ]?[Cc][Oo][Mm]\.?", 0, "master of commerce"),
        (r"M\.?[ ]?[Tt]ech\.?|M\.?[ ]?TECH", 0, "master of technology"),
        (r"M\.?B\.?A\.?", 0, "master of business administration"),
        (r"M\.?C\.?A\.?", 0, "master of computer applications"),
        (r"LL\.?[ ]?M\.?", 0, "master of laws"),
        (r"ph\.?[ ]?d\.?", re.IGNORECASE, "doctor of philosophy"),
    )
)


def full_degrees(text: str) -> str:
    """Write the short names of degrees in full, so that B.Sc. and Bachelor of Science are one."""
    for pattern, name in _DEGREE_NAMES:
        text = pattern.sub(name, text)
    return text


def plain(text: str) -> str:
    """Return the text as it is compared word for word."""
    return " ".join(fold(text).replace("\u2018", "'").replace("\u201c", '"').replace("\u201d", '"').split()).strip(
        " .;,"
    )


def compact(text: str) -> str:
    """Return an address or a telephone number without what is only notation."""
    address = re.sub(r"^(?:https?://)?(?:www\.)?", "", fold(text).strip()).rstrip("/")
    return "".join(char for char in address if char.isalnum())


def segments(text: str) -> list[str]:
    """Cut a text into sentences and items."""
    return [part for part in (piece.strip(" \t-*") for piece in _SEGMENT.split(text)) if part]


def keys_of(text: str) -> list[str]:
    """Return the comparison keys of a text without words like "the", degrees in full."""
    return [key for key in words(full_degrees(text)) if key not in STOPWORDS]


def section_of(path: str) -> str:
    """Return the section of a place."""
    return re.split(r"[.\[]", path, maxsplit=1)[0]


def near(text: str, quantity: Quantity) -> frozenset[str]:
    """Return the words around a quantity, up to the ends of its clause; `text` is folded."""
    begins = max(
        (found.end() for found in _CLAUSE.finditer(text, max(0, quantity.begins - 120), quantity.begins)), default=0
    )
    after = _CLAUSE.search(text, quantity.ends, quantity.ends + 120)
    begins = max(begins, quantity.begins - 120)
    ends = min(after.start() if after else len(text), quantity.ends + 120)
    before = words(text[begins : quantity.begins])[-_WINDOW:]
    behind = words(text[quantity.ends : ends])[:_WINDOW]
    return frozenset(key for key in (*before, *behind) if key not in STOPWORDS and not key.isdigit())


def following(text: str, quantity: Quantity) -> str:
    """Return the word after a quantity, which says what it counts; `text` is folded."""
    behind = [key for key in words(text[quantity.ends : quantity.ends + 40])[:2] if key not in STOPWORDS]
    return behind[0] if behind and not behind[0].isdigit() else ""


def weight(keys: Iterable[str]) -> int:
    """Return how much words that meet say: a word that rewriting adds says half of another."""
    return sum(1 if key in ORDINARY else 2 for key in keys)


def has_date(text: str, dates: set[str]) -> bool:
    """Tell whether a date, or a more exact one, or its month as a first day, is among dates."""
    iso = normal_date(text)
    first_day_of = iso.removesuffix("-01") if iso.count("-") == 2 else iso  # noqa: PLR2004 - year, month, day
    return any(one in {iso, first_day_of} or one.startswith(iso + "-") for one in dates)


def undiminished(joined: str, keys: list[str]) -> bool:
    """Tell whether a title stands there without a word that makes it a lower one."""
    phrase = f" {' '.join(keys)} "
    begins = joined.find(phrase)
    if begins < 0:
        return not keys
    for _ in range(_MANY):
        if begins < 0:
            return False
        before = joined[max(0, begins - 40) : begins].split()
        behind = joined[begins + len(phrase) : begins + len(phrase) + 40].split()
        own = DIMINISHERS.isdisjoint(before[-1:]) and DIMINISHERS.isdisjoint(behind[:1])
        if own:
            return True
        begins = joined.find(phrase, begins + 1)
    return True
