"""All changes that the rules would make to a resume for a job. They reorder, rename and hide, and add nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from progressnb.operations.resume.evaluation.assess import findings_of
from progressnb.operations.resume.evaluation.index import ResumeIndex

from .names import posting_names
from .omissions import omissions
from .ordering import list_orders, section_order
from .relevance import Relevance

if TYPE_CHECKING:
    from datetime import date

    from progressnb.operations.resume.reading.inputs import JobDocument, ResumeDocument

    from .move import Move

__all__ = ["moves"]


def moves(resume: ResumeDocument, job: JobDocument, today: date) -> list[Move]:
    """Return every change that the rules would make, the most useful first."""
    data = resume.data.to_data()
    findings = findings_of(ResumeIndex(resume.data, today), job)
    relevance = Relevance(job.requirements)
    found = [
        *posting_names(data, job),
        *list_orders(data, relevance),
        section_order(data, findings),
        *omissions(data, findings, relevance, job.title),
    ]
    return [move for move in found if move]
