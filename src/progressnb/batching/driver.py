"""The driver of a batch: which item begins when, what is tried again, when it stops, and what is told of it."""

from __future__ import annotations

import asyncio
import random
from typing import TYPE_CHECKING, Literal

from progressnb.batching.engine import Job
from progressnb.batching.gate import LONGEST_ASKED, Refusal, refusal_of
from progressnb.batching.queue import AtWork, Queue
from progressnb.batching.state import Stop, amounts_of
from progressnb.tracking.budget import amount_text
from progressnb.tracking.clock import running_loop
from progressnb.tracking.retry import Retry

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from progressnb.batching.ends import Ends
    from progressnb.batching.engine import Engine, Outcome
    from progressnb.batching.items import Items
    from progressnb.batching.plan import Plan
    from progressnb.batching.state import Ledger
    from progressnb.tracking.clock import Clock

__all__ = ["Driver"]

MOST_REFUSALS = 10
"""Times that a provider may refuse an item before it has failed."""

NEWS = 0.2
"""Seconds after which a change of gates is told before the next look."""

TICK = 1.0
"""Seconds between two looks at the time and at what is spent."""


class Driver:
    """Run the items of a batch by an engine.

    Attributes:
        queue: The items that have not ended and are not at work.
        at_work: The items whose attempts are at work, by index.
        stop: Why nothing new begins, or None.
        retried: Attempts beyond the first ones.

    """

    def __init__(self, plan: Plan, items: Items, ledger: Ledger, ends: Ends, clock: Clock) -> None:
        self._plan, self._items, self.ledger, self._ends, self._clock = plan, items, ledger, ends, clock
        self._retry = Retry(attempts=plan.retries + 1)
        self.queue = Queue(items, ends, ledger, clock)
        self.at_work: dict[int, AtWork] = {}
        self.stop: Stop | None = None
        self.hold: str | None = None
        self.retried = 0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._news = asyncio.Event()
        self._armed: float | None = None
        self._is_tick = False
        self._began = self._told = 0.0
        self._known: tuple[object, ...] = ()
        self._engine: Engine

    def wake(self) -> None:
        """Let the driver look again, from any thread."""
        loop = self._loop
        if loop is not None and running_loop() is not loop:
            loop.call_soon_threadsafe(self._news.set)
        else:
            self._news.set()

    @property
    def elapsed(self) -> float:
        """Seconds since the batch began."""
        return self._clock.monotonic() - self._began

    @property
    def running(self) -> int:
        """The items that take a place of the limit: their attempts are at work, or their results are not committed."""
        return len(self.at_work) + self._ends.uncommitted

    async def run(self, engine: Engine, tell: Callable[[], None]) -> None:
        """Run all items; `tell` is called each second and where something changed."""
        self._engine, self._loop, self._began = engine, asyncio.get_running_loop(), self._clock.monotonic()
        self._ends.begin(self.wake, lambda: self.elapsed)
        self._items.begin(self.wake)
        self._clock.call_later(TICK, self._on_tick)
        try:
            await self._work(tell)
        except BaseException as error:
            cancelled = isinstance(error, asyncio.CancelledError)
            await self._wind_down(Stop("cancel" if cancelled else "fault", "cancelled" if cancelled else "it failed"))
            raise
        finally:
            self._loop = None
            await self._items.close()
            await engine.close()

    def end_now(self, stop: Stop) -> None:
        """Let nothing new begin, for a reason."""
        if self.stop is None:
            self.stop = stop
            if stop.cancels:
                for index in tuple(self.at_work):
                    self._engine.cancel(index, stop.reason)

    # --- the loop ----------------------------------------------------------------------------------

    async def _work(self, tell: Callable[[], None]) -> None:
        self._tell(tell)
        while True:
            self._take_outcomes()
            self._look()
            self._begin_more()
            if self._items.fault is not None:  # what is at work may end: it is paid
                self.end_now(Stop("fault", "what gives its items broke", cancels=False))
            if self._is_tick or (self._signature() != self._known and self._clock.monotonic() >= self._told + NEWS):
                self._tell(tell)
            if not self.running and (self.stop is not None or self.queue.is_empty):
                break
            self._arm()
            await self._news.wait()
            self._news.clear()
        self._end_pausing()
        if self._items.fault is not None:
            raise self._items.fault

    async def _wind_down(self, stop: Stop) -> None:
        """Cancel what is at work and wait for it; a second cancellation ends the wait."""
        self.end_now(stop)
        for index in tuple(self.at_work):
            self._engine.cancel(index, stop.reason)
        patience = 2
        while self.running and patience:
            self._take_outcomes()
            if not self.running:
                break
            try:
                await self._news.wait()
            except asyncio.CancelledError:
                patience -= 1
            self._news.clear()
        self._give_up()
        self._end_pausing()

    def _give_up(self) -> None:
        """Wait no longer for what is at work."""
        for work in self.at_work.values():
            work.gate.leave()
            self._ends.end(work.item, "cancelled")
        self.at_work.clear()

    def _tell(self, tell: Callable[[], None]) -> None:
        self._is_tick, self._told = False, self._clock.monotonic()
        self._known = self._signature()
        tell()

    def _signature(self) -> tuple[object, ...]:
        return self.hold, self.stop is None, *(gate.reason for gate in self.queue.all_gates)

    def _on_tick(self) -> None:
        if self._loop is not None:
            self._is_tick = True
            self.wake()
            self._clock.call_later(TICK, self._on_tick)

    def _arm(self) -> None:
        """Wake at the next time at which something may begin or must end."""
        now = self._clock.monotonic()
        times = self.queue.times()
        if self.ledger.seconds is not None:
            times.append(self._began + self.ledger.seconds)
        if self._signature() != self._known:
            times.append(self._told + NEWS)
        due = min((each for each in times if each > now), default=None)
        if due is None or (self._armed is not None and now < self._armed <= due):
            return
        self._armed = due
        self._clock.call_later(due - now, self.wake)

    def _look(self) -> None:
        """Stop where too much time has passed, too much was spent, or too many items have failed."""
        if self._engine.gone is not None:
            self.end_now(Stop("engine", self._engine.gone, cancels=False))
            self._give_up()
        if self.stop is not None:
            return
        seconds, failed = self.ledger.seconds, self._ends.roll.counts["failed"]
        if self._plan.passes(failed, self._items.total, len(self._ends.roll.ended)):
            bound = self._plan.max_failures or 0
            limit = {"share": bound} if isinstance(bound, float) else {"count": bound}
            self.end_now(Stop("max_failures", f"{failed:,} {'item' if failed == 1 else 'items'} failed", limit))
        elif not (self.at_work or self.queue.has_work() or not self.queue.is_empty):
            return  # all is done: there is nothing to stop
        elif seconds is not None and self.elapsed >= seconds:
            self.end_now(Stop("budget", f"its {seconds:g} s have passed", {"seconds": seconds}))
        elif self.ledger.counts and (name := self.ledger.passed(self.spent())) is not None:
            self._stop_for(name, cancels=True)

    def _stop_for(self, name: str, *, cancels: bool) -> None:
        limit = self.ledger.limit(name) or 0.0
        reason = f"its budget of {amount_text(name, limit)} is spent"
        self.end_now(Stop("budget", reason, {name: limit}, cancels=cancels))

    # --- beginning ---------------------------------------------------------------------------------

    def _begin_more(self) -> None:
        capacity = self._engine.capacity
        limit = self._plan.limit if capacity is None else min(self._plan.limit, capacity)
        self.hold = "stopping" if self.stop is not None else None if limit else "workers"
        spent = self.spent() if self.ledger.counts else []
        suspect = any(work.is_suspect for work in self.at_work.values())  # beside which nothing else begins
        while self.stop is None and self.running < limit and not suspect:
            if self.ledger.counts and not self.ledger.admits(spent):
                if not self.queue.has_work():
                    self.hold = "source" if self.queue.is_hungry else None
                    return
                self.hold = "budget"
                if not self.running:  # nothing that ends will make room
                    self._stop_for(self.ledger.limiting(), cancels=False)
                return
            work = self.queue.next(alone=not self.at_work)
            if work is None:
                self.hold = "source" if self.queue.is_hungry else None
                return
            self._submit(work)
            suspect = work.is_suspect
            spent.append({})  # it has spent nothing yet

    def _submit(self, work: AtWork) -> None:
        item = work.item
        work.began = work.gate.enter()
        item.attempts += 1
        self.retried += item.attempts > 1
        if item.began is None:
            item.began = self.elapsed
        item.status = "running"
        self.at_work[item.index] = work
        self._engine.submit(Job(item.index, work.entry.arguments, item.run_id, work.is_suspect))

    def spent(self) -> list[Mapping[str, float]]:
        """Return what each attempt at work has spent so far."""
        return [amounts_of(self._engine.spent(index)) for index in self.at_work]

    # --- ends --------------------------------------------------------------------------------------

    def _take_outcomes(self) -> None:
        inbox, refused = self._engine.inbox, self._engine.refused
        while refused:
            if (work := self.at_work.get(refused.popleft())) is not None:
                work.gate.refuse(Refusal(None), work.began, self._plan.limit)
        while inbox:
            outcome = inbox.popleft()
            work = self.at_work.pop(outcome.index, None)
            if work is None:  # it was given up
                continue
            work.gate.leave()
            item = work.item
            item.add(outcome.usage)
            item.run_id, item.run, item.stages = outcome.run_id, outcome.run, outcome.stages
            item.title = outcome.title
            self.ledger.spend(amounts_of(outcome.usage))
            if outcome.status == "finished":
                work.gate.went_well(self._plan.limit)
                self.ledger.learn(item.amounts)
                self._ends.finish(item, outcome)
            elif outcome.status == "lost" and not work.is_suspect:
                item.error = outcome.error
                self.queue.suspect(work)
            elif outcome.status in ("failed", "lost") and outcome.error is not None:
                self._fail(work, outcome)
            else:
                self._ends.end(item, "cancelled")

    def _fail(self, work: AtWork, outcome: Outcome) -> None:
        item, error, now = work.item, outcome.error, self._clock.monotonic()
        assert error is not None  # noqa: S101 - as the caller has checked
        item.error = error
        refusal = refusal_of(error, self._clock.now())
        if refusal is not None:
            work.gate.refuse(refusal, work.began, self._plan.limit)
            work.refusals += 1
            may_wait = (refusal.asked or 0.0) <= LONGEST_ASKED and work.refusals <= MOST_REFUSALS
            due = work.gate.until
        else:
            work.failures += 1
            may_mend = outcome.status == "failed" and self._retry.may_mend(error)
            may_wait = work.failures <= self._plan.retries and may_mend
            due = now + self._retry.pause(min(work.failures, 60), chance=random.random()) if may_wait else now  # noqa: S311 - no secret
        if may_wait and self.stop is None:
            self.queue.pause(work, due)
            return
        amounts = item.amounts
        if any(amounts.values()):  # one that failed before it spent anything says nothing of the others
            self.ledger.learn(amounts)
        self._ends.end(item, "failed", outcome)

    def _end_pausing(self) -> None:
        end: Literal["cancelled", "failed"] = "cancelled" if self.stop is not None and self.stop.cancels else "failed"
        for work in self.queue.left():
            self._ends.end(work.item, end)
