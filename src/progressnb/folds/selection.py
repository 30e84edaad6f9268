"""The rows of a trace: which stages are shown, which of a kind are one row, and which are only counted.

Stages that failed come first, then those at work, then the latest. Finished siblings of a kind are one row.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from progressnb.folds.items import by_item

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from progressnb.folds.stages import FoldedStages, StageState

__all__ = ["UNREACHED", "Chosen", "choose", "remark_text"]

OF_A_KIND = 4
"""Finished siblings of a kind that become one row."""

DEEPEST = 12
"""Levels of rows; what is deeper stands at this level. Readers of JSON give up at 200 levels."""

UNREACHED = "not reached"
"""The word for pending stages of a run that has ended."""

_COUNTED = ("running", "finished", "failed", "cancelled", "pending")


@dataclass(slots=True)
class Chosen:
    """One row: a stage, or `kind`, the finished siblings that it stands for, with the number of their `failed` ones.

    `folded` has the sums of others of this kind, which the state does not keep one by one.
    `hidden` counts the stages below it that are not shown, by status.
    """

    stage: StageState | None
    kind: list[StageState] = field(default_factory=list["StageState"])
    failed: int = 0
    folded: FoldedStages | None = None
    children: list[Chosen] = field(default_factory=list["Chosen"])
    hidden: Counter[str] = field(default_factory=Counter[str])

    @property
    def count(self) -> int:
        """The stages of the kind that have not failed, kept or folded."""
        return len(self.kind) + (self.folded.count - self.folded.counts["failed"] if self.folded is not None else 0)


@dataclass(slots=True)
class _Place:
    """One stage of the tree, or its siblings of a kind; `above` is the place of its parent."""

    stage: StageState
    above: _Place | None
    order: int
    depth: int
    kind: list[StageState]
    failed: int
    folded: FoldedStages | None = None
    shown: Chosen | None = None
    inside: Chosen | None = None  # the row below which its children stand

    @property
    def importance(self) -> tuple[int, float, int]:
        stage = self.kind[-1] if self.kind else self.stage
        begun = -1.0 if stage.started_elapsed is None else stage.started_elapsed
        if stage.status == "failed":
            return 3, begun, self.order
        if stage.at_work:
            return 2, begun, self.order
        return 1 if self.above is None or self.kind else 0, begun, self.order


def choose(stages: Sequence[StageState], limit: int, folded: Mapping[str, FoldedStages] | None = None) -> Chosen:
    """Return the rows of a tree of stages, `limit` at most, below a row that stands for the run.

    `folded` has the sums of stages at the top that are not kept one by one.
    """
    places = _places(stages, folded or {})
    root = Chosen(None)
    for place in _most_important(places, limit):
        place.shown = Chosen(place.stage, place.kind, place.failed, place.folded)
    for place in places:  # parents come before their children
        around = root if place.above is None or place.above.inside is None else place.above.inside
        place.inside = around
        if place.shown is None:
            around.hidden[place.stage.status] += len(place.kind) or 1
            around.hidden.update(place.folded.counts if place.folded is not None else {})
        else:
            around.children.append(place.shown)
            if place.depth < DEEPEST:
                place.inside = place.shown
    return root


def _places(stages: Sequence[StageState], folded: Mapping[str, FoldedStages]) -> list[_Place]:
    """Return the stages, parents first; finished siblings of a kind, with all below them, are one place."""
    places: list[_Place] = []
    waiting = _siblings(stages, None, folded)[::-1]
    while waiting:
        place = waiting.pop()
        place.order = len(places)
        places.append(place)
        if not place.kind and place.stage.children:
            waiting += _siblings(place.stage.children, place, place.stage.folded)[::-1]
    return places


def _siblings(stages: Sequence[StageState], above: _Place | None, sums: Mapping[str, FoldedStages]) -> list[_Place]:
    depth = 1 if above is None else above.depth + 1
    if above is not None:
        stages, sums = by_item(stages, above.stage)
    if len(stages) < OF_A_KIND and not sums:
        return [_Place(stage, above, 0, depth, [], 0) for stage in stages]
    kinds: dict[str, list[StageState]] = {}
    failed: Counter[str] = Counter()
    for stage in stages:
        if stage.status == "failed":
            failed[stage.name] += 1
        elif stage.status == "finished" and (not stage.children or _is_finished(stage)):
            kinds.setdefault(stage.name, []).append(stage)
    folded = {name: kind for name, kind in kinds.items() if len(kind) >= OF_A_KIND or name in sums}
    first = {id(kind[0]): kind for kind in folded.values()}
    gone = {id(stage) for kind in folded.values() for stage in kind} - first.keys()
    places: list[_Place] = []
    for stage in stages:
        if id(stage) not in gone:
            kind = first.get(id(stage), [])
            others = sums.get(stage.name) if kind else None
            fails = failed[stage.name] + (others.counts["failed"] if others is not None else 0)
            places.append(_Place(stage, above, 0, depth, kind, fails if kind else 0, others))
    return places


def _is_finished(stage: StageState) -> bool:
    """Tell whether nothing below a finished stage failed or is still at work."""
    return all(below.status != "failed" and (below.status == "pending" or below.ended) for _, below in stage.walk())


def _most_important(places: list[_Place], limit: int) -> list[_Place]:
    """Return the places that are shown: the most important ones, each with those above it."""
    if len(places) <= limit:
        return places
    shown: set[int] = set()
    for place in sorted(places, key=lambda place: place.importance, reverse=True):
        chain: set[int] = set()
        at: _Place | None = place
        while at is not None and at.order not in shown and len(chain) <= limit:
            chain.add(at.order)
            at = at.above
        if len(shown) + len(chain) <= limit:
            shown |= chain
        if len(shown) == limit:
            break
    return [place for place in places if place.order in shown]


def remark_text(hidden: Counter[str], *, ended: bool = False) -> str:
    """Return how many stages are not shown, by status; empty where all are. `ended` is whether their run has ended."""
    if not hidden:
        return ""
    words = {"pending": UNREACHED} if ended else {}
    counts = [f"{hidden[status]:,} {words.get(status, status)}" for status in _COUNTED if hidden[status]]
    return ", ".join([f"… {hidden.total():,} more", *counts])
