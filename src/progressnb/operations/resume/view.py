"""The view of a customized resume: what its owner must know, folded sections, and the resume itself."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .schemas import Change, Claim, Cleared, Coverage, Customization, Evaluation

__all__ = ["view_of_customization"]

WARNINGS = 10
"""Warnings that are shown; all are in the result."""


def view_of_customization(result: Customization) -> list[dict[str, Any]]:
    """Return the blocks: verdict, claims and warnings, all that explains them in folded sections, and the resume."""
    evaluation, verification = result.evaluation, result.verification
    changes = result.resume.changes
    to_check = _to_check(changes, evaluation)
    sections = [
        (
            f"Removed, since the old resume does not support it: {len(verification.removed)}",
            [_items(verification.removed)] if verification.removed else [],
        ),
        (f"Coverage: {_counts(result.coverage)}", _coverage(result.coverage)),
        ("Cover letter", [{"type": "markdown", "text": result.letter}] if result.letter else []),
        (
            f"Beside the old resume: {len(result.differences)} differences",
            [
                {"type": "comparison", "title": one.place, "before": one.before, "after": one.after}
                for one in result.differences
            ],
        ),
        (
            f"Not checked, read them: {len(verification.unchecked)}",
            [_items(verification.unchecked)] if verification.unchecked else [],
        ),
        (_cleared_title(verification.cleared), [_cleared(verification.cleared)] if verification.cleared else []),
        (
            f"Left out by the model, put back with result.resume.put_back(): {len(result.resume.offers)}",
            [{"type": "list", "items": [{"label": one.place, "text": one.text} for one in result.resume.offers]}]
            if result.resume.offers
            else [],
        ),
        (f"Match: {len(evaluation.strengths)} strengths, {len(evaluation.gaps)} gaps", _match(evaluation)),
        ("What was read of the old resume", [{"type": "text", "text": result.read.text}] if result.read.text else []),
        ("To check by hand", [{"type": "list", "items": to_check}] if to_check else []),
        (f"Changes: {len(changes)}", [_comparison(change) for change in changes]),
    ]
    return [
        _headline(result),
        *([_items(verification.unsupported)] if verification.unsupported else []),
        *({"type": "text", "text": doubt, "tone": "warning"} for doubt in _doubts(result)),
        *({"type": "text", "text": warning, "tone": "warning"} for warning in result.warnings[:WARNINGS]),
        *({"type": "section", "title": title, "blocks": blocks} for title, blocks in sections if blocks),
        {"type": "markdown", "text": result.resume.markdown},  # last: a view that is too long is cut at its end
    ]


def _doubts(result: Customization) -> list[str]:
    """Return what makes the reading of the old resume doubtful, if it is."""
    read = result.read
    if read.sure:
        return []
    return [f"Was the old resume read right? Confidence {read.confidence:.0%}.", *read.doubts()[:WARNINGS]]


def _headline(result: Customization) -> dict[str, Any]:
    count = len(result.verification.unsupported)
    verdict = (
        f"{count} unsupported claim{'s' * (count != 1)}: check before you send it"
        if count
        else "nothing that the old resume does not support"
    )
    if left := len(result.verification.unchecked):
        verdict += f"; {left} statement{'s' * (left != 1)} not checked: read them"
    text = f"Match {result.evaluation.match_score} of 100"
    return {"type": "headline", "text": text, "verdict": verdict, "tone": "bad" if count else "good"}


def _items(claims: list[Claim]) -> dict[str, Any]:
    return {"type": "list", "items": [{"label": claim.place, "text": _claim(claim)} for claim in claims]}


def _cleared_title(cleared: list[Cleared]) -> str:
    doubts = "doubt of the rules was" if len(cleared) == 1 else "doubts of the rules were"
    return f"{len(cleared)} {doubts} cleared by the old resume's words"


def _cleared(cleared: list[Cleared]) -> dict[str, Any]:
    quoted = [(one, "; ".join(f"“{quote}”" for quote in one.quotes)) for one in cleared]
    return {"type": "list", "items": [{"label": one.place, "text": f"{one.text} – {text}"} for one, text in quoted]}


def _claim(claim: Claim) -> str:
    found_by = "the model" if claim.source == "model" else "code"
    return f"{claim.text} – {claim.why} (found by {found_by})"


def _match(evaluation: Evaluation) -> list[dict[str, Any]]:
    items = [
        *({"label": f"✓ {strength.requirement}", "text": strength.evidence} for strength in evaluation.strengths),
        *({"label": f"○ {gap.requirement}", "text": gap.advice} for gap in evaluation.gaps),
    ]
    return [
        {"type": "text", "text": evaluation.overall_assessment},
        {"type": "list", "items": items, "bullets": False},
    ]


_SIGNS = {"found": "✓", "otherwise": "≈", "missing": "○"}


def _counts(rows: list[Coverage]) -> str:
    number = Counter(row.status for row in rows)
    return f"{number['found']} found, {number['otherwise']} said otherwise or in part, {number['missing']} missing"


def _coverage(rows: list[Coverage]) -> list[dict[str, Any]]:
    items = [
        {
            "label": f"{_SIGNS[row.status]} {row.requirement} ({row.kind}, {row.importance})",
            "text": " ".join([*row.evidence, row.remark]).strip() or "nothing in the resume",
        }
        for row in rows
    ]
    return [{"type": "list", "items": items, "bullets": False}] if items else []


def _comparison(change: Change) -> dict[str, Any]:
    return {"type": "comparison", "title": change.why, "before": change.before, "after": change.after}


def _to_check(changes: list[Change], evaluation: Evaluation) -> list[str]:
    """Return questions that only the owner can answer: about words that are new, and about gaps that may not be any."""
    questions: list[str] = []
    for change in changes:
        new = [word for word in change.after.split() if word.strip(",.;:()") not in change.before]
        question = f"Would you say it so? {' '.join(new)[:200]}"
        if change.before and new and question not in questions:
            questions.append(question)
    if evaluation.gaps:
        requirements = "; ".join(gap.requirement for gap in evaluation.gaps)
        questions.append(f"Is one of these true after all? {requirements[:400]}")
    return questions
