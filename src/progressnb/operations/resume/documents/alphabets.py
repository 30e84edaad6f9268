"""Words whose letters are of two alphabets: fonts name letters wrongly that look alike, and people mistype them."""

# Letters that look alike.
# ruff: noqa: RUF001
from __future__ import annotations

import re

__all__ = ["in_one_alphabet"]

_CYRILLIC = re.compile("[Ѐ-ӿ]")
_WORD = re.compile(r"[^\W\d_]*[Ѐ-ӿ][^\W\d_]*")
_ALIKE = str.maketrans("aceopxyABCEHKMOPTXiIjJsS", "асеорхуАВСЕНКМОРТХіІјЈѕЅ")


def in_one_alphabet(line: str) -> str:
    """Return a line with Cyrillic letters for Latin ones in Cyrillic words, and for "ĸ", as fonts of macOS name "к"."""
    if not _CYRILLIC.search(line):
        return line
    return _WORD.sub(lambda match: _repaired(match[0]), line.replace("ĸ", "к"))


def _repaired(word: str) -> str:
    made = word.translate(_ALIKE)
    latin = re.search("[A-Za-z]", made)
    return word if latin or len(_CYRILLIC.findall(word)) * 2 < len(word) else made
