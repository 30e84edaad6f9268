"""The body of a loop in a frame: whether the frame is still in it, and by what it was left."""

# ruff: noqa: ASYNC100, B007, PT011, PT012, TRY301, UP028 - each loop is made as it is on purpose

import asyncio
import gc
import sys
from collections.abc import Callable, Generator, Iterator
from typing import Any, Self

import pytest

from progressnb.tools.bodies import Body, Reader

left_by: list[str] = []
latest: list[Body] = []


@pytest.fixture(autouse=True)
def fresh() -> None:
    """Forget what other tests have left."""
    latest.clear()
    gc.collect()  # frames of tests before this one close their iterators
    left_by.clear()


def items(count: int) -> Generator[int]:
    """Yield numbers, and learn whose loop asks for them and how it drops them."""
    frame = sys._getframe().f_back
    assert frame is not None
    latest[:] = [body := Body(frame)]
    try:
        yield from range(count)
    except GeneratorExit:
        left_by.append("error" if body.is_left_by_error() else "break")
        raise


def is_left() -> bool:
    """Return whether the latest loop was left."""
    return latest[0].is_left()


def test_in_the_body_and_after_it() -> None:
    """A frame is in the body with each item, and has left it after the last one, also in its `else`."""
    for _ in items(3):
        assert not is_left()
    assert is_left()
    for _ in items(2):
        pass
    assert is_left()
    for number in items(2):
        if number == 0:
            continue
        break
    assert is_left()


def test_an_iterator_that_is_kept() -> None:
    """A break leaves the body although the iterator lives on."""
    kept = items(3)
    for _ in kept:
        break
    assert is_left()
    assert left_by == []


def returns_plainly() -> int | None:
    """Return from the body."""
    for number in items(3):
        return number
    return None


def returns_from_a_block() -> list[int] | None:
    """Return from a block in the body."""
    for number in items(3):
        with open("/dev/null"):  # noqa: PTH123 - any block
            return [number, 1]
    return None


def breaks() -> None:
    """Break."""
    for _ in items(3):
        break


@pytest.mark.parametrize("function", [breaks, returns_plainly, returns_from_a_block])
def test_left_without_an_error(function: Callable[[], object]) -> None:
    """`break` and `return` are told from an error where the iterator is dropped."""
    function()
    assert left_by == ["break"]


def raises() -> None:
    """Raise in the body."""
    for _ in items(3):
        raise ValueError


def raises_with_a_name() -> None:
    """Raise in the body of an iterator that has a name."""
    kept = items(3)
    for _ in kept:
        raise ValueError


def test_left_by_an_error() -> None:
    """An error that leaves the body is known by its traceback, with or without a name for the iterator."""
    with pytest.raises(ValueError) as caught:
        raises()
    assert left_by == ["error"]
    assert latest[0].is_in(caught.value)
    assert is_left()
    with pytest.raises(ValueError) as caught:
        raises_with_a_name()
    assert latest[0].is_in(caught.value)
    assert is_left()


def test_errors_that_stay_in_the_body() -> None:
    """An error that the body catches leaves nothing; one that is caught around the loop has left it."""
    nothing: dict[str, int] = {}
    for _ in items(3):
        try:
            nothing["a"]
        except KeyError:
            assert not is_left()
            continue
        finally:
            assert not is_left()
    assert (is_left(), left_by) == (True, [])
    try:
        for _ in items(3):
            nothing["a"]
    except KeyError as error:
        assert is_left()
        assert latest[0].is_in(error)  # noqa: PT017 - within the handler
    assert left_by == ["error"]
    try:
        nothing["b"]
    except KeyError as error:
        assert not latest[0].is_in(error)  # noqa: PT017 - within the handler


def test_nested() -> None:
    """An inner loop that is left leaves the outer body alone."""
    for _ in items(2):
        for number in range(3):
            assert not is_left()
            if number == 1:
                break
        try:
            raise KeyError
        except KeyError:
            assert not is_left()
        assert not is_left()
    assert is_left()


def test_other_readers() -> None:
    """`zip`, comprehensions and calls read an iterator as a loop does."""
    for _ in zip(items(3), [1, 2, 3], strict=True):
        assert not is_left()
    assert is_left()
    assert [is_left() for _ in items(3)] == [False] * 3
    assert is_left()
    list(items(3))
    assert is_left()


