"""The remarks on a drawing for its reader: what was taken out of it, and how it may mislead."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Sequence

    from progressnb.operations.chart.schemas import ChartDraft

__all__ = ["below_title", "with_remarks"]

_LISTED = 8
_LINE = 84
"""Characters of a line below a title."""


def with_remarks(draft: ChartDraft, left_out: Sequence[str], warnings: Sequence[str]) -> ChartDraft:
    """Return a draft whose explanation says what its drawing has lost, and how it may mislead."""
    more = f" and {len(left_out) - _LISTED} more" if len(left_out) > _LISTED else ""
    parts = f"{', '.join(left_out[:_LISTED])}{more}"
    lost = [f"Left out of the drawing, since it acts or reaches out: {parts}."] if left_out else []
    return draft.model_copy(update={"explanation": " ".join([draft.explanation, *lost, *warnings])})


def below_title(spec: dict[str, Any], remarks: Sequence[str]) -> dict[str, Any]:
    """Return a drawing with sentences below its title."""
    if not remarks:
        return spec
    title: Any = spec.get("title", "")
    parts: dict[str, Any] = cast("dict[str, Any]", title) if isinstance(title, dict) else {"text": title}
    above: Any = parts.get("subtitle", [])
    lines: list[Any] = cast("Any", above) if isinstance(above, list) else [above]
    wrapped = [line for remark in remarks for line in textwrap.wrap(remark, _LINE)]
    return {**spec, "title": {"text": "", **parts, "subtitle": [*lines, *wrapped]}}
