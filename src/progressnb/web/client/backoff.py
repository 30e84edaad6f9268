"""Pauses between attempts to connect: they double, with some chance in them, and end after some minutes."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from progressnb.tracking.clock import Clock

__all__ = ["FIRST_PATIENCE", "PATIENCE", "Backoff"]

FIRST_PAUSE = 0.5
"""Seconds of the first pause, unless the server asks for another one."""

LONGEST_PAUSE = 15.0
"""Seconds of the longest pause, unless the server asks for a longer one."""

LONGEST_WISH = 60.0
"""Seconds of the longest pause that a server may ask for."""

PATIENCE = 300.0
"""Seconds without a connection after which a run is given up."""

FIRST_PATIENCE = 30.0
"""Seconds without a first connection after which a run is given up. It is shorter, to report a wrong port soon."""


class Backoff:
    """The pauses of one client. The chance in them keeps many clients from connecting at the same time."""

    def __init__(self, clock: Clock, chance: Callable[[], float]) -> None:
        self._clock, self._chance = clock, chance
        self._failures = 0
        self._asked = FIRST_PAUSE
        self._patience = FIRST_PATIENCE
        self._opened_at: float | None = None
        self._lost_at = clock.monotonic()

    @property
    def was_connected(self) -> bool:
        """Whether there is or was a connection."""
        return self._opened_at is not None or self._patience != FIRST_PATIENCE

    @property
    def is_repeated(self) -> bool:
        """Whether a new connection failed at once, too: not every short break is worth a word."""
        return self._failures > 1

    def opened(self) -> None:
        """Note that the server accepted a connection."""
        self._opened_at = self._clock.monotonic()

    def read(self) -> None:
        """Note that an event was read: the next pause is a short one again."""
        self._failures = 0

    def ask(self, seconds: float) -> None:
        """Take the pause that the server asks for, in seconds."""
        if seconds >= 0:
            self._asked = max(0.01, min(LONGEST_WISH, seconds))

    def lost(self) -> float | None:
        """Note that there is no connection. Return the seconds since the last one if it is time to give up."""
        now = self._clock.monotonic()
        if self._opened_at is not None:
            if now - self._opened_at > LONGEST_PAUSE:  # a stable connection
                self._failures = 0
            self._opened_at, self._lost_at, self._patience = None, now, PATIENCE
        seconds = now - self._lost_at
        return seconds if seconds > self._patience else None

    def pause(self) -> float:
        """Return the seconds to wait before the next attempt."""
        longest = max(LONGEST_PAUSE, self._asked)
        seconds = min(longest, self._asked * 2 ** min(self._failures, 10))
        self._failures += 1
        return self.scattered(seconds)

    def retry(self, attempt: int) -> float:
        """Return the seconds to wait after an attempt to send a request, counted from 0."""
        return self.scattered(min(LONGEST_PAUSE, FIRST_PAUSE * 2**attempt))

    def scattered(self, seconds: float) -> float:
        """Return between half of the seconds and all of them, by chance."""
        return seconds * (0.5 + self._chance() / 2)
