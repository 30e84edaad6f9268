"""`ProgressStream`: a tool's reports one at a time, then its result."""

import asyncio
import logging
import re
import threading
from collections.abc import AsyncGenerator, Generator
from datetime import UTC
from typing import Any

import pytest

from progressnb import ProgressStream, Result, progress
from progressnb.errors import InvalidProgressError, OperationError, StreamError

closed: list[str] = []


@progress
def batch(items: list[int], *, fail: bool = False) -> Generator[dict[str, Any], None, list[int]]:
    """Double items."""
    try:
        for number, _ in enumerate(items, 1):
            yield {"progress": number / len(items), "status": f"item {number}", "left": len(items) - number}
            if fail:
                raise ValueError("no more paper")
    finally:
        closed.append("batch")
    return [2 * item for item in items]


def plain(count: int) -> Generator[float, None, int]:
    """Count, undecorated."""
    for number in range(count):
        yield (number + 1) / count
    return count


@progress
async def in_the_loop(count: int, *, fail: bool = False) -> AsyncGenerator[Any, None]:
    """Count in the loop."""
    try:
        for number in range(count):
            yield (number + 1) / count
            if fail:
                raise ValueError("no more paper")
        yield Result(count)
    finally:
        closed.append("loop")


def test_direct_streaming() -> None:
    """A `for` gives each report, and then there is the result."""
    stream = ProgressStream(batch, items=[1, 2])
    events = list(stream)
    assert [(event.progress, event.status, event.data) for event in events] == [
        (0.5, "item 1", {"left": 1}),
        (1.0, "item 2", {"left": 0}),
    ]
    assert all(event.timestamp.tzinfo is UTC for event in events)
    assert stream.result == [2, 4]
    assert list(stream) == []


def test_a_plain_generator_function() -> None:
    """A generator function needs no decorator."""
    stream = ProgressStream(plain, 4)
    assert [event.progress for event in stream] == [0.25, 0.5, 0.75, 1]
    assert stream.result == 4


async def test_async_for() -> None:
    """`async for` takes tools of both kinds."""
    stream = ProgressStream(in_the_loop, 2)
    assert [event.progress async for event in stream] == [0.5, 1]
    assert stream.result == 2
    other = ProgressStream(batch, [1, 2])
    assert [event.progress async for event in other] == [0.5, 1]
    assert other.result == [2, 4]


async def test_the_loop_stays_free() -> None:
    """A sync tool waits in a thread while other tasks go on."""
    go_on = threading.Event()

    def waits() -> Generator[float, None, str]:
        yield 0.5
        assert go_on.wait(30)
        return "ok"

    stream = ProgressStream(waits)
    async for _ in stream:
        asyncio.get_running_loop().call_soon(go_on.set)
    assert stream.result == "ok"


def test_result_too_early() -> None:
    """A result before the end says that the stream still goes on."""
    stream = ProgressStream(batch, [1, 2])
    with pytest.raises(StreamError, match="still goes on"):
        _ = stream.result
    next(iter(stream))
    with pytest.raises(StreamError, match="still goes on"):
        _ = stream.result


def test_result_after_a_failure() -> None:
    """A failure is raised where it happens; the result then says so, and keeps the error as its cause."""
    stream = ProgressStream(batch, [1, 2], fail=True)
    with pytest.raises(ValueError, match="paper"):
        list(stream)
    with pytest.raises(StreamError, match="no more paper") as caught:
        _ = stream.result
    assert isinstance(caught.value.__cause__, ValueError)


async def test_result_after_an_async_failure() -> None:
    """The same for an async tool."""
    stream = ProgressStream(in_the_loop, 2, fail=True)
    with pytest.raises(ValueError, match="paper"):
        [event async for event in stream]
    with pytest.raises(StreamError, match="no more paper"):
        _ = stream.result


