"""The stage that a run's answer is read from while it is written, and its name where that is not plain.

Of several that write at once it is the one that began last, until it ends: words that come in turns do not take turns
in the box.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from progressnb.folds.calls import hint_text
from progressnb.folds.survey import parents
from progressnb.folds.texts import brief

if TYPE_CHECKING:
    from collections.abc import Sequence

    from progressnb.folds.state import RunState, StageState

__all__ = ["speaker"]

_SILENT = 2.0  # seconds after which a stage that wrote is not taken to be writing any more
_TITLE_LIMIT = 60


def speaker(state: RunState, stages: Sequence[StageState]) -> tuple[StageState | None, str]:
    """Return the stage whose output is shown of a run, and its name: of an agent that another one asks, or one of many.

    Args:
        state: The run.
        stages: Its stages that are known.

    """
    last = state.last_output
    if last is None or last.wrote is None or state.status == "finished":
        return last, ""
    latest = last.wrote[1]
    writing = [stage for stage in stages if _writes(stage, state) and (stage.wrote or (0.0, 0.0))[1] > latest - _SILENT]
    if not writing or (not state.ended and not last.at_work):
        return last, ""
    began = [(stage.wrote or (0.0, 0.0))[0] for stage in writing]
    found = writing[max(range(len(writing)), key=lambda at: (began[at], at))]
    above = (state.find(path) for path in parents(found.path) if path)
    if len(writing) < 2 and not any(stage is not None and stage.is_model for stage in above):  # noqa: PLR2004 - one
        return found, ""
    return found, " ".join(filter(None, [brief(found.title, _TITLE_LIMIT), hint_text(found.data.get("arguments"))]))


def _writes(stage: StageState, state: RunState) -> bool:
    """Tell whether a stage is at work on a text of its own, or was when its run was ended."""
    buffer = stage.output
    if buffer is None or not len(buffer) or any(below.at_work for below in stage.children):
        return False
    return stage.at_work or (state.ended and stage.status in ("cancelled", "failed"))
