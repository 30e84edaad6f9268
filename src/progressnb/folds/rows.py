"""Which stages of a large tree a screen draws: what works or failed, and the latest; the rest is counted."""

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

_TOLD = ("running", "finished", "failed", "cancelled", "pending")


@dataclass(slots=True)
class _Place:
    depth: int
    stage: StageState
    above: int | None  # where in the list


def fold(stages: Sequence[StageState], limit: int) -> Rows:
    """Go through a tree's stages, parents first; of more than `limit` the rest is a remark a parent."""
    places: list[_Place] = []
    waiting: list[tuple[int, StageState, int | None]] = [(0, stage, None) for stage in reversed(stages)]
    while waiting:
        depth, stage, above = waiting.pop()
        waiting += [(depth + 1, child, len(places)) for child in reversed(stage.children)]
        places.append(_Place(depth, stage, above))
    shown = _choose(places, limit)
    hidden = _count_hidden(places, shown)
    open_above: list[int | None] = [None]  # the parents of what was drawn last, outermost first
    for index, place in enumerate(places):
        if index in shown:
            while open_above[-1] != place.above:
                yield from _remark(places, open_above.pop(), hidden)
            yield place.depth, place.stage
            open_above.append(index)
    while open_above:
        yield from _remark(places, open_above.pop(), hidden)


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
    counts = [f"{statuses[status]:,} {status}" for status in _TOLD if statuses[status]]
    yield depth, ", ".join([f"… {statuses.total():,} more", *counts])
