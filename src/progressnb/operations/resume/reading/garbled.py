"""Words of a text that readers of files have garbled: two words without their space, and letters taken for others."""

# Letters of two alphabets.
# ruff: noqa: RUF001
from __future__ import annotations

import re
from collections import Counter
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

import progressnb.operations.resume.words as words_of_package
from progressnb.operations.resume.words.language import TELLING_WORDS, language_of
from progressnb.operations.resume.words.vocabulary import STOPWORDS

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["glued_words", "has_long_words", "misread_words"]

_LETTERS = re.compile(r"[^\W\d_]+")
_ADDRESS = re.compile(r"\S*(?:@|://|www\.|\.com|/)\S*")
_CAMEL = re.compile(r"[^\W\d_]*[a-zà-ÿа-яё]{3}[A-ZÀ-ÞА-ЯЁ][a-zà-ÿа-яё]{3}[^\W\d_]*")
_GLUED = re.compile(r"[^\W\d_]{3,}[.,;:][A-ZÀ-ÞА-ЯЁ][a-zà-ÿа-яё]{3}[^\W\d_]*|[^\W_]{29,}|[0-9]{4}[^\W\d_]{3,}")
_NAMES = 4  # words such as TypeScript and PowerPoint that a resume may have
_BOTH = 2
_COMPOUNDS = 2  # words such as healthcare and database, whose halves a resume may have too
_SHORT, _HALF, _LONG = 3, 4, 8  # letters of a joining word, of any other half, and of both together
_USUAL = {"en": 6.4, "es": 6.4, "fr": 6.3, "de": 8.4, "ru": 7.3}
"""The letters of a word, on average over a text of sentences: more than any usual text of a language has."""

_SENTENCE = 5  # words
_ALL_JOINING = STOPWORDS.union(*TELLING_WORDS.values())
_SMALL = re.compile(r"(?<![\w@./-])[^\W\dA-ZА-ЯЁ_][^\WA-ZА-ЯЁ_]{2,}(?![\w@/-])")  # a word in small letters
_NO_WORD = re.compile(r"[0-9]|[a-zà-ÿ][а-яё]|[а-яё][a-zà-ÿ]")  # a digit among letters, or letters of two alphabets
_ODD = {"en": 0.13, "de": 0.25, "es": 0.25, "fr": 0.25}
"""The share of the words that may look like none, as those of a trade do: the lists have most words in English."""


def glued_words(text: str) -> list[str]:
    """Return the words that look like two without their space."""
    plain = _ADDRESS.sub(" ", text)
    found = dict.fromkeys(match[0] for match in _GLUED.finditer(plain))
    camels = dict.fromkeys(match[0] for match in _CAMEL.finditer(plain))
    halves = dict.fromkeys(_of_two(plain))
    found |= camels if len(camels) > _NAMES else {}
    return list(found | (halves if len(halves) > _COMPOUNDS else {}))


def _of_two(text: str) -> Iterator[str]:
    """Yield the words that are two words of the text, or one and a joining word such as "the"."""
    language = language_of(text)
    joining = TELLING_WORDS.get(language or "", frozenset())
    words = list(_LETTERS.findall(text.casefold()))
    known = frozenset(word for word in words if len(word) >= _HALF)
    for word in dict.fromkeys(words):
        for at in range(2, len(word) - 1):
            one, other = word[:at], word[at:]
            joins = (one in joining) + (other in joining)
            long = len(word) >= _LONG or min(len(one), len(other)) >= _SHORT
            short = joins == 1 and long and (other if one in joining else one) in known
            # German and Russian make one word of two by themselves.
            compound = language not in {"de", "ru"} and one in known and other in known
            if (joins == _BOTH and len(word) > _HALF) or short or compound:
                if word not in _ALL_JOINING:
                    yield word
                break


def has_long_words(text: str) -> bool:
    """Tell whether the words of the longer lines have more letters on average than those of a language."""
    words = [word for line in text.split("\n") if len(line.split()) >= _SENTENCE for word in _LETTERS.findall(line)]
    usual = _USUAL.get(language_of(text) or "")
    return usual is not None and bool(words) and sum(map(len, words)) > usual * len(words)


def misread_words(text: str) -> list[str]:
    """Return the words that look like none of their language, if they are many.

    Such a word has a digit among its letters, letters of two alphabets, or three letters in a row that no other word
    of the text and of the package's lists has.
    """
    words = _SMALL.findall(_ADDRESS.sub(" ", text))
    counts = Counter(three for word in set(words) for three in _threes(word))
    known = _known_threes().union(three for three, number in counts.items() if number > 1)
    usual = _ODD.get(language_of(text) or "", 0.0)
    odd = [word for word in words if _NO_WORD.search(word) or (usual and not _threes(word) <= known)]
    return list(dict.fromkeys(odd)) if len(odd) > max(_COMPOUNDS, usual * len(words)) else []


def _threes(word: str) -> set[str]:
    """Return each three letters that follow each other in a word, its ends included."""
    return {f"^{word}$"[at : at + 3] for at in range(len(word))}


@cache
def _known_threes() -> frozenset[str]:
    lists = (one for one in files(words_of_package).iterdir() if one.name.endswith(".txt"))
    words = {word for one in lists for word in _LETTERS.findall(one.read_text(encoding="utf-8").casefold())}
    return frozenset(three for word in words for three in _threes(word))
