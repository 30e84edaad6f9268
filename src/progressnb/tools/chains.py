"""The chain of awaits from a task down to a frame: whether a coroutine is still in it.

A frame of a coroutine does not say whether it waits or has ended by an error. But its task either is at work, and then
has it on the stack, or awaits something, and then comes to it from await to await.
"""

from __future__ import annotations

import asyncio
import inspect
import weakref
from types import CoroutineType, GeneratorType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types import FrameType

__all__ = ["Chain"]

_DEEPEST = 1_000  # awaits


class Chain:
    """The way from the task that is at work to a frame in it.

    Args:
        frame: The frame of a coroutine or of an async generator that is on the stack.

    """

    def __init__(self, frame: FrameType) -> None:
        self._frame = frame
        task = _task_at_work()
        self._task = None if task is None else weakref.ref(task)
        self._missed: object = None  # what the task awaited when the frame was missed

    def is_called_from_outside(self) -> bool:
        """Return whether the task calls, and not from within the frame."""
        return self._task is not None and self._task() is _task_at_work() is not None and not self._is_on_stack()

    def is_over(self) -> bool:
        """Return whether the frame, a coroutine's, has ended; False where nobody can know."""
        if self._task is None:
            return False
        task = self._task()
        if task is None or task.done():
            return True
        if task is _task_at_work():
            return not self._is_on_stack()
        # Another thread may go on with the task while it is read: only what is seen twice counts.
        before, self._missed = self._missed, _end_without(task.get_coro(), self._frame)
        return self._missed is not None and self._missed is before

    def _is_on_stack(self) -> bool:
        frame = inspect.currentframe()
        while frame is not None and frame is not self._frame:
            frame = frame.f_back
        return frame is not None


def _task_at_work() -> asyncio.Task[Any] | None:
    try:
        return asyncio.current_task()
    except RuntimeError:
        return None


def _end_without(awaited: object, frame: FrameType) -> object | None:
    """Return what a task waits for in the end, if the way there does not pass a frame and can be seen whole."""
    for _ in range(_DEEPEST):
        if isinstance(awaited, CoroutineType):
            at, following = awaited.cr_frame, awaited.cr_await
        elif isinstance(awaited, GeneratorType):
            at, following = awaited.gi_frame, awaited.gi_yieldfrom
            if following is None and at is not None and at is not frame and awaited.gi_suspended:
                return awaited  # it yields to the event loop, as `asyncio.sleep(0)` does
        else:
            is_future = asyncio.isfuture(awaited) or type(awaited).__name__ == "FutureIter"
            return awaited if is_future else None
        if at is None or at is frame or following is None:
            return None
        awaited = following
    return None
