"""Runs apart: begun by a run's code or by a cell, and part of none."""

from __future__ import annotations

from contextvars import copy_context
from typing import TYPE_CHECKING, TypeVar

from progressnb.tracking.current import stand_apart

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextvars import Context

__all__ = ["begin_apart"]

T = TypeVar("T")


def begin_apart(begin: Callable[[], T], context: Context | None = None) -> T:
    """Call a function that begins a run, in a copy of a context in which no run and no stage is current.

    The run has the session, the overrides of agents and the trace of that context, and no parent. It is not the latest
    run of the session, which is that of whoever begins many. What it sets in its context nobody else sees.

    Args:
        begin: The function, which returns the run.
        context: The context; None is that of the caller. It stays as it is.

    Returns:
        What the function returned.

    Example:
        ::

            context = copy_context()
            runs = [begin_apart(lambda: report.begin({"topic": topic}, show=False), context) for topic in topics]

    """

    def enter() -> T:
        stand_apart()
        return begin()

    return (copy_context() if context is None else context.copy()).run(enter)
