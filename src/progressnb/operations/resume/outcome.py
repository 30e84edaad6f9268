"""The decisions about a draft, whoever wrote it: claims that go back to the model, the final resume, the verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .documents.paths import text_at
from .rewriting.omissions import allowed_cuts
from .schemas import Change, CustomizedResume
from .truth.differences import differences
from .truth.merging import offers, restore
from .truth.original import Original
from .truth.removal import remove
from .truth.verdict import all_claims, verdict
from .truth.verification import check, find_unsupported
from .writing.markdown_writer import render_data
from .writing.parts import without_cuts

if TYPE_CHECKING:
    from .reading.inputs import JobDocument, ResumeDocument
    from .schemas import Claim, Difference, Draft, Verification

__all__ = ["better", "conclude", "customized_resume", "to_mend"]


def customized_resume(draft: Draft) -> CustomizedResume:
    """Return the customized resume of a draft: Markdown without the cuts, the whole data, and all changes."""
    data = draft.resume.to_data()
    cuts = allowed_cuts(data, draft.cuts)
    reported = {change.before for change in draft.changes}
    omissions = [
        Change(before=cut.text or text_at(data, cut.place), after="", why=f"Not shown, kept in the data: {cut.why}")
        for cut in cuts
    ]
    omissions = [change for change in omissions if not any(change.before in text for text in reported)]
    return CustomizedResume(
        markdown=render_data(without_cuts(data, [(cut.place, cut.text) for cut in cuts]), order=draft.order),
        data=data,
        changes=[*draft.changes, *omissions],
        left_out=cuts,
        order=draft.order,
    )


def to_mend(resume: ResumeDocument, job: JobDocument, draft: Draft) -> list[Claim]:
    """Return the claims of a draft that the model must correct."""
    return find_unsupported(resume, restore(resume, draft), job=job)


def better(resume: ResumeDocument, job: JobDocument, drafts: list[Draft]) -> Draft:
    """Return the draft with the fewest unsupported claims, the last one of equals."""
    if len(drafts) == 1:
        return drafts[0]
    return min(reversed(drafts), key=lambda draft: len(to_mend(resume, job, draft)))


def conclude(
    resume: ResumeDocument, job: JobDocument, draft: Draft, by_model: Verification, *, by_rules: bool, strict: bool
) -> tuple[CustomizedResume, Verification, list[Difference]]:
    """Return the final resume of a draft, the verification of it, and what differs from the old resume.

    The claims of the model are added to those of the rules, and take none of them away. With `strict`, all claims are
    removed and the result is checked again. `by_rules` is true if the verification was written by rules too.
    """
    new = customized_resume(draft).model_copy(update={"offers": offers(resume, draft)})
    checked = check(resume, draft, markdown=new.markdown, job=job)
    claims = all_claims(checked.claims, by_model.unsupported)
    summary = "" if by_rules else by_model.summary
    if not strict or not claims:
        found = verdict(claims, summary, unchecked=checked.unchecked)
        return new, found, differences(Original(resume), new, checked.aligned)
    clean, left = remove(resume, draft, claims, job=job)
    new = customized_resume(clean).model_copy(update={"offers": offers(resume, clean)})
    checked = check(resume, clean, markdown=new.markdown, job=job)
    remaining = all_claims(checked.claims, left)
    kept = {(claim.text, claim.place) for claim in remaining}
    removed = [claim for claim in claims if (claim.text, claim.place) not in kept]
    found = verdict(remaining, summary, removed, checked.unchecked)
    return new, found, differences(Original(resume), new, checked.aligned)
