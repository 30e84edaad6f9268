"""The garbage collector: whether the code at work was called by it.

A collection may begin at nearly any line of any code, whatever locks it holds. So what the collector calls must wait
for no lock, import nothing and write to no screen.
"""

from __future__ import annotations

import gc
import threading

__all__ = ["is_collecting", "notice_collections"]

_threads: set[int] = set()
"""The threads in which a collection goes on."""


def is_collecting() -> bool:
    """Return whether this thread is in the midst of a collection, as far as `notice_collections` was called."""
    return threading.get_ident() in _threads


def notice_collections() -> None:
    """Take note of collections from now on."""
    if _notice not in gc.callbacks:
        gc.callbacks.append(_notice)


def _notice(phase: str, _facts: dict[str, int]) -> None:
    (_threads.add if phase == "start" else _threads.discard)(threading.get_ident())
