"""The assessment of a requirement that asks for years of experience."""

from __future__ import annotations

from typing import TYPE_CHECKING

from progressnb.operations.resume.reading.requirement import years_asked
from progressnb.operations.resume.words.dates import total_months
from progressnb.operations.resume.words.terms import comparison_keys, telling_keys

from .finding import THIN, Finding

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from progressnb.operations.resume.reading.requirement import Requirement

    from .index import ResumeIndex

__all__ = ["assess_years"]

_YEAR = 12  # months
_UNDATED = "The work history has no dates to count."


def assess_years(index: ResumeIndex, requirement: Requirement) -> Finding:
    """Compare the years asked for with the resume's own statements, then with the dates of the jobs."""
    years = requirement.years
    terms = [keys for term in requirement.terms if (keys := telling_keys(comparison_keys(term)))]
    for leaf in index.leaves:  # "6 years of experience in nursing"
        if years_asked(leaf.text) >= years and _has_any({*comparison_keys(leaf.text)}, terms):
            return Finding(requirement, 1.0, (leaf,))
    fitting = [job for job in index.jobs if _has_any(job.keys, terms)]
    months, total = (total_months(job.span for job in jobs) for jobs in (fitting, index.jobs))
    credit = min(1.0, months / (years * _YEAR))
    evidence = tuple(job.leaf for job in fitting) if credit else ()
    if credit == 1:
        return Finding(requirement, 1.0, evidence)
    subject = " or ".join(requirement.terms)
    added = f"The dates of the work history add up to {_in_words(total)}"
    if not terms:
        return Finding(requirement, credit, evidence, (), f"{added}; {years} are asked for.")
    if fitting:
        remark = f"The entries that mention {subject} cover {_in_words(months)}; {years} years are asked for."
    else:
        remark = f"{added}, and none of these entries mentions {subject}." if total else _UNDATED
    named = next((one.leaf for one in map(index.look_up, requirement.terms) if one.leaf), None)
    if named and total >= years * _YEAR and credit < THIN:
        return Finding(requirement, THIN, (named, *evidence), (), remark)
    return Finding(requirement, credit, evidence, (), remark, named)


def _has_any(held: AbstractSet[str], terms: list[list[str]]) -> bool:
    return not terms or any(held >= {*keys} for keys in terms)


def _in_words(months: int) -> str:
    if months < _YEAR:
        return f"{months} months" if months != 1 else "1 month"
    years = months / _YEAR
    return f"{years:.1f}".removesuffix(".0") + (" years" if months != _YEAR else " year")
