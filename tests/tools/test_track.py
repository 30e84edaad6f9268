"""`track` and `atrack`: what a loop reports, how it ends, and what it never takes."""

import asyncio
import contextlib
import gc
import time
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel
from pydantic_ai import Agent

import progressnb as pnb
from progressnb.errors import InvalidProgressError, RunCancelled
from progressnb.folds.words import loop_text, remaining_seconds
from progressnb.testing import ManualClock, scripted_model
from progressnb.tracking.current import current_stage
from progressnb.tracking.protocols import Watchable
from progressnb.tracking.tracker import ProgressTracker, current_run
from progressnb.wire.events import ProgressEvent
from tests.tools.loops import found, shown, stage_of_a_run


def wait_for(condition: Callable[[], bool]) -> None:
    """Wait until something that a timer does has happened."""
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def messages(tracker: Watchable, path: str) -> list[tuple[str, float | None, str | None]]:
    """Return what the events of a stage say."""
    return [
        (event.status, event.stage_progress, event.message)
        for event in tracker.log
        if isinstance(event, ProgressEvent) and event.stage == path
    ]


async def test_a_stage_below_the_current_one() -> None:
    """In a stage a loop is a child stage, looked at ten times a second, with count, total and percent."""
    async with stage_of_a_run() as (tracker, clock):
        for _ in pnb.track(["a", "b", "c", "d"], "rows"):
            clock.advance(0.1)
    assert messages(tracker, "work/rows") == [
        ("running", None, "0 of 4"),
        ("running", 25.0, "1 of 4"),
        ("running", 50.0, "2 of 4"),
        ("running", 75.0, "3 of 4"),
        ("running", 99.9, "4 of 4"),
        ("finished", 100.0, "4 of 4"),
    ]
    assert found(tracker, "work/rows").data == {"done": 4, "total": 4}
    assert found(tracker, "work/rows").title == "Rows"


async def test_a_fast_loop_is_few_events() -> None:
    """A hundred thousand items within a tenth of a second are three events."""
    async with stage_of_a_run() as (tracker, _):
        assert sum(pnb.track(range(100_000), "rows")) == sum(range(100_000))
    assert [message for _, _, message in messages(tracker, "work/rows")] == [
        "0 of 100,000",
        *["100,000 of 100,000"] * 2,
    ]


async def test_fast_loops_in_a_loop_are_two_events_each() -> None:
    """A short loop in the body of another is two events: that it began, and its end with all that it had to say."""
    async with stage_of_a_run() as (tracker, _):
        for _ in pnb.track(range(2), "rows"):
            bar = pnb.track("abc", "parts")
            for part in bar:
                bar.set(latest=part)
    assert messages(tracker, "work/rows/parts#2") == [("running", None, "0 of 3"), ("finished", 100.0, "3 of 3")]
    state = found(tracker, "work/rows/parts#2")
    assert (state.data["done"], state.data["postfix"]) == (3, {"latest": "c"})


async def test_the_top_level_of_a_run() -> None:
    """In a run but in no stage, a loop is a stage of the run; with the name of a declared one it is that stage."""
    async with ProgressTracker("op", ["read", "write"], show=False, clock=ManualClock()) as tracker:
        assert list(pnb.track("ab", "read")) == ["a", "b"]
        assert list(pnb.track("ab", "others")) == ["a", "b"]
    assert [(stage.path, stage.status) for stage in tracker.state.stages] == [
        ("read", "finished"),
        ("write", "skipped"),
        ("others", "finished"),
    ]


def test_a_run_of_its_own() -> None:
    """Outside any run a loop is a run that is shown, and is over with the loop."""
    with shown() as runs:
        for number in pnb.track(range(3), "reading files"):
            (run,) = runs
            tracker = current_run()
            assert tracker is not None
            assert tracker.log is run.log
            assert (run.state.status, run.operation) == ("running", "reading files")
            assert number < 3
    assert current_run() is None
    assert current_stage() is None
    assert (run.state.status, run.state.overall_progress) == ("finished", 100.0)
    assert found(run, "reading files").message == "3 of 3"


