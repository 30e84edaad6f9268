"""`stream`: a stream that never begins is a failed run, and one that two read at once ends with the last of them."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any, Self, cast

import pytest

import progressnb as pnb


class Refusing:
    """A stream, or a block of one, whose request is refused."""

    def __iter__(self) -> Iterator[str]:
        raise ConnectionError("401")

    def __aiter__(self) -> AsyncIterator[str]:
        raise ConnectionError("401")

    def __enter__(self) -> Self:
        raise ConnectionError("401")

    def __exit__(self, *_: object) -> None: ...

    async def __aenter__(self) -> Self:
        raise ConnectionError("401")

    async def __aexit__(self, *_: object) -> None: ...


async def refused() -> Any:
    """Request a stream, which is refused."""
    await asyncio.sleep(0)
    raise ConnectionError("401")


async def letters() -> AsyncIterator[str]:
    """Stream a few letters."""
    for letter in "abcdef":
        await asyncio.sleep(0)
        yield letter


async def by_await() -> None:
    """Await the request."""
    await pnb.stream(refused())


async def by_loop() -> None:
    """Loop over the request."""
    async for _ in cast("Any", pnb.stream(refused())):
        pass


async def by_task() -> None:
    """Hand the request to a task."""
    await asyncio.create_task(pnb.stream(refused()))


async def by_block() -> None:
    """Enter the stream's block."""
    async with pnb.stream(Refusing()):
        pass


async def by_async_iterator() -> None:
    """Ask the stream for its iterator."""
    async for _ in pnb.stream(Refusing()):
        pass


async def by_plain_block() -> None:
    """Enter the stream's block, not async."""
    with pnb.stream(Refusing()):
        pass


async def by_plain_iterator() -> None:
    """Ask the stream for its iterator, not async."""
    list(pnb.stream(Refusing()))


@pytest.mark.parametrize(
    "read", [by_await, by_loop, by_task, by_block, by_async_iterator, by_plain_block, by_plain_iterator]
)
async def test_a_stream_that_never_begins_is_a_failed_run(read: Callable[[], Any]) -> None:
    """A request that is refused is told, however the stream was to be read; the error is raised as it is."""
    seen: list[Any] = []
    pnb.configure(screen=seen.append)
    with pytest.raises(ConnectionError, match="401"):
        await read()
    assert [(run.status, run.state.error) for run in seen] == [("failed", "401")]


async def test_a_request_that_is_cancelled_is_a_cancelled_run() -> None:
    """A request that takes too long is told as cancelled."""
    seen: list[Any] = []
    pnb.configure(screen=seen.append)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(pnb.stream(asyncio.sleep(60)), 0.01)
    assert [run.status for run in seen] == ["cancelled"]


async def test_two_readers_of_one_stream() -> None:
    """The second reader of an async generator is refused by it, and the first gets the whole: the run ends well."""
    seen: list[Any] = []
    pnb.configure(screen=seen.append)
    stream = pnb.stream(letters())

    async def read() -> list[str]:
        return [each async for each in stream]

    whole, refusal = await asyncio.gather(read(), read(), return_exceptions=True)
    assert whole == list("abcdef")
    assert isinstance(refusal, RuntimeError)
    assert [(run.status, run.result) for run in seen] == [("finished", "abcdef")]
