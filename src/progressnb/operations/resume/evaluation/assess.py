"""The assessment of one requirement: its credit, its evidence, and how strongly the resume supports it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from progressnb.operations.resume.words.terms import comparison_keys, telling_keys

from .assess_degree import assess_degree
from .assess_language import assess_language, assess_place
from .assess_years import assess_years
from .finding import MISSPELLED, Finding, Related

if TYPE_CHECKING:
    from progressnb.operations.resume.documents.paths import Leaf
    from progressnb.operations.resume.reading.inputs import JobDocument
    from progressnb.operations.resume.reading.requirement import Requirement

    from .index import ResumeIndex

__all__ = ["assess", "findings_of", "weigh"]

_CLOSE = 0.25  # of the keys: a smaller share is chance


def assess(index: ResumeIndex, requirement: Requirement) -> Finding:
    """Return the evidence of a resume for a requirement."""
    if requirement.years:
        return assess_years(index, requirement)
    if requirement.degree:
        return assess_degree(index, requirement)
    if requirement.kind == "language":
        return assess_language(index, requirement)
    if requirement.kind == "place":
        return assess_place(index, requirement)
    return _assess_terms(index, requirement)


def findings_of(index: ResumeIndex, job: JobDocument) -> list[Finding]:
    """Return the evidence of a resume for each requirement of a job, in the posting's order."""
    return [assess(index, requirement) for requirement in job.requirements]


def weigh(index: ResumeIndex, finding: Finding) -> Finding:
    """Return the finding with its support, and with related things for the terms that the resume lacks."""
    requirement = finding.requirement
    if requirement.kind in {"years", "degree", "language", "place"} or not requirement.terms:
        return replace(finding, support=finding.credit)
    shares: list[float] = []
    related: list[Related] = []
    for term in requirement.terms:
        strength = index.weights.strength(term, index.look_up(term)[0])
        shares.append(strength.share)
        if strength.leaf:
            related.append(Related(term, strength.near, strength.leaf))
    support = max(shares) if requirement.any_of else sum(shares) / len(shares)
    if finding.evidence and (requirement.any_of or not finding.missing):
        related = []
    return replace(finding, support=support, related=tuple(related))


def _assess_terms(index: ResumeIndex, requirement: Requirement) -> Finding:
    scores: list[float] = []
    evidence: dict[Leaf, None] = {}
    missing: list[str] = []
    for term in requirement.terms:
        credit, number = index.look_up(term)
        scores.append(credit)
        if number is None:
            missing.append(term)
        else:
            evidence[index.leaves[number]] = None
    if requirement.any_of and any(scores):
        best = max(scores)
        return Finding(requirement, best, tuple(evidence), (), _remark(best))
    total = sum(scores) / len(scores) if scores else 0.0
    closest = None
    if not evidence:
        share, number = index.closest(telling_keys(comparison_keys(requirement.text)))
        closest = index.leaves[number] if number is not None and share >= _CLOSE else None
    remark = _remark(min(filter(None, scores), default=1.0))
    return Finding(requirement, total, tuple(evidence), tuple(missing), remark, closest)


def _remark(credit: float) -> str:
    if credit == 1:
        return ""
    if credit == MISSPELLED:
        return "It seems to be spelled otherwise in the resume."
    return "It is named, but nothing shows that it was used."
