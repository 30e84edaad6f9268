"""The controls of a run at work: its agents, the calls that wait for approval, its budget, and the runs below it.

Whoever acts on a run, a panel, a page or code, acts here. Each act is an event: data `intervention` with its `kind`,
by whom it was (`by`) and a `text`.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias
from weakref import WeakMethod, ref

from progressnb.errors import RunEndedError
from progressnb.folds.shapes import added
from progressnb.tracking.budget import Account, Budget
from progressnb.wire.forks import renew_after_fork

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping

    from progressnb.errors import BudgetExceeded
    from progressnb.tracking.protocols import AtWork, Reporting, Writer

__all__ = ["Approval", "By", "Controls", "Placed", "Verdict"]

By: TypeAlias = Literal["panel", "page", "code"]
"""The side from which somebody acts on a run."""

_logger = logging.getLogger("progressnb")

_ENDING = frozenset({"enough", "stop_if", "budget"})
"""The acts that end an output, or a run, before its end."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The decision about a call of a tool that asked for approval, with the reason of a denial, and who decided."""

    approved: bool
    reason: str | None = None
    by: By | None = None

    @property
    def data(self) -> dict[str, object]:
        """The decision without its reason, as the data of an event: it is no contents."""
        return {"kind": "approve" if self.approved else "deny", "by": self.by}


class Approval:
    """A call of a tool that waits for a verdict. The first verdict counts."""

    __slots__ = ("_loop", "_verdict", "stage")

    def __init__(self, stage: Reporting) -> None:
        self.stage = stage
        self._loop = asyncio.get_running_loop()
        self._verdict: asyncio.Future[Verdict] = self._loop.create_future()

    async def verdict(self) -> Verdict:
        """Wait for the verdict."""
        return await self._verdict

    def decide(self, verdict: Verdict) -> None:
        """Give the verdict, from any thread."""
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            self._loop.call_soon_threadsafe(self._settle, verdict)

    def _settle(self, verdict: Verdict) -> None:
        if not self._verdict.done():
            self._verdict.set_result(verdict)


class Placed(NamedTuple):
    """An agent at work: the controls of its run, and the path of the stage that it has in the run that was asked."""

    controls: Controls
    agent: AtWork
    path: str | None


