"""The stages that a run reused, and why others were run again, with those of the runs that it called."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from progressnb.folds.state import RunState

__all__ = ["reused_in"]


def reused_in(state: RunState) -> dict[str, str]:
    """Return "reused" or why a stage was run again, by path; of runs that it called, below the stage of each."""
    reused: dict[str, str] = {}
    for _, stage in state.walk():
        if stage.data.get("source") == "restored":
            reused[stage.path] = "reused"
        elif why := stage.data.get("rerun"):
            reused[stage.path] = str(why)
        if isinstance(below := stage.data.get("reused"), dict):
            reused |= {f"{stage.path}/{path}": str(why) for path, why in cast("dict[str, Any]", below).items()}
    return reused
