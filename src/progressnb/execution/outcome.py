"""The outcome of a run: the error of a cancelled one, and tracebacks that begin in the user's code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from progressnb.errors import RunCancelled

if TYPE_CHECKING:
    from types import TracebackType

__all__ = ["cancelled_error", "trim_traceback"]

_CALLERS = ("progressnb.execution", "asyncio")
"""Packages whose frames come before those of the operation."""


def cancelled_error(
    operation: str, reason: str | None, remedy: str = "What it had written is in run.partial."
) -> RunCancelled:
    """Return the error that awaiting a cancelled run raises."""
    why = "" if reason in (None, "", "cancelled") else f": {reason}"
    return RunCancelled(f"{operation} was cancelled{why}", remedy=remedy)


def trim_traceback(traceback: TracebackType | None) -> TracebackType | None:
    """Drop the first frames of a traceback, in which a run calls the operation.

    A traceback that has no other frames stays whole.
    """
    inner = traceback
    while inner is not None and _is_caller(inner.tb_frame.f_globals.get("__name__")):
        inner = inner.tb_next
    return inner or traceback


def _is_caller(module: object) -> bool:
    return isinstance(module, str) and (module in _CALLERS or module.startswith(tuple(f"{name}." for name in _CALLERS)))
