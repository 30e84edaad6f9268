"""The outcome of a run: the error of a cancelled one, and tracebacks that begin in the user's code."""

from __future__ import annotations

import asyncio
import logging
import sys
from types import ModuleType
from typing import TYPE_CHECKING, TypeVar

from progressnb.errors import RunCancelled
from progressnb.execution.latest import latest_run
from progressnb.tracking.clock import running_loop
from progressnb.tracking.failures import error_text
from progressnb.wire.visible import visible

if TYPE_CHECKING:
    from types import TracebackType

    from progressnb.tracking.protocols import Watchable

__all__ = ["cancelled_error", "cancelled_run", "in_one_line", "interrupt_reason", "log_unawaited", "trim_traceback"]

_logger = logging.getLogger("progressnb")

E = TypeVar("E", bound=BaseException)

INTERRUPTED = "interrupted"

_CELL = "run_cell_async"
"""The coroutine function of IPython that runs a cell."""

_NOTHING: tuple[object, ...] = (None, "", {}, [])

_CALLERS = ("progressnb.execution", "asyncio")
"""Packages whose frames come before those of the operation."""


def cancelled_error(operation: str, reason: str | None, remedy: str) -> RunCancelled:
    """Return the error that awaiting something cancelled raises."""
    why = "" if reason in (None, "", "cancelled") else f": {reason}"
    return RunCancelled(f"{operation} was cancelled{why}", remedy=remedy)


def cancelled_run(run: Watchable, reason: str | None) -> RunCancelled:
    """Return the error that awaiting a cancelled run raises."""
    place = _place_of_partial(run)
    return cancelled_error(run.operation, reason, f"What it had written is in {place}." if place else "")


def interrupt_reason(error: BaseException, otherwise: str) -> str:
    """Return why an interrupt ended a run: "interrupted" for Ctrl-C and a notebook's Interrupt, else `otherwise`.

    A kernel cancels the task of its cell where it was interrupted; nobody else has that task.
    """
    if not isinstance(error, asyncio.CancelledError):
        return INTERRUPTED
    tasks = asyncio.all_tasks() if running_loop() is not None else set[asyncio.Task[object]]()
    is_cell = any(task.cancelling() and getattr(task.get_coro(), "__name__", "") == _CELL for task in tasks)
    return INTERRUPTED if is_cell else otherwise


def in_one_line(error: E, run: Watchable, reason: str | None = None) -> E:
    """Let an interrupt of the code that waits for a run end a notebook's cell in one line; return the error.

    The error stays of its own type, which `asyncio.timeout` and task groups look at, and remains an error. By
    default its reason is that of the run's panel.
    """
    if run.state.status == "finished":  # its code blocked the loop, and heard of the interrupt behind its end
        message = (
            f"{run.operation} had finished before it heard of the interrupt; awaiting it once more gives its result"
        )
    else:
        message = str(cancelled_run(run, reason or run.state.reason or INTERRUPTED))
    text = f"{type(error).__name__}: {message}"
    error.args = error.args or (message,)  # front ends that draw no traceback have the text of the error alone
    error._render_traceback_ = lambda: [text]  # type: ignore[attr-defined] # pyright: ignore[reportAttributeAccessIssue] # IPython's protocol
    return error


def _place_of_partial(run: Watchable) -> str:
    """Return the expression by which the user finds what the run had written; empty for nothing.

    In a notebook it has only names that are there.
    """
    if run.partial in _NOTHING:
        return ""
    names = getattr(sys.modules.get("__main__"), "__dict__", {})
    if "get_ipython" not in names:
        return "run.partial"
    variables = {name: value for name, value in list(names.items()) if not name.startswith("_")}
    if (name := next((name for name, value in variables.items() if value is run), None)) is not None:
        return f"{name}.partial"
    if latest_run() is not run:
        return ""
    modules = (name for name, value in variables.items() if _is_ours(value))
    return next((f"{name}.last_run.partial" for name in modules), "")


def _is_ours(value: object) -> bool:
    return isinstance(value, ModuleType) and value.__name__ == "progressnb"


def log_unawaited(operation: str, error: BaseException, *, shown: bool) -> None:
    """Log the failure of a run whose result nobody waits for."""
    # Without a log handler errors go to stderr. An error that a panel shows need not be printed there too.
    level = logging.INFO if shown else logging.ERROR
    _logger.log(level, "%s failed and nobody awaits it: %s", visible(operation), visible(error_text(error)))


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
