"""The assessment of one requirement, by its kind: its credit, its evidence, and how strongly the resume supports it."""

from __future__ import annotations

import re
from statistics import mean
from typing import TYPE_CHECKING

from progressnb.operations.resume.reading.requirement import years_asked
from progressnb.operations.resume.words.dates import total_months
from progressnb.operations.resume.words.degrees import DEGREE_NAMES, degrees
from progressnb.operations.resume.words.lists import read_groups, read_lines, read_patterns, split_phrases
from progressnb.operations.resume.words.terms import comparison_keys, fold_case, has_phrase, telling_keys

from .finding import THIN, Finding

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from progressnb.operations.resume.documents.paths import Leaf
    from progressnb.operations.resume.reading.inputs import JobDocument
    from progressnb.operations.resume.reading.requirement import Requirement

    from .index import ResumeIndex


__all__ = ["findings_of"]

_YEAR = 12  # months
_NAMED = 0.25  # the credit of a sentence of which the resume has the names, and not what is asked of them
_UNDATED = "The work history has no dates to count."
_FAMILIES = [[comparison_keys(field) for field in split_phrases(line)] for line in read_lines("fields")]


def findings_of(index: ResumeIndex, job: JobDocument) -> list[Finding]:
    """Return the evidence of a resume for each requirement of a job, in the posting's order."""
    return [_assess(index, requirement) for requirement in job.requirements]


def _assess(index: ResumeIndex, requirement: Requirement) -> Finding:
    if requirement.years:
        return _assess_years(index, requirement)
    if requirement.degree:
        return _assess_degree(index, requirement)
    if requirement.kind == "language":
        return _assess_language(index, requirement)
    if requirement.kind == "place":
        return _assess_place(index, requirement)
    return _assess_terms(index, requirement)


def _assess_terms(index: ResumeIndex, requirement: Requirement) -> Finding:
    found = [(term, index.look_up(term)) for term in requirement.terms]
    evidence = tuple(dict.fromkeys(one.leaf for _, one in found if one.leaf))
    missing = tuple(term for term, one in found if not one.leaf)
    related = tuple((term, one.near, one.near_leaf) for term, one in found if one.near_leaf)
    if evidence and requirement.any_of:
        missing = ()
    if evidence and not missing:
        related = ()
    together = max if requirement.any_of else mean
    credit = together([float(bool(one.leaf)) for _, one in found]) if found else 0.0
    support = together([one.share for _, one in found]) if found else 0.0
    closest = None if evidence else index.closest(requirement.text)
    if not evidence and not closest and (named := index.named(requirement.text)):
        said = f"Of this the resume names only {', '.join(named)}."
        return Finding(requirement, _NAMED, tuple(dict.fromkeys(named.values())), (), said, None, related, support)
    return Finding(requirement, credit, evidence, missing, "", closest, related, support)


def _assess_years(index: ResumeIndex, requirement: Requirement) -> Finding:
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


def _assess_degree(index: ResumeIndex, requirement: Requirement) -> Finding:
    """Compare level and field of the degree asked for with those that the resume names."""
    held = _held(index)
    enough = [leaf for level, leaf in held if level >= requirement.degree]
    if not enough:
        asked = DEGREE_NAMES[requirement.degree]
        level, best = max(held, key=lambda one: one[0], default=(0, None))
        remark = f"A {asked} is asked for; the resume names {DEGREE_NAMES[level]}." if best else f"No {asked} is named."
        return Finding(requirement, 0.0, (), (), remark, best)
    fields = [keys for term in requirement.terms if not degrees(term) and (keys := telling_keys(comparison_keys(term)))]
    related = re.search(r"related|similar", requirement.text, re.IGNORECASE)
    families = _families(requirement.text) if related else set[int]()
    for leaf in enough:
        held_keys = {*comparison_keys(leaf.text)}
        if not fields or any(held_keys.issuperset(field) for field in fields) or families & _families(leaf.text):
            return Finding(requirement, 1.0, (leaf,))
    asked = " or ".join(term for term in requirement.terms if not degrees(term))
    return Finding(requirement, THIN, (enough[0],), (), f"The degree is there; its field is not {asked}.")


def _held(index: ResumeIndex) -> list[tuple[int, Leaf]]:
    """Return the degrees of the schools with their levels, or those that other texts name if the schools have none."""
    # A school's first fact is the kind of its degree: "Master".
    schools = [(leaf, re.sub(r"(?i)^([^,]*)\bmaster\b", r"\1masters", leaf.text)) for leaf in index.schools]
    found = [(max(levels), leaf) for leaf, text in schools if (levels := degrees(text))]
    return found or [(max(levels), leaf) for leaf in index.leaves if (levels := degrees(leaf.text))]


def _families(text: str) -> set[int]:
    """Return the numbers of the families of fields that a text names."""
    joined = f" {' '.join(comparison_keys(text))} "
    return {number for number, family in enumerate(_FAMILIES) if any(has_phrase(joined, field) for field in family)}


def _assess_language(index: ResumeIndex, requirement: Requirement) -> Finding:
    """Compare each language and its level with what the resume names; the resume's own language shows itself."""
    own = split_phrases(read_groups("language_names").get(index.language or "", "?"))
    asked = _level(requirement.text)
    parts: list[float] = []
    evidence: list[Leaf] = []
    missing: list[str] = []
    remark = ""
    for name in requirement.terms:
        found = index.look_up(name)
        if found.leaf:
            low = asked > _level(found.leaf.text) > 0
            parts.append(THIN if low else 1.0)
            remark = "The resume names a lower level." if low else remark
            evidence.append(found.leaf)
        elif fold_case(name).startswith(own):
            parts.append(THIN)
            remark = "The resume is written in it, but does not name its level."
        else:
            parts.append(0.0)
            missing.append(name)
    best = max(parts, default=0.0) if requirement.any_of else sum(parts) / max(1, len(parts))
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
