"""Work that is no run yet: a loop of a moment, whose run is made when somebody asks for it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

from progressnb.tracking.clock import SystemClock
from progressnb.wire.forks import after_fork

__all__ = ["LOOK", "Unmade", "make_all"]

LOOK = 0.1
"""Seconds between two looks, each of which makes the runs of all that is still at work."""


class Unmade(ABC):
    """What stands in the place of the current stage until somebody asks for that, or until it lives longer."""

    def wait(self) -> None:
        """Wait to be asked, until the next look."""
        global _is_looking  # noqa: PLW0603 - the process's one
        _waiting[self] = None
        if not _is_looking:
            _is_looking = True
            SystemClock().call_later(LOOK, _look)

    def forget(self) -> None:
        """Wait no more."""
        _waiting.pop(self, None)

    @abstractmethod
    def place(self) -> tuple[Any, Any]:
        """Return the run's tracker and the stage, made now; None in their places if it is over."""

    @abstractmethod
    def run(self) -> Any:  # noqa: ANN401 - a run, whose type is above this package
        """Return the run, made now, also of what is over."""

    @abstractmethod
    def look(self) -> None:
        """Make the run of what is still at work, and report how far that is."""

    @abstractmethod
    def renew(self) -> None:
        """Replace locks in a forked child."""


_waiting: dict[Unmade, None] = {}
_is_looking = False


def make_all() -> None:
    """Make the runs of all that waits, the oldest first."""
    for each in [*_waiting]:
        each.run()


def _look() -> None:
    global _is_looking  # noqa: PLW0603 - the process's one
    _is_looking = False
    for each in [*_waiting]:
        each.look()


def _renew() -> None:
    global _is_looking  # noqa: PLW0603 - the process's one
    _is_looking = False
    for each in _waiting:
        each.renew()
    _waiting.clear()


after_fork(_renew)
