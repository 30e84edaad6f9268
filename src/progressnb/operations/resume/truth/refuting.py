"""The refusal of claims that quotations of a model can't bear out, as far as code can tell: they stay claims.

Code refutes what has no source in the quotations: a number without any number, or with another number of the same
thing, another date, a name without a word that is its spelling, its acronym or a part of it, a rank, a level of a
degree or of a language, and what their lines say is not finished. Where it can do neither this nor bear a claim out,
the claim is told with the quotations.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from progressnb.operations.resume.words.dates import find_dates
from progressnb.operations.resume.words.degrees import degrees, full_degrees
from progressnb.operations.resume.words.quantities import find_quantities, numerals
from progressnb.operations.resume.words.terms import fold_case

from .bearing import Written, lines_of
from .lexicon import ORDINARY
from .prose_degrees import is_unfinished
from .prose_numbers import quantities_of
from .prose_titles import RANKS
from .wording import keys_of, word_after

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from progressnb.operations.resume.words.quantities import Quantity

    from .original import Original
    from .quotes import Quote
    from .segment import Found

__all__ = ["is_refuted"]

_TIMES = frozenset({"year", "month"})
_CAPITAL = r"[A-ZÀ-ÖØ-ÞЀ-Я][^\W_]*"
_JOINT = r"[ .&-]{1,2}"


def is_refuted(found: Found, quotes: Sequence[Quote], old: Original) -> bool:
    """Tell whether code can say that quotations do not bear a claim out. The fields of an entry have to be the same."""
    telling = {key for key in keys_of(found.sentence) if len(key) > 1} - ORDINARY
    if found.of_entry or not (found.foreign or telling.intersection(keys_of(lines_of(quotes)))):
        return True
    return _REFUTING.get(found.kind, _lacks_name)(found, quotes, old)


def _lacks_number(found: Found, quotes: Sequence[Quote], _old: Original) -> bool:
    """Tell whether the quotations have no number that one could come from, or count the same things by another one."""
    sentence, said = fold_case(found.sentence), [one.text for one in quotes]
    at = sentence.find(fold_case(found.text))
    there = [(one, fold_case(text)) for text in said for one in find_quantities(text)]
    dates = {iso for text in said for iso, _, _ in find_dates(text)}
    figures = {value for text in said for value in numerals(text)} | {one.value for one, _ in there}

    def lacks(one: Quantity) -> bool:
        counted = word_after(sentence, one)
        any_thing = bool(one.unit) or not counted or counted in ORDINARY  # "35 people" may be "13 agents"
        rivals = (other for other, text in there if any_thing or counted == word_after(text, other))
        if any(other.unit == one.unit and other.value != one.value for other in rivals):
            return True
        dated = one.unit in _TIMES or (one.value.isdigit() and int(one.value) <= len(dates))
        return not figures and not (dated and dates)

    ends = at + len(found.text)
    return at < 0 or any(map(lacks, (one for one in quantities_of(sentence) if at <= one.begins < ends)))


def _lacks_date(_found: Found, quotes: Sequence[Quote], _old: Original) -> bool:
    """Tell whether the quotations have another date, or no number at all."""
    return any(any(find_dates(one.text)) or not numerals(one.text) for one in quotes)


def _lacks_degree(found: Found, quotes: Sequence[Quote], _old: Original) -> bool:
    lines = lines_of(quotes)
    return is_unfinished(lines) or not degrees(full_degrees(found.sentence)) <= degrees(full_degrees(lines))


def _lacks_event(found: Found, quotes: Sequence[Quote], old: Original) -> bool:
    return is_unfinished(lines_of(quotes)) or _lacks_name(found, quotes, old)


def _lacks_title(found: Found, quotes: Sequence[Quote], _old: Original) -> bool:
    there = Written(lines_of(quotes), found.sentence)
    return not all(map(there.has, re.findall(r"[^\W_]+", found.text)))


def _lacks_language(found: Found, _quotes: Sequence[Quote], old: Original) -> bool:
    """Tell whether both are in English: a resume in another language has other names for languages."""
    return not found.foreign and old.language == "en"


def _lacks_name(found: Found, quotes: Sequence[Quote], _old: Original) -> bool:
    """Tell whether no word of a name with capitals, or of those beside it, is written in the quotations."""
    there = Written(lines_of(quotes), found.sentence)
    name = rf"(?:{_CAPITAL}{_JOINT}){{0,3}}{re.escape(found.text)}(?:{_JOINT}{_CAPITAL}){{0,3}}"
    run = re.search(name, found.sentence)
    words = [one for one in re.findall(r"[^\W_]+", run[0] if run else found.text) if not one[0].islower()]
    known = any(map(there.has_part, words)) or not words
    return not known or there.denies(words) or any(fold_case(one) in RANKS and not there.has(one) for one in words)


_REFUTING: dict[str, Callable[[Found, Sequence[Quote], Original], bool]] = {
    "number": _lacks_number,
    "date": _lacks_date,
    "degree": _lacks_degree,
    "event": _lacks_event,
    "title": _lacks_title,
    "place of a title": _lacks_title,
    "language": _lacks_language,
}
"""The refutation of each kind of a claim; all others are names."""
