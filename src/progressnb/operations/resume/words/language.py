"""The language of a text, told by its most frequent words."""

from __future__ import annotations

from functools import lru_cache

from .lists import read_groups
from .terms import raw_words

__all__ = ["language_of"]

_WORDS = {code: frozenset(words.split()) for code, words in read_groups("languages").items()}
_ENOUGH = 2  # words of the language


@lru_cache(maxsize=2_000)
def language_of(text: str) -> str | None:
    """Return the code of a text's language (en, de, fr, es, ru), or None if it has too few telling words.

    Example:
        >>> language_of("Leitung der Abteilung für Einkauf und Logistik")
        'de'

    """
    words = list(raw_words(text[:20_000]))
    counts = {code: sum(word in telling for word in words) for code, telling in _WORDS.items()}
    first, second = sorted(counts.values(), reverse=True)[:2]
    return max(counts, key=lambda code: counts[code]) if first >= _ENOUGH and first > second else None
