"""Odd inputs of a batch: each is an error that says what is wrong, or an item like any other."""

import asyncio
import gc
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest

import progressnb as pnb
from progressnb.errors import BatchStopped, InputError, InvalidProgressError, UnknownRunError
from progressnb.history import History
from progressnb.testing import ManualClock
from progressnb.tracking.clock import sleep
from progressnb.tracking.tracker import ProgressTracker
from tests.batching.helpers import Bench, pass_time
from tests.execution.helpers import turns


@pnb.operation
async def same(_tracker: ProgressTracker, value: Any, *, more: Any = None) -> Any:
    """Give back."""
    return value if more is None else (value, more)


@pytest.mark.parametrize(
    "items",
    ["text", b"bytes", {"value": 1}, 5, 2.5, None, object(), same, int],
    ids=lambda each: type(each).__name__ + repr(each)[:8],
)
def test_what_are_no_items(items: object) -> None:
    """A text, a mapping, a number, nothing, and a function are no list of items."""
    with pytest.raises(InputError, match="expected a list of items"):
        pnb.batch(same, items)


@pytest.mark.parametrize("item", [(), (1, 2), {"colour": 1}, {"value": 1, "show": True}, ((1,), {"more": 2}), {}])
def test_items_that_do_not_fit(item: object) -> None:
    """An item of a list that does not fit is refused at the call, with its position and the parameters."""
    with pytest.raises(InputError, match=r"item 1 as the arguments of same\(value, more=…\)"):
        pnb.batch(same, [1, item])


@pytest.mark.parametrize("limit", [0, -1, True, 2.0, "4", None, float("nan"), float("inf")])
def test_limits_that_are_none(limit: Any) -> None:
    """A limit is a whole number of 1 or more."""
    with pytest.raises(InvalidProgressError, match="limit as a whole number of 1 or more"):
        pnb.batch(same, [1], limit=limit)


async def test_numbers_of_numpy() -> None:
    """A whole number of numpy, as a column has, is one."""
    whole: Any = np.int64
    batch = pnb.batch(same, iter(range(3)), limit=whole(2), retries=whole(1), max_failures=whole(1), total=whole(3))
    assert await batch == [0, 1, 2]
    assert [type(each) for each in (batch.plan.limit, batch.plan.retries, batch.plan.total)] == [int] * 3
    with pytest.raises(InvalidProgressError):
        pnb.batch(same, [1], limit=np.True_)  # type: ignore[arg-type]


async def test_an_index_with_labels_twice(caplog: pytest.LogCaptureFixture) -> None:
    """A join by such an index makes rows of pairs: the log says what to do instead, and that works."""
    table = pd.DataFrame({"value": [1, 2]}, index=[7, 7])
    batch = pnb.batch(same, table)
    await batch
    beside = pd.concat([table, batch.frame()], axis=1)
    assert list(beside["result"]) == [1, 2]
    assert [record.getMessage()[:40] for record in caplog.records if "twice" in record.getMessage()] == [
        "the index of the items has labels twice,"
    ]


async def test_a_huge_limit() -> None:
    """A limit far above the number of items is none."""
    assert await pnb.batch(same, range(50), limit=10**12) == list(range(50))


@pytest.mark.parametrize("work", [None, 5, "same", len, lambda tracker: tracker, same.function, pnb.Stage("a")])
def test_operations_that_are_none(work: Any) -> None:
    """What is no operation is refused with the remedy."""
    with pytest.raises(InvalidProgressError, match="expected an operation"):
        pnb.batch(work, [1])


@pytest.mark.parametrize(
    "source", [[], (), iter([]), range(0), pd.DataFrame({"value": []}), set[int](), (each for each in "")]
)
async def test_empty_sources(source: Any) -> None:
    """A batch of no items has finished with no results, wherever they do not come from."""
    batch = pnb.batch(same, source)
    assert await batch == []
    assert (len(batch), batch.failures, batch.status) == (0, [], "finished")
    assert batch.frame().empty
    with pytest.raises(IndexError, match="none is known"):
        batch[0]


async def test_cells_that_are_missing() -> None:
    """A missing cell leaves out an argument that need not be there, and is a value where it must."""
    table = pd.DataFrame({"value": [1.5, float("nan")], "more": ["a", None]})
    results = await pnb.batch(same, table)
    assert results[0] == (1.5, "a")
    assert pd.isna(results[1])


async def test_an_index_with_duplicates() -> None:
    """The frame of a batch has the index of its items, also where two have one label."""
    table = pd.DataFrame({"value": [1, 2, 3]}, index=["a", "a", "b"])
    batch = pnb.batch(same, table)
    await batch
    frame = batch.frame()
    assert list(frame.index) == ["a", "a", "b"]
    assert list(frame["result"]) == [1, 2, 3]


