"""The garbage collector and the end of Python: whether the code at work was called by one of them.

A collection may begin at nearly any line of any code, whatever locks it holds. So what the collector calls must wait
for no lock, import nothing and write to no screen. At the end of Python daemon threads stop where they are, with the
locks that they hold: whoever waits for one of these waits for ever.
"""

from __future__ import annotations

import gc
import sys
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["is_collecting", "is_finalizing", "notice_collections"]

_threads: set[int] = set()
"""The threads in which a collection goes on."""


def is_finalizing(_ask: Callable[[], bool] = sys.is_finalizing) -> bool:
    """Return whether Python ends, after its exit functions: no lock may be waited for any more, and no thread begins.

    A finalizer binds this function as a default, since the names of modules are gone at the very end.
    """
    return _ask()


def is_collecting() -> bool:
    """Return whether this thread is in the midst of a collection, as far as `notice_collections` was called."""
    return threading.get_ident() in _threads


def notice_collections() -> None:
    """Take note of collections from now on."""
    if _notice not in gc.callbacks:
        gc.callbacks.append(_notice)


def _notice(phase: str, _facts: dict[str, int]) -> None:
    (_threads.add if phase == "start" else _threads.discard)(threading.get_ident())
