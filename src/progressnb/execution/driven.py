"""`DrivenRun`: a run whose work is done by the code of its caller, on whatever thread and loop that is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from progressnb.execution.outcome import cancelled_error
from progressnb.execution.run import Run
from progressnb.tracking.clock import SystemClock
from progressnb.tracking.stage import Stage
from progressnb.tracking.tracker import ProgressTracker
from progressnb.wire.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable

    from progressnb.errors import RunCancelled
    from progressnb.tracking.clock import Clock
    from progressnb.tracking.handle import StageHandle

__all__ = ["DrivenRun"]


class DrivenRun(Run[Any]):
    """The run of a loop or a stream outside any other run: the caller drives it by `begin` and one of the ends.

    It is listed, shown, recorded and awaited as every run is. Its timers have a thread, since the caller may block the
    event loop for as long as it likes, so a panel is painted all the same. `cancel` stops nothing by itself: it calls
    `on_stop`, and the caller looks at `stop_reason`.
    """

    def __init__(
        self,
        name: str,
        *,
        title: str | None = None,
        model: str | None = None,
        subject: str | None = None,
        prompt: str | None = None,
        on_stop: Callable[[], object] | None = None,
        clock: Clock | None = None,
    ) -> None:
        declared = [Stage(name, title=title or name)]
        tracker = ProgressTracker(name, declared, model=model, subject=subject, clock=clock or SystemClock())
        if prompt is not None:
            tracker.inputs = {"prompt": Text(prompt)}  # a prompt may look like the path of a file
        super().__init__(tracker, _no_body)
        self._claim(None)  # no loop begins it
        self._awaited = True  # its errors are raised where the caller works
        self._on_stop = on_stop

    @property
    def tracker(self) -> ProgressTracker:
        """The writing side, for bridges that make more than one stage."""
        return self._tracker

    def begin(self) -> StageHandle:
        """Begin the run; return its one stage."""
        self._tracker.start()
        stage = self._tracker.stage(self.operation)
        stage.expect(1)
        return stage

    def finish(self, result: object = None, *, contents: bool = True) -> None:
        """End the run well; without `contents` the result is kept here, and no event has it."""
        with self.log.lock:
            if not self.log.ended:
                self._result = result
                self._tracker.done(result if contents else None)
        self._end(None)

    def fail(self, error: BaseException) -> None:
        """End the run with an error, which keeps its traceback; an interrupt cancels the run."""
        traceback = error.__traceback__
        self._end(error)
        error.__traceback__ = traceback

    def stop(self, reason: str) -> None:
        """End the run as cancelled, for this reason unless somebody gave one before."""
        with self.log.lock:
            self._cancel_reason = self._cancel_reason or reason
        self._end(None)

    def stopped_error(self) -> RunCancelled:
        """Return the error that the caller raises where somebody stopped the run."""
        return cancelled_error(self.operation, self._cancel_reason, remedy="")

    def _stop(self) -> None:
        if self._on_stop is not None:
            self._on_stop()

    def _end(self, error: BaseException | None) -> None:
        self._close(error)
        self._finish()
        self._on_stop = None  # it may hold a response


async def _no_body(_tracker: ProgressTracker) -> None:
    """Stand for the work, which the caller does."""
