"""The current stage of the calling code, and the door to the machinery of a stage."""

from __future__ import annotations

import logging
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from progressnb.tracking.blocks import current
from progressnb.tracking.handle import StageHandle
from progressnb.tracking.stage import read_stage
from progressnb.wire.forks import after_fork

if TYPE_CHECKING:
    from collections.abc import Callable

    from progressnb.tracking.percent import Work
    from progressnb.tracking.stage import Stage
    from progressnb.tracking.stage_work import StageWork

__all__ = ["Guide", "begin_part", "current_stage", "current_work", "entered_run", "internals", "place_by", "set_stage"]

_logger = logging.getLogger("progressnb")

# A `ProgressTracker`, whose module needs this one. `current_run` gives the type.
entered_run: ContextVar[Any] = ContextVar("progressnb_run", default=None)
after_fork(lambda: entered_run.set(None))

Guide: TypeAlias = "Callable[[], tuple[Any, StageHandle] | None]"
"""A function that returns the run and the stage of the calling code, where another library's context tells them."""

_guides: tuple[Guide, ...] = ()


def place_by(guide: Guide) -> Callable[[], None]:
    """Let a bridge say which stage the calling code works for, by the context of the library that it bridges.

    Such a library keeps its own context right in generators and tasks. A variable that a bridge set there would stay
    set in the code of whoever iterates.

    Args:
        guide: A function that returns the run and the stage, or None. It is asked often: it must be quick.

    Returns:
        A function that takes the guide away again.

    """
    global _guides  # noqa: PLW0603 - the process's one
    _guides = (*_guides, guide)

    def forget() -> None:
        global _guides  # noqa: PLW0603 - the process's one
        _guides = tuple(each for each in _guides if each is not guide)

    return forget


def current_work() -> tuple[Any, StageHandle | None]:
    """Return the run and the stage that the calling code works for, or None in their places: the innermost counts."""
    run, stage = entered_run.get(), cast("StageHandle | None", current.get())
    for guide in _guides:
        try:
            found = guide()
        except Exception:
            _logger.warning("could not ask another library for the current stage", exc_info=True)
            continue
        if found is None or found[1].ended:
            continue
        if run is None or run.log.ended or (found[0].id == run.id and _is_below(found[1], stage)):
            run, stage = found
    return run, stage


def _is_below(found: StageHandle, stage: StageHandle | None) -> bool:
    return stage is None or stage.ended or found.path.startswith(f"{stage.path}/")


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
    return current_work()[1] if _guides else cast("StageHandle | None", current.get())


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
