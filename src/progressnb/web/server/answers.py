"""The server's answers about a run as plain data: links, a summary, the state."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast

from progressnb.folds.facts import error_text
from progressnb.wire.plain import jsonable

if TYPE_CHECKING:
    from progressnb.folds.state import StageState
    from progressnb.tracking.protocols import Watchable

__all__ = ["answer_of", "links_of", "state_of", "summary_of"]


def links_of(run_id: str, root: str = "") -> dict[str, str]:
    """Return the paths of a run's routes."""
    here = f"{root}/runs/{run_id}"
    return {
        "self": here,
        "events": f"{here}/events",
        "ws": f"{here}/ws",
        "cancel": f"{here}/cancel",
        "view": f"{here}/view",
    }


def summary_of(run: Watchable, root: str = "") -> dict[str, Any]:
    """Return the summary of a run, as in a list of runs."""
    state = run.state
    return {
        "run_id": state.run_id,
        "operation": run.operation,
        "subject": state.title or state.subject,
        "status": state.status,
        "overall_progress": round(state.overall_progress, 9),  # a sum of shares may be a billionth of a billionth off
        "started": state.started.isoformat() if state.started else None,
        "elapsed": round(run.elapsed, 3) if state.started else 0.0,
        "duration": state.duration,
        "links": links_of(state.run_id, root),
    }


def state_of(run: Watchable, root: str = "") -> dict[str, Any]:
    """Return the state of a run, the fold of its events."""
    with run.log.lock:
        state = run.state
        return {
            **summary_of(run, root),
            "model": state.model,
            "parent": state.parent.model_dump() if state.parent else None,
            "resumed_from": state.resumed_from,
            "stages": [_stage(stage) for stage in state.stages],
            "partial": jsonable(run.partial),
            "result": jsonable(state.result),
            "error": state.error,
            "error_type": state.error_type,
            "error_stage": state.error_stage,
            "reason": state.reason,
            "usage": state.usage,
            "last_seq": state.last_seq,
        }


def answer_of(run: Watchable) -> dict[str, str]:
    """Return the answer of a run, or what is there of it: as a text, as indented JSON, a name for a file, the error."""
    with run.log.lock:
        state = run.state
        value = jsonable(state.result if state.status == "finished" else run.partial)
        error = error_text(state)
    text = json.dumps(value, ensure_ascii=False, indent=2)
    plain = cast("dict[str, object]", value).get("markdown") if isinstance(value, dict) else value
    plain = plain if isinstance(plain, str) else text
    return {"name": f"{run.operation}.json", "json": text, "text": plain, "error": error}


def _stage(stage: StageState) -> dict[str, Any]:
    return {
        "name": stage.name,
        "title": stage.title,
        "path": stage.path,
        "weight": stage.weight,
        "percent": None if stage.percent is None else round(stage.percent, 9),
        "status": stage.status,
        "message": stage.message,
        "started": stage.started.isoformat() if stage.started else None,
        "duration": stage.duration,
        "error": stage.error,
        "data": jsonable(stage.data),
        "children": [_stage(child) for child in stage.children],
    }
