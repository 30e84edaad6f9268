"""What code decides about a draft, whoever wrote it: whether it goes back, what is removed, what the verdict is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .truth.merging import restore
from .truth.removal import remove
from .truth.verification import all_claims, find_unsupported, verdict
from .writing.markdown_writer import customized_resume

if TYPE_CHECKING:
    from .reading.inputs import JobDocument, ResumeDocument
    from .schemas import Claim, CustomizedResume, Draft, Verification

__all__ = ["better", "conclude", "to_mend"]


def to_mend(resume: ResumeDocument, job: JobDocument, draft: Draft) -> list[Claim]:
    """Return what must go back to the model that wrote the draft."""
    return find_unsupported(resume, restore(resume, draft), job=job)


def better(resume: ResumeDocument, job: JobDocument, drafts: list[Draft]) -> Draft:
    """Return the draft that claims least without support, the last one of equals."""
    if len(drafts) == 1:
        return drafts[0]
    return min(reversed(drafts), key=lambda draft: len(to_mend(resume, job, draft)))


def conclude(
    resume: ResumeDocument, job: JobDocument, draft: Draft, said: Verification, *, by_rules: bool, strict: bool
) -> tuple[CustomizedResume, Verification]:
    """Join what code finds with what the model said of a draft; with `strict`, remove it and check again.

    What the model said adds to the findings and takes nothing away. `by_rules` says that rules wrote the
    verification too.
    """
    new = customized_resume(draft)
    found = find_unsupported(resume, draft, markdown=new.markdown, job=job)
    claims = all_claims(found, said.unsupported)
    words = "" if by_rules else said.summary
    if not strict or not claims:
        return new, verdict(claims, words)
    clean, left = remove(resume, draft, claims, job=job)
    new = customized_resume(clean)
    again = all_claims(find_unsupported(resume, clean, markdown=new.markdown, job=job), left)
    kept = {(claim.text, claim.place) for claim in again}
    return new, verdict(again, words, [claim for claim in claims if (claim.text, claim.place) not in kept])
