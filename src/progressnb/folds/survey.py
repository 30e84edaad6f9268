"""Counts of the stages of a large run, kept up to date with each change, so that a view need not go through all."""

from __future__ import annotations

import itertools
from collections import Counter, deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from progressnb.folds.silences import ENDED, is_at_work
from progressnb.folds.stages import FoldedStages

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from progressnb.folds.stages import StageState

__all__ = ["OF_A_KIND", "Kind", "Survey", "is_call", "parents"]

OF_A_KIND = 4
"""Finished siblings of a kind that become one row."""

_MOST_SPANS = 100

LATEST = 250
"""Ended stages that are known as the latest."""

_MARKS = frozenset({"ended_early", "answer_end", "answer_choices", "intervention", "approval_decision"})


def parents(path: str) -> Iterator[str]:
    """Return the paths of all stages above one, the nearest first, and at last the empty one of the run."""
    while path:
        path = path.rpartition("/")[0]
        yield path


def is_call(stage: StageState, above: StageState | None) -> bool:
    """Tell whether a stage is the call of a tool: below another stage, with arguments or of an agent.

    A tool that asks an agent has both: the agent reports in the stage of the call.
    """
    return above is not None and _is_called(stage, by_model=above.is_model)


def _is_called(stage: StageState, *, by_model: bool) -> bool:
    signs = "arguments" in stage.data, by_model
    return all(signs) if stage.is_model else any(signs)


@dataclass(slots=True)
class Kind:
    """The ended siblings of a name.

    Attributes:
        sums: How many there are by status, and their times.
        below: How many stages are below them, by status.
        first: The first that finished, or None.

    """

    sums: FoldedStages
    below: Counter[str] = field(default_factory=Counter[str])
    first: StageState | None = None


