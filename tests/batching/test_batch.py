"""A batch on this loop: its limit, its order, its retries, its ends and its stops."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import numpy as np
import pandas as pd
import pytest

import progressnb as pnb
from progressnb.batching import Batch
from progressnb.errors import BatchFailed, BatchStopped, InputError, InvalidProgressError, RunCancelled
from progressnb.execution.run import runs
from progressnb.testing import ManualClock
from progressnb.tracking.budget import Budget
from progressnb.tracking.current import current_stage
from progressnb.tracking.tracker import ProgressTracker, current_run
from progressnb.wire.events import is_last
from tests.batching.helpers import Bench, pass_time
from tests.execution.helpers import turns

ENDS = {"finished", "failed", "cancelled", "not begun"}


class HttpError(Exception):
    """An error as client libraries raise it."""

    def __init__(self, status: int, retry_after: float | None = None) -> None:
        super().__init__(f"status {status}")
        self.status_code, self.retry_after = status, retry_after


def check_ends(batch: Batch[Any]) -> None:
    """Check that each item has one end, told once, and that the log has one end."""
    assert {item.status for item in batch.items} <= ENDS
    told = [event.index for event in batch.log if event.type == "item"]
    assert sorted(told) == [item.index for item in batch.items if item.status != "not begun"]
    assert [is_last(event) for event in batch.log] == [False] * (len(batch.log) - 1) + [True]


async def test_results_in_the_order_of_the_inputs(clock: ManualClock) -> None:
    """Whichever ends first, `await` gives the results in the order of the inputs, and iterating in that of the ends."""
    bench = Bench(clock)
    batch = pnb.batch(bench.operation, [("a", 3.0), ("b", 1.0), ("c", 2.0)], limit=3, clock=clock)
    await pass_time(batch, clock)
    assert await batch == ["a", "b", "c"] == batch.result
    assert pnb.last_run is batch
    ended = [item async for item in batch]
    assert [item.index for item in ended] == [1, 2, 0]
    assert [item.result for item in ended] == ["b", "c", "a"]
    assert [item.index for item in [item async for item in batch]] == [1, 2, 0]
    assert batch[1].duration == pytest.approx(1.0, abs=0.2)
    check_ends(batch)


@pytest.mark.parametrize("as_frame", [False, True])
async def test_items_have_their_names_before_they_begin(clock: ManualClock, as_frame: bool) -> None:
    """The frame and the items of a list are named from the first moment to the end, also after a stop."""
    names = ["tides", "moon", "storms"]
    items = pd.DataFrame({"value": names}) if as_frame else names
    bench = Bench(clock)
    batch = pnb.batch(bench.operation, items, limit=1, clock=clock)
    assert list(batch.frame()["title"]) == names
    await turns(20)
    assert [item.status for item in batch.items] == ["running", "pending", "pending"]
    assert [item.title for item in batch.items] == names
    batch.cancel()
    with pytest.raises(BatchStopped):
        await batch
    assert [batch[1].status, *batch.frame()["title"]] == ["not begun", *names]


async def test_frames_have_the_types_of_amounts(clock: ManualClock) -> None:
    """Costs and durations are numbers, also where none is known, and what a stage says of another kind is missing."""

    async def odd(value: str) -> str:
        stage = current_stage()
        assert stage is not None
        stage.update(None, None, cost=value)
        return value

    batch = pnb.batch(Bench(clock, odd).operation, ["cheap", "free"], clock=clock)
    await pass_time(batch, clock)
    await batch
    for frame in (batch.frame(), batch.timings()):
        assert {name: str(frame[name].dtype) for name in ("cost", "duration")} == {
            "cost": "float64",
            "duration": "float64",
        }
        assert frame["cost"].isna().all()


@pytest.mark.parametrize("limit", [1, 3, 8, 50])
async def test_never_more_than_the_limit(clock: ManualClock, limit: int) -> None:
    """No more than the limit are at work, further attempts included, and as many as there may be."""
    failed: set[int] = set()

    async def once(value: int) -> int:
        if value % 3 == 0 and value not in failed:
            failed.add(value)
            raise OSError("the line is dead")
        return value

    bench = Bench(clock, once)
    batch = pnb.batch(bench.operation, range(30), limit=limit, retries=2, clock=clock)
    await pass_time(batch, clock)
    assert await batch == list(range(30))
    assert bench.most == min(limit, 30)
    assert [batch[index].attempts for index in (0, 1, 3)] == [2, 1, 2]
    check_ends(batch)


async def test_failures(clock: ManualClock) -> None:
    """`await` raises `BatchFailed` with the batch, which has all results; the batch itself is finished."""

    async def odd(value: int) -> int:
        if value % 2:
            raise ValueError(f"{value} is odd")
        return value

    batch = pnb.batch(Bench(clock, odd).operation, range(4), clock=clock)
    await pass_time(batch, clock)
    with pytest.raises(
        BatchFailed, match=r"4 results of item, got 2 failed, first item 1: ValueError: 1 is odd"
    ) as caught:
        await batch
    assert caught.value.batch is batch
    assert isinstance(caught.value.__cause__, ValueError)
    assert [item.index for item in batch.failures] == [1, 3]
    assert (batch.status, batch.results[0], batch.results[2]) == ("finished", 0, 2)
    assert isinstance(batch.exception, BatchFailed)
    check_ends(batch)


async def test_errors_in_place(clock: ManualClock) -> None:
    """`return_errors` gives the errors in the places of results."""

    async def odd(value: int) -> int:
        if value % 2:
            raise ValueError(f"{value} is odd")
        return value

    batch = pnb.batch(Bench(clock, odd).operation, range(3), clock=clock, return_errors=True)
    await pass_time(batch, clock)
    results = await batch
    assert (results[0], results[2], type(results[1])) == (0, 2, ValueError)


async def test_retries_end(clock: ManualClock) -> None:
    """An item has one attempt more than there are retries; a programming error has one in all."""

    async def never(value: str) -> None:
        raise (TypeError if value == "typo" else OSError)(value)

    bench = Bench(clock, never)
    batch = pnb.batch(bench.operation, ["typo", "line"], retries=3, clock=clock)
    await pass_time(batch, clock)
    with pytest.raises(BatchFailed):
        await batch
    assert bench.calls == {"typo": 1, "line": 4}
    assert [item.attempts for item in batch.items] == [1, 4]


async def test_a_cancelled_batch(clock: ManualClock) -> None:
    """After `cancel` nothing new begins, each item has its end, and what was done is there."""
    bench = Bench(clock)
    batch = pnb.batch(bench.operation, [("a", 1.0), ("b", 9.0), ("c", 9.0)], limit=2, clock=clock)
    await turns()
    clock.advance(1.0)
    await turns()
    batch.cancel("enough")
    with pytest.raises(BatchStopped, match=r"after 1 of 3 results: enough") as caught:
        await batch
    assert caught.value.batch is batch
    assert [item.status for item in batch.items] == ["finished", "cancelled", "cancelled"]
    assert batch.results[0] == "a"
    assert isinstance(batch.results[1], RunCancelled)
    assert (batch.status, batch.state.reason) == ("cancelled", "enough")
    check_ends(batch)


async def test_items_that_never_began(clock: ManualClock) -> None:
    """Those that had not begun say so."""
    batch = pnb.batch(Bench(clock).operation, range(5), limit=2, clock=clock)
    await turns()
    batch.cancel()
    with pytest.raises(BatchStopped):
        await batch
    assert [item.status for item in batch.items] == ["cancelled"] * 2 + ["not begun"] * 3
    check_ends(batch)


async def test_cancelled_before_it_began() -> None:
    """A batch that is cancelled at once has begun nothing."""
    bench = Bench(ManualClock())
    batch = pnb.batch(bench.operation, range(3))
    batch.cancel()
    with pytest.raises(BatchStopped, match="after 0 of 3 results"):
        await batch
    assert bench.begun == []
    assert {item.status for item in batch.items} == {"not begun"}
    assert [item async for item in batch] == []


async def test_one_item_is_cancelled_alone(clock: ManualClock) -> None:
    """Whoever stops one item's run stops that item alone, and the batch says that a result is missing."""
    batch = pnb.batch(Bench(clock).operation, range(3), clock=clock)
    await turns()
    next(run for run in runs() if run.id != batch.id).cancel()
    await pass_time(batch, clock)
    with pytest.raises(BatchFailed, match="1 cancelled"):
        await batch
    assert batch.state.status == "finished"


