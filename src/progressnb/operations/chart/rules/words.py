"""The words of a question: which name a column, which ask for something, which say nothing."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from rapidfuzz import fuzz

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

__all__ = ["HOW", "TIME", "UNITS", "How", "Mention", "Question", "is_identifier", "parts_of", "pattern"]

How: TypeAlias = Literal["sum", "avg", "count", "min", "max", "median", "distinct"]

_DIFFERENT = r"distinct|unique|different"
_NUMBER_OF = r"how many|number of|count(?: of)?"
HOW: dict[How, str] = {
    "distinct": rf"(?:(?:{_NUMBER_OF}) (?:the )?)?(?:{_DIFFERENT})",
    "avg": r"average|mean|avg|typical",
    "median": r"median",
    "max": r"highest|maximum|largest|max|most",
    "min": r"lowest|minimum|smallest|min|least|fewest",
    "count": _NUMBER_OF,
    "sum": r"total|sum|how much",
}
UNITS = {
    "day": r"day|days|daily",
    "week": r"week|weeks|weekly",
    "month": r"month|months|monthly",
    "quarter": r"quarter|quarters|quarterly",
    "year": r"year|years|yearly|annual|annually",
}
_SILENT = frozenset(
    """
    a an and are as at be can compare could did do does each every for from give had has have how i in is its let
    like make me my of on our per please s see show tell that the their them there these this those to was we were
    what which who with you by across display draw plot chart graph visualize visualise data dataset table
    """.split()  # noqa: SIM905 - a list of their own lines would be a page
)
_COUNTS = {"two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10}
_WORD = re.compile(r"[^\W_]+")
_PARTS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+|[^\W\d_A-Za-z]+")
_ALIKE = 82  # of 100
_UNSURE = 3  # of these 100
_SHORT = 3  # characters of a part that tells nothing


def pattern(words: str) -> re.Pattern[str]:
    """Return what finds any of these words, as wholes."""
    return re.compile(rf"(?i)\b(?:{words})\b")


TIME = pattern(r"over time|trend(?: of)?|timeline(?: of)?|develop\w*|evol\w+|history(?: of)?")
"""What asks for a course over time."""


@dataclass(frozen=True)
class Mention:
    """Where a question names a column, by the numbers of its words, and how surely, from 0 to 1."""

    sure: float
    words: range


class Question:
    """A question as words, some of which are read in time."""

    def __init__(self, text: str) -> None:
        self.text = pattern("|".join(_COUNTS)).sub(lambda match: str(_COUNTS[match[0].lower()]), text)
        self._words = [(match[0].lower(), match.start()) for match in _WORD.finditer(self.text)]

    def find(self, words: str | re.Pattern[str], *, taken: Collection[int] = ()) -> re.Match[str] | None:
        """Return where it first says any of these words, other than with words that are all taken."""
        found = (pattern(words) if isinstance(words, str) else words).finditer(self.text)
        return next((match for match in found if not self.within(match) <= set(taken)), None)

    def within(self, match: re.Match[str] | None) -> set[int]:
        """Return the numbers of the words in a match."""
        return {at for at, (_, place) in enumerate(self._words) if match and match.start() <= place < match.end()}

    def word(self, at: int) -> str:
        """Return a word, or nothing after the last."""
        return self._words[at][0] if at < len(self._words) else ""

    def unread(self, read: Iterable[int], values: Collection[str]) -> list[str]:
        """Return the words that say something and were not read; one that is silent may be a value of a column."""
        rest = sorted(set(range(len(self._words))) - set(read))
        return [
            word
            for word, place in (self._words[at] for at in rest)
            if word not in _SILENT or self.text[place : place + len(word)] in values
        ]

    def mentions(self, labels: list[str]) -> dict[str, Mention]:
        """Return the columns that are named. A word counts for one column only, the one that it fits best."""
        found: list[tuple[float, range, str]] = []
        for label in labels:
            parts = parts_of(label)
            for first in range(len(self._words)):
                span = range(first, min(first + len(parts), len(self._words)))
                said = " ".join(self._words[at][0] for at in span)
                found.append((_alike(_stem(said), _stem(" ".join(parts))), span, label))
                # "revenue" for "net_revenue_eur": a part is less sure than the whole
                word = _stem(self._words[first][0])
                alike = max((_alike(word, _stem(part)) for part in parts if len(part) > _SHORT), default=0)
                found.append((alike - _UNSURE, range(first, first + 1), label))
        claimed: set[int] = set()
        mentioned: dict[str, Mention] = {}
        for alike, span, label in sorted(found, key=lambda each: (-each[0], -len(each[1]), each[1].start)):
            if alike >= _ALIKE and label not in mentioned and not claimed & set(span):
                claimed.update(span)
                mentioned[label] = Mention(alike / 100, span)
        return mentioned


def parts_of(label: str) -> list[str]:
    """Return the words of a column's name, whichever way it is written."""
    return [part.lower() for part in _PARTS.findall(label)]


def is_identifier(label: str) -> bool:
    """Tell whether a column's name says that it tells rows apart: nobody adds such numbers."""
    return (parts_of(label) or [""])[-1] in {"id", "uuid", "guid"}


def _alike(one: str, other: str) -> float:
    # What begins otherwise is no typo: "inactive" is not "active".
    return fuzz.ratio(one, other) if one[:1] == other[:1] else 0


@functools.lru_cache(maxsize=10_000)
def _stem(text: str) -> str:
    return " ".join(re.sub(r"(?<=..)(?:ies|y)$", "i", re.sub(r"(?<=[^s])s$", "", word)) for word in text.split())
