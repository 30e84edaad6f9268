"""What was spent counts, whatever became of the work."""

import asyncio
import threading
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import progressnb as pnb
from progressnb import History, ProgressTracker, current_stage
from progressnb.errors import InvalidProgressError, RunCancelled, RunEndedError
from progressnb.tracking import internals
from progressnb.tracking.stage import Stage
from progressnb.wire.events import Parent

if TYPE_CHECKING:
    from progressnb.execution.base import BaseRun

End = Literal["well", "error", "timeout", "cancel", "left"]


@dataclass
class Plan:
    """A run: what it spends before its parts and behind them, in quarters of a dollar, its parts, and its end."""

    before: int
    behind: int
    parts: "list[Plan]"
    end: End
    in_stage: bool
    attempts: int


_ends = st.sampled_from(("well", "error", "timeout", "cancel", "left"))
_quarters = st.integers(0, 3)
_leaves = st.builds(Plan, _quarters, _quarters, st.just([]), _ends, st.booleans(), st.integers(1, 3))
_plans = st.recursive(
    _leaves,
    lambda below: st.builds(
        Plan, _quarters, _quarters, st.lists(below, max_size=4), _ends, st.booleans(), st.integers(1, 2)
    ),
    max_leaves=8,
)
spent: list[float] = []


def _spend(stage: pnb.StageHandle | None, quarters: int) -> None:
    if stage is not None and quarters:
        stage.add_usage(cost=quarters / 4, output_tokens=quarters)
        spent.append(quarters / 4)


@pnb.operation
async def work(tracker: ProgressTracker, plan: Plan) -> None:
    """Do what a plan says."""
    own = tracker.stage(Stage("own", retry=pnb.Retry(attempts=plan.attempts, wait=0, jitter=0, on=OSError)))
    tries = 0

    async def attempt() -> None:
        nonlocal tries
        tries += 1
        _spend(current_stage(), plan.before)
        if tries < plan.attempts:
            raise OSError("again")
        if plan.in_stage:
            await _parts(plan)

    await own.run(attempt)
    if not plan.in_stage:
        await _parts(plan)
    with tracker.stage("behind") as stage:
        _spend(stage, plan.behind)
        if plan.end == "error":
            raise ValueError("no paper")
        if plan.end in ("timeout", "cancel"):
            await asyncio.Event().wait()
        for _ in range(20 * (plan.end == "left")):
            await asyncio.sleep(0)
        _spend(stage, plan.behind)


async def _parts(plan: Plan) -> None:
    runs = [work.using(timeout=0.001 if part.end == "timeout" else None)(part) for part in plan.parts]
    for part, run in zip(plan.parts, runs, strict=True):
        if part.end == "cancel":
            asyncio.get_running_loop().call_later(0.0005, run.cancel)
    waited = [run for part, run in zip(plan.parts, runs, strict=True) if part.end != "left"]
    await asyncio.gather(*waited)  # the first that fails leaves the others at work


@given(plan=_plans)
def test_the_costs_of_children_attempts_and_ends_add_up(plan: Plan) -> None:
    """What a history's runs cost is what was reported, however the runs and their children ended."""
    spent.clear()
    history = History()
    pnb.use_history(history)
    runs: list[BaseRun[Any]] = []

    async def main() -> None:
        run = work.using(timeout=0.005 if plan.end == "timeout" else None)(plan)
        runs.append(run)
        if plan.end == "cancel":
            asyncio.get_running_loop().call_later(0.005, run.cancel)
        await asyncio.gather(run, return_exceptions=True)
        for _ in range(200):  # what nobody awaited ends by itself
            if not pnb.runs():
                break
            await asyncio.sleep(0.001)

    try:
        asyncio.run(main())
        frame = history.runs()
        assert len(frame) == 1
        assert frame["cost"].sum() == sum(spent)
        assert frame["output_tokens"].sum() == 4 * sum(spent)
        assert (runs[0].cost or 0.0) == sum(spent)
    finally:
        pnb.use_history(None)
        history.close()


