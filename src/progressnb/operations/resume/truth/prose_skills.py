"""The truth check of skills in sentences."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING

from progressnb.operations.resume.words.terms import clip, comparison_keys, raw_words, stem
from progressnb.operations.resume.words.trade_vocabulary import trade_vocabulary
from progressnb.operations.resume.words.vocabulary import ALIASES, STOPWORDS

from .lexicon import CUES, JOINING_WORDS, MAKING_VERBS, ORDINARY, SKILLS, WORD_SKILLS
from .prose_languages import is_language
from .wording import looks_like_verb_or_adjective

if TYPE_CHECKING:
    from collections.abc import Iterator

    from progressnb.operations.resume.schemas import Claim

    from .original import Original
    from .segment import Segment

__all__ = ["check_skills"]

_A_KIND = 0.4  # credit of a kind or a part of a skill: it shows the skill, the skill does not show it
_LONG = 6  # letters
_LONGEST = 3  # words of a skill


def check_skills(segment: Segment, old: Original, asked: dict[tuple[str, ...], str]) -> Iterator[Claim]:
    """Find skills that the old resume does not have: listed ones, those of the posting (`asked`), those after a cue."""
    yield from _known_skills(segment, old, asked)
    raw = list(raw_words(segment.text))
    for item in (*_after_cues(raw), *_tools_of_making(raw, old)):
        keys = [key for key in comparison_keys(item) if key not in STOPWORDS and key not in ORDINARY]
        # Several words, or a known one among them, are likely the same thing in other words.
        if (
            len(item.split()) == 1
            and keys
            and not any(map(old.knows, keys))
            and not any(map(_is_no_skill, item.split()))
        ):
            yield segment.claim(item, f"The old resume does not have the skill {clip(item)}.")


def _is_related(keys: tuple[str, ...], name: str, old: Original) -> bool:
    """Tell whether the old resume has a telling word of a skill, or the main one of a compound (microservices)."""
    telling = [key for key in keys if key not in ORDINARY]
    near = (one.keys for one in trade_vocabulary().near.get(keys, ()) if one.credit > _A_KIND)
    if any(all(map(old.knows, one)) for one in near):
        return True
    one_of_many = len(keys) > 1 and any(map(old.knows, telling))
    return one_of_many or any(len(one) >= _LONG and name.endswith(one) for one in old.raw)


def _is_no_skill(word: str) -> bool:
    return word.isdigit() or looks_like_verb_or_adjective(word)


def _known_skills(segment: Segment, old: Original, asked: dict[tuple[str, ...], str]) -> Iterator[Claim]:
    keys = comparison_keys(segment.text)
    plain_words = set(raw_words(segment.text))
    languages = {word for word in plain_words if is_language(word)}
    capitals = set(re.findall(r"[^\W_]+", segment.text))
    for begins in range(len(keys)):
        for size in range(min(_LONGEST, len(keys) - begins), 0, -1):
            found = tuple(keys[begins : begins + size])
            name = SKILLS.get(found) or asked.get(found)
            if (
                not name
                or old.supports(list(found))
                or name in languages
                or old.has_phrase(name)
                or _is_related(found, name, old)
            ):
                continue
            if size == 1 and found in SKILLS and not _is_written(name, plain_words, capitals):
                continue
            yield segment.claim(_as_written(name, segment.text), f"The old resume does not have the skill {name}.")
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


def _as_written(name: str, text: str) -> str:
    found = re.search(re.escape(name), text, re.IGNORECASE)
    return found[0] if found else name


def _tools_of_making(raw: list[str], old: Original) -> Iterator[str]:
    """Yield unknown words after "in" in a sentence with a verb of making, such as "built in Rust"."""
    if MAKING_VERBS.isdisjoint(raw):
        return
    for one, other in itertools.pairwise(raw):
        known = old.knows(stem(other)) or stem(other) in ORDINARY or other in STOPWORDS or other[0].isdigit()
        if one == "in" and not known and not looks_like_verb_or_adjective(other):
            yield other


def _after_cues(raw: list[str]) -> Iterator[str]:
    """Yield the items of the list that follows a cue such as "proficient in"."""
    index = 0
    while index < len(raw):
        cue = next((cue for cue in CUES if raw[index : index + len(cue)] == cue), None)
        if cue is None:
            index += 1
            continue
        index += len(cue)
        item: list[str] = []
        while index < len(raw) and len(item) < _LONGEST:
            word = raw[index]
            if word not in JOINING_WORDS:
                item.append(word)
            elif word not in {"and", "or"} or not item:
                break
            else:
                yield " ".join(item)
                item = []
            index += 1
        if item:
            yield " ".join(item)
