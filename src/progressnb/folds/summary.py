"""The line above a trace in words: how many stages and calls a run has, and which took longest; and its agent."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from progressnb.folds.facts import DECISIONS, decision
from progressnb.folds.spans import longest_of_model, own_seconds
from progressnb.folds.texts import brief, count_text
from progressnb.folds.words import duration_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from progressnb.folds.state import RunState, StageState
    from progressnb.folds.tree import Summary

__all__ = ["AGENT", "agent_title", "summary"]

AGENT = "the agent"
"""The name of an agent that has none."""

_TITLE_LIMIT = 80


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
    what, title, seconds = _longest(state, among, word)
    return {
        "text": " · ".join([*parts, *_decisions(stages)]),
        "what": what,
        "title": title,
        "time": duration_text(seconds),
    }


def _longest(state: RunState, among: Sequence[StageState], word: str) -> tuple[str, str, float | None]:
    """Return what took longest, without the time in which somebody was asked: its kind, its title and its seconds."""
    timed = [(own_seconds(stage), stage) for stage in among if stage.ended and stage.duration is not None]
    model = longest_of_model(state) if word == "call" else None
    if model is not None and timed and model[1] > max(seconds for seconds, _ in timed):
        return "longest step:", *model
    if len(timed) < 2:  # noqa: PLR2004 - of one alone nothing is the longest
        return "", "", None
    seconds, found = max(timed, key=lambda each: each[0])
    return f"longest {word}", brief(found.title, _TITLE_LIMIT), seconds


def _decisions(stages: Sequence[StageState]) -> list[str]:
    """Return how many calls somebody approved and denied."""
    counts = Counter(decided for stage in stages if stage.data and (decided := decision(stage)[0]))
    return [f"{counts[kind]:,} {word}" for kind, word in DECISIONS.items() if counts[kind]]


def _is_call(stage: StageState, state: RunState) -> bool:
    """Tell whether a stage is the call of a tool: below another stage, with arguments or of an agent."""
    above = state.find(stage.path.rpartition("/")[0])
    return above is not None and not stage.is_model and ("arguments" in stage.data or above.is_model)


def agent_title(stages: Sequence[StageState]) -> str:
    """Return the title of the agent that gets a word: the first at work that no other agent has called."""
    found = next((stage for stage in stages if stage.at_work and stage.is_model), None)
    return brief(found.title, _TITLE_LIMIT) if found is not None else AGENT