@dataclass(slots=True)
class Survey:
    """Counts of the stages that a run keeps. Whoever changes one tells it.

    Attributes:
        numbers: The stages by path, numbered so that of siblings the first has the lowest.
        added: The number of stages that were added, those that were dropped too.
        within: How many stages are below each path, at any depth, by status.
        at_work: Stages at work by path, in the order in which they began.
        failed: Failed stages by path, in the order in which they failed.
        marked: Stages by path that somebody was asked about, or that ended early.
        latest: The latest that have ended.
        kinds: The ended stages by the path above them and their name.
        large: Kinds that are one row, by the path above and their name.
        calls: The paths of ended calls of tools.
        models: The paths of stages in which a model answers.
        others: By the path above, the paths of ended stages that are calls if a model answers there.
        longest: The longest stage at the top that has ended, and the longest call, as far as there are any.

    """

    numbers: dict[str, int] = field(default_factory=dict[str, int])
    added: int = 0
    within: dict[str, Counter[str]] = field(default_factory=dict[str, Counter[str]])
    at_work: dict[str, StageState] = field(default_factory=dict[str, "StageState"])
    failed: dict[str, StageState] = field(default_factory=dict[str, "StageState"])
    marked: dict[str, StageState] = field(default_factory=dict[str, "StageState"])
    latest: deque[StageState] = field(default_factory=lambda: deque["StageState"](maxlen=LATEST))
    kinds: dict[tuple[str, str], Kind] = field(default_factory=dict[tuple[str, str], Kind])
    large: dict[str, dict[str, Kind]] = field(default_factory=dict[str, dict[str, Kind]])
    calls: set[str] = field(default_factory=set[str])
    models: set[str] = field(default_factory=set[str])
    others: dict[str, set[str]] = field(default_factory=dict[str, set[str]])
    longest: dict[bool, StageState] = field(default_factory=dict[bool, "StageState"])

    @classmethod
    def of(cls, stages: Sequence[StageState]) -> Survey:
        """Count stages, which come in the order in which they are shown."""
        survey = cls()
        by_path = {stage.path: stage for stage in stages}
        for stage in stages:
            survey.add(stage)
            survey.tell(stage)
        for stage in sorted(stages, key=lambda stage: stage.started_elapsed or 0.0):
            if stage.status != "pending":
                survey.move(stage, "pending")
        ended = [stage for stage in stages if stage.ended]
        for stage in sorted(ended, key=lambda stage: (stage.started_elapsed or 0.0) + (stage.duration or 0.0)):
            survey.end(stage, by_path.get(stage.path.rpartition("/")[0]))
        return survey

    def add(self, stage: StageState) -> None:
        """Count a stage more, which is pending."""
        self.numbers[stage.path] = self.added
        self.added += 1
        for path in parents(stage.path):
            self.within.setdefault(path, Counter())["pending"] += 1

    def move(self, stage: StageState, before: str) -> None:
        """Count that a stage has another status than before."""
        path, status = stage.path, stage.status
        for above in parents(path):
            counts = self.within[above]
            counts[before] -= 1
            counts[status] += 1
        if not is_at_work(status):
            self.at_work.pop(path, None)
        elif path not in self.at_work:
            self.at_work[path] = stage
        if status == "failed":
            self.failed[path] = stage
        elif before == "failed":
            self.failed.pop(path, None)
        if status == "waiting":
            self.marked[path] = stage
        if before in ENDED and (kind := self.kinds.get(_kind(stage))) is not None:  # it was started over
            kind.sums.counts[before] -= 1
            kind.below.subtract(self.within.get(path, ()))

    def tell(self, stage: StageState) -> None:
        """Take in that a stage has told data, which say what it is."""
        path = stage.path
        above = path.rpartition("/")[0]
        if stage.is_model and path not in self.models:
            self.models.add(path)
            self.calls |= self.others.pop(path, set())
        if stage.ended and above:
            self._place(stage, above, is_called=_is_called(stage, by_model=above in self.models))

    def _place(self, stage: StageState, above: str, *, is_called: bool) -> None:
        """Put an ended stage among the calls, or among those that are calls if a model answers above them."""
        may_be = not is_called and (not stage.is_model or "arguments" in stage.data)
        (self.calls.add if is_called else self.calls.discard)(stage.path)
        if may_be:
            self.others.setdefault(above, set()).add(stage.path)
        elif above in self.others:
            self.others[above].discard(stage.path)

    def end(self, stage: StageState, above: StageState | None) -> None:
        """Take in that a stage has ended, with its duration; `above` is the one above it, or None."""
        self.latest.append(stage)
        is_called = is_call(stage, above)
        if above is not None:
            self._place(stage, above.path, is_called=is_called)
        if is_called or above is None:
            longest = self.longest.get(is_called)
            if longest is None or (longest.duration or 0.0) < (stage.duration or 0.0):
                self.longest[is_called] = stage
        if not _MARKS.isdisjoint(stage.data):
            self.marked[stage.path] = stage
        if (kind := self.kinds.get(_kind(stage))) is None:
            kind = self.kinds[_kind(stage)] = Kind(FoldedStages(stage.name, stage.title))
        sums = kind.sums
        sums.counts[stage.status] += 1
        kind.below.update(self.within.get(stage.path, ()))
        if stage.status != "failed":
            _add_times(sums, stage)
        if stage.status == "finished":
            kind.first = kind.first or stage
            if sums.counts["finished"] >= OF_A_KIND:
                self.large.setdefault(stage.path.rpartition("/")[0], {})[stage.name] = kind

    def drop(self, stage: StageState) -> None:
        """Forget an ended stage that the run keeps no more."""
        path = stage.path
        for above in parents(path):
            if above in self.within:
                self.within[above][stage.status] -= 1
        if (kind := self.kinds.get(_kind(stage))) is not None:
            kind.sums.counts[stage.status] -= 1
            kind.below.subtract(self.within.get(path, ()))
        self.calls.discard(path)
        self.models.discard(path)
        self.others.get(path.rpartition("/")[0], set()).discard(path)
        for known in (self.others, self.numbers, self.within, self.failed, self.marked, self.large):
            known.pop(path, None)


def _add_times(sums: FoldedStages, stage: StageState) -> None:
    lasted, began = stage.duration or 0.0, stage.started_elapsed
    sums.longest = max(sums.longest or 0.0, lasted)
    if began is None:
        return
    sums.began = began if sums.began is None else min(sums.began, began)
    sums.ended = max(sums.ended or 0.0, began + lasted)
    if sums.spans and sums.spans[-1][0] <= began <= sums.spans[-1][1]:
        sums.spans[-1] = sums.spans[-1][0], max(sums.spans[-1][1], began + lasted)
    else:
        sums.spans.append((began, began + lasted))
    if len(sums.spans) > _MOST_SPANS:
        sums.spans = _joined(sums.spans)


def _joined(spans: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return spans with the shorter half of the gaps between them closed."""
    gaps = sorted(after[0] - before[1] for before, after in itertools.pairwise(spans))
    found = spans[:1]
    for begin, end in spans[1:]:
        if begin - found[-1][1] <= gaps[len(gaps) // 2]:
            found[-1] = found[-1][0], max(found[-1][1], end)
        else:
            found.append((begin, end))
    return found


def _kind(stage: StageState) -> tuple[str, str]:
    return stage.path.rpartition("/")[0], stage.name
