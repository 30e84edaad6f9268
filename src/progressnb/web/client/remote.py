"""A run that a server serves, read from here: it connects again by itself and goes on where it was."""

from __future__ import annotations

import asyncio
import logging
import random
import threading
from typing import TYPE_CHECKING, Any, Literal, TypeAlias
from urllib.parse import urlsplit

from progressnb.errors import AttachError, ProgressError
from progressnb.execution.watched import WatchedRun
from progressnb.web.client.address import LostError
from progressnb.web.client.transports import post_cancel
from progressnb.web.client.troubles import trouble_of
from progressnb.wire.codec import decode_any

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine

    from progressnb.tracking.clock import Clock
    from progressnb.web.client.address import Address
    from progressnb.web.client.transports import Transport
    from progressnb.wire.events import Event

__all__ = ["Connection", "RemoteRun"]

Connection: TypeAlias = Literal["connecting", "connected", "reconnecting", "ended"]

FIRST_PAUSE = 0.5
LONGEST_PAUSE = 15.0
LONGEST_WISH = 60.0
"""Seconds that a server may ask for before it is tried again."""

PATIENCE = 300.0
"""Seconds without a connection after which a run is given up."""

FIRST_PATIENCE = 30.0
"""The same before there ever was one: a wrong port is said soon."""

_logger = logging.getLogger("progressnb")


