"""Acronyms and the names that they stand for: PI for principal investigator, RTUs for rooftop units."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from progressnb.operations.resume.words.terms import fold_case

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["acronyms_of", "spelled_out", "stands_for_words"]

_ACRONYM = re.compile(r"(?<![^\W_])(?:[A-Z]&?){2,8}(?=s?(?![^\W_]))")
_SMALL = r"(?:of|and|for|the|in|as|an?|to|de|del|des|du|la|las|los|les|der|und|für|y)"
# Every repetition is bounded, so that a long text costs linear time.
_JOINT = rf"[^\W_]{{0,24}}(?:'s)?[\s/&-]{{1,3}}(?:{_SMALL}\s){{0,2}}(?!{_SMALL}\s)"
_INNER = r"[^\W\d_]{2,7}"  # a compound, such as rooftop, may give two letters
_BEGINS_ITEM = re.compile(r"(?:^|[\n,;:(•·|/–—*+-]|(?<![^\W_])(?:and|und|et|y|и))[\s]*$")
_SHORTEST_WITH_INNER = 3
_MOST = 60


def acronyms_of(text: str) -> set[str]:
    """Return the words of a text that are written in capitals, in small letters."""
    return {found[0].replace("&", "").casefold() for found in _ACRONYM.finditer(text)}


def spelled_out(folded: str, acronyms: Iterable[str]) -> Iterator[tuple[int, int]]:
    """Yield each place of a folded text whose words have the initials of one of the acronyms."""
    for acronym in sorted(acronyms)[:_MOST]:
        for found in _words_of(acronym)[0].finditer(folded):
            yield found.span()


def stands_for_words(acronym: str, folded: str) -> bool:
    """Tell whether an item of a folded text begins with words whose initials are the acronym.

    One of the words may give two of the letters. In the middle of an item any letters follow each other by chance.
    """
    patterns = _words_of(acronym.removesuffix("s").replace("&", "").casefold())
    found = (match.start() for one in patterns for match in one.finditer(folded))
    return any(_BEGINS_ITEM.search(folded[max(0, begins - 8) : begins]) for begins in found)


@lru_cache(maxsize=500)
def _words_of(letters: str) -> list[re.Pattern[str]]:
    joints = [[_JOINT] * (len(letters) - 1)]
    if len(letters) >= _SHORTEST_WITH_INNER:
        joints += [[*joints[0][:at], _INNER, *joints[0][at + 1 :]] for at in range(len(letters) - 1)]
    parts = (zip(letters, [*one, r"[^\W_]{0,24}"], strict=True) for one in joints)
    return [re.compile(rf"(?<![^\W_]){''.join(letter + joint for letter, joint in one)}") for one in parts]
