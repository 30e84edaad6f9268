"""The decisions about a draft, whoever wrote it: claims that go back to the model, the final resume, the verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from .documents.paths import leaves, text_at
from .letter import PLACE, check_letter, without_claims
from .rewriting.omissions import allowed_cuts
from .schemas import Change, CustomizedResume, Difference, Review, Verification
from .truth.differences import differences
from .truth.judging import Judged, judge, still
from .truth.merging import offers, restore
from .truth.removal import remove
from .truth.verdict import all_claims, verdict
from .truth.verification import Checked, check
from .writing.markdown_writer import render_data

if TYPE_CHECKING:
    from .reading.inputs import JobDocument, ResumeDocument
    from .schemas import Draft
    from .truth.original import Original
    from .truth.segment import Found

__all__ = ["Outcome", "better", "conclude", "customized_resume", "doubts", "to_mend"]


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
        markdown=render_data(data, order=draft.order, cuts=[(cut.place, cut.text) for cut in cuts]),
        data=data,
        changes=[*draft.changes, *omissions],
        left_out=cuts,
        order=draft.order,
    )


def to_mend(old: Original, job: JobDocument, draft: Draft) -> list[Found]:
    """Return the claims of a draft that the model must correct."""
    return check(old, restore(old.document, draft), job=job).claims


def better(old: Original, job: JobDocument, drafts: list[Draft]) -> Draft:
    """Return the draft with the fewest unsupported claims, the last one of equals."""
    if len(drafts) == 1:
        return drafts[0]
    return min(reversed(drafts), key=lambda draft: len(to_mend(old, job, draft)))


def doubts(old: Original, job: JobDocument, draft: Draft, letter: str | None) -> Checked:
    """Return what rules find in a draft and in the letter beside it, for a model to judge."""
    checked = check(old, draft, job=job)
    found = check_letter(old, job, letter) if letter else []
    return Checked.of([*checked.doubts, *found], checked.aligned)


class Outcome(NamedTuple):
    """The final resume, its verification, what differs from the old resume, and the final letter."""

    resume: CustomizedResume
    verification: Verification
    differences: list[Difference]
    letter: str | None


def conclude(
    old: Original,
    job: JobDocument,
    draft: Draft,
    checked: Checked,
    review: Verification,
    *,
    letter: str | None,
    strict: bool,
) -> Outcome:
    """Return the outcome of a draft, of what rules found in it and of a model's review, if a model wrote it.

    With `strict`, all claims are removed and the result is checked again.
    """
    new = _finished(old.document, draft)
    if isinstance(review, Review):
        texts = [new.markdown, *(leaf.text for leaf in leaves(new.data)), *([letter] if letter else [])]
        judged = judge(old, checked, review, texts, job.text)
    else:
        judged = Judged([*checked.claims], [*checked.unchecked], [], frozenset(), {})
    summary = review.summary if isinstance(review, Review) else ""
    if not strict or not judged.claims:
        found = verdict(judged.claims, summary, (), judged.unchecked, judged.cleared)
        return Outcome(new, found, differences(old, new, checked.aligned), letter)
    of_letter = [one for one in judged.claims if one.place == PLACE]
    clean, left = remove(
        old, draft, [one for one in judged.claims if one not in of_letter], job=job, settled=judged.settled
    )
    new = _finished(old.document, clean)
    again = check(old, clean, job=job)
    remaining = all_claims(still(again.claims, judged.settled), left)
    kept = {(claim.text, claim.place) for claim in remaining}
    removed = [claim for claim in judged.claims if (claim.text, claim.place) not in kept]
    of_resume = [*judged.told_again(again.doubts), *still(again.unchecked, judged.settled)]
    unchecked = [*of_resume, *(one for one in judged.unchecked if one.place == PLACE)]
    found = verdict(remaining, summary, removed, unchecked, judged.cleared)
    final = without_claims(letter, of_letter) if letter else letter
    return Outcome(new, found, differences(old, new, again.aligned), final)


def _finished(resume: ResumeDocument, draft: Draft) -> CustomizedResume:
    return customized_resume(draft).model_copy(update={"offers": offers(resume, draft)})
