"""The truth check of lists in sentences: a thing among those of the old resume that it does not have."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING

from progressnb.operations.resume.words.headings import known_section
from progressnb.operations.resume.words.quantities import NUMBER_WORDS
from progressnb.operations.resume.words.terms import clip, raw_words, stem
from progressnb.operations.resume.words.trade_vocabulary import trade_vocabulary
from progressnb.operations.resume.words.vocabulary import POSITION_WORDS, STOPWORDS

from .lexicon import CUES, ORDINARY
from .prose_acts import without_names
from .prose_languages import is_language
from .wording import looks_like_verb_or_adjective

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .original import Original
    from .segment import Found, Segment

__all__ = ["check_lists"]

_JOINT = re.compile(
    r"\s*(?:[,;:·()|•]|(?<![^\W_])(?:and|und|et|y|e|и|or|sowie|with|mit|avec|con|using|including|incl|plus|also|by|via|for|für|pour|para|durch|par)(?![^\W_])|\s[&+/–—]\s)"
    r"[.\s]*"
)
_CUE = re.compile(rf"(?<![^\W_])(?:{'|'.join(map(re.escape, CUES))})(?![^\W_])")
_CUED = "¦"
_OWN = frozenset({"my", "our", "meine", "mes", "mis", "first", "last"})
_ARTICLES = frozenset({"a", "an", "the"})
_LONGEST = 4  # words of an item
_SHORTEST = 4  # letters of the word that names a thing
_COMPOUND = 5  # letters of a part of a word
_KNOWN_BESIDE = 1  # items that the old resume has, for one that it has not
_FEW = 3  # items of which one may be new


def check_lists(segment: Segment, old: Original) -> Iterator[Found]:
    """Find the one item of a list, or of the things of a sentence, of which the old resume has no word.

    Of the items that follow a phrase such as "proficient in" each may be new.
    """
    text = _CUE.sub(f", {_CUED}", without_names(segment, old))
    items = [one.strip(" .") for one in _JOINT.split(text)]
    words = [list(raw_words(item)) for item in items]
    # One word at the beginning is a verb or a label.
    things = [*zip(items, words, strict=True)][len(words[0]) == 1 :]
    new = [item for item, those in things if _is_new_thing(item, those, old)]
    known = sum(any(_knows(word, old) for word in those if _tells(word)) for those in words)
    if len(new) > max(1, len(items) // _FEW) or known < _KNOWN_BESIDE * len(new):
        cued = itertools.dropwhile(lambda item: not item.startswith(_CUED), items)
        new = [item for item in cued if item in new]
    for item in new:
        name = clip(item.strip(f" {_CUED}"))
        yield segment.claim(name, f"The old resume does not mention {name}.")


def _tells(word: str) -> bool:
    return word not in STOPWORDS and not word[0].isdigit() and word not in NUMBER_WORDS


def _is_new_thing(item: str, words: list[str], old: Original) -> bool:
    """Tell whether an item names a thing in a few words, all of them new."""
    telling = [one for one in itertools.dropwhile(lambda word: word in STOPWORDS, words) if one not in _ARTICLES]
    return (
        0 < len(telling) <= _LONGEST
        and _OWN.isdisjoint(words)
        and all(map(_tells, telling))
        and not known_section(item)
        and not all(map(_names_no_thing, telling))
        and not any(_knows(word, old) for word in telling)
    )


def _names_no_thing(word: str) -> bool:
    return (
        len(word) < _SHORTEST
        or stem(word) in ORDINARY
        or looks_like_verb_or_adjective(word)
        or is_language(word)
        or word in POSITION_WORDS
    )


def _knows(word: str, old: Original) -> bool:
    """Tell whether the old resume has a word, a part or a whole of it, or a thing that is near it."""
    key = stem(word)
    near = (one.keys for one in trade_vocabulary().near.get((key,), ()))
    return (
        old.knows(key)
        or any(all(map(old.knows, keys)) for keys in near)
        or any(min(len(one), len(word)) >= _COMPOUND and (one in word or word in one) for one in old.raw)
        or old.has_words_of(word.upper())  # at the end: each word makes a pattern
    )
