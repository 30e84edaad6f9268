"""The cover letter: the prompt that asks for it, and the check of its claims."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .documents.paths import Leaf
from .prompts import documents
from .truth.original import Original
from .truth.prose import check_prose
from .truth.segment import Doubt
from .words.sentences import segments
from .words.terms import fold_case

if TYPE_CHECKING:
    from .reading.inputs import JobDocument, ResumeDocument
    from .schemas import Claim, Verification

__all__ = ["checked_letter", "letter_prompt"]

_REMOVED = "Removed from the letter: the old resume does not support it."


def letter_prompt(resume: ResumeDocument, job: JobDocument, wishes: str) -> str:
    """Return the prompt that asks for a cover letter."""
    return (
        "Write a cover letter of at most 300 words for this posting, in the posting's language, with facts of the "
        f"resume only. No address, no date.\n\n{documents(resume, job)}{wishes}"
    )


def checked_letter(
    resume: ResumeDocument, job: JobDocument, text: str, verification: Verification, *, strict: bool
) -> tuple[str, Verification]:
    """Return a letter and the verification with its claims; with `strict`, without the sentences that make them.

    What the posting says may stand in a letter: it is about the job.
    """
    posting = fold_case(job.text)
    found = check_prose(Leaf("letter", text), Original(resume), None, {})
    claims = [claim for claim in found if isinstance(claim, Doubt) or fold_case(claim.text) not in posting]
    doubts: list[Claim] = [claim for claim in claims if isinstance(claim, Doubt)]
    unsupported = [claim for claim in claims if not isinstance(claim, Doubt)]
    removed: list[Claim] = []
    if strict and unsupported:
        wrong = [one.text.removesuffix("…") for one in unsupported]
        for sentence in segments(text):
            if any(fold_case(part) in fold_case(sentence) for part in wrong):
                text = text.replace(sentence, "")
        removed, unsupported = [one.model_copy(update={"why": _REMOVED}) for one in unsupported], []
    update = {
        "unsupported": [*verification.unsupported, *unsupported],
        "unchecked": [*verification.unchecked, *doubts],
        "removed": [*verification.removed, *removed],
    }
    return text.strip(), verification.model_copy(update=update)
