"""The assessment of a requirement that asks for years of experience."""

from __future__ import annotations

from typing import TYPE_CHECKING

from progressnb.operations.resume.reading.requirement import years_asked
from progressnb.operations.resume.words.dates import total_months
from progressnb.operations.resume.words.terms import comparison_keys, telling_keys

from .finding import THIN, Finding

if TYPE_CHECKING:
    from progressnb.operations.resume.documents.paths import Leaf
    from progressnb.operations.resume.reading.requirement import Requirement

    from .index import Job, ResumeIndex

__all__ = ["assess_years"]

_YEAR = 12  # months


def assess_years(index: ResumeIndex, requirement: Requirement) -> Finding:
    """Compare the years asked for with the resume's own statements, then with the dates of the jobs."""
    terms = [keys for term in requirement.terms if (keys := telling_keys(comparison_keys(term)))]
    if leaf := _stated(index, requirement.years, terms):
        return Finding(requirement, 1.0, (leaf,))
    if not terms:
        return _assess_all_jobs(index, requirement)
    fitting = [job for job in index.jobs if _has_any(job.joined, terms)]
    return _assess_jobs(index, requirement, fitting)


def _stated(index: ResumeIndex, years: int, terms: list[list[str]]) -> Leaf | None:
    """Return the text that states the years outright: "6 years of experience in nursing"."""
    for leaf, joined in zip(index.leaves, index.joined, strict=True):
        if years_asked(leaf.text) >= years and (not terms or _has_any(joined, terms)):
            return leaf
    return None


def _has_any(joined: str, terms: list[list[str]]) -> bool:
    return any(all(f" {key} " in joined for key in keys) for keys in terms)


def _assess_all_jobs(index: ResumeIndex, requirement: Requirement) -> Finding:
    total = total_months(job.span for job in index.jobs)
    credit = min(1.0, total / (requirement.years * _YEAR))
    remark = ""
    if credit < 1:
        asked = f"{requirement.years} are asked for"
        remark = f"The dates of the work history add up to {_in_words(total)}; {asked}."
    dated = tuple(job.leaf for job in index.jobs)
    return Finding(requirement, credit, dated if credit else (), (), remark)


def _assess_jobs(index: ResumeIndex, requirement: Requirement, fitting: list[Job]) -> Finding:
    """Assess the years of the jobs that mention one of the terms."""
    asked = requirement.years
    months = total_months(job.span for job in fitting)
    evidence = tuple(job.leaf for job in fitting)
    if months >= asked * _YEAR:
        return Finding(requirement, 1.0, evidence)
    total = total_months(job.span for job in index.jobs)
    terms = " or ".join(requirement.terms)
    named = [number for _, number in map(index.look_up, requirement.terms) if number is not None]
    held = index.leaves[named[0]] if named else None
    if fitting:
        remark = f"The entries that mention {terms} cover {_in_words(months)}; {asked} years are asked for."
    elif total:
        remark = (
            f"The dates of the work history add up to {_in_words(total)}, and none of these entries mentions {terms}."
        )
    else:
        remark = "The work history has no dates to count."
    credit = months / (asked * _YEAR)
    if held and total >= asked * _YEAR and credit < THIN:
        return Finding(requirement, THIN, (held, *evidence), (), remark)
    return Finding(requirement, credit, evidence, (), remark, held)


def _in_words(months: int) -> str:
    if months < _YEAR:
        return f"{months} months" if months != 1 else "1 month"
    years = months / _YEAR
    return f"{years:.1f}".removesuffix(".0") + (" years" if months != _YEAR else " year")
