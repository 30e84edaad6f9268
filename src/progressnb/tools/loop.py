"""The loop behind `track` and `atrack`: the count of its items, and what it reports of them."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from itertools import repeat
from operator import length_hint
from typing import TYPE_CHECKING, Any

from progressnb.errors import RunEndedError
from progressnb.execution.outcome import cancelled_error
from progressnb.tools.bodies import Reader
from progressnb.tools.counts import differ, plain_number
from progressnb.tools.later import Later, begin_later
from progressnb.tools.rows import End, Row, beside, is_interrupt
from progressnb.tools.stops import hear
from progressnb.tracking.counted import CountedWork
from progressnb.tracking.current import current_work, internals
from progressnb.tracking.pace import Pace
from progressnb.tracking.percent import FULL
from progressnb.tracking.recorder import CAP
from progressnb.tracking.tracker import entered
from progressnb.tracking.waits import Pauses
from progressnb.wire.events import RESERVED_DATA
from progressnb.wire.plain import clean_text

if TYPE_CHECKING:
    import weakref
    from collections.abc import Callable, Hashable, Mapping
    from types import FrameType

    from progressnb.tracking.tracker import RunContext

__all__ = ["Loop"]

_MANY = sys.maxsize


class Loop:
    """One iteration over items, and the rows that show it. It holds no iterator, so one that is dropped is freed.

    An iterator that is kept may be left and taken up again: each time it is another row, which counts on.

    Attributes:
        description: The name of its stages.
        tickets: An iterator that the loop advances once an item: what is left of it counts the items.
        flags: Filled where the loop has to look around before its next item. Looking at it is all that an item costs.
        completed: A function that counts the items that are done, where they complete in any order.
        items: A weak reference to the iterator, or None.

    """

    def __init__(
        self,
        description: str,
        total: float | None,
        *,
        initial: float = 0,
        parallel: bool = False,
        show: bool | None = None,
    ) -> None:
        self.description = clean_text(str(description)).strip() or "work"
        self.tickets = repeat(object(), _MANY)
        self.flags: list[None] = []
        self.completed: Callable[[], int] | None = None
        self.items: weakref.ref[Any] | None = None
        self._total = total
        self._initial = initial
        self._parallel = parallel
        self._show = show
        self._made_in: RunContext = current_work()
        self._row: Row | None = None
        self._later: Later | None = None  # until the row is made
        self._on_cancel: Callable[[], object] | None = None
        self._is_closed = False
        self._halted: str | None = None
        self._note: str | None = None  # the message of the body
        self._postfix: dict[str, Any] = {}
        self._is_news = self._was_told = False
        self._has_facts: set[str] = set()  # that an event of the row has had

    # --- its life ------------------------------------------------------------------------------------

    def begin(self, frame: FrameType | None = None) -> None:
        """Begin a row with the item that a frame asks for, where that frame is at work, else where it was made."""
        done = self.done(at_work=0)
        reader = Reader(frame) if frame is not None else None
        place = self._place(frame)
        self._made_in = None, None
        is_first = self._row is None and not self._parallel and (reader is None or reader.is_loop)
        if is_first and place == entered() == (None, None):
            self._later = begin_later(self, reader, done, show=self._show)
            if self._later is not None:
                return
        self.begin_row(Row(self, reader, place), done, show=self._show)
        hear(place[0], self)
        if reader is not None and not reader.is_loop:
            self.look_around()  # a call may have read one item alone, before a loop begins

    def begin_row(self, row: Row, done: float, *, show: bool | None = None) -> None:
        """Begin a row; so many items were done before it."""
        self._row, self._before = row, done
        self._reported: tuple[float, float | None] = (done, None)  # the count and the rate
        self._is_news = bool(done or self._postfix or self._note)
        self._was_told, self._has_facts = False, set()
        work = internals(row.stage)
        if row.stage.status == "pending":
            counted = CountedWork(work.work, self._total, None if self._parallel else self.done)
            counted.left = self._left
            work.work = counted
            if self._total and done:
                counted.give(min(CAP, FULL * done / self._total))
        now = row.clock.monotonic()
        self._pace, self._pauses = Pace(now), Pauses(work, now)
        work.life.start(self._count_text(done), **({"total": self._total} if self._total else {}))
        row.show(show=show)

    def _made_row(self) -> Row | None:
        """Return the row, if the loop has begun; it is made now."""
        later, self._later = self._later, None
        return self._row if later is None else later.row()

    def _place(self, frame: FrameType | None) -> RunContext:
        """Return the run and the stage that a row belongs to: the current ones, else those where the loop was made."""
        for run, stage in (beside(frame, current_work()), self._made_in):
            if stage is not None and not stage.ended:
                return run, stage
            if run is not None and not run.log.ended:
                return run, None
        return None, None

    def look_around(self) -> None:
        """Let the loop look around before its next item."""
        self.flags.append(None)

    def is_at_work(self) -> bool:
        """Return whether the iterator is at work on its next item."""
        items = self.items() if self.items is not None else None
        return bool(getattr(items, "gi_running", False) or getattr(items, "ag_running", False))

    def read_again(self) -> None:
        """Take note that another loop may take up the iterator."""
        if self._row is not None or self._later is not None:
            self.look_around()

    def interrupt(self) -> None:
        """Let Cancel end the loop as soon as it can."""
        self.look_around()
        if self._on_cancel is not None:
            self._on_cancel()

    def attend(self, frame: FrameType | None) -> None:
        """Look around before the next item: raise if Cancel has ended the loop, or go on in another row."""
        self.flags.clear()
        row = self._made_row()
        if row is None:
            return
        if self.is_cancelled and (not row.ended or row.was_cancelled):
            self.raise_cancelled()
        if not row.ended and row.reader is not None and row.reader.is_loop and row.reader.is_left():
            self.stop(row)
        if row.ended:
            self.begin(frame)
        elif frame is not None and not row.stage.ended:
            row.reader = Reader(frame)

    def drop(self) -> None:
        """End a loop that was left: nobody has the object any more that `track` returned."""
        row = self._made_row()
        if row is not None and not row.is_pending:
            row.step_over()

    def close(self) -> None:
        """Take note that the iterator is closed on purpose."""
        self._is_closed = True

    def finish(self) -> None:
        """End well: there are no more items."""
        later, self._later = self._later, None
        if later is not None and later.finish():
            return
        if self._row is not None and not self._row.ended:
            self.finish_row(self._row)

    def finish_row(self, row: Row) -> None:
        """End a row well."""
        row.restore()
        done = self.done(at_work=0)
        if self._total is not None and done < self._total:
            row.end("finished", done, f"{self._count_text(done)} expected", is_whole=False)
        else:
            row.end("finished", done, self._count_text(done))

    def likeness(self) -> Hashable:
        """Return what tells how the loop looks that has ended well, besides its time; None where nobody knows."""
        if self._postfix or self._note:
            return None
        return self.description, self.done(at_work=0), self._initial, self._total

    def leave(self, error: BaseException | None) -> None:
        """End early: the iterator was dropped or closed, it raised an error, or Cancel has ended the loop."""
        row = self._made_row()
        if row is None or row.ended or row.is_pending:
            return
        if error is None or isinstance(error, GeneratorExit):
            row.leave(by_error=self._is_left_by_error(row.reader))
        else:
            row.restore()
            self.fail(row, error, at_work=0)

    def _is_left_by_error(self, reader: Reader | None) -> bool:
        if reader is None:
            return False
        # Somebody may close it because of an error, in `finally` or at the end of a block.
        return reader.is_in_flight() if self._is_closed else reader.is_left_by_error()

    def stop(self, row: Row, *, by_error: bool = False) -> None:
        """End a row whose body was left; by an error that somebody has caught it is no failure either."""
        handed = self.done(at_work=0)
        if self._total is not None and handed >= self._total:
            row.end("finished", handed, self._count_text(handed))
            return
        status: End = "cancelled" if by_error else "finished"
        message = f"stopped at {self._count_text(handed)}"
        row.end(status, self.done(), message, stopped=handed, is_whole=False)

    def fail(self, row: Row, error: BaseException, *, at_work: int = 1) -> None:
        """End a row by an error of its body or its iterator, or by an interrupt."""
        done = self.done(at_work=at_work)
        if is_interrupt(error):
            handed = self.done(at_work=0)
            row.end("cancelled", done, f"stopped at {self._count_text(handed)}", error, stopped=handed)
        else:
            row.end("failed", done, self._count_text(done), error)

    def cancel(self, row: Row) -> None:
        """End a row that nobody iterates, because of Cancel."""
        handed = self.done(at_work=0)
        row.end("cancelled", self.done(), f"stopped at {self._count_text(handed)}", stopped=handed)

    def cancel_with(self, future: asyncio.Future[Any]) -> None:
        """Let Cancel cancel a future too."""
        running = asyncio.get_running_loop()
        self._on_cancel = lambda: running.call_soon_threadsafe(future.cancel)

    def halt(self, reason: str) -> None:
        """Let the loop end as soon as it can, because its run is to stop."""
        self._halted = reason
        self.interrupt()

    @property
    def _reason(self) -> str | None:
        own = self._row.own if self._row is not None else None
        return own.stop_reason if own is not None else self._halted

    @property
    def is_cancelled(self) -> bool:
        """Whether somebody has cancelled the run that the loop is, or stops the one that it is in."""
        return self._reason is not None

    def raise_cancelled(self) -> None:
        """Raise the error of a loop that Cancel has ended."""
        raise cancelled_error(self.description, self._reason, remedy="")

    # --- reporting -------------------------------------------------------------------------------------

    def done(self, *, at_work: int = 1) -> float:
        """Count the items that are done: all that were handed out, except the last one, which is at work."""
        if self.completed is not None:
            return self.completed()
        return self._initial + max(0, _MANY - length_hint(self.tickets) - at_work)

    def set(self, facts: Mapping[str, Any]) -> None:
        """Show facts behind the count from the next look on; None takes one away."""
        merged = {**self._postfix, **{clean_text(name): plain_number(value) for name, value in facts.items()}}
        self._postfix = {name: value for name, value in merged.items() if value is not None}
        self._is_news = True

    def take(self, message: str | None, data: Mapping[str, Any]) -> Mapping[str, Any]:
        """Show behind the count what the body reports; return the data that are no loop's."""
        if message is not None:
            self._note = clean_text(str(message)).strip() or None
            self._is_news = True
        reserved = {name: value for name, value in data.items() if name in RESERVED_DATA}
        if len(reserved) < len(data):
            self.set({name: value for name, value in data.items() if name not in reserved})
        return reserved

    def look(self, row: Row) -> None:
        """Report how far the loop is, if there is news."""
        done = self.done()
        now = row.clock.monotonic()
        if not self._parallel:
            self._pace.skip(self._pauses.since_last(now))
        self._pace.count(done - self._before, now)
        reported, rate = self._reported
        if done != reported or self._is_news or differ(rate, self._rate()):
            with contextlib.suppress(RunEndedError):
                self.report(row, done, self._count_text(done))

    def report(
        self, row: Row, done: float, message: str, stopped: float | None = None, *, is_last: bool = False
    ) -> None:
        """Write the count, a message, and the facts behind them.

        Those of a short loop in a loop are left to the event that ends the stage: there may be a million.
        """
        hold = is_last and not self._was_told and row.is_inner
        self._was_told = True
        rate, self._is_news = self._rate(), False
        data: dict[str, Any] = {"done": done, "total": self._total, "initial": self._before or None, "stopped": stopped}
        data = {key: value for key, value in data.items() if value is not None}
        facts = {"rate": rate, "note": self._note, "postfix": dict(self._postfix) or None}
        for key, value in facts.items():
            if value is not None or key in self._has_facts:
                self._has_facts.add(key)
                data[key] = value if value is not None or key != "postfix" else {}
        self._reported = done, rate
        percent = min(CAP, FULL * done / self._total) if self._total else None
        text = f"{message} · {self._note}" if self._note else message
        internals(row.stage).report(percent, text, data, hold=hold)

    def _rate(self) -> float | None:
        """Return items a second; None in the first second, and where the item at work has refuted it."""
        row = self._row
        each = self._pace.each(row.clock.monotonic()) if row is not None else None
        if not each or (self._total is not None and self._left() is None):
            return None
        return float(f"{1 / each:.3g}")

    def _left(self) -> float | None:
        if self._total is None or self._row is None:
            return None
        return self._pace.left(max(0.0, self._total - self.done()), self._row.clock.monotonic())

    def _count_text(self, done: float) -> str:
        if self._total is None:
            return f"{done:,}"
        return f"{done:,} of {self._total:,}" if done <= self._total else f"{done:,}, {self._total:,} were expected"
