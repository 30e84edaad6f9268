"""Spans of time of a run: those in which a stage waits for somebody, and those in which a model is at work.

A span is its begin and its end in seconds since the run began; the end is None while it lasts.
"""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING, TypeAlias

from progressnb.folds.words import duration_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from progressnb.folds.state import RunState, StageState

__all__ = ["Span", "longest_of_model", "merged", "model_spans", "own_seconds", "pieces", "span_text", "waited_seconds"]

Span: TypeAlias = "tuple[float, float | None]"

MOST = 24
"""Spans of a model that are shown: the longest ones."""

_MINUTE = 60  # seconds
_SHORTEST = 0.05  # seconds of a model that are worth a bar
_MAINLY = 0.5  # the share of a span that is written in, so that it is named by it


def waited_seconds(stages: Iterable[StageState]) -> float:
    """Return for how long one of these stages or more waited for somebody; waits that go on do not count."""
    waits = [(begin, end) for stage in stages for begin, end in stage.waits if end is not None]
    return math.fsum(end - begin for begin, end in merged(waits))


def pieces(spans: Iterable[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return spans of time without those that overlap, at most `MOST`: the shortest gaps are closed."""
    found = merged(spans)
    gaps = sorted(after[0] - before[1] for before, after in itertools.pairwise(found))
    least = gaps[len(found) - MOST - 1] if len(found) > MOST else -1.0
    joined: list[tuple[float, float]] = []
    for begin, end in found:
        if joined and begin - joined[-1][1] <= least:
            joined[-1] = joined[-1][0], end
        else:
            joined.append((begin, end))
    return joined


def span_text(seconds: float) -> str:
    """Return the time from the first begin of many stages to the last end: "in 2.8 s"."""
    text = duration_text(seconds)
    return f"in {text}" if round(seconds) < _MINUTE else text


def own_seconds(stage: StageState) -> float:
    """Return the seconds that an ended stage worked: without those in which it, or one below it, waited."""
    waited = waited_seconds(each for _, each in stage.walk())
    return max(0.0, (stage.duration or 0.0) - waited)


def model_spans(state: RunState) -> list[Span]:
    """Return when the model was at work in a run of one agent: the time between the calls of its tools."""
    agent = _agent(state)
    return [] if agent is None else _between(agent)


def longest_of_model(state: RunState) -> tuple[str, float] | None:
    """Return the longest time of the model that has ended, and what it did then: "writing", or "model"."""
    agent = _agent(state)
    if agent is None:
        return None
    spans = [(begin, end) for begin, end in _between(agent) if end is not None]
    if not spans:
        return None
    begin, end = max(spans, key=lambda span: span[1] - span[0])
    first, last = agent.wrote or (0.0, 0.0)
    written = min(last, end) - max(first, begin)
    return "writing" if written > _MAINLY * (end - begin) else "model", end - begin


def _agent(state: RunState) -> StageState | None:
    """Return the stage of the agent that is the whole of a run and has called tools, or None."""
    only = state.stages[0] if len(state.stages) == 1 else None
    return only if only is not None and only.is_model and only.children else None


def _between(agent: StageState) -> list[Span]:
    at = agent.started_elapsed or 0.0
    found: list[Span] = []
    calls = [
        (begin, begin + stage.duration if stage.duration is not None else math.inf)
        for stage in agent.children
        if (begin := stage.started_elapsed) is not None
    ]
    for begin, end in merged(calls):
        if begin - at >= _SHORTEST:
            found.append((at, begin))
        at = end
    if at < math.inf:
        over = None if agent.duration is None else (agent.started_elapsed or 0.0) + agent.duration
        if over is None or over - at >= _SHORTEST:
            found.append((at, over))
    if len(found) > MOST:
        found = sorted(sorted(found, key=_length)[-MOST:])
    return found


def _length(span: Span) -> float:
    return math.inf if span[1] is None else span[1] - span[0]


def merged(spans: Iterable[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return spans without those that overlap."""
    merged: list[tuple[float, float]] = []
    for begin, end in sorted(spans):
        if merged and begin <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(merged[-1][1], end)
        else:
            merged.append((begin, end))
    return merged
