"""The line above a trace in words: how many stages and calls a run has, and which took longest; and its agent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from progressnb.folds.texts import brief, count_text
from progressnb.folds.words import duration_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from progressnb.folds.state import RunState, StageState
    from progressnb.folds.tree import Summary

__all__ = ["AGENT", "agent_title", "is_agent", "summary"]

AGENT = "the agent"
"""The name of an agent that has none."""

_TITLE_LIMIT = 80
_OF_AN_AGENT = ("first_token", "model", "input_tokens")  # a call of a tool has none of them


def summary(state: RunState, stages: Sequence[StageState]) -> Summary:
    """Return what a run's trace holds: the number of its stages at the top and of all calls of tools.

    Args:
        state: The run.
        stages: All its stages.

    """
    calls = [stage for stage in stages if _is_call(stage, state)]
    ids = {id(stage) for stage in calls}
    top = [stage for stage in state.stages if id(stage) not in ids]
    if len(top) == 1 and not calls and top[0].children:
        top = top[0].children
    alone = len(top) <= 1 and bool(calls)  # as an agent in a run of its own: the number of stages says nothing
    parts = ([] if alone else [count_text(len(top), "stage")]) + ([count_text(len(calls), "call")] if calls else [])
    word, among = ("call", calls) if alone else ("stage", top)
    timed = [stage for stage in among if stage.ended and stage.duration is not None]
    found = max(timed, key=lambda stage: stage.duration or 0.0) if len(timed) > 1 else None
    return {
        "text": " · ".join(parts),
        "what": f"longest {word}" if found is not None else "",
        "title": brief(found.title, _TITLE_LIMIT) if found is not None else "",
        "time": duration_text(found.duration) if found is not None else "",
    }


def is_agent(stage: StageState) -> bool:
    """Tell whether a model answers in a stage."""
    return any(name in stage.data for name in _OF_AN_AGENT)


def _is_call(stage: StageState, state: RunState) -> bool:
    """Tell whether a stage is the call of a tool: below another stage, with arguments or of an agent."""
    above = state.find(stage.path.rpartition("/")[0])
    return above is not None and not is_agent(stage) and ("arguments" in stage.data or is_agent(above))


def agent_title(stages: Sequence[StageState]) -> str:
    """Return the title of the agent that gets a word: the first at work that no other agent has called."""
    found = next((stage for stage in stages if stage.at_work and is_agent(stage)), None)
    return brief(found.title, _TITLE_LIMIT) if found is not None else AGENT
