"""The part of a large run that a view shows: stages that failed, those at work and the latest; others are counted."""

from __future__ import annotations

import copy
from collections import Counter
from dataclasses import replace
from itertools import chain, islice
from typing import TYPE_CHECKING, NamedTuple

from progressnb.folds.survey import parents

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from progressnb.folds.stages import FoldedStages, StageState
    from progressnb.folds.state import RunState
    from progressnb.folds.survey import Kind, Survey

__all__ = ["FEW", "Excerpt", "excerpt"]

FEW = 100
"""Stages up to which a view looks at each."""

_MORE = 10  # stages beside the rows: those above them
_KINDS = 20  # rows for many below one stage
_MARKED = 20
_TOP = 24  # stages at the top up to which each has its part of the bar


class Excerpt(NamedTuple):
    """A run as a view sees it.

    Attributes:
        state: Its state; that of a large run has some of its stages alone.
        hidden: How many more there are below each of them, and below the run itself, by status.
        top: The number of stages at the top that it does not have.
        calls: The number of calls of tools that it does not have.

    """

    state: RunState
    hidden: Mapping[str, Counter[str]]
    top: int
    calls: int


def excerpt(state: RunState, rows: int) -> Excerpt:
    """Return what a view of so many rows needs of a run. All work but the first depends on `rows` alone."""
    survey = state.survey(max(FEW, rows))
    if survey is None:
        return Excerpt(state, {}, 0, 0)
    if state.batch is None:
        _ = state.usage  # which is known then, and never summed over the excerpt
    kept = _kept(state, survey, rows)
    below: dict[str, list[StageState]] = {"": []}
    for path in sorted(kept, key=survey.numbers.__getitem__):
        below.setdefault(path.rpartition("/")[0], []).append(kept[path])
    copies: dict[str, StageState] = {}
    hidden: dict[str, Counter[str]] = {}
    folded: dict[str, dict[str, FoldedStages]] = {}
    for path in below.keys() | (kept.keys() & survey.within.keys()):
        shown = below.get(path, [])
        known = state.folded if not path else kept[path].folded
        folded[path], hidden[path] = _others(survey, path, shown, known)
        if path:
            copies[path] = copy.copy(kept[path])
    for path, stage in copies.items():
        stage.children = [copies.get(each.path, each) for each in below.get(path, [])]
        stage.folded = folded[path]
    top = [copies.get(each.path, each) for each in below[""]]
    calls = len(survey.calls - kept.keys())
    made = copy.copy(state)
    made.reduce(top, folded[""], kept | copies)
    return Excerpt(made, hidden, len(state.stages) - len(top), calls)


def _kept(state: RunState, survey: Survey, rows: int) -> dict[str, StageState]:
    """Return the stages that may be shown, by path, each with those above it."""
    kept: dict[str, StageState] = {}

    def keep(stages: Iterable[StageState], most: int) -> None:
        for stage in stages:
            if len(kept) >= most:
                return
            if state.find(stage.path) is not stage:  # folded, or another copy
                continue
            kept[stage.path] = stage
            for path in parents(stage.path):
                if not path or path in kept or (above := state.find(path)) is None:
                    break
                kept[path] = above

    speakers = [stage for stage in (state.last_output, state.thinker) if stage is not None]
    keep(state.stages if len(state.stages) <= _TOP else (), _TOP)
    keep([*speakers, *survey.longest.values()], rows + _MORE)
    keep(islice(reversed(survey.marked.values()), _MARKED), rows + _MORE)
    keep(islice(reversed(survey.failed.values()), rows), rows)
    keep(islice(reversed(survey.at_work.values()), rows), rows)
    latest = [*reversed(survey.latest)]
    top = [stage for stage in latest if "/" not in stage.path]
    keep(chain(top[:rows], islice(reversed(state.stages), rows), latest[:rows]), rows + _MORE)
    for path in ["", *kept]:
        kinds = islice(survey.large.get(path, {}).values(), _KINDS)
        keep((kind.first for kind in kinds if kind.first is not None), 2 * (rows + _MORE))
    return kept


def _others(
    survey: Survey, path: str, shown: list[StageState], folded: Mapping[str, FoldedStages]
) -> tuple[dict[str, FoldedStages], Counter[str]]:
    """Return the sums of stages below a path that are not shown and are in a row for many, and counts of others."""
    sums, hidden = dict(folded), Counter(survey.within.get(path, {}))
    for stage in shown:
        hidden[stage.status] -= 1
        hidden.subtract(survey.within.get(stage.path, {}))
    names = {stage.name for stage in shown if stage.status == "finished"}
    for name, kind in islice(survey.large.get(path, {}).items(), _KINDS):
        of_it = [stage for stage in shown if stage.name == name and stage.ended]
        rest = Counter(kind.sums.counts)
        rest.subtract(stage.status for stage in of_it)
        below = Counter(kind.below)
        for stage in of_it:
            below.subtract(survey.within.get(stage.path, {}))
        rest.pop("failed", None)  # these have rows of their own, or are hidden
        if name in names and (rest := +rest):
            hidden.subtract(rest)
            hidden.subtract(below)
            sums[name] = _joined(kind, rest, folded.get(name))
    return sums, +hidden


def _joined(kind: Kind, rest: Counter[str], folded: FoldedStages | None) -> FoldedStages:
    """Return stages that are not shown, and those that the run itself has folded, as one sum."""
    one = replace(kind.sums, counts=rest)
    if folded is None:
        return one
    one.counts += folded.counts
    one.spans = []  # nobody knows those of the others
    one.longest = max(one.longest or 0.0, folded.longest or 0.0)
    if folded.began is not None and folded.ended is not None:
        one.began = min(folded.began, folded.began if one.began is None else one.began)
        one.ended = max(folded.ended, one.ended or 0.0)
    return one
