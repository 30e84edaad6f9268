"""The stage of a progress bar that another library drives: it is looked at ten times a second, and never called.

So an item costs nothing more than before. The bar is held weakly: it ends when it is closed or dropped, its loop is
left, or its run ends.
"""

from __future__ import annotations

import contextlib
import logging
import sys
from itertools import compress, repeat
from operator import length_hint
from typing import TYPE_CHECKING, Any
from weakref import ref

from progressnb.errors import RunEndedError
from progressnb.execution.driven import DrivenRun
from progressnb.interop.bar_counts import NAME, count_text, counts_of, number_of, scaled, start_of, title_of
from progressnb.interop.bar_ends import comes_through, end_run, end_stage, ending_of, frame_of_loop
from progressnb.interop.bar_loops import enter_loop
from progressnb.interop.bar_stop import stop_at_update
from progressnb.tools.bodies import Reader
from progressnb.tools.ends import forget_left, show_own, uncaught
from progressnb.tools.rows import ASYNC_PATIENCE, PATIENCE
from progressnb.tools.threads import follow_thread
from progressnb.tracking import internals
from progressnb.tracking.clock import SystemClock
from progressnb.tracking.counted import CountedWork
from progressnb.tracking.current import current_work
from progressnb.tracking.pace import Pace
from progressnb.tracking.percent import FULL
from progressnb.tracking.recorder import CAP, INTERVAL
from progressnb.tracking.waits import Pauses
from progressnb.wire.events import RESERVED_DATA
from progressnb.wire.plain import one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from progressnb.interop.bar_counts import Bar
    from progressnb.tracking import ProgressTracker, StageHandle

__all__ = ["BarStage", "Place"]

Place = tuple["ProgressTracker | None", "StageHandle | None"]
"""A run and a stage of it, where they are."""

_logger = logging.getLogger("progressnb")

_MANY = sys.maxsize
_PATIENCE = 10  # ticks until a bar that was cancelled and is not driven any more ends


