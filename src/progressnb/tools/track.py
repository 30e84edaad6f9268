"""`track` and `atrack`: iterators that report a loop as a stage.

An iteration costs some ten nanoseconds more than a bare one. `itertools.compress` advances a second iterator with each
item, in C, and a timer reads ten times a second how much of it is left.
"""

from __future__ import annotations

import asyncio
import inspect
import time
import weakref
from collections.abc import AsyncIterable, AsyncIterator, Iterator
from itertools import compress
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar, overload

from progressnb.tools.counts import count_of, length_of
from progressnb.tools.loop import Loop
from progressnb.tools.options import Hinting, checked_show, refuse_async, with_hints
from progressnb.tracking.clock import TURN
from progressnb.wire.garbage import is_finalizing
from progressnb.wire.loops import asyncio_loop
from progressnb.wire.pickles import Unpicklable

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Iterable
    from types import FrameType
    from typing import Self

__all__ = ["AsyncTrack", "Following", "Track", "atrack", "track"]

T = TypeVar("T")

_CAN_WAIT = 0x80 | 0x200  # the flags of coroutines and async generators


class Track(Hinting, Unpicklable, Iterator[T], Generic[T]):
    """The type of `track(…)`: an iterator over the items, with `set` for facts behind the count."""

    def __init__(self, iterable: Iterable[T], loop: Loop) -> None:
        self._loop = loop
        self._items = _follow(iter(iterable), loop)
        loop.items = weakref.ref(self._items)

    def __iter__(self) -> Iterator[T]:  # noqa: PYI034 - not itself
        """Return the iterator that does the work, so that an iteration runs no code of this class."""
        self._loop.read_again()
        return self._items

    def __next__(self) -> T:
        """Return the next item."""
        return next(self._items)

    def set(self, **facts: Any) -> None:  # noqa: ANN401 - any data
        """Show facts behind the count, as tqdm's `set_postfix` does; they are written ten times a second at most.

        Args:
            **facts: Numbers or texts by name. They stay until they are set again; None takes one away.

        Example:
            ::

                bar = pnb.track(range(100), "training")
                for step in bar:
                    bar.set(loss=1 / (step + 1))

        """
        self._loop.set(facts)

    def close(self) -> None:
        """End the loop early, as leaving it does."""
        self._loop.close()
        self._items.close()

    def __del__(self, _is_finalizing: Callable[[], bool] = is_finalizing) -> None:
        """End a loop that was left: the frame that has read the iterator may keep it a little longer."""
        if not _is_finalizing():
            self._loop.drop()


@with_hints
def track(
    iterable: Iterable[T],
    description: str = "work",
    total: float | None = None,
    *,
    initial: float = 0,
    show: bool | None = None,
) -> Track[T]:
    """Iterate over items and report the loop as a stage below the current one.

    Outside any run the loop is a run of its own, with a bar below the cell or in the terminal.
    `pnb.configure(show=False)` hides the bar. Code that the body calls reports below the stage of the loop.

    The loop is current as long as its body is at work. One that is left by `break` is finished, "stopped at 10 of
    100". An error of the body that leaves the stage, the run, the cell or the script fails it. An iterator that is
    kept by name may be taken up again later: it counts on, in a row of its own. The Cancel button of a loop outside any
    run ends it once the item at work is done, or at once where nobody iterates.

    In the body `pnb.current_stage().update(message="…", loss=0.1)` shows a message and facts behind the count.

    Args:
        iterable: The items.
        description: The name of the stage.
        total: The number of items. None takes the length of the iterable. Without a length the percent is unknown.
        initial: The number of items that were done before, for a loop that is taken up again. They count for the
            percent and not for the rate. A `total` that is given includes them.
        show: False shows no bar for a loop outside any run; None does as `configure` says.

    Returns:
        An iterator over the items, with a method `set(loss=…)` for facts behind the count.

    Raises:
        InvalidProgressError: For a total or an initial count that is not a number of 0 or more.
        RunCancelled: While iterating, when the Cancel button has ended the loop.

    Example:
        ::

            for name in pnb.track(["a.txt", "b.txt"], "reading files"):
                print(name)

    """
    refuse_async(iterable)
    initial, show = count_of(initial), checked_show(show)
    return Track(iterable, Loop(description, length_of(iterable, total, initial), initial=initial, show=show))


