"""The current stage of the calling code, and the door to the machinery of a stage."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from progressnb.tracking.blocks import current
from progressnb.tracking.handle import StageHandle
from progressnb.tracking.stage import read_stage

if TYPE_CHECKING:
    from progressnb.tracking.percent import Work
    from progressnb.tracking.stage import Stage
    from progressnb.tracking.stage_work import StageWork

__all__ = ["begin_part", "current_stage", "internals", "set_stage"]


def current_stage() -> StageHandle | None:
    """Return the stage that the calling code works for.

    It follows the code into child tasks and into threads that carry the context, as `asyncio.to_thread` does.

    Returns:
        The stage, or None outside any stage of a run.

    Example:
        ::

            def read(path: str) -> str:
                if (stage := pnb.current_stage()) is not None:
                    stage.update(message=path)
                return Path(path).read_text()

    """
    return cast("StageHandle | None", current.get())


def set_stage(stage: StageHandle | None) -> None:
    """Make a stage the current one."""
    current.set(stage)


def internals(stage: StageHandle) -> StageWork:
    """Return the machinery of a stage, for packages that bridge other libraries; users need none of it."""
    return stage._stage  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] # the one door to it


def begin_part(
    stage: StageHandle,
    name: str | Stage,
    *,
    weight: float | None = None,
    title: str | None = None,
    work: Work | None = None,
) -> StageHandle:
    """Do what `stage.stage(…)` does, below another piece of `work` of that stage; for packages that bridge others."""
    return StageHandle(internals(stage).part(read_stage(name, weight, title), work))
