"""The stage behind `track` and `atrack`: its life, the count of the items, and the messages."""

from __future__ import annotations

import asyncio
import contextlib
import math
import sys
from itertools import repeat
from operator import length_hint
from typing import TYPE_CHECKING, Any, SupportsFloat, cast

from progressnb.errors import InvalidProgressError, RunCancelled, RunEndedError
from progressnb.execution.outcome import cancelled_error
from progressnb.tracking.clock import SystemClock
from progressnb.tracking.current import current_stage, internals, set_stage
from progressnb.tracking.pace import Pace
from progressnb.tracking.percent import FULL, CountedWork, is_number
from progressnb.tracking.recorder import CAP, INTERVAL
from progressnb.tracking.session import present
from progressnb.tracking.stage import Stage
from progressnb.tracking.tracker import ProgressTracker, current_run, enter_run, entered, leave_run
from progressnb.wire.paths import stage_title
from progressnb.wire.plain import clean_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from progressnb.tracking.handle import StageHandle
    from progressnb.tracking.tracker import RunContext

__all__ = ["Loop", "count_of", "length_of"]

_MANY = sys.maxsize
_RATE_NEWS = 0.1  # the share by which a rate must have changed to be written while no item is done


class Loop:
    """The stage of one loop. It holds no iterator, so an iterator that is dropped is freed at once.

    Attributes:
        initial: The items that were done before.
        tickets: An iterator that the loop advances once an item: what is left of it counts the items.
        completed: A function that counts the items that are done, where they complete in any order.
        cancelled: The reasons of cancellations, in their order.

    """

    def __init__(self, description: str, total: float | None, *, initial: float = 0, parallel: bool = False) -> None:
        self.description = clean_text(str(description)).strip() or "work"
        self.total = total
        self.initial = initial
        self.tickets = repeat(object(), _MANY)
        self.completed: Callable[[], int] | None = None
        self.cancelled: list[str] = []
        self.ended = self._begun = False
        self._parallel = parallel
        self._above = current_stage()
        self._run = current_run()
        self._own: _OwnRun | None = None
        self._postfix: dict[str, Any] = {}
        self._reported: tuple[float, float | None] = (initial, None)  # the count and the rate
        self._is_news = bool(initial)
        self._has_postfix = False  # whether an event has had one

    # --- its life ------------------------------------------------------------------------------------

    def begin(self) -> None:
        """Begin the stage, in a run of its own if there is no other, and make it the current one."""
        title = stage_title(self.description)
        above, run = self._above, self._run
        self._previous: RunContext = entered()
        if above is not None and not above.ended:
            stage = above.stage(self.description, title=title)
        elif run is not None and not run.log.ended:
            stage = run.stage(self.description, title=title)
        else:
            self._own = run = _OwnRun(self.description, title, self.cancelled)
            run.start()
            self._previous = enter_run(run)
            stage = run.stage(self.description)
        if stage.status == "pending":
            counted = CountedWork(internals(stage).work, self.total, None if self._parallel else self.done)
            counted.left = self._left
            internals(stage).work = counted
            if self.total and self.initial:
                counted.raise_floor(min(CAP, FULL * self.initial / self.total), given=True)
        self._stage: StageHandle = stage
        self._begun = True
        # On a thread of its own: the body of the loop may block the event loop for as long as it likes.
        clock = internals(stage).clock
        self._clock = SystemClock() if isinstance(clock, SystemClock) else clock
        self._pace = Pace(self._clock.monotonic())
        internals(stage).life.start(self._count_text(self.initial), **({"total": self.total} if self.total else {}))
        set_stage(stage)
        if self._own is not None:
            present(self._own, show=None)
        self._clock.call_later(INTERVAL, self._tick)

    def finish(self) -> None:
        """End the stage well: all items are done."""
        self._close(self.done(at_work=0))

    def leave(self, error: BaseException | None) -> None:
        """End the stage early: the body left the loop, the loop was cancelled, or the iterator raised an error."""
        self._close(self.done(), error or GeneratorExit())

    def cancel_with(self, future: asyncio.Future[Any]) -> None:
        """Let the Cancel button cancel a future too."""
        running = asyncio.get_running_loop()
        if self._own is not None:
            self._own.on_cancel = lambda: running.call_soon_threadsafe(future.cancel)

    def raise_cancelled(self) -> None:
        """Raise the error of a loop that the Cancel button has ended."""
        raise cancelled_error(self.description, self.cancelled[0], remedy="")

    def _close(self, done: float, error: BaseException | None = None) -> None:
        if self.ended or not self._begun:
            return
        self.ended = True
        self._restore()
        if error is not None and (isinstance(error, RunCancelled) or not isinstance(error, Exception)):
            message = f"stopped at {self._count_text(done + 1)}"
            reason = self.cancelled[0] if self.cancelled else message
        else:
            message, reason = self._count_text(done), None
        # The run may have ended before its loop: then the loop goes on without reports.
        with contextlib.suppress(RunEndedError):
            if not self._stage.ended:
                self._report(done, message)
                self._end_stage(error, reason)
            if self._own is not None:
                self._end_run(self._own, error, reason)

    def _end_stage(self, error: BaseException | None, reason: str | None) -> None:
        if reason is not None:
            self._stage.cancel()
        elif error is not None:
            self._stage.fail(error)
        else:
            self._stage.finish()

    def _end_run(self, own: _OwnRun, error: BaseException | None, reason: str | None) -> None:
        if reason is not None:
            own.cancelled(reason)
        elif error is not None:
            own.fail(error)
        else:
            own.done()

    def _restore(self) -> None:
        # An iterator may be dropped where another run or stage is the current one.
        if self._own is not None and current_run() is self._own:
            leave_run(self._previous)
        elif current_stage() is self._stage:
            set_stage(self._previous[1])

    # --- reporting -------------------------------------------------------------------------------------

    def done(self, *, at_work: int = 1) -> float:
        """Count the items that are done: all that were handed out, except the last one, which is at work."""
        if self.completed is not None:
            return self.completed()
        return self.initial + max(0, _MANY - length_hint(self.tickets) - at_work)

    def set(self, facts: Mapping[str, Any]) -> None:
        """Show facts behind the count from the next look on; None takes one away."""
        merged = {**self._postfix, **{clean_text(name): _plain_number(value) for name, value in facts.items()}}
        self._postfix = {name: value for name, value in merged.items() if value is not None}
        self._is_news = True

    def _tick(self) -> None:
        if self.ended or self._stage.ended:
            return
        done = self.done()
        self._pace.count(done - self.initial, self._clock.monotonic())
        reported, rate = self._reported
        if done != reported or self._is_news or _differ(rate, self._rate()):
            with contextlib.suppress(RunEndedError):
                self._report(done, self._count_text(done))
        self._clock.call_later(INTERVAL, self._tick)

    def _rate(self) -> float | None:
        """Return items a second; None in the first second, and where the item at work has refuted it."""
        each = self._pace.each(self._clock.monotonic())
        if not each or (self.total is not None and self._left() is None):
            return None
        return float(f"{1 / each:.3g}")

    def _left(self) -> float | None:
        if self.total is None:
            return None
        return self._pace.left(max(0.0, self.total - self.done()), self._clock.monotonic())

    def _report(self, done: float, message: str) -> None:
        rate, self._is_news = self._rate(), False
        data: dict[str, Any] = {"done": done, "total": self.total, "initial": self.initial or None}
        data = {key: value for key, value in data.items() if value is not None}
        if rate is not None or self._reported[1] is not None:
            data["rate"] = rate
        if self._postfix or self._has_postfix:
            data["postfix"], self._has_postfix = dict(self._postfix), True
        self._reported = done, rate
        percent = min(CAP, FULL * done / self.total) if self.total else None
        self._stage.update(percent, message, **data)

    def _count_text(self, done: float) -> str:
        if self.total is None:
            return f"{done:,}"
        return f"{done:,} of {self.total:,}" if done <= self.total else f"{done:,}, {self.total:,} were expected"