def _caller() -> FrameType | None:
    """Return the frame that asks the calling generator for an item, outside of this file."""
    frame = _asking_frame(inspect.currentframe())
    while frame is not None and frame.f_code.co_filename == __file__:
        frame = frame.f_back
    return frame


def _asking_frame(frame: FrameType | None) -> FrameType | None:
    """Return the frame that asks the generator for an item that has called this frame."""
    generator = frame.f_back if frame is not None else None
    return generator.f_back if generator is not None else None


def _async_caller() -> FrameType | None:
    """Return the coroutine that asks the calling generator for an item; None where a task of its own asks."""
    frame = _asking_frame(inspect.currentframe())
    return frame if frame is not None and frame.f_code.co_flags & _CAN_WAIT else None


def _follow(source: Iterator[T], loop: Loop) -> Generator[T]:
    loop.begin(_caller())
    flags = loop.flags
    try:
        for item in compress(source, loop.tickets):
            yield item
            if flags:
                loop.attend(_caller())
    except BaseException as error:
        loop.leave(error)
        raise
    loop.finish()


class AsyncTrack:
    """The type of `atrack`: `track` for `async for`, with `atrack.gather` and `atrack.as_completed`."""

    def __reduce__(self) -> str:
        """Pickle by name, as functions are."""
        return "atrack"

    @with_hints
    def __call__(
        self,
        iterable: AsyncIterable[T] | Iterable[T],
        description: str = "work",
        total: float | None = None,
        *,
        initial: float = 0,
        show: bool | None = None,
    ) -> Following[T]:
        """Iterate with `async for` and report the loop as a stage below the current one, as `track` does.

        Over an iterable that is not async this also lets the event loop do other work from time to time.

        Args:
            iterable: The items, async or not.
            description: The name of the stage.
            total: The number of items. None takes the length of the iterable. Without a length the percent is unknown.
            initial: The number of items that were done before; a `total` that is given includes them.
            show: False shows no bar for a loop outside any run; None does as `configure` says.

        Returns:
            An async iterator over the items, with a method `set(loss=…)` for facts behind the count.

        Raises:
            InvalidProgressError: For a total or an initial count that is not a number of 0 or more.
            RunCancelled: While iterating, when the Cancel button has ended the loop.

        Example:
            ::

                async for name in pnb.atrack(["a.txt", "b.txt"], "reading files"):
                    print(name)

        """
        initial, show = count_of(initial), checked_show(show)
        return Following(iterable, Loop(description, length_of(iterable, total, initial), initial=initial, show=show))

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
        """Await all awaitables, as `asyncio.gather` does, and report how many have completed.

        The first error is raised at once, and the other awaitables go on. Cancelling the call cancels them all.

        Args:
            *awaitables: Coroutines, tasks or futures. One that is given twice is awaited once.
            description: The name of the stage.
            return_exceptions: Whether errors are returned in the place of results.

        Returns:
            The results, in the order of the awaitables.

        Raises:
            RunCancelled: When the Cancel button has ended it.

        Example:
            ::

                pauses = (asyncio.sleep(0, number) for number in range(3))
                assert await pnb.atrack.gather(*pauses, description="sleeping") == [0, 1, 2]

        """
        loop, futures = _begin_all(awaitables, description)
        try:
            together = asyncio.gather(*futures, return_exceptions=return_exceptions)
            loop.cancel_with(together)
            results = await together
            if loop.is_cancelled:  # `return_exceptions` returned the cancellations as results
                loop.raise_cancelled()
        except BaseException as error:
            if loop.is_cancelled and isinstance(error, asyncio.CancelledError):
                loop.leave(error)
                loop.raise_cancelled()
            loop.leave(error)
            raise
        loop.finish()
        return results

    def as_completed(
        self, awaitables: Iterable[Awaitable[T]], *, description: str = "tasks", timeout: float | None = None
    ) -> Iterator[Awaitable[T]]:
        """Yield awaitables in the order in which they complete, as `asyncio.as_completed` does, and report them.

        They begin with the first step of the iteration.

        Args:
            awaitables: Coroutines, tasks or futures.
            description: The name of the stage.
            timeout: Seconds after which awaiting the next one raises `TimeoutError`; None waits without a limit.

        Yields:
            Awaitables of the results.

        Raises:
            RunCancelled: When the Cancel button has ended it.

        Example:
            ::

                pauses = [asyncio.sleep(0, number) for number in range(3)]
                for pause in pnb.atrack.as_completed(pauses, description="sleeping"):
                    print(await pause)

        """
        loop, futures = _begin_all(awaitables, description, _caller())
        flags = loop.flags
        try:
            for completed in asyncio.as_completed(futures, timeout=timeout):
                yield completed
                if flags:
                    loop.attend(_caller())
        except BaseException as error:
            loop.leave(error)
            raise
        loop.finish()


