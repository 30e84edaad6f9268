"""Runs that watched libraries begin, collected and read by their stages."""

from typing import Any

from progressnb.execution.base import BaseRun


def stages(run: BaseRun[Any]) -> dict[str, str]:
    """Return the status of each stage by its path."""
    return {stage.path: stage.status for _, stage in run.state.walk()}


def reported(run: BaseRun[Any]) -> int:
    """Count the stages that a run has reported, with those that its state keeps as sums."""
    kept = [stage for _, stage in run.state.walk()]
    sums = [*run.state.folded.values(), *(each for stage in kept for each in stage.folded.values())]
    return len(kept) + sum(each.counts.total() for each in sums)


def data(run: BaseRun[Any], path: str) -> dict[str, Any]:
    """Return what a stage reported."""
    stage = run.state.find(path)
    assert stage is not None, stages(run)
    return stage.data


def text(run: BaseRun[Any], path: str) -> Any:
    """Return what a stage wrote."""
    stage = run.state.find(path)
    assert stage is not None, stages(run)
    return stage.partial


def written(run: BaseRun[Any]) -> str:
    """Return all events as bytes on the wire, as one text."""
    return b"\n".join(run.log.encoded()).decode()