@pytest.mark.parametrize("columns", [["value", "value"], ["value", "colour"], [0]])
def test_columns_that_are_no_parameters(columns: list[Any]) -> None:
    """Columns are names of parameters, each once."""
    with pytest.raises(InputError, match="columns"):
        pnb.batch(same, pd.DataFrame([[1] * len(columns)], columns=columns))


@pytest.mark.parametrize(
    "value", [float("nan"), float("inf"), "\ud800", "\x00", "", 10**400, b"\xff", (1, (2,)), "<b>"]
)
async def test_values_of_any_kind(history: History, value: object) -> None:
    """Any value is an item, and two equal ones are two."""
    batch = pnb.batch(same, [(value,), (value,)])
    results = await batch
    assert [repr(each) for each in results] == [repr(value)] * 2
    assert batch[0].key is None or batch[0].key != batch[1].key
    assert history is not None


@pytest.mark.parametrize("error", [StopIteration("done"), KeyError("k"), GeneratorExit(), RuntimeError("no")])
async def test_items_that_raise_odd_errors(error: BaseException) -> None:
    """Whatever an item raises, it has its end, and so has the batch."""

    @pnb.operation
    async def raises(_tracker: ProgressTracker, number: int) -> int:
        if number == 1:
            raise error
        return number

    batch = pnb.batch(raises, range(3), return_errors=True, limit=1)
    results = await asyncio.gather(batch, return_exceptions=True)
    assert batch.log.ended
    assert batch[0].status == "finished"
    assert batch[1].status in ("failed", "cancelled")
    assert results


async def test_where_an_item_is_shown(clock: ManualClock, history: History) -> None:
    """An item that has ended, is at work, or was done before has a run to open; one that has not begun says so."""
    batch = pnb.batch(Bench(clock).operation, [("a", 1.0), ("b", 1e6), ("c", 1.0)], limit=2, clock=clock)
    while not batch[0].ended:
        await turns()
        clock.advance(0.5)
    batch[0].show()
    batch[1].show()
    assert batch[-1] is batch[2]
    batch.cancel()
    with pytest.raises(BatchStopped):
        await batch
    batch[1].show()
    for index in (-4, 3):
        with pytest.raises(IndexError):
            batch[index]
    done = pnb.batch(same, [1, 2])
    await done
    again = pnb.batch(same, [1, 2, 3], reuse=True)
    await again
    assert again[0].reused
    again[0].show()
    waiting = pnb.batch(Bench(clock).operation, range(3), limit=1, clock=clock)
    await turns()
    with pytest.raises(UnknownRunError, match="item 2 has not begun"):
        waiting[2].show()
    waiting.cancel()
    await waiting.log.wait_ended()
    with pytest.raises(UnknownRunError, match="item 2 has not begun"):
        waiting[2].show()
    assert history is not None


@pytest.mark.parametrize("is_async", [False, True])
async def test_sources_that_raise_at_once(clock: ManualClock, is_async: bool) -> None:
    """A source that raises before its first item stops the batch with its error."""

    def broken() -> Iterator[int]:
        yield from open_file()

    async def broken_too() -> AsyncIterator[int]:
        for each in open_file():
            yield each

    def open_file() -> list[int]:
        raise OSError("the file is gone")

    batch = pnb.batch(same, broken_too() if is_async else broken())
    with pytest.raises(BatchStopped, match="0 results: what gives its items raised OSError"):
        await batch
    assert batch.items == []
    assert clock is not None


async def test_a_total_that_is_wrong(clock: ManualClock) -> None:
    """A source that gives more or fewer items than was said is taken as it is."""
    for total in (1, 10):
        batch = pnb.batch(Bench(clock).operation, iter(range(3)), total=total, clock=clock)
        await pass_time(batch, clock)
        assert await batch == [0, 1, 2]
        assert batch.state.overall_progress == 100


@pytest.mark.usefixtures("history")
@pytest.mark.parametrize("is_async", [True, False])
async def test_a_source_that_breaks_while_items_are_at_work(clock: ManualClock, is_async: bool) -> None:
    """What is at work when the iterable raises may end, and is kept: it is paid. Nothing new begins."""
    bench = Bench(clock)

    def source() -> Iterator[str]:
        yield from ("a", "b")
        raise OSError("the file is gone")

    async def async_source() -> AsyncIterator[str]:
        for each in source():
            yield each

    batch = pnb.batch(bench.operation, async_source() if is_async else source(), limit=5, clock=clock)
    await pass_time(batch, clock)
    with pytest.raises(BatchStopped, match="2 results: what gives its items raised OSError"):
        await batch
    assert [item.result for item in batch.items] == ["a", "b"]
    again = pnb.batch(bench.operation, ["a", "b", "c"], clock=clock)
    await pass_time(again, clock)
    assert await again == ["a", "b", "c"]
    assert bench.begun == ["a", "b", "c"]