atrack = AsyncTrack()


def _begin_all(
    awaitables: Iterable[Awaitable[T]], description: str, frame: FrameType | None = None
) -> tuple[Loop, list[asyncio.Future[T]]]:
    asyncio_loop()
    listed = list(awaitables)
    loop = Loop(description, len({id(each) for each in listed}), parallel=True)
    loop.begin(frame)  # before the tasks, which copy the current stage
    try:
        made: dict[int, asyncio.Future[T]] = {}
        for each in listed:  # one that is given twice is awaited once
            made[id(each)] = made.get(id(each)) or asyncio.ensure_future(each)
    except BaseException as error:
        loop.leave(error)
        raise
    futures = list(made.values())
    loop.completed = lambda: sum(future.done() and not future.cancelled() for future in futures)
    return loop, [made[id(each)] for each in listed]


class Following(Hinting, Unpicklable, AsyncIterator[T], Generic[T]):
    """The type of `atrack(…)`, with `set` for facts behind the count.

    It ends its stage as soon as it is dropped; an async generator would be closed later.
    """

    def __init__(self, iterable: AsyncIterable[T] | Iterable[T], loop: Loop) -> None:
        self._loop = loop
        items: AsyncGenerator[T]
        if isinstance(iterable, AsyncIterable):
            items = _follow_async(aiter(iterable), loop)
        else:
            items = _take_turns(iter(iterable), loop)
        self._items = items
        loop.items = weakref.ref(items)
        self._next = items.__anext__

    def __aiter__(self) -> Self:
        """Return the iterator."""
        self._loop.read_again()
        return self

    def __anext__(self) -> Awaitable[T]:
        """Return the next item."""
        return self._next()

    def set(self, **facts: Any) -> None:  # noqa: ANN401 - any data
        """Show facts behind the count, as `set` of `track` does."""
        self._loop.set(facts)

    async def aclose(self) -> None:
        """End the loop early, as leaving it does."""
        self._loop.close()
        await self._items.aclose()

    def __del__(self, _is_finalizing: Callable[[], bool] = is_finalizing) -> None:
        """End the stage of a loop that was left early."""
        if not _is_finalizing():
            self._loop.leave(None)


async def _follow_async(source: AsyncIterator[T], loop: Loop) -> AsyncGenerator[T]:
    loop.begin(_async_caller())
    flags, tickets = loop.flags, loop.tickets
    try:
        async for item in source:
            next(tickets)
            yield item
            if flags:
                loop.attend(_async_caller())
    except BaseException as error:
        loop.leave(error)
        raise
    loop.finish()


async def _take_turns(source: Iterator[T], loop: Loop) -> AsyncGenerator[T]:
    loop.begin(_async_caller())
    flags, since = loop.flags, time.monotonic()
    try:
        for item in compress(source, loop.tickets):
            yield item
            if time.monotonic() - since >= TURN:
                await asyncio.sleep(0)
                since = time.monotonic()
            if flags:
                loop.attend(_async_caller())
    except BaseException as error:
        loop.leave(error)
        raise
    loop.finish()
