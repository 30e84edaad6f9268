"""Results as their reader wants them: a customized resume as a resume, anything else as an outline.

Chosen by the shape of the data, which is all that a replayed or a remote run has.
"""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from html import escape
from typing import TYPE_CHECKING, Any, cast

from markdown_it import MarkdownIt

from progressnb.display.outline import Line, outline
from progressnb.wire.plain import clean_text

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["RESULT_LIMIT", "lines_html", "result_html", "safe"]

RESULT_LIMIT = 20_000
"""Characters of a result that a finished panel keeps, so that a saved notebook stays small."""

WARNINGS = 10
"""Warnings that are shown; all are in the result."""

COMPARED_LIMIT = 10_000
"""Characters of a change that are compared word by word."""

_WORDS = re.compile(r"\S+|\s+")

# Without `html` what looks like a tag is text; links to scripts are refused by the library; an image would be fetched.
_markdown = MarkdownIt("commonmark", {"html": False}).disable("image")


def safe(text: str) -> str:
    """Escape hostile text for HTML."""
    return escape(clean_text(text))


def result_html(value: Any, label: str = "Result") -> str:  # noqa: ANN401 - plain JSON data
    """Draw a result, closed but for its summary."""
    if value is None or value in ({}, [], ""):
        return ""
    if _is_customization(value):
        return _customization_html(value)
    return _details(label, lines_html(_head(outline(value), RESULT_LIMIT)))


def lines_html(lines: Iterable[Line]) -> str:
    """Draw the lines of an outline."""
    return "".join(
        f'<p style="padding-left:{1.2 * line.depth:.1f}em">{"• " if line.item else ""}'
        f"{f'<span class=l>{safe(line.label)} </span>' if line.label else ''}"
        f"{safe(line.text)}{'<span class=c></span>' if line.open else ''}</p>"
        for line in lines
    )


def _details(summary: str, body: str) -> str:
    return f'<details class="r"><summary>{summary}</summary>{body}</details>' if body else ""


def _head(lines: Iterable[Line], limit: int) -> list[Line]:
    kept: list[Line] = []
    for line in lines:
        limit -= len(line.text) + len(line.label) + 8
        if limit <= 0:
            kept.append(Line(line.depth, "", "…"))
            break
        kept.append(line)
    return kept


def _is_customization(value: object) -> bool:
    if not isinstance(value, dict):
        return False
    data = cast("dict[str, Any]", value)
    parts = (data.get(name) for name in ("evaluation", "plan", "resume", "verification"))
    if not all(isinstance(part, dict) for part in parts):
        return False
    return isinstance(data["resume"].get("markdown"), str) and "match_score" in data["evaluation"]


def _customization_html(value: dict[str, dict[str, Any]]) -> str:
    evaluation, resume, verification = value["evaluation"], value["resume"], value["verification"]
    claims = _objects(verification.get("unsupported"))
    changes = _objects(resume.get("changes"))
    verdict = (
        f'<b class="e">✗ {len(claims)} unsupported claim{"s" * (len(claims) != 1)}: check before you send it</b>'
        if claims
        else "✓ nothing that the old resume does not support"
    )
    removed = _objects(verification.get("removed"))
    warnings = [each for each in cast("list[object]", value.get("warnings") or []) if isinstance(each, str)]
    strengths, gaps = _objects(evaluation.get("strengths")), _objects(evaluation.get("gaps"))
    return (
        f'<div class="v"><b>Match {safe(str(evaluation["match_score"]))} of 100</b> · {verdict}</div>'
        + lines_html(_claim(claim) for claim in claims)
        + "".join(f'<div class="e">⚠ {safe(warning)}</div>' for warning in warnings[:WARNINGS])
        + _details(
            f"Removed, since the old resume does not support it: {len(removed)}", lines_html(map(_claim, removed))
        )
        + _details(
            f"Match: {len(strengths)} strengths, {len(gaps)} gaps",
            f"<p>{safe(_field(evaluation, 'overall_assessment'))}</p>"
            + lines_html(Line(0, f"✓ {_field(each, 'requirement')}", _field(each, "evidence")) for each in strengths)
            + lines_html(Line(0, f"○ {_field(each, 'requirement')}", _field(each, "advice")) for each in gaps),
        )
        + _details(
            "To check by hand", lines_html(Line(0, "", each, item=True) for each in _to_check(changes, evaluation))
        )
        + _details(f"Changes: {len(changes)}", "".join(_change_html(change) for change in changes))
        + _details("Customized resume", _markdown.render(clean_text(resume["markdown"])[:RESULT_LIMIT]))
    )


def _claim(claim: dict[str, Any]) -> Line:
    found_by = "the model" if claim.get("source") == "model" else "code"
    said = f"{_field(claim, 'text')} – {_field(claim, 'why')} (found by {found_by})"
    return Line(0, _field(claim, "place"), said, item=True)


def _change_html(change: dict[str, Any]) -> str:
    before, after = _compared(_field(change, "before"), _field(change, "after"))
    return (
        f'<div class="d"><span class="l">{safe(_field(change, "why"))}</span><div class="a">'
        f'<p><span class="l">Before: </span>{before or "–"}</p>'
        f'<p><span class="l">After: </span>{after or "–"}</p></div></div>'
    )


def _compared(before: str, after: str) -> tuple[str, str]:
    """Mark, word by word, what went in the old text and what came in the new one; tags say it without style, too."""
    if len(before) + len(after) > COMPARED_LIMIT:  # comparing takes the square of the length
        return f"<del>{safe(before)}</del>", f"<ins>{safe(after)}</ins>"
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    left, right = [""], [""]
    for what, old_from, old_to, new_from, new_to in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        gone, came = safe("".join(old[old_from:old_to])), safe("".join(new[new_from:new_to]))
        left.append(gone if what == "equal" or not gone else f"<del>{gone}</del>")
        right.append(came if what == "equal" or not came else f"<ins>{came}</ins>")
    return "".join(left), "".join(right)


def _to_check(changes: list[dict[str, Any]], evaluation: dict[str, Any]) -> list[str]:
    """Say what only the owner can know: words that are new in the text, and gaps that may not be any."""
    said: list[str] = []
    for change in changes:
        before, after = _field(change, "before"), _field(change, "after")
        new = [word for word in after.split() if word.strip(",.;:()") not in before]
        question = f"Would you say it so? {' '.join(new)[:200]}"
        if before and new and question not in said:
            said.append(question)
    gaps = [_field(gap, "requirement") for gap in _objects(evaluation.get("gaps"))]
    if gaps:
        said.append(f"Is one of these true after all? {'; '.join(gaps)[:400]}")
    return said


def _objects(value: object) -> list[dict[str, Any]]:
    return [each for each in cast("list[object]", value) if isinstance(each, dict)] if isinstance(value, list) else []


def _field(value: dict[str, Any], name: str) -> str:
    field = value.get(name)
    return field if isinstance(field, str) else ""
