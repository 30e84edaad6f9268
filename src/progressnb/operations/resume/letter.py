"""The cover letter: the prompt that asks for it, and the check of its claims."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .documents.paths import Leaf
from .prompts import documents
from .truth.prose import check_prose
from .truth.segment import Doubt, Found
from .words.sentences import segments
from .words.terms import fold_case

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .reading.inputs import JobDocument, ResumeDocument
    from .schemas import Claim
    from .truth.original import Original

__all__ = ["PLACE", "check_letter", "letter_prompt", "without_claims"]

PLACE = "letter"
"""The place of a claim that a letter makes."""


def letter_prompt(resume: ResumeDocument, job: JobDocument, wishes: str) -> str:
    """Return the prompt that asks for a cover letter."""
    return (
        "Write a cover letter of at most 300 words for this posting, in the posting's language, with facts of the "
        f"resume only. No address, no date.\n\n{documents(resume, job)}{wishes}"
    )


def check_letter(old: Original, job: JobDocument, text: str) -> list[Found]:
    """Return the claims of a letter, and what was not compared; what the posting says may stand there."""
    posting = fold_case(job.text)
    found = check_prose(Leaf(PLACE, text), old, None, {})
    return [one for one in found if isinstance(one, Doubt) or fold_case(one.text) not in posting]


def without_claims(text: str, claims: Iterable[Claim]) -> str:
    """Return a letter without the sentences that make the claims."""
    wrong = [fold_case(one.text.removesuffix("…")) for one in claims]
    for sentence in segments(text):
        if any(part in fold_case(sentence) for part in wrong):
            text = text.replace(sentence, "")
    return text.strip()
