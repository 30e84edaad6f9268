"""All changes that the rules would make to a resume for a job. They reorder, rename and hide, and add nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from progressnb.operations.resume.evaluation.assess import assess
from progressnb.operations.resume.evaluation.index import ResumeIndex

from .names import asked_names, posting_names
from .omissions import omissions
from .ordering import list_orders, section_order
from .relevance import Relevance
from .summary import summary

if TYPE_CHECKING:
    from datetime import date

    from progressnb.operations.resume.reading.inputs import JobDocument, ResumeDocument

    from .move import Move

__all__ = ["moves"]


def moves(resume: ResumeDocument, job: JobDocument, today: date) -> list[Move]:
    """Return every change that the rules would make, the most useful first."""
    data = resume.data.to_data()
    index = ResumeIndex(resume.data, today)
    findings = [assess(index, requirement) for requirement in job.requirements]
    relevance = Relevance(job.requirements)
    found = [
        summary(data, findings, asked_names(job)),
        *posting_names(data, job),
        *list_orders(data, relevance),
        section_order(data, findings),
        *omissions(data, findings, relevance, job.title),
    ]
    return [move for move in found if move]
