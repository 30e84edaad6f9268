"""The rows of a trace: which stages are shown, which of a kind are one row, and which are only counted.

Stages that failed come first, then those at work, then the latest. Finished siblings of a kind are one row.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from progressnb.folds.state import ENDED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from progressnb.folds.state import StageState

__all__ = ["Chosen", "choose", "remark_text"]

OF_A_KIND = 4
"""Finished siblings of a kind that become one row."""

DEEPEST = 12
"""Levels of rows; what is deeper stands at this level. Readers of JSON give up at 200 levels."""

_COUNTED = ("running", "finished", "failed", "cancelled", "pending")


@dataclass(slots=True)
class Chosen:
    """One row: a stage, or `kind`, the finished siblings that it stands for, with the number of their `failed` ones.

    `hidden` counts the stages below it that are not shown, by status.
    """

    stage: StageState | None
    kind: list[StageState] = field(default_factory=list["StageState"])
    failed: int = 0
    children: list[Chosen] = field(default_factory=list["Chosen"])
    hidden: Counter[str] = field(default_factory=Counter[str])


@dataclass(slots=True)
class _Place:
    """One stage of the tree, or its siblings of a kind; `above` is the place of its parent."""

    stage: StageState
    above: _Place | None
    order: int
    depth: int
    kind: list[StageState] = field(default_factory=list["StageState"])
    failed: int = 0
    is_failing: bool = False  # it or something below it failed
    is_active: bool = False  # it or something below it is at work
    shown: Chosen | None = None
    inside: Chosen | None = None  # the row below which its children stand

    @property
    def importance(self) -> tuple[int, float, int]:
        stage = self.kind[-1] if self.kind else self.stage
        begun = -1.0 if stage.started_elapsed is None else stage.started_elapsed
        if stage.status == "failed":
            return 3, begun, self.order
        if stage.status != "pending" and stage.status not in ENDED:
            return 2, begun, self.order
        return 1 if self.above is None or self.kind else 0, begun, self.order


def choose(stages: Sequence[StageState], limit: int) -> Chosen:
    """Return the rows of a tree of stages, `limit` at most, below a row that stands for the run."""
    places = _folded(_places(stages))
    root = Chosen(None)
    for place in _most_important(places, limit):
        place.shown = Chosen(place.stage, place.kind, place.failed)
    for place in places:  # parents come before their children
        around = root if place.above is None or place.above.inside is None else place.above.inside
        place.inside = around
        if place.shown is None:
            around.hidden[place.stage.status] += len(place.kind) or 1
        else:
            around.children.append(place.shown)
            if place.depth < DEEPEST:
                place.inside = place.shown
    return root


def _places(stages: Sequence[StageState]) -> list[_Place]:
    places: list[_Place] = []
    waiting: list[tuple[StageState, _Place | None]] = [(stage, None) for stage in reversed(stages)]
    while waiting:
        stage, above = waiting.pop()
        place = _Place(stage, above, len(places), 1 if above is None else above.depth + 1)
        places.append(place)
        waiting += [(child, place) for child in reversed(stage.children)]
    for place in reversed(places):  # children come after their parents
        place.is_failing |= place.stage.status == "failed"
        place.is_active |= place.stage.status != "pending" and not place.stage.ended
        if place.above is not None:
            place.above.is_failing |= place.is_failing
            place.above.is_active |= place.is_active
    return places


def _folded(places: list[_Place]) -> list[_Place]:
    """Return the places, with finished siblings of a kind in the place of the first."""
    kinds: dict[tuple[int, str], list[_Place]] = {}
    failed: Counter[tuple[int, str]] = Counter()
    for place in places:
        kind = (-1 if place.above is None else place.above.order), place.stage.name
        failed[kind] += place.stage.status == "failed"
        if place.stage.status == "finished" and not place.is_failing and not place.is_active:
            kinds.setdefault(kind, []).append(place)
    gone: set[int] = set()
    for kind, siblings in kinds.items():
        if len(siblings) >= OF_A_KIND:
            first, *others = siblings
            first.kind, first.failed = [place.stage for place in siblings], failed[kind]
            gone |= {place.order for place in others}
    if not gone:
        return places
    kept: list[_Place] = []
    for place in places:
        above = place.above
        if above is not None and (above.order in gone or above.kind):
            gone.add(place.order)
        if place.order not in gone:
            kept.append(place)
    return kept


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


def remark_text(hidden: Counter[str]) -> str:
    """Return how many stages are not shown, by status; empty where all are."""
    if not hidden:
        return ""
    counts = [f"{hidden[status]:,} {status}" for status in _COUNTED if hidden[status]]
    return ", ".join([f"… {hidden.total():,} more", *counts])
