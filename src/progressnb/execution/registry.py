"""The runs of this process that have not ended, and a word about those that were never begun."""

from __future__ import annotations

import inspect
import os
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakValueDictionary, finalize

if TYPE_CHECKING:
    from progressnb.execution.run import Run

__all__ = ["cancel_all", "enlist", "hold", "release", "runs", "warn_if_dropped"]

_known: WeakValueDictionary[str, Run[Any]] = WeakValueDictionary()
_held: dict[str, Run[Any]] = {}
"""Those that a loop has: asyncio itself holds its tasks weakly."""

_PACKAGE = str(Path(__file__).parents[1]) + os.sep


def runs() -> list[Run[Any]]:
    """List the runs that are alive, the oldest first."""
    # Not `values()`, which another thread that begins a run would disturb.
    return [run for each in _known.valuerefs() if (run := each()) is not None]


def cancel_all(reason: str | None = None) -> int:
    """Cancel every run that is alive; return how many there were."""
    alive = runs()
    for run in alive:
        run.cancel(reason)
    return len(alive)


def enlist(run: Run[Any]) -> None:
    """List a run from now on, for as long as somebody has it."""
    _known[run.id] = run


def hold(run: Run[Any]) -> None:
    """Keep a run that a loop has or will have."""
    _held[run.id] = run


def release(run: Run[Any]) -> None:
    """Forget a run that has ended."""
    _known.pop(run.id, None)
    _held.pop(run.id, None)


def warn_if_dropped(run: Run[Any]) -> finalize[..., Any]:
    """Warn when a run is dropped, or Python ends, before anybody awaited it, as Python does of a coroutine.

    The line that is named is the caller's. `detach()` what is returned once the run has begun.
    """
    frame = inspect.currentframe()
    while frame is not None and frame.f_back is not None and frame.f_code.co_filename.startswith(_PACKAGE):
        frame = frame.f_back
    place = (frame.f_code.co_filename, frame.f_lineno) if frame is not None else ("unknown", 0)
    return finalize(run, _warn, run.operation, *place, os.getpid())


def _warn(operation: str, filename: str, line: int, process: int) -> None:
    if os.getpid() == process:  # else a fork, whose parent still has it
        message = f"{operation} was called and never ran: await it, or write .wait() behind the call"
        warnings.warn_explicit(message, RuntimeWarning, filename, line)
