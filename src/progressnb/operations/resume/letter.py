"""The cover letter: the prompt that asks for it, and the check of its claims."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .documents.paths import Leaf
from .prompts import documents
from .truth.prose import check_prose
from .words.sentences import segments
from .words.terms import fold_case, raw_words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .reading.inputs import JobDocument, ResumeDocument
    from .schemas import Claim
    from .truth.original import Original
    from .truth.segment import Found

__all__ = ["PLACE", "check_letter", "letter_prompt", "without_claims"]

PLACE = "letter"
"""The place of a claim that a letter makes."""

_GREETING = re.compile(r"(?m)^.{1,60},$")  # and what stands before the name at the end


def letter_prompt(resume: ResumeDocument, job: JobDocument, wishes: str) -> str:
    """Return the prompt that asks for a cover letter."""
    return (
        "Write a cover letter of at most 300 words for this posting, in the posting's language, with facts of the "
        f"resume only. No address, no date.\n\n{documents(resume, job)}{wishes}"
    )


def check_letter(old: Original, job: JobDocument, text: str) -> list[Found]:
    """Return the claims of a letter, and what was not compared.

    What the posting says may stand there, the title of the job too, but for what it asks of the applicant.
    """
    posting, title = fold_case(job.text), {*raw_words(job.title or job.text.partition("\n")[0])}
    asked = fold_case("\n".join(one.text for one in job.requirements))
    return [
        one
        for one in check_prose(Leaf(PLACE, _GREETING.sub("", text)), old, None, {})
        if (said := fold_case(one.text)) in asked
        or not (said in posting or (one.kind == "title" and title.issuperset(raw_words(said))))
    ]


def without_claims(text: str, claims: Iterable[Claim]) -> str | None:
    """Return a letter without the sentences that make the claims, or None if no sentence is left."""
    wrong = [fold_case(one.text.removesuffix("…")) for one in claims]
    for sentence in segments(text):
        if any(part in fold_case(sentence) for part in wrong):
            text = text.replace(sentence, "")
    left = re.sub(r"\n{3,}", "\n\n", text).strip()
    return left if re.search(r"[.!?]", _GREETING.sub("", left)) else None
