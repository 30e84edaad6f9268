"""`@progress`: any generator reports as it goes, wherever it is called, and stays a plain function."""

import asyncio
import functools
import re
import threading
from collections.abc import AsyncGenerator, Generator, Iterator, Mapping
from contextlib import nullcontext
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from progressnb import ProgressTracker, Result, current_stage, operation, progress
from progressnb.errors import InvalidProgressError, OperationError, RunCancelled
from progressnb.folds.state import StageState
from progressnb.tools.steps import ROUNDING
from progressnb.wire.events import ProgressEvent
from tests.tools.helpers import begun, in_the_loop, simple, with_status

Steps = Generator[Any, None, str]


def told(tracker: ProgressTracker, path: str) -> list[tuple[float | None, str | None]]:
    """List percent and message of a stage's events."""
    return [(e.stage_progress, e.message) for e in tracker.log if isinstance(e, ProgressEvent) and e.stage == path]


def tree(tracker: ProgressTracker) -> list[tuple[str, str]]:
    """List paths and statuses of all stages."""
    return [(stage.path, stage.status) for _, stage in tracker.state.walk()]


# --- the documented examples --------------------------------------------------------------------------


async def test_simple() -> None:
    """A tool is called like any function; in a run it is a stage, outside one it just works."""
    assert simple() == "counted to 4"
    async with begun() as tracker, tracker.stage("s"):
        assert simple(2) == "counted to 2"
    assert tree(tracker) == [("s", "finished"), ("s/simple", "finished")]


async def test_with_status_and_custom_data() -> None:
    """The status is the message, other keys are data, the progress is a percent."""
    async with begun() as tracker, tracker.stage("s"):
        assert with_status(["a", "b"]) == {"processed": 2}
    assert (50, "item 1 of 2") in told(tracker, "s/with_status")
    assert (100, "item 2 of 2") in told(tracker, "s/with_status")
    stage = tracker.state.find("s/with_status")
    assert isinstance(stage, StageState)
    assert stage.data == {"current_item": "b", "arguments": {"items": ["a", "b"]}, "result": {"processed": 2}}


async def test_arguments_and_result_of_a_row() -> None:
    """A tool's own row has what it was given and gave; one that failed has no result."""

    @progress
    async def find(*words: str, limit: int = 3) -> AsyncGenerator[Any, None]:
        yield 0.5
        if not words:
            raise ValueError("nothing to find")
        yield Result(words[0] * limit)

    async with begun() as tracker, tracker.stage("s"):
        await find("ab", "c", limit=2)
        with pytest.raises(ValueError, match="nothing"):
            await find()
    (found, failed) = tracker.state.stages[0].children
    assert found.data == {"arguments": {"words": ["ab", "c"], "limit": 2}, "result": "abab"}
    assert failed.data == {"arguments": {"words": []}}


async def test_nested() -> None:
    """A tool that calls a tool has it as a stage below its own."""

    @progress
    def outer(items: list[int]) -> Generator[float, None, list[str]]:
        results = []
        for number, item in enumerate(items, 1):
            results.append(simple(item))
            yield number / len(items)
        return results

    async with begun() as tracker, tracker.stage("s"):
        assert outer([1, 2]) == ["counted to 1", "counted to 2"]
    assert [path for path, _ in tree(tracker)] == ["s", "s/outer", "s/outer/simple", "s/outer/simple#2"]


