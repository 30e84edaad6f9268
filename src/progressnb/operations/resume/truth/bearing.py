"""The facts that words of the old resume bear out: code decides it, whatever a model says.

The check that found a claim is asked again with the quoted lines as the whole old resume. A number may also follow from
the numbers of the quotations.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from progressnb.operations.resume.documents.json_resume import JSONResume
from progressnb.operations.resume.reading.confidence import Reading
from progressnb.operations.resume.reading.inputs import ResumeDocument
from progressnb.operations.resume.words.quantities import find_quantities
from progressnb.operations.resume.words.terms import fold_case

from .computed import follows_from
from .entry_facts import is_known
from .lexicon import ORDINARY
from .original import Original
from .passages import word_after
from .prose import CHECKS
from .segment import Doubt, Found, Segment
from .wording import keys_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from progressnb.operations.resume.words.quantities import Quantity

    from .quotes import Quote

__all__ = ["bears_out", "counts_otherwise", "is_related"]

_ALIKE = 0.75  # of the letters of two words
_PARTS = 4  # numbers of the quotations: from more of them anything follows
_OF_ACTS = frozenset({"standing", "act"})
_FACTS = frozenset({"number", "name", "skill"})
"""The kinds of which a doubt, too, needs words that have the fact. Doubts of other kinds are about sentences."""


def bears_out(found: Found, quotes: Sequence[Quote], old: Original) -> bool:
    """Tell whether quotations of the old resume can bear out a claim of the rules, or a doubt."""
    if not quotes or (old.structured and found.why.endswith("not here.")):
        return False  # JSON Resume says where a fact belongs
    if isinstance(found, Doubt) and found.kind not in _FACTS:
        return True
    if found.kind == "number" and _follow(found, quotes, old):
        return True
    return is_related(found, quotes) and _have_fact(found, quotes, old)


def _have_fact(found: Found, quotes: Sequence[Quote], old: Original) -> bool:
    """Tell whether the check that found a claim finds nothing if the quoted lines are the whole old resume."""
    lines = "\n".join(dict.fromkeys(one.line for one in quotes))
    data = JSONResume.model_validate({"basics": {"summary": lines}})
    paper = Original(ResumeDocument(lines, data, "text", "the quotations", Reading()), old.today)
    if found.of_entry:
        return is_known(found.kind, found.text, paper)
    segment = Segment(found.sentence, place=found.place, foreign=found.foreign)
    # An act is said in so many words that it is enough to speak of the same thing.
    return found.kind in _OF_ACTS or all(one.text != found.text for one in CHECKS[found.kind](segment, paper))


def is_related(found: Found, quotes: Sequence[Quote]) -> bool:
    """Tell whether quotations share a telling word with a sentence, or a word in the spelling of a related language."""
    words = {key for key in keys_of(found.sentence) if len(key) > 1}
    there = {key for one in quotes for key in keys_of(one.line)}
    if found.foreign or not words.isdisjoint(there - ORDINARY):
        return bool(quotes)
    return any(key.isalpha() and get_close_matches(key, there - words, n=1, cutoff=_ALIKE) for key in words)


def counts_otherwise(found: Found, quotes: Sequence[Quote]) -> bool:
    """Tell whether quotations count the same things by another number than a claim: 13 agents for 35 agents."""
    if found.kind != "number":
        return False
    said = [(word_after(text, one), one) for text in map(fold_case, _texts(quotes)) for one in find_quantities(text)]
    for number in _numbers_of(found):
        counted = word_after(fold_case(found.sentence), number)
        there = {one.value for word, one in said if counted and (word, one.unit) == (counted, number.unit)}
        if there and number.value not in there:
            return True
    return False


def _texts(quotes: Sequence[Quote]) -> list[str]:
    return list(dict.fromkeys(one.text for one in quotes))


def _numbers_of(found: Found) -> list[Quantity]:
    """Return the numbers of the words of a claim, as its folded sentence has them."""
    text, sentence = fold_case(found.text), fold_case(found.sentence)
    at = sentence.find(text)
    return [one for one in find_quantities(sentence) if at <= one.begins < at + len(text)]


def _follow(found: Found, quotes: Sequence[Quote], old: Original) -> bool:
    """Tell whether each number of a claim follows from the few numbers of the quotations."""
    said, numbers, sentence = _texts(quotes), _numbers_of(found), fold_case(found.sentence)
    about = _texts([one for one in quotes if is_related(found, [one])])
    few = sum(1 for text in about for _ in find_quantities(fold_case(text))) <= _PARTS
    spans = old.months_of("\n".join(said))
    return few and bool(numbers) and all(follows_from(one, sentence, spans, about) for one in numbers)
