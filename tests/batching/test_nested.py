"""Batches below other runs: whose budget counts, and who may wait for whom."""

from typing import Any

import pytest

import progressnb as pnb
from progressnb.errors import BudgetExceeded
from progressnb.testing import ManualClock
from progressnb.tracking.budget import Budget
from progressnb.tracking.tracker import ProgressTracker
from tests.batching.helpers import Bench, pass_time

ITEMS = [{"value": value, "cost": 0.1} for value in range(50)]


@pytest.mark.parametrize("amount", [{"cost": 0.55}, {"tokens": 800}])
async def test_a_batch_spends_of_the_budget_of_its_caller(clock: ManualClock, amount: dict[str, Any]) -> None:
    """What its items spend counts for the run that calls it, which ends over its budget, and the batch with it."""
    bench = Bench(clock)

    @pnb.operation(clock=clock)
    async def outer(_: ProgressTracker) -> object:
        return await pnb.batch(bench.operation, ITEMS, limit=5, clock=clock)

    run = outer.using(budget=Budget(**amount))()
    await pass_time(run, clock)
    with pytest.raises(BudgetExceeded):
        await run
    assert run.cost is not None
    assert 0.55 < run.cost <= 0.6 + 0.4 + 1e-9  # those that were at work beside the one that passed it
    assert len(bench.begun) <= 15


async def test_a_batch_of_batches(clock: ManualClock) -> None:
    """The budget of an item counts what a batch inside it spends, and so does that of a run above them all."""
    bench = Bench(clock)

    @pnb.operation(clock=clock)
    async def many(_: ProgressTracker, __: int) -> object:
        return await pnb.batch(bench.operation, ITEMS, limit=1, clock=clock)

    @pnb.operation(clock=clock)
    async def above(_: ProgressTracker) -> object:
        return await pnb.batch(many, range(3), limit=1, clock=clock)

    batch = pnb.batch(many.using(budget=Budget(cost=0.25)), [0], return_errors=True, clock=clock)
    await pass_time(batch, clock)
    assert [type(each) for each in await batch] == [BudgetExceeded]
    assert batch.cost == pytest.approx(0.3)
    run = above.using(budget=Budget(cost=0.25))()
    await pass_time(run, clock)
    with pytest.raises(BudgetExceeded):
        await run
    assert run.cost == pytest.approx(0.3)


async def test_a_budget_that_holds(clock: ManualClock) -> None:
    """A batch within the budget of its caller gives its results, and is paid once."""
    bench = Bench(clock)

    @pnb.operation(clock=clock)
    async def outer(_: ProgressTracker) -> object:
        return await pnb.batch(bench.operation, ITEMS[:5], limit=5, clock=clock)

    run = outer.using(budget=Budget(cost=0.55))()
    await pass_time(run, clock)
    assert await run == list(range(5))
    assert run.cost == pytest.approx(0.5)
