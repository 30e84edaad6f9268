"""One life of a tracked loop: its stage, from the first item until the body is left, and what is current meanwhile."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeAlias

from progressnb.errors import RunCancelled, RunEndedError
from progressnb.execution.driven import DrivenRun
from progressnb.tools.ends import forget_left, show_own, uncaught
from progressnb.tools.threads import follow_thread
from progressnb.tracking.blocks import current
from progressnb.tracking.clock import SystemClock
from progressnb.tracking.counted import CountedWork
from progressnb.tracking.current import internals, set_stage
from progressnb.tracking.recorder import INTERVAL
from progressnb.tracking.tracker import enter_run, entered, leave_run
from progressnb.wire.paths import stage_title

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import FrameType

    from progressnb.tools.bodies import Reader
    from progressnb.tracking.clock import LateClock
    from progressnb.tracking.handle import StageHandle
    from progressnb.tracking.tracker import RunContext
    from progressnb.tracking.unmade import Unmade

__all__ = ["ASYNC_PATIENCE", "PATIENCE", "Counting", "End", "Row", "beside", "is_interrupt"]

End: TypeAlias = Literal["finished", "failed", "cancelled"]

PATIENCE = 10.0
"""Seconds that the handling of an error is waited for, which may yet leave its cell or its stage."""

ASYNC_PATIENCE = 1.0
"""The same of code that awaits, of which nobody sees whether it is handling an error."""


class Counting(Protocol):
    """The loop, as one of its rows sees it."""

    description: str

    def look(self, row: Row) -> None:
        """Report how far the loop is, if there is news."""
        ...

    def report(
        self, row: Row, done: float, message: str, stopped: float | None = None, *, is_last: bool = False
    ) -> None:
        """Write the count, a message, and the facts behind them; the last ones may be left to the end's event."""
        ...

    def take(self, message: str | None, data: Mapping[str, Any]) -> Mapping[str, Any]:
        """Show behind the count what the body reports; return the data that are no loop's."""
        ...

    def look_around(self) -> None:
        """Let the loop look around before its next item."""
        ...

    def is_at_work(self) -> bool:
        """Return whether the iterator is at work on its next item."""
        ...

    def interrupt(self) -> None:
        """Let Cancel end the loop as soon as it can."""
        ...

    def stop(self, row: Row, *, by_error: bool = False) -> None:
        """End a row whose body was left."""
        ...

    def fail(self, row: Row, error: BaseException) -> None:
        """End a row by an error of its body, or by an interrupt."""
        ...

    def cancel(self, row: Row) -> None:
        """End a row that nobody iterates, because of Cancel."""
        ...


