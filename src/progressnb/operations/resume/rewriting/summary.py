"""The facts of the resume that a reader of this job looks for, put first in the summary."""

from __future__ import annotations

from typing import TYPE_CHECKING

from progressnb.operations.resume.words.synonyms import posting_name
from progressnb.operations.resume.words.terms import clip

from .move import Move

if TYPE_CHECKING:
    from pydantic import JsonValue

    from progressnb.operations.resume.documents.paths import Leaf
    from progressnb.operations.resume.evaluation.finding import Finding

__all__ = ["summary"]

_FACTS = 4
_LONGEST_LABEL = 100
_LONGEST_FACT = 160
_DETAILS = (".highlights", ".courses", ".summary", ".description")


def summary(data: dict[str, JsonValue], findings: list[Finding], asked: dict[str, str]) -> Move | None:
    """Return the move that begins the summary with the facts that serve the job."""
    facts = _facts(data, findings, asked)
    serving = next((finding for _, finding in facts if finding), None)
    if serving is None:
        return None
    line = " · ".join(fact for fact, _ in facts)
    basics = data.get("basics")
    before = basics.get("summary") if isinstance(basics, dict) else None
    before = before if isinstance(before, str) else ""
    served = list(dict.fromkeys(finding.requirement.text for _, finding in facts if finding))
    if before.startswith(line):
        return None
    return Move(
        path="basics.summary",
        after=f"{line}\n\n{before}" if before.strip() else line,
        before_text=before,
        after_text=f"{line}\n\n{before}" if before.strip() else line,
        change="Begin the summary with the facts that the job asks for.",
        why="The job asks for " + "; ".join(f"“{clip(text, 100)}”" for text in served) + ".",
        requirement=served[0],
        evidence=next(fact for fact, finding in facts if finding),
    )


def _facts(
    data: dict[str, JsonValue], findings: list[Finding], asked: dict[str, str]
) -> list[tuple[str, Finding | None]]:
    """Choose the facts, in the words of the resume, each with the finding that it serves."""
    facts: list[tuple[str, Finding | None]] = []
    basics = data.get("basics")
    label = basics.get("label") if isinstance(basics, dict) else None
    if isinstance(label, str) and label.strip() and len(label) <= _LONGEST_LABEL:
        facts.append((label.strip(), None))
    evidence = [
        (leaf, finding)
        for finding in sorted(findings, key=lambda one: -one.requirement.weight)
        for leaf in (finding.evidence if finding.credit >= 1 or finding.requirement.kind == "skill" else ())
    ]
    if skills := _skills(evidence, asked):
        facts.append((", ".join(skills), next(iter(skills.values()))))
    sections = ("education", "certificates", "languages", "work")
    facts += [
        (leaf.text, finding)
        for leaf, finding in evidence
        if leaf.path.startswith(sections) and not any(key in leaf.path for key in _DETAILS)
    ]
    seen: dict[str, tuple[str, Finding | None]] = {}
    for fact, finding in facts:
        line = " ".join(fact.split())
        if len(line) <= _LONGEST_FACT:
            seen.setdefault(line.casefold(), (line, finding))
    return list(seen.values())[:_FACTS]


def _skills(evidence: list[tuple[Leaf, Finding]], asked: dict[str, str]) -> dict[str, Finding]:
    """Return the listed skills that serve, by the posting's name."""
    named: dict[str, Finding] = {}
    for leaf, finding in evidence:
        if leaf.path.startswith("skills"):
            named.setdefault(leaf.text, finding)
    return {(posting_name(name, asked) or name).partition(" (")[0]: finding for name, finding in named.items()}