class Controls:
    """The controls of one run, and through it those of the runs that it calls.

    `account` is the run's budget and what was spent of it, or None. `stop_if` gets each output while it is written and
    returns whether it shall end there, or None. `late` has the tokens and the cost that runs below have spent since the
    run ended.
    """

    def __init__(self, writer: Writer) -> None:
        self.account: Account | None = None
        self.stop_if: Callable[[Any], object] | None = None
        self.late: dict[str, float] = {}
        self._on_exceeded: WeakMethod[Callable[[], None]] | None = None
        self._weak_writer = ref(writer)  # which has these controls: no circle keeps the log of a run that is over
        self._log = writer.log
        self.renew()
        renew_after_fork(self)
        self._agents: dict[AtWork, None] = {}
        self._approvals: dict[str, Approval] = {}
        self._below: dict[Controls, str] = {}
        self._above: tuple[Controls, Reporting] | None = None
        self._payer: Controls | None = None
        self._exceeded = False
        self._faulty = False

    def renew(self) -> None:
        """Forget who acts: in a forked process it is the parent's."""
        self._lock = threading.Lock()

    @property
    def ended(self) -> bool:
        """Whether the run has ended."""
        return self._log.ended

    @property
    def _writer(self) -> Writer:
        writer = self._weak_writer()
        if writer is None:
            raise RunEndedError("a run at work", "one that is gone")
        return writer

    # --- who is at work ----------------------------------------------------------------------------

    def put_below(self, above: Controls, stage: Reporting) -> None:
        """Let whoever acts on the run above, which shows this run as one of its stages, reach this one too."""
        self._above, self._payer = (above, stage), above
        above.take_in(self, stage.path)
        leave = WeakMethod(self._leave_at_end)
        self._log.subscribe(lambda event: None if (call := leave()) is None else call(event))

    def take_in(self, below: Controls, path: str) -> None:
        """List the controls of a run that this run calls, shown as the stage at a path."""
        with self._lock:
            self._below[below] = path

    def part_with(self, below: Controls) -> None:
        """Forget the controls of a run that has ended."""
        with self._lock:
            self._below.pop(below, None)

    def _leave_at_end(self, _: object) -> None:
        if self._log.ended and self._above is not None:
            self._above[0].part_with(self)

    @contextmanager
    def at_work(self, agent: AtWork) -> Generator[None]:
        """List an agent while the block lasts."""
        with self._lock:
            self._agents[agent] = None
        try:
            yield
        finally:
            with self._lock:
                self._agents.pop(agent, None)

    @contextmanager
    def awaiting(self, approval: Approval) -> Generator[None]:
        """List a call that waits for approval while the block lasts."""
        path = approval.stage.path
        with self._lock:
            self._approvals[path] = approval
        try:
            yield
        finally:
            self.settle(approval)

    def agents(self) -> list[Placed]:
        """List the agents at work, in this run and in the runs that it calls."""
        with self._lock:
            own, below = list(self._agents), list(self._below.items())
        placed = [Placed(self, agent, agent.stage.path if agent.stage is not None else None) for agent in own]
        for controls, at in below:
            placed += [Placed(each.controls, each.agent, at) for each in controls.agents()]
        return placed

    def settle(self, approval: Approval) -> bool:
        """Take a call off the list of those that wait; return False if somebody has done so already."""
        path = approval.stage.path
        with self._lock:
            waits = self._approvals.get(path) is approval
            if waits:
                del self._approvals[path]
        return waits

    def approval(self, path: str) -> tuple[Controls, Approval] | None:
        """Return the call that waits for approval in a stage; in that of a run below, the call that waits longest."""
        with self._lock:
            own, below = self._approvals.get(path), list(self._below.items())
        if own is not None:
            return self, own
        return next((found for controls, at in below if at == path and (found := controls.first_approval())), None)

    def first_approval(self) -> tuple[Controls, Approval] | None:
        """Return the call that waits longest for approval, in this run or below it."""
        with self._lock:
            own, below = next(iter(self._approvals.values()), None), list(self._below)
        if own is not None:
            return self, own
        return next((found for controls in below if (found := controls.first_approval())), None)

    # --- events ------------------------------------------------------------------------------------

    def note(
        self,
        kind: str,
        by: By,
        stage: Reporting | None,
        text: str | None = None,
        limit: Mapping[str, float] | None = None,
    ) -> None:
        """Write who did what: in the stage that it concerns, else in the run; and in the run above.

        What ends an output or a run is a fact of its own, `data.ended_early`, which no later word takes the place of.
        `limit` is that of a budget, by its name.
        """
        data: dict[str, object] = {"intervention": {"kind": kind, "by": by, "text": text}}
        if kind in _ENDING:
            data["ended_early"] = {"kind": kind, "by": by, **({"limit": {**limit}} if limit else {})}
        with self._log.lock:
            if self._log.ended:
                return
            if stage is not None and not stage.ended:
                stage.report(None, None, data)
            else:
                self._writer.tell(data)
        if self._above is not None:
            above, mirror = self._above
            above.note(kind, by, mirror, text, limit)

    # --- what code has asked for --------------------------------------------------------------------

    def wants_end(self, partial: object) -> bool:
        """Return whether `stop_if`, of this run or of one above it, wants an output to end here."""
        if self.stop_if is not None:
            try:
                if self.stop_if(partial):
                    return True
            except Exception:
                # Outputs may be of several shapes. The function is asked again: it guards the others.
                if not self._faulty:
                    self._faulty = True
                    _logger.warning("stop_if raised, which counts as no", exc_info=True)
        return self._above is not None and self._above[0].wants_end(partial)

    @property
    def watches(self) -> bool:
        """Whether this run, or one above it, has a `stop_if`."""
        return self.stop_if is not None or (self._above is not None and self._above[0].watches)

    # --- the budget ----------------------------------------------------------------------------------

    @property
    def counts(self) -> bool:
        """Whether this run, or one above it, has a budget."""
        return self.account is not None or (self._payer is not None and self._payer.counts)

    def allow(self, budget: Budget) -> None:
        """Open an account for the run with this budget."""
        self.account = Account(budget)

    def charge_to(self, payer: Controls) -> None:
        """Let what the run spends count for another run too, of which this one is a part and no stage."""
        self._payer = payer

    @property
    def exceeded_above(self) -> bool:
        """Whether a run above has spent more than its budget."""
        return self._payer is not None and (self._payer.exceeded or self._payer.exceeded_above)

    def is_part_of(self, other: Controls) -> bool:
        """Return whether these are the other run's controls, or those of a run below it."""
        return self is other or (self._payer is not None and self._payer.is_part_of(other))

    @property
    def exceeded(self) -> bool:
        """Whether the run has spent more than its budget."""
        return self._exceeded

    def when_exceeded(self, stop: Callable[[], None]) -> None:
        """Call a method, which is held weakly, once the budget is exceeded."""
        self._on_exceeded = WeakMethod(stop)

    def begin(self) -> None:
        """Write the budget where the run begins, and let its time count."""
        if self.account is not None:
            self._writer.tell({"budget": self.account.budget.limits()})
            self._wait_for_time()

    def spend(self, amounts: Mapping[str, float]) -> None:
        """Count tokens and cost that were billed, here and in the runs above; end each run that is over its budget."""
        if self.account is not None:
            with self._log.lock:
                if self.account.add(amounts):
                    _logger.warning(
                        "the price of a model that %s uses is unknown: its budget of cost does not count it",
                        self._writer.operation,
                    )
                projected = None if self._log.ended else self.account.projected(self._writer.overall)
                if projected is not None:
                    self._writer.tell({"projected_cost": projected})
        if self._payer is not None:
            self._payer.spend(amounts)
        self._check_own()

    def spend_late(self, amounts: Mapping[str, float], stage: str | None = None) -> None:
        """Count what was spent after the end of this run, which no event of it can tell, by a run below or a stage."""
        if stage is not None:
            told = ", ".join(f"{key} {amount:g}" for key, amount in amounts.items())
            _logger.warning("stage %r spent %s after its run had ended: its history lacks that", stage, told)
        for key, amount in amounts.items():
            self.late[key] = added(self.late.get(key, 0), amount)
        if self._above is not None:
            self._above[1].carry_usage(amounts)

    def expect(self, tokens: int) -> None:
        """Take note that a request under way has used so many tokens; end each run that is over its budget by them."""
        self._check_own(coming=tokens)
        if self._payer is not None:
            self._payer.expect(tokens)

    def check(self) -> None:
        """End this run, and those above it, where any further request would be over the budget; raise for it."""
        self._check_own(by_more=True)
        if self._exceeded and (error := self.budget_error()) is not None:
            raise error
        if self._payer is not None:
            self._payer.check()

    def budget_error(self) -> BudgetExceeded | None:
        """Return the error that ends the run, if it is over its budget."""
        if not self._exceeded or self.account is None:
            return None
        return self.account.error(self._writer.operation, self._writer.elapsed)

    def _check_own(self, *, by_more: bool = False, coming: int = 0) -> None:
        if self.account is None:
            return
        with self._log.lock:
            limit = self.account.exceeded(self._writer.elapsed, by_more=by_more, coming=coming)
            if limit is None or self._exceeded or self._log.ended:
                return
            self._exceeded = True
            allowed = {limit: self.account.budget.limits()[limit]}
            self.note("budget", "code", None, f"the limit of {limit} is reached", allowed)
            stop = self._on_exceeded() if self._on_exceeded is not None else None
            if stop is not None:
                stop()

    def _wait_for_time(self) -> None:
        if self.account is None or (limit := self.account.budget.seconds) is None:
            return
        weak = ref(self)  # a run that nobody holds any more must not be kept alive by its timer

        def tick() -> None:
            controls = weak()
            if controls is not None and not controls._log.ended:  # noqa: SLF001 - of this class
                controls._check_own()  # noqa: SLF001
                if not controls._exceeded:  # noqa: SLF001 - clocks differ by a little
                    controls._wait_for_time()  # noqa: SLF001

        self._writer.clock.call_later(max(0.0, limit - self._writer.elapsed), tick)