async def test_a_broken_source_and_items_that_wait(clock: ManualClock) -> None:
    """An item that would be tried again after the source broke has failed with its own error."""

    async def fail(_value: Any) -> None:
        raise ConnectionError("no")

    def source() -> Iterator[str]:
        yield "a"
        raise OSError("the file is gone")

    batch = pnb.batch(Bench(clock, fail).operation, source(), limit=5, retries=5, clock=clock)
    await pass_time(batch, clock)
    with pytest.raises(BatchStopped, match="raised OSError"):
        await batch
    assert (batch[0].status, batch[0].attempts) == ("failed", 1)
    assert isinstance(batch[0].error, ConnectionError)


async def test_a_broken_source_is_cancelled(clock: ManualClock) -> None:
    """A batch whose source broke is cancelled as any other, while what is at work ends."""

    def source() -> Iterator[str]:
        yield "a"
        raise OSError("the file is gone")

    batch = pnb.batch(Bench(clock).operation, source(), limit=5, clock=clock)
    waiter = asyncio.ensure_future(asyncio.gather(batch, return_exceptions=True))
    await turns()
    batch.cancel("enough")
    await pass_time(batch, clock)
    assert batch[0].status == "cancelled"
    assert isinstance((await waiter)[0], BatchStopped)


@pytest.mark.usefixtures("history")
@pytest.mark.parametrize("how", ["retried", "shared"])
async def test_items_that_change_their_arguments(
    clock: ManualClock, caplog: pytest.LogCaptureFixture, how: str
) -> None:
    """A result of arguments that were changed since their key was made is given, but not kept under that key."""
    failures = [ConnectionError("no")] if how == "retried" else []

    @pnb.operation(clock=clock)
    async def add(_tracker: ProgressTracker, number: int, words: list[int]) -> list[int]:
        words.append(number)
        await sleep(clock, 1.0)
        if failures:
            raise failures.pop()
        return [*words]

    def begin(count: int) -> Any:
        return pnb.batch(
            add, range(count), given={"words": [0]}, limit=1, retries=1, clock=clock, return_errors=True, reuse=True
        )

    batch = begin(1 if how == "retried" else 2)
    await pass_time(batch, clock)
    assert await batch == ([[0, 0, 0]] if how == "retried" else [[0, 0], [0, 0, 1]])
    number = 0 if how == "retried" else 1
    assert f"an argument of item {number} changed before it began: its result is not kept" in caplog.text
    again = begin(1 if how == "retried" else 2)
    await pass_time(again, clock)
    assert [item.reused for item in again.items] == ([False] if how == "retried" else [True, False])


async def test_a_generator_is_let_go(clock: ManualClock) -> None:
    """The generator of a batch that was stopped is closed, though the batch is still there."""
    closed: list[int] = []

    def source() -> Iterator[int]:
        try:
            yield from range(100)
        finally:
            closed.append(1)

    batch = pnb.batch(Bench(clock).operation, source(), limit=2, clock=clock)
    waiter = asyncio.ensure_future(asyncio.gather(batch, return_exceptions=True))
    await turns()
    batch.cancel()
    await waiter
    gc.collect()
    assert closed == [1]


async def test_an_index_of_several_levels(clock: ManualClock) -> None:
    """The frame of a batch joins back on an index of several levels, with its names."""
    index = pd.MultiIndex.from_tuples([("a", 1), ("a", 2), ("b", 1)], names=["letter", "number"])
    table = pd.DataFrame({"value": [1, 2, 3]}, index=index)
    batch = pnb.batch(same, table, clock=clock)
    assert await batch == [1, 2, 3]
    joined = table.join(batch.frame())
    assert list(joined["result"]) == [1, 2, 3]
    assert list(joined.index.names) == ["letter", "number"]


async def test_errors_without_a_text() -> None:
    """An error whose text can't be made, or that can't be pickled, is that of its item."""

    class OddError(Exception):
        def __str__(self) -> str:
            raise RuntimeError("no text")

        def __reduce__(self) -> Any:
            raise TypeError("no pickle")

    @pnb.operation
    async def fail(_tracker: ProgressTracker, number: int) -> int:
        if number == 1:
            raise OddError
        return number

    batch = pnb.batch(fail, range(3), return_errors=True)
    results = await batch
    assert (results[0], type(results[1]), results[2]) == (0, OddError, 2)
    assert batch.frame()["error"][1] == "OddError"


async def test_a_batch_that_is_deleted_while_it_is_at_work(history: History, caplog: pytest.LogCaptureFixture) -> None:
    """Its results come all the same, and the log says once that they are kept no longer, and why."""

    @pnb.operation
    async def forget(_tracker: ProgressTracker, number: int) -> int:
        if number == 1:
            history.prune(older_than=timedelta(0))
        return number

    batch = pnb.batch(forget, range(5), limit=1)
    assert await batch == list(range(5))
    told = [each for each in caplog.messages if "kept no longer" in each]
    assert len(told) == 1
    assert "a history from which it was deleted" in told[0]