async def test_two_children_are_paid_though_one_fails() -> None:
    """A child that fails, and one that goes on after its caller has ended, are paid both."""
    history = History()
    pnb.use_history(history)

    @pnb.operation
    async def page(tracker: ProgressTracker, good: asyncio.Event | None) -> None:
        with tracker.stage("fetch") as stage:
            if good is not None:
                await good.wait()
            stage.add_usage(cost=1.0)
            if good is None:
                raise ValueError("404")

    @pnb.operation
    async def crawl(tracker: ProgressTracker) -> None:
        with tracker.stage("pages"):
            await asyncio.gather(page(go_on), page(None))

    go_on = asyncio.Event()
    run = crawl()
    with pytest.raises(ValueError, match="404"):
        await run
    assert run.cost == 1.0
    go_on.set()
    while pnb.runs():
        await asyncio.sleep(0)
    assert run.cost == 2.0
    assert history.runs()["cost"].sum() == 2.0
    pnb.use_history(None)


async def test_a_child_outside_a_stage_is_a_child() -> None:
    """A run that is begun in no stage of another run is one of its stages all the same: status, output and usage."""
    history = History()
    pnb.use_history(history)

    @pnb.operation
    async def page(tracker: ProgressTracker, text: str) -> None:
        with tracker.stage("fetch") as stage:
            stage.write(text)
            stage.add_usage(cost=0.5)

    @pnb.operation(stages=["page", "sum"])
    async def crawl(_: ProgressTracker) -> None:
        await asyncio.gather(page("a"), page("b"))

    run = crawl()
    await run
    assert [(stage.path, stage.status, stage.partial) for stage in run.state.stages] == [
        ("page", "finished", "a"),
        ("sum", "skipped", None),
        ("page#2", "finished", "b"),
    ]
    assert run.timings()["cost"].sum() == 1.0
    assert len(history.runs()) == 1
    assert list(history.runs(children=True)["parent_stage"].dropna()) == ["page", "page#2"]
    pnb.use_history(None)


async def test_a_run_that_was_killed_between_two_writes_is_paid_as_far_as_it_is_known() -> None:
    """What a child's events tell and its caller's don't counts once, on every level."""
    outer = ProgressTracker("outer")
    outer.start()
    mirror = outer.stage("inner")
    mirror.start()
    inner = ProgressTracker("inner", parent=Parent(run_id=outer.id, stage="inner"))
    inner.start()
    inner.stage("deep").start()
    deep = ProgressTracker("deep", parent=Parent(run_id=inner.id, stage="deep"))
    deep.start()
    deep.stage("work").add_usage(cost=0.5)
    mirror.add_usage(cost=0.25)
    inner.stage("more").add_usage(cost=0.25)
    history = History()
    for tracker in (outer, inner, deep):
        history.record(tracker)
    assert list(history.runs()["cost"]) == [0.75]


async def test_each_attempt_that_tells_its_cost_as_data_is_paid() -> None:
    """`update(cost=…)` tells what an attempt costs: a second attempt adds to the first, and so does a fallback."""
    history = History()
    pnb.use_history(history)

    def ask() -> None:
        stage = current_stage()
        assert stage is not None
        stage.update(cost=0.5)
        stage.update(cost=1.0)
        raise OSError("busy")

    def rules() -> None:
        stage = current_stage()
        assert stage is not None
        stage.update(cost=0.25)
        stage.add_usage(cost=0.25)

    async with ProgressTracker("ask") as tracker:
        retry = pnb.Retry(attempts=3, wait=0, jitter=0)
        await tracker.stage(Stage("model", retry=retry, fallback=rules)).run(ask)
    assert tracker.state.usage == {"cost": 3.5}
    assert history.runs()["cost"].sum() == 3.5
    pnb.use_history(None)


async def test_usage_may_come_after_the_end_of_its_stage() -> None:
    """A bill that comes late is added to the stage, which stays as it ended; after the run's end it is an error."""
    async with ProgressTracker("ask") as tracker:
        with pytest.raises(ValueError, match="no"), tracker.stage("model") as stage:
            raise ValueError("no")
        stage.add_usage("m1", cost=1.0)
        stage.add_usage(cost=0.5)
        assert tracker.state.usage == {"cost": 1.5}
        assert stage.status == "failed"
    with pytest.raises(RunEndedError):
        stage.add_usage(cost=1.0)