async def test_code_that_ignores_its_cancellation(clock: ManualClock) -> None:
    """The batch waits for code that goes on, and its item is cancelled all the same."""
    gone = asyncio.Event()

    async def stubborn(value: int) -> int:
        try:
            await asyncio.Event().wait()
        finally:
            await gone.wait()
        return value

    batch = pnb.batch(Bench(clock, stubborn).operation, [(1, 0.0)], clock=clock)
    await turns()
    clock.advance(0)
    await turns()
    batch.cancel()
    await turns()
    assert batch.status == "cancelling"
    gone.set()
    with pytest.raises(BatchStopped):
        await batch
    assert batch[0].status == "cancelled"


@pytest.mark.parametrize(("bound", "failures"), [(3, 4), (0.1, 3), (0, 1), (1.0, 20)])
async def test_too_many_failures(clock: ManualClock, bound: float, failures: int) -> None:
    """The batch stops at the first failure beyond the bound, a number or a share of all."""

    async def never(value: int) -> None:
        raise ValueError(value)

    batch = pnb.batch(Bench(clock, never).operation, range(20), limit=1, max_failures=bound, clock=clock)
    await pass_time(batch, clock)
    with pytest.raises(BatchStopped if failures < 20 else BatchFailed):
        await batch
    assert len(batch.failures) == failures
    if failures < 20:
        assert batch.state.data["ended_early"]["kind"] == "max_failures"
    check_ends(batch)


