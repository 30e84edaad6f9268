"""The current stage of the calling code, and the door to the machinery of a stage."""

from __future__ import annotations

import logging
from contextvars import ContextVar, copy_context
from typing import TYPE_CHECKING, Any, ParamSpec, TypeAlias, TypeVar, cast

from progressnb.tracking.blocks import current
from progressnb.tracking.handle import StageHandle
from progressnb.tracking.stage import read_stage
from progressnb.tracking.unmade import Unmade
from progressnb.wire.forks import after_fork

if TYPE_CHECKING:
    from collections.abc import Callable

    from progressnb.tracking.stage import Stage
    from progressnb.tracking.stage_work import StageWork
    from progressnb.tracking.work import Work

__all__ = [
    "Guide",
    "begin_part",
    "carry",
    "current_stage",
    "current_work",
    "entered_run",
    "entered_work",
    "internals",
    "is_apart",
    "place_by",
    "set_stage",
    "stand_apart",
]

P = ParamSpec("P")
T = TypeVar("T")

_logger = logging.getLogger("progressnb")

# A `ProgressTracker`, whose module needs this one. `current_run` gives the type.
entered_run: ContextVar[Any] = ContextVar("progressnb_run", default=None)
after_fork(lambda: entered_run.set(None))

_apart: ContextVar[bool] = ContextVar("progressnb_apart", default=False)

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
    run, stage = entered_work()
    for guide in () if run is None and _apart.get() else _guides:
        try:
            found = guide()
        except Exception:
            _logger.warning("could not ask another library for the current stage", exc_info=True)
            continue
        if found is None or found[1].ended:
            continue
        if run is None or run.log.ended:
            is_inside = stage is not None and internals(stage).run_id == found[0].id and not _is_below(found[1], stage)
            run, stage = (found[0], stage) if is_inside else found  # a loop in that place sets the stage alone
        elif found[0].id == run.id and _is_below(found[1], stage):
            run, stage = found
    return run, stage


def _is_below(found: StageHandle, stage: StageHandle | None) -> bool:
    return stage is None or stage.ended or found.path.startswith(f"{stage.path}/")


def current_stage() -> StageHandle | None:
    """Return the stage that the calling code works for.

    It follows the calls: the stage of a loop is current as long as its body is at work. Child tasks and
    `asyncio.to_thread` have the stage of the code that began them. `threading.Thread`, executors and
    `loop.run_in_executor` begin without one, since Python hands them no context: `pnb.carry` takes it there. Other
    processes never have it.

    Returns:
        The stage, or None outside any stage of a run.

    Example:
        ::

            def read(path: str) -> str:
                if (stage := pnb.current_stage()) is not None:
                    stage.update(message=path)
                return Path(path).read_text()

    """
    stage = current.get()
    if _guides:
        return current_work()[1]
    follows = isinstance(stage, Unmade) or (stage is not None and internals(stage).loop is not None)
    return entered_work()[1] if follows else cast("StageHandle | None", stage)


def entered_work() -> tuple[Any, StageHandle | None]:
    """Return the run and the stage that were entered here; loops whose bodies were left end now."""
    run, stage = entered_run.get(), current.get()
    if isinstance(stage, Unmade):
        run, stage = stage.place()
    is_over = True
    while stage is not None and (loop := internals(stage).loop) is not None and not loop.is_current():
        is_over &= loop.step_over()
        run, stage = loop.before
        if is_over:
            entered_run.set(run)
            current.set(stage)
    return run, stage


def carry(function: Callable[P, T]) -> Callable[P, T]:
    """Return a function that reports where the calling code reports now, in whatever thread it is called.

    `threading.Thread`, executors and `loop.run_in_executor` hand no context on. Each call gets a copy of its own of
    the context, with all variables that follow it, so that calls may run side by side.

    Args:
        function: The function.

    Returns:
        A function of the same arguments and the same result.

    Example:
        ::

            from concurrent.futures import ThreadPoolExecutor

            with ThreadPoolExecutor() as executor:
                list(executor.map(pnb.carry(print), ["a.txt", "b.txt"]))

    """
    context = copy_context()

    def carried(*args: P.args, **kwargs: P.kwargs) -> T:
        return context.copy().run(function, *args, **kwargs)

    return carried


def stand_apart() -> None:
    """Let the calling context work for no run and no stage, whatever other libraries say, until it enters one."""
    entered_run.set(None)
    current.set(None)
    _apart.set(True)


def is_apart() -> bool:
    """Return whether the calling context stands apart: what it begins is part of something that is no run."""
    return _apart.get()


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
