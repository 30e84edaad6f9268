"""The time left without a history: told where something is counted, and nowhere else."""

import asyncio
from itertools import pairwise

import pytest

import progressnb as pnb
from progressnb import ProgressTracker, Stage
from progressnb.folds.words import remaining_seconds, remaining_text
from progressnb.testing import ManualClock
from progressnb.tracking import internals
from progressnb.wire.events import ProgressEvent


def started(*stages: Stage) -> tuple[ProgressTracker, ManualClock]:
    """Begin a run on a clock that stands still."""
    clock = ManualClock()
    run = ProgressTracker("op", list(stages), clock=clock, show=False)
    run.start()
    return run, clock


def left(run: ProgressTracker) -> float | None:
    """Return the seconds that a screen would show."""
    return remaining_seconds(run.state, run.elapsed)


def test_by_hand_it_is_exact() -> None:
    """Percents that code reports at an even pace give the exact time, after each of them."""
    run, clock = started(Stage("work"))
    stage = run.stage("work")
    for number in range(1, 100):
        clock.advance(10)
        stage.update(number)
        if number >= 10:
            assert left(run) == pytest.approx(10 * (100 - number), rel=0.06)


@pytest.mark.parametrize("first", [0.5, 5.0, 60.0])
def test_a_stage_has_a_pace_of_its_own(first: float) -> None:
    """Whatever a stage before it took for its declared share, the percents of the one at work tell its time."""
    run, clock = started(Stage("prepare", 0.2), Stage("count", 0.8))
    with run.stage("prepare") as stage:
        clock.advance(first)
        stage.update(100)
    with run.stage("count") as stage:
        for number in range(1, 40):
            clock.advance(0.5)
            stage.update(100 * number / 40)
            if number >= 10:
                assert left(run) == pytest.approx(0.5 * (40 - number), abs=1.6)


def test_a_short_stage_after_a_slow_one() -> None:
    """What is declared behind the stage at work counts at its pace, and not at that of a slow one before it."""
    run, clock = started(Stage("load", 0.2), Stage("crunch", 0.6), Stage("save", 0.2))
    with run.stage("load"):
        clock.advance(30)
    with run.stage("crunch") as stage:
        for number in range(1, 19):
            clock.advance(0.2)
            stage.update(100 * number / 20)
        told = left(run)
        assert told is not None
        assert told < 5


async def test_a_loop_in_a_stage() -> None:
    """A loop that is all that a stage does has the exact time, though its percent leaves half to what may follow."""
    clock = ManualClock()
    async with ProgressTracker("op", ["work"], clock=clock, show=False) as run, run.stage("work"):
        for number in pnb.track(range(100), "rows"):
            if number >= 3:
                assert left(run) == pytest.approx(10 * (100 - number), rel=0.06)
            clock.advance(10)


async def test_a_loop_before_other_stages() -> None:
    """What is declared after a loop counts by its weight, at the pace of the run so far."""
    clock = ManualClock()
    tracker = ProgressTracker("op", {"load": 0.5, "train": 0.5}, clock=clock, show=False)
    async with tracker as run, run.stage("load") as stage:
        stage.expect(1)
        for number in pnb.track(range(50), "rows"):
            if number == 40:
                assert left(run) == pytest.approx(60, rel=0.1)
            clock.advance(1)


def test_a_placeholder_is_no_ground() -> None:
    """A part that took half of what was left says nothing of the rest: no time is told."""
    run, clock = started(Stage("work"))
    with run.stage("work") as stage:
        for name in ("first", "second", "third"):
            with stage.stage(name):
                clock.advance(10)
            assert left(run) is None
            assert remaining_text(run.state, run.elapsed) == ""


def test_a_silent_stage_is_no_ground() -> None:
    """Once a stage is at work that reports nothing, the time that was told is taken back."""
    run, clock = started(Stage("first"), Stage("second"))
    with run.stage("first") as stage:
        for percent in (25, 50, 75):
            clock.advance(2)
            stage.update(percent)
        assert left(run) is not None
    with run.stage("second"):
        clock.advance(30)
        assert left(run) is None


