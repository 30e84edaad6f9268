"""The truth check of sentences: numbers, dates, degrees, names, titles and skills that they claim."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from progressnb.operations.resume.words.headings import known_section
from progressnb.operations.resume.words.language import TELLING_WORDS, is_in_another_language, language_of
from progressnb.operations.resume.words.sentences import segments
from progressnb.operations.resume.words.terms import raw_words, stem
from progressnb.operations.resume.words.vocabulary import STOPWORDS

from .prose_acts import check_acts, check_standing, check_titles
from .prose_dates import check_dates
from .prose_degrees import check_degrees
from .prose_languages import check_languages
from .prose_names import check_names
from .prose_numbers import check_numbers
from .prose_skills import check_skills
from .segment import Doubt, Found, Segment
from .wording import normalize

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from progressnb.operations.resume.documents.paths import Leaf

    from .original import Original

__all__ = ["CHECKS", "check_prose"]

CHECKS: dict[str, Callable[[Segment, Original], Iterator[Found]]] = {
    "number": check_numbers,
    "date": check_dates,
    "degree": check_degrees,
    "name": check_names,
    "language": check_languages,
    "standing": check_standing,
    "title": check_titles,
    "act": check_acts,
    "skill": check_skills,
}
"""The checks of a sentence, by the kind of fact. Those of words compare texts of one language alone."""

_OF_WORDS = ("title", "skill")
_HEADING = re.compile(r"[^\W\d_]+(?:(?: | & | ?[/,] ?)[^\W\d_]+){0,3}")
_FEW = 3  # words that tell a language
_SHORTEST_SENTENCE = 4  # keys: less may be said of several jobs


def check_prose(leaf: Leaf, old: Original, entry: str | None, asked: dict[tuple[str, ...], str]) -> Iterator[Found]:
    """Check the sentences of a text.

    `entry` is the old entry that the text belongs to, if any. `asked` has the skills of the posting, by their keys.
    """
    # Where the old resume was a text, rules guessed its entries, and a sentence may belong to another one.
    entry = entry if old.structured else None
    foreign = is_in_another_language(leaf.text, old.language) or _is_strange(leaf.text, old)
    german = "de" in {language_of(leaf.text), old.language}
    lines = [line for line in re.split(r"\n|[ ]·[ ]", leaf.text) if line.strip()]
    lines = [line for line in lines if len(lines) == 1 or not _is_heading(line.strip(" :"))]
    for text in (part for line in lines for part in ([line] if old.has_sentence(line) else segments(line))):
        strange = foreign or is_in_another_language(text, old.language) or _is_strange(text, old)
        nouns = german or language_of(text) == "de"
        segment = Segment(text, entry, place=leaf.path, foreign=strange, capital_nouns=nouns, asked=asked)
        if old.has_sentence(text):
            yield from _check_moved(segment, old)
            continue
        kinds = [kind for kind in CHECKS if kind not in _OF_WORDS or not segment.foreign]
        found = [one for kind in kinds for one in _checked(kind, segment, old)]
        # Its wording as a whole is doubted if nothing else is found.
        yield from [one for one in found if one.kind != "act" or not isinstance(one, Doubt)] or found


def _checked(kind: str, segment: Segment, old: Original) -> Iterator[Found]:
    for one in CHECKS[kind](segment, old):
        one.kind = kind
        yield one


def _is_heading(line: str) -> bool:
    return bool(known_section(line)) or (line.isupper() and _HEADING.fullmatch(line) is not None)


def _is_strange(text: str, old: Original) -> bool:
    """Tell whether a text of no certain language has hardly a word of an old resume that is not in English."""
    if old.language in {None, "en"} or language_of(text):
        return False
    words = [word for word in raw_words(text) if word.isalpha() and word not in STOPWORDS]
    common = sum(old.knows(stem(word)) or word in TELLING_WORDS[str(old.language)] for word in words)
    return len(words) >= _FEW and common <= len(words) / 2


def _check_moved(segment: Segment, old: Original) -> Iterator[Found]:
    """Find a sentence of the old resume that was moved to another entry."""
    owners = old.owners[normalize(segment.text)]
    moved = segment.entry and segment.entry not in owners and None not in owners
    if moved and len(segment.keys) >= _SHORTEST_SENTENCE:
        yield segment.claim(segment.text, f"The old resume says this of {min(map(str, owners))}, not here.")
