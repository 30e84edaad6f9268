"""All changes that rules would make, the plan of them, and the draft that they make. They add nothing."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from progressnb.operations.resume.documents.json_resume import JSONResume
from progressnb.operations.resume.documents.paths import set_value, value_at
from progressnb.operations.resume.evaluation.assess import findings_of
from progressnb.operations.resume.evaluation.index import ResumeIndex
from progressnb.operations.resume.schemas import Change, Cut, Draft, Improvement, Plan

from .names import posting_names
from .omissions import omissions
from .ordering import list_orders, section_order

if TYPE_CHECKING:
    from progressnb.operations.resume.reading.inputs import JobDocument, ResumeDocument
    from progressnb.operations.resume.schemas import Evaluation

    from .move import Move

__all__ = ["implement", "plan"]


def _moves(resume: ResumeDocument, job: JobDocument, today: date | None) -> list[Move]:
    """Return every change that the rules would make, the most useful first; none in what was not read for sure."""
    if not resume.read.sure:
        return []
    data = resume.data.to_data()
    index = ResumeIndex(resume.data, today or date.today())  # noqa: DTZ011 - a resume's dates have no time zone
    findings = findings_of(index, job)
    return [
        *posting_names(data, job),
        *list_orders(data, job.requirements),
        *section_order(data, findings),
        *omissions(data, findings, job.title),
    ]


def plan(resume: ResumeDocument, job: JobDocument, evaluation: Evaluation, *, today: date | None = None) -> Plan:
    """List the changes that serve the job and need only what the resume has.

    Changes that serve a strength of the evaluation come first. `today` ends the jobs that are still going on.
    """
    strong = {strength.requirement for strength in evaluation.strengths}
    found = sorted(_moves(resume, job, today), key=lambda move: move.requirement not in strong)
    return Plan(
        improvements=[
            Improvement(change=move.change, section=move.path, requirement=move.requirement, evidence=move.evidence)
            for move in found
        ]
    )


def implement(resume: ResumeDocument, job: JobDocument, plan: Plan, *, today: date | None = None) -> Draft:
    """Make the changes that the plan names by their section. Nothing is lost or invented.

    A section may be a path (`work[0].highlights`) or a part of one (`work`), so that a plan of a model works too. The
    rules skip an improvement that they can't make. Omitted parts stay in the data and are not shown in the text.
    """
    data = resume.data.to_data()
    sections = [improvement.section.strip().strip("$.").casefold() for improvement in plan.improvements]
    changes: list[Change] = []
    order: list[str] = []
    cuts: list[Cut] = []
    for move in _moves(resume, job, today):
        if not any(_covers(section, move.path.casefold()) for section in sections):
            continue
        changes.append(Change(before=move.before, after=move.after, why=move.why))
        current = value_at(data, move.path)
        if move.path == "order":
            order = move.after.split(", ")
        elif not move.after:
            cuts.append(Cut(place=move.path, why=move.why))
        elif isinstance(current, list):  # sorted as it is now: an earlier move may have changed its items
            set_value(data, move.path, [current[number] for number in move.places])
        else:
            set_value(data, move.path, move.after)
    return Draft(resume=JSONResume.model_validate(data), changes=changes, order=order, cuts=cuts)


def _covers(section: str, path: str) -> bool:
    return bool(section) and (
        path == section or path.startswith((section + ".", section + "[")) or path.endswith("." + section)
    )
