"""The ends of a bar's stage and of its run, and the frame of the loop whose end is the bar's."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from progressnb.errors import RunCancelled

if TYPE_CHECKING:
    from types import CodeType, FrameType, TracebackType

    from progressnb.execution.driven import DrivenRun
    from progressnb.tracking import StageHandle

__all__ = ["comes_through", "end_run", "end_stage", "frame_of_loop", "stops"]


def frame_of_loop() -> FrameType | None:
    """Return the frame of the loop over a bar that asks for its first item now, or None."""
    frame: FrameType | None = sys._getframe(1)  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] # as debuggers do
    while frame is not None and str(frame.f_globals.get("__name__")).partition(".")[0] in ("tqdm", "progressnb"):
        frame = frame.f_back
    return frame


def comes_through(error: BaseException, code: CodeType) -> bool:
    """Return whether an error came through a function."""
    trace: TracebackType | None = error.__traceback__
    while trace is not None and trace.tb_frame.f_code is not code:
        trace = trace.tb_next
    return trace is not None


def stops(error: BaseException | None) -> bool:
    """Return whether an error ends a bar as cancelled."""
    return error is not None and (isinstance(error, RunCancelled) or not isinstance(error, Exception | GeneratorExit))


def end_stage(stage: StageHandle, failure: Exception | None, *, stopped: bool) -> None:
    """End the stage of a bar as stopped, failed or finished."""
    if stopped:
        stage.cancel()
    elif failure is not None:
        stage.fail(failure)
    else:
        stage.finish()


def end_run(own: DrivenRun, failure: Exception | None, reason: str | None) -> None:
    """End the run of a bar; a reason says that it was stopped."""
    if reason is not None:
        own.stop(reason)
    elif failure is not None:
        own.fail(failure)
    else:
        own.finish()
