"""Acronyms and the names that they stand for: PI for principal investigator."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["acronyms_of", "spelled_out", "stands_for_words"]

_ACRONYM = re.compile(r"(?<![^\W_])(?:[A-Z]&?){2,8}(?=s?[0-9]{0,2}(?![^\W_]))")
_SMALL = r"(?:of|and|for|the|in|as|an?|to|de|del|des|du|la|las|los|les|der|und|für|y)"
# Every repetition is bounded, so that a long text costs linear time.
_JOINT = rf"[^\W_]{{0,24}}(?:'s)?,?[\s/&-]{{1,3}}(?:{_SMALL}\s){{0,2}}(?!{_SMALL}\s)"
_JOINT_OF_ALL = r"[^\W_]{0,24}(?:'s)?[\s/&-]{1,3}"
_BEGINS_ITEM = re.compile(r"(?:^|[\n,;:(•·|/–—*+-]|(?<![^\W_])(?:and|und|et|y|и))[\s]*$")
_MOST = 60


def acronyms_of(text: str) -> set[str]:
    """Return the words of a text that are written in capitals, in small letters."""
    return {found[0].replace("&", "").casefold() for found in _ACRONYM.finditer(text)}


def spelled_out(folded: str, acronyms: Iterable[str]) -> Iterator[tuple[int, int]]:
    """Yield each place of a folded text whose words have the initials of one of the acronyms."""
    for acronym in sorted(acronyms)[:_MOST]:
        for found in _words_of(acronym).finditer(folded):
            yield found.span()


def stands_for_words(acronym: str, folded: str) -> bool:
    """Tell whether an item of a folded text begins with words whose initials are the acronym.

    In the middle of an item any letters follow each other by chance.
    """
    words = _words_of(acronym.removesuffix("s").replace("&", "").casefold())
    found = (match.start() for match in words.finditer(folded))
    return any(_BEGINS_ITEM.search(folded[max(0, begins - 8) : begins]) for begins in found)


@lru_cache(maxsize=500)
def _words_of(letters: str) -> re.Pattern[str]:
    # The letters are of all words, or of all but the small ones: FOI, BA.
    joined = "|".join(joint.join(map(re.escape, letters)) for joint in (_JOINT, _JOINT_OF_ALL))
    return re.compile(rf"(?<![^\W_])(?:{joined})[^\W_]{{0,24}}")
