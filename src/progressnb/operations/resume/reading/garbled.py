"""Words of a text that readers of files have garbled: two words without their space, and letters taken for others."""

# Letters of two alphabets.
# ruff: noqa: RUF001
from __future__ import annotations

import importlib
import re
from collections import Counter
from functools import cache
from importlib.resources import files
from typing import Any

import progressnb.operations.resume.words as words_of_package

__all__ = ["glued_words", "misread_words"]

_LONG = re.compile(r"\S{200,}")  # a picture in a text, or a line of marks
_LETTERS = re.compile(r"[^\W\d_]+")
_ADDRESS = re.compile(r"\S*(?:@|://|www\.|\.com|/)\S*")
_CAMEL = re.compile(r"[^\W\d_]*[a-zà-ÿа-яё]{3}[A-ZÀ-ÞА-ЯЁ][a-zà-ÿа-яё]{3}[^\W\d_]*")
_GLUED = re.compile(r"[^\W\d_]{3,}[.,;:][A-ZÀ-ÞА-ЯЁ][a-zà-ÿа-яё]{3}[^\W\d_]*|[^\W_]{29,}|[0-9]{4}[^\W\d_]{3,}")
_NAMES = 4  # words such as TypeScript and PowerPoint that a resume may have
_FEW = 2  # misread words that any text may have
_SMALL = re.compile(r"(?<![\w@./-])[^\W\dA-ZА-ЯЁ_][^\WA-ZА-ЯЁ_]{2,}(?![\w@/-])")  # a word in small letters
_NO_WORD = re.compile(r"[0-9]|[a-zà-ÿ][а-яё]|[а-яё][a-zà-ÿ]")  # a digit among letters, or letters of two alphabets
_ODD = 0.13  # of the words: with fewer odd ones no dictionary is asked
_UNKNOWN = 0.23  # of the words may be unknown to the dictionary of their language, as those of a trade are
_DICTIONARIES = {"no": "nb", "hr": "hbs", "bs": "hbs", "sr": "hbs", "el": "", "lv": "", "mk": "", "sq": ""}
"""The names of dictionaries that differ from the language's, "" for one that lacks more than a quarter of the words."""


def glued_words(text: str) -> list[str]:
    """Return the words that look like two without their space."""
    plain = _ADDRESS.sub(" ", _LONG.sub(" ", text))
    found = dict.fromkeys(match[0] for match in _GLUED.finditer(plain))
    camels = dict.fromkeys(match[0] for match in _CAMEL.finditer(plain))
    return list(found | (camels if len(camels) > _NAMES else {}))


def misread_words(text: str) -> list[str]:
    """Return the words that look like none of their language, if they are many.

    Such a word has a digit among its letters or letters of two alphabets. Where many words have three letters in a row
    that no other word of the text and of the package's lists has, a dictionary of the language tells which are words.
    """
    words = _SMALL.findall(_ADDRESS.sub(" ", _LONG.sub(" ", text)))
    counts = Counter(three for word in set(words) for three in _threes(word))
    known = _known_threes().union(three for three, number in counts.items() if number > 1)
    broken = [word for word in words if _NO_WORD.search(word)]
    doubted = sum(not _threes(word) <= known for word in words) > _ODD * len(words)
    found = list(dict.fromkeys(broken + (_unknown_words(text, words) if doubted else [])))
    return found if len(found) > _FEW else []


def _unknown_words(text: str, words: list[str]) -> list[str]:
    """Return the words that the dictionary of the text's language lacks, if they are more than usual texts have."""
    try:
        import simplemma

        py3langid: Any = importlib.import_module("py3langid")  # it has no types
    except ImportError:  # without the extra no PDF is read, which misread words come from
        return []
    told = str(py3langid.classify(text)[0])
    language = _DICTIONARIES.get(told, told)
    try:
        # Words of English stand in resumes of all languages.
        unknown = [word for word in words if not simplemma.is_known(word, (language, "en"), low_memory=True)]
    except ValueError:
        return []  # there is no such dictionary
    return unknown if len(unknown) > _UNKNOWN * len(words) else []


def _threes(word: str) -> set[str]:
    """Return each three letters that follow each other in a word, its ends included."""
    return {f"^{word}$"[at : at + 3] for at in range(len(word))}


@cache
def _known_threes() -> frozenset[str]:
    lists = (one for one in files(words_of_package).iterdir() if one.name.endswith(".txt"))
    words = {word for one in lists for word in _LETTERS.findall(one.read_text(encoding="utf-8").casefold())}
    return frozenset(three for word in words for three in _threes(word))
