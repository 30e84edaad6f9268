"""The facts that words of the old resume bear out: code decides it, whatever a model says.

A number needs itself or its parts in the quotation, a date, degree, name or title itself. The check that found a claim
is asked again with the quoted lines as the whole old resume.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from progressnb.operations.resume.documents.json_resume import JSONResume
from progressnb.operations.resume.reading.confidence import Reading
from progressnb.operations.resume.reading.inputs import ResumeDocument
from progressnb.operations.resume.words.dates import find_dates
from progressnb.operations.resume.words.degrees import degrees, full_degrees
from progressnb.operations.resume.words.quantities import find_quantities, numerals
from progressnb.operations.resume.words.terms import fold_case, raw_words, stem

from .acronyms import acronyms_of, shortened, spelled_out
from .computed import follows_from
from .lexicon import ORDINARY
from .original import Original
from .prose import CHECKS
from .prose_names import is_denied
from .prose_numbers import quantities_of
from .prose_titles import RANKS
from .segment import Doubt, Found, Segment
from .wording import has_date, keys_of, without_notation

if TYPE_CHECKING:
    from .quotes import Quote

__all__ = ["Written", "bears_out", "lines_of"]

_PARTS = 4  # numbers of the quotations: from more of them anything follows
_ALIKE = 0.75  # of the letters of a name in two spellings
_LONG_PART = 4  # letters of a word within another one


def bears_out(found: Found, quotes: Sequence[Quote], old: Original) -> bool:
    """Tell whether quotations of the old resume can bear out a claim of the rules, or a doubt."""
    if not quotes or (old.structured and found.why.endswith("not here.")):
        return False  # JSON Resume says where a fact belongs
    if isinstance(found, Doubt) and found.kind not in _FACTS:
        return True
    rules = _OF_ENTRIES if found.of_entry else _RULES
    return rules.get(found.kind, _has_names)(found, quotes, old)


def lines_of(quotes: Sequence[Quote]) -> str:
    """Return the whole lines that quotations stand in, each once."""
    return "\n".join(dict.fromkeys(one.line for one in quotes))


def _is_about(found: Found, line: str, besides: str = "") -> bool:
    """Tell whether a line of the old resume has a telling word of the sentence, other than those of `besides`."""
    own = {key for key in keys_of(found.sentence) if not key.isdigit()} - ORDINARY - set(keys_of(besides))
    return found.foreign or not own or not own.isdisjoint(keys_of(line))


def _is_related(found: Found, quotes: Sequence[Quote], _old: Original) -> bool:
    return any(_is_about(found, one.line) for one in quotes)


def _has_number(found: Found, quotes: Sequence[Quote], old: Original) -> bool:
    """Tell whether the quotations have each number of a claim, or those that it follows from."""
    text, sentence = fold_case(found.text), fold_case(found.sentence)
    said = list(dict.fromkeys(one.text for one in quotes))
    about = list(dict.fromkeys(one.text for one in quotes if _is_about(found, one.line)))
    there = [one for text in about for one in find_quantities(text)]
    values = {one.value for one in there} | {value for text in about for value in numerals(text)}
    units = {one.value: one.unit for one in there if one.unit}
    at = sentence.find(text)
    numbers = [one for one in quantities_of(sentence) if at <= one.begins < at + len(text)]
    return bool(numbers) and all(
        (one.value in values and (not one.unit or units.get(one.value, one.unit) == one.unit))
        or (len(there) <= _PARTS and follows_from(one, sentence, said, about, old.entries.today))
        for one in numbers
    )


def _has_dates(found: Found, quotes: Sequence[Quote], _old: Original) -> bool:
    there = {iso for quote in quotes if _is_about(found, quote.line) for iso, _, _ in find_dates(quote.text)}
    dates = [iso for iso, _, _ in find_dates(found.text)]
    return bool(dates) and all(has_date(iso, there) for iso in dates)


def _has_degree(found: Found, quotes: Sequence[Quote], old: Original) -> bool:
    levels = degrees(full_degrees(found.text if found.of_entry else found.sentence))
    there = degrees(full_degrees(lines_of(quotes)))
    return levels <= there and (found.of_entry or _is_found_no_more(found, quotes, old))


def _is_found_no_more(found: Found, quotes: Sequence[Quote], old: Original) -> bool:
    """Tell whether the check that found a claim finds nothing if the quoted lines are the whole old resume."""
    lines = lines_of(quotes)
    data = JSONResume.model_validate({"basics": {"summary": lines}})
    paper = Original(ResumeDocument(lines, data, "text", "the quotations", Reading()), old.entries.today)
    segment = Segment(found.place, found.sentence, None, found.foreign)
    return all(one.text != found.text for one in CHECKS[found.kind](segment, paper))


class Written:
    """The words of quoted lines, where a name may stand in another spelling, as an acronym or as a part of a word."""

    def __init__(self, lines: str, sentence: str = "") -> None:
        self._folded = fold_case(lines)
        self._words = set(raw_words(lines))
        self._stems = {stem(word) for word in self._words}
        folded = fold_case(sentence)
        self._spelled = "".join(folded[begins:ends] for begins, ends in spelled_out(folded, acronyms_of(lines)))

    def has(self, word: str) -> bool:
        """Tell whether a word of a name stands there."""
        name = fold_case(word)
        return (
            stem(name) in self._stems
            or name in self._spelled
            or (word.isupper() and any(spelled_out(self._folded, [name])))
            or shortened(name, self._folded.split("\n"))
            or bool(difflib.get_close_matches(name, self._words, n=1, cutoff=_ALIKE))
        )

    def has_part(self, word: str) -> bool:
        """Tell whether a word, or a long word in it, stands there: "books" for "Bookkeeping"."""
        name = fold_case(word)
        return self.has(word) or any(len(one) >= _LONG_PART and one in name for one in self._stems)

    def denies(self, words: Iterable[str]) -> bool:
        """Tell whether the lines say of one of some words that it does not hold."""
        return any(is_denied(word, self._folded) for word in words)


def _has_names(found: Found, quotes: Sequence[Quote], _old: Original) -> bool:
    """Tell whether the quotations have each word of a name, in another spelling or as an acronym.

    A word in small letters is no name: there it is enough that the quotation speaks of the same thing.
    """
    there = Written(lines_of(quotes), found.sentence)

    def has(word: str) -> bool:
        name = fold_case(word)
        return word[0].islower() or (name not in RANKS and stem(name) in ORDINARY) or there.has(word)

    words = re.findall(r"[^\W_]+", found.text)
    about = any(_is_about(found, one.line, found.text) for one in quotes)
    return about and not there.denies(words) and all(map(has, words))


def _has_address(found: Found, quotes: Sequence[Quote], _old: Original) -> bool:
    return any(without_notation(found.text) in without_notation(one.text) for one in quotes)


def _never(_found: Found, _quotes: Sequence[Quote], _old: Original) -> bool:
    return False


_Rule = Callable[[Found, "Sequence[Quote]", Original], bool]

_RULES: dict[str, _Rule] = {
    "number": _has_number,
    "date": _has_dates,
    "degree": _has_degree,
    "event": _is_found_no_more,
    "language": _is_found_no_more,
    "title": _is_found_no_more,
    "place of a title": _is_found_no_more,
    "skill": _is_found_no_more,
    "standing": _is_related,
    "act": _is_related,
}
"""The proof of each kind of a claim in a sentence; all others are names."""

_FACTS = frozenset({"number", "name", "skill"})
"""The kinds of which a doubt, too, needs words that have the fact. Doubts of other kinds are about sentences."""

_OF_ENTRIES: dict[str, _Rule] = {"date": _has_dates, "degree": _has_degree, "address": _has_address, "end": _never}
"""The proof of each kind of a claim in a field of an entry; all others are names."""
