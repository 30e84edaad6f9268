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

_REGULATED = frozenset(
    {"paramedic", "nurse", "midwife", "pharmacist", "physician", "dentist", "lawyer", "solicitor", "barrister"}
    | {"attorney", "architect", "psychologist", "pilot", "notary"}
)
"""Professions that need a licence: nobody calls another position so."""

_OF_OTHERS = frozenset({"the", "with", "by", "to", "for"})

_FAR = 4  # words from a rank to its position


def check_titles(segment: Segment, old: Original) -> Iterator[Found]:
    """Check titles of two words such as "head nurse", and titles that the old resume has only as a lower one."""
    raw = list(raw_words(segment.text))
    for before, word in itertools.pairwise(["", *raw]):
        if (
            word in _REGULATED
            and before not in _OF_OTHERS
            and not old.knows(stem(word))
            and not old.supports(keys_of(word))
        ):
            yield segment.claim(word, f"The old resume does not have the profession {word}.")
    for adjective, position in _ranked(raw, _RAISING):
        if adjective not in old.raw:
            yield segment.claim(f"{adjective} … {position}", f"The old resume does not say {adjective} of this title.")
    for one, other in _ranked(raw):
        if other not in RANKS:
            keys = keys_of(f"{one} {other}")
            if not old.supports(keys):
                yield segment.claim(f"{one} {other}", f"The old resume does not have the title {one} {other}.")
    for before, one in itertools.pairwise(["", *raw]):
        # "Assistant programmer" is no evidence for a programmer.
        lower = one in _CERTAIN_TITLES and one in old.raw and stem(before) not in DIMINISHERS
        if lower and not has_full_title(old.joined, keys_of(one)):
            yield segment.claim(one, f"In the old resume {one} is only a part of a lower title.")


def _ranked(raw: list[str], ranks: frozenset[str] = RANKS) -> Iterator[tuple[str, str]]:
    """Yield each word of a rank with the position that it raises, as in "senior data analyst"."""
    for index, word in enumerate(raw):
        behind = itertools.takewhile(lambda one: one not in STOPWORDS, raw[index + 1 : index + _FAR])
        position = next((one for one in behind if one in POSITION_WORDS), "") if word in ranks else ""
        if position:
            yield word, position
