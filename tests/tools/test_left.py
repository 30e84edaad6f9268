"""Loops that are left: what is current then, how they end, and how they go on."""

# ruff: noqa: C416, PT012, UP028 - each loop is made as it is on purpose

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import progressnb as pnb
from progressnb.errors import RunCancelled
from progressnb.tracking.current import current_stage
from progressnb.tracking.handle import StageHandle
from progressnb.tracking.tracker import current_run
from tests.tools.loops import found, outline, run_cells, run_script, shown, stage_of_a_run, wait_for

# --- what is current --------------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def _nothing_of_others() -> None:
    """End the loops that other tests of this process have left."""
    pnb.cancel_all("of another test")
    wait_for(lambda: not pnb.runs())


def test_a_kept_iterator_is_current_no_more() -> None:
    """After a break the next loop is a run of its own, although the iterator lives on."""
    with shown() as runs:
        bar = pnb.track(range(100), "first")
        for item in bar:
            if item == 9:
                break
        assert current_run() is None
        assert current_stage() is None
        assert [run.operation for run in pnb.runs()] == []
        for _ in pnb.track(range(2), "second"):
            assert pnb.current_stage() is not None
    assert outline(runs[0]) == [("first", "finished", "stopped at 10 of 100")]
    assert outline(runs[1]) == [("second", "finished", "2 of 2")]
    assert (runs[0].state.status, runs[0].state.overall_progress) == ("finished", 100.0)
    assert found(runs[0], "first").percent == 9.0


@pytest.mark.parametrize("error", [ValueError("bad"), KeyboardInterrupt()])
def test_a_loop_that_an_error_left_is_not_done(error: BaseException) -> None:
    """At item 21 of 50 neither the loop nor its run says more than 42 %."""
    with shown() as runs:
        with contextlib.suppress(ValueError, KeyboardInterrupt):
            for item in pnb.track(range(50), "broken"):
                if item == 20:
                    raise error
        wait_for(lambda: not pnb.runs())
    assert runs[0].state.status == "cancelled"
    assert found(runs[0], "broken").percent == 40.0
    assert runs[0].state.overall_progress == 40.0


def test_a_kept_iterator_counts_on() -> None:
    """An iterator that is taken up again gives the items to come, in a row of its own that counts on."""
    with shown() as runs:
        bar = pnb.track(iter(range(30)), "rows", total=30)
        got: list[int] = []
        for limit in (9, 19, 99):
            for item in bar:
                got.append(item)
                stage = current_stage()
                assert stage is not None
                assert stage.name == "rows"
                if item == limit:
                    break
            assert current_stage() is None
    assert got == list(range(30))
    assert [run.state.stages[0].message for run in runs] == [
        "stopped at 10 of 30",
        "stopped at 20 of 30",
        "30 of 30",
    ]
    assert runs[1].state.stages[0].data["initial"] == 10


@given(st.lists(st.integers(0, 5), max_size=6), st.integers(0, 12))
def test_breaks_lose_no_item(parts: list[int], length: int) -> None:
    """However often a loop is left and taken up, each item comes once, in its order."""
    with shown() as runs:
        bar, got = pnb.track(range(length), "rows"), []
        for part in parts:
            for count, item in enumerate(bar):
                got.append(item)
                if count == part:
                    break
            assert current_stage() is None
        got += bar
    assert got == list(range(length))
    assert all(run.state.status == "finished" for run in runs)


async def test_an_iterator_that_is_taken_up_at_once() -> None:
    """A second loop over the iterator is a row of its own, also where nobody has looked in between."""
    async with stage_of_a_run() as (tracker, _):
        bar = pnb.track(range(30), "rows")
        for item in bar:
            if item == 9:
                break
        for _ in bar:
            stage = current_stage()
            assert stage is not None
            assert stage.path == "work/rows#2"
        following = pnb.atrack(range(3), "async")
        async for _ in following:
            break
        assert [item async for item in following] == [1, 2]
    assert [(path, message) for path, _, message in outline(tracker)][1:] == [
        ("work/rows", "stopped at 10 of 30"),
        ("work/rows#2", "30 of 30"),
        ("work/async", "stopped at 1 of 3"),
        ("work/async#2", "3 of 3"),
    ]


