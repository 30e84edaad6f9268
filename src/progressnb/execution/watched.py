"""The common part of runs that are only read: their events come from a file, a history or a server."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Any

from progressnb.errors import EventFormatError, RunFailed
from progressnb.execution.base import BaseRun
from progressnb.execution.latest import begun
from progressnb.execution.waiting import begin_in_thread, wait_for
from progressnb.folds.facts import place_text
from progressnb.folds.rollup import RollUp
from progressnb.folds.state import RunState
from progressnb.tracking.clock import Clock, SystemClock
from progressnb.tracking.current import is_apart
from progressnb.wire.codec import decode_any, encode
from progressnb.wire.events import CancelledEvent, ErrorEvent
from progressnb.wire.log import EventLog
from progressnb.wire.paths import encode_name

if TYPE_CHECKING:
    import asyncio
    from datetime import datetime

    from progressnb.wire.events import Event, UnknownEvent

__all__ = ["WatchedRun"]


class WatchedRun(BaseRun[Any]):
    """A run whose events come from elsewhere, to await, iterate and watch like a run of this process.

    A subclass reads the events, one JSON line each, and passes them to `feed` in order. The log hands on the same
    bytes. `result` is plain data. Subclasses use the methods `begin`, `feed`, `end_cancelled` and `end_failed`.

    Attributes:
        speed: Seconds of the run that pass in a second of this clock.

    """

    def __init__(self, *, clock: Clock | None = None) -> None:
        state = RunState()
        super().__init__(EventLog(RollUp(state)), state, clock or SystemClock())
        if not is_apart():
            begun(self)
        self.speed = 1.0
        self._fed_at = self.clock.monotonic()
        self._timestamp: datetime | None = None  # of the latest event

    @property
    def result(self) -> Any:  # noqa: ANN401 - plain JSON data
        """The result of a run that finished, as plain data, else None."""
        return self.state.result

    @property
    def exception(self) -> BaseException | None:
        """The error of a run that failed, with the message from its events, else None."""
        if self.status != "failed":
            return None
        state = self.state
        path = state.error_stage
        where = f" in {place_text(state, path)}" if path and path != encode_name(self.operation) else ""
        return RunFailed(f"{self.operation} failed{where} with {state.error_type}: {state.error}")

    @property
    def elapsed(self) -> float:
        """Seconds since the run began; its duration once it has ended."""
        if self.state.duration is not None:
            return self.state.duration
        if self.state.started is None or self.state.ended:
            return self.state.elapsed
        return self.state.elapsed + (self.clock.monotonic() - self._fed_at) * self.speed

    # --- waiting -----------------------------------------------------------------------------------

    def wait(self) -> Any:  # noqa: ANN401 - plain JSON data
        """Wait for the result in code that is not async."""
        if not self.log.ended:
            ended = begin_in_thread(self._follow, name="progressnb-watch")
            wait_for(ended)
            ended.result()
        return self._outcome()

    def _begin(self, loop: asyncio.AbstractEventLoop) -> None:  # noqa: ARG002 - it needs no loop
        self.begin()

    async def _follow(self) -> None:
        self.begin()
        await self.log.wait_ended()

    async def _wait_here(self) -> Any:  # noqa: ANN401 - plain JSON data
        self.begin()
        await self.log.wait_ended()
        return self._outcome()

    # --- for classes that feed it --------------------------------------------------------------------

    @abstractmethod
    def begin(self) -> None:
        """Begin to read the events, unless that has begun; called each time that somebody waits for the run."""

    def feed(self, line: bytes, event: Event | UnknownEvent | None = None) -> None:
        """Append the next event to the log.

        Args:
            line: The JSON of the event, as it was read.
            event: The decoded line; None decodes it here.

        Raises:
            EventFormatError: For a line that is not the next event of this run.

        """
        event = decode_any(line) if event is None else event
        with self.log.lock:
            if self.id and event.run_id != self.id:
                got = f"event {event.seq} of {event.run_id}"
                raise EventFormatError(f"event {len(self.log)} of {self.id}", got, "The record mixes runs.")
            self.log.append_encoded(line, event, fold=self._fold)

    def _fold(self, event: Event) -> None:
        self.state.apply(event)
        self._timestamp = event.timestamp
        self._fed_at = self.clock.monotonic()

    def end_cancelled(self, reason: str) -> None:
        """End the log with a cancellation, because no more events will come; an ended log stays as it is."""
        with self.log.lock:
            if not self.log.ended:
                self._end(CancelledEvent(**self._next_fields(), reason=reason))

    def end_failed(self, error: Exception, *, is_lost: bool = False) -> None:
        """End the log with an error, because the rest can't be read; an ended log stays as it is.

        With `is_lost` the event says, where the run had begun, that nobody knows how it ended.
        """
        with self.log.lock:
            if not self.log.ended:
                data = {"end_unknown": True} if is_lost and self.state.started is not None else {}
                fields = self._next_fields()
                self._end(ErrorEvent(**fields, message=str(error), error_type=type(error).__name__, data=data))

    def _end(self, event: Event) -> None:
        self.feed(encode(event), event)

    def _next_fields(self) -> dict[str, Any]:
        return {
            "run_id": self.id or "unknown",
            "seq": len(self.log),
            "timestamp": self._timestamp or self.clock.now(),
            "elapsed": self.state.elapsed,
            "operation": self.operation,
            "duration": self.state.elapsed if len(self.log) else None,  # of a run elsewhere that was never reached
        }
