"""Runs that stop their loops: a loop that isn't a run of its own learns here that its run is to stop."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol
from weakref import WeakKeyDictionary, WeakSet

if TYPE_CHECKING:
    from progressnb.tracking.tracker import ProgressTracker

__all__ = ["Stops", "hear"]


class _Loop(Protocol):
    def halt(self, reason: str) -> None: ...


class Stops:
    """The loops at work in one run, which end once their item at work is done when the run is to stop."""

    def __init__(self, run: ProgressTracker) -> None:
        self.reason: str | None = None
        self._loops: WeakSet[_Loop] = WeakSet()
        _stops[run] = self

    def add(self, loop: _Loop) -> None:
        """Let a loop hear of it."""
        self._loops.add(loop)
        if self.reason is not None:
            loop.halt(self.reason)

    def stop(self, reason: str) -> None:
        """Stop the loops, and those that begin from now on."""
        self.reason = self.reason or reason
        for loop in list(self._loops):
            loop.halt(self.reason)


_stops: WeakKeyDictionary[ProgressTracker, Stops] = WeakKeyDictionary()


def hear(run: ProgressTracker | None, loop: _Loop) -> None:
    """Let a loop stop with its run, where the run wants it."""
    if run is not None and (stops := _stops.get(run)) is not None:
        stops.add(loop)