def test_configure_silences() -> None:
    """`configure(show=False)` shows nothing, and the loop runs all the same."""
    with shown() as runs:
        pnb.configure(show=False)
        assert list(pnb.track("abc")) == ["a", "b", "c"]
        assert runs == []


def test_a_blocked_thread_is_painted_by_another() -> None:
    """A loop that never lets go of its thread is reported meanwhile: its timers have a thread of their own."""
    import threading

    moved = threading.Event()
    with shown() as runs:
        for number in pnb.track(range(2), "rows"):
            if number == 1:
                runs[0].log.subscribe(lambda _: moved.set())
                assert moved.wait(10)
        (run,) = runs
    assert ("running", 50.0, "1 of 2") in messages(run, "rows")


@pytest.mark.parametrize("items", [(number for number in range(3)), map(int, "012")])
def test_unknown_lengths(items: Any) -> None:
    """Without a length the percent is unknown until the end; the count is told."""
    with shown() as runs:
        seen = 0
        for _ in pnb.track(items, "rows"):
            seen += 1
            assert found(runs[0], "rows").percent is None
    assert found(runs[0], "rows").data == {"done": seen}


class NoLength:
    """A collection whose length raises."""

    def __len__(self) -> int:
        raise NotImplementedError

    def __iter__(self) -> Iterator[int]:
        return iter([1, 2])


@pytest.mark.parametrize(
    ("items", "total", "told"),
    [
        ([1, 2], None, "2 of 2"),
        (iter([1, 2]), None, "2 of 2"),
        ([], None, "0 of 0"),
        (NoLength(), None, "2"),
        (NoLength(), 2.0, "2 of 2"),
        ([1, 2], 3, "2 of 3 expected"),
        ([1, 2, 3], 2, "3, 2 were expected"),
        ([1, 2], float("inf"), "2"),
        ([1], 0, "1, 0 were expected"),
        (pd.DataFrame({"name": ["a", "b", "c"], "size": [1, 2, 3]}), None, "2 of 2"),  # its columns
        (pd.Series([1, 2, 3]), None, "3 of 3"),
    ],
)
def test_totals(items: Any, total: float | None, told: str) -> None:
    """A total that is given counts, also a wrong one; the loop runs to its end and its stage is finished."""
    with shown() as runs:
        count = len(list(pnb.track(items, "rows", total)))
    stage = found(runs[0], "rows")
    percent = pytest.approx(200 / 3) if "expected" in told and count == 2 else 100.0
    assert (stage.status, stage.percent, stage.message) == ("finished", percent, told)
    assert stage.data["done"] == count


async def test_more_items_than_the_total() -> None:
    """More items than expected never say 100 % before the end."""
    async with stage_of_a_run() as (tracker, clock):
        for _ in pnb.track(range(4), "rows", total=2):
            clock.advance(0.1)
    percents = [percent for status, percent, _ in messages(tracker, "work/rows") if status == "running"]
    assert percents == [None, 50.0, 99.9, 99.9, 99.9]


@pytest.mark.parametrize("total", [-1, float("nan"), "3", True])
def test_refused_totals(total: Any) -> None:
    """What is no number of 0 or more is refused at the call."""
    with pytest.raises(InvalidProgressError, match="total"):
        pnb.track([], "rows", total)


def test_what_is_not_iterable_is_refused_at_the_call() -> None:
    """A mistake shows where it was made."""
    not_iterable: Any = 5
    with pytest.raises(TypeError):
        pnb.track(not_iterable)


@given(st.integers(0, 40), st.integers(0, 40))
def test_never_takes_more_than_asked_for(length: int, asked: int) -> None:
    """The iterator is asked for an item only when the loop is, and the count is what was handed out."""
    taken: list[int] = []

    def source() -> Iterator[int]:
        for number in range(length):
            taken.append(number)
            yield number

    with shown() as runs:
        items = pnb.track(source(), "rows")
        got = [item for item, _ in zip(items, range(asked), strict=False)] if asked else []
        # zip asks for one more before it looks at the other
        assert taken == list(range(min(length, asked + 1 if asked else 0)))
        assert got == taken[:asked]
        del items
    for run in runs:
        stage = found(run, "rows")
        assert stage.data["done"] == min(length, asked)
        assert stage.status == "finished"
        assert stage.data.get("stopped") == (None if asked >= length else asked + 1)


