"""The reader of word lists: text files beside this module."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

__all__ = ["parse_words", "word_list"]


@cache
def word_list(name: str) -> frozenset[str]:
    """Return the words of a file. Raises `ValueError` for one that is malformed, see `parse_words`."""
    return parse_words((files(__package__ or "") / name).read_text(encoding="utf-8"), name)


def parse_words(text: str, name: str) -> frozenset[str]:
    """Return the words of a text: lowercase, separated by blanks, with comments after `#`.

    Raises `ValueError`, with the line, for a word that is not lowercase letters or that is there twice.
    """
    found: set[str] = set()
    for number, line in enumerate(text.splitlines(), 1):
        for word in line.partition("#")[0].split():
            if not word.isalpha() or word != word.lower() or word in found:
                got = f"{word!r} a second time" if word in found else repr(word)
                raise ValueError(f"{name}, line {number}: expected lowercase words, each once, got {got}")
            found.add(word)
    return frozenset(found)
