"""The truth check of skills in sentences."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from progressnb.operations.resume.words.terms import comparison_keys, raw_words
from progressnb.operations.resume.words.vocabulary import ALIASES

from .lexicon import ORDINARY, SKILLS, WORD_SKILLS, looks_like_verb_or_adjective
from .prose_languages import is_language
from .prose_names import begins_known_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .original import Original
    from .segment import Found, Segment

__all__ = ["check_skills"]

_LONG = 6  # letters
_LONGEST = 3  # words of a skill


def _is_related(keys: tuple[str, ...], name: str, old: Original) -> bool:
    """Tell whether the old resume has a telling word of a skill, or the main one of a compound (microservices)."""
    telling = [key for key in keys if key not in ORDINARY]
    one_of_many = len(keys) > 1 and any(map(old.knows, telling))
    return one_of_many or any(len(one) >= _LONG and name.endswith(one) for one in old.raw)


def check_skills(segment: Segment, old: Original) -> Iterator[Found]:
    """Find skills that the old resume does not have: listed ones and those of the posting."""
    keys = comparison_keys(segment.text)
    plain_words = set(raw_words(segment.text))
    capitals = set(re.findall(r"[^\W_]+", segment.text))
    for begins in range(len(keys)):
        for size in range(min(_LONGEST, len(keys) - begins), 0, -1):
            found = tuple(keys[begins : begins + size])
            name = SKILLS.get(found) or segment.asked.get(found)
            if (
                not name
                or old.has(name)
                or (name in plain_words and is_language(name))
                or _is_related(found, name, old)
                or begins_known_name(segment.text[max(0, segment.text.casefold().find(name)) :], old)
            ):
                continue
            if size == 1 and found in SKILLS and not _is_written(name, plain_words, capitals):
                continue
            text, why = segment.written(name) or name, f"The old resume does not have the skill {name}."
            # In small letters, and in capitals that begin a text, it may be a common word.
            first = segment.text.startswith(text) and looks_like_verb_or_adjective(name)
            yield segment.doubt(why, text) if text.islower() or first else segment.claim(text, why)
            break


def _is_written(name: str, plain_words: set[str], capitals: set[str]) -> bool:
    """Tell whether a skill of one key is in the text under its name: its stem alone may be of another word."""
    if name in WORD_SKILLS:
        return name.capitalize() in capitals or name.upper() in capitals
    forms = {name, name + "s"}
    if name.endswith("ing"):
        base = name.removesuffix("ing")
        forms |= {base + "er", base + "ers"}
    other = {one for one, meant in ALIASES.items() if meant == name}
    return not plain_words.isdisjoint(forms | other)
