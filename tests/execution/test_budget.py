"""The budget of a run: what it counts, and how a run over it ends."""

import asyncio
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from progressnb.errors import BudgetExceeded, InvalidProgressError
from progressnb.execution.operation import operation
from progressnb.execution.run import Run
from progressnb.testing import ManualClock
from progressnb.tracking.budget import Account, Budget
from progressnb.tracking.tracker import ProgressTracker
from progressnb.wire.events import ProgressEvent
from tests.execution.helpers import turns

CLOCK = ManualClock()


@operation(stages=["a", "b"], clock=CLOCK)
async def spends(tracker: ProgressTracker, costs: list[float], *, catches: bool = False) -> str:
    """Report costs one by one."""
    async with tracker.stage("a") as stage:
        for number, cost in enumerate(costs, 1):
            try:
                stage.add_usage("m", input_tokens=10, output_tokens=5, cost=cost)
                await stage.update(100 * number / len(costs))
                await asyncio.sleep(0)
            except asyncio.CancelledError:
                if not catches:
                    raise
    return "result"


def facts(run: Run[Any], key: str) -> list[Any]:
    """List what a run's own events say under a key."""
    own = [event for event in run.log if isinstance(event, ProgressEvent) and event.stage is None]
    return [event.data[key] for event in own if key in event.data]


async def test_a_cost_over_the_budget_ends_the_run() -> None:
    """The run fails with what it spent; awaiting it raises that error; the rest is not done."""
    run = spends.using(budget=Budget(cost=0.25))([0.1] * 10)
    with pytest.raises(BudgetExceeded, match=r"spends within its budget of \$0.25, got \$0.3, 45 tokens") as caught:
        await run
    assert caught.value is run.exception
    assert caught.value.spent == {"cost": pytest.approx(0.3), "tokens": 45, "seconds": 0.0}
    assert (run.status, run.state.error_type) == ("failed", "BudgetExceeded")
    assert [each["kind"] for each in facts(run, "intervention")] == ["budget"]
    assert run.state.usage["cost"] == pytest.approx(0.3)


@pytest.mark.parametrize("catches", [False, True])
async def test_code_that_goes_on_does_not_save_the_run(catches: bool) -> None:
    """A body that swallows its cancellation ends over budget all the same."""
    run = spends.using(budget=Budget(tokens=20))([0.1] * 4, catches=catches)
    with pytest.raises(BudgetExceeded):
        await run
    assert run.result is None


async def test_exactly_the_budget_is_within_it() -> None:
    """A run that spends all of its budget and no more gives its result."""
    run = spends.using(budget=Budget(tokens=60))([0.1] * 4)
    assert await run == "result"


async def test_time_is_a_budget() -> None:
    """Seconds count from the begin of the run, on its own clock."""

    @operation(clock=CLOCK)
    async def waits(_: ProgressTracker) -> None:
        await asyncio.Event().wait()

    run = waits.using(budget=Budget(seconds=30))()
    await turns(3)
    CLOCK.advance(29)
    await turns(3)
    assert run.status == "running"
    CLOCK.advance(1)
    with pytest.raises(BudgetExceeded, match=r"budget of 30.0 s, got 0 tokens, 30.0 s"):
        await run


async def test_the_cost_of_the_whole_is_projected() -> None:
    """Once a tenth is done, the run's events say what the whole will cost, and again when that changes."""
    run = spends.using(budget=Budget(cost=10))([0.1] * 4)
    await run
    # Half of the run is stage a, whose usage is reported before its percent.
    assert facts(run, "projected_cost") == [1.6, 1.2, 1.07]
    assert run.state.data["projected_cost"] == 1.07


async def test_without_a_budget_nothing_is_counted() -> None:
    """A run without a budget has no events of it."""
    run = spends([0.1] * 4)
    await run
    assert facts(run, "projected_cost") == facts(run, "budget") == []


async def test_runs_below_count_once() -> None:
    """What a run that it calls spends counts for the run above, as it comes and once."""
    below: list[Run[Any]] = []

    @operation(clock=CLOCK)
    async def calls(tracker: ProgressTracker) -> str:
        async with tracker.stage("outer") as stage:
            stage.add_usage("m", input_tokens=1)
            below.append(spends([0.1] * 3))
            await below[0]
            below.append(spends([0.1] * 3))
            return str(await below[1])

    run = calls.using(budget=Budget(tokens=70))()
    with pytest.raises(BudgetExceeded) as caught:
        await run
    assert caught.value.spent["tokens"] in (76, 91), "a step that had begun"
    assert [each.status for each in below] == ["finished", "cancelled"]
    below.clear()
    run = calls.using(budget=Budget(tokens=91))()
    assert await run == "result"


async def test_cancelling_wins() -> None:
    """A run that was cancelled before stays cancelled, whatever it spends afterwards."""
    run = spends.using(budget=Budget(tokens=20))([0.1] * 4, catches=True)
    await turns(1)
    run.cancel("no more")
    await run.log.wait_ended()
    assert run.status == "cancelled"


@pytest.mark.parametrize("limit", [0, -1, float("nan"), float("inf"), "5", True])
@pytest.mark.parametrize("name", ["cost", "tokens", "seconds"])
def test_wrong_budgets(name: str, limit: Any) -> None:
    """A limit is a number above 0, or None."""
    with pytest.raises(InvalidProgressError, match=f"{name} of a budget above 0"):
        Budget(**{name: limit})


@given(st.lists(st.integers(0, 1000)), st.integers(1, 5000))
def test_an_account_is_exceeded_by_more_than_its_limit(amounts: list[int], limit: int) -> None:
    """Whatever the order of what is spent: over the limit is over, and the limit itself is not."""
    account = Account(Budget(tokens=limit))
    for amount in amounts:
        account.add({"output_tokens": amount})
    assert (account.exceeded(0.0) == "tokens") == (sum(amounts) > limit)
    assert (account.exceeded(0.0, by_more=True) == "tokens") == (sum(amounts) >= limit)


async def test_a_price_that_nobody_knows_is_warned_about(caplog: pytest.LogCaptureFixture) -> None:
    """A budget of cost can't count a model without a price, and says so once."""

    @operation(clock=CLOCK)
    async def unpriced(tracker: ProgressTracker) -> str:
        for _ in range(2):
            tracker.stage("s").add_usage("m", input_tokens=5)
        return "result"

    assert await unpriced.using(budget=Budget(cost=1))() == "result"
    assert caplog.text.count("the price of a model that unpriced uses is unknown") == 1


async def test_data_that_are_no_amounts_are_passed_over() -> None:
    """Text under the key of an amount breaks nothing."""

    @operation(clock=CLOCK)
    async def odd(tracker: ProgressTracker) -> str:
        tracker.update("s", cost="much", input_tokens=None, output_tokens=True)
        return "result"

    assert await odd.using(budget=Budget(cost=1))() == "result"
