"""The words of a question: finding patterns and names of columns in it, and which words remain unread."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from progressnb.operations.chart.rules.patterns import pattern
from progressnb.operations.chart.rules.word_lists import word_list
from progressnb.wire import similarity

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

__all__ = ["Mention", "Question", "is_identifier", "parts_of"]

_NUMBERS = {"two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10}
_WORD = re.compile(r"[^\W_]+")
_PARTS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+|[^\W\d_A-Za-z]+")

_ALIKE = 82
"""The similarity, 0–100, from which on words of a question name a column."""

_PART_PENALTY = 3
"""Taken from the similarity where only a part of the column's name is meant."""

_SHORT = 3
"""Characters up to which a part of a column's name is too short to stand for it."""


@dataclass(frozen=True)
class Mention:
    """The place where a question names a column: its words by number, and the similarity from 0 to 1."""

    similarity: float
    words: range


class Question:
    """A question as numbered words. Numbers that are written out, two to ten, become digits."""

    def __init__(self, text: str) -> None:
        self.text = pattern("|".join(_NUMBERS)).sub(lambda match: str(_NUMBERS[match[0].lower()]), text)
        self._words = [(match[0].lower(), match.start()) for match in _WORD.finditer(self.text)]

    def find(self, words: str | re.Pattern[str], *, taken: Collection[int] = ()) -> re.Match[str] | None:
        """Return the first match that is not only of `taken` words, or None."""
        found = (pattern(words) if isinstance(words, str) else words).finditer(self.text)
        return next((match for match in found if not self.within(match) <= set(taken)), None)

    def within(self, match: re.Match[str] | None) -> set[int]:
        """Return the numbers of the words in a match."""
        return {at for at, (_, place) in enumerate(self._words) if match and match.start() <= place < match.end()}

    def word(self, at: int) -> str:
        """Return the word of a number, or an empty text after the last."""
        return self._words[at][0] if at < len(self._words) else ""

    def unread(self, read: Iterable[int], values: Collection[str]) -> list[str]:
        """Return the words that were not read and that matter.

        Silent words, such as "please", don't matter unless the very same text is one of the `values` of a column.
        """
        silent = word_list("silent_words.txt")
        rest = sorted(set(range(len(self._words))) - set(read))
        return [
            word
            for word, place in (self._words[at] for at in rest)
            if word not in silent or self.text[place : place + len(word)] in values
        ]

    def mentions(self, labels: list[str]) -> dict[str, Mention]:
        """Return the columns that the question names. A word counts for the one column that it fits best."""
        found = [candidate for label in labels for candidate in self._candidates(label)]
        claimed: set[int] = set()
        mentioned: dict[str, Mention] = {}
        for alike, span, label in sorted(found, key=lambda each: (-each[0], -len(each[1]), each[1].start)):
            if alike >= _ALIKE and label not in mentioned and not claimed & set(span):
                claimed.update(span)
                mentioned[label] = Mention(alike / 100, span)
        return mentioned

    def _candidates(self, label: str) -> Iterable[tuple[float, range, str]]:
        """Yield each span of words with its similarity to a column's name, 0–100."""
        parts = parts_of(label)
        for first in range(len(self._words)):
            span = range(first, min(first + len(parts), len(self._words)))
            words = " ".join(self._words[at][0] for at in span)
            yield _similarity(_stem(words), _stem(" ".join(parts))), span, label
            # "revenue" for "net_revenue_eur": a part is less certain than the whole name.
            word = _stem(self._words[first][0])
            alike = max((_similarity(word, _stem(part)) for part in parts if len(part) > _SHORT), default=0)
            yield alike - _PART_PENALTY, range(first, first + 1), label


def parts_of(label: str) -> list[str]:
    """Return the words of a column's name, written as `net_revenue`, `netRevenue` or `Net Revenue`."""
    return [part.lower() for part in _PARTS.findall(label)]


def is_identifier(label: str) -> bool:
    """Tell whether a column's name says that it identifies rows: the sum of such numbers means nothing."""
    return (parts_of(label) or [""])[-1] in {"id", "uuid", "guid"}


def _similarity(one: str, other: str) -> float:
    """Return the similarity of two texts, 0–100."""
    # Words that begin with another letter are other words, not typos: "inactive" is not "active".
    return similarity(one, other) if one[:1] == other[:1] else 0


@functools.lru_cache(maxsize=10_000)
def _stem(text: str) -> str:
    """Return words without the ends of plurals."""
    return " ".join(re.sub(r"(?<=..)(?:ies|y)$", "i", re.sub(r"(?<=[^s])s$", "", word)) for word in text.split())