@pytest.mark.parametrize(
    ("model", "amounts", "named"),
    [
        (None, {"cost": 0.01, "tokens": 5, "input_token": 7}, "'tokens', 'input_token'"),
        (0.01, {}, "0.01"),
        (None, {"cost": "0.01"}, "'0.01'"),
        (None, {"cost": float("nan")}, "nan"),
        ("m", {"cost": -5, "input_tokens": 3}, "-5"),
        ("m", {"cost": 5, "input_tokens": -3}, "-3"),
        (None, {"cost": Decimal("-0.01")}, r"Decimal\('-0.01'\)"),
        (None, {"output_tokens": np.int64(-1)}, ".*-1"),
        (None, {"output_tokens": True}, "True"),
        (5, {"cost": 1.0}, "5"),
    ],
)
async def test_usage_that_would_be_lost_is_an_error(model: Any, amounts: dict[str, Any], named: str) -> None:
    """Amounts of unknown names, bare numbers, texts and NaN are refused, with the names that are known."""
    async with ProgressTracker("ask") as tracker:
        with tracker.stage("model") as stage:
            with pytest.raises(InvalidProgressError, match=f"(?s)got {named}.*") as refused:
                stage.add_usage(model, **amounts)
            assert "cost" in str(refused.value)
            stage.add_usage("m1", cost=Decimal("0.25"), input_tokens=None)  # type: ignore[arg-type] # as prices come
        assert tracker.state.usage == {"cost": 0.25}


async def test_a_cancelled_run_costs_what_it_spent() -> None:
    """`pnb.last_run.cost` is what a cancelled run has spent, with its children; None where nobody told a cost."""

    @pnb.operation
    async def inner(tracker: ProgressTracker, *, told: bool) -> None:
        with tracker.stage("s") as stage:
            if told:
                stage.add_usage(cost=0.5)
            begun.set()
            await asyncio.Event().wait()

    @pnb.operation
    async def outer(_: ProgressTracker, *, told: bool) -> None:
        await inner(told=told)

    for told, cost in ((True, 0.5), (False, None)):
        begun = asyncio.Event()
        run = outer(told=told)
        await begun.wait()
        run.cancel()
        with pytest.raises(RunCancelled):
            await run
        assert pnb.last_run is run
        assert pnb.last_run.cost == cost


async def test_the_usage_of_a_stage_that_readers_have_forgotten_goes_to_the_stage_above() -> None:
    """A late bill of a stage that no reader knows any more is told by the stage above."""
    async with ProgressTracker("ask") as tracker:
        with tracker.stage("all") as above:
            with above.stage("one") as stage:
                pass
            del tracker.state._by_path["all/one"]
            internals(stage).add_usage(None, {"cost": 1.0})
            above.add_usage(cost=0.5)
    assert tracker.state.usage == {"cost": 1.5}


async def test_what_a_thread_spends_after_its_run_is_told(caplog: pytest.LogCaptureFixture) -> None:
    """A thread that outlives its run can add to no event any more: `cost` has what it spends, and the log says so."""
    release = threading.Event()
    threads: list[threading.Thread] = []

    @pnb.operation
    async def left(tracker: ProgressTracker) -> None:
        async with tracker.stage("ask") as stage:

            def late() -> None:
                release.wait()
                stage.add_usage("m", cost=1.0)

            threads.append(threading.Thread(target=late))
            threads[0].start()
            stage.add_usage("m", cost=0.5)

    run = left()
    await run
    release.set()
    threads[0].join()
    assert run.cost == 1.5
    assert "stage 'ask' spent cost 1 after its run had ended" in caplog.text


@pytest.mark.parametrize("amount", [-0.01, -5, float("inf"), float("-inf"), float("nan")])
@pytest.mark.parametrize("name", ["cost", "input_tokens", "output_tokens"])
async def test_amounts_below_zero_are_refused_as_data_too(name: str, amount: float) -> None:
    """`update(cost=…)` takes no amount below 0, no infinity and no NaN, and what was told before stays."""
    async with ProgressTracker("ask") as tracker:
        with tracker.stage("model") as stage:
            stage.update(cost=1.0, input_tokens=2)
            data: dict[str, Any] = {name: amount}
            with pytest.raises(InvalidProgressError, match=f"{name} as a finite number of 0 or more, got {amount!r}"):
                stage.update(**data)
            with pytest.raises(InvalidProgressError, match="0 or more"):
                tracker.update("model", **data)
    assert tracker.state.usage == {"cost": 1.0, "input_tokens": 2}