async def test_left_early() -> None:
    """A loop that is left ends at once, with the percent it had, and is no failure; the stage above goes on."""
    async with stage_of_a_run() as (tracker, _):
        above = current_stage()
        for item in pnb.track(range(10), "rows"):
            if item == 3:
                break
        assert current_stage() is above
        stage = found(tracker, "work/rows")
        assert (stage.status, stage.percent, stage.message) == ("finished", 30.0, "stopped at 4 of 10")
        items = pnb.track(range(10), "rows")
        next(items)
        items.close()
        assert found(tracker, "work/rows#2").message == "stopped at 1 of 10"
    assert tracker.state.status == "finished"


def test_an_error_in_the_body() -> None:
    """The body's error passes; the loop's run ends, and what was current before is again."""

    def work() -> None:
        for item in pnb.track(range(10), "rows"):
            1 / (5 - item)

    with shown() as runs, pytest.raises(ZeroDivisionError):
        work()
    assert current_run() is None
    wait_for(lambda: runs[0].state.ended)
    assert (runs[0].state.status, runs[0].state.reason) == ("cancelled", "stopped at 6 of 10")
    assert current_stage() is None


def test_an_error_in_the_iterator() -> None:
    """The iterator's error passes, and fails the stage and the run that the loop is."""

    def source() -> Iterator[int]:
        yield 1
        raise OSError("the disk is gone")

    with shown() as runs, pytest.raises(OSError, match="disk"):
        list(pnb.track(source(), "rows"))
    state = runs[0].state
    assert (state.status, state.error_type, state.error_stage) == ("failed", "OSError", "rows")
    assert found(runs[0], "rows").status == "failed"


def test_cancel() -> None:
    """The Cancel button lets the item at work end, and then raises."""
    seen: list[int] = []

    def work() -> None:
        for item in pnb.track(range(10), "rows"):
            if item == 2:
                runs[0].cancel("the button")
            seen.append(item)

    with shown() as runs, pytest.raises(RunCancelled, match="the button"):
        work()
    assert seen == [0, 1, 2]
    assert (runs[0].state.status, runs[0].state.reason) == ("cancelled", "the button")


async def test_nested_loops() -> None:
    """A loop in a loop's body is a stage below it; inner items move the outer percent within the item's share."""
    async with stage_of_a_run() as (tracker, clock):
        for _ in pnb.track(range(4), "outer"):
            for _ in pnb.track(range(2), "inner"):
                clock.advance(0.1)
                outer = found(tracker, "work/outer").percent or 0.0
                done = found(tracker, "work/outer").data.get("done", 0)
                assert 25 * done <= outer <= 25 * (done + 1)
    paths = [stage.path for _, stage in tracker.state.walk()]
    assert paths == ["work", "work/outer", *[f"work/outer/inner{suffix}" for suffix in ("", "#2", "#3", "#4")]]
    percents = [percent for _, percent, _ in messages(tracker, "work/outer") if percent is not None]
    assert percents == sorted(percents)


async def test_parts_do_not_run_ahead_of_the_count() -> None:
    """However many stages an item's body reports, the loop's percent is that of its items."""
    async with stage_of_a_run() as (tracker, clock):
        for _ in pnb.track(range(10), "rows"):
            stage = current_stage()
            assert stage is not None
            for name in "abc":
                with stage.stage(name):
                    clock.advance(0.1)
            done = found(tracker, "work/rows").data.get("done", 0)
            assert 10 * done <= (found(tracker, "work/rows").percent or 0) <= 10 * (done + 1)


async def test_a_loop_that_outlives_its_run() -> None:
    """A loop whose run has ended goes on with its items, and says no more."""
    async with ProgressTracker("op", show=False, clock=ManualClock()) as tracker:
        items = pnb.track(range(3), "rows")
        assert next(items) == 0
    length = len(tracker.log)
    assert list(items) == [1, 2]
    assert len(tracker.log) == length