async def test_the_budget_of_cost(clock: ManualClock) -> None:
    """Equal items never spend more than the budget, however many may be at work, and those at work end."""
    bench = Bench(clock)
    items = [{"value": value, "cost": 0.1} for value in range(50)]
    batch = pnb.batch(bench.operation, items, limit=20, budget=Budget(cost=1.0), clock=clock)
    await pass_time(batch, clock)
    with pytest.raises(BatchStopped, match=r"after 10 of 50 results: its budget of \$1 is spent"):
        await batch
    assert batch.cost == pytest.approx(1.0)
    assert [item.status for item in batch.items] == ["finished"] * 10 + ["not begun"] * 40
    assert batch.state.data["ended_early"] == {"kind": "budget", "limit": {"cost": 1.0}}
    assert bench.most == 4  # 1, 2, 4, and what is left: few known costs vouch for few others
    check_ends(batch)


async def test_the_budget_of_tokens(clock: ManualClock) -> None:
    """Tokens in and out count together."""
    items = [{"value": value, "cost": 0.0} for value in range(20)]
    batch = pnb.batch(Bench(clock).operation, items, budget=Budget(tokens=1000), clock=clock)
    await pass_time(batch, clock)
    with pytest.raises(BatchStopped, match="after 6 of 20 results"):
        await batch


async def test_the_budget_of_one_item_is_set_aside(clock: ManualClock) -> None:
    """With a budget for each run, items begin side by side from the first."""
    bench = Bench(clock)
    using = bench.operation.using(budget=Budget(cost=0.25))
    batch = pnb.batch(using, [{"value": value, "cost": 0.1} for value in range(8)], budget=Budget(cost=1), clock=clock)
    await turns()
    assert bench.at_work == 4
    await pass_time(batch, clock)
    assert len(await batch) == 8


