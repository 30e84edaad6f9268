"""How a run's end reaches whoever waits: its error says what happened, its traceback begins in the user's code."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from progressnb.errors import RunCancelled

if TYPE_CHECKING:
    from types import TracebackType

__all__ = ["cancelled_error", "without_ours"]

_OURS = tuple(str(Path(__file__).with_name(name)) for name in ("run.py", "operation.py", "streaming_operation.py"))
_ASYNCIO = str(Path(asyncio.__file__).parent)


def cancelled_error(
    operation: str, reason: str | None, remedy: str = "What it had written is in run.partial."
) -> RunCancelled:
    """Return what awaiting a cancelled run raises."""
    why = "" if reason in (None, "", "cancelled") else f": {reason}"
    return RunCancelled(f"{operation} was cancelled{why}", remedy=remedy)


def without_ours(traceback: TracebackType | None) -> TracebackType | None:
    """Leave out the first frames, in which a run calls the operation: nobody looks for an error there.

    All stay where there are no others.
    """
    inner = traceback
    while inner is not None and inner.tb_frame.f_code.co_filename.startswith((*_OURS, _ASYNCIO)):
        inner = inner.tb_next
    return inner or traceback