def test_a_loop_that_nobody_begins() -> None:
    """What is never iterated reports nothing."""
    with shown() as runs:
        pnb.track(range(3))
        pnb.atrack(range(3))
        gc.collect()
    assert runs == []


@pytest.mark.parametrize("name", ["", "a/b#c%", "\ud800<script>"])
def test_hostile_descriptions(name: str) -> None:
    """Any description makes a stage."""
    with shown() as runs:
        assert list(pnb.track([1], name)) == [1]
    (stage,) = runs[0].state.stages
    assert stage.status == "finished"


# --- async ---------------------------------------------------------------------------------------------


async def numbers(count: int) -> AsyncIterator[int]:
    """Yield numbers."""
    for number in range(count):
        await asyncio.sleep(0)
        yield number


async def test_async_iterables() -> None:
    """`async for` over async and plain iterables reports as `for` does."""
    async with stage_of_a_run() as (tracker, clock):
        async for _ in pnb.atrack(numbers(3), "pages", total=3):
            clock.advance(0.1)
        async for _ in pnb.atrack(numbers(3), "unknown"):
            clock.advance(0.1)
        assert [item async for item in pnb.atrack("abc", "plain")] == ["a", "b", "c"]
    assert [percent for _, percent, _ in messages(tracker, "work/pages")] == [
        None,
        pytest.approx(100 / 3),
        pytest.approx(200 / 3),
        99.9,
        100.0,
    ]
    assert [percent for _, percent, _ in messages(tracker, "work/unknown")][:-1] == [None] * 4
    assert found(tracker, "work/plain").message == "3 of 3"


async def test_async_loops_that_are_left() -> None:
    """A loop that is left ends at once, before Python closes its generator; so does one whose task is cancelled."""
    async with stage_of_a_run() as (tracker, clock):
        async for _ in pnb.atrack(numbers(5), "left"):
            break
        assert found(tracker, "work/left").message == "stopped at 1"
        with contextlib.suppress(ZeroDivisionError):
            async for _ in pnb.atrack([1, 2], "raised"):
                1 / 0  # noqa: B018 - raises
        clock.advance(0.1)
        assert found(tracker, "work/raised").status == "cancelled"
        begun = asyncio.Event()

        async def wait() -> None:
            async for _ in pnb.atrack(numbers(5), "cancelled"):
                begun.set()
                await asyncio.Event().wait()

        task = asyncio.create_task(wait())
        await begun.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        clock.advance(0.1)
        assert found(tracker, "work/cancelled").status == "cancelled"


async def value(number: int, when: asyncio.Event | None = None) -> int:
    """Return a number, or raise for a negative one."""
    if when is not None:
        await when.wait()
    await asyncio.sleep(0)
    if number < 0:
        raise ValueError(number)
    return number


async def test_gather_keeps_order_and_counts() -> None:
    """Results come in the order of the awaitables, whatever completes first; the percent counts the completed."""
    async with stage_of_a_run() as (tracker, clock):
        first = asyncio.Event()

        async def last() -> int:
            clock.advance(0.1)
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            clock.advance(0.1)
            first.set()
            return 4

        assert await pnb.atrack.gather(value(1, first), value(2), value(3), last(), description="all") == [1, 2, 3, 4]
        assert await pnb.atrack.gather() == []
        shared = asyncio.ensure_future(value(5))
        assert await pnb.atrack.gather(shared, shared) == [5, 5]
    percents = [percent for _, percent, _ in messages(tracker, "work/all")]
    assert 50.0 in percents
    assert percents[-1] == 100.0
    assert found(tracker, "work/all").message == "4 of 4"
    assert found(tracker, "work/tasks").status == found(tracker, "work/tasks#2").status == "finished"


