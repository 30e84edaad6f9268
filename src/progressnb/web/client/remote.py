"""The run that `attach` returns: read from a server, with new connections that go on where the last one ended."""

from __future__ import annotations

import asyncio
import logging
import random
from typing import TYPE_CHECKING, Literal, TypeAlias
from urllib.parse import urlsplit

from progressnb.errors import AttachError, ProgressError
from progressnb.execution.watched import WatchedRun
from progressnb.web.client.acts import Hand, RemoteActs, in_thread
from progressnb.web.client.address import GatheredError, LostError
from progressnb.web.client.backoff import FIRST_PATIENCE, PATIENCE, Backoff
from progressnb.web.client.transports import post_cancel, traded
from progressnb.web.client.troubles import trouble_of
from progressnb.web.client.ways import Ways
from progressnb.wire.codec import decode_any
from progressnb.wire.events import SnapshotEvent

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from progressnb.tracking.clock import Clock
    from progressnb.web.client.address import Address
    from progressnb.web.client.transports import Transport
    from progressnb.wire.events import Event

__all__ = ["Connection", "RemoteRun"]

Connection: TypeAlias = Literal["connecting", "connected", "reconnecting", "ended"]

_logger = logging.getLogger("progressnb")


class RemoteRun(RemoteActs, WatchedRun):
    """A run on a server. `attach` returns it.

    A thread of its own reads it, so that it goes on while a cell blocks the kernel. It is read until it ends, also if
    nobody holds this object. A lost connection is made again after a pause.

    Attributes:
        link: The address of its page, without the token.

    """

    def __init__(
        self,
        address: Address,
        transport: Transport,
        *,
        other: Transport | None = None,
        clock: Clock | None = None,
        chance: Callable[[], float] = random.random,
    ) -> None:
        super().__init__(clock=clock)
        self._connection: Connection = "connecting"
        self._address, self._id = address, address.run_id
        self._ways = Ways(transport, other)
        self._opened = False
        self._backoff = Backoff(self.clock, chance)
        self._lost: ProgressError | None = None
        self._has_gap = False
        self._reading = False
        self._trouble = ""
        self._on_trouble: list[Callable[[], None]] = []
        self._hand = Hand(address, self.clock, self._tell)
        self.link = f"{address.url}/view"

    @property
    def url(self) -> str:
        """The address of the run."""
        return self._address.url

    @property
    def id(self) -> str:
        """The run's id."""
        return self._id

    @property
    def operation(self) -> str:
        """The name of the run's operation; `attach` as long as nothing is known of the run."""
        return self.state.operation or "attach"

    @property
    def connection(self) -> Connection:
        """The state of the connection: `"connecting"`, `"connected"`, `"reconnecting"` or `"ended"`."""
        return "ended" if self.log.ended else self._connection

    @property
    def trouble(self) -> str:
        """The reason why there is no connection yet, and for how long it is tried; later why an act was refused."""
        return self._trouble or self._hand.refusal

    @property
    def controls(self) -> frozenset[str]:
        """The acts that are possible now, as the server told in the last seconds: `"stop"`, `"enough"`, `"say"`."""
        if self.log.ended:
            return frozenset()
        return self._hand.possible() if self._connection == "connected" else frozenset({"stop"})

    def on_trouble(self, callback: Callable[[], None]) -> None:
        """Call back, from any thread, when `trouble` changes, which no event tells."""
        self._on_trouble.append(callback)

    @property
    def exception(self) -> BaseException | None:
        """The error for which the run can't be read any more, or the error of a run that failed, else None."""
        return self._lost or super().exception

    async def __aiter__(self) -> AsyncIterator[Event]:
        """Yield every event from the first to the last. Raises as `await` does if the rest can't be read."""
        async for event in super().__aiter__():
            yield event
        if self._lost is not None:
            raise self._lost

    def cancel(self, reason: str | None = None) -> None:
        """Ask the server to cancel the run, from any thread. The run is cancelled when the server's event comes."""
        if not self.log.ended:
            in_thread(self._cancel(reason), "progressnb-cancel")

    # --- reading, in the thread ------------------------------------------------------------------

    def begin(self) -> None:
        """Begin to read the run in a thread, unless that has begun."""
        with self.log.lock:
            if self._reading:
                return
            self._reading = True
        in_thread(self._read(), "progressnb-attach")

    async def _read(self) -> None:
        try:
            while not self.log.ended:
                cause = "it ended the stream"
                self._opened = False
                try:
                    await self._let_in()
                    await self._ways.transport(self._address, self._seen, self)
                except GatheredError:
                    self._ways.gathered()
                    self._say_gathered()
                    continue
                except LostError as error:
                    cause = str(error) or cause
                    self._ways.lost(opened=self._opened, silent=isinstance(error.__cause__, TimeoutError))
                    self._report(error)
                except ProgressError:
                    if self._opened or not self._ways.refused():
                        raise
                    continue  # what does not let a WebSocket through
                if not self.log.ended:
                    await self._pause(cause)
        except ProgressError as error:
            self._give_up(error)
        except Exception as error:
            _logger.warning("stopped reading %s", self.url, exc_info=True)
            self._give_up(AttachError("a stream of events", type(error).__name__, "This is a bug of progressnb."))

    async def _let_in(self) -> None:
        if self._address.is_ticket:
            self._address = self._hand.address = await traded(self._address)

    def _say_gathered(self) -> None:
        place = urlsplit(self.url).netloc
        then = "its events come late" if self._ways.is_late else "trying a WebSocket"
        self._trouble = f"something before {place} gathers the stream; {then}"
        _logger.log(logging.INFO if self.shown else logging.WARNING, "%s", self._trouble)
        self._tell()

    def _report(self, error: LostError) -> None:
        if self._backoff.was_connected:
            return  # so the address is right
        words, remedy = trouble_of(error, urlsplit(self.url).netloc)
        if remedy is not None:
            raise AttachError(f"a server that can be reached at {self.url}", words, remedy)
        if not self._trouble:
            self._trouble = f"{words}; trying for {FIRST_PATIENCE:.0f} s"
            _logger.log(logging.INFO if self.shown else logging.WARNING, "%s", self._trouble)
            self._tell()

    def _tell(self) -> None:
        for callback in self._on_trouble:
            callback()

    def _is_over(self) -> bool:
        return self.log.ended

    async def _pause(self, cause: str) -> None:
        seconds = self._backoff.lost()
        if seconds is not None:
            got = f"no answer for {seconds:.0f} s ({cause})"
            raise AttachError(f"a server at {self.url}", got, "The run may go on there: attach again.")
        if len(self.log):
            self._connection = "reconnecting"
            if self._backoff.is_repeated and not self._trouble:
                minutes = f"{PATIENCE / 60:.0f} minutes"
                self._trouble = f"no answer from {urlsplit(self.url).netloc}; trying for {minutes}"
                self._tell()
        await _sleep(self.clock, self._backoff.pause())

    def _give_up(self, error: ProgressError) -> None:
        if not self.log.length:
            error.args = (f"could not attach: {error}",)
        self._lost, self._trouble = error, ""
        self.end_failed(error, is_lost=True)

    async def _cancel(self, reason: str | None) -> None:
        for attempt in range(10):
            if self.log.ended:
                return
            try:
                await post_cancel(self._address, reason)
            except LostError:
                await _sleep(self.clock, self._backoff.retry(attempt))
            except ProgressError as error:
                _logger.warning("could not cancel the run: %s", error)
                return
            else:
                return
        _logger.warning("could not cancel the run: no answer from %s", self.url)

    # --- the `Reader` of a transport -------------------------------------------------------------------

    @property
    def _seen(self) -> int:
        return len(self.log) - 1

    @property
    def first_bytes(self) -> float | None:
        """Seconds within which the first line of a stream must follow its head; None for no limit."""
        return self._ways.first_bytes

    def opened(self) -> None:
        """Note that the server accepted the connection."""
        self._backoff.opened()
        self._opened, self._connection = True, "connected"
        if self._ways.is_late:
            self._say_gathered()
        else:
            self._trouble = ""

    def wait_at_least(self, seconds: float) -> None:
        """Take the pause, in seconds, that the server asks for."""
        self._backoff.ask(seconds)

    def take(self, line: str | bytes) -> bool:
        """Take an event's JSON, unless it is known already. Return whether the run has ended."""
        line = line.encode() if isinstance(line, str) else line
        event = decode_any(line)
        run_id, next_seq = event.run_id, len(self.log)
        if run_id != self._id:  # also for a known seq: the later events would be another run's
            raise AttachError(
                f"events of run {self.id}", f"one of run {run_id} from {self.url}", "Is that its address?"
            )
        if event.seq >= next_seq:
            is_gap = event.seq > next_seq and not isinstance(event, SnapshotEvent)  # which stands for those before it
            if is_gap and not self._has_gap:
                self._has_gap = True  # a new connection may close the gap; if not, the record itself lacks a part
                raise LostError("gap")
            self.feed(line, event)
            self._has_gap = False
            self._backoff.read()
        return self.log.ended


async def _sleep(clock: Clock, seconds: float) -> None:
    loop, over = asyncio.get_running_loop(), asyncio.Event()
    clock.call_later(seconds, lambda: _wake(loop, over))
    await over.wait()


def _wake(loop: asyncio.AbstractEventLoop, over: asyncio.Event) -> None:
    if not loop.is_closed():
        loop.call_soon_threadsafe(over.set)