@pytest.mark.parametrize("kind", ["list", "iterable", "async iterable"])
@pytest.mark.parametrize("budget", [Budget(cost=1), Budget(tokens=1500), Budget(cost=0.95)])
async def test_a_budget_that_all_items_use_up(clock: ManualClock, kind: str, budget: Budget) -> None:
    """A batch whose last item uses its budget up is finished: there is nothing left to stop."""
    items = [{"value": value, "cost": 0.1} for value in range(10 if budget.cost != 0.95 else 1)]
    if budget.cost == 0.95:
        items[0]["cost"] = 9.5  # one item alone, which passes it by far

    async def source() -> AsyncIterator[dict[str, float]]:
        for each in items:
            await asyncio.sleep(0)
            yield each

    given = {"list": items, "iterable": iter(items), "async iterable": source()}[kind]
    batch = pnb.batch(Bench(clock).operation, given, limit=3, budget=budget, clock=clock)
    await pass_time(batch, clock)
    assert await batch == list(range(len(items)))
    assert "ended_early" not in batch.state.data
    check_ends(batch)


async def test_items_that_cost_nothing_behind_a_spent_budget(clock: ManualClock) -> None:
    """Items that can't be read have their ends, whatever is left of the budget."""
    items = iter([{"value": 0, "cost": 1.0}, {"colour": "red"}])
    batch = pnb.batch(Bench(clock).operation, items, budget=Budget(cost=1), return_errors=True, clock=clock)
    await pass_time(batch, clock)
    results = await batch
    assert (results[0], type(results[1])) == (0, InputError)


@pytest.mark.parametrize("amount", [{"cost": 1.0}, {"tokens": 100}])
def test_a_budget_of_one_above_that_of_all(clock: ManualClock, amount: dict[str, Any]) -> None:
    """An item that may spend more than the batch is refused at the call: none could begin."""
    larger = {name: value * 5 for name, value in amount.items()}
    using = Bench(clock).operation.using(budget=Budget(**larger))
    with pytest.raises(InvalidProgressError, match="a budget of one item within that of the batch"):
        pnb.batch(using, range(50), budget=Budget(**amount), clock=clock)


async def test_a_budget_of_one_like_that_of_all(clock: ManualClock) -> None:
    """An item that may spend as much as the batch begins, and so does one of a tiny budget."""
    using = Bench(clock).operation.using(budget=Budget(cost=1e-12))
    batch = pnb.batch(using, range(5), budget=Budget(cost=1e-12), clock=clock)
    await pass_time(batch, clock)
    assert await batch == list(range(5))


async def test_free_items_first(clock: ManualClock) -> None:
    """A first item that costs nothing lets no others begin whose cost nobody knows."""
    bench = Bench(clock)
    items = [{"value": value, "cost": 0.3 if value else 0.0} for value in range(50)]
    batch = pnb.batch(bench.operation, items, limit=20, budget=Budget(cost=1), clock=clock)
    await pass_time(batch, clock)
    with pytest.raises(BatchStopped, match="its budget"):
        await batch
    assert batch.cost == pytest.approx(0.9)


@pytest.mark.parametrize("cheap", [1, 2, 3])
@pytest.mark.parametrize("dear", [0.3, 0.5, 1.0])
async def test_cheap_items_first(clock: ManualClock, cheap: int, dear: float) -> None:
    """A few first items that cost next to nothing let few others begin: the budget is passed by these alone."""
    bench = Bench(clock)
    items = [{"value": value, "cost": 0.001 if value < cheap else dear} for value in range(50)]
    batch = pnb.batch(bench.operation, items, limit=20, budget=Budget(cost=1), clock=clock)
    await pass_time(batch, clock)
    with pytest.raises(BatchStopped, match="its budget"):
        await batch
    assert batch.cost is not None
    assert bench.most <= 2 * cheap
    assert batch.cost <= 1 + (cheap + 1) * dear


