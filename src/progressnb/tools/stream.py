"""`ProgressStream`: the reports of a generator tool as an iterator, and then its result."""

from __future__ import annotations

import asyncio
import inspect
import logging
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, ParamSpec, TypeVar, cast, overload

from progressnb.errors import OperationError, StreamError
from progressnb.tools.steps import Result, read_step, result_of
from progressnb.tools.tool import generator_of
from progressnb.tracking.clock import SystemClock

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Generator, Iterator, Mapping
    from datetime import datetime

    from progressnb.tracking.clock import Clock

__all__ = ["ProgressStream", "StreamEvent"]

P = ParamSpec("P")
T = TypeVar("T")

_NOTHING: Any = object()

_logger = logging.getLogger("progressnb")


@dataclass(frozen=True, slots=True)
class StreamEvent:
    """One report of a generator tool.

    Attributes:
        progress: From 0 to 1, or None before the first report of it.
        status: A text, or None.
        data: Other values by name.
        timestamp: The time of the report, in UTC.

    """

    progress: float | None
    status: str | None
    data: Mapping[str, Any]
    timestamp: datetime


class ProgressStream(Generic[T]):
    """An iterator over the reports of a generator tool, which then has its `result`.

    Iterate with `for` over a function that is not async. Iterate with `async for` over any: a function that is not
    async then works in a thread. No stage shows these reports.

    A loop that is left early can be continued by a second loop. `close()`, `aclose()` and a cancellation stop the
    generator for good.

    Args:
        function: A `@progress` tool or a generator function, async or not.
        *args: The arguments of the function.
        **kwargs: The arguments of the function by name.

    Raises:
        OperationError: For a function that is not a generator function.

    Example:
        ::

            def resize(files):
                for number, file in enumerate(files, 1):
                    yield {"progress": number / len(files), "status": file}
                return len(files)

            stream = pnb.ProgressStream(resize, ["a.png", "b.png"])
            for event in stream:
                print(event.progress, event.status)
            assert stream.result == 2

    """

    @overload
    def __init__(
        self: ProgressStream[Any], function: Callable[P, Awaitable[Any]], *args: P.args, **kwargs: P.kwargs
    ) -> None: ...
    @overload
    def __init__(self, function: Callable[P, Generator[Any, Any, T]], *args: P.args, **kwargs: P.kwargs) -> None: ...
    @overload
    def __init__(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> None: ...
    def __init__(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> None:
        inner = generator_of(function)
        self._name = getattr(function, "__name__", repr(function))
        made = inner(*args, **kwargs)
        # Another function has done its work by now. That can't be taken back.
        if not inspect.isgenerator(made) and not inspect.isasyncgen(made):
            if inspect.iscoroutine(made):
                made.close()
            raise OperationError("a generator function", self._name, 'Write `yield {"progress": 0.5}` in it.')
        self._generator: Generator[Any, Any, Any] | AsyncGenerator[Any, Any] = made
        self._clock: Clock = SystemClock()
        self._working = threading.RLock()  # held during each step, so that `close` waits for it
        self._progress: float | None = None
        self._warned = False
        self._result: Any = _NOTHING
        self._error: BaseException | None = None
        self._ended = False

    def __repr__(self) -> str:
        """Show the name of the tool, its status and its percent."""
        percent = "" if self._progress is None else f", {100 * self._progress:.0f} %"
        return f"<ProgressStream {self._name}: {'ended' if self._ended else 'running'}{percent}>"

    @property
    def result(self) -> T:
        """The result of the tool.

        Raises:
            StreamError: Before the end of the stream, after the tool failed, and after the stream was closed early.

        """
        if self._error is not None:
            raise StreamError(f"a result of {self._name}", f"its failure: {self._error!r}") from self._error
        if self._result is _NOTHING:
            got = "a stream that was closed early" if self._ended else "a stream that still goes on"
            raise StreamError(f"a result of {self._name}", got, "Iterate to the end first.")
        return cast("T", self._result)

    def __iter__(self) -> Iterator[StreamEvent]:
        """Yield an event for each step; for functions that are not async."""
        generator = self._generator
        if inspect.isasyncgen(generator):
            raise OperationError("`async for`", f"`for` over {self._name}, which is async")
        return self._iterate(cast("Generator[Any, Any, Any]", generator))

    def __aiter__(self) -> AsyncIterator[StreamEvent]:
        """Yield an event for each step, and let the event loop go on meanwhile."""
        generator = self._generator
        return self._follow(generator) if inspect.isasyncgen(generator) else self._follow_thread()

    def close(self) -> None:
        """Stop the generator; a step that is at work ends first. After the end this does nothing."""
        self._ended = True
        with self._working:
            if inspect.isgenerator(self._generator):
                self._generator.close()

    async def aclose(self) -> None:
        """Stop the generator; a step that is at work ends first. After the end this does nothing."""
        if inspect.isasyncgen(self._generator):
            self._ended = True
            await self._generator.aclose()
        else:
            await asyncio.to_thread(self.close)

    def _iterate(self, generator: Generator[Any, Any, Any]) -> Iterator[StreamEvent]:
        while (event := self._next(generator)) is not None:
            yield event

    def _next(self, generator: Generator[Any, Any, Any]) -> StreamEvent | None:
        with self._working:
            if self._ended:
                return None
            try:
                return self._event(next(generator))
            except StopIteration as stop:
                self._ended, self._result = True, stop.value
                return None
            except BaseException as error:
                self._ended, self._error = True, error
                raise

    async def _follow(self, generator: AsyncGenerator[Any, Any]) -> AsyncIterator[StreamEvent]:
        result = None
        try:
            async for yielded in generator:
                found, value, step = result_of(yielded)
                result = value if found else result
                if not isinstance(yielded, Result):
                    yield self._event(step)
        except GeneratorExit:
            raise
        except BaseException as error:
            self._ended, self._error = True, error
            raise
        if not self._ended:
            self._ended, self._result = True, result

    async def _follow_thread(self) -> AsyncIterator[StreamEvent]:
        generator = cast("Generator[Any, Any, Any]", self._generator)
        try:
            while (event := await asyncio.to_thread(self._next, generator)) is not None:
                yield event
        except asyncio.CancelledError:
            self._ended = True
            asyncio.get_running_loop().run_in_executor(None, self.close)  # in a thread: it waits
            raise

    def _event(self, yielded: object) -> StreamEvent:
        step, fault = read_step(yielded, self._progress)
        if fault is not None and not self._warned:
            self._warned = True
            _logger.warning("%s yielded %s; it goes on", self._name, fault)
        self._progress = step.progress
        return StreamEvent(step.progress, step.status, step.data, self._clock.now())
