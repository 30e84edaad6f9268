"""The requirements that a resume covers, says in other words, or lacks, each with its evidence."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from progressnb.operations.resume.schemas import Coverage

from .assess import findings_of
from .finding import quote
from .index import ResumeIndex

if TYPE_CHECKING:
    from progressnb.operations.resume.reading.inputs import JobDocument, ResumeDocument

    from .finding import Finding

__all__ = ["coverage"]

_QUOTES = 2


def coverage(resume: ResumeDocument, job: JobDocument, *, today: date | None = None) -> list[Coverage]:
    """Return one row for each requirement, in the posting's order."""
    index = ResumeIndex(resume.data, today or date.today())  # noqa: DTZ011 - a resume's dates have no time zone
    return [_row(finding) for finding in findings_of(index, job)]


def _row(finding: Finding) -> Coverage:
    requirement = finding.requirement
    evidence = [quote(leaf) for leaf in finding.evidence[:_QUOTES]]
    near = [quote(leaf) for _, _, leaf in finding.related[:_QUOTES]]
    plain = finding.credit == 1 and not finding.missing
    return Coverage(
        requirement=requirement.text,
        kind=requirement.kind,
        importance=requirement.importance,
        status="found" if plain else "otherwise" if evidence or near else "missing",
        evidence=evidence or near,
        remark=finding.remark or (f"Not found: {', '.join(finding.missing)}." if finding.missing and evidence else ""),
    )
