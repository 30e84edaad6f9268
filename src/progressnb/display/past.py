"""The memory of runs that have ended: the events of the latest ones, for rewind, Copy and Download in their panels.

A run that was awaited is held by nobody as soon as its result is there. Its events are kept here, and not the run,
which would keep the result's own objects alive.
"""

from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from progressnb.tracking.protocols import Watchable

__all__ = ["Past", "remember"]

BYTES = 64_000_000
"""Bytes of events that are kept of all runs together; the oldest runs are forgotten first."""

RUNS = 2_000
"""Runs that are kept at most."""


class Past:
    """A run that has ended, as a screen sees it: its events and what they add up to."""

    def __init__(self, run: Watchable) -> None:
        self.operation = run.operation
        self.log = run.log
        self.state = state = run.state
        self.clock = run.clock
        self.elapsed = run.elapsed
        self.partial: Any = None if state.status == "finished" else run.partial
        self.awaited: bool = getattr(run, "awaited", True)
        self.link: str = getattr(run, "link", "")
        self.size = run.log.size

    def cancel(self, reason: str | None = None) -> None:
        """Do nothing: the run has ended."""


class _Memory:
    def __init__(self) -> None:
        self._kept: deque[Past] = deque()
        self._size = 0
        self._lock = threading.Lock()

    def add(self, past: Past) -> None:
        with self._lock:
            self._kept.append(past)
            self._size += past.size
            while self._size > BYTES or len(self._kept) > RUNS:
                self._size -= self._kept.popleft().size


_memory = _Memory()


def remember(run: Watchable) -> Past:
    """Keep a run that has ended until newer ones need its room; who uses it holds it weakly."""
    past = Past(run)
    _memory.add(past)
    return past
