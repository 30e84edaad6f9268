"""The one way of the paints of many panels: those that come within a tenth of a second are one message.

A panel alone sends its paints itself. As soon as several are at work they go through the kernel's loader, whose script
hands each to its panel.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from progressnb.wire.forks import after_fork

if TYPE_CHECKING:
    from collections.abc import Callable

    from progressnb.tracking.clock import Clock

__all__ = ["channel"]

INTERVAL = 0.1
"""The shortest time between two messages, in seconds."""


class Channel:
    """Messages to panels, by the names of their widgets."""

    def __init__(self) -> None:
        self._at_work: set[str] = set()
        self._waiting: list[tuple[str, dict[str, Any]]] = []
        self.renew()

    def renew(self) -> None:
        """Forget all, as with a new loader, and in a forked child."""
        self._lock = threading.Lock()
        self._at_work.clear()
        self._waiting.clear()
        self._last = float("-inf")
        self._at: float | None = None  # when those that wait are sent

    def __len__(self) -> int:
        """Count the panels at work that are drawn by widgets."""
        return len(self._at_work)

    def take(
        self, name: str, message: dict[str, Any], clock: Clock, send: Callable[[dict[str, Any]], None] | None
    ) -> bool:
        """Take a message for a panel at work; return False if the panel sends it itself, as one that is alone does.

        `send` sends a message through the loader; None where there is none.
        """
        with self._lock:
            self._at_work.add(name)
            if send is None or (len(self._at_work) < 2 and not self._waiting):  # noqa: PLR2004 - one is alone
                return False
            self._waiting.append((name, message))
            now = clock.monotonic()
            wait = self._last + INTERVAL - now
            is_due = wait <= 0 or (self._at is not None and now > self._at + INTERVAL)  # else its timer gets no turns
            is_timed = self._at is not None
            if not is_due and not is_timed:
                self._at = now + wait
        if is_due:
            self._flush(clock, send)
        elif not is_timed:
            clock.call_later(wait, lambda: self._on_timer(clock, send))
        return True

    def _on_timer(self, clock: Clock, send: Callable[[dict[str, Any]], None]) -> None:
        if self._at is not None and clock.monotonic() >= self._at - INTERVAL / 10:  # else another one has sent them
            self._flush(clock, send)

    def end(self, name: str, send: Callable[[dict[str, Any]], None] | None, clock: Clock) -> None:
        """Send what waits, before a panel sends its end itself."""
        with self._lock:
            self._at_work.discard(name)
            waits = any(each == name for each, _ in self._waiting)
        if waits and send is not None:
            self._flush(clock, send)

    def _flush(self, clock: Clock, send: Callable[[dict[str, Any]], None]) -> None:
        with self._lock:
            messages, self._waiting, self._at = self._waiting, [], None
            if not messages:
                return
            self._last = clock.monotonic()
        send({"kind": "paints", "paints": messages})


channel = Channel()
after_fork(channel.renew)
