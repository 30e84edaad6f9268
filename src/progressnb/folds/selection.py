"""The rows of a trace: which stages are shown, which of a kind are one row, and which are only counted.

Stages that failed come first, then those at work, then the latest. Finished siblings of a kind are one row, and all
that ended well of a kind whose stages a large run has folded.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from progressnb.folds.items import by_item
from progressnb.folds.survey import OF_A_KIND

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from progressnb.folds.stages import FoldedStages, StageState
    from progressnb.wire.events import StageStatus

__all__ = ["UNREACHED", "Chosen", "choose", "remark_text"]

DEEPEST = 12
"""Levels of rows; what is deeper stands at this level. Readers of JSON give up at 200 levels."""

UNREACHED = "not reached"
"""The word for pending stages of a run that has ended."""

_COUNTED = ("running", "finished", "failed", "cancelled", "pending")


@dataclass(slots=True)
class Chosen:
    """One row: a stage, or `kind`, the ended siblings that it stands for.

    `folded` has the sums of others of this kind, which the state does not keep one by one. `counts` has how many of the
    kind there are by status, those that failed among them, which are rows of their own too.
    `hidden` counts the stages below it that are not shown, by status.
    """

    stage: StageState | None
    kind: list[StageState] = field(default_factory=list["StageState"])
    folded: FoldedStages | None = None
    counts: Counter[str] = field(default_factory=Counter[str])
    children: list[Chosen] = field(default_factory=list["Chosen"])
    hidden: Counter[str] = field(default_factory=Counter[str])

    @property
    def status(self) -> StageStatus:
        """The status of a kind: finished, if any of it has, else that of most."""
        most = max(("finished", "skipped", "cancelled"), key=lambda status: self.counts[status])
        return "finished" if self.counts["finished"] else cast("StageStatus", most)


@dataclass(slots=True)
class _Place:
    """One stage of the tree, or its siblings of a kind; `above` is the place of its parent."""

    stage: StageState
    above: _Place | None
    order: int
    depth: int
    kind: list[StageState]
    folded: FoldedStages | None = None
    counts: Counter[str] = field(default_factory=Counter[str])
    beside: Counter[str] = field(default_factory=Counter[str])  # siblings that are folded and in no row
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


def choose(
    stages: Sequence[StageState],
    limit: int,
    folded: Mapping[str, FoldedStages] | None = None,
    hidden: Mapping[str, Counter[str]] | None = None,
) -> Chosen:
    """Return the rows of a tree of stages, `limit` at most, below a row that stands for the run.

    `folded` has the sums of stages at the top that are not kept one by one. `hidden` says by path how many more stages
    are below it that are none of the tree.
    """
    places, hidden = _places(stages, folded or {}), hidden or {}
    root = Chosen(None)
    root.hidden.update(hidden.get("", ()))
    for place in _most_important(places, limit):
        place.shown = Chosen(place.stage, place.kind, place.folded, place.counts)
    for place in places:  # parents come before their children
        around = root if place.above is None or place.above.inside is None else place.above.inside
        place.inside = around
        around.hidden.update(place.beside)
        if place.shown is None:
            around.hidden.update(stage.status for stage in place.kind or [place.stage])
            around.hidden.update(place.folded.counts if place.folded is not None else {})
        else:
            around.children.append(place.shown)
            if place.depth < DEEPEST:
                place.inside = place.shown
        if not place.kind and (more := hidden.get(place.stage.path)):
            place.inside.hidden.update(more)
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
        return [_Place(stage, above, 0, depth, []) for stage in stages]
    kinds: dict[str, list[StageState]] = {}
    counts: dict[str, Counter[str]] = {}
    for stage in stages:
        if stage.status == "failed" or _is_of_a_kind(stage, among=sums):
            counts.setdefault(stage.name, Counter())[stage.status] += 1
            if stage.status != "failed":
                kinds.setdefault(stage.name, []).append(stage)
    folded = {name: kind for name, kind in kinds.items() if len(kind) >= OF_A_KIND or name in sums}
    first = {id(kind[0]): kind for kind in folded.values()}
    gone = {id(stage) for kind in folded.values() for stage in kind} - first.keys()
    places: list[_Place] = []
    for stage in stages:
        if kind := first.get(id(stage)):
            others = sums.get(stage.name)
            both = counts[stage.name] + (others.counts if others is not None else Counter[str]())
            places.append(_Place(stage, above, 0, depth, kind, others, both))
        elif id(stage) not in gone:
            places.append(_Place(stage, above, 0, depth, []))
    for name in sums.keys() - folded.keys() if places else ():  # all that are kept of it have failed
        places[-1].beside.update(sums[name].counts)
    return places


def _is_of_a_kind(stage: StageState, *, among: Collection[str]) -> bool:
    """Tell whether a stage may be in a row for many; of names `among` those that are folded any that ended well may."""
    if stage.status == "finished":
        return not stage.children or _is_finished(stage)
    return stage.name in among and stage.ended and stage.status != "failed" and _is_finished(stage)


def _is_finished(stage: StageState) -> bool:
    """Tell whether nothing below an ended stage failed or is still at work."""
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
