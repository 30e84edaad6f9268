"""The pace of screens: at most ten paints a second, only after a change, and always one at the end."""

from __future__ import annotations

import logging
import threading
from collections import deque
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from progressnb.display.channel import channel
from progressnb.display.standstill import Lookout
from progressnb.wire.events import is_last

if TYPE_CHECKING:
    from collections.abc import Callable

    from progressnb.tracking.clock import Clock
    from progressnb.tracking.protocols import Watchable
    from progressnb.wire.events import Event

__all__ = ["ENVELOPE", "Pace", "Painter"]

_logger = logging.getLogger("progressnb")

ENVELOPE = 600
"""Bytes of a message beside its text."""

INTERVAL = 0.1
"""The shortest time between two paints, in seconds."""

LIVE_INTERVAL = 0.125
"""The shortest time between two paints of a panel that no end of a run asks for, in seconds."""

BYTES_A_SECOND = 20_000
"""Bytes a second that a screen gets on average; after a large paint the next one waits."""


PAINTS_A_SECOND = 10
"""Paints a second of a panel at most, those at the ends of runs included."""

SOON = 0.02
"""Seconds for which an event waits for a timer that is set, rather than for one of its own."""

QUIET = 1.0
"""Seconds after which a panel is painted though nothing has happened, because time goes on."""

PAUSES = 10
"""The pause after a paint that no end of a run follows, relative to the time that it took."""


class Pace:
    """One pace for any number of runs: `paint(now)` is called for all of them and returns the bytes that it sent.

    A timer on the clock of one of the runs paints, from the first event on: after a quiet time in the next turn of its
    loop. Where code keeps the loop from its turns, the writer of an event paints when a paint is due. The end of a run
    is painted at once, before anybody who awaits the run hears of it, unless there were ten paints within the last
    second: then a little later. Where `paint` returns None it was too early, and it is called again. Several panels at
    work share the time and the bytes that one may take.

    Attributes:
        patient: Whether the end of a run is left to the timer, as where many short runs follow one another.
        interval: The shortest time between two paints that no end of a run asks for, in seconds.

    """

    def __init__(
        self, paint: Callable[[float], int | None], on_end: Callable[[Watchable, Event], None] | None = None
    ) -> None:
        """Take the functions that paint, and that hear of the last event of a run before it is painted."""
        self._paint = paint
        self._on_end = on_end
        self.patient = False
        self.interval = LIVE_INTERVAL
        self._following: dict[Watchable, Callable[[], None]] = {}
        self._carrier: Watchable | None = None
        self._timer = 0
        self._at = 0.0  # when the timer paints
        self._free = 0.0  # the pause after the latest paint is over then
        self._last = float("-inf")
        self._times: deque[float] = deque(maxlen=PAINTS_A_SECOND)
        self._dirty = False
        self._painting = threading.Lock()
        self._lock = threading.Lock()
        self._lookout = Lookout(lambda: list(self._following), self._paint_now)
        self._stopped = False

    def follow(self, run: Watchable) -> None:
        """Follow one run more, to its end."""
        with run.log.lock:
            if run.log.ended:
                return
            self._following[run] = run.log.subscribe(partial(self._on_event, run))
            if (on_trouble := getattr(run, "on_trouble", None)) is not None:  # a run that is served elsewhere
                on_trouble(partial(self.wake, run))
            if len(run.log):
                self._dirty = True
                self._arm(run, LIVE_INTERVAL)
        self._lookout.begin(run)

    def stop(self) -> None:
        """Paint no more."""
        self._stopped = True
        for unsubscribe in tuple(self._following.values()):
            unsubscribe()
        self._following.clear()

    def wake(self, run: Watchable) -> None:
        """Paint soon, since something changed that is no event."""
        self._dirty = True
        self._arm(run, 0.0)

    def _on_event(self, run: Watchable, event: Event) -> None:
        self._dirty = True
        if is_last(event):
            self._following.pop(run, lambda: None)()
            if self._on_end is not None:
                self._on_end(run, event)
            if self._carrier is run:
                self._carrier = None
            if self._may_paint_at_once(run):
                self._paint_now(run)
            if other := self._other():
                self._arm(other, LIVE_INTERVAL)
            elif self._dirty:
                self._arm(run, LIVE_INTERVAL)
        elif self._carrier is None:
            self._arm(run, 0.0)
        elif (now := run.clock.monotonic()) > self._at + INTERVAL:  # the timer gets no turns
            self._paint_now(run)
        elif now >= self._free and self._at > now + SOON:  # after a quiet time
            self._carrier = None
            self._arm(run, 0.0)

    def _other(self) -> Watchable | None:
        return next(iter(list(self._following)), None)  # a copy: other threads begin and end runs

    def _may_paint_at_once(self, run: Watchable) -> bool:
        return not self.patient and (len(self._times) < PAINTS_A_SECOND or run.clock.monotonic() - self._times[0] >= 1)

    def paint(self, clock: Clock) -> None:
        """Paint now, after whatever another thread is painting. Not for callers that hold the lock of a run."""
        if not self._stopped and self._painting.acquire(timeout=1):
            self._paint_and_release(clock)

    def _paint_now(self, run: Watchable) -> None:
        # Never two at a time: while another thread paints, this change is left to the next tick.
        if not self._stopped and self._painting.acquire(blocking=False):
            self._paint_and_release(run.clock)

    def _paint_and_release(self, clock: Clock) -> None:
        try:
            began = clock.monotonic()
            self._dirty = False
            sent = self._paint(began)
            now = clock.monotonic()
            if sent is None:
                self._dirty, sent = True, 0
            elif sent:
                self._times.append(now)
            self._last = now
            share = max(1, len(channel))
            self._free = now + max(self.interval, share * sent / BYTES_A_SECOND, share * PAUSES * (now - began))
            self._at = max(self._at, self._free)
        except Exception:
            self.stop()
            _logger.warning("stopped painting a panel, which failed", exc_info=True)
        finally:
            self._painting.release()

    def _arm(self, run: Watchable, delay: float) -> None:
        # One timer at a time: those that were armed before find another number and do nothing.
        with self._lock:
            if self._stopped or self._carrier is not None:
                return
            self._carrier = run
            self._timer += 1
            number = self._timer
        now = run.clock.monotonic()
        self._at = max(self._free, now + delay)
        run.clock.call_later(max(0.0, self._at - now), partial(self._tick, run, number))

    def _tick(self, run: Watchable, number: int) -> None:
        if self._stopped or number != self._timer:
            return
        now = run.clock.monotonic()
        late = now >= self._free - INTERVAL / 2  # else a writer has just painted
        if late and any(each.state.read_ahead() for each in list(self._following)):  # a slice a turn of the loop
            with self._lock:
                self._carrier = None
            self._arm(run, 0.0)
            return
        if late and (self._dirty or (self._following and now - self._last >= QUIET - INTERVAL / 2)):
            self._paint_now(run)
        with self._lock:
            self._carrier = None
        # A run that has ended keeps its clock only as long as something is left to be painted.
        if run in self._following:
            self._arm(run, LIVE_INTERVAL)
        elif other := self._other():
            self._arm(other, LIVE_INTERVAL)
        elif self._dirty:
            self._arm(run, LIVE_INTERVAL)


