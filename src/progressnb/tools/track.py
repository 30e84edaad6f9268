"""`track` and `atrack`: any loop reports how far it is.

An iteration costs a bare one plus some ten nanoseconds: the items are counted in C, by what is left of an
iterator that is used up in step with them, and a timer looks at the count ten times a second.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterable, AsyncIterator
from itertools import compress
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar, overload

from progressnb.tools.loop import Loop, length_of
from progressnb.tracking.clock import TURN

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Iterable, Iterator

__all__ = ["AsyncTrack", "atrack", "track"]

T = TypeVar("T")


def track(iterable: Iterable[T], description: str = "work", total: float | None = None) -> Iterator[T]:
    """Iterate and report how far that is, as a stage below the current one.

    Outside any run the loop is a run of its own, with a bar under the cell or in the terminal;
    `pnb.configure(show=False)` silences it. What the loop's body calls reports below it. Without `total` the
    length is asked of the iterable; where it has none the percent is unknown. A loop that is left early ends as
    cancelled, with the percent that it had. The Cancel button of a loop of its own raises `RunCancelled` after
    the item at work. Raises `InvalidProgressError` for a total that is no number of 0 or more. ::

        for name in pnb.track(files, "reading files"):
            read(name)
    """
    loop = Loop(description, length_of(iterable, total))
    return _follow(iter(iterable), loop)


def _follow(source: Iterator[T], loop: Loop) -> Iterator[T]:
    loop.begin()
    cancelled = loop.cancelled
    try:
        for item in compress(source, loop.tickets):
            yield item
            if cancelled:
                loop.raise_cancelled()
    except BaseException as error:
        loop.leave(error)
        raise
    loop.finish()


class AsyncTrack:
    """`atrack`: what `track` is, for `async for`, with `atrack.gather` and `atrack.as_completed`."""

    def __call__(
        self, iterable: AsyncIterable[T] | Iterable[T], description: str = "work", total: float | None = None
    ) -> AsyncIterator[T]:
        """Iterate with `async for` and report how far that is, as `track` does.

        A plain iterable also gives the event loop its turns, so that other tasks go on. ::

            async for page in pnb.atrack(pages(), "reading pages", total=12):
                await store(page)
        """
        return _Following(iterable, Loop(description, length_of(iterable, total)))

    @overload
    async def gather(
        self, *awaitables: Awaitable[T], description: str = "tasks", return_exceptions: Literal[False] = False
    ) -> list[T]: ...
    @overload
    async def gather(
        self, *awaitables: Awaitable[T], description: str = "tasks", return_exceptions: bool
    ) -> list[T | BaseException]: ...
    async def gather(
        self, *awaitables: Awaitable[Any], description: str = "tasks", return_exceptions: bool = False
    ) -> list[Any]:
        """Await all, as `asyncio.gather` does, and report how many have completed.

        Results come in the order of the awaitables. The first error is raised at once, and the others go on;
        `return_exceptions` returns errors in place of results. Cancelling this cancels them all. ::

            pages = await pnb.atrack.gather(*(fetch(url) for url in urls), description="fetching")
        """
        loop, futures = _begin_all(awaitables, description)
        try:
            together = asyncio.gather(*futures, return_exceptions=return_exceptions)
            loop.cancel_with(together)
            results = await together
            if loop.cancelled:  # its awaitables were cancelled, and gather returned that
                loop.raise_cancelled()
        except BaseException as error:
            if loop.cancelled and isinstance(error, asyncio.CancelledError):
                loop.leave(error)
                loop.raise_cancelled()
            loop.leave(error)
            raise
        loop.finish()
        return results

    def as_completed(
        self, awaitables: Iterable[Awaitable[T]], *, description: str = "tasks", timeout: float | None = None
    ) -> Iterator[Awaitable[T]]:
        """Yield awaitables in the order in which they complete, as `asyncio.as_completed` does, and report it.

        They begin with the first step of the iteration. `timeout` is in seconds; what is awaited after it raises
        TimeoutError. ::

            for next_page in pnb.atrack.as_completed(map(fetch, urls), description="fetching"):
                page = await next_page
        """
        loop, futures = _begin_all(awaitables, description)
        try:
            for completed in asyncio.as_completed(futures, timeout=timeout):
                yield completed
                if loop.cancelled:
                    loop.raise_cancelled()
        except BaseException as error:
            loop.leave(error)
            raise
        loop.finish()


atrack = AsyncTrack()


def _begin_all(awaitables: Iterable[Awaitable[T]], description: str) -> tuple[Loop, list[asyncio.Future[T]]]:
    listed = list(awaitables)
    loop = Loop(description, len({id(each) for each in listed}), parallel=True)
    loop.begin()  # before the tasks, which take what is current along
    try:
        made: dict[int, asyncio.Future[T]] = {}
        for each in listed:  # one that comes twice is awaited once
            made[id(each)] = made.get(id(each)) or asyncio.ensure_future(each)
    except BaseException as error:
        loop.leave(error)
        raise
    futures = list(made.values())
    loop.completed = lambda: sum(future.done() for future in futures)
    return loop, [made[id(each)] for each in listed]


class _Following(AsyncIterator[T], Generic[T]):
    """An async iterator that ends its stage as soon as nobody holds it; Python closes generators later."""

    def __init__(self, iterable: AsyncIterable[T] | Iterable[T], loop: Loop) -> None:
        self._loop = loop
        items: AsyncGenerator[T]
        if isinstance(iterable, AsyncIterable):
            items = _follow_async(aiter(iterable), loop)
        else:
            items = _take_turns(iter(iterable), loop)
        self._items = items
        self._next = items.__anext__

    def __anext__(self) -> Awaitable[T]:
        """Return the next item."""
        return self._next()

    async def aclose(self) -> None:
        """Close the iterator."""
        await self._items.aclose()

    def __del__(self) -> None:
        """End the stage of a loop that was left."""
        self._loop.leave(None)


async def _follow_async(source: AsyncIterator[T], loop: Loop) -> AsyncGenerator[T]:
    loop.begin()
    cancelled, tickets = loop.cancelled, loop.tickets
    try:
        async for item in source:
            next(tickets)
            yield item
            if cancelled:
                loop.raise_cancelled()
    except BaseException as error:
        loop.leave(error)
        raise
    loop.finish()


async def _take_turns(source: Iterator[T], loop: Loop) -> AsyncGenerator[T]:
    loop.begin()
    cancelled, since = loop.cancelled, time.monotonic()
    try:
        for item in compress(source, loop.tickets):
            yield item
            if time.monotonic() - since >= TURN:
                await asyncio.sleep(0)
                since = time.monotonic()
            if cancelled:
                loop.raise_cancelled()
    except BaseException as error:
        loop.leave(error)
        raise
    loop.finish()
