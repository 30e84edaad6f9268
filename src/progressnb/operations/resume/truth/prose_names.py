"""The truth check of names in sentences: words with capitals that the old resume does not have."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING

from progressnb.operations.resume.words.dates import MONTHS
from progressnb.operations.resume.words.degrees import degrees
from progressnb.operations.resume.words.lists import read_phrases, read_words
from progressnb.operations.resume.words.quantities import NUMBER_WORDS, UNITS
from progressnb.operations.resume.words.terms import clip, comparison_keys, fold_case, raw_words, stem
from progressnb.operations.resume.words.vocabulary import POSITION_WORDS, STOPWORDS

from .acronyms import spelled_out
from .lexicon import ORDINARY, looks_like_verb_or_adjective
from .prose_acts import CERTAIN_RANKS, RANKS
from .prose_languages import is_language

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .original import Original
    from .segment import Found, Segment

__all__ = ["begins_known_name", "check_names", "is_denied"]

_CAPITALIZED = re.compile(r"(?<![^\W_])[^\W\d_](?:[^\W_]|[.+#'\u2019&](?=[^\W_]))*[+#]{0,2}")
_SENTENCE_END = re.compile(r"[.!?:;\n•–—|/(\"“·*+-]\s*$")
_BEGINS_COMPOUND = re.compile(r"-[a-z]")
_LABEL = re.compile(r"^[\W_]*[^\W\d_]+(?: [^\W\d_]+){0,3}:\s")
_NO_VERB = re.compile(r"\s+(?!(?:is|was|were|are|has|had|have|and)\s)[^\W_]|,\s+[a-z]")
_NO_NAMES = frozenset({*MONTHS, *UNITS, *read_words("no_names")})
_PLACES = frozenset(read_phrases("places"))
_VENDORS = frozenset(read_words("vendors"))
_SAME_START = 4  # letters that a translated name has in common: Belgian, belge
_ALIKE = 0.6  # of the letters: Bordeaux, Burdeos
_DENIED = r"\W+(?:not|never|lapsed|expired|nicht|abgelaufen|no)(?![^\W_])"
_DENYING = r"(?<![^\W_])(?:no|not|without|ohne|kein|keine|sans|sin|без)\s+(?:an?\s+)?"


def check_names(segment: Segment, old: Original) -> Iterator[Found]:
    """Find names that the old resume does not have; neighbouring words make one name."""
    text = segment.text
    spelled = list(spelled_out(text.casefold(), old.acronyms))
    names: list[list[str]] = []
    ends = 0
    label = _LABEL.match(text)
    for match in _CAPITALIZED.finditer(text, label.end() if label else 0):
        word = match[0]
        part = not word.isupper() and _BEGINS_COMPOUND.match(text, match.end())  # of "Multi-site"
        if part or (segment.capital_nouns and word[1:].islower()) or _names_nothing(word):
            continue
        beside = bool(names) and not text[ends : match.start()].strip()
        known = any(begins <= match.start() < end for begins, end in spelled) or old.has_words_of(word)
        if not known and _is_new(match, segment, old, first=not beside):
            names[-1:] = [[*names[-1], word]] if beside else [*names[-1:], [word]]
            ends = match.end()
    yield from (_claim(name, segment, old) for name in names)


def _names_nothing(word: str) -> bool:
    folded = word.casefold().rstrip(".")
    return word.casefold() in NUMBER_WORDS or folded in _NO_NAMES or is_language(word)


def _claim(run: list[str], segment: Segment, old: Original) -> Found:
    """Return a claim about a rank or about a name that can't be another word; any other one is doubted."""
    name = " ".join(run)
    why = f"The old resume does not mention {clip(name)}."
    sure = any(_is_rank(word) or _is_no_word(word, old) for word in run)
    return segment.claim(name, why) if sure and not segment.foreign else segment.doubt(why, name)


def _is_rank(word: str) -> bool:
    return not RANKS.isdisjoint(raw_words(word))


def _is_no_word(word: str, old: Original) -> bool:
    """Tell whether a name is written as no word is (SMSTS, ServiceNow, C1), and not as others say what is there."""
    plain = all(char.islower() for char in word[1:])
    short = word.casefold().removesuffix("s")
    other = (
        degrees(word)
        or not _PLACES.isdisjoint({short, word.casefold().replace(".", "")})
        or any(spelled_out(old.folded, [short]))
    )
    return not plain and not other


