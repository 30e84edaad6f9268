"""Tracebacks in a notebook without the frames that stand between a cell and its own functions."""

from __future__ import annotations

import inspect
import sys
from traceback import walk_tb
from types import TracebackType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import FrameType

__all__ = ["hide_machinery", "without_machinery"]

_MACHINERY = (
    *("progressnb", "pydantic_ai", "pydantic_graph", "pydantic", "pydantic_core"),
    *("asyncio", "concurrent", "contextlib", "threading", "anyio", "httpx", "httpcore", "httpx_sse", "websockets"),
)
"""Packages that run what a cell asks for: their frames say nothing to the author of the cell."""


def hide_machinery(error: BaseException) -> None:
    """Let IPython leave out the frames of pydantic-ai and of ours in the traceback of an error and of its causes.

    IPython shows the last frame in any case. `traceback`, logs and debuggers have all of them, and without IPython
    nothing is changed.
    """
    seen: list[BaseException] = []
    chained: BaseException | None = error if hasattr(sys.modules.get("__main__"), "get_ipython") else None
    while chained is not None and all(chained is not each for each in seen):
        seen.append(chained)
        for frame, _ in walk_tb(chained.__traceback__):
            # Of other frames than those of functions the locals are a namespace that is in use.
            if _is_machinery(frame) and frame.f_code.co_flags & inspect.CO_OPTIMIZED:
                frame.f_locals["__tracebackhide__"] = True
        chained = chained.__cause__ or (None if chained.__suppress_context__ else chained.__context__)


def without_machinery(traceback: TracebackType | None) -> TracebackType | None:
    """Return a traceback with the other frames alone; None if there are none."""
    links: list[TracebackType] = []
    while traceback is not None:
        if not _is_machinery(traceback.tb_frame):
            links.append(traceback)
        traceback = traceback.tb_next
    kept: TracebackType | None = None
    for link in reversed(links):
        kept = TracebackType(kept, link.tb_frame, link.tb_lasti, link.tb_lineno)
    return kept


def _is_machinery(frame: FrameType) -> bool:
    return str(frame.f_globals.get("__name__")).partition(".")[0] in _MACHINERY
