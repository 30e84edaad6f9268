"""What is current for the code that runs: the run, the stage, and the turn of the loop."""

from __future__ import annotations

import asyncio
from contextvars import ContextVar
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Generator

    from progressnb.tracking.clock import Clock
    from progressnb.tracking.handle import StageHandle
    from progressnb.tracking.tracker import ProgressTracker

__all__ = ["Pause", "RunContext", "current_run", "current_stage", "enter_run", "leave_run", "set_stage"]

TURN = 0.02
"""Seconds that a turn of the loop may last before an awaited update gives way."""

_current: ContextVar[StageHandle | None] = ContextVar("progressnb_stage", default=None)
_current_run: ContextVar[ProgressTracker | None] = ContextVar("progressnb_run", default=None)

RunContext: TypeAlias = "tuple[ProgressTracker | None, StageHandle | None]"


def current_stage() -> StageHandle | None:
    """Return the stage that the calling code works for, or None outside any run.

    Follows the code into child tasks and into threads that carry the context, as `asyncio.to_thread` does.
    """
    return _current.get()


def current_run() -> ProgressTracker | None:
    """Return the tracker of the run that the calling code works for, or None outside any run."""
    return _current_run.get()


def enter_run(tracker: ProgressTracker) -> RunContext:
    """Make a run the current one, with no stage yet; return what `leave_run` restores."""
    previous = _current_run.get(), _current.get()
    _current_run.set(tracker)
    _current.set(None)
    return previous


def leave_run(previous: RunContext | None) -> None:
    """Restore what was current before a run."""
    tracker, stage = previous or (None, None)
    _current_run.set(tracker)
    _current.set(stage)


def set_stage(stage: StageHandle | None) -> None:
    """Make a stage the current one."""
    _current.set(stage)


class Pause:
    """What an update returns: awaiting it gives the loop its turns, if this turn has lasted 20 ms."""

    __slots__ = ("_clock", "_since")

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._since = clock.monotonic()

    def __await__(self) -> Generator[None, None, None]:
        """Yield to the loop once, if it is due."""
        if self._clock.monotonic() - self._since >= TURN:
            yield from asyncio.sleep(0).__await__()
            self._since = self._clock.monotonic()
