"""Waits for a person: an approval, an answer, `input()`, a breakpoint. They say nothing of the pace of the work."""

from __future__ import annotations

import sys
import threading
from typing import Protocol

__all__ = ["Pauses", "Waits", "is_asking"]

_ASKING = {
    "_input_request": "ipykernel.",  # `input` and `getpass` in a notebook
    "told": "progressnb.display.reading",  # `input` in a terminal
    "unix_getpass": "getpass",
    "win_getpass": "getpass",
    "interaction": "pdb",
    "interact": "code",
    "do_wait_suspend": "_pydevd_bundle",  # a breakpoint of an IDE or of JupyterLab's debugger
    "_do_wait_suspend": "_pydevd_bundle",
}
"""Functions at work while a thread waits for a person, by name, each with the beginning of its module's name."""


class Waits:
    """The waits of one run for people, as its stages report them. Changed under the run's lock; times are in seconds.

    A stage of the status "waiting" is one.
    """

    def __init__(self) -> None:
        self._open: dict[str, None] = {}  # the paths of stages that wait
        self._since = 0.0
        self._ended = 0.0

    def note(self, path: str, now: float, *, is_waiting: bool) -> None:
        """Take note of a stage's new status."""
        if is_waiting and path not in self._open:
            self._since = self._since if self._open else now
            self._open[path] = None
        elif not is_waiting and path in self._open:
            del self._open[path]
            self._ended += 0.0 if self._open else now - self._since

    def seconds(self, now: float) -> float:
        """Return how long stages have waited until now; those side by side count once."""
        return self._ended + (now - self._since if self._open else 0.0)

    def is_waiting(self, above: str | None = None) -> bool:
        """Return whether a stage waits, of those below a path where one is given."""
        return bool(self._open) and (above is None or any(path.startswith(f"{above}/") for path in self._open))


class Waiting(Protocol):
    """A stage of which others below may wait for a person."""

    @property
    def waits_for_a_person(self) -> bool:
        """Whether one of them does."""
        ...


class Pauses:
    """The time that a loop has spent waiting for a person, seen by looking from time to time.

    `stage` is that of the loop, whose body is at work in the thread that makes this object.
    """

    def __init__(self, stage: Waiting, now: float) -> None:
        self._stage = stage
        self._thread = threading.get_ident()
        self._looked = now

    def since_last(self, now: float) -> float:
        """Return the seconds since the last call, if the body waits for a person now, else 0."""
        passed, self._looked = now - self._looked, now
        return passed if self._stage.waits_for_a_person or is_asking(self._thread) else 0.0


def is_asking(thread: int) -> bool:
    """Return whether a thread waits for what a person types, or stands at a breakpoint.

    Python has no public sign for it, so its stack is read.
    """
    frame = sys._current_frames().get(thread)  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] # as debuggers do
    while frame is not None:
        module = _ASKING.get(frame.f_code.co_name)
        if module is not None and str(frame.f_globals.get("__name__")).startswith(module):
            return True
        frame = frame.f_back
    return False
