"""A run that happens, or happened, somewhere else: its events come from a file, a history or a server."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from progressnb.errors import EventFormatError, RunFailed
from progressnb.execution.base import BaseRun
from progressnb.execution.waiting import begin_in_thread, wait_for
from progressnb.folds.state import RunState
from progressnb.tracking.clock import Clock, SystemClock
from progressnb.wire.events import CancelledEvent, ErrorEvent
from progressnb.wire.log import EventLog

if TYPE_CHECKING:
    from progressnb.wire.events import Event

__all__ = ["WatchedRun"]


class WatchedRun(BaseRun[Any]):
    """Read a run whose events come from elsewhere, as one reads a run of one's own.

    Whoever makes it feeds it events in order; it is a log and a fold of them. `result` is plain data.
    """

    def __init__(self, *, clock: Clock | None = None) -> None:
        super().__init__(EventLog(), RunState(), clock or SystemClock())
        self.speed = 1.0
        self._fed_at = self.clock.monotonic()
        self._unknown = 0

    @property
    def result(self) -> Any:  # noqa: ANN401 - plain JSON data
        """The result of a run that finished, as plain data, else None."""
        return self.state.result

    @property
    def exception(self) -> BaseException | None:
        """What a run that failed says of its error, else None."""
        if self.status != "failed":
            return None
        state = self.state
        where = f" in stage {state.error_stage!r}" if state.error_stage else ""
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

    async def _follow(self) -> None:
        self._begin(asyncio.get_running_loop())
        await self.log.wait_ended()

    async def _wait_here(self) -> Any:  # noqa: ANN401 - plain JSON data
        self._begin(asyncio.get_running_loop())
        await self.log.wait_ended()
        return self._outcome()

    # --- for those who feed it -----------------------------------------------------------------------

    def _feed(self, event: Event | None) -> None:
        """Take the next event; None is one of a type that only a newer version knows.

        Raises `EventFormatError` for an event that is not the next of this run.
        """
        if event is None:
            self._unknown += 1
            return

        def make(count: int) -> Event:
            seq = count + self._unknown
            if event.seq != seq or (self.id and event.run_id != self.id):
                got = f"event {event.seq} of {event.run_id}"
                raise EventFormatError(
                    f"event {seq} of {self.id or 'a run'}", got, "The record lacks a part, or mixes runs."
                )
            self.state.apply(event)
            self._fed_at = self.clock.monotonic()
            return event

        self.log.append(make)

    def _stop(self, reason: str) -> None:
        """End the log as cancelled where no more events will come."""
        with self.log.lock:
            if not self.log.ended:
                self._feed(CancelledEvent(**self._next_fields(), reason=reason))

    def _fail(self, error: Exception) -> None:
        """End the log with an error where the rest can't be had."""
        with self.log.lock:
            if not self.log.ended:
                self._feed(ErrorEvent(**self._next_fields(), message=str(error), error_type=type(error).__name__))

    def _next_fields(self) -> dict[str, Any]:
        last = self.log[-1] if len(self.log) else None
        return {
            "run_id": self.id or "unknown",
            "seq": len(self.log) + self._unknown,
            "timestamp": last.timestamp if last else self.clock.now(),
            "elapsed": last.elapsed if last else 0.0,
            "operation": self.operation,
            "duration": last.elapsed if last else 0.0,
        }
