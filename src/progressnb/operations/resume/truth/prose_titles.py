"""The truth check of titles in sentences."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from progressnb.operations.resume.words.lists import read_words
from progressnb.operations.resume.words.terms import raw_words, stem
from progressnb.operations.resume.words.vocabulary import POSITION_WORDS, STOPWORDS, UNCERTAIN_TITLES

from .lexicon import DIMINISHERS
from .wording import has_full_title, keys_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .original import Original
    from .segment import Found, Segment

__all__ = ["CERTAIN_RANKS", "RANKS", "check_titles"]

_CERTAIN_TITLES = frozenset(POSITION_WORDS) - UNCERTAIN_TITLES
"""Words that are a title in any place."""

RANKS = frozenset(read_words("ranks"))
"""Words that make a title a higher one."""

CERTAIN_RANKS = RANKS - UNCERTAIN_TITLES
"""Words that are a rank in any place."""

_RAISING = frozenset({"higher", "advanced", "master", "executive", "regional", "national", "global"})
"""Adjectives that make a title a higher one."""

_REGULATED = frozenset(read_words("professions"))
_OF_OTHERS = frozenset({"the", "with", "by", "to", "for"})

_FAR = 4  # words from a rank to its position


def check_titles(segment: Segment, old: Original) -> Iterator[Found]:
    """Check titles of two words such as "head nurse", and titles that the old resume has only as a lower one."""
    raw = list(raw_words(segment.text))
    for index, word in enumerate(raw):
        before = raw[index - 1] if index else ""
        position = _position(raw, index)
        raised = word in RANKS and position not in {"", *RANKS}
        whole = word in _CERTAIN_TITLES and word in old.raw and stem(before) not in DIMINISHERS
        if position and word in _RAISING and word not in old.raw:
            yield segment.claim(f"{word} … {position}", f"The old resume does not say {word} of this title.")
        elif raised and not old.supports(keys_of(f"{word} {position}")):
            yield segment.claim(f"{word} {position}", f"The old resume does not have the title {word} {position}.")
        elif whole and not has_full_title(old.joined, keys_of(word)):  # "assistant programmer" is no programmer
            yield segment.claim(word, f"In the old resume {word} is only a part of a lower title.")
        elif (
            word in _REGULATED
            and before not in _OF_OTHERS
            and not (old.knows(stem(word)) or old.supports(keys_of(word)))
        ):
            yield segment.claim(word, f"The old resume does not have the profession {word}.")


def _position(raw: list[str], index: int) -> str:
    """Return the position that a word raises, as in "senior data analyst", or ""."""
    behind = itertools.takewhile(lambda one: one not in STOPWORDS, raw[index + 1 : index + _FAR])
    return next((one for one in behind if one in POSITION_WORDS), "") if raw[index] in RANKS | _RAISING else ""
