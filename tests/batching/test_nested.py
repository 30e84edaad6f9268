"""Batches below other runs: whose budget counts, and who may wait for whom."""

import asyncio
from typing import Any

import pytest

import progressnb as pnb
from progressnb.errors import BudgetExceeded, InvalidProgressError
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


async def test_a_batch_that_nobody_awaits_ends_with_the_budget(clock: ManualClock) -> None:
    """A batch whose caller only iterates over its items, or has it aside, ends with the budget of its caller, too."""
    bench, batches = Bench(clock), list[pnb.Run[Any]]()

    @pnb.operation(clock=clock)
    async def outer(_: ProgressTracker) -> object:
        batches.append(pnb.batch(bench.operation, ITEMS, limit=2, clock=clock))
        return [item async for item in batches[0]]

    run = outer.using(budget=Budget(cost=0.55))()
    await pass_time(run, clock)
    with pytest.raises(BudgetExceeded):
        await run
    await pass_time(batches[0], clock)
    assert batches[0].status == "cancelled"
    assert batches[0].cost == pytest.approx(0.6)


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


@pytest.mark.parametrize("way", ["await", "iterate", "wait", "gather", "below"])
async def test_an_item_that_waits_for_its_own_batch(clock: ManualClock, way: str) -> None:
    """It fails with an error that says so, where it would wait for itself for ever."""
    batches: list[pnb.Run[Any]] = []

    async def waits() -> object:
        batch = batches[0]
        if way == "iterate":
            return [item async for item in batch]
        if way == "wait":
            return await asyncio.to_thread(batch.wait)
        if way == "gather":
            return await asyncio.gather(batch)
        return await batch

    @pnb.operation(clock=clock)
    async def inner(_: ProgressTracker) -> object:
        return await waits()

    @pnb.operation(clock=clock)
    async def item(_: ProgressTracker, __: int) -> object:
        return await (inner() if way == "below" else waits())

    batch = pnb.batch(item, range(2), return_errors=True, clock=clock)
    batches.append(batch)
    errors = await asyncio.wait_for(batch, 30)
    assert [type(error) for error in errors] == [InvalidProgressError] * 2
    assert "awaited outside its own items" in str(errors[0])


async def test_a_batch_inside_an_item_of_another(clock: ManualClock) -> None:
    """An item may wait for a batch that is not its own, and for one that its caller began before."""
    bench = Bench(clock)
    other = pnb.batch(bench.operation, range(2), clock=clock)

    @pnb.operation(clock=clock)
    async def item(_: ProgressTracker, value: int) -> object:
        return await (other if value else pnb.batch(bench.operation, range(2), clock=clock))

    batch = pnb.batch(item, range(2), clock=clock)
    await pass_time(batch, clock)
    assert await batch == [[0, 1], [0, 1]]
