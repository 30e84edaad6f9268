"""Odd inputs of a batch: each is an error that says what is wrong, or an item like any other."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pandas as pd
import pytest

import progressnb as pnb
from progressnb.errors import BatchStopped, InputError, InvalidProgressError, UnknownRunError
from progressnb.history import History
from progressnb.testing import ManualClock
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
