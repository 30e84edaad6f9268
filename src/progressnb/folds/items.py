"""The stages below a loop, grouped by the item that they belong to."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from progressnb.folds.shapes import is_number
from progressnb.folds.stages import FoldedStages, StageState

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from progressnb.wire.events import StageStatus

__all__ = ["by_item"]

_ITEM = "item"
_MARK = "#item:"  # no stage has such a name


def by_item(stages: Sequence[StageState], loop: StageState) -> tuple[Sequence[StageState], Mapping[str, FoldedStages]]:
    """Return the stages below a loop and the sums of those that are folded, by item where items have several parts.

    Of an item with one part the part itself is the item.
    """
    if not stages or (_ITEM not in stages[0].data and _ITEM not in stages[-1].data):
        return stages, loop.folded
    if loop.path.rpartition("/")[2].startswith(_MARK):  # below an item
        return stages, loop.folded
    items: dict[str, list[StageState]] = {}
    for stage in stages:
        if (item := stage.data.get(_ITEM)) is not None:
            items.setdefault(_number(item), []).append(stage)
    fewest = 2
    if any(each.items for each in loop.folded.values()) and any(len(parts) > 1 for parts in items.values()):
        fewest = 1  # the other parts of the item are folded
    found: list[StageState] = []
    made = 0
    for stage in stages:
        item = _number(stage.data.get(_ITEM))
        parts = items.get(item, [])
        if len(parts) < fewest:
            found.append(stage)
        elif stage is parts[0]:
            found.append(_stage_of(item, parts, f"{loop.path}/{_MARK}{item}"))
            made += 1
    return found, _sums(stages, loop.folded, made) if fewest == 1 else loop.folded


def _sums(stages: Sequence[StageState], folded: Mapping[str, FoldedStages], made: int) -> Mapping[str, FoldedStages]:
    """Return the sums of the parts of items as those of the items themselves; `made` of them are stages."""
    parts = [each for each in folded.values() if each.items]
    kept = Counter(name for name, _ in {(stage.name, _number(stage.data.get(_ITEM))) for stage in stages})
    total = max(each.items + kept[each.name] for each in parts)
    items = FoldedStages(_ITEM, "Item", Counter(finished=max(0, total - made)))
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
