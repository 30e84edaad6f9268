"""The assessment of a requirement that asks for a degree."""

from __future__ import annotations

from typing import TYPE_CHECKING

from progressnb.operations.resume.words.degrees import DEGREE_NAMES, degrees
from progressnb.operations.resume.words.terms import comparison_keys, has_phrase, telling_keys
from progressnb.operations.resume.words.vocabulary import FIELD_FAMILIES

from .finding import THIN, Finding

if TYPE_CHECKING:
    from progressnb.operations.resume.documents.paths import Leaf
    from progressnb.operations.resume.reading.requirement import Requirement

    from .index import ResumeIndex

__all__ = ["assess_degree"]

_MASTER = 4


def assess_degree(index: ResumeIndex, requirement: Requirement) -> Finding:
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