def test_an_error_below_a_named_iterator() -> None:
    """A function that raises in the body of its named iterator leaves nothing current behind."""

    def work() -> None:
        rows = pnb.track(range(10), "rows")
        for row in rows:
            if row == 3:
                raise ValueError("bad")

    with shown() as runs:
        with pytest.raises(ValueError, match="bad"):
            work()
        assert current_run() is None
        assert list(pnb.track([1], "after")) == [1]
        wait_for(lambda: runs[0].state.ended)
    assert [run.operation for run in runs] == ["rows", "after"]
    assert pnb.runs() == []


async def left_by_an_error(kind: str) -> None:
    """Raise in the body of a named iterator."""
    if kind == "for":
        rows = pnb.track(range(10), "rows")
        for row in rows:
            await asyncio.sleep(0)
            if row == 2:
                raise ValueError("bad")
    else:
        following = pnb.atrack(range(10), "rows")
        async for row in following:
            if row == 2:
                raise ValueError("bad")


@pytest.mark.parametrize("kind", ["for", "async for"])
async def test_an_error_below_a_named_iterator_of_a_coroutine(kind: str) -> None:
    """A coroutine that raises in the body of its named iterator leaves nothing current behind either."""
    with shown() as runs:
        with pytest.raises(ValueError, match="bad"):
            await left_by_an_error(kind)
        assert current_run() is None
        assert list(pnb.track([1], "after")) == [1]
        await asyncio.to_thread(wait_for, lambda: runs[0].state.ended)
    assert [run.operation for run in runs] == ["rows", "after"]
    assert outline(runs[0]) == [("rows", "cancelled", "stopped at 3 of 10")]


@pytest.mark.parametrize("kind", ["for", "async for"])
async def test_a_task_that_ends_by_an_error(kind: str) -> None:
    """A loop ends with the task that its error ends, also while nobody asks what is current."""
    with shown() as runs:
        task = asyncio.create_task(left_by_an_error(kind))
        await asyncio.wait([task])
        await asyncio.to_thread(wait_for, lambda: runs[0].state.ended)
        assert isinstance(task.exception(), ValueError)
    assert outline(runs[0]) == [("rows", "cancelled", "stopped at 3 of 10")]


@pytest.mark.parametrize("kind", ["for", "async for"])
async def test_an_error_that_a_task_has_caught(kind: str) -> None:
    """A task that caught the error of a coroutine ends its loop, although it goes on and asks for nothing."""

    async def work() -> None:
        with contextlib.suppress(ValueError):
            await left_by_an_error(kind)
        await asyncio.to_thread(wait_for, lambda: runs[0].state.ended)

    with shown() as runs:
        await asyncio.create_task(work())
    assert outline(runs[0]) == [("rows", "cancelled", "stopped at 3 of 10")]


async def test_a_body_that_waits_is_at_work() -> None:
    """The loop of a coroutine that waits, however it does, is at work."""

    class Own:
        def __await__(self) -> Generator[Any, Any, None]:
            yield from asyncio.sleep(0.15).__await__()

    async def numbers() -> AsyncIterator[int]:
        await asyncio.sleep(0.15)
        yield 1

    waits: list[Callable[[], Awaitable[Any]]] = [
        lambda: asyncio.sleep(0.15),
        lambda: asyncio.wait_for(asyncio.sleep(0.15), 5),
        lambda: asyncio.gather(asyncio.sleep(0.15)),
        lambda: asyncio.to_thread(lambda: wait_for(lambda: True)),
        Own,
        lambda: anext(aiter(numbers())),
    ]

    async def work() -> None:
        rows = pnb.track(waits, "rows")
        for wait in rows:
            await wait()
            stage = current_stage()
            assert stage is not None
            assert stage.name == "rows"

    with shown() as runs:
        await asyncio.create_task(work())
    assert outline(runs[0]) == [("rows", "finished", "6 of 6")]