async def test_errors_collected() -> None:
    """A tool that collects its items' errors goes on to its end."""

    @progress
    def risky(data: list[int]) -> Generator[dict[str, float], None, dict[str, list[Any]]]:
        processed, errors = [], []
        for number, item in enumerate(data, 1):
            yield {"progress": number / len(data)}
            try:
                processed.append(10 // item)
            except ZeroDivisionError as error:
                errors.append({"item": item, "error": str(error)})
        return {"processed": processed, "errors": errors}

    async with begun() as tracker, tracker.stage("s"):
        result = risky([1, 0, 5])
    assert (result["processed"], result["errors"][0]["item"]) == ([10, 2], 0)
    assert tree(tracker)[-1] == ("s/risky", "finished")


# --- where it is called ---------------------------------------------------------------------------------


async def test_an_async_tool() -> None:
    """An async generator's tool is awaited, and its result is what it yields as `Result`."""
    assert await in_the_loop(3) == 3
    async with begun() as tracker, tracker.stage("s"):
        assert await in_the_loop(3) == 3
    assert tree(tracker)[-1] == ("s/in_the_loop", "finished")


async def test_a_result_in_the_last_mapping() -> None:
    """The `result` of a mapping is an async tool's result too; without any it is None."""

    @progress
    async def last() -> AsyncGenerator[dict[str, Any], None]:
        yield {"progress": 0.5}
        yield {"progress": 1.0, "result": 7}

    @progress
    async def none() -> AsyncGenerator[float, None]:
        yield 0.5

    assert await last() == 7
    assert await none() is None
    async with begun() as tracker, tracker.stage("s"):
        assert await last() == 7
    stage = tracker.state.find("s/last")
    assert stage is not None
    assert stage.data == {"arguments": {}, "result": 7}


async def test_in_child_tasks_and_threads() -> None:
    """Tools of child tasks and worker threads report below the stage that began them."""
    async with begun() as tracker, tracker.stage("s"):
        assert list(await asyncio.gather(in_the_loop(2), in_the_loop(3))) == [2, 3]
        assert await asyncio.to_thread(simple, 2) == "counted to 2"
    assert sorted(tree(tracker)) == [
        ("s", "finished"),
        ("s/in_the_loop", "finished"),
        ("s/in_the_loop#2", "finished"),
        ("s/simple", "finished"),
    ]


async def test_in_a_run_without_a_stage() -> None:
    """Where a run has no stage at work the tool is a stage of the run."""
    async with begun() as tracker:
        simple()
    assert tree(tracker) == [("simple", "finished")]


def test_methods() -> None:
    """A method may be a tool."""

    class Reader:
        pages = 2

        @progress
        def read(self, more: int) -> Generator[float, None, int]:
            yield 0.5
            return self.pages + more

    assert Reader().read(1) == 3


@pytest.mark.parametrize(
    "function",
    [len, lambda: 1, asyncio.sleep, 3, functools.partial(simple, 3)],
    ids=lambda value: re.sub(r" at 0x\w+", "", str(value)),
)
def test_what_is_no_generator(function: Any) -> None:
    """A function that yields nothing is refused where it is decorated."""
    with pytest.raises(OperationError, match="generator"):
        progress(function)


# --- failures -------------------------------------------------------------------------------------------


async def test_a_tool_that_raises() -> None:
    """A tool that raises marks its stage failed and raises."""

    @progress
    def breaks() -> Generator[float, None, None]:
        yield 0.5
        raise LookupError("no such page")

    async with begun() as tracker, tracker.stage("s"):
        with pytest.raises(LookupError):
            breaks()
    assert tree(tracker) == [("s", "finished"), ("s/breaks", "failed")]
    stage = tracker.state.find("s/breaks")
    assert stage is not None
    assert (stage.percent, stage.message) == (50, "no such page")


async def test_closed_when_it_is_cancelled() -> None:
    """An async tool that is cancelled runs its `finally`, and its stage is cancelled."""
    closed, started = list[str](), asyncio.Event()

    @progress
    async def waits() -> AsyncGenerator[float, None]:
        try:
            yield 0.5
            started.set()
            await asyncio.Event().wait()
        finally:
            closed.append("closed")

    async with begun() as tracker, tracker.stage("s"):
        task = asyncio.create_task(_awaited(waits()))
        await started.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert closed == ["closed"]
    assert tree(tracker)[-1] == ("s/waits", "cancelled")


async def _awaited(work: Any) -> Any:
    return await work


@pytest.mark.parametrize("stop", ["the run", "the stage"])
async def test_a_thread_stops_at_its_next_yield(stop: str) -> None:
    """Once its run or stage was cancelled a tool in a thread is closed at its next yield, and `finally` runs."""
    go_on, half, ended = threading.Event(), threading.Event(), threading.Event()
    closed: list[str] = []
    raised: list[BaseException] = []

    @progress
    def stubborn() -> Generator[float, None, None]:
        try:
            half.set()
            yield 0.5
            assert go_on.wait(30)
            yield 0.6
        finally:
            closed.append("closed")

    def work() -> None:
        try:
            stubborn()
        except RunCancelled as error:
            raised.append(error)
        finally:
            ended.set()

    async def within(tracker: ProgressTracker) -> None:
        async with tracker.stage("s"):
            await asyncio.to_thread(work)

    @operation
    async def op(tracker: ProgressTracker) -> str:
        task = asyncio.create_task(within(tracker))
        if stop == "the stage":
            await asyncio.to_thread(half.wait, 30)
            task.cancel()
        await asyncio.wait([task])
        go_on.set()
        await asyncio.to_thread(ended.wait, 30)
        return "went on"

    run = op.using(show=False)()
    if stop == "the run":
        await asyncio.to_thread(half.wait, 30)
        run.cancel()
        with pytest.raises(RunCancelled):
            await run
        go_on.set()
        assert await asyncio.to_thread(ended.wait, 30)
    else:
        assert await run == "went on"
    assert closed == ["closed"]
    assert "stubborn was stopped" in str(raised[0])


class Unreadable(Mapping[str, Any]):
    """A mapping that can't be read."""

    def __getitem__(self, key: str) -> Any:
        """Refuse."""
        raise RuntimeError

    def __iter__(self) -> Iterator[str]:
        """Refuse."""
        raise RuntimeError

    def __len__(self) -> int:
        """Count nothing."""
        return 1


WRONG = [
    (-0.5, 20, "after 0.2"),
    (-(10**400), 20, "after 0.2"),
    (0.1, 20, "after 0.2"),
    (float("nan"), 20, "NaN"),
    (np.float32("nan"), 20, "NaN"),
    ("half", 20, "neither a mapping nor a number"),
    ({"progress": "half"}, 20, "not a number"),
    ({"progress": [1]}, 20, "not a number"),
    ([0.5], 20, "neither a mapping nor a number"),
    (Unreadable(), 20, "can't be read: RuntimeError"),
]


@pytest.mark.parametrize(("wrong", "percent", "fault"), WRONG, ids=lambda value: str(value)[:20])
async def test_wrong_progress(wrong: Any, percent: float, fault: str, caplog: pytest.LogCaptureFixture) -> None:
    """A progress that falls or can't be read is left out, with one warning a call; the work goes on."""
    shown: list[float | None] = []

    @progress
    def odd() -> Steps:
        yield 0.2
        for _ in range(2):
            yield wrong
            stage = current_stage()
            shown.append(stage.percent if stage is not None else None)
        return "ok"

    async with begun() as tracker, tracker.stage("s"):
        assert odd() == "ok"
    assert shown == [percent, percent]
    warnings = [record.getMessage() for record in caplog.records if record.name == "progressnb"]
    assert len(warnings) == 1
    assert fault in warnings[0]


@pytest.mark.parametrize("wrong", [50, 1.5, 1.00001, float("inf"), 10**400, np.float32(2), {"progress": 50}], ids=str)
async def test_progress_over_one(wrong: Any) -> None:
    """A percent or a count in the place of a share is an error for the tool's caller, who learns what to pass."""
    closed: list[bool] = []

    @progress
    def odd() -> Steps:
        try:
            yield 0.2
            yield wrong
        finally:
            closed.append(True)
        return "ok"

    async with begun() as tracker, tracker.stage("s"):
        with pytest.raises(
            InvalidProgressError, match=r"expected a progress from 0 to 1, got .*\. Pass 0–1: done / total"
        ):
            odd()
        assert closed == [True]
    _, stage = list(tracker.state.walk())[1]
    assert (stage.status, stage.percent) == ("failed", 20)


async def test_progress_over_one_by_rounding(caplog: pytest.LogCaptureFixture) -> None:
    """Sums of floats miss 1 by a little, and that is 1."""

    @progress
    async def thirds() -> AsyncGenerator[Any, None]:
        for value in (0.3333334, 0.6666668, 1.0000001):
            yield value
        yield Result("ok")

    async with begun() as tracker, tracker.stage("s"):
        assert await thirds() == "ok"
    assert not caplog.records


KEYS = st.sampled_from(["progress", "status", "result", "cost", "input_tokens", "model", "state", "remaining", "self"])
HOSTILE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | KEYS, inner),
    max_leaves=6,
)


