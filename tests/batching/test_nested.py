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
from tests.execution.helpers import turns

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


async def in_a_group(batch: pnb.Run[Any]) -> object:
    """Wait for a batch in a task of a group."""

    async def wait() -> object:
        return await batch

    async with asyncio.TaskGroup() as group:
        return group.create_task(wait())


async def gathered(batch: pnb.Run[Any]) -> object:
    """Wait for a batch and something else."""
    return await asyncio.gather(asyncio.sleep(0), batch)


async def awaited(batch: pnb.Run[Any]) -> object:
    """Wait for a batch."""
    return await batch


async def iterated(batch: pnb.Run[Any]) -> object:
    """Wait for the items of a batch."""
    return [item async for item in batch]


async def shielded(waiter: Any) -> object:
    """Wait for a task that goes on."""
    return await asyncio.shield(waiter)


async def waited(waiter: Any) -> object:
    """Wait for a task among others."""
    done, _ = await asyncio.wait({waiter})
    return [task.result() for task in done]


async def in_turn(waiter: Any) -> object:
    """Wait for a task that waits for a task."""
    return await asyncio.create_task(waited(waiter))


CIRCLES = [
    *((each, awaited) for each in (awaited, iterated, gathered, in_a_group)),
    *((awaited, each) for each in (shielded, waited, in_turn)),
]


@pytest.mark.parametrize("is_run", [False, True])
@pytest.mark.parametrize(("outside", "inside"), CIRCLES)
async def test_an_item_that_waits_for_who_waits_for_the_batch(
    clock: ManualClock, outside: Any, inside: Any, is_run: bool
) -> None:
    """An item that awaits a task or a run that waits for the batch would hang with it: both get an error."""
    batches: list[pnb.Run[Any]] = []
    begun = asyncio.Event()

    async def wait() -> object:
        await begun.wait()
        return await outside(batches[0])

    @pnb.operation(clock=clock)
    async def run_outside(_: ProgressTracker) -> object:
        return await wait()

    waiter: Any = run_outside() if is_run and inside is awaited else asyncio.create_task(wait())

    @pnb.operation(clock=clock)
    async def item(_: ProgressTracker, __: int) -> object:
        return await inside(waiter)

    batch = pnb.batch(item, range(2), return_errors=True, clock=clock)
    batches.append(batch)
    begun.set()
    await pass_time(batch, clock, most=60)
    assert {item.status for item in batch.items} == {"failed"}
    told = [str(each.exceptions[0] if isinstance(each, ExceptionGroup) else each) for each in await batch]
    assert all("awaited outside its own items" in text for text in told)
    assert all("through a task that awaits it" in text for text in told)


@pytest.mark.parametrize("way", ["another ends", "first", "time"])
async def test_waits_that_end(clock: ManualClock, way: str) -> None:
    """An item that waits for others too, or for a time, is no circle, and neither is a batch of which others end."""
    batches: list[pnb.Run[Any]] = []
    other = asyncio.Event()

    async def outside() -> object:
        while not batches:
            await asyncio.sleep(0)
        return await batches[0]

    waiter = asyncio.create_task(outside())

    @pnb.operation(clock=clock)
    async def item(_: ProgressTracker, number: int) -> int:
        if number == 0:
            if way == "first":
                await asyncio.wait({waiter, asyncio.create_task(other.wait())}, return_when=asyncio.FIRST_COMPLETED)
            elif way == "time":
                await asyncio.wait({waiter}, timeout=0.2)
            else:
                await other.wait()
        return number

    batch = pnb.batch(item, range(3), limit=1, clock=clock)
    batches.append(batch)
    for _ in range(20):
        await turns()
        clock.advance(1.0)
    other.set()
    await pass_time(batch, clock)
    assert await batch == [0, 1, 2] == await waiter


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