def _is_new(match: re.Match[str], segment: Segment, old: Original, *, first: bool) -> bool:
    """Tell whether a word is a name or a rank that the old resume lacks or denies; `first`: no name is before it."""
    word, text = match[0], segment.text
    begins = not text[: match.start()].strip() or bool(
        _SENTENCE_END.search(text[max(0, match.start() - 8) : match.start()])
    )
    if segment.foreign:
        return not begins and not word.isupper() and not _is_translated(word, old) and _lacks(word, old, first=False)
    # A plain word that begins a sentence is hardly a name, unless a verb says what the named one is or did.
    abroad = old.language not in {None, "en"}
    plain = begins and first and word[1:].islower() and (abroad or _NO_VERB.match(text, match.end()))
    if (plain and not _is_rank(word)) or begins_known_name(text[match.start() :], old):
        return False
    if word.isupper() and text[: match.start()].endswith("/"):
        return False  # UPV/EHU is one name
    if len(word) > 1 and word.isupper() and is_denied(word, old.folded) and not is_denied(word, fold_case(text)):
        return True
    named = {one.removesuffix("s") for one in raw_words(word)} & CERTAIN_RANKS
    if named:
        return not any(re.search(rf"(?<![^\W_]){one}s?(?![^\W_])", old.folded) for one in named)
    return _lacks(word, old, first=begins)


def is_denied(words: str, folded: str) -> bool:
    """Tell whether a folded text has some words only where it says that they do not hold."""
    name = rf"(?<![^\W_]){re.escape(fold_case(words))}(?![^\W_])"
    everywhere = len(re.findall(name, folded))
    return 0 < everywhere <= len(re.findall(rf"{name}{_DENIED}|{_DENYING}{name}", folded))


def _is_translated(word: str, old: Original) -> bool:
    """Tell whether a name looks like one of the old resume in another language."""
    folded = fold_case(word)
    alike = difflib.get_close_matches(folded, old.raw, n=1, cutoff=_ALIKE)
    return bool(alike) or any(one[:_SAME_START] == folded[:_SAME_START] for one in old.raw if len(one) >= _SAME_START)


def begins_known_name(text: str, old: Original) -> bool:
    """Tell whether a text begins with another name of a thing that the old resume has: Microsoft Excel for MS Excel."""
    raw = list(raw_words(" ".join(text[:80].split()[:3])))
    if len(raw) > 1 and raw[0] in _VENDORS and raw[1] not in STOPWORDS | POSITION_WORDS and old.knows(stem(raw[1])):
        return True
    for size in (3, 2):
        name = " ".join(raw[:size])
        if len(raw) >= size > len(comparison_keys(name)) and old.has(name):
            return True
    return False


def _lacks(word: str, old: Original, *, first: bool) -> bool:
    """Tell whether the old resume lacks a word that may be a name; `first` is true at the start of a sentence."""
    raw = list(raw_words(word))
    keys = comparison_keys(word)
    if not keys or all(old.knows(key) for key in keys) or all(old.knows(stem(one)) for one in raw):
        return False
    folded = word.casefold()
    if {folded.replace(".", ""), f".{folded}", folded.removesuffix("s")} & old.raw or not POSITION_WORDS.isdisjoint(
        raw
    ):
        return False  # U.S. for US, .NET; titles of no rank are told in many words
    if word.isupper() and re.search(rf"[a-z0-9]{re.escape(word)}|{re.escape(word)}[a-z0-9]", old.text):
        return False  # GIS for ArcGIS, KB for 640KB
    ordinary = all(key in ORDINARY for key in keys)
    if any(char.isupper() for char in word[1:]) or any(char in "+#&" for char in word):
        return not (ordinary and not word.isupper())
    if not word[0].isupper() or fold_case(word) in STOPWORDS or ordinary:
        return False
    # Every sentence begins with a capital: there, a word in the form of a verb or an adjective is taken as one.
    return not first or not looks_like_verb_or_adjective(word.casefold())
