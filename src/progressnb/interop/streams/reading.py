"""The iterators over a stream: they hand each chunk on as it is, and tell the report of it."""

# pyright: reportUnknownArgumentType=false, reportUnknownVariableType=false, reportUnknownMemberType=false
# Chunks are of any type whatever.

from __future__ import annotations

import asyncio
import logging
import sys
from typing import TYPE_CHECKING, Any, TypeAlias

from progressnb.interop.streams.ends import LEFT_BY_ERROR, LEFT_EARLY, cancelled_reason
from progressnb.tools.bodies import is_dropped_by_error
from progressnb.tracking import running_loop
from progressnb.wire.garbage import is_finalizing

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
    from types import CodeType, FrameType

    from progressnb.errors import RunCancelled
    from progressnb.interop.streams.source import Source

__all__ = [
    "AsyncGeneratorItems",
    "AsyncItems",
    "GeneratorItems",
    "Items",
]

_logger = logging.getLogger("progressnb")


_Asked: TypeAlias = "tuple[CodeType, int]"
"""The code that asked for the first chunk, and the instruction. The frame itself would keep the stream alive."""


def _asked() -> _Asked | None:
    frame: FrameType | None = sys._getframe(1)  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] # no other way
    while frame is not None and frame.f_globals.get("__name__") == __name__:
        frame = frame.f_back
    return (frame.f_code, frame.f_lasti) if frame is not None else None


def _why_dropped(asked: _Asked | None) -> str:
    """Return why the iterator that calls this is dropped, now: by a `break`, or by an error in the loop's body."""
    frame = sys._getframe(2)  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] # who drops it
    if asked is None or not is_dropped_by_error(frame, *asked):
        return LEFT_EARLY
    task = asyncio.current_task() if running_loop() is not None else None
    return cancelled_reason() if task is not None and task.cancelling() else LEFT_BY_ERROR