async def test_loops_side_by_side() -> None:
    """Loops that one step of a `for` or of a call reads stand side by side; one that is another's source is in it."""
    async with stage_of_a_run() as (tracker, _):
        for _ in zip(pnb.track("abc", "one"), pnb.track([1, 2, 3], "two"), strict=False):
            pass
        assert len(list(zip(pnb.track("abc", "three"), pnb.track([1, 2, 3, 4], "four"), strict=False))) == 3
        for _ in pnb.track(pnb.track("abc", "source"), "outer"):
            pass
        for _ in pnb.track("ab", "rows"):
            assert list(pnb.track("xyz", "inner")) == ["x", "y", "z"]
    assert outline(tracker)[1:] == [
        ("work/one", "finished", "3 of 3"),
        ("work/two", "finished", "3 of 3"),
        ("work/three", "finished", "3 of 3"),
        ("work/four", "finished", "stopped at 3 of 4"),
        ("work/outer", "finished", "3"),
        ("work/outer/source", "finished", "3 of 3"),
        ("work/rows", "finished", "2 of 2"),
        ("work/rows/inner", "finished", "3 of 3"),
        ("work/rows/inner#2", "finished", "3 of 3"),
    ]


async def test_children_of_a_body() -> None:
    """Tasks and threads that were begun in a body are below its loop as long as the body is at work."""
    go = asyncio.Event()

    async def child() -> tuple[Any, Any]:
        first = current_stage()
        await go.wait()
        return first, current_stage()

    async with stage_of_a_run():
        above = current_stage()
        for _ in pnb.track([1], "rows"):
            stage = current_stage()
            task = asyncio.create_task(child())
            assert await asyncio.to_thread(current_stage) is stage
        go.set()
        assert await task == (None, above) or (await task)[1] is above


async def test_a_suspended_generator_is_not_current() -> None:
    """A generator that stands in its body is current where it is at work, and nowhere else."""

    def rows() -> Iterator[Any]:
        for _ in pnb.track(range(5), "rows"):
            yield current_stage()

    async with stage_of_a_run() as (tracker, _):
        above = current_stage()
        generator = rows()
        inner = next(generator)
        assert inner.name == "rows"
        assert current_stage() is above
        assert next(generator) is inner
        del generator
        assert found(tracker, "work/rows").message == "stopped at 2 of 5"


async def test_a_generator_around_the_iterator() -> None:
    """The body of a loop over a generator over the iterator is the body; leaving it ends the loop."""

    def pairs(source: Iterator[int]) -> Iterator[int]:
        for each in source:
            yield 2 * each

    async with stage_of_a_run() as (tracker, _):
        above = current_stage()
        wrapped = pairs(pnb.track(range(5), "rows"))
        for _ in wrapped:
            stage = current_stage()
            assert stage is not None
            assert stage.name == "rows"
            break
        assert current_stage() is above
        assert found(tracker, "work/rows").message == "stopped at 1 of 5"
        with contextlib.suppress(ValueError), tracker.stage("inner", weight=0.1):
            for _ in pairs(pnb.track(range(5), "rows")):
                raise ValueError("bad")
    assert ("inner/rows", "failed", "bad") in outline(tracker)


async def test_reading_by_calls() -> None:
    """A frame that calls `next` in a loop is in the body there; after a single call it is not."""
    async with stage_of_a_run() as (tracker, _):
        above = current_stage()
        items = iter(pnb.track(range(3), "rows"))
        assert next(items) == 0
        assert current_stage() is above
        for item in items:
            stage = current_stage()
            assert (stage is not None and stage.path == "work/rows") or item == 1
        items = iter(pnb.track(range(3), "rows"))
        while next(items, None) is not None:
            stage = current_stage()
            assert stage is not None
            assert stage.path == "work/rows#2"
        assert current_stage() is above
    assert [message for _, _, message in outline(tracker)][1:] == ["3 of 3", "3 of 3"]


# --- how a loop ends --------------------------------------------------------------------------------------


async def test_zip_ends_a_loop_well() -> None:
    """A loop of which all items were handed out is finished, whoever stops asking first."""
    async with stage_of_a_run() as (tracker, _):
        for _ in zip([1, 2, 3], pnb.track([4, 5, 6], "all"), strict=False):
            pass
        for _ in zip([1, 2], pnb.track([4, 5, 6], "some"), strict=False):
            pass
    assert outline(tracker)[1:] == [
        ("work/all", "finished", "3 of 3"),
        ("work/some", "finished", "stopped at 2 of 3"),
    ]


