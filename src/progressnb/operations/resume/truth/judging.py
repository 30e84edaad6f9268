"""The answers of a model to the doubts of the rules: each is taken only as far as code can follow it.

A doubt is cleared by words of the old resume that stand there and bear it out. Where code can't see that they do, it is
told with these words, and is no claim, unless it is a field of an entry or a number that they contradict. A statement
that rules could not compare becomes a claim if the model finds it unsupported. A claim of the model's own must quote
the new resume.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from progressnb.operations.resume.schemas import Claim, Cleared
from progressnb.operations.resume.words.sentences import segments
from progressnb.operations.resume.words.terms import clip

from .bearing import bears_out, counts_otherwise, is_related
from .quotes import Paper
from .segment import Doubt, Found
from .verdict import all_claims

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from progressnb.operations.resume.schemas import Judgement, Review

    from .original import Original
    from .quotes import Quote
    from .verification import Checked

__all__ = ["Judged", "Key", "judge", "still"]

_MOST_QUOTES = 8  # of one answer
_LONG = 4  # words that nobody writes again by chance
_BY_MODEL = "The model does not find it in the old resume."


Key = tuple[str, str, str]
"""The text of a finding, its field and its sentence."""


class Judged(NamedTuple):
    """The unsupported claims, the statements that code could not compare, and the doubts that were cleared.

    `settled` has the keys of what is no claim any more: the cleared ones, and `told`, those that the model alone bears
    out.
    """

    claims: list[Claim]
    unchecked: list[Claim]
    cleared: list[Cleared]
    settled: frozenset[Key]
    told: dict[Key, Doubt]

    def told_again(self, found: Iterable[Found]) -> list[Doubt]:
        """Return those of new findings that the model alone bore out before, where they stand now."""
        keys = [(_key(one), one.place) for one in found]
        return [self.told[key].model_copy(update={"place": place}) for key, place in keys if key in self.told]


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
    told: dict[Key, Doubt] = {}
    for number, found in enumerate(checked.doubts, start=1):
        key = _key(found)
        answer = sure.get(number)
        supported = answer is not None and answer.supported
        quotes = _quotes(answer, paper) if answer and supported else []
        words = list(dict.fromkeys(one.text for one in quotes))
        if bears_out(found, quotes, old):
            cleared.append(Cleared(text=found.text, place=found.place, why=found.why, source="code", quotes=words))
            settled.add(key)
        elif is_related(found, quotes) and not found.of_entry and not counts_otherwise(found, quotes):
            told[key] = _told(found, words)
            unchecked.append(told[key])
        elif not isinstance(found, Doubt):
            claims.append(found)
        elif answer and not supported:
            claims.append(found.model_copy(update={"why": f"{_BY_MODEL} {found.why}", "source": "model"}))
        else:
            unchecked.append(found)
    own = [one for one in review.unsupported if _is_new(one, old, paper, list(texts), posting)]
    open_ = {_key(one) for one in (*claims, *unchecked) if isinstance(one, Found)}
    claimed = {_key(one) for one in claims if isinstance(one, Found)}
    told = {key: one for key, one in told.items() if key not in claimed}
    return Judged(all_claims(claims, own), unchecked, cleared, frozenset((settled - open_) | told.keys()), told)


def still(found: Sequence[Found], settled: frozenset[Key]) -> list[Found]:
    """Return the findings that were not cleared before; places may have moved since then."""
    return [one for one in found if _key(one) not in settled]


def _quotes(answer: Judgement, paper: Paper) -> list[Quote]:
    return [one for text in answer.quotes[:_MOST_QUOTES] for one in paper.bearing(text)]


def _told(found: Found, words: list[str]) -> Doubt:
    """Return a finding as a doubt, with the words that the model quotes for it."""
    said = ", ".join(f"\u201c{clip(one)}\u201d" for one in words)
    why = f"{found.why} The model says that {said} bears it out."
    return Doubt.model_validate(found.model_dump() | {"why": why})


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
