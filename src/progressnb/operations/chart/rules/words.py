"""The words of a question, and the stems by which they are compared with names and values."""

from __future__ import annotations

import functools
import re
import unicodedata
from typing import NamedTuple

__all__ = ["Word", "joined", "joined_value", "parts_of", "split", "stem"]

_WRITTEN = {"two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10}
_WORD = re.compile(
    r"\d{4}-\d{2}(?:-\d{2})?(?!\w)|\d{1,3}(?:,\d{3})+(?:\.\d+)?(?!\w)|"
    r"\d+\.\d+(?!\w)|[^\W_]+(?:['\u2019][st]\b)?|>=|<=|!=|[<>=%,]"
)
_PARTS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+|[^\W\d_A-Za-z]+")
_IRREGULAR = {"men": "man", "women": "woman", "children": "child", "people": "person", "mice": "mouse", "feet": "foot"}


class Word(NamedTuple):
    """A word, number or sign of a question: as it is compared, as it is written, and where it begins."""

    folded: str
    text: str
    start: int


def split(question: str) -> list[Word]:
    """Return the words of a question; numbers that are written out, two to ten, become digits."""
    text = unicodedata.normalize("NFC", question)
    found = [(match[0], match.start()) for match in _WORD.finditer(text)]
    return [Word(str(_WRITTEN.get(each.casefold(), _without_s(each.casefold()))), each, at) for each, at in found]


def parts_of(label: str) -> list[str]:
    """Return the words of a column's name, written as `net_revenue`, `netRevenue` or `Net Revenue`."""
    text = unicodedata.normalize("NFC", label)
    if not text.isascii():  # German and other names: case says nothing about where their words end
        return [part.casefold() for part in re.findall(r"[^\W_]+", text)]
    return [part.lower() for part in _PARTS.findall(text)]


@functools.lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """Return a word without the end of a plural."""
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if len(word) > 4 and word.endswith(("sses", "shes", "ches", "xes")):  # noqa: PLR2004
        return word[:-2]
    word = re.sub(r"(?<=..[^s])s$", "", word)
    return re.sub(r"(?<=..)(?:ie|y)$", "i", word)


def joined(words: list[str]) -> str:
    """Return stems without blanks: "life exp", "lifeExp" and "life_exp" are one."""
    return "".join(map(stem, words))


def joined_value(value: object) -> str:
    """Return a value of a column as it is compared with words."""
    return joined(re.findall(r"[^\W_]+", str(value).casefold()))


def _without_s(word: str) -> str:
    return re.sub(r"['\u2019]s$", "", word)