async def test_gather_errors() -> None:
    """The first error is raised and the others go on; with `return_exceptions` it is returned in its place."""
    async with stage_of_a_run() as (tracker, _):
        go = asyncio.Event()
        other = asyncio.ensure_future(value(1, go))
        with pytest.raises(ValueError, match="-2"):
            await pnb.atrack.gather(other, value(-2), description="failing")
        assert found(tracker, "work/failing").status == "failed"
        go.set()
        assert await other == 1
        results = await pnb.atrack.gather(value(1), value(-2), description="kept", return_exceptions=True)
        assert results[0] == 1
        assert isinstance(results[1], ValueError)
        assert found(tracker, "work/kept").status == "finished"


async def test_gather_is_cancelled() -> None:
    """Cancelling whoever awaits cancels them all; so does the Cancel button, which raises `RunCancelled`."""
    with shown() as runs:
        for by_button in (False, True):
            never = [asyncio.ensure_future(value(1, asyncio.Event())) for _ in range(3)]
            task = asyncio.create_task(pnb.atrack.gather(*never, return_exceptions=True))
            await asyncio.sleep(0)
            if by_button:
                runs[-1].cancel("the button")
            else:
                task.cancel()
            with pytest.raises(RunCancelled if by_button else asyncio.CancelledError):
                await task
            assert all(future.cancelled() for future in never)
            assert runs[-1].state.status == "cancelled"


async def test_children_of_gathered_tasks() -> None:
    """What gathered tasks report is below their stage, and the percent stays that of the completed."""
    async with stage_of_a_run() as (tracker, _):

        async def work(name: str) -> None:
            stage = current_stage()
            assert stage is not None
            async with stage.stage(name) as child:
                child.update(50)
                await asyncio.sleep(0)

        await pnb.atrack.gather(*map(work, "abc"), description="all")
    assert [stage.path for stage in found(tracker, "work/all").children] == [f"work/all/{name}" for name in "abc"]
    assert {percent for _, percent, _ in messages(tracker, "work/all")} <= {None, 0.0, 99.9, 100.0}


async def test_as_completed() -> None:
    """Awaitables come as they complete, errors where they are awaited; the stage counts them."""
    async with stage_of_a_run() as (tracker, _):
        first = asyncio.Event()
        got: list[int] = []
        for each in pnb.atrack.as_completed([value(1, first), value(2), value(-3)], description="all"):
            try:
                got.append(await each)
            except ValueError:
                got.append(-3)
            first.set()
        assert sorted(got) == [-3, 1, 2]
        assert got[-1] == 1
        for each in pnb.atrack.as_completed([value(1), value(2, asyncio.Event())], description="left"):
            assert await each == 1
            break
    assert found(tracker, "work/all").message == "3 of 3"
    assert found(tracker, "work/left").message == "stopped at 1 of 2"


async def test_a_plain_iterable_lets_others_run() -> None:
    """Under `atrack` a busy loop over a plain iterable gives the event loop its turns."""
    with shown():
        others: list[int] = []
        asyncio.get_running_loop().call_soon(others.append, 1)
        async for _ in pnb.atrack(iter(int, 1), "busy"):
            if others:
                break
    assert others == [1]


# --- what a loop tells beside its count -----------------------------------------------------------------


def line(tracker: Watchable, path: str, clock: ManualClock) -> str:
    """Return the line of a loop as screens show it."""
    return loop_text(found(tracker, path), clock.monotonic())


async def test_one_line() -> None:
    """Count, rate, time left and a postfix are facts of the stage, which read as one line."""
    async with stage_of_a_run() as (tracker, clock):
        bar = pnb.track(range(200), "rows")
        for number in bar:
            bar.set(loss=1 / 8, note="a")
            if number == 150:
                clock.advance(0.1)
                assert line(tracker, "work/rows", clock) == "150/200 · 10.0/s · about 5 s left · loss 0.125 · note a"
                data = found(tracker, "work/rows").data
                assert data == {"done": 150, "total": 200, "rate": 10.0, "postfix": {"loss": 0.125, "note": "a"}}
            clock.advance(0.1)
    assert line(tracker, "work/rows", clock) == "200/200 · 10.0/s · loss 0.125 · note a"