async def test_the_budget_of_time(clock: ManualClock) -> None:
    """After so many seconds what is at work is cancelled."""
    batch = pnb.batch(Bench(clock).operation, range(50), limit=2, budget=Budget(seconds=3.5), clock=clock)
    await pass_time(batch, clock)
    with pytest.raises(BatchStopped, match=r"its 3.5 s have passed"):
        await batch
    assert clock.monotonic() == pytest.approx(3.5, abs=0.2)
    assert [item.status for item in batch.items][:8] == ["finished"] * 6 + ["cancelled"] * 2
    check_ends(batch)


async def test_one_refusal_pauses_all(clock: ManualClock) -> None:
    """A provider that asks to wait is not asked by any item meanwhile; its refusals are no failures of the item."""
    asked: list[tuple[int, float]] = []
    closed_until = 4.0

    async def provider(value: int) -> int:
        asked.append((value, clock.monotonic()))
        if clock.monotonic() < closed_until:
            raise RuntimeError("no answer") from HttpError(429, closed_until - clock.monotonic())
        return value

    bench = Bench(clock, provider)
    batch = pnb.batch(bench.operation, range(20), limit=8, clock=clock)
    await pass_time(batch, clock)
    assert await batch == list(range(20))
    early = [value for value, when in asked if when < closed_until]
    assert len(early) == 8  # one wave
    assert [item.attempts for item in batch.items] == [2] * 8 + [1] * 12
    gates = [
        gate
        for event in batch.log
        if event.type == "progress"
        for gate in event.data.get("batch_now", {}).get("gates", [])
    ]
    assert {gate["reason"] for gate in gates} == {"asked", "growing"}
    assert gates[0]["limit"] == 4
    assert gates[0]["of"] == 8
    check_ends(batch)


async def test_a_refusal_that_a_stage_survives(clock: ManualClock) -> None:
    """A stage that is refused and tries again by itself holds back the items that have not begun."""
    asked: list[int] = []

    async def request(number: int) -> int:
        asked.append(number)
        if number == 0 and asked.count(0) == 1:
            raise HttpError(429)
        return number

    @pnb.operation(stages=[pnb.Stage("ask", retry=pnb.Retry(attempts=2, wait=5, jitter=0))], clock=clock)
    async def ask(tracker: ProgressTracker, number: int) -> int:
        return int(await tracker.stage("ask").run(request, number))

    batch = pnb.batch(ask, range(4), limit=1, clock=clock)
    await pass_time(batch, clock)
    assert await batch == [0, 1, 2, 3]
    assert [item.attempts for item in batch.items] == [1] * 4
    reasons = [
        gate["reason"]
        for event in batch.log
        if event.type == "progress"
        for gate in event.data.get("batch_now", {}).get("gates", [])
    ]
    assert "refused" in reasons


async def test_a_provider_that_refuses_for_ever(clock: ManualClock) -> None:
    """An item that is refused again and again fails in the end."""

    async def provider(_value: int) -> int:
        raise HttpError(429)

    batch = pnb.batch(Bench(clock, provider).operation, [1], clock=clock)
    await pass_time(batch, clock)
    with pytest.raises(BatchFailed, match="HttpError"):
        await batch
    assert batch[0].attempts == 11


async def test_models_have_gates_of_their_own(clock: ManualClock) -> None:
    """Items of another model go on."""
    begun: list[tuple[str, float]] = []

    @pnb.operation(clock=clock)
    async def ask(_tracker: ProgressTracker, _number: int, model: str) -> str:
        begun.append((model, clock.monotonic()))
        if model == "p:a" and clock.monotonic() < 1:
            raise HttpError(429, 5)
        return model

    items = [(number, "p:a" if number % 2 == 0 else "p:b") for number in range(10)]
    batch = pnb.batch(ask, items, limit=2, clock=clock)
    await pass_time(batch, clock)
    assert await batch == ["p:a", "p:b"] * 5
    assert [when for model, when in begun if model == "p:b"] == [0.0] * 5
    assert next(when for model, when in begun if model == "p:a") == 0.0
    assert min(when for model, when in begun if model == "p:a" and when > 0) >= 5


