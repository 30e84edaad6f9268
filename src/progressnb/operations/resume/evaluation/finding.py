"""The result of looking for one requirement in a resume."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from progressnb.operations.resume.documents.paths import section_of
from progressnb.operations.resume.words.terms import clip

if TYPE_CHECKING:
    from progressnb.operations.resume.documents.paths import Leaf
    from progressnb.operations.resume.reading.requirement import Requirement

__all__ = ["MISSPELLED", "THIN", "Finding", "Related", "quote"]

THIN = 0.5
"""The credit of a course, an interest or a testimonial: it names a thing without showing that it was used."""

MISSPELLED = 0.9
"""The credit of a term in another spelling: it is probably the same thing."""


@dataclass(frozen=True)
class Related:
    """A thing near to a term: the term, the name of the thing, and the text of the resume that has it."""

    term: str
    name: str
    leaf: Leaf


@dataclass(frozen=True)
class Finding:
    """The evidence for a requirement.

    `credit` (0 to 1) tells how far the requirement was found. `support` (0 to 1), which `weigh` fills in, tells how
    strongly the resume speaks of it, related things included. `missing` are the terms that were not found, `closest` is
    the text with most of the words if there is no evidence, and `remark` is a sentence for the reader.
    """

    requirement: Requirement
    credit: float
    evidence: tuple[Leaf, ...] = ()
    missing: tuple[str, ...] = ()
    remark: str = ""
    closest: Leaf | None = None
    related: tuple[Related, ...] = ()
    support: float = 0


def quote(leaf: Leaf) -> str:
    """Return a text of the resume in quotation marks with the name of its section."""
    return f"“{clip(leaf.text)}” ({'summary' if leaf.path == 'basics.summary' else section_of(leaf.path)})"
