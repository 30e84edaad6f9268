"""Words of a text that readers of files have garbled: two words without their space, and letters taken for others."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

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
_DIGIT = re.compile(r"(?<![^\W_])[a-z]{1,20}[015][a-z]{1,20}(?![^\W_])")
_USUAL = {"en": 6.4, "es": 6.4, "fr": 6.3, "de": 8.4, "ru": 7.3}
"""The letters of a word, on average over a text of sentences: more than any usual text of a language has."""

_SENTENCE = 5  # words
_ALL_JOINING = STOPWORDS.union(*TELLING_WORDS.values())
# What the recognition of printed text takes for other letters.
_CONFUSED = (
    ("c", "e"),
    ("b", "h"),
    ("j", "i"),
    ("f", "t"),
    ("1", "l"),
    ("0", "o"),
    ("o", "a"),
    ("ii", "u"),
    ("rn", "m"),
)


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
    """Return the words with a digit among their letters, and joining words with a letter that stands for another."""
    joining = TELLING_WORDS.get(language_of(text) or "", frozenset())
    found = dict.fromkeys(match[0] for match in _DIGIT.finditer(_ADDRESS.sub(" ", text)))
    for word in dict.fromkeys(re.findall(r"[^\W_]+", text)):
        if 1 < len(word) < 8 and word not in _ALL_JOINING and any(one in joining for one in _corrected(word)):  # noqa: PLR2004
            found[word] = None
    return list(found)


def _corrected(word: str) -> Iterator[str]:
    for wrong, right in _CONFUSED:
        at = word.find(wrong)
        while at >= 0:
            yield word[:at] + right + word[at + len(wrong) :]
            at = word.find(wrong, at + 1)