async def test_async_iterables(clock: ManualClock) -> None:
    """Items may come one by one, and how many there are is known from `total` or at their end."""

    async def stream() -> AsyncIterator[int]:
        for number in range(7):
            await asyncio.sleep(0)
            yield number

    batch = pnb.batch(Bench(clock).operation, stream(), limit=2, total=7, clock=clock)
    await pass_time(batch, clock)
    assert await batch == list(range(7))
    assert batch.state.overall_progress == 100
    check_ends(batch)


async def test_an_iterable_that_breaks(clock: ManualClock) -> None:
    """An error of the iterable itself stops the batch, to whoever awaits or iterates it; what was done is there."""

    def broken() -> Any:
        yield 1
        yield 2
        raise OSError("the file is gone")

    batch = pnb.batch(Bench(clock).operation, broken(), limit=1, clock=clock)
    await pass_time(batch, clock)
    with pytest.raises(BatchStopped, match="2 results: what gives its items raised OSError") as caught:
        await batch
    assert caught.value.batch is batch
    assert isinstance(caught.value.__cause__, OSError)
    assert isinstance(batch.exception, BatchStopped)
    assert batch[0].result == 1
    seen: list[int] = []
    with pytest.raises(BatchStopped):
        seen += [item.index async for item in batch]
    check_ends(batch)


@pytest.mark.parametrize("is_async", [True, False])
async def test_an_iterable_that_is_cancelled(clock: ManualClock, is_async: bool) -> None:
    """A cancellation of what an iterable awaits is no end of the items: the batch has not finished."""

    def plain() -> Any:
        yield from range(3)
        raise asyncio.CancelledError

    async def stream() -> AsyncIterator[int]:
        for number in plain():
            yield number

    batch = pnb.batch(Bench(clock).operation, stream() if is_async else plain(), total=10, clock=clock)
    await pass_time(batch, clock)
    with pytest.raises(BatchStopped, match="of 10 results: what gives its items raised CancelledError") as caught:
        await batch
    assert caught.value.batch is batch
    assert batch.status == "failed"
    check_ends(batch)


async def test_no_items() -> None:
    """A batch of nothing is finished at once."""
    batch = pnb.batch(Bench(ManualClock()).operation, [])
    assert await batch == []
    assert batch.frame().empty


async def test_an_item_stands_alone(clock: ManualClock) -> None:
    """An item's run begins with no run and no stage current, in the session of the caller."""
    seen: list[object] = []

    @pnb.operation(clock=clock)
    async def look(tracker: ProgressTracker) -> None:
        run = current_run()
        seen.extend([run is tracker, current_stage()])

    async with ProgressTracker("outer", stages=["s"], show=False) as outer, outer.stage("s"):
        batch = pnb.batch(look, [()], clock=clock)
        await batch
    assert seen == [True, None]
    assert batch[0].run is not None
    assert batch[0].run.state.parent is not None
    assert batch[0].run.state.parent.run_id == batch.id


async def test_frames(clock: ManualClock) -> None:
    """The frame has a row an item and the index of the DataFrame that the items came from."""

    async def odd(value: int) -> dict[str, int]:
        if value % 2:
            raise ValueError("odd")
        return {"value": value}

    table = pd.DataFrame({"value": [2, 3], "cost": [0.5, 0.25]}, index=["x", "y"])
    batch = pnb.batch(Bench(clock, odd).operation, table, clock=clock, return_errors=True)
    await pass_time(batch, clock)
    frame = batch.frame()
    assert list(frame.index) == ["x", "y"]
    assert list(frame["status"]) == ["finished", "failed"]
    assert frame.loc["x", "result"] == {"value": 2}
    assert list(frame["cost"]) == [0.5, 0.25]
    assert frame.loc["y", "error_type"] == "ValueError"
    assert list(table.join(frame[["status"]])["status"]) == ["finished", "failed"]
    assert list(batch.timings().index) == [(0, "work"), (1, "work")]
    assert batch.cost == 0.75