class RemoteRun(WatchedRun):
    """A served run. `connection` says how it is reached: connecting, connected, reconnecting or ended.

    Read in a thread of its own, so that it goes on while a cell blocks the kernel, and until the run ends, also if
    nobody holds it. A connection that is lost is made again after a pause that doubles, with some chance in it so
    that not all clients come at once.
    """

    def __init__(
        self,
        address: Address,
        transport: Transport,
        *,
        clock: Clock | None = None,
        chance: Callable[[], float] = random.random,
    ) -> None:
        super().__init__(clock=clock)
        self._connection: Connection = "connecting"
        self._address = address
        self._transport = transport
        self._chance = chance
        self._lost: ProgressError | None = None
        self._failures = 0
        self._asked_pause = FIRST_PAUSE
        self._patience = FIRST_PATIENCE
        self._opened_at: float | None = None
        self._lost_at = self.clock.monotonic()
        self._has_gap = False
        self._reading = False
        self._trouble = ""
        self._on_trouble: list[Callable[[], None]] = []

    @property
    def url(self) -> str:
        """Where the run is served."""
        return self._address.url

    @property
    def id(self) -> str:
        """The run's id."""
        return self._address.run_id

    @property
    def connection(self) -> Connection:
        """How it is reached."""
        return "ended" if self.log.ended else self._connection

    @property
    def trouble(self) -> str:
        """Why there is no connection yet, and for how long it is tried; empty once there was one."""
        return self._trouble

    def on_trouble(self, callback: Callable[[], None]) -> None:
        """Call back, from any thread, when there is such trouble: no event tells it."""
        self._on_trouble.append(callback)

    @property
    def exception(self) -> BaseException | None:
        """Why the run can't be read any more, or what a run that failed says of its error, else None."""
        return self._lost or super().exception

    async def __aiter__(self) -> AsyncIterator[Event]:
        """Yield every event from the first to the last. Raises as `await` does if the rest can't be had."""
        async for event in super().__aiter__():
            yield event
        if self._lost is not None:
            raise self._lost

    def cancel(self, reason: str | None = None) -> None:
        """Ask the server to stop the run and say why, from any thread. It is cancelled when the server says so."""
        if not self.log.ended:
            _in_thread(self._cancel(reason), "progressnb-cancel")

    # --- reading, in its thread ------------------------------------------------------------------

    def _begin(self, loop: asyncio.AbstractEventLoop | None = None) -> None:  # noqa: ARG002
        with self.log.lock:
            if self._reading:
                return
            self._reading = True
        _in_thread(self._read(), "progressnb-attach")

    async def _read(self) -> None:
        try:
            while not self.log.ended:
                cause = "it ended the stream"
                try:
                    await self._transport(self._address, self._seen, self)
                except LostError as error:
                    cause = str(error) or cause
                    self._tell(error)
                if not self.log.ended:
                    await self._pause(cause)
        except ProgressError as error:
            self._give_up(error)
        except Exception as error:
            _logger.warning("stopped reading %s", self.url, exc_info=True)
            self._give_up(AttachError("a stream of events", type(error).__name__, "This is a bug of progressnb."))

    def _tell(self, error: LostError) -> None:
        if self._patience != FIRST_PATIENCE or self._opened_at is not None:
            return  # there was a connection: the address is right
        words, remedy = trouble_of(error, urlsplit(self.url).netloc)
        if remedy is not None:
            raise AttachError(f"a server that can be reached at {self.url}", words, remedy)
        if not self._trouble:
            self._trouble = f"{words}; trying for {FIRST_PATIENCE:.0f} s"
            _logger.log(logging.INFO if self.shown else logging.WARNING, "%s", self._trouble)
            for callback in self._on_trouble:
                callback()

    async def _pause(self, cause: str) -> None:
        now = self.clock.monotonic()
        if self._opened_at is not None:
            if now - self._opened_at > LONGEST_PAUSE:  # it was a good one
                self._failures = 0
            self._opened_at, self._lost_at, self._patience = None, now, PATIENCE
        if now - self._lost_at > self._patience:
            got = f"no answer for {now - self._lost_at:.0f} s ({cause})"
            raise AttachError(f"a server at {self.url}", got, "The run may go on there: attach again.")
        if len(self.log):
            self._connection = "reconnecting"
        longest = max(LONGEST_PAUSE, self._asked_pause)
        pause = min(longest, self._asked_pause * 2 ** min(self._failures, 10)) * (0.5 + self._chance() / 2)
        self._failures += 1
        await _sleep(self.clock, pause)

    def _give_up(self, error: ProgressError) -> None:
        self._lost = error
        self._fail(error)

    async def _cancel(self, reason: str | None) -> None:
        for attempt in range(10):
            if self.log.ended:
                return
            try:
                await post_cancel(self._address, reason)
            except LostError:
                await _sleep(self.clock, min(LONGEST_PAUSE, FIRST_PAUSE * 2**attempt) * (0.5 + self._chance() / 2))
            except ProgressError as error:
                _logger.warning("could not cancel the run: %s", error)
                return
            else:
                return
        _logger.warning("could not cancel the run: no answer from %s", self.url)

    # --- what a connection tells -------------------------------------------------------------------

    @property
    def _seen(self) -> int:
        return len(self.log) - 1

    def opened(self) -> None:
        """Hear from the transport that the server has let us in."""
        self._opened_at = self.clock.monotonic()
        self._connection, self._trouble = "connected", ""

    def wait_at_least(self, seconds: float) -> None:
        """Hear from the transport how long the server wants us to wait before we come again."""
        if seconds >= 0:
            self._asked_pause = max(0.01, min(LONGEST_WISH, seconds))

    def take(self, line: str | bytes) -> bool:
        """Take an event's JSON from the transport; return whether the run has ended. What was seen is left out."""
        line = line.encode() if isinstance(line, str) else line
        event = decode_any(line)
        run_id, seq = event.run_id, event.seq
        if run_id != self.id:  # said of what was seen already, too: the rest would be another run's
            raise AttachError(
                f"events of run {self.id}", f"one of run {run_id} from {self.url}", "Is that its address?"
            )
        if seq > self._seen + 1 and not self._has_gap:
            self._has_gap = True  # coming again may close it; if not, the record itself lacks a part
            raise LostError("gap")
        if seq > self._seen:
            self._feed(line, event)
            self._has_gap, self._failures = False, 0
        return self.log.ended


async def _sleep(clock: Clock, seconds: float) -> None:
    loop, over = asyncio.get_running_loop(), asyncio.Event()
    clock.call_later(seconds, lambda: _wake(loop, over))
    await over.wait()


def _wake(loop: asyncio.AbstractEventLoop, over: asyncio.Event) -> None:
    if not loop.is_closed():
        loop.call_soon_threadsafe(over.set)


def _in_thread(work: Coroutine[Any, Any, None], name: str) -> None:
    threading.Thread(target=asyncio.run, args=(work,), name=name, daemon=True).start()