async def test_cancelled_gatherings_count_what_completed() -> None:
    """What was cancelled is not done; a loop over what completes says how many did."""
    async with stage_of_a_run() as (tracker, _):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await pnb.atrack.gather(asyncio.sleep(0), asyncio.sleep(0), asyncio.sleep(600), description="all")
        others = [asyncio.sleep(0), asyncio.sleep(600), asyncio.sleep(600)]
        for each in pnb.atrack.as_completed(others, description="first"):
            await each
            break
    assert outline(tracker)[1:] == [
        ("work/all", "cancelled", "stopped at 2 of 3"),
        ("work/first", "finished", "stopped at 1 of 3"),
    ]


@pytest.mark.parametrize("named", [False, True])
async def test_an_error_fails_the_loops_that_it_leaves(named: bool) -> None:
    """An error that ends the stage around it fails each loop that it came through, with its text."""
    with pytest.raises(ValueError, match="bad row"):
        async with stage_of_a_run() as (tracker, _):
            outer = pnb.track(range(10), "outer")
            for number in outer if named else pnb.track(range(10), "outer"):
                inner = pnb.track(range(3), "inner")
                for part in inner if named else pnb.track(range(3), "inner"):
                    if (number, part) == (1, 1):
                        raise ValueError("bad row")
    assert outline(tracker) == [
        ("work", "failed", "bad row"),
        ("work/outer", "failed", "bad row"),
        ("work/outer/inner", "finished", "3 of 3"),
        ("work/outer/inner#2", "failed", "bad row"),
    ]
    assert tracker.state.error_stage == "work/outer/inner#2"


EARLY: dict[str, Callable[[Any], object]] = {
    "any of a generator expression": lambda rows: any(row == 3 for row in rows),
    "all of a generator expression": lambda rows: all(row < 3 for row in rows),
    "next of a generator expression": lambda rows: next(row for row in rows if row == 3),
    "in a generator expression": lambda rows: 3 in (row for row in rows),
    "a generator": lambda rows: any(row == 3 for row in handed_on(rows)),
    "yield from": lambda rows: any(row == 3 for row in delegated(rows)),
    "in": lambda rows: 3 in rows,
    "islice": lambda rows: list(islice(rows, 4)),
    "map": lambda rows: any(map((3).__eq__, rows)),
    "a break over a generator expression": lambda rows: until_three(row for row in rows),
    "a break over a generator": lambda rows: until_three(handed_on(rows)),
}
"""What reads a loop and stops at its fourth row."""


def until_three(rows: Iterator[int]) -> None:
    """Leave a loop by a break."""
    for row in rows:
        if row == 3:
            break


@pytest.mark.parametrize("way", EARLY)
async def test_a_reader_that_stops_early(way: str) -> None:
    """Whoever stops reading early ends the loop within a tenth of a second, and later loops are not below it."""
    async with stage_of_a_run() as (tracker, clock):
        EARLY[way](pnb.track(range(10), "rows"))
        for _ in pnb.track(range(1), "next"):
            clock.advance(0.2)
            assert found(tracker, "work/rows").message == "stopped at 4 of 10"
    assert outline(tracker)[1:] == [
        ("work/rows", "finished", "stopped at 4 of 10"),
        ("work/next", "finished", "1 of 1"),
    ]


async def test_a_generator_that_waits_is_left_alone() -> None:
    """A generator that somebody holds goes on with its loop, however long it waits."""
    async with stage_of_a_run() as (tracker, clock):
        for kind in (handed_on, delegated, lambda rows: (row for row in rows)):
            rows = kind(pnb.track(range(10), "rows"))
            assert next(rows) == 0
            clock.advance(5)
            assert next(rows) == 1
            path = outline(tracker)[-1][0]
            assert found(tracker, path).status == "running"
            assert list(rows) == [*range(2, 10)]
            assert found(tracker, path).message == "10 of 10"


def check(row: int) -> int:
    """Fail at the fourth row."""
    if row == 3:
        raise ValueError("torn")
    return row


def handed_on(rows: Iterator[int]) -> Iterator[int]:
    """Give each row."""
    for row in rows:
        yield row