def is_over_one(yielded: Any) -> bool:
    """Tell whether a yielded value has a progress over 1."""
    value = yielded.get("progress") if isinstance(yielded, dict) else yielded
    return isinstance(value, int | float) and not isinstance(value, bool) and value > 1 + ROUNDING


@given(st.lists(HOSTILE, max_size=8))
def test_any_yields(yields: list[Any]) -> None:
    """Whatever is yielded, percents stay within 0–100 and never fall; only a progress over 1 is an error."""
    shown: list[float] = []
    wrong = any(map(is_over_one, yields))

    @progress
    def any_yields() -> Steps:
        for each in yields:
            yield each
            stage = current_stage()
            assert stage is not None
            if stage.percent is not None:
                shown.append(stage.percent)
        return "ok"

    async def main() -> ProgressTracker:
        async with begun() as tracker, tracker.stage("s"):
            with pytest.raises(InvalidProgressError) if wrong else nullcontext():
                assert any_yields() == "ok"
        return tracker

    tracker = asyncio.run(main())
    assert shown == sorted(shown)
    assert all(0 <= percent <= 100 for percent in shown)
    assert tree(tracker) == [("s", "finished"), ("s/any_yields", "failed" if wrong else "finished")]


async def test_hostile_keys() -> None:
    """Data may have any keys, also those that a method's parameters have."""

    @progress
    def hostile() -> Steps:
        yield {"progress": 0.5, "self": 1, "percent": 2, "message": 3, "data": {"status": 4}, 5: 6}
        return "ok"

    async with begun() as tracker, tracker.stage("s"):
        assert hostile() == "ok"
    stage = tracker.state.find("s/hostile")
    assert stage is not None
    own = {"arguments": {}, "result": "ok"}
    assert stage.data == {"self": 1, "percent": 2, "message": 3, "data": {"status": 4}, "5": 6, **own}
