"""The language of a text, told by its most frequent words."""

# Letters of several languages.
# ruff: noqa: RUF001
from __future__ import annotations

import re
from functools import lru_cache

from .lists import read_groups
from .terms import raw_words

__all__ = ["TELLING_WORDS", "is_in_another_language", "language_of"]

TELLING_WORDS = {code: frozenset(words.split()) for code, words in read_groups("languages").items()}
"""The code of a language -> the words that tell it."""

_ENOUGH = 2  # words of the language
_CYRILLIC = re.compile(r"[а-яё]", re.IGNORECASE)
_FEW = 4  # words: fewer tell no language


@lru_cache(maxsize=2_000)
def language_of(text: str) -> str | None:
    """Return the code of a text's language (en, de, fr, es, ru), or None if it has too few telling words.

    Example:
        >>> language_of("Leitung der Abteilung für Einkauf und Logistik")
        'de'

    """
    counts = _counts(text)
    first, second = sorted(counts.values(), reverse=True)[:2]
    return max(counts, key=lambda code: counts[code]) if first >= _ENOUGH and first > second else None


def is_in_another_language(text: str, language: str | None) -> bool:
    """Tell whether a sentence is in another language than this one, also if it is too short to tell which."""
    own = language_of(text)
    if language is None or own is not None or len(text.split()) < _FEW:
        return None not in {language, own} and own != language
    if language == "ru" or _CYRILLIC.search(text):
        return (language == "ru") != (_CYRILLIC.search(text) is not None)
    counts = _counts(text)
    return not counts[language] and any(counts.values())


def _counts(text: str) -> dict[str, int]:
    words = list(raw_words(text[:20_000]))
    return {code: sum(word in telling for word in words) for code, telling in TELLING_WORDS.items()}
