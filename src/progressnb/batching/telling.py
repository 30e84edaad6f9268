"""The facts of a batch as its log has them: the plan, and what is at work now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, cast

from progressnb.wire.batch import BatchNow, BatchPlan, Budget, Hold, ItemAtWork
from progressnb.wire.batch import Gate as GateNow

if TYPE_CHECKING:
    from progressnb.batching.driver import Driver
    from progressnb.batching.engine import Engine
    from progressnb.batching.gate import Gate
    from progressnb.batching.plan import Plan
    from progressnb.batching.roll import Roll

__all__ = ["now_of", "plan_of"]

_SHOWN = 30
"""Items at work that are told one by one."""

_CHOSEN = 10
"""Others whose begins tell how long all of them have been at work."""


def plan_of(
    plan: Plan, operation: str, total: int | None, *, engine: Literal["local", "dask"], resumable: bool
) -> BatchPlan:
    """Return the plan as the log has it."""
    budget = None if plan.budget is None else Budget(**plan.budget.limits())
    return BatchPlan(
        operation=operation,
        total=total,
        limit=plan.limit,
        retries=plan.retries,
        max_failures=plan.max_failures,
        budget=budget,
        engine=engine,
        resumable=resumable,
    )


def now_of(
    driver: Driver, engine: Engine | None, roll: Roll, plan: Plan, total: int | None
) -> tuple[BatchNow, dict[int, str | None], dict[int, str]]:
    """Return what is at work now, the titles of the items that it names, and the names of the workers."""
    works = [*driver.at_work.values(), *(work for _, _, work in driver.queue.pausing), *driver.queue.suspects]
    works.sort(key=lambda work: work.item.began or 0.0)
    workers = None if engine is None else engine.workers()
    oldest, others = works[:_SHOWN], works[_SHOWN:]
    limits = [gate.limit for gate in driver.queue.gates if gate.limit is not None]
    now = BatchNow(
        total=total,
        limit=min([plan.limit, sum(limits)]) if limits else plan.limit,
        at_work=len(works),
        retrying=len(driver.queue.pausing) + len(driver.queue.suspects),
        items=[
            ItemAtWork(index=work.item.index, began=work.item.began or 0.0, attempt=max(1, work.item.attempts))
            for work in oldest
        ],
        begins=[others[(2 * number + 1) * len(others) // (2 * _CHOSEN)].item.began or 0.0 for number in range(_CHOSEN)]
        if others
        else [],
        gates=[_gate(gate, driver, plan) for gate in driver.queue.gates],
        holds=None if driver.hold is None else Hold(kind=cast("Any", driver.hold)),
        workers=None if workers is None else [*workers.values()],
        deaths=0 if engine is None else engine.deaths,
        repeated=roll.repeated,
        retried=driver.retried,
        reserved_cost=driver.ledger.reserved("cost", driver.spent()),
    )
    names = {each.number: name for name, each in (workers or {}).items()}
    return now, {work.item.index: work.entry.title for work in oldest}, names


def _gate(gate: Gate, driver: Driver, plan: Plan) -> GateNow:
    reason = cast("Literal['asked', 'refused', 'growing']", gate.reason)
    until = driver.elapsed + gate.until - gate.clock.monotonic() if gate.closed else None
    return GateNow(
        provider=gate.provider,
        model=gate.model,
        limit=min(plan.limit, gate.limit if gate.limit is not None else plan.limit),
        of=plan.limit,
        reason=reason,
        seconds=gate.seconds if reason == "asked" else None,
        until=None if until is None else max(0.0, until),
    )
