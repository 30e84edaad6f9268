"""The stages below a loop, grouped by the item that they belong to."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from progressnb.folds.shapes import is_number
from progressnb.folds.stages import FoldedStages, StageState

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from progressnb.wire.events import StageStatus

__all__ = ["by_item", "items_of"]

_ITEM = "item"
_MARK = "#item:"  # no stage has such a name


def by_item(stages: Sequence[StageState], loop: StageState) -> Sequence[StageState]:
    """Return the stages below a loop; those of one item, from two on, as stages below one of their own."""
    if _ITEM not in stages[0].data and _ITEM not in stages[-1].data:
        return stages
    if loop.path.rpartition("/")[2].startswith(_MARK):  # below an item
        return stages
    items: dict[str, list[StageState]] = {}
    for stage in stages:
        if (item := stage.data.get(_ITEM)) is not None:
            items.setdefault(_number(item), []).append(stage)
    found: list[StageState] = []
    for stage in stages:
        item = _number(stage.data.get(_ITEM))
        parts = items.get(item, [])
        if len(parts) < 2:  # noqa: PLR2004 - one stage is the item
            found.append(stage)
        elif stage is parts[0]:
            found.append(_stage_of(item, parts, f"{loop.path}/{_MARK}{item}"))
    return found


def items_of(folded: Mapping[str, FoldedStages], stages: Sequence[StageState]) -> Mapping[str, FoldedStages]:
    """Return the sums of stages below a loop, as sums of its items where `by_item` made stages of these."""
    if not folded or not any(stage.path.rpartition("/")[2].startswith(_MARK) for stage in stages):
        return folded
    parts = [each for each in folded.values() if each.items]
    if not parts:
        return folded
    most = max(parts, key=lambda each: each.items)
    items = replace(most, name=_ITEM, title="Item", counts=Counter(finished=most.items))
    items.began = min((each.began for each in parts if each.began is not None), default=None)
    items.ended = max((each.ended for each in parts if each.ended is not None), default=None)
    return {**{name: each for name, each in folded.items() if not each.items}, _ITEM: items}


def _number(item: object) -> str:
    """Return the number of an item as people count, from 1; the data count from 0."""
    return f"{item + 1:g}" if is_number(item) else str(item)


def _stage_of(item: str, parts: list[StageState], path: str) -> StageState:
    started = min((start for part in parts if (start := part.started_elapsed) is not None), default=None)
    ends = [(part.started_elapsed or 0.0) + (part.duration or 0.0) for part in parts]
    status = _status(parts)
    return StageState(
        name=_ITEM,
        title=f"Item {item}",
        path=path,
        status=status,
        started_elapsed=started,
        duration=max(ends) - (started or 0.0) if all(part.ended for part in parts) else None,
        children=parts,
    )


def _status(parts: list[StageState]) -> StageStatus:
    """Return the status of an item: that of a part at work or failed, else that of the last."""
    for part in parts:
        if part.at_work:
            return "running"
    if all(part.ended for part in parts):
        return "failed" if parts[-1].status == "failed" else "finished"
    return "running" if any(part.ended for part in parts) else "pending"
