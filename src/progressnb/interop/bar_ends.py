"""The ends of a bar's stage and of its run, and the frame of the loop whose end is the bar's."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, NamedTuple

from progressnb.errors import RunCancelled
from progressnb.tracking import internals
from progressnb.tracking.counted import CountedWork

if TYPE_CHECKING:
    from types import CodeType, FrameType, TracebackType

    from progressnb.execution.driven import DrivenRun
    from progressnb.tracking import StageHandle

__all__ = ["comes_through", "end_run", "end_stage", "ending_of", "frame_of_loop", "stops"]


def frame_of_loop() -> FrameType | None:
    """Return the frame of the loop over a bar that asks for its first item now, or None."""
    frame: FrameType | None = sys._getframe(1)  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] # as debuggers do
    while frame is not None and str(frame.f_globals.get("__name__")).partition(".")[0] in ("tqdm", "progressnb"):
        frame = frame.f_back
    return frame


def comes_through(error: BaseException | None, code: CodeType | None) -> bool:
    """Return whether an error, and no interrupt, came through a function."""
    trace: TracebackType | None = error.__traceback__ if isinstance(error, Exception) and code is not None else None
    while trace is not None and trace.tb_frame.f_code is not code:
        trace = trace.tb_next
    return trace is not None


def stops(error: BaseException | None) -> bool:
    """Return whether an error ends a bar as cancelled."""
    return error is not None and (isinstance(error, RunCancelled) or not isinstance(error, Exception | GeneratorExit))


class Ending(NamedTuple):
    """The end of a bar.

    Attributes:
        failure: The error that fails it, or None.
        stopped: Whether it was stopped.
        is_short: Whether not all was done, and no error fails it.
        is_at_work: Whether the last item that was handed out is not done.

    """

    failure: Exception | None
    stopped: bool
    is_short: bool
    is_at_work: bool


def ending_of(
    error: BaseException | None,
    handed: float,
    total: float | None,
    *,
    by_error: bool,
    is_own: bool,
    is_stopped: bool,
) -> Ending:
    """Return how a bar ends.

    Args:
        error: The error that is in flight, or None. A `GeneratorExit` is that of its loop, which was left.
        handed: The number of items that were handed out.
        total: The number of items, or None.
        by_error: Whether its loop was left by an error that may be handled.
        is_own: Whether the error is sure to be the bar's own.
        is_stopped: Whether somebody has stopped it.

    """
    whole = total is None or handed >= total
    is_left = isinstance(error, GeneratorExit)
    if is_left:
        whole = total is not None and whole
        by_error = by_error and not whole
    elif whole and total is not None and isinstance(error, Exception) and not is_own:
        error = None  # all is done: the error is another one's
    stopped = by_error or is_stopped or stops(error)
    failure = error if isinstance(error, Exception) and not stopped else None
    return Ending(failure, stopped, stopped or not (whole or failure is not None), is_left and not whole)


def end_stage(stage: StageHandle, ending: Ending) -> None:
    """End the stage of a bar as stopped, failed or finished."""
    work = internals(stage).work
    if ending.stopped:
        stage.cancel()
    elif ending.failure is not None:
        stage.fail(ending.failure)
    else:
        if ending.is_short and isinstance(work, CountedWork):
            work.stand_still()  # what goes on after it fills the rest
        stage.finish()


def end_run(own: DrivenRun, failure: Exception | None, reason: str | None) -> None:
    """End the run of a bar; a reason says that it was stopped."""
    if reason is not None:
        own.stop(reason)
    elif failure is not None:
        own.fail(failure)
    else:
        own.finish()
