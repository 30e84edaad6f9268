"""The result of looking for one requirement in a resume."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from progressnb.operations.resume.documents.paths import section_of
from progressnb.operations.resume.words.terms import clip

if TYPE_CHECKING:
    from progressnb.operations.resume.documents.paths import Leaf
    from progressnb.operations.resume.reading.requirement import Requirement

__all__ = ["Finding", "quote"]


@dataclass(frozen=True)
class Finding:
    """The evidence for a requirement.

    `credit` (0 to 1) tells how far the requirement was found, and `support` (0 to 1) how strongly the resume speaks of
    it, related things included. `missing` are the terms that were not found, `closest` is the text with most of the
    words if there is no evidence, and `remark` is a sentence for the reader. `related` are things near to a term: the
    term, the name of the thing, and the text that has it.
    """

    requirement: Requirement
    credit: float
    evidence: tuple[Leaf, ...] = ()
    missing: tuple[str, ...] = ()
    remark: str = ""
    closest: Leaf | None = None
    related: tuple[tuple[str, str, Leaf], ...] = ()
    strength: float | None = None

    @property
    def support(self) -> float:
        """How strongly the resume speaks of it; the credit where nothing else tells."""
        return self.credit if self.strength is None else self.strength


def quote(leaf: Leaf) -> str:
    """Return a text of the resume in quotation marks with the name of its section."""
    return f"“{clip(leaf.text)}” ({'summary' if leaf.path == 'basics.summary' else section_of(leaf.path)})"