async def test_items_are_opened(clock: ManualClock) -> None:
    """An item at work shows its run, one that was kept its own, and others say why there is none."""
    batch = pnb.batch(Bench(clock).operation, range(30), limit=2, clock=clock)
    await turns()
    opened: Any = batch.open_item(1)
    assert opened.state.status == "running"
    for index, why in ((5, "item 5 has not begun"), (99, "there is no item 99")):
        with pytest.raises(LookupError, match=why):
            batch.open_item(index)
    await pass_time(batch, clock)
    kept = [item.index for item in batch.items if item.run is not None]
    assert len(kept) == 5  # the slowest
    with pytest.raises(LookupError, match="not kept: there is no history"):
        batch.open_item(next(index for index in range(30) if index not in kept))


async def test_what_is_kept_of_failures(clock: ManualClock) -> None:
    """Of a thousand failures the runs and tracebacks of 20 are kept: the first of each kind, and the last ones."""

    async def never(value: int) -> None:
        raise KeyError(value) if value in (3, 5) else ValueError(value)

    batch = pnb.batch(Bench(clock, never).operation, [(value, 0.0) for value in range(60)], clock=clock)
    await pass_time(batch, clock)
    with pytest.raises(BatchFailed):
        await batch
    kept = [item for item in batch.items if item.run is not None]
    assert [item.index for item in kept] == [0, 3, *range(42, 60)]
    without = [item.index for item in batch.items if item.error is not None and item.error.__traceback__ is None]
    assert without == [1, 2, *range(4, 42)]


@pytest.mark.parametrize(
    "options",
    [
        {"limit": 0},
        {"limit": True},
        {"limit": 2.0},
        {"retries": -1},
        {"budget": 5},
        {"max_failures": 1.5},
        {"max_failures": -1},
        {"max_failures": "all"},
        {"name": 5},
        {"total": -1},
        {"reuse": 1},
        {"on": "cluster"},
    ],
)
def test_options_are_checked(options: dict[str, Any]) -> None:
    """An option of another kind is refused where it is given."""
    with pytest.raises(InvalidProgressError):
        pnb.batch(Bench(ManualClock()).operation, [1], **options)


def test_what_is_no_operation() -> None:
    """A plain function is refused, with the remedy."""

    async def plain(tracker: ProgressTracker) -> None:
        """Do nothing."""

    with pytest.raises(InvalidProgressError, match=r"Write @pnb\.operation"):
        pnb.batch(plain, [1])  # type: ignore[arg-type]
    with pytest.raises(InputError):
        pnb.batch(Bench(ManualClock()).operation, "text")


def test_in_code_that_is_not_async() -> None:
    """`wait` gives the results in a script."""

    @pnb.operation
    async def double(_tracker: ProgressTracker, number: int) -> int:
        return 2 * number

    batch = pnb.batch(double, range(5), limit=2)
    assert batch.wait() == [0, 2, 4, 6, 8]


async def test_below_a_run(clock: ManualClock) -> None:
    """In a run the batch is a stage of it, which has its percent and its cost, and the items are runs of the batch."""
    bench = Bench(clock)
    batches: list[Batch[Any]] = []

    @pnb.operation(clock=clock)
    async def outer(tracker: ProgressTracker) -> list[Any]:
        async with tracker.stage("all"):
            batches.append(pnb.batch(bench.operation, [("a", 1.0, 0.5), ("b", 2.0, 0.25)], clock=clock))
            return list(await batches[0])

    run = outer()
    await pass_time(run, clock)
    assert await run == ["a", "b"]
    assert run.cost == 0.75
    assert [stage.path for _, stage in run.state.walk()] == ["all", "all/batch_item"]
    assert batches[0].state.parent is not None
    assert batches[0].state.parent.run_id == run.id
    assert batches[0][0].run is not None
    assert batches[0][0].run.state.parent is not None
    assert batches[0][0].run.state.parent.run_id == batches[0].id


