"""The loop to which a part belongs that its body begins in a stage around the loop.

`for row in pnb.track(rows): with stage.stage("parse"):` is one loop, and each "parse" is part of an item. If the parts
stood beside the loop, they would take its room.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from progressnb.tracking.blocks import current
from progressnb.tracking.counted import CountedWork
from progressnb.tracking.unmade import Unmade

if TYPE_CHECKING:
    from progressnb.tracking.stage_work import StageWork
    from progressnb.tracking.work import Work

__all__ = ["work_for_part"]


def work_for_part(work: Work, weight: float | None) -> Work:
    """Return the work that a part of `work` fills: the innermost loop below it whose body asks, else `work` itself.

    A part with a weight, or one that was expected, has its share of `work` already.
    """
    handle = current.get()  # of a loop whose stage is not made yet no part asks
    if handle is None or isinstance(handle, Unmade) or weight is not None or work.expects_parts:
        return work
    box: StageWork | None = handle._stage  # noqa: SLF001 - the stage of a `StageHandle`
    while box is not None and box.work is not work:
        is_loop = isinstance(box.work, CountedWork) and box.work.item is not None
        if is_loop and box.loop is not None and box.loop.is_current() and box.work.is_below(work):
            return box.work
        box = box.above
    return work
