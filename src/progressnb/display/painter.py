"""When to paint: at most ten times a second, only when something changed, and always the end."""

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
"""Seconds between two paints, at the least."""

BYTES_A_SECOND = 20_000
"""What a screen may be sent on average; after a large paint the next one waits."""


class Painter:
    """Call `paint()` as a run goes on; it returns how many bytes it sent, or None.

    It ticks on the run's own clock from the first event on, which also lets a kernel's interrupt reach
    a loop that sleeps. Where code keeps that clock's loop from its turns, whoever writes an event paints when
    it is due. The last state is painted before anybody who awaits the run hears of its end.
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
        """Paint now; a screen that fails is left alone from then on, and the run goes on."""
        if self._stopped:
            return
        try:
            # Counted before: what another thread writes while this paints is for the next one.
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
        # Never two at a time: where another thread is painting, the next tick sees what this one would.
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