async def test_cancelled_from_the_run_above(clock: ManualClock) -> None:
    """Cancelling the run that awaits a batch cancels the batch and its items."""
    bench = Bench(clock)

    @pnb.operation(clock=clock)
    async def outer(tracker: ProgressTracker) -> list[Any]:
        async with tracker.stage("all"):
            return list(await pnb.batch(bench.operation, range(5), limit=2, clock=clock))

    run = outer()
    await turns()
    assert bench.at_work == 2
    run.cancel()
    with pytest.raises(RunCancelled):
        await run
    await turns()
    assert bench.at_work == 0


async def test_places_of_items(clock: ManualClock) -> None:
    """A position at which no item is says how many there are; the last one and several are given as of a list."""
    batch = pnb.batch(Bench(clock).operation, range(3), clock=clock)
    await pass_time(batch, clock)
    await batch
    assert (batch[-1].index, batch[np.int64(1)].index) == (2, 1)  # type: ignore[index]
    wrong: Any = (99, -4, "1", 1.5)
    for place in wrong:
        with pytest.raises((IndexError, TypeError), match=r"^expected .* got "):
            batch[place]


async def test_words(clock: ManualClock) -> None:
    """Messages are read by people: articles and numbers fit, and nothing is said twice."""
    work = Bench(clock).operation
    for items, says in ((5, "got an int"), (None, "got None"), (2.5, "got a float"), ("text", "got a str")):
        with pytest.raises(InputError, match=says):
            pnb.batch(work, items)
    with pytest.raises(InputError) as caught:
        pnb.batch(work, [{"value": 1, "subject": 2}])
    assert "got got" not in str(caught.value)
    for patience in (float("nan"), 0, -1):
        with pytest.raises(InvalidProgressError, match="orphan_after"):
            pnb.batch(work, [], orphan_after=patience)

    async def fail(value: int) -> int:
        raise ValueError(f"{value} is wrong")

    batch = pnb.batch(Bench(clock, fail).operation, range(3), limit=1, max_failures=0, clock=clock)
    await pass_time(batch, clock)
    with pytest.raises(BatchStopped, match="0 of 3 results: 1 item failed"):
        await batch


async def test_an_item_that_is_within_itself() -> None:
    """A list that has itself as an element is an item like any other, and can't be kept."""

    @pnb.operation
    async def measure(tracker: ProgressTracker, value: list[Any]) -> int:
        async with tracker.stage("measure"):
            return len(value)

    loop: list[Any] = []
    loop.append(loop)
    with pnb.use_history(pnb.History(contents=True)):
        batch = pnb.batch(measure, [(loop,)])
        assert await batch == [1]
    assert batch[0].key is None


async def test_a_closed_history_is_told_once(clock: ManualClock, caplog: pytest.LogCaptureFixture) -> None:
    """A history that is closed while a batch is at work is told once, and not for each item."""
    history = pnb.History()

    async def results() -> list[Any]:
        return list(await batch)

    with pnb.configure.local(history=history):
        batch = pnb.batch(Bench(clock).operation, range(9), limit=1, clock=clock)
        waiting = asyncio.create_task(results())
        await turns()
    history.close()
    await pass_time(batch, clock)
    assert await waiting == list(range(9))
    assert sum("could not record" in record.getMessage() for record in caplog.records) == 1


async def test_the_error_sends_nobody_to_results_that_are_not_there() -> None:
    """A batch of which all have failed names its failures; one stopped before a result says nothing of results."""

    @pnb.operation
    async def unlucky(tracker: pnb.ProgressTracker, number: int) -> int:  # noqa: ARG001
        raise ValueError("no luck.")

    with pytest.raises(BatchFailed, match=r"no luck\. Their errors are in batch\.failures\.$"):
        await pnb.batch(unlucky, [1, 2], show=False)
    stopped = pnb.batch(unlucky, [1, 2], show=False)
    stopped.cancel("enough")
    with pytest.raises(BatchStopped, match=r"after 0 of 2 results: enough$"):
        await stopped
