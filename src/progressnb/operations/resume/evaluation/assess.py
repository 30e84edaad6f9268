"""The assessment of one requirement, by its kind: its credit, its evidence, and how strongly the resume supports it."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from progressnb.operations.resume.words.degrees import DEGREE_NAMES, degrees
from progressnb.operations.resume.words.lists import read_groups, read_patterns, split_phrases
from progressnb.operations.resume.words.terms import comparison_keys, fold_case, has_phrase, telling_keys
from progressnb.operations.resume.words.vocabulary import FIELD_FAMILIES

from .assess_years import assess_years
from .finding import MISSPELLED, THIN, Finding, Related

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
        return _assess_degree(index, requirement)
    if requirement.kind == "language":
        return _assess_language(index, requirement)
    if requirement.kind == "place":
        return _assess_place(index, requirement)
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


_MASTER = 4


def _assess_degree(index: ResumeIndex, requirement: Requirement) -> Finding:
    """Compare level and field of the degree asked for with those that the resume names."""
    held = _held(index)
    enough = [leaf for level, leaf in held if level >= requirement.degree]
    if not enough:
        asked = DEGREE_NAMES[requirement.degree]
        best = max(held, key=lambda one: one[0], default=None)
        remark = (
            f"A {asked} is asked for; the resume names {DEGREE_NAMES[best[0]]}." if best else f"No {asked} is named."
        )
        return Finding(requirement, 0.0, (), (), remark, best[1] if best else None)
    fields = [term for term in requirement.terms if telling_keys(comparison_keys(term)) and not degrees(term)]
    for leaf in enough:
        joined = f" {' '.join(comparison_keys(leaf.text))} "
        if not fields or any(
            all(f" {key} " in joined for key in telling_keys(comparison_keys(field))) for field in fields
        ):
            return Finding(requirement, 1.0, (leaf,))
    if "related" in requirement.text.casefold() or "similar" in requirement.text.casefold():
        families = {family for field in fields for family in _families(field)}
        for leaf in enough:
            if families & _families(leaf.text):
                return Finding(requirement, 1.0, (leaf,))
    remark = f"The degree is there; its field is not {' or '.join(fields)}."
    return Finding(requirement, THIN, (enough[0],), (), remark)


def _held(index: ResumeIndex) -> list[tuple[int, Leaf]]:
    """Return the degrees of the schools with their levels, or those that other texts name if the schools have none."""
    held: list[tuple[int, Leaf]] = []
    for leaf in index.schools:
        levels = degrees(leaf.text)
        if "master" in leaf.text.casefold().split(",")[0]:
            levels.add(_MASTER)
        if levels:
            held.append((max(levels), leaf))
    return held or [(max(levels), leaf) for leaf in index.leaves if (levels := degrees(leaf.text))]


def _families(text: str) -> set[int]:
    """Return the numbers of the families of fields that a text names."""
    joined = f" {' '.join(comparison_keys(text))} "
    return {
        number
        for number, family in enumerate(FIELD_FAMILIES)
        if any(has_phrase(joined, comparison_keys(field)) for field in family)
    }


def _assess_language(index: ResumeIndex, requirement: Requirement) -> Finding:
    """Compare each language and its level with what the resume names; the resume's own language shows itself."""
    held_parts: list[float] = []
    evidence: list[Leaf] = []
    missing: list[str] = []
    remark = ""
    asked = _level(requirement.text)
    for name in requirement.terms:
        credit, number = index.look_up(name)
        if number is None:
            own = fold_case(name).startswith(
                split_phrases(read_groups("language_names").get(index.language or "", "?"))
            )
            held_parts.append(THIN if own else 0.0)
            remark = "The resume is written in it, but does not name its level." if own else remark
            missing += [] if own else [name]
            continue
        held = _level(index.leaves[number].text)
        low = asked > held > 0
        held_parts.append(THIN if low else credit)
        remark = "The resume names a lower level." if low else remark
        evidence.append(index.leaves[number])
    best = max(held_parts, default=0.0) if requirement.any_of else sum(held_parts) / max(1, len(held_parts))
    return Finding(requirement, best, tuple(evidence), tuple(missing) if best < 1 else (), remark)


def _level(text: str) -> float:
    """Return the lowest level that the words of a text may mean: A1 is 1, C2 is 6, 7 is native; 0 for none."""
    patterns = read_patterns("language_levels").items()
    return max((float(levels.split()[0]) for levels, one in patterns if one.search(fold_case(text))), default=0)


def _assess_place(index: ResumeIndex, requirement: Requirement) -> Finding:
    """Compare the places that a posting names with those of the person and of the last jobs."""
    named = set(re.findall(r"(?<![.!?]\s)(?<!^)[A-ZÄÖÜ][^\W\d_]{2,}", requirement.text))
    for leaf in index.places:
        if any(re.search(rf"(?<![^\W_]){re.escape(name)}(?![^\W_])", leaf.text) for name in named):
            return Finding(requirement, 1.0, (leaf,))
    return Finding(requirement, 0.0, (), (), "Rules can't tell where you can work: say it in your letter.")
