"""The parts of a run's bar: one for each stage at the top, as wide as its share of the run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from progressnb.folds.shapes import is_number
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


def segments(state: RunState) -> list[Segment]:
    """Return the parts of the bar, whose shares add up to 1.

    Widths are the stages' weights. A run whose stages have none, and one that may begin more of them, has a part
    without a title for the rest. A loop of a known length that nothing came after is the whole.
    """
    stages = [stage for stage in state.stages if stage.weight]
    total = sum(stage.weight or 0.0 for stage in stages)
    if not 0 < len(stages) <= MOST or total <= 0:
        percent = state.overall_progress if state.ended or state.overall_progress > 0 else None
        return [_segment("", "", state.status, 1.0, percent)]
    is_whole = total > _WHOLE or (len(stages) == 1 and _is_loop(stages[0]))
    scale = 1 / total if is_whole else 1.0
    parts = [
        _segment(
            stage.path, brief(stage.title, _TITLE_LIMIT), stage.status, (stage.weight or 0.0) * scale, _done(stage)
        )
        for stage in stages
    ]
    if not is_whole:
        parts.append(_segment("", "", "pending", 1 - total, 0.0))
    return parts


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