class _OwnRun(ProgressTracker):
    """The run of a loop outside any other run. Its timers have a thread, since the loop may block this one."""

    def __init__(self, name: str, title: str, cancelled: list[str]) -> None:
        super().__init__(name, [Stage(name, title=title)], clock=SystemClock())
        self._cancelled = cancelled
        self.on_cancel: Callable[[], object] | None = None

    def cancel(self, reason: str | None = None) -> None:
        """Let the loop end once the item at work is done."""
        self._cancelled.append(reason or "cancelled")
        if self.on_cancel is not None:
            self.on_cancel()


def length_of(iterable: object, total: float | None, initial: float = 0) -> float | None:
    """Return the number of items: the given total, else `initial` and the length of the iterable, or None."""
    if total is None:
        try:
            hint = length_hint(iterable, -1)
        except Exception:  # noqa: BLE001 - a length that raises an error is unknown
            return None
        return initial + hint if hint >= 0 else None
    total = _checked(total, "a total of 0 or more", "Leave it out if it is unknown.")
    return total if math.isfinite(total) else None


def count_of(initial: float) -> float:
    """Return the number of items that were done before; raise `InvalidProgressError` for anything else."""
    initial = _checked(initial, "an initial count of 0 or more", "It is the number of items that were done before.")
    if not math.isfinite(initial):
        raise InvalidProgressError("a finite initial count", repr(initial), "Leave it out if it is unknown.")
    return initial


def _checked(value: object, expected: str, remedy: str) -> float:
    if not is_number(value) or not value >= 0:
        raise InvalidProgressError(expected, repr(value), remedy)
    return int(value) if math.isfinite(value) and value == int(value) else float(value)


def _differ(before: float | None, now: float | None) -> bool:
    """Return whether two rates differ by so much that it is worth an event."""
    if before is None or now is None:
        return before is not now
    return abs(now - before) > _RATE_NEWS * before


def _plain_number(value: object) -> Any:  # noqa: ANN401 - plain data or anything else
    """Return a number for what only looks like one, such as a tensor of one value."""
    if value is None or isinstance(value, bool | int | float | str) or not hasattr(value, "__float__"):
        return value
    try:
        return float(cast("SupportsFloat", value))
    except Exception:  # noqa: BLE001 - a tensor of several values
        return value
