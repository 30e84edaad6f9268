"""Word lists of the truth check: skills of many trades, words that claim nothing.

The check also finds skills that are not listed: by their spelling (SketchUp, C++), by a phrase before them ("proficient
in …"), and in the posting.
"""

from __future__ import annotations

import re

from progressnb.operations.resume.words.lists import read_phrases, read_words
from progressnb.operations.resume.words.terms import comparison_keys, stem
from progressnb.operations.resume.words.vocabulary import FILLER

__all__ = ["DIMINISHERS", "ORDINARY", "SKILLS", "WORD_SKILLS", "looks_like_verb_or_adjective"]

SKILLS = {tuple(keys): name for name in read_phrases("skills") if (keys := comparison_keys(name))}
"""The comparison keys of a skill -> its name."""

WORD_SKILLS = frozenset(read_words("word_skills"))
"""Skills whose name is a common word too. In small letters they count only after a cue."""

ORDINARY = frozenset(stem(word) for word in read_words("ordinary")) | {stem(word) for word in FILLER}
"""Stems of words that an honest rewrite may add: they make no claim that could be checked."""

DIMINISHERS = frozenset(stem(word) for word in read_words("lower_titles"))
"""Stems of words that make a title a lower one: "Assistant Manager" is no evidence for "Manager"."""

_VERB_OR_ADJECTIVE = re.compile(
    r"(?:ed|ing|ly|tion|sion|ment|ness|ity|ive|ous|ful|able|ible|ant|ent|ance|ence|ship|ward|wards|less|ical|ional|ised|ized|ate|ary|ory|ic|al|some)$"
)


def looks_like_verb_or_adjective(word: str) -> bool:
    """Tell whether a word ends as verbs, adjectives and abstract nouns do."""
    return _VERB_OR_ADJECTIVE.search(word) is not None