class Row:
    """A loop as one stage shows it, below another stage or in a run of its own.

    Attributes:
        stage: The stage.
        own: The run, where the loop is one of its own.
        reader: The frame that iterates, or None where nobody knows it. It is given up at the end, with all it holds.
        before: The run and the stage that were current before.
        is_inner: Whether it is in the body of another loop.
        ended: Whether the loop has ended here. It may go on as another row.
        was_cancelled: Whether Cancel ended it while its generator stood still.

    Args:
        loop: The loop.
        reader: The frame that iterates, or None.
        place: The run and the stage that it belongs to, or None in their places.
        late: What stood in its place before it was made, and the clock that tells when it began.

    """

    def __init__(
        self,
        loop: Counting,
        reader: Reader | None,
        place: RunContext,
        *,
        late: tuple[Unmade, LateClock] | None = None,
    ) -> None:
        self.reader = reader
        self.ended = self.was_cancelled = False
        self._loop = loop
        self._pending: float | None = None  # since when an error is on its way, by which the body was left
        name, title = loop.description, stage_title(loop.description)
        run, above = place
        self.own: DrivenRun | None = None
        if above is not None:
            self.before: RunContext = entered()
            stage = above.stage(name, title=title)
        elif run is not None:
            self.before = entered()
            stage = run.stage(name, title=title)
        else:
            self.own = DrivenRun(name, title=title, on_stop=self._on_stop, clock=late[1] if late else None)
            stage = self.own.begin()
            self.before = enter_run(self.own.tracker)
        self.stage: StageHandle = stage
        self._place_holder = late[0] if late is not None else None
        self.is_inner = above is not None and internals(above).loop is not None
        work = internals(stage)
        self._lock = work.lock
        # On a thread of its own: the body of the loop may block the event loop for as long as it likes.
        on_loop = isinstance(work.clock, SystemClock) and self.own is None
        self.clock = SystemClock() if on_loop else work.clock

    def show(self, *, show: bool | None) -> None:
        """Make the stage the current one, show a run of the loop's own, and look at the loop from time to time."""
        internals(self.stage).begin_loop(self)
        set_stage(self.stage)
        if self._place_holder is None:  # else that follows
            follow_thread(self)
        if self.own is not None:
            show_own(self, self.own, show=show)
        self.clock.call_later(INTERVAL, self._tick)

    # --- what is current -----------------------------------------------------------------------------

    def is_current(self) -> bool:
        """Return whether code that calls now is in the body."""
        reader = self.reader
        if self.ended or self._pending is not None:
            return False
        return reader is None or not (reader.is_left() or reader.is_aside())

    def is_beside(self, frame: FrameType) -> bool:
        """Return whether a frame that asks another loop for an item is not in the body: it asks both in one step.

        A loop that is the source of this one is asked at the same place, from within.
        """
        return self.reader is not None and self.reader.asks_at(frame) and not self._loop.is_at_work()

    def step_over(self) -> bool:
        """End the loop, unless its body may go on; return whether it never will."""
        if not self._is_left():
            return False
        self._settle_when_over()
        return True

    def take(self, message: str | None, data: Mapping[str, Any]) -> Mapping[str, Any]:
        """Show behind the count what the body reports; return the data that are no loop's."""
        return self._loop.take(message, data)

    def restore(self) -> None:
        """Make current again what was so before the loop; it may be dropped where something else is current."""
        if (here := current.get()) is self.stage or (here is not None and here is self._place_holder):
            if self.own is not None:
                leave_run(self.before)
            else:
                set_stage(self.before[1])

    # --- its end ---------------------------------------------------------------------------------------

    @property
    def is_pending(self) -> bool:
        """Whether an error is on its way, by which the body was left."""
        return self._pending is not None

    def leave(self, *, by_error: bool) -> None:
        """Take note that the iterator was dropped; an error that did it may come to whoever is around the loop."""
        self.restore()
        if by_error:
            self._pending = self.clock.monotonic()
        else:
            self._loop.stop(self)

    def settle(self, error: BaseException | None) -> None:
        """End the loop if its body was left; `error` ends what is around the loop."""
        with self._lock:
            if self.ended:
                return
            found = self.reader.find(error) if error is not None and self.reader is not None else None
            if found is not None:
                self._loop.fail(self, found)
            elif self._is_left():
                is_loop = self.reader is not None and self.reader.is_loop  # a call drops its iterator in any case
                by_error = self._pending is not None or (self.reader is not None and self.reader.has_raised())
                self._loop.stop(self, by_error=by_error and is_loop)

    def end(
        self,
        status: End,
        done: float,
        message: str,
        error: BaseException | None = None,
        *,
        stopped: float | None = None,
        is_whole: bool = True,
    ) -> None:
        """End the stage, and the run of the loop's own, once; what is below the loop ends first.

        `stopped` is the number of items that a loop that is left had handed out. One that is not whole keeps its
        percent.
        """
        with self._lock:
            if self.ended:
                return
            self.ended = True
        self._loop.look_around()
        work = internals(self.stage)
        work.settle_loops(error)
        # The run may have ended before its loop: then the loop goes on without reports.
        with suppress(RunEndedError):
            if not self.stage.ended:
                # An error's text takes the place of the message, which is written before it.
                self._loop.report(self, done, message, stopped, is_last=status != "failed")
                # What goes on after a `break` fills the rest; of a loop that an error ended nobody has done it.
                if not is_whole and status == "finished" and isinstance(work.work, CountedWork):
                    work.work.stand_still()
                self._end_stage(status, error)
        work.end_loop()
        if self.own is not None:
            self._end_run(self.own, status, message, error)
        self.reader = None

    def _end_stage(self, status: End, error: BaseException | None) -> None:
        if status == "finished":
            self.stage.finish()
        elif status == "failed" and error is not None:
            self.stage.fail(error)
        else:
            self.stage.cancel()

    def _end_run(self, own: DrivenRun, status: End, message: str, error: BaseException | None) -> None:
        forget_left(self)
        if status == "finished":
            own.finish()
        elif isinstance(error, Exception) and status == "failed":
            own.fail(error)
        else:
            own.stop(message)

    def end_at_exit(self, error: BaseException | None) -> None:
        """End the loop: nothing goes on any more."""
        self.settle(error)
        if not self.ended:
            self._loop.stop(self, by_error=True)

    # --- looks from time to time -----------------------------------------------------------------------

    def _tick(self) -> None:
        if self.ended or self.stage.ended:
            self.reader = None
            return
        if self._is_left():
            self._settle_when_over()
        else:
            self._loop.look(self)
        if not self.ended:
            self.clock.call_later(INTERVAL, self._tick)

    def _is_left(self) -> bool:
        return self.ended or self._pending is not None or (self.reader is not None and self.reader.is_left())

    def _settle_when_over(self) -> None:
        """End a loop that was left, unless an error is on its way that may yet end what is around it."""
        if self.ended:
            return
        if self._pending is None and self.reader is not None and self._is_on_its_way(self.reader):
            self._pending = self.clock.monotonic()
            return
        if self._pending is not None and self.reader is not None and self._may_come():
            return
        self.settle(uncaught())

    def _is_on_its_way(self, reader: Reader) -> bool:
        return reader.is_in_flight() or (reader.can_wait and reader.has_raised())

    def _may_come(self) -> bool:
        waited = self.clock.monotonic() - (self._pending or 0.0)
        if waited < INTERVAL / 2 or (waited < PATIENCE and self.reader is not None and self.reader.is_in_flight()):
            return True
        return self.own is not None and self.reader is not None and self.reader.can_wait and waited < ASYNC_PATIENCE

    def _on_stop(self) -> None:
        """Let Cancel end a loop that nobody iterates at once; another one ends when its item at work is done."""
        self._loop.interrupt()
        reader = self.reader
        if self.ended or reader is None:
            return
        if self._is_left():
            self._loop.cancel(self)
        elif reader.is_aside():
            self.was_cancelled = True
            self._loop.cancel(self)


def is_interrupt(error: BaseException) -> bool:
    """Return whether an error stops a loop and does not fail it."""
    return isinstance(error, RunCancelled | asyncio.CancelledError) or not isinstance(error, Exception)


def beside(frame: FrameType | None, place: RunContext) -> RunContext:
    """Return the place of a loop that a frame begins, out of the loops that it reads in the same step, as by `zip`."""
    while frame is not None and (stage := place[1]) is not None:
        loop = internals(stage).loop
        if not isinstance(loop, Row) or not loop.is_beside(frame):
            break
        place = loop.before
    return place
