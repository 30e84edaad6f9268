"""The answers of a model to the doubts of the rules: each is taken only as far as code can follow it.

A doubt is cleared by words of the old resume that stand there and bear it out. A statement that rules could not compare
becomes a claim if the model finds it unsupported. A claim of the model's own must quote the new resume.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from progressnb.operations.resume.schemas import Claim, Cleared
from progressnb.operations.resume.words.sentences import segments

from .bearing import bears_out
from .quotes import Paper
from .segment import Doubt, Found
from .verdict import all_claims

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from progressnb.operations.resume.schemas import Review

    from .original import Original
    from .verification import Checked

__all__ = ["Judged", "Key", "judge", "still"]

_MOST_QUOTES = 8  # of one answer
_LONG = 4  # words that nobody writes again by chance
_BY_MODEL = "The model does not find it in the old resume."


Key = tuple[str, str, str]
"""The text of a finding, its field and its sentence."""


class Judged(NamedTuple):
    """The unsupported claims, the statements that nobody compared, and the doubts that were cleared.

    `settled` has the keys of the cleared ones.
    """

    claims: list[Claim]
    unchecked: list[Claim]
    cleared: list[Cleared]
    settled: frozenset[Key]


def judge(old: Original, checked: Checked, review: Review, texts: Iterable[str], posting: str = "") -> Judged:
    """Join what rules found with the answers of a model.

    `texts` are the new texts, which the claims of the model must quote, and `posting` what a letter may repeat.
    """
    paper = Paper(old.paper)
    answers = Counter(one.number for one in review.judged)
    sure = {one.number: one for one in review.judged if answers[one.number] == 1}
    claims: list[Claim] = []
    unchecked: list[Claim] = []
    cleared: list[Cleared] = []
    settled: set[Key] = set()
    for number, found in enumerate(checked.doubts, start=1):
        answer = sure.get(number)
        if answer and answer.supported:
            quotes = [one for text in answer.quotes[:_MOST_QUOTES] for one in paper.bearing(text)]
            if bears_out(found, quotes, old):
                told = list(dict.fromkeys(one.text for one in quotes))
                cleared.append(Cleared(text=found.text, place=found.place, why=found.why, source="code", quotes=told))
                settled.add(_key(found))
                continue
        if not isinstance(found, Doubt):
            claims.append(found)
        elif answer and not answer.supported:
            claims.append(found.model_copy(update={"why": f"{_BY_MODEL} {found.why}", "source": "model"}))
        else:
            unchecked.append(found)
    own = [one for one in review.unsupported if _is_new(one, old, paper, list(texts), posting)]
    open_ = {_key(one) for one in (*claims, *unchecked) if isinstance(one, Found)}
    return Judged(all_claims(claims, own), unchecked, cleared, frozenset(settled - open_))


def still(found: Sequence[Found], settled: frozenset[Key]) -> list[Found]:
    """Return the findings that were not cleared before; places may have moved since then."""
    return [one for one in found if _key(one) not in settled]


def _key(found: Found) -> Key:
    """Return what stays the same of a finding while entries and items move."""
    field = re.sub(r"\[\d+\]", "", found.place)
    return found.text, field, "" if found.of_entry else found.sentence


def _is_new(claim: Claim, old: Original, paper: Paper, texts: list[str], posting: str) -> bool:
    """Tell whether a claim of a model quotes a new text, and words that the old resume does not have as they stand."""
    quotation = claim.text.removesuffix("…")
    found = [one.line for text in texts for one in Paper(text).find(quotation)]
    if not found or (len(quotation.split()) >= _LONG and paper.find(quotation)):
        return False
    if claim.place == "letter" and Paper(posting).find(quotation):
        return False
    parts = [part for line in found for part in segments(line) if Paper(part).find(quotation)] or found
    return not all(map(old.has_sentence, parts))