async def test_a_line_without_a_total() -> None:
    """Without a total there are a count and a rate, no percent and no time left, of slow items the seconds of one."""
    async with stage_of_a_run() as (tracker, clock):
        for number in pnb.track(iter(lambda: 1, 2), "rows"):
            if number and clock.monotonic() >= 20:
                break
            clock.advance(4)
    stage = found(tracker, "work/rows")
    assert (stage.percent, stage.data["done"]) == (None, 5)
    assert loop_text(stage, clock.monotonic()) == "stopped at 6 · 4.0 s each"


@pytest.mark.parametrize("total", [None, 100])
async def test_what_was_done_before(total: int | None) -> None:
    """`initial` counts for the percent and the count, and neither for the rate nor for the time left."""
    async with stage_of_a_run() as (tracker, clock):
        for number in pnb.track(range(10), "rows", total, initial=90):
            stage = found(tracker, "work/rows")
            assert stage.percent == pytest.approx(90 + number, abs=1.1)
            if number >= 2:
                assert stage.data["rate"] == pytest.approx(0.5, rel=0.05)
                left = remaining_seconds(tracker.state, clock.monotonic())
                assert left == pytest.approx(2 * (10 - number), abs=2.1)
            clock.advance(2)
    assert found(tracker, "work/rows").data["done"] == 100


@pytest.mark.parametrize("initial", [-1, float("nan"), float("inf"), "3", True, None])
def test_refused_initial_counts(initial: Any) -> None:
    """What is no finite number of 0 or more is refused at the call."""
    with pytest.raises(InvalidProgressError, match="initial"):
        pnb.track([], "rows", initial=initial)
    with pytest.raises(InvalidProgressError, match="initial"):
        pnb.atrack([], "rows", initial=initial)


async def test_a_postfix_is_few_events() -> None:
    """A postfix that is set with each of 100,000 items is written with the count; the last one stays."""
    async with stage_of_a_run() as (tracker, _):
        bar = pnb.atrack(range(100_000), "rows")
        async for number in bar:
            bar.set(number=number, gone=None)
    assert len(messages(tracker, "work/rows")) <= 4
    assert found(tracker, "work/rows").data["postfix"] == {"number": 99_999}


class Answer(BaseModel):
    """A structured output."""

    word: str


class Tensor:
    """A value that a number can be taken of, as a tensor of one value."""

    def __float__(self) -> float:
        return 0.25


async def test_postfix_values() -> None:
    """What holds one number is that number; NaN and what holds none end no loop."""
    async with stage_of_a_run() as (tracker, clock):
        bar = pnb.track([1], "rows")
        bar.set(loss=Tensor(), nothing=float("nan"), data=object(), **{"a b": "x\u202ey"})
        list(bar)
    postfix = found(tracker, "work/rows").data["postfix"]
    assert (postfix["loss"], postfix["nothing"]) == (0.25, None)
    assert "nothing" not in line(tracker, "work/rows", clock)


async def test_an_agent_in_a_loop() -> None:
    """An agent in the body is a stage below the loop: neither its messages nor its retries are the loop's."""
    agent = Agent(scripted_model({"x": 1}, {"word": "yes"}, {"x": 1}, {"word": "yes"}), output_type=Answer, retries=1)
    async with stage_of_a_run() as (tracker, clock):
        for number in pnb.track(range(2), "pages"):
            await agent.run("go", capabilities=[pnb.ReportProgress()])
            clock.advance(0.1)
            percent = found(tracker, "work/pages").percent or 0.0
            assert 50 * number < percent <= 50 * (number + 1)
    told = [message for _, _, message in messages(tracker, "work/pages")]
    assert set(told) == {"0 of 2", "1 of 2", "2 of 2"}
    percents = [percent for _, percent, _ in messages(tracker, "work/pages") if percent is not None]
    assert percents == sorted(percents)
    children = found(tracker, "work/pages").children
    assert [(stage.path, stage.data["item"]) for stage in children] == [
        ("work/pages/agent", 0),
        ("work/pages/agent#2", 1),
    ]
    assert found(tracker, "work/pages").output is None
