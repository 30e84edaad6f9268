"""The rows of a large tree: stages at work or failed, then the latest; the others are counted."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from progressnb.folds.state import ENDED

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from progressnb.folds.state import StageState

__all__ = ["Rows", "fold"]

Rows: TypeAlias = "Iterator[tuple[int, StageState | str]]"
"""Stages, or in place of some a remark, each with its depth."""

_COUNTED = ("running", "finished", "failed", "cancelled", "pending")


@dataclass(slots=True)
class _Place:
    depth: int
    stage: StageState
    above: int | None  # index of its parent's place


def fold(stages: Sequence[StageState], limit: int, *, collapse: bool = False) -> Rows:
    """Yield a tree's stages, parents first; where there are more than `limit`, a remark a parent counts the rest.

    With `collapse` the parts of an ended stage are left out and not counted, except those that failed.
    """
    places = _places(stages)
    if collapse:
        places = _collapsed(places)
    shown = _choose(places, limit)
    hidden = _count_hidden(places, shown)
    open_above: list[int | None] = [None]  # the parents of the last row, outermost first
    for index, place in enumerate(places):
        if index in shown:
            while open_above[-1] != place.above:
                yield from _remark(places, open_above.pop(), hidden)
            yield place.depth, place.stage
            open_above.append(index)
    while open_above:
        yield from _remark(places, open_above.pop(), hidden)


def _places(stages: Sequence[StageState]) -> list[_Place]:
    places: list[_Place] = []
    waiting: list[tuple[int, StageState, int | None]] = [(0, stage, None) for stage in reversed(stages)]
    while waiting:
        depth, stage, above = waiting.pop()
        waiting += [(depth + 1, child, len(places)) for child in reversed(stage.children)]
        places.append(_Place(depth, stage, above))
    return places


def _collapsed(places: list[_Place]) -> list[_Place]:
    failing = [place.stage.status == "failed" for place in places]
    for index in range(len(places) - 1, -1, -1):  # children come after their parents
        above = places[index].above
        if failing[index] and above is not None:
            failing[above] = True
    kept: list[_Place] = []
    where: dict[int | None, int | None] = {None: None}
    for index, place in enumerate(places):
        above = place.above
        if above in where and (above is None or failing[index] or not places[above].stage.ended):
            where[index] = len(kept)
            kept.append(_Place(place.depth, place.stage, where[above]))
    return kept


def _choose(places: list[_Place], limit: int) -> set[int]:
    if len(places) <= limit:
        return set(range(len(places)))
    shown: set[int] = set()
    for index in sorted(range(len(places)), key=lambda at: _importance(places[at], at), reverse=True):
        chain: list[int] = []
        at: int | None = index
        while at is not None and at not in shown and len(chain) <= limit:
            chain.append(at)
            at = places[at].above
        if len(shown) + len(chain) <= limit:
            shown.update(chain)
        if len(shown) == limit:
            break
    return shown


def _importance(place: _Place, index: int) -> tuple[int, float, int]:
    stage = place.stage
    begun = -1.0 if stage.started_elapsed is None else stage.started_elapsed
    if stage.status == "failed" or (stage.status != "pending" and stage.status not in ENDED):
        return 2, begun, index
    return 1 if place.above is None else 0, begun, index


def _count_hidden(places: list[_Place], shown: set[int]) -> dict[int | None, Counter[str]]:
    hidden: dict[int | None, Counter[str]] = {}
    for index, place in enumerate(places):
        if index not in shown:
            above = place.above
            while above is not None and above not in shown:
                above = places[above].above
            hidden.setdefault(above, Counter())[place.stage.status] += 1
    return hidden


def _remark(places: list[_Place], above: int | None, hidden: dict[int | None, Counter[str]]) -> Rows:
    statuses = hidden.get(above)
    if statuses is None:
        return
    depth = 0 if above is None else places[above].depth + 1
    counts = [f"{statuses[status]:,} {status}" for status in _COUNTED if statuses[status]]
    yield depth, ", ".join([f"… {statuses.total():,} more", *counts])