class Painter:
    """Call `paint()` while a run goes on.

    A timer on the run's own clock paints, from the first event on. Its turns also let a kernel's interrupt reach a loop
    that sleeps. Where code keeps the loop from its turns, the writer of an event paints when a paint is due. The last
    state is painted before anybody who awaits the run hears of its end.
    """

    def __init__(self, run: Watchable, paint: Callable[[], None]) -> None:
        self._run = run
        self._paint = paint
        self._painted: tuple[int, int] | None = None
        self._ticking = False
        self._due = 0.0
        self._pause = INTERVAL
        self._painting = threading.Lock()
        self._lookout = Lookout(lambda: [] if self._stopped else [run], lambda _: self._paint_changes())
        self._stopped = False
        self._unsubscribe: Callable[[], None] | None = None

    def start(self) -> None:
        """Begin to follow; what is there now is painted at once, unless the run has only just begun."""
        if self._run.log.ended or not len(self._run.log) or self._run.elapsed >= INTERVAL:
            self.paint()
        with self._run.log.lock:
            if self._run.log.ended:
                return
            self._unsubscribe = self._run.log.subscribe(self._on_event)
            if (on_trouble := getattr(self._run, "on_trouble", None)) is not None:  # a run that is served elsewhere
                on_trouble(self.paint)
            if len(self._run.log):
                self._tick_later()
        self._lookout.begin(self._run)

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
            seen, began = (len(self._run.log), int(self._run.elapsed)), self._run.clock.monotonic()
            self._paint()
            self._painted = seen
            self._pause = max(INTERVAL, PAUSES * (self._run.clock.monotonic() - began))
        except Exception:
            self.stop()
            with suppress(Exception):  # where the stream of the messages is the one that fails
                _logger.warning("stopped painting %s, which failed", self._run.operation, exc_info=True)

    def _on_event(self, event: Event) -> None:
        if is_last(event):
            self.paint()
            self.stop()
        elif not self._ticking:
            self._tick_later()
        elif self._run.clock.monotonic() > self._due + INTERVAL:
            self._paint_changes()
            self._due = self._run.clock.monotonic() + self._pause

    def _paint_changes(self) -> None:
        # Never two at a time: while another thread paints, this change is left to the next tick.
        if self._painted != (len(self._run.log), int(self._run.elapsed)) and self._painting.acquire(blocking=False):
            try:
                self.paint()
            finally:
                self._painting.release()

    def _tick_later(self) -> None:
        self._ticking = True
        self._due = self._run.clock.monotonic() + self._pause
        self._run.clock.call_later(self._pause, self._tick)

    def _tick(self) -> None:
        if self._stopped or self._run.log.ended:
            return
        if self._run.state.read_ahead():  # a slice a turn of the loop
            self._run.clock.call_later(0.0, self._tick)
            return
        if self._run.clock.monotonic() >= self._due - INTERVAL / 2:  # else a writer has just painted
            self._paint_changes()
        self._tick_later()
