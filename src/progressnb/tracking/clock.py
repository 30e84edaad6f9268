"""The clock of a run: time is read and waited for through one object that is injected, so that tests own it."""

from __future__ import annotations

import asyncio
import contextlib
import heapq
import itertools
import logging
import threading
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple, Protocol, cast

from progressnb.wire.forks import after_fork
from progressnb.wire.garbage import is_finalizing
from progressnb.wire.loops import running_loop

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

__all__ = ["TURN", "Clock", "LateClock", "Pause", "SystemClock", "running_loop", "sleep"]

TURN = 0.02
"""Seconds that a turn of the loop may last before an awaited update gives way."""

_logger = logging.getLogger("progressnb")


class Clock(Protocol):
    """A source of time: a steady one, the time of day, and a timer."""

    def monotonic(self) -> float:
        """Return seconds that never go back."""
        ...

    def now(self) -> datetime:
        """Return the aware time of day, in UTC."""
        ...

    def call_later(self, delay: float, callback: Callable[[], None]) -> None:
        """Call back once, `delay` seconds from now. Works from any thread and never raises."""
        ...


class SystemClock:
    """The machine's time; callbacks run on the loop of whoever made the clock, else on a timer thread."""

    monotonic = staticmethod(time.monotonic)

    def __init__(self, loop: asyncio.AbstractEventLoop | None = None) -> None:
        self.loop = loop

    def now(self) -> datetime:
        """Return the aware time of day, in UTC."""
        return datetime.now(UTC)

    def call_later(self, delay: float, callback: Callable[[], None]) -> None:
        """Call back once, `delay` seconds from now."""
        loop = self.loop
        if loop is not None and not loop.is_closed():
            try:
                if running_loop() is loop:
                    loop.call_later(delay, callback)
                else:
                    loop.call_soon_threadsafe(loop.call_later, delay, callback)
            except RuntimeError:  # the loop was closed between the question and the call
                self.loop = None
            else:
                return
        _timers.call_later(delay, callback)


class LateClock(SystemClock):
    """The machine's time, which can stand at an earlier moment, of which something is told late.

    Args:
        since: The moment at which it stands until `go`, in seconds of `time.monotonic`; None lets it go at once.

    """

    class Moment(NamedTuple):
        """A moment: seconds that never go back, and the aware time of day."""

        monotonic: float
        now: datetime

    def __init__(self, since: float | None = None) -> None:
        super().__init__()
        self._stands_at: LateClock.Moment | None = None
        if since is not None:
            seconds, now = self.moment()
            self._stands_at = self.Moment(since, now - timedelta(seconds=seconds - since))

    def moment(self) -> Moment:
        """Return this moment."""
        return self.Moment(time.monotonic(), datetime.now(UTC))

    @contextlib.contextmanager
    def at(self, moment: Moment) -> Generator[None]:
        """Stand at a moment."""
        self._stands_at = moment
        try:
            yield
        finally:
            self.go()

    def go(self) -> None:
        """Go on as the machine's time."""
        self._stands_at = None

    def monotonic(self) -> float:
        """Return seconds that never go back."""
        return time.monotonic() if (at := self._stands_at) is None else at.monotonic

    def now(self) -> datetime:
        """Return the aware time of day, in UTC."""
        return datetime.now(UTC) if (at := self._stands_at) is None else at.now


class _Timers:
    """One thread that calls back where there is no loop, or one that a cell blocks; it ends when nothing is due."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()
        self._thread: threading.Thread | None = None

    def call_later(self, delay: float, callback: Callable[[], None]) -> None:
        """Call back once, `delay` seconds from now; at the end of Python never."""
        if is_finalizing():  # the thread may have stopped with the lock, and a new one never begins
            return
        with self._changed:
            due = time.monotonic() + delay, next(self._order), callback
            heapq.heappush(self._due, due)
            if self._due[0] is due:  # else the thread would wake for nothing, which costs its caller milliseconds
                self._changed.notify()
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="progressnb-timers", daemon=True)
                with contextlib.suppress(RuntimeError):  # the interpreter ends: nothing is painted any more
                    self._thread.start()

    def _run(self) -> None:
        while (callback := self._next()) is not None:
            try:
                callback()
            except Exception:
                _logger.warning("a timer's callback raised", exc_info=True)
            del callback  # what it holds need not wait for the next

    def _next(self) -> Callable[[], None] | None:
        with self._changed:
            while self._due:
                wait = self._due[0][0] - time.monotonic()
                if wait <= 0:
                    return heapq.heappop(self._due)[2]
                self._changed.wait(wait)
            self._thread = None
            return None


_timers = _Timers()


def _forget_timers() -> None:
    # A forked process has the heap and no thread; its parent's callbacks are its parent's.
    global _timers  # noqa: PLW0603 - the process's one
    _timers = _Timers()


after_fork(_forget_timers)


async def sleep(clock: Clock, seconds: float) -> None:
    """Wait until a clock has moved on by so many seconds; a cancellation ends the wait at once."""
    loop = asyncio.get_running_loop()
    passed = loop.create_future()

    def wake() -> None:
        if not passed.done():
            passed.set_result(None)

    def on_time() -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(wake)

    clock.call_later(seconds, on_time)
    await passed


_NO_TURN = cast("Generator[None, None, None]", iter(()))  # a generator would cost as much as the update


class Pause:
    """An optional turn of the event loop, which every update returns: awaiting it yields once 20 ms have passed."""

    __slots__ = ("_monotonic", "_since")

    def __init__(self, clock: Clock) -> None:
        self._monotonic = clock.monotonic
        self._since = clock.monotonic()

    def __await__(self) -> Generator[None, None, None]:
        """Yield to the loop once, if it is due."""
        if self._monotonic() - self._since < TURN:
            return _NO_TURN
        return self._turn()

    def _turn(self) -> Generator[None, None, None]:
        yield from asyncio.sleep(0).__await__()
        self._since = self._monotonic()