async def test_closed_early() -> None:
    """Closing runs the generator's `finally`; the result then says that it was closed."""
    closed.clear()
    first = ProgressStream(batch, [1, 2])
    next(iter(first))
    first.close()
    second = ProgressStream(in_the_loop, 2)
    async for _ in second:
        break
    await second.aclose()
    assert closed == ["batch", "loop"]
    for stream in (first, second):
        with pytest.raises(StreamError, match="closed early"):
            _ = stream.result
    assert list(first) == []


async def test_cancelled_while_a_step_is_at_work() -> None:
    """Cancelling the loop over a sync tool closes it as soon as its step is over; closing waits for that."""
    begun, go_on = threading.Event(), threading.Event()
    closed.clear()

    def slow() -> Generator[float, None, None]:
        try:
            begun.set()
            assert go_on.wait(30)
            yield 0.5
            yield 0.6
        finally:
            closed.append("slow")

    async def follow() -> None:
        async for _ in stream:
            pass

    stream = ProgressStream(slow)
    task = asyncio.create_task(follow())
    await asyncio.to_thread(begun.wait, 30)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    go_on.set()
    await stream.aclose()
    assert closed == ["slow"]
    with pytest.raises(StreamError, match="closed early"):
        _ = stream.result


def test_a_loop_taken_up_again() -> None:
    """A loop that was left goes on where it was."""
    stream = ProgressStream(plain, 4)
    for _ in stream:
        break
    assert [event.progress for event in stream] == [0.5, 0.75, 1]
    assert stream.result == 4


def test_wrong_progress(caplog: pytest.LogCaptureFixture) -> None:
    """A progress that falls or can't be read is left out, with one warning a stream."""

    def odd() -> Generator[Any, None, str]:
        yield from (0.5, "x", 0.1, float("nan"))
        return "ok"

    with caplog.at_level(logging.WARNING):
        assert [event.progress for event in ProgressStream(odd)] == [0.5, 0.5, 0.5, 0.5]
    assert len(caplog.records) == 1
    assert "odd yielded neither a mapping nor a number" in caplog.text


def test_progress_over_one() -> None:
    """A percent in the place of a share ends the stream with an error that says what to pass."""

    def odd() -> Generator[Any, None, str]:
        yield {"progress": 50}
        return "ok"

    stream = ProgressStream(odd)
    with pytest.raises(InvalidProgressError, match="Pass 0–1: done / total"):
        next(iter(stream))
    with pytest.raises(StreamError, match="its failure"):
        _ = stream.result


def test_methods() -> None:
    """A method that is a tool keeps its object."""

    class Reader:
        pages = 2

        @progress
        def read(self, more: int) -> Generator[float, None, int]:
            yield 0.5
            return self.pages + more

    stream = ProgressStream(Reader().read, 1)
    assert [event.progress for event in stream] == [0.5]
    assert stream.result == 3


def test_for_over_an_async_tool() -> None:
    """`for` over an async tool says what to write instead."""
    with pytest.raises(OperationError, match="async for"):
        iter(ProgressStream(in_the_loop, 2))


@pytest.mark.parametrize("function", [dict, asyncio.sleep], ids=lambda value: re.sub(r" at 0x\w+", "", str(value)))
def test_what_is_no_generator(function: Any) -> None:
    """A function that yields nothing is refused."""
    with pytest.raises(OperationError, match="generator"):
        ProgressStream(function, *([0] if function is asyncio.sleep else []))


def test_a_wrong_call() -> None:
    """Wrong arguments are the caller's error at once."""
    with pytest.raises(TypeError):
        ProgressStream(batch, wrong=1)  # type: ignore[call-overload]


def test_repr_is_one_line() -> None:
    """The repr says which tool and how far it is."""
    stream = ProgressStream(plain, 4)
    assert repr(stream) == "<ProgressStream plain: running>"
    next(iter(stream))
    assert repr(stream) == "<ProgressStream plain: running, 25 %>"
