"""The words about refusals of valid requests: of callers without a role, in a state, and for want of something."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from progressnb.operations.testcases.cases.told import sentences, told_owners, told_readers

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["told_lacking", "told_refusals"]

_ROLE = re.compile(
    r"\bonly (?!(?:while|if|when|where|once|after|before|until|possible)\b)|"
    r"\b(?:role|permissions?|privileges?|scope)\b|"
    r"\b(?:cannot|can't|may not|must not|mustn't|not allowed)\b|\b(?:not|isn't|needs?|must be) an? \w+|"
    r"\((?:for )?\w+(?:(?: or | and |, )\w+)*\)$",
    re.IGNORECASE,
)
_STATE = re.compile(r"\b(?:while|unless|as long as|until|once|only|must|needs?|not|no|already|still)\b", re.IGNORECASE)
_WANT = re.compile(r"\b(?:without|no|none|nothing|at least|needs?|must|empty|missing|only|not)\b", re.IGNORECASE)
_OF_STATES = {"402", "409", "410", "412", "423", "428"}
_OF_BODIES = {"400", "422"}
_DENIED = re.compile(r"\b(?:not|cannot|can't|mustn't|refused|rejected|fails?|4\d\d)\b", re.IGNORECASE)
_SOME = r"(?:(?:any|an?|one|1|some|single|at least(?: an?| one| 1)?) )*"


def told_refusals(told: str, answers: Mapping[str, str], *, has_body: bool) -> dict[str, str]:
    """Return the sentence that tells when a valid request is refused, by status.

    Args:
        told: What is told of the endpoint.
        answers: What is told of its answers, by status.
        has_body: Whether a body is sent: 400 may be its fault then.

    """
    found: dict[str, str] = {}
    for status, answer in answers.items():
        for sentence in (*sentences(told), *sentences(answer)):
            of_role = status == "403" and any(
                (_ROLE.search(part) or told_readers(part)) and not told_owners(part)
                for part in re.split(r", | and (?!\w+\)$)|; ", sentence)
            )
            other = re.search(r"\b[45]\d\d\b", sentence) is not None and status not in sentence
            of_state = status in _OF_STATES and _STATE.search(sentence) is not None and not other
            of_want = status in _OF_BODIES and not has_body and _WANT.search(sentence) is not None and not other
            if of_role or of_state or of_want:
                found[status] = sentence
                break
    return found


def told_lacking(told: str, answers: Mapping[str, str], one: str) -> list[str]:
    """Return the statuses of the answer where a thing has none of what a word names; none where words don't tell.

    Such as "A report without lines can't be submitted (400)", or "The report has no lines" of an answer.
    """
    word = rf"(?:{re.escape(one)}(?:e?s)?|{re.escape(one.removesuffix('y'))}ies)"
    without, has_none = rf"\bwithout {_SOME}{word}\b", rf"\b(?:has no|have no|there (?:is|are) no) {word}\b"
    wants = rf"\b(?:needs?|must have|must contain|requires?|at least (?:one|an?|1)) {_SOME}{word}\b"
    known = [status for status in answers if status in _OF_STATES | _OF_BODIES]
    by_answer = [status for status in known if _says(f"{without}|{has_none}|{wants}", answers[status])]
    if by_answer:
        return by_answer
    for sentence in sentences(told):
        if _says(wants, sentence) or (_says(without, sentence) and _DENIED.search(sentence)):
            return [status for status in known if status in sentence] or known
    return []


def _says(pattern: str, text: str) -> bool:
    return re.search(pattern, text, re.IGNORECASE) is not None
