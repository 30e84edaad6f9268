"""The run that code of another library begins where there is none: shown, recorded, and stopped by its bridge."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Any

from progressnb.errors import RunCancelled
from progressnb.execution.base import BaseRun
from progressnb.execution.latest import begun
from progressnb.execution.outcome import cancelled_error
from progressnb.execution.waiting import begin_in_thread, wait_for
from progressnb.tracking import ProgressTracker, Stage
from progressnb.tracking.clock import SystemClock
from progressnb.tracking.in_hand import InHand
from progressnb.tracking.session import present

if TYPE_CHECKING:
    from collections.abc import Callable

    from progressnb.tracking import StageHandle
    from progressnb.tracking.controls import Controls

__all__ = ["LEFT_EARLY", "OwnRun"]

LEFT_EARLY = "it was left before its end"


class OwnRun(InHand, BaseRun[Any]):
    """The run of work that another library does, in whatever thread or task that works.

    A bridge begins it, reports into `stage` or stages of `tracker`, and ends it. It sets no context variable.
    Its timers have a thread, since the work may block the event loop.

    Attributes:
        tracker: The writing side.
        reason: The reason of `cancel`, or None. The bridge looks at it and raises `stopped()` in the work.
        on_cancel: A function that ends a wait of the work, such as its task's; called once, from any thread.

    """

    def __init__(
        self, name: str, *, title: str | None = None, model: str | None = None, subject: str | None = None
    ) -> None:
        stages = [Stage(name, title=title or name)]
        self.tracker = ProgressTracker(name, stages, model=model, subject=subject, clock=SystemClock())
        super().__init__(self.tracker.log, self.tracker.state, self.tracker.clock)
        self.reason: str | None = None
        self.on_cancel: Callable[[], object] | None = None
        self._error: BaseException | None = None
        self._result: Any = None
        self._lock = threading.Lock()

    @property
    def stage(self) -> StageHandle:
        """The one stage that the run begins with."""
        return self.tracker.stage(self.operation)

    @property
    def elapsed(self) -> float:
        """Seconds since the run began; its duration once it has ended."""
        return self.tracker.elapsed

    @property
    def partial(self) -> Any:  # noqa: ANN401 - plain JSON data
        """The output of the stage that wrote last, as plain data; None before anything is written."""
        return self.tracker.partial

    @property
    def result(self) -> Any:  # noqa: ANN401 - of the library's type
        """The result of a run that finished, else None."""
        return self._result

    @property
    def exception(self) -> BaseException | None:
        """The error of a run that failed, else None."""
        return self._error

    @property
    def _in_hand(self) -> Controls:
        return self.tracker.controls_of_run

    # --- its life ----------------------------------------------------------------------------------

    def begin(self, *, show: bool | None = None) -> None:
        """Write the first event, record the run and show it."""
        self.tracker.start()
        begun(self)
        self.shown = present(self, show=show)

    def finish(self, result: object = None, error: BaseException | None = None) -> None:
        """End the run as its work ended; a run that has ended stays as it is.

        An error that is no `Exception`, as of a task that was cancelled or a generator that was closed, ends the run as
        cancelled.
        """
        with self.log.lock:
            if self.log.ended:
                return
            if self.reason is not None or isinstance(error, RunCancelled):
                self.tracker.cancelled(self.reason or str(error))
            elif error is None:
                self._result = result
                self.tracker.done(result)
            elif isinstance(error, Exception):
                self._error = error
                self.tracker.fail(error)
            else:
                self.tracker.cancelled(_reason_of(error))

    def cancel(self, reason: str | None = None) -> None:
        """Stop the work at its next report, from any thread. It gets `RunCancelled`."""
        with self._lock:
            first, self.reason = self.reason is None, self.reason or reason or "cancelled"
        if first and self.on_cancel is not None and not self.log.ended:
            self.on_cancel()

    def stopped(self) -> RunCancelled:
        """Return the error that the work gets, and whoever called it."""
        return cancelled_error(self.operation, self.reason, remedy="")

    # --- waiting -----------------------------------------------------------------------------------

    def wait(self) -> Any:  # noqa: ANN401 - of the library's type
        """Wait for the result in code that is not async; not in the thread that does the work."""
        if not self.log.ended:
            ended = begin_in_thread(self.log.wait_ended, name="progressnb-watch")
            wait_for(ended)
        return self._outcome()

    def _begin(self, loop: asyncio.AbstractEventLoop) -> None:
        """Do nothing: the work has begun."""

    async def _wait_here(self) -> Any:  # noqa: ANN401 - of the library's type
        await self.log.wait_ended()
        return self._outcome()


def _reason_of(error: BaseException) -> str:
    if isinstance(error, GeneratorExit):
        return LEFT_EARLY
    if isinstance(error, KeyboardInterrupt):
        return "interrupted"
    return "its task was cancelled" if isinstance(error, asyncio.CancelledError) else type(error).__name__
