"""The truth check of names in sentences: words with capitals that the old resume does not have."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from progressnb.operations.resume.words.dates import MONTHS
from progressnb.operations.resume.words.language import language_of
from progressnb.operations.resume.words.quantities import NUMBER_WORDS, UNITS
from progressnb.operations.resume.words.terms import clip, comparison_keys, fold_case, raw_words, stem
from progressnb.operations.resume.words.vocabulary import STOPWORDS

from .acronyms import spelled_out
from .lexicon import ORDINARY
from .prose_titles import CERTAIN_TITLES, RAISERS
from .wording import looks_like_verb_or_adjective

if TYPE_CHECKING:
    from collections.abc import Iterator

    from progressnb.operations.resume.schemas import Claim

    from .original import Original
    from .segment import Segment

__all__ = ["check_names"]

_CAPITALIZED = re.compile(r"(?<![^\W_])[^\W\d_](?:[^\W_]|[.+#'\u2019&](?=[^\W_]))*[+#]{0,2}")
_SENTENCE_END = re.compile(r"[.!?:;\n•–—|(\"“·-]\s*$")
_BEGINS_COMPOUND = re.compile(r"-[a-z]")
_NO_VERB = re.compile(r"\s+(?!(?:is|was|were|are|has|had|have|and)\s)[a-z]")
_NO_NAMES = frozenset({*MONTHS, *UNITS, "approx", "ca", "incl", "fy"})


def check_names(segment: Segment, old: Original) -> Iterator[Claim]:
    """Find names that the old resume does not have; neighbouring words make one name."""
    run: list[str] = []
    ends = 0
    text = segment.text
    nouns = language_of(text) == "de" or old.language == "de"  # which German writes with capitals too
    spelled = list(spelled_out(text.casefold(), old.acronyms))
    for match in _CAPITALIZED.finditer(text):
        word = match[0]
        if (
            (nouns and word[1:].islower())
            or word.casefold() in NUMBER_WORDS
            or word.casefold().rstrip(".") in _NO_NAMES
            or _BEGINS_COMPOUND.match(text, match.end())
            or any(begins <= match.start() < ends for begins, ends in spelled)
            or old.has_words_of(word)
        ):
            continue
        if run and text[ends : match.start()].strip():
            yield _claim(run, segment)
            run = []
        first = not text[: match.start()].strip() or bool(
            _SENTENCE_END.search(text[max(0, match.start() - 8) : match.start()])
        )
        # A plain word that begins a sentence is hardly a name, unless a verb says what the named one is or did.
        plain = first and not run and word[1:].islower() and _NO_VERB.match(text, match.end())
        titled = not segment.foreign and not (CERTAIN_TITLES | RAISERS).isdisjoint(raw_words(word))
        if (
            (titled or not plain)
            and not (segment.foreign and (first or word.isupper()))
            and _is_unsupported(word, old, first=first, titles=not segment.foreign)
            and not _begins_known_name(text[match.start() :], old)
        ):
            run.append(word)
        elif run:
            yield _claim(run, segment)
            run = []
        ends = match.end()
    if run:
        yield _claim(run, segment)


def _claim(run: list[str], segment: Segment) -> Claim:
    name = " ".join(run)
    return segment.claim(name, f"The old resume does not mention {clip(name)}.")


def _begins_known_name(text: str, old: Original) -> bool:
    """Tell whether a text begins with another name of a thing that the old resume has: Microsoft Excel for MS Excel."""
    for size in (3, 2):
        raw = list(raw_words(" ".join(text[:80].split()[:size])))
        keys = comparison_keys(" ".join(raw))
        if len(raw) == size > len(keys) and old.supports(keys):
            return True
    return False


def _is_unsupported(word: str, old: Original, *, first: bool, titles: bool) -> bool:
    """Tell whether a word is a name or title that the old resume lacks; `first` is true at the start of a sentence."""
    raw = list(raw_words(word))
    keys = comparison_keys(word)
    named = {one.removesuffix("s") for one in raw} & CERTAIN_TITLES if titles else set[str]()
    if named and not any(one in old.raw or one + "s" in old.raw for one in named):
        return True
    if not keys or all(old.knows(key) for key in keys) or all(old.knows(stem(one)) for one in raw):
        return False
    if word.isupper() and re.search(rf"[a-z]{re.escape(word)}|{re.escape(word)}[a-z]", old.whole):
        return False  # GIS for ArcGIS
    ordinary = all(key in ORDINARY for key in keys)
    if any(char.isupper() for char in word[1:]) or any(char in "+#&" for char in word):
        return not (ordinary and not word.isupper())
    if not word[0].isupper() or fold_case(word) in STOPWORDS or ordinary:
        return False
    # Every sentence begins with a capital: there, a word in the form of a verb or an adjective is taken as one.
    return not first or not looks_like_verb_or_adjective(word.casefold())