def delegated(rows: Iterator[int]) -> Iterator[int]:
    """Give each row, by `yield from`."""
    yield from rows


def checked(rows: Iterator[int]) -> Iterator[int]:
    """Give each row, and fail by itself."""
    for row in rows:
        yield check(row)


def in_pieces(rows: Iterator[int]) -> None:
    """Take two rows at a time."""
    rows = iter(rows)
    while piece := list(islice(rows, 2)):
        for row in piece:
            check(row)


def one_by_one(rows: Iterator[int]) -> None:
    """Take the next row, again and again."""
    while True:
        row = next(rows)
        if row == 3:
            raise ValueError("torn")


def each_checked(rows: Iterator[int]) -> None:
    """Fail in the body of a plain loop."""
    for row in rows:
        check(row)


def in_a_block(rows: Any) -> None:
    """Close the loop at the end of a block."""
    with contextlib.closing(rows):
        each_checked(rows)


def with_finally(rows: Any) -> None:
    """Close the loop whatever happens."""
    try:
        each_checked(rows)
    finally:
        rows.close()


WAYS: dict[str, Callable[[Any], object]] = {
    "a loop": each_checked,
    "a generator": lambda rows: each_checked(handed_on(rows)),
    "generators in generators": lambda rows: each_checked(handed_on(handed_on(rows))),
    "yield from": lambda rows: each_checked(delegated(rows)),
    "yield from a generator": lambda rows: each_checked(delegated(handed_on(rows))),
    "a generator that fails": lambda rows: list(checked(rows)),
    "a generator that fails in a loop": lambda rows: each_checked(checked(rows)),
    "a generator expression": lambda rows: each_checked(row for row in rows),
    "enumerate": lambda rows: [check(row) for _, row in enumerate(rows)],
    "map": lambda rows: list(map(check, rows)),
    "a set": lambda rows: {check(row) for row in rows},
    "pieces": in_pieces,
    "next": one_by_one,
    "closing": in_a_block,
    "finally": with_finally,
}
"""What reads a loop and fails at its fourth row."""


@pytest.mark.parametrize("way", WAYS)
async def test_an_error_however_the_loop_is_read(way: str) -> None:
    """Whatever stands between the loop and the code that fails, an error that leaves the stage fails the loop."""
    with pytest.raises(ValueError, match="torn"):
        async with stage_of_a_run() as (tracker, _):
            WAYS[way](pnb.track(range(10), "rows"))
    assert outline(tracker)[1] == ("work/rows", "failed", "torn")


@pytest.mark.parametrize("way", WAYS)
async def test_an_error_that_is_caught_however_the_loop_is_read(way: str) -> None:
    """The same error that is caught in the stage fails nothing, and the next loop is not below the one before."""
    async with stage_of_a_run() as (tracker, clock):
        with contextlib.suppress(ValueError):
            WAYS[way](pnb.track(range(10), "rows"))
        for _ in pnb.track(range(1), "next"):
            pass
        clock.advance(0.2)
    (_, rows, following) = outline(tracker)
    assert (rows[0], rows[2]) == ("work/rows", "stopped at 4 of 10")
    assert rows[1] in {"cancelled", "finished"}  # where calls read, nobody knows that it was an error
    assert following == ("work/next", "finished", "1 of 1")


async def test_an_error_that_is_caught_fails_nothing() -> None:
    """A caught error ends its loop as stopped, and so does one that is translated; others go on."""
    async with stage_of_a_run() as (tracker, clock):
        for number in pnb.track(range(4), "outer"):
            with contextlib.suppress(KeyError):
                for _ in pnb.track(range(3), "inner"):
                    raise KeyError(number)
            clock.advance(0.1)
    statuses = {path: (status, message) for path, status, message in outline(tracker)}
    assert statuses["work/outer"] == ("finished", "4 of 4")
    assert statuses["work/outer/inner#3"] == ("cancelled", "stopped at 1 of 3")
    assert tracker.state.error is None


