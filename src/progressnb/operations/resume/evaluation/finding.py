"""The result of looking for one requirement in a resume, and the sentences about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from progressnb.operations.resume.documents.paths import section_of
from progressnb.operations.resume.words.terms import clip

if TYPE_CHECKING:
    from progressnb.operations.resume.documents.paths import Leaf
    from progressnb.operations.resume.reading.requirement import Requirement

__all__ = ["THIN", "Finding", "advice", "assessment", "quote", "remark", "shown_evidence"]

THIN = 0.5
"""The credit of another field of study, of a lower level of a language, or of years that no date shows."""

_QUOTES = 3
_TO_DO = {
    "duty": "If you have done this, describe one time in your own words.",
    "years": "If you have the years, say in the entries what you did and when.",
    "degree": "If you have the degree or what the job takes as its equal, name it with its field.",
}


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
        """The strength with which the resume speaks of it; the credit where nothing else tells."""
        return self.credit if self.strength is None else self.strength


def quote(leaf: Leaf) -> str:
    """Return a text of the resume in quotation marks with the name of its section."""
    return f"“{clip(leaf.text)}” ({'summary' if leaf.path == 'basics.summary' else section_of(leaf.path)})"


def shown_evidence(finding: Finding) -> str:
    """Return the first quotations of the evidence."""
    shown = "; ".join(map(quote, finding.evidence[:_QUOTES]))
    more = len(finding.evidence) - _QUOTES
    return f"{shown}; and {more} more" if more > 0 else shown


def remark(finding: Finding) -> str:
    """Return what was not found of a requirement, and what is near to it."""
    whole = finding.requirement.terms == finding.missing
    named = "" if whole else f": {', '.join(clip(text, 60) for text in finding.missing)}"
    return " ".join(
        [
            *([f"Not found in the resume{named}."] if finding.missing else []),
            *(
                f"{name[:1].upper()}{name[1:]} is near to {clip(term, 60)} and counts in part: {quote(leaf)}."
                for term, name, leaf in finding.related[:_QUOTES]
            ),
            *([f"Closest: {quote(finding.closest)}."] if finding.closest and not finding.related else []),
        ]
    )


def advice(finding: Finding) -> str:
    """Return what is missing for a requirement, what is near to it, and what its owner can do."""
    used = finding.evidence and not finding.missing
    todo = _TO_DO.get(finding.requirement.kind) or (
        "If you have used it, say where." if used else "Add it only if it is true, with where you used it."
    )
    return " ".join(filter(None, [finding.remark, remark(finding), todo]))


def assessment(score: int, findings: list[Finding], trade: str) -> str:
    """Return a few sentences on the whole; `trade` is the one on the trades of resume and posting."""
    if not findings:
        return "By rules, without an LLM: no requirement could be read from the posting, so nothing was compared."
    full = sum(one.credit == 1 for one in findings)
    none = sum(one.credit == 0 for one in findings)
    counts = f"{full} fully, {len(findings) - full - none} in part and {none} not at all"
    sentences = [
        f"By rules, without an LLM: of {len(findings)} requirements the resume supports {counts}.",
        f"Weighted, that is {score} of 100.",
        trade,
        "Rules compare words, dates and degrees; how well something was done they can't tell.",
    ]
    return " ".join(filter(None, sentences))
