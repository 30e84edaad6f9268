"""The runs of this process that have not ended, and a warning for those that were never begun."""

from __future__ import annotations

import inspect
import os
import warnings
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar
from weakref import WeakValueDictionary, finalize

from progressnb.tracking.unmade import make_all
from progressnb.wire.forks import after_fork

if TYPE_CHECKING:
    from types import FrameType

__all__ = ["Registry", "find_stack_level"]


class _Named(Protocol):
    @property
    def id(self) -> str: ...

    @property
    def operation(self) -> str: ...


R = TypeVar("R", bound=_Named)


class Registry(Generic[R]):
    """The runs that are alive.

    A run that an event loop will begin or has begun is held strongly, since asyncio holds its tasks weakly. Other runs
    are held weakly: one that nobody else refers to is gone.
    """

    def __init__(self) -> None:
        self._known: WeakValueDictionary[str, R] = WeakValueDictionary()
        self._held: dict[str, R] = {}
        after_fork(self._forget)  # a registry lives as long as its process

    def _forget(self) -> None:
        self._known.clear()
        self._held.clear()

    def alive(self) -> list[R]:
        """List the runs, the oldest first."""
        make_all()
        # Not `values()`: a thread that begins a run meanwhile would change the dictionary under it.
        return [run for each in self._known.valuerefs() if (run := each()) is not None]

    def add(self, run: R) -> None:
        """List a run, for as long as something else refers to it, behind those that began before."""
        make_all()
        self._known[run.id] = run

    def hold(self, run: R) -> None:
        """Keep a run that an event loop will begin or has begun."""
        self._held[run.id] = run

    def release(self, run: R) -> None:
        """Forget a run that has ended."""
        self._known.pop(run.id, None)
        self._held.pop(run.id, None)

    def warn_if_dropped(self, run: R) -> finalize[..., R]:
        """Warn when a run that never began is dropped or Python ends, as Python warns of coroutines.

        The warning names the line that made the run. Call `detach()` of the returned object when the run begins.
        """
        frame, _ = _find_caller()
        place = (frame.f_code.co_filename, frame.f_lineno) if frame is not None else ("unknown", 0)
        return finalize(run, _warn, run.operation, *place, os.getpid())


def find_stack_level() -> int:
    """Return the `stacklevel` with which a caller's warning names the first line outside of this package."""
    _, level = _find_caller()
    return level  # it counts this function, and a stack level counts from 1


def _find_caller() -> tuple[FrameType | None, int]:
    """Return the innermost frame outside of this package, and how many frames of the package are inside of it."""
    level, frame = 0, inspect.currentframe()
    frame = frame.f_back if frame is not None else None
    while frame is not None and frame.f_back is not None and _is_ours(frame):
        level, frame = level + 1, frame.f_back
    return frame, level


def _is_ours(frame: FrameType) -> bool:
    return str(frame.f_globals.get("__name__", "")).partition(".")[0] == "progressnb"


def _warn(operation: str, filename: str, line: int, process: int) -> None:
    if os.getpid() == process:  # in a forked process the run belongs to the parent
        message = f"{operation} was called and never ran: await it, or write .wait() after the call"
        warnings.warn_explicit(message, RuntimeWarning, filename, line)
