"""The view of a customized resume: what its owner must know, folded sections, and the resume itself."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .schemas import Claim, Customization

    Block = dict[str, Any]

__all__ = ["view_of_customization"]

WARNINGS = 10
"""Warnings that are shown; all are in the result."""

_SIGNS = {"found": "✓", "otherwise": "≈", "missing": "○"}


def view_of_customization(result: Customization) -> list[Block]:
    """Return the blocks: verdict, claims and warnings, all that explains them in folded sections, and the resume."""
    return [
        _headline(result),
        *_claims(result.verification.unsupported),
        *(_text(line, tone="warning") for line in [*_doubts(result), *result.warnings[:WARNINGS]]),
        *({"type": "section", "title": title, "blocks": blocks} for title, blocks in _sections(result) if blocks),
        {"type": "markdown", "text": result.resume.markdown},  # last: a view that is too long is cut at its end
    ]


def _sections(result: Customization) -> Iterable[tuple[str, list[Block]]]:
    """Yield the title and the blocks of each section; one without blocks is not shown."""
    evaluation, found, changes = result.evaluation, result.verification, result.resume.changes
    offers = result.resume.offers
    yield f"Removed, since the old resume does not support it: {len(found.removed)}", _claims(found.removed)
    number = Counter(row.status for row in result.coverage)
    counts = f"{number['found']} found, {number['otherwise']} said otherwise or in part, {number['missing']} missing"
    yield (
        f"Coverage: {counts}",
        _list(
            (
                (
                    f"{_SIGNS[row.status]} {row.requirement} ({row.kind}, {row.importance})",
                    " ".join([*row.evidence, row.remark]).strip() or "nothing in the resume",
                )
                for row in result.coverage
            ),
            bullets=False,
        ),
    )
    yield "Cover letter", [{"type": "markdown", "text": result.letter}] if result.letter else []
    beside = [_comparison(one.place, one.before, one.after) for one in result.differences]
    yield f"Beside the old resume: {len(beside)} differences", beside
    yield f"Not checked, read them: {len(found.unchecked)}", _claims(found.unchecked)
    cleared = [(one.place, f"{one.text} – {'; '.join(f'“{quote}”' for quote in one.quotes)}") for one in found.cleared]
    doubts = "doubt of the rules was" if len(cleared) == 1 else "doubts of the rules were"
    yield f"{len(cleared)} {doubts} cleared by the old resume's words", _list(cleared)
    yield (
        f"Left out by the model, put back with result.resume.put_back(): {len(offers)}",
        _list((one.place, one.text) for one in offers),
    )
    fit = [(f"✓ {one.requirement}", one.evidence) for one in evaluation.strengths]
    fit += [(f"○ {one.requirement}", one.advice) for one in evaluation.gaps]
    match = f"Match: {len(evaluation.strengths)} strengths, {len(evaluation.gaps)} gaps"
    yield match, [_text(evaluation.overall_assessment), *_list(fit, bullets=False)]
    yield "What was read of the old resume", [_text(result.read.text)] if result.read.text else []
    yield f"Changes: {len(changes)}", [_comparison(one.why, one.before, one.after) for one in changes]


def _doubts(result: Customization) -> list[str]:
    """Return what makes the reading of the old resume doubtful, if it is."""
    read = result.read
    if read.sure:
        return []
    return [f"Was the old resume read right? Confidence {read.confidence:.0%}.", *read.doubts()[:WARNINGS]]


def _headline(result: Customization) -> Block:
    count = len(result.verification.unsupported)
    verdict = "nothing that the old resume does not support"
    if count:
        verdict = f"{count} unsupported claim{'s' * (count != 1)}: check before you send it"
    if left := len(result.verification.unchecked):
        verdict += f"; {left} statement{'s' * (left != 1)} not checked: read them"
    text = f"Match {result.evaluation.match_score} of 100"
    return {"type": "headline", "text": text, "verdict": verdict, "tone": "bad" if count else "good"}


def _text(text: str, **more: str) -> Block:
    return {"type": "text", "text": text, **more}


def _list(items: Iterable[tuple[str, str] | str], **more: bool) -> list[Block]:
    shown = [one if isinstance(one, str) else {"label": one[0], "text": one[1]} for one in items]
    return [{"type": "list", "items": shown, **more}] if shown else []


def _comparison(title: str, before: str, after: str) -> Block:
    return {"type": "comparison", "title": title, "before": before, "after": after}


def _claims(claims: list[Claim]) -> list[Block]:
    finders = {"model": "the model", "code": "code"}
    return _list((one.place, f"{one.text} – {one.why} (found by {finders[one.source]})") for one in claims)