class Items:
    """The iterator over a stream that is not async. It tells that a loop was left as soon as it is dropped.

    The stream itself stays open, as it does without us: who comes back reads on.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self._iterator: Iterator[Any] | None = None
        self._asked: _Asked | None = None
        self._ended = False

    def __iter__(self) -> Items:
        """Return itself."""
        return self

    def __next__(self) -> Any:  # noqa: ANN401 - a chunk of any type
        """Return the next chunk."""
        return self._take(next)

    def _take(self, take: Callable[[Any], Any]) -> Any:  # noqa: ANN401 - a chunk of any type
        source, report = self._source, self._source.report
        if source.closed:
            raise StopIteration
        iterator = self._iterator or self._open()
        if report.over:  # it is read on after its report
            return take(iterator)
        if report.is_stopped:
            raise self._stopped()
        source.reading.add(read := object())
        try:
            chunk = take(iterator)
        except StopIteration:
            self._ended = True
            source.reading.discard(read)
            if not source.reading:
                report.finish()
            raise
        except BaseException as error:
            self._ended = True
            source.reading.discard(read)
            self._close_stopped()
            if not source.reading:  # else the other reader has the stream, and tells how it ends
                report.fail(error)
            raise
        source.reading.discard(read)
        report.read(chunk)
        return chunk

    def _close_stopped(self) -> None:
        if self._source.report.is_stopped:  # meanwhile
            self._source.close()

    def _open(self) -> Iterator[Any]:
        self._asked = _asked()
        if not self._source.report.over:
            self._source.report.begin(self._source.stream)
        try:
            self._iterator = iter(self._source.stream)
        except BaseException as error:
            self._source.refuse(error)
            raise
        return self._iterator

    def _stopped(self) -> RunCancelled:
        error = self._source.report.stopped_error()
        self._ended = True
        self._source.close()
        self._source.report.fail(error)
        return error

    def close(self) -> None:
        """Leave the loop, and close the stream."""
        if not self._ended and self._iterator is not None:
            self._ended = True
            self._source.report.leave()
            self._source.close()

    def __del__(self, _is_finalizing: Callable[[], bool] = is_finalizing) -> None:
        """Tell that the loop was left early."""
        if _is_finalizing() or self._ended or self._iterator is None or self._source.in_block:
            return
        if not self._source.reading:
            self._source.report.drop(_why_dropped(self._asked))


class GeneratorItems(Items):
    """The iterator over a generator: what is sent or thrown reaches the generator, and what comes is reported."""

    def send(self, value: object) -> Any:  # noqa: ANN401 - a chunk of any type
        """Send a value into the generator; return the chunk that follows."""
        return self._take(lambda generator: generator.send(value))

    def throw(self, *error: Any) -> Any:  # noqa: ANN401 - as the generator's
        """Raise an error in the generator; return the chunk that follows."""
        return self._take(lambda generator: generator.throw(*error))

    def close(self) -> Any:  # noqa: ANN401 - as the generator's
        """Close the generator, and tell that its loop was left."""
        self._ended = True
        self._source.report.leave()
        return self._source.stream.close()


class AsyncItems:
    """The iterator over an async stream. It tells that a loop was left as soon as it is dropped."""

    def __init__(self, source: Source, check: Callable[[object], object]) -> None:
        self._source = source
        self._check = check
        self._iterator: AsyncIterator[Any] | None = None
        self._asked: _Asked | None = None
        self._ended = False

    def __aiter__(self) -> AsyncItems:
        """Return itself."""
        return self

    async def __anext__(self) -> Any:  # noqa: ANN401 - a chunk of any type
        """Return the next chunk."""
        return await self._take(anext)

    async def _take(self, take: Callable[[Any], Awaitable[Any]]) -> Any:  # noqa: ANN401 - a chunk of any type
        source, report = self._source, self._source.report
        if source.closed:
            raise StopAsyncIteration
        iterator = self._iterator or await self._open()
        if report.over:  # it is iterated again
            return await take(iterator)
        if report.is_stopped:
            await self._stop()
        report.await_chunk()
        source.reading.add(read := object())
        try:
            chunk = await take(iterator)
        except StopAsyncIteration:
            self._ended = True
            source.loop = None
            source.reading.discard(read)
            if not source.reading:
                report.finish()
            raise
        except BaseException as error:
            report.end_wait()
            source.reading.discard(read)
            await self._fail(error)
            raise
        finally:
            source.reading.discard(read)
            report.end_wait()
        report.read(chunk)
        return chunk

    async def _open(self) -> AsyncIterator[Any]:
        self._asked = _asked()
        source = self._source
        if not hasattr(type(source.stream), "__aiter__"):  # a coroutine that gives the stream
            source.report.asked()
            try:
                source.stream = await source.stream
            except BaseException as error:
                source.refuse(error)
                raise
            self._check(source.stream)
        if not source.report.over:
            source.report.begin(source.stream)
        try:
            iterator: AsyncIterator[Any] = aiter(source.stream)
        except BaseException as error:
            source.refuse(error)
            raise
        self._iterator = iterator
        source.loop = running_loop()
        return iterator

    async def _fail(self, error: BaseException) -> None:
        report = self._source.report
        if report.interrupted and isinstance(error, asyncio.CancelledError):
            if (task := asyncio.current_task()) is not None:
                task.uncancel()
            await self._stop()
        self._ended = True
        self._source.loop = None
        if not self._source.reading:  # else the other reader has the stream, and tells how it ends
            report.fail(error)

    async def aclose(self) -> None:
        """Leave the loop."""
        if not self._ended and self._iterator is not None and not self._source.in_block:
            self._ended = True
            self._source.report.leave()
            await self._source.aclose()

    async def _stop(self) -> None:
        error = self._source.report.stopped_error()
        self._ended = True
        await self._source.aclose()
        self._source.report.fail(error)
        raise error from None

    def __del__(self, _is_finalizing: Callable[[], bool] = is_finalizing) -> None:
        """Tell that the loop was left early."""
        if _is_finalizing():
            return
        source = self._source
        if self._ended or self._iterator is None or source.in_block or source.report.over or source.reading:
            return
        source.report.drop(_why_dropped(self._asked))


class AsyncGeneratorItems(AsyncItems):
    """The iterator over an async generator, as `GeneratorItems`."""

    async def asend(self, value: object) -> Any:  # noqa: ANN401 - a chunk of any type
        """Send a value into the generator; return the chunk that follows."""
        return await self._take(lambda generator: generator.asend(value))

    async def athrow(self, *error: Any) -> Any:  # noqa: ANN401 - as the generator's
        """Raise an error in the generator; return the chunk that follows."""
        return await self._take(lambda generator: generator.athrow(*error))

    async def aclose(self) -> None:
        """Close the generator, and tell that its loop was left."""
        self._ended = True
        self._source.report.leave()
        await self._source.stream.aclose()
