"""The pace of a screen: at most ten paints a second, only after a change, and always one at the end."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

from progressnb.wire.events import is_last

if TYPE_CHECKING:
    from collections.abc import Callable

    from progressnb.tracking.protocols import Watchable
    from progressnb.wire.events import Event

__all__ = ["Painter"]

_logger = logging.getLogger("progressnb")

INTERVAL = 0.1
"""The shortest time between two paints, in seconds."""

BYTES_A_SECOND = 20_000
"""Bytes a second that a screen gets on average; after a large paint the next one waits."""


class Painter:
    """Call `paint()` while a run goes on; it returns the number of bytes that it sent, or None.

    A timer on the run's own clock paints, from the first event on. Its turns also let a kernel's interrupt reach a loop
    that sleeps. Where code keeps the loop from its turns, the writer of an event paints when a paint is due. The last
    state is painted before anybody who awaits the run hears of its end.
    """

    def __init__(self, run: Watchable, paint: Callable[[], int | None]) -> None:
        self._run = run
        self._paint = paint
        self._painted: tuple[int, int] | None = None
        self._wait = INTERVAL
        self._ticking = False
        self._due = 0.0
        self._painting = threading.Lock()
        self._stopped = False
        self._unsubscribe: Callable[[], None] | None = None

    @property
    def painted(self) -> bool:
        """Whether anything has been painted."""
        return self._painted is not None

    def start(self) -> None:
        """Paint what is there now and begin to follow."""
        self.paint()
        with self._run.log.lock:
            if self._run.log.ended:
                return
            self._unsubscribe = self._run.log.subscribe(self._on_event)
            if (on_trouble := getattr(self._run, "on_trouble", None)) is not None:  # a run that is served elsewhere
                on_trouble(self.paint)
            if len(self._run.log):
                self._tick_later()

    def stop(self) -> None:
        """Paint no more."""
        self._stopped = True
        if self._unsubscribe is not None:
            self._unsubscribe()

    def paint(self) -> None:
        """Paint now. A screen that raises is not painted again, and the run goes on."""
        if self._stopped:
            return
        try:
            # Counted before: events that another thread writes meanwhile are for the next paint.
            seen = (len(self._run.log), int(self._run.elapsed))
            sent = self._paint() or 0
            self._painted = seen
            self._wait = max(INTERVAL, sent / BYTES_A_SECOND)
        except Exception:
            self.stop()
            _logger.warning("stopped painting %s, which failed", self._run.operation, exc_info=True)

    def _on_event(self, event: Event) -> None:
        if is_last(event):
            self.paint()
            self.stop()
        elif not self._ticking:
            self._tick_later()
        elif self._run.clock.monotonic() > self._due + INTERVAL:
            self._paint_changes()
            self._due = self._run.clock.monotonic() + self._wait

    def _paint_changes(self) -> None:
        # Never two at a time: while another thread paints, this change is left to the next tick.
        if self._painted != (len(self._run.log), int(self._run.elapsed)) and self._painting.acquire(blocking=False):
            try:
                self.paint()
            finally:
                self._painting.release()

    def _tick_later(self) -> None:
        self._ticking = True
        self._due = self._run.clock.monotonic() + self._wait
        self._run.clock.call_later(self._wait, self._tick)

    def _tick(self) -> None:
        if self._stopped or self._run.log.ended:
            return
        if self._run.clock.monotonic() >= self._due - INTERVAL / 2:  # else a writer has just painted
            self._paint_changes()
        self._tick_later()
