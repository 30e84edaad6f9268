"""The parts of a run's bar: one for each stage at the top, as wide as its share of the run."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from progressnb.folds.facts import look_of
from progressnb.folds.shapes import is_dict, is_number
from progressnb.folds.texts import brief
from progressnb.folds.words import shown_percent

if TYPE_CHECKING:
    from progressnb.folds.state import RunState, StageState
    from progressnb.folds.tree import Segment

__all__ = ["segments"]

MOST = 24
"""Parts of a bar; the bar of a run with more stages is one part."""

_TITLE_LIMIT = 80
_WHOLE = 0.999
_SHORT, _LONG = 1e-6, 1e9  # seconds that may be a width


def segments(state: RunState, *, top: int = 0) -> list[Segment]:
    """Return the parts of the bar, whose shares add up to 1; `top` counts stages at the top that are not here.

    Widths are the seconds that past runs let expect, else the stages' weights. A run whose stages have none, and one
    that may begin more of them, has a part without a title for the rest. A loop of a known length that nothing came
    after is the whole.
    """
    shares, rest = _shares(state)
    if not 0 < len(shares) <= MOST or top:
        percent = state.counted_progress if state.ended or state.overall_progress > 0 else None
        return [_segment("", "", state.status, 1.0, percent)]
    parts = [
        _segment(stage.path, brief(stage.title, _TITLE_LIMIT), look_of(stage), share, _done(stage))
        for stage, share in shares
    ]
    if rest:
        # A finished run has no rest: its bar is full, and no part of it moves.
        is_full = state.status == "finished"
        parts.append(_segment("", "", "finished" if is_full else "pending", rest, 100.0 if is_full else 0.0))
    return parts


def _shares(state: RunState) -> tuple[list[tuple[StageState, float]], float]:
    """Return the stages with their shares of the run, and the share of what may follow."""
    expected = _expected(state)
    if any(stage.path in expected for stage in state.stages):
        # Only declared stages have a weight before they begin: a new one then is as long as its weight says.
        known = [stage for stage in state.stages if stage.path in expected and stage.weight]
        seconds, weights = (
            math.fsum(expected[stage.path] for stage in known),
            math.fsum(stage.weight or 0.0 for stage in known),
        )
        each = seconds / weights if weights else 0.0
        widths = [
            (stage, width)
            for stage in state.stages
            if (width := expected.get(stage.path, each * (stage.weight or 0.0))) > 0
        ]
        begun = {stage.path for stage in state.stages}
        rest = 0.0 if state.ended else math.fsum(value for path, value in expected.items() if path not in begun)
        total = rest + math.fsum(width for _, width in widths)
        return [(stage, width / total) for stage, width in widths], rest / total
    stages = [stage for stage in state.stages if stage.weight]
    total = math.fsum(stage.weight or 0.0 for stage in stages)
    is_whole = total > _WHOLE or (len(stages) == 1 and _is_loop(stages[0]))
    scale = 1 / total if is_whole else 1.0
    return [(stage, (stage.weight or 0.0) * scale) for stage in stages], 0.0 if is_whole else 1 - total


def _expected(state: RunState) -> dict[str, float]:
    """Return the seconds that past runs let expect of stages, by path; a record of others may hold anything."""
    found = state.data.get("expected")
    if not is_dict(found):
        return {}
    return {path: float(value) for path, value in found.items() if is_number(value) and _SHORT < value < _LONG}


def _is_loop(stage: StageState) -> bool:
    return is_number(stage.data.get("total"))


def _done(stage: StageState) -> float | None:
    if stage.status == "pending":
        return 0.0
    return 100.0 if stage.status == "finished" else shown_percent(stage)


def _segment(key: str, title: str, status: str, share: float, percent: float | None) -> Segment:
    return {
        "key": key,
        "title": title,
        "status": status,
        "share": round(share, 4),
        "percent": None if percent is None else round(percent, 1),
    }
