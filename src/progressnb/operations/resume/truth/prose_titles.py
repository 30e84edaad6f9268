"""The truth check of titles in sentences."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from progressnb.operations.resume.words.lists import read_words
from progressnb.operations.resume.words.terms import raw_words, stem
from progressnb.operations.resume.words.vocabulary import POSITION_WORDS, STOPWORDS, UNCERTAIN_TITLES

from .lexicon import DIMINISHERS
from .segment import Found, Segment, mentions
from .wording import has_full_title, keys_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .original import Original

__all__ = ["CERTAIN_RANKS", "RANKS", "check_titles", "check_titles_of_employers"]

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
_CLOSE = 4  # keys between a title and an employer


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


def check_titles_of_employers(segment: Segment, old: Original) -> Iterator[Found]:
    """Check a title beside an employer: the old resume must have both in one entry, or in one sentence."""
    keys = keys_of(segment.text)
    raw = {word.removesuffix("s") for word in raw_words(segment.text)}
    employers = list(mentions(keys, old.entries.employers()))
    titles = list(mentions(keys, old.entries.by_name("position", "studyType")))
    for place in dict.fromkeys(place for place, _ in titles):
        close = [(where, path) for where, path in employers if 0 <= _distance(place, where) <= _CLOSE]
        owners = {path for where, path in titles if where == place}
        title = keys[place[0] : place[1]]
        # "Two internships" names no intern.
        named = any(stem(word) in title and word in POSITION_WORDS for word in raw) or POSITION_WORDS.isdisjoint(title)
        if not close or not named or owners.intersection(path for _, path in close):
            continue
        in_sentence = any(old.passages.with_all([*title, *keys[where[0] : where[1]]]) for where, _ in close)
        in_entry = any(
            has_full_title(old.entries[path].joined, title) and old.entries[path].has_phrase(title) for _, path in close
        )
        if not in_sentence and not in_entry:
            why = "In the old resume this title is of another place."
            yield segment.claim(segment.text, why) if old.structured else segment.doubt(why)


def _distance(one: tuple[int, int], other: tuple[int, int]) -> int:
    """Return the number of keys between two places; it is negative if they overlap."""
    return max(other[0] - one[1], one[0] - other[1])