class BarStage:
    """The stage of one bar.

    Args:
        bar: The bar.
        place: The run and the stage that it belongs to where the calling code has none.
        show: Whether a run that it begins is shown; None follows the session.
        contents: Whether texts that change, descriptions and facts behind the count, are written.

    """

    def __init__(self, bar: Bar, place: Place, *, show: bool | None, contents: bool) -> None:
        self._bar = ref(bar)
        self._contents = contents
        self._name = title_of(bar) or "work"
        self._within = sys.exc_info()[1]  # an error that is being handled is none of the bar's
        self._maker = getattr(frame_of_loop(), "f_code", None)  # the code that has made the bar
        self._tickets: Iterator[object] | None = None
        self._body: Reader | None = None
        self._pending: tuple[float, Bar] | None = None  # since when an error is on its way that left the loop
        self._own: DrivenRun | None = None
        self._waited = 0
        self._reported: tuple[Any, ...] = ()
        self._note = ""  # what the body reports: a message and facts
        self._facts: dict[str, Any] = {}
        self.postfix: dict[str, Any] = {}
        run, above = current_work()
        if above is None and (run is None or run.log.ended):
            run, above = place
        self._above = above if above is not None and not above.ended else None
        if run is not None and not run.log.ended:
            self.run = run
            self.stage = (self._above or run).stage(self._name, title=self._name)
        else:
            self._own = DrivenRun(self._name, on_stop=self._on_stop)
            self.run, self.stage = self._own.tracker, self._own.begin()
        try:
            self._begin(bar)
        except BaseException as error:
            if self._own is not None:
                self._own.fail(error)  # else the run would be at work for ever
            raise
        if self._own is not None:
            show_own(self, self._own, show=show)

    # --- its life ------------------------------------------------------------------------------------

    def _begin(self, bar: Bar) -> None:
        work = internals(self.stage)
        clock = work.clock
        # On a thread of its own: the loop may block the event loop for as long as it likes.
        self._clock = SystemClock() if isinstance(clock, SystemClock) else clock
        now = self._clock.monotonic()
        self._pace, self._pauses = Pace(now), Pauses(work, now)
        self._total = number_of(bar.total)
        if work.status == "pending":
            is_loop = getattr(bar, "iterable", None) is not None
            counted = CountedWork(work.work, self._total, self.done if is_loop else None)
            counted.left = self._left
            work.work = counted
        facts = {"total": scaled(bar, self._total)} if self._total else {}
        work.life.start(self._text(bar, self._done(bar)), **facts)
        self._clock.call_later(INTERVAL, self._tick)

    def begin_loop(self, items: Iterable[Any]) -> Iterator[Any]:
        """Take note that a loop begins over the bar, in the frame that asks for its first item; count its items."""
        self._tickets = repeat(object(), _MANY)
        frame = frame_of_loop()
        if frame is not None:
            self._body = Reader(frame)
            internals(self.stage).begin_loop(self)
            enter_loop(self)
            follow_thread(self)
        return compress(items, self._tickets)

    @property
    def is_in_loop(self) -> bool:
        """Whether the bar's loop goes on."""
        return self._pending is None and self._body is not None and not self.stage.ended and not self._body.is_left()

    def later(self, report: Callable[[], None]) -> None:
        """Call back soon, on the thread of the timers."""
        self._clock.call_later(0, report)

    def end(self, bar: Bar, error: BaseException | None, *, leaves: bool = False) -> None:
        """End the stage, and a run of its own, as the bar ended.

        Args:
            bar: The bar.
            error: The error that is in flight where the bar is closed, or None. A `GeneratorExit` is that of its loop,
                which was left.
            leaves: Whether the error leaves the block of the bar, and is no other one's.

        """
        if self._has_ended or self._pending is not None:
            return
        if error is self._within:
            error = None
        body = self._body if isinstance(error, GeneratorExit) else None
        # A call, as of `list`, drops its iterator in any case.
        if body is not None and body.is_loop and body.is_left_by_error():
            self._pending = self._clock.monotonic(), bar  # whoever is around the loop may tell which error
            return
        self._end(bar, error, by_error=False, leaves=leaves)

    @property
    def _has_ended(self) -> bool:
        return self.stage.ended and (self._own is None or self._own.log.ended)

    def _end(
        self, bar: Bar, error: BaseException | None, *, by_error: bool, from_body: bool = False, leaves: bool = False
    ) -> None:
        """End the stage, and a run of its own; `by_error` says that the loop was left by one that may be handled."""
        self._pending = None
        self._total = number_of(bar.total)
        handed = self._done(bar, at_work=0)
        own, self._body = self._own, None  # a frame has all that is in it
        internals(self.stage).end_loop()
        forget_left(self)
        is_own, is_stopped = leaves or self._tickets is not None, own is not None and own.stop_reason is not None
        ending = ending_of(error, handed, self._total, by_error=by_error, is_own=is_own, is_stopped=is_stopped)
        message = f"{'stopped at ' if ending.is_short else ''}{self._text(bar, handed)}"
        with contextlib.suppress(RunEndedError):
            if not self.stage.ended:
                done = self._done(bar, at_work=int(from_body or ending.is_at_work))
                self._report(bar, done, message, stopped=handed if ending.is_short else None)
                end_stage(self.stage, ending)
        if own is not None and not own.log.ended:
            end_run(own, ending.failure, message if ending.stopped else None)

    # --- a loop whose body was left, as the stages and the cell around it see it -----------------------

    @property
    def before(self) -> tuple[Any, Any]:
        """The run and the stage that were current before the loop."""
        return self.run, self._above

    def is_current(self) -> bool:
        """Return whether code that calls now is in the body."""
        return self.is_in_loop

    def step_over(self) -> bool:
        """End the loop, unless its body may go on; return whether it never will."""
        return not self.is_in_loop

    def take(self, message: str | None, data: Mapping[str, Any]) -> Mapping[str, Any]:
        """Show behind the count what the body reports; return the data that are no loop's."""
        if message is not None:
            self._note = one_line(str(message), NAME).strip()
        reserved = {name: value for name, value in data.items() if name in RESERVED_DATA}
        self._facts.update({name: value for name, value in data.items() if name not in reserved})
        return reserved

    def settle(self, error: BaseException | None) -> None:
        """End the loop if its body was left; `error` ends what is around the loop."""
        with internals(self.stage).lock:
            bar = self._pending[1] if self._pending is not None else self._bar()
            if self._has_ended or bar is None:
                return
            if self._body is None:
                # One that is moved by hand and was never closed ends with the code that has made it.
                if comes_through(error, self._maker):
                    self._end(bar, error, by_error=False)
                return
            found = self._body.find(error) if error is not None else None
            if found is not None:
                self._end(bar, found, by_error=False, from_body=True)
            elif self._pending is not None or self._body.is_left():
                self._end(bar, GeneratorExit(), by_error=self._pending is not None)

    def end_at_exit(self, error: BaseException | None) -> None:
        """End the bar: nothing goes on any more."""
        self.settle(error)
        if (bar := self._bar()) is not None and not self._has_ended:
            self._end(bar, None, by_error=False)

    def _settle_when_over(self, bar: Bar) -> bool:
        """End a loop that was left, unless an error is on its way that may end what is around it; return whether."""
        body, now = self._body, self._clock.monotonic()
        if body is not None and self._pending is None and body.is_in_flight():
            self._pending = now, bar
        if body is None or self._pending is None:
            self.end(bar, GeneratorExit())
            return self._pending is None
        waited = now - self._pending[0]
        if waited < INTERVAL / 2 or (waited < PATIENCE and body.is_in_flight()):
            return False
        if self._own is not None and body.can_wait and waited < ASYNC_PATIENCE:
            return False
        self.settle(uncaught())
        return True

    def start_over(self, bar: Bar) -> None:
        """Begin a further stage for a bar that counts from 0 again."""
        if self.stage.ended or (self._above is not None and self._above.ended):
            return
        self.stage.finish()
        self.stage = (self._above or self.run).stage(self._name, title=self._name)
        self._tickets = self._body = None
        self._begin(bar)

    def _on_stop(self) -> None:
        """Let the code that drives the bar end at its next update."""
        bar: Any = self._bar()
        own = self._own
        if bar is None or own is None:
            return
        stop_at_update(bar, own.stopped_error)

    # --- reporting -------------------------------------------------------------------------------------

    def _tick(self) -> None:
        bar = self._pending[1] if self._pending is not None else self._bar()
        if bar is None or self.stage.ended:
            return
        try:
            if not self._is_over():
                self.look(bar)
            elif self._settle_when_over(bar):
                return
        except RunEndedError:
            return
        except Exception:
            _logger.warning("could not report a bar; it goes on", exc_info=True)
            return
        self._clock.call_later(INTERVAL, self._tick)

    def _is_over(self) -> bool:
        """Return whether the bar's loop was left, or the bar was cancelled and nobody drives it any more."""
        if self._own is not None and self._own.stop_reason is not None:
            self._waited += 1
        return (
            self._waited > _PATIENCE or self._pending is not None or (self._body is not None and self._body.is_left())
        )

    def look(self, bar: Bar) -> None:
        """Report what has changed of the bar."""
        done, self._total = self._done(bar), number_of(bar.total)
        now = self._clock.monotonic()
        self._pace.skip(self._pauses.since_last(now))
        self._pace.count(done - start_of(bar), now)
        text = self._text(bar, done)
        news = (done, bar.total, text, self._rate(bar), self._note, {**self.postfix, **self._facts})
        if news != self._reported:
            self._reported = news
            self._report(bar, done, text)

    def done(self) -> float:
        """Count the items that are done: all that were handed out or reported, but not one at work."""
        bar = self._bar()
        return self._done(bar) if bar is not None else 0

    def _done(self, bar: Bar, *, at_work: int = 1) -> float:
        done = number_of(bar.n) or 0
        if self._tickets is None:
            return done
        return max(done, start_of(bar) + max(0, _MANY - length_hint(self._tickets) - at_work))

    def _rate(self, bar: Bar) -> float | None:
        each = self._pace.each(self._clock.monotonic())
        return float(f"{scaled(bar, 1 / each):.3g}") if each else None

    def _left(self) -> float | None:
        if not self._total:
            return None
        return self._pace.left(max(0.0, self._total - self.done()), self._clock.monotonic())

    def _report(self, bar: Bar, done: float, message: str, *, stopped: float | None = None) -> None:
        data = counts_of(bar, done, self._total, self._rate(bar))
        if stopped is not None:
            data["stopped"] = scaled(bar, stopped)
        if self._contents and (facts := {**self.postfix, **self._facts}):
            data["postfix"] = facts
        if self._contents and self._note:
            data["note"] = self._note
            message = f"{message} · {self._note}"
        internals(self.stage).report(min(CAP, FULL * done / self._total) if self._total else None, message, data)

    def _text(self, bar: Bar, done: float) -> str:
        """Return the count in words, behind the description where that has changed: "epoch 2: 3 of 10 files"."""
        count, title = count_text(bar, done, self._total), title_of(bar)
        return f"{title}: {count}" if self._contents and title and title != self._name else count
