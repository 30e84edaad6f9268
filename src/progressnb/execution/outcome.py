"""The end of a run for whoever waits: the error of a cancelled run, and tracebacks that begin in the user's code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from progressnb.errors import RunCancelled

if TYPE_CHECKING:
    from types import TracebackType

__all__ = ["cancelled_error", "without_ours"]

_OURS = ("progressnb.execution", "asyncio")
"""Packages whose frames stand between the loop and the operation."""


def cancelled_error(
    operation: str, reason: str | None, remedy: str = "What it had written is in run.partial."
) -> RunCancelled:
    """Return the error that awaiting a cancelled run raises."""
    why = "" if reason in (None, "", "cancelled") else f": {reason}"
    return RunCancelled(f"{operation} was cancelled{why}", remedy=remedy)


def without_ours(traceback: TracebackType | None) -> TracebackType | None:
    """Drop the first frames of a traceback, in which a run calls the operation: nobody looks for an error there.

    A traceback that has no other frames stays whole.
    """
    inner = traceback
    while inner is not None and _is_ours(inner.tb_frame.f_globals.get("__name__")):
        inner = inner.tb_next
    return inner or traceback


def _is_ours(module: object) -> bool:
    return isinstance(module, str) and (module in _OURS or module.startswith(tuple(f"{name}." for name in _OURS)))
