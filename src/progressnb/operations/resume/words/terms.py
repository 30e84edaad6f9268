"""Comparison keys: words without case, punctuation, inflection and other names.

A key is a stem, such as "develop" for "developer". Two texts speak of one thing if their keys are equal.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

from .lists import read_words
from .vocabulary import ALIASES, FILLER

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["clip", "comparison_keys", "fold_case", "has_phrase", "raw_words", "stem", "telling_keys", "without_filler"]

_WORD = re.compile(
    r"""(?<![^\W_])\.net(?![^\W_])                                   # .NET
      | [^\W_]+ (?: \.(?:js|net|io|py)(?![^\W_]) | '[^\W_]{1,2}(?![^\W_]) )? [+#]{0,2}   # node.js, driver's, c++
    """,
    re.VERBOSE,
)
_ALIASES = {tuple(name.split()): tuple(other.split()) for name, other in ALIASES.items()}
_LONGEST = max(map(len, _ALIASES))
_FIRST = {name[0] for name in _ALIASES}
_KEPT = frozenset(read_words("uninflected"))
_ENDINGS = read_words("suffixes")
_INFLECTIONS = frozenset({"s", "e", "ed", "es", "ing"})
_SHORTEST = 3  # characters of a stem
_ENDINGS_A_WORD = 3


def fold_case(text: str) -> str:
    """Return the text in small letters, with typographic variants (full width, ligatures, apostrophes) made plain."""
    return unicodedata.normalize("NFKC", text).casefold().replace("\u2019", "'")


def raw_words(text: str) -> Iterator[str]:
    """Yield the words of a text, folded and not stemmed, such as node.js, c++, driver's, 2014."""
    for match in _WORD.finditer(fold_case(text)):
        yield match[0]


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """Return a word without its English suffixes: "developer", "develops" and "development" have one stem.

    A light suffix stripper with its own list (suffixes.txt). A stem serves comparison only and may be no English word.
    """
    word = word.removesuffix("'s").replace("'", "")
    if not word.isascii() or not word.isalpha():
        return word
    # "documentation" becomes "document", which has a suffix too.
    for _ in range(_ENDINGS_A_WORD):
        shorter = _without_ending(word)
        if shorter == word:
            break
        word = shorter
    return word


def _without_ending(word: str) -> str:
    if len(word) <= _SHORTEST or word in _KEPT or word.endswith("ss"):
        return word
    if word.removesuffix("s") in _KEPT:
        return word.removesuffix("s")
    for ending in _ENDINGS:
        # Words in "is" and "us" are singular: analysis, campus.
        if ending in {"s", "es"} and word.endswith(("is", "us")):
            continue
        base = word.removesuffix(ending)
        # A short rest is likely another word: user, order.
        if base != word and len(base) >= (_SHORTEST if ending in _INFLECTIONS else _SHORTEST + 1):
            # A consonant that was doubled for the suffix becomes single: planning, running.
            doubled = ending[0] in "aeio" and len(base) > _SHORTEST and base[-1] == base[-2] and base[-1] not in "lsz"
            return base[:-1] if doubled else base
    return word


def comparison_keys(text: str) -> list[str]:
    """Return the comparison keys of a text, in order: other names are resolved, suffixes removed."""
    raw = list(raw_words(text))
    result: list[str] = []
    index = 0
    while index < len(raw):
        length = 1
        other: tuple[str, ...] = (raw[index],)
        if raw[index] in _FIRST:
            for size in range(min(_LONGEST, len(raw) - index), 0, -1):
                found = _ALIASES.get(tuple(raw[index : index + size]))
                if found:
                    length, other = size, found
                    break
        result.extend(map(stem, other))
        index += length
    return result


_FILLER_STEMS = frozenset(stem(word) for word in FILLER) | FILLER


def telling_keys(keys: Iterable[str]) -> list[str]:
    """Keep the first of each comparison key that is neither a stop word nor a word of asking."""
    return list(dict.fromkeys(key for key in keys if key not in _FILLER_STEMS))


def without_filler(text: str) -> str:
    """Remove words of asking from both ends of a text: "current BLS certification" becomes "BLS"."""
    parts = text.split()
    told = [number for number, part in enumerate(parts) if fold_case(part).strip(".,;:!?()'\"") not in FILLER]
    return " ".join(parts[told[0] : told[-1] + 1]) if told else ""


def has_phrase(joined: str, keys: list[str]) -> bool:
    """Tell whether the keys follow each other in a text of keys, which has a space at both ends."""
    return f" {' '.join(keys)} " in joined


def clip(text: str, length: int = 160) -> str:
    """Return the text on one line; a text longer than `length` characters is cut at a word and ends in "…"."""
    line = " ".join(text.split())
    if len(line) <= length:
        return line
    head, space, _ = line[:length].rpartition(" ")
    return (head if space and len(head) > length // 2 else line[:length]) + "…"
