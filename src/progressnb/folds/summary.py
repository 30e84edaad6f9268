"""The line above a trace in words: how many stages and calls a run has, and which took longest; and its agent."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from progressnb.folds.facts import DECISIONS, decision
from progressnb.folds.spans import longest_of_model, own_seconds, waited_seconds
from progressnb.folds.survey import is_call
from progressnb.folds.texts import brief, count_text
from progressnb.folds.words import duration_text, short_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from progressnb.folds.state import RunState, StageState
    from progressnb.folds.tree import Row, Summary

__all__ = ["AGENT", "NO_SUMMARY", "agent_title", "legend", "summary"]

AGENT = "the agent"
"""The name of an agent that has none."""

NO_SUMMARY: Summary = {"text": "", "what": "", "title": "", "time": ""}
"""The line above a trace that nobody sees."""

_TITLE_LIMIT = 80
_LONGEST = "longest:"
_MOST = "mostly:"
_MOSTLY = 0.5  # the share of a stage that one of its parts takes, so that it is named in its place
_SHORTEST_WAIT = 0.1  # seconds for somebody that are worth a word


def summary(
    state: RunState,
    stages: Sequence[StageState],
    *,
    top: int = 0,
    calls: int = 0,
    hidden: Mapping[str, Counter[str]] | None = None,
) -> Summary:
    """Return what a run's trace holds: the number of its stages at the top, of all calls of tools, and of faults.

    Args:
        state: The run.
        stages: Its stages, all or the most important.
        top: The number of stages at the top that are not among them.
        calls: The number of calls that are not among them.
        hidden: The number of stages that are not among them, by the path above them and by status.

    """
    called = [stage for stage in stages if is_call(stage, state.find(stage.path.rpartition("/")[0]))]
    ids = {id(stage) for stage in called}
    shown = [stage for stage in state.stages if id(stage) not in ids]
    left = ""
    if len(shown) == 1 and not called and shown[0].children and not top:
        left, shown = short_text(shown[0]), shown[0].children
    count, calls = len(shown) + top, len(called) + calls
    alone = count <= 1 and bool(calls)  # as an agent in a run of its own: the number of stages says nothing
    parts = ([] if alone else [count_text(count, "stage")]) + ([count_text(calls, "call")] if calls else [])
    what, title, seconds = _longest(state, called if alone else shown, model=alone)
    waited = waited_seconds(stages)
    parts = [left] * bool(left) + parts + _faults(state, stages, hidden or {})
    return {
        "text": " · ".join([*parts, *_decisions(stages), *_waited(waited)]),
        "what": what,
        "title": title,
        "time": duration_text(seconds),
    }


def _faults(state: RunState, stages: Sequence[StageState], hidden: Mapping[str, Counter[str]]) -> list[str]:
    """Return what went wrong inside a run that went on: stages that failed, and those whose fallback took over.

    A stage that failed by one below it is the same fault. The error of a run that failed is shown above.
    """
    failed = sum(counts["failed"] for counts in hidden.values()) + sum(
        stage.status == "failed" and not any(each.status == "failed" for each in stage.children) for stage in stages
    )
    fallbacks = sum(stage.status == "fallback" or stage.data.get("source") == "fallback" for stage in stages)
    told = failed and state.status != "failed"
    return [f"{failed:,} failed"] * bool(told) + [count_text(fallbacks, "fallback")] * bool(fallbacks)


def _waited(seconds: float) -> list[str]:
    return [f"waited {duration_text(seconds)} for you"] if seconds >= _SHORTEST_WAIT else []


def _longest(state: RunState, among: Sequence[StageState], *, model: bool) -> tuple[str, str, float | None]:
    """Return a word, what took longest without the time in which somebody was asked, and its seconds.

    With `model` the times between the calls are looked at, too. They are no calls: the longest of them is named where
    it is most of the run: "mostly: writing".
    """
    timed = [(own_seconds(stage), stage) for stage in among if stage.ended and stage.duration is not None]
    longest = longest_of_model(state) if model and timed else None
    if longest is not None and longest[1] > _MOSTLY * (state.duration or state.elapsed):
        return _MOST, *longest
    if len(timed) < 2:  # noqa: PLR2004 - of one alone nothing is the longest
        return "", "", None
    seconds, found = max(timed, key=lambda each: each[0])
    while inner := [(own_seconds(stage), stage) for stage in found.children if stage.ended and stage.duration]:
        longest_inside, stage = max(inner, key=lambda each: each[0])
        if longest_inside < _MOSTLY * seconds:
            break
        seconds, found = longest_inside, stage  # of a stage that is mostly one of its parts the part says more
    return _LONGEST, brief(found.title, _TITLE_LIMIT), seconds


def _decisions(stages: Sequence[StageState]) -> list[str]:
    """Return how many calls somebody approved and denied."""
    counts = Counter(decided for stage in stages if stage.data and (decided := decision(stage)[0]))
    return [f"{counts[kind]:,} {word}" for kind, word in DECISIONS.items() if counts[kind]]


def legend(rows: Sequence[Row], *, model: bool) -> str:
    """Return what the bars beside the summary are, in words; empty where all of them are of stages at work.

    `model` says that some are of the model itself.
    """
    has_parts = len(rows) > 1 and any(row["children"] for row in rows)
    waits = any(row.get("waits") for top in rows for row in (top, *top["children"]))
    words = ["brown: waiting for somebody"] if waits else []
    if model:
        words = ["solid: a call", "pale: the model", *words]
    elif has_parts:
        words = ["solid: a stage or a call", "pale: a stage around its calls", *words]
    return "; ".join(words)


def agent_title(stages: Sequence[StageState]) -> str:
    """Return the title of the agent that gets a word: the first at work that no other agent has called."""
    found = next((stage for stage in stages if stage.at_work and stage.is_model), None)
    return brief(found.title, _TITLE_LIMIT) if found is not None else AGENT