@pytest.mark.parametrize("error", [KeyboardInterrupt, asyncio.CancelledError, RunCancelled])
async def test_an_interrupt_cancels(error: Callable[[str], BaseException]) -> None:
    """An interrupt of the body is no failure."""
    with contextlib.suppress(BaseException):
        async with stage_of_a_run() as (tracker, _):
            for number in pnb.track(range(10), "rows"):
                if number == 2:
                    raise error("stop")
    assert outline(tracker)[1] == ("work/rows", "cancelled", "stopped at 3 of 10")


async def test_closing_is_no_error() -> None:
    """`close` and `del` end a loop as a break does, also in its body."""
    async with stage_of_a_run() as (tracker, _):
        bar = pnb.track(range(5), "closed")
        for _ in bar:
            bar.close()
        bar = pnb.track(range(5), "deleted")
        next(bar)
        del bar
    assert outline(tracker)[1:] == [
        ("work/closed", "finished", "stopped at 1 of 5"),
        ("work/deleted", "finished", "stopped at 1 of 5"),
    ]


class Lies:
    """Four items that claim to be ten."""

    def __len__(self) -> int:
        return 10

    def __iter__(self) -> Iterator[int]:
        return iter([1, 2, 3, 4])


def test_a_length_that_lies() -> None:
    """A loop with fewer items than its length says so, and shows no 100 %."""
    with shown() as runs:
        assert list(pnb.track(Lies(), "rows")) == [1, 2, 3, 4]
    stage = found(runs[0], "rows")
    assert (stage.message, stage.percent) == ("4 of 10 expected", 40.0)


# --- Cancel -----------------------------------------------------------------------------------------------


def test_cancel_ends_what_nobody_iterates() -> None:
    """A loop is among `pnb.runs()`; Cancel ends one that nobody iterates at once."""

    def rows() -> Iterator[int]:
        yield from [each for each in pnb.track(range(2), "whole")]
        for each in pnb.track(range(10), "rows"):
            yield each

    with shown() as runs:
        generator = rows()
        for _ in range(3):
            next(generator)
        (run,) = pnb.runs()
        assert run.operation == "rows"
        assert pnb.cancel_all("a reason") == 1
        assert (runs[1].state.status, runs[1].state.reason) == ("cancelled", "a reason")
        with pytest.raises(RunCancelled, match="a reason"):
            next(generator)


def test_cancel_of_a_loop_at_work() -> None:
    """Cancel from another thread lets the item at work end."""
    with shown() as runs, pytest.raises(RunCancelled):
        for number in pnb.track(range(10), "rows"):
            if number == 2:
                thread = threading.Thread(target=pnb.cancel_all)
                thread.start()
                thread.join()
            assert number < 3
    assert outline(runs[0]) == [("rows", "cancelled", "stopped at 3 of 10")]


# --- cells and scripts ------------------------------------------------------------------------------------


@pytest.mark.integration
def test_the_end_of_a_cell(tmp_path: Path) -> None:
    """What a cell has left ends with it: by its error, or as stopped; a later cell takes up what is kept."""
    cells = run_cells(
        tmp_path,
        "import asyncio\nbar = pnb.track(range(100), 'first')\nfor item in bar:\n    if item == 9: break",
        "for item in bar:\n    if item == 19: break",
        "def work():\n    rows = pnb.track(range(9), 'failing')\n    for row in rows: 1 / (3 - row)\nwork()",
        "for row in pnb.track(range(9), 'plain'): 1 / (3 - row)",
        "first = iter(pnb.track(range(9), 'calls')); print(next(first))",
        "for row in pnb.track(range(3), 'last'):\n    if row == 1: raise KeyboardInterrupt",
        "for row in pnb.track(range(3), 'awaits'):\n    await asyncio.sleep(0)\n    if row: raise ValueError('late')",
    )
    assert [cell[-1] for cell in cells] == [
        ["first", "finished", "stopped at 10 of 100"],
        ["first", "finished", "stopped at 20 of 100"],
        ["failing", "failed", "division by zero"],
        ["plain", "failed", "division by zero"],
        ["calls", "finished", "stopped at 1 of 9"],
        ["last", "cancelled", "stopped at 2 of 3"],
        ["awaits", "failed", "late"],
    ]