def test_a_percent_that_stands_is_refuted() -> None:
    """A time that has passed without a move is not told any longer."""
    run, clock = started(Stage("work"))
    stage = run.stage("work")
    stage.start()
    clock.advance(10)
    stage.update(50)
    assert left(run) == pytest.approx(10)
    clock.advance(6)
    assert left(run) == pytest.approx(4, abs=1.1)
    clock.advance(6)
    assert left(run) is None


def test_points_that_nobody_worked_for() -> None:
    """Skipped stages count as done and not for the pace."""
    run, clock = started(*[Stage(name) for name in ("a", "b", "c", "d")])
    for name in "abc":
        run.stage(name).skip("cached")
    stage = run.stage("d")
    stage.start()
    clock.advance(10)
    stage.update(50)
    assert left(run) == pytest.approx(10)


def test_an_output_is_no_ground_unless_its_length_is_known() -> None:
    """How much of an output is written is a guess, so it moves the bar and tells no time."""
    run, clock = started(Stage("work"))
    stage = run.stage("work")
    stage.start()
    for share in range(1, 9):
        clock.advance(2)
        internals(stage).work.write_output(share / 10)
        stage.write("x")
        assert left(run) is None
    clock.advance(2)
    internals(stage).work.write_output(0.9, is_measured=True)
    stage.update(None, "measured")
    assert left(run) is not None


def test_few_events_tell_it() -> None:
    """The time left is carried by events that come anyway, once a second at most."""
    run, clock = started(Stage("work"))
    stage = run.stage("work")
    for number in range(3000):
        stage.update(number / 30)
        clock.advance(0.01)
    told = [event.elapsed for event in run.log if isinstance(event, ProgressEvent) and "remaining" in event.data]
    assert 5 < len(told) <= 30
    assert all(after - before >= 0.99 for before, after in pairwise(told))
    assert "remaining" not in run.state.stages[0].data


def test_the_estimate_of_another_run_is_no_ground() -> None:
    """A percent that is passed on from a run below is as good as that run says, and tells no time of its own."""
    run, clock = started(Stage("work"))
    stage = run.stage("work")
    stage.start()
    internals(stage).work.is_estimate = True
    for percent in (20, 40, 60):
        clock.advance(5)
        stage.update(percent)
        assert left(run) is None
    internals(stage).work.is_estimate = False
    clock.advance(5)
    stage.update(80)
    assert left(run) == pytest.approx(5)


@pytest.mark.parametrize("declared", [True, False])
@pytest.mark.parametrize("where", ["stage", "run", "operation"])
async def test_parts_of_an_item(where: str, *, declared: bool) -> None:
    """What the body of a loop begins in the stage around it, or in the run, is part of an item: the loop is all."""
    clock = ManualClock()

    @pnb.operation
    async def inner(tracker: ProgressTracker) -> None:
        async with tracker.stage("inner"):
            clock.advance(1)

    stages = ["work"] if declared else []
    async with ProgressTracker("op", stages, clock=clock, show=False) as run, run.stage("work") as stage:
        for number in pnb.track(range(20), "rows"):
            if number == 10:
                assert internals(stage).work.value == pytest.approx(50, abs=5)
            if where == "operation":
                await inner()
            else:
                with stage.stage("item") if where == "stage" or declared else run.stage("item") as item:
                    item.update(50)
                    clock.advance(1)
        assert internals(stage).work.value == pytest.approx(98, abs=3)


async def test_tasks_beside_a_loop() -> None:
    """Stages of tasks that a loop waits for take nothing of its room: it counts them."""
    clock = ManualClock()
    async with ProgressTracker("op", ["work"], clock=clock, show=False) as run, run.stage("work") as stage:

        async def page(number: int) -> int:
            with stage.stage("page"):
                await asyncio.sleep(0)
            return number

        for done, each in enumerate(pnb.track(asyncio.as_completed([page(at) for at in range(20)]), total=20)):
            await each
            clock.advance(1)
            assert internals(stage).work.value == pytest.approx(5 * done, abs=6)
