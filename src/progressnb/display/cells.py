"""The cell of a notebook that is being executed: its id, its end, and what its front end says of itself."""

from __future__ import annotations

import logging
import os
import sys
from collections import deque
from contextvars import Context, copy_context
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar, cast

from progressnb.display.marimo import cell_at_work, is_marimo, place

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "at_each_end",
    "at_end",
    "current_cell",
    "current_shell",
    "current_source",
    "follow_cells",
    "hears_while_awaiting",
    "is_console",
    "is_unattended",
    "note_end",
    "publish",
]

T = TypeVar("T")

_logger = logging.getLogger("progressnb")

_HEARING = (7, 4)
"""The first ipykernel that handles messages of widgets while a cell awaits."""

_waiting: dict[object, list[Callable[[], None]]] = {}
_each: list[Callable[[], bool]] = []
_over: deque[object] = deque(maxlen=1000)
_hooked: list[object] = []
_at_work: list[Context] = []  # that of the cell that is being executed
_following: list[tuple[object, Callable[[BaseException | None], None]]] = []


def current_shell() -> Any | None:  # noqa: ANN401 - IPython's shell, which is loaded by whoever has one
    """Return IPython's shell, or None where there is none."""
    ipython = sys.modules.get("IPython")
    return ipython.get_ipython() if ipython is not None else None


def _request() -> dict[str, Any]:
    """Return the message that asked the kernel for the cell of the calling code; `{}` where there is none.

    In ipykernel 7 it follows the context: a task that a cell began belongs to that cell for all its life.
    """
    kernel = getattr(current_shell(), "kernel", None)
    if kernel is None:
        return {}
    request = kernel.get_parent()
    return cast("dict[str, Any]", request) if isinstance(request, dict) else {}


def current_cell() -> object | None:
    """Return the id of the cell whose code is calling, or None outside a notebook."""
    if (cell := cell_at_work()) is not None:
        return cell
    header: dict[str, Any] = _request().get("header") or {}
    return header.get("msg_id") or getattr(current_shell(), "execution_count", None)


def current_source() -> str:
    """Return the code of the cell that is being executed, also of a client that keeps no history; "" outside one."""
    content: dict[str, Any] = _request().get("content") or {}
    return str(content.get("code") or (getattr(current_shell(), "user_ns", {}).get("In") or [""])[-1])


def at_end(cell: object, callback: Callable[[], None]) -> bool:
    """Call back when a cell has been executed to its end, below all that it shows; return False if it is over."""
    shell = current_shell()
    if shell is None or cell is None or cell in _over:
        return False
    _hook(shell)
    _waiting.setdefault(cell, []).append(callback)
    return True


def note_end() -> None:
    """Take note, at the end of a cell, that it is over, and of each one after it.

    A task may show its first run when the cell that began it is over.
    """
    if (shell := current_shell()) is not None:
        _hook(shell)
        _over.append(current_cell())


def at_each_end(callback: Callable[[], bool]) -> None:
    """Call back whenever a cell has been executed to its end, as long as the answer is True.

    For programs that execute notebooks: they keep an update of an older cell's output if it comes in the name of the
    cell that they execute.
    """
    shell = current_shell()
    if shell is not None and callback not in _each:
        _hook(shell)
        _each.append(callback)


def _hook(shell: Any) -> None:  # noqa: ANN401 - IPython's shell
    if not any(hooked is shell for hooked in _hooked):
        shell.events.register("pre_run_cell", _begin)
        shell.events.register("post_run_cell", _end)
        _hooked.append(shell)
        _begin()


def _begin(_info: object = None) -> None:
    _at_work[:] = [copy_context()]


def _end(result: object = None) -> None:
    _end_followed(result)  # before the panels: they show what ends with the cell
    # The count of a shell without a kernel has gone on by now.
    cells = [current_cell()] if _request() else [*_waiting]
    _over.extend(cells)
    for callback in [callback for cell in cells for callback in _waiting.pop(cell, ())]:
        _quietly(callback, "end the panel of a cell")
    for again in [*_each]:
        if not _quietly(again, "store the panel of a cell"):
            _each.remove(again)
    _at_work.clear()


def _quietly(callback: Callable[[], T], purpose: str) -> T | None:
    """Call back; return None for an error: there is never a traceback of ours below a cell."""
    try:
        return callback()
    except Exception:
        _logger.warning("could not %s", purpose, exc_info=True)
        return None


def follow_cells(at_end: Callable[[BaseException | None], None]) -> None:
    """Call back at the end of each cell from now on, with the error that ended it, or None."""
    shell = current_shell()
    if shell is not None and not any(hooked == (shell, at_end) for hooked in _following):
        _hook(shell)
        _following.append((shell, at_end))


def _end_followed(result: object) -> None:
    raised, shell = getattr(result, "error_in_exec", None), current_shell()
    error = raised if isinstance(raised, BaseException) else None
    for at_end in [at_end for followed, at_end in _following if followed is shell]:
        _quietly(partial(at_end, error), "end what a cell has left")


def hears_while_awaiting() -> bool:
    """Whether the kernel handles a click while a cell awaits."""
    if is_marimo():
        return False
    ipykernel = sys.modules.get("ipykernel")
    return ipykernel is None or tuple(ipykernel.version_info[:2]) >= _HEARING


def is_console() -> bool:
    """Whether the front end may be one of plain text, such as `jupyter console` or QtConsole.

    Notebooks send the id of their cell with each request, and a program that executes notebooks answers no questions.
    """
    request = _request()
    return not _is_notebook(request) and _allows_input(request)


def is_unattended() -> bool:
    """Whether a program executes the notebook, as `nbconvert --execute` does: nobody sees what is live.

    Code that answers a message of a page, and not the request for a cell, has somebody who sees it.
    """
    request = _request()
    header: dict[str, Any] = request.get("header") or {}
    return header.get("msg_type") == "execute_request" and not _is_notebook(request) and not _allows_input(request)


def _is_notebook(request: dict[str, Any]) -> bool:
    known = "google.colab" in sys.modules or any(name in os.environ for name in ("JPY_SESSION_NAME", "VSCODE_PID"))
    return not request or bool(request.get("metadata")) or (known and _allows_input(request))


def _allows_input(request: dict[str, Any]) -> bool:
    content: dict[str, Any] = request.get("content") or {}
    return bool(content.get("allow_stdin"))


def publish(bundle: dict[str, Any], display_id: str, *, update: bool = False) -> bool:
    """Show a bundle of representations under the cell, or put it in the place of what has this id.

    A program that executes notebooks takes what comes in the name of the cell that it executes, and nothing else. So a
    run that a task or a thread begins when its cell is over stands below the cell that is being executed.

    Returns:
        Whether anybody takes it.

    """
    if place(bundle, display_id):
        return True
    from IPython.display import (
        publish_display_data,  # pyright: ignore[reportUnknownVariableType] # IPython annotates it in part
    )

    def show() -> None:
        publish_display_data(bundle, transient={"display_id": display_id}, update=update)  # type: ignore[no-untyped-call]

    if not is_unattended() or not (update or current_cell() in _over):
        show()
    elif _at_work:
        _at_work[0].copy().run(show)
    elif not update:
        return False
    return True