@pytest.mark.integration
def test_the_end_of_a_script(tmp_path: Path) -> None:
    """A script's uncaught error fails the loops that it left; nothing of ours is printed at exit."""
    loops, text = run_script(
        tmp_path,
        """
kept = pnb.track(range(9), "kept")
for item in kept: break
single = pnb.track(range(9), "single")
next(single)
def work():
    rows = pnb.track(range(9), "named")
    for row in rows:
        for part in pnb.track(range(9), "inner"):
            if part == 2: raise ValueError("out of the script")
work()
""",
    )
    assert loops == [
        ["kept", "finished", "stopped at 1 of 9"],
        ["single", "finished", "stopped at 1 of 9"],
        ["named", "failed", "out of the script"],
    ]
    assert text.count("Traceback") == 1
    assert "progressnb" not in text.partition("TOLD")[0].replace("in stage", "")


@pytest.mark.integration
def test_the_end_of_an_async_script(tmp_path: Path) -> None:
    """An error that leaves `asyncio.run` fails the loop that it left."""
    loops, _ = run_script(
        tmp_path,
        """
import asyncio
async def main():
    async for row in pnb.atrack(range(9), "rows"):
        await asyncio.sleep(0)
        if row == 3: raise ValueError("out of the loop")
asyncio.run(main())
""",
    )
    assert loops == [["rows", "failed", "out of the loop"]]


# --- what the body reports --------------------------------------------------------------------------------


async def test_updates_in_the_body_stay() -> None:
    """A message and facts that the body gives to its stage are shown behind the count from then on."""
    async with stage_of_a_run() as (tracker, clock):
        for number in pnb.track(range(20), "rows"):
            stage = current_stage()
            assert stage is not None
            if number == 5:
                stage.update(message="reading a.txt", loss=0.5)
            clock.advance(0.1)
            if number > 5:
                state = found(tracker, "work/rows")
                assert state.message == f"{number} of 20 · reading a.txt"
                assert state.data["postfix"] == {"loss": 0.5}
    assert found(tracker, "work/rows").message == "20 of 20 · reading a.txt"


async def test_an_update_by_name() -> None:
    """`tracker.update(name)` of a loop's stage is the same; what others reserve is written as ever."""
    async with pnb.ProgressTracker("op", ["rows"], show=False) as tracker:
        for _ in pnb.track(range(2), "rows"):
            tracker.update("rows", message="by name", input_tokens=7)
    stage = found(tracker, "rows")
    assert stage.message == "2 of 2 · by name"
    assert stage.data["input_tokens"] == 7


# --- threads ------------------------------------------------------------------------------------------------


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
@pytest.mark.parametrize("is_named", [False, True])
async def test_an_error_that_ends_a_thread(is_named: bool) -> None:
    """The error that ends a thread fails the loops that it leaves there, in a run as outside, and no others."""

    def work() -> None:
        rows = pnb.track(range(10), "rows")
        for row in rows if is_named else pnb.track(range(10), "rows"):
            check(row)

    def caught() -> None:
        with contextlib.suppress(ValueError):
            work()
        raise KeyError("another")

    with shown() as runs:
        for target in (work, caught):
            thread = threading.Thread(target=pnb.carry(target))
            thread.start()
            thread.join()
        wait_for(lambda: not pnb.runs())
    async with stage_of_a_run() as (tracker, _):
        thread = threading.Thread(target=pnb.carry(work))
        thread.start()
        thread.join()
    failed, cancelled = ("rows", "failed", "torn"), ("rows", "cancelled", "stopped at 4 of 10")
    assert [outline(run) for run in runs] == [[failed], [cancelled]]
    assert outline(tracker)[1] == ("work/rows", "failed", "torn")


def stage_of(_: int) -> StageHandle | None:
    """Return the current stage."""
    return current_stage()


async def test_carry() -> None:
    """`carry` takes the current stage into threads and executors, also into many calls at a time."""
    async with stage_of_a_run():
        for _ in pnb.track([1], "rows"):
            stage = current_stage()
            loop = asyncio.get_running_loop()
            assert await loop.run_in_executor(None, current_stage) is None
            assert await loop.run_in_executor(None, pnb.carry(current_stage)) is stage
            with ThreadPoolExecutor(4) as executor:
                stages = executor.map(pnb.carry(stage_of), range(20))
                assert set(stages) == {stage}