def test_a_generator_that_waits() -> None:
    """A generator that stands in the body has not left it."""

    def numbers() -> Iterator[int]:
        for number in items(3):
            yield number

    generator = numbers()
    next(generator)
    assert not is_left()


class AsyncItems:
    """An async iterator that learns whose loop asks it."""

    def __init__(self, count: int) -> None:
        self._left = count
        self._known = False

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> int:
        if not self._known:
            self._known = True
            frame = sys._getframe().f_back
            assert frame is not None
            latest[:] = [Body(frame)]
        await asyncio.sleep(0)
        if self._left == 0:
            raise StopAsyncIteration
        self._left -= 1
        return self._left


async def test_async_loops() -> None:
    """`async for` has a body as `for` has, also while it awaits, and in blocks and child tasks."""
    async for _ in AsyncItems(3):
        assert not is_left()
        await asyncio.sleep(0)
        assert not is_left()
    assert is_left()
    kept = AsyncItems(3)
    async for _ in kept:
        break
    assert is_left()
    async for _ in AsyncItems(2):
        try:
            raise KeyError
        except KeyError:
            assert not is_left()
        async with asyncio.timeout(60):
            assert not is_left()
    assert is_left()

    async def child() -> bool:
        return is_left()

    for _ in items(2):
        assert not await asyncio.create_task(child())
    assert is_left()
    with pytest.raises(ValueError) as caught:
        async for _ in AsyncItems(2):
            raise ValueError
    assert is_left()
    assert latest[0].is_in(caught.value)


async def test_anext_is_no_loop_around_it() -> None:
    """`await anext(…)` in the body of an unrelated `async for` is not taken for that loop."""
    other = AsyncItems(1)
    async for _ in AsyncItems(1):
        await anext(other)
        assert not latest[0].is_loop
    assert not is_left()


def reader_of(iterator: Callable[[Reader], Iterator[Any]]) -> Iterator[Any]:
    """Yield numbers with the reader that asks for the first."""
    frame = sys._getframe().f_back
    assert frame is not None
    yield from iterator(Reader(frame))


def test_calls_in_a_while() -> None:
    """A frame that reads by `next` in a `while` is in the loop there; after a single `next` it is aside."""

    def endless(reader: Reader) -> Iterator[Reader]:
        while True:
            yield reader

    kept = reader_of(endless)
    count = 0
    while True:
        reader = next(kept)
        assert not reader.is_aside()
        assert not reader.is_left()
        count += 1
        if count == 3:
            break
    assert reader.is_aside()
    assert not reader.is_left()
    reader = next(reader_of(endless))
    assert reader.is_aside()


def test_a_generator_in_between() -> None:
    """The loop around a generator that reads is where the body is; leaving it leaves the iterator."""

    def endless(reader: Reader) -> Iterator[Reader]:
        while True:
            yield reader

    def batches(source: Iterator[Reader]) -> Iterator[Reader]:
        for each in source:
            yield each

    wrapped = batches(reader_of(endless))
    for reader in wrapped:
        assert not reader.is_left()
        assert not reader.is_aside()
        break
    assert reader.is_left()
    with pytest.raises(ValueError) as caught:
        for reader in batches(reader_of(endless)):
            raise ValueError
    assert reader.is_in(caught.value)


def test_causes() -> None:
    """An error is found in a group, and behind the one that was raised in its place."""

    def numbers(reader: Reader) -> Iterator[Reader]:
        yield reader

    try:
        for reader in reader_of(numbers):
            raise KeyError("inner")
    except KeyError as error:
        inner = error
    outer = RuntimeError("outer")
    outer.__cause__ = ExceptionGroup("many", [ValueError("other"), inner])
    assert reader.find(outer) is inner
    assert reader.find(ValueError("another")) is None


def test_large_functions() -> None:
    """A body of hundreds of lines is known as a small one is; of functions beyond all measure nobody knows."""
    lines = "\n".join(f"  a{number}={number}; b=a{number}+1 if a{number}%2 else 0" for number in range(300))
    names: dict[str, Any] = {}
    exec(f"def large(items, check):\n for x in items(2):\n{lines}\n  check(False)\n check(True)\n", names)  # noqa: S102 - our own text

    def check(wanted: bool) -> None:
        assert is_left() is wanted

    names["large"](items, check)
