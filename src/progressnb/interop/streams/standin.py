"""Stand-ins for streams: objects that can do what a stream can, and report what is read of it."""

# pyright: reportUnknownArgumentType=false, reportUnknownVariableType=false, reportUnknownMemberType=false
# Chunks are of any type whatever.

from __future__ import annotations

import inspect
import types
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, cast

from progressnb.errors import InputError
from progressnb.interop.streams.reading import AsyncGeneratorItems, AsyncItems, GeneratorItems, Items
from progressnb.interop.streams.rest import after, read_texts, read_texts_later
from progressnb.interop.streams.source import Source

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine, Generator, Iterator
    from types import TracebackType

__all__ = ["check_stream", "stand_in"]

_KINDS = ("__iter__", "__aiter__", "__enter__", "__aenter__", "__await__")
_PLAIN = ("__bool__", "__contains__", "__getitem__", "__len__", "__reversed__")
"""Methods of containers, which read no chunk of a stream."""
_NO_STREAMS = (str, bytes, bytearray, memoryview, Mapping, set, frozenset, type)
_REMEDY = "Pass what the client returns with `stream=True`, or from its `.stream(…)`."
_OWN = ("_source", "_chunks", "_waiting")


def type_name(kind: type) -> str:
    """Return the name of a type, with its module but for a type of Python's own."""
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


def check_stream(source: object) -> None:
    """Raise an InputError for what is no stream, such as a whole answer."""
    kind = type(source)
    # The models of pydantic can be iterated too, field by field.
    whole = isinstance(source, _NO_STREAMS) or hasattr(kind, "model_fields")
    if whole or not any(hasattr(kind, name) for name in _KINDS):
        raise InputError("a stream of a model's answer", f"a {type_name(kind)}", _REMEDY)


def stand_in(source: Source) -> _StandIn:
    """Return a stand-in for a stream."""
    stream = source.stream
    is_coroutine = inspect.isgenerator(stream) and inspect.isawaitable(stream)  # of `types.coroutine`
    return _class_for(cast("type", types.CoroutineType if is_coroutine else type(stream)))(source)


@cache
def _class_for(kind: type) -> type[_StandIn]:
    """Return a class that can do what a stream can: libraries look at what an object has."""
    bases = [able for name, able in _ABLE.items() if all(hasattr(kind, each) for each in name.split())]
    bases = [each for each in bases if not any(other is not each and issubclass(other, each) for other in bases)]
    plain = {name: _passing(name) for name in _PLAIN if hasattr(kind, name)}
    return cast("type[_StandIn]", type("Stream", (*bases, _StandIn), plain))


def _passing(name: str) -> Callable[..., Any]:
    def call(self: _StandIn, *args: Any) -> Any:  # noqa: ANN401 - as the method
        return getattr(self._source.stream, name)(*args)  # pyright: ignore[reportPrivateUsage] # it is a method of that class

    return call


class _StandIn:
    """A stand-in for a stream: what it does not do itself the stream does."""

    def __init__(self, source: Source) -> None:
        self._source = source

    def __repr__(self) -> str:
        kind = type(self._source.stream)
        return f"<pnb.stream of {type_name(kind)}>"

    def __setattr__(self, name: str, value: object) -> None:
        if name in _OWN:
            object.__setattr__(self, name, value)
        else:
            setattr(self._source.stream, name, value)

    def __delattr__(self, name: str) -> None:
        delattr(self._source.stream, name)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the stream has
        if name in _OWN:  # asked for by `copy`, before there is one
            raise AttributeError(name)
        source = self._source
        value = getattr(source.stream, name)
        is_async = hasattr(type(source.stream), "__aiter__")
        if name == "text_stream":
            return read_texts_later(self._items()) if is_async else read_texts(source)
        if callable(value) and (name.startswith("get_final_") or name == "until_done"):
            return after(self._items(), cast("Any", value)) if is_async else _after(source, value)
        if callable(value) and name in ("close", "aclose"):
            return _closing(source, value)
        return value

    def _items(self) -> AsyncItems:
        return AsyncItems(self._source, check_stream)

    def _enter(self, entered: object) -> Any:  # noqa: ANN401 - what the block of the stream gives
        self._source.in_block = True
        if entered is self._source.stream:
            return self
        if not any(hasattr(type(entered), name) for name in ("__iter__", "__aiter__")):
            return entered
        inner = Source(entered, self._source.report)
        inner.in_block = True
        return stand_in(inner)

    def _leave(self, error: BaseException | None) -> None:
        report = self._source.report
        if error is None:
            report.leave()
        else:
            report.fail(error)


class _Iterating(_StandIn):
    def __iter__(self) -> Iterator[Any]:
        return Items(self._source)

    def __next__(self) -> Any:  # noqa: ANN401 - a chunk of any type
        return next(self._own_items())

    def _own_items(self) -> Any:  # noqa: ANN401 - Items, or those of a generator
        items: Any = self.__dict__.get("_chunks")
        if items is None:
            items = self._chunks = iter(self)
        return items


class _Generating(_Iterating):
    """A generator, which hears what is sent. Each loop has an iterator of its own, so that its end is told."""

    def __iter__(self) -> Iterator[Any]:
        return GeneratorItems(self._source)

    def send(self, value: object) -> Any:  # noqa: ANN401 - a chunk of any type
        return self._own_items().send(value)

    def throw(self, *error: Any) -> Any:  # noqa: ANN401 - as the generator's
        return self._own_items().throw(*error)

    def close(self) -> Any:  # noqa: ANN401 - as the generator's
        return self._own_items().close()


class _AsyncIterating(_StandIn):
    def __aiter__(self) -> AsyncIterator[Any]:
        return self._items()

    async def __anext__(self) -> Any:  # noqa: ANN401 - a chunk of any type
        return await anext(self._own_items())

    def _own_items(self) -> Any:  # noqa: ANN401 - AsyncItems, or those of a generator
        items: Any = self.__dict__.get("_chunks")
        if items is None:
            items = self._chunks = aiter(self)
        return items


class _AsyncGenerating(_AsyncIterating):
    """An async generator, as `_Generating`."""

    def __aiter__(self) -> AsyncIterator[Any]:
        return AsyncGeneratorItems(self._source, check_stream)

    async def asend(self, value: object) -> Any:  # noqa: ANN401 - a chunk of any type
        return await self._own_items().asend(value)

    async def athrow(self, *error: Any) -> Any:  # noqa: ANN401 - as the generator's
        return await self._own_items().athrow(*error)

    async def aclose(self) -> None:
        await self._own_items().aclose()


class _Awaiting(_StandIn):
    def __await__(self) -> Generator[Any, None, Any]:
        return self._wait().__await__()

    def __aiter__(self) -> AsyncIterator[Any]:
        return self._items()

    async def _wait(self) -> Any:  # noqa: ANN401 - the stand-in for what it gives
        self._source.report.asked()
        try:
            given = await self._source.stream
        except BaseException as error:
            self._source.refuse(error)
            raise
        check_stream(given)
        return stand_in(Source(given, self._source.report))


class _Coroutine(_Awaiting):
    """A coroutine: tasks and event loops take it as one, since it has all four of its methods."""

    def send(self, value: object) -> Any:  # noqa: ANN401 - as the coroutine's
        return self._driver().send(value)

    def throw(self, *error: Any) -> Any:  # noqa: ANN401 - as the coroutine's
        return self._driver().throw(*error) if "_waiting" in self.__dict__ else self._source.stream.throw(*error)

    def close(self) -> None:
        if "_waiting" in self.__dict__:
            self._waiting.close()
        self._source.stream.close()

    def _driver(self) -> Coroutine[Any, Any, Any]:
        if "_waiting" not in self.__dict__:
            self._waiting = self._wait()
        return self._waiting


class _Managing(_StandIn):
    def __enter__(self) -> Any:  # noqa: ANN401 - what the block of the stream gives
        self._source.report.asked()
        try:
            entered = self._source.stream.__enter__()
        except BaseException as error:
            self._source.refuse(error)
            raise
        return self._enter(entered)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> Any:  # noqa: ANN401 - as the stream's own
        try:
            return self._source.stream.__exit__(kind, error, traceback)
        finally:
            self._leave(error)


class _AsyncManaging(_StandIn):
    async def __aenter__(self) -> Any:  # noqa: ANN401 - what the block of the stream gives
        self._source.report.asked()
        try:
            entered = await self._source.stream.__aenter__()
        except BaseException as error:
            self._source.refuse(error)
            raise
        return self._enter(entered)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> Any:  # noqa: ANN401 - as the stream's own
        try:
            return await self._source.stream.__aexit__(kind, error, traceback)
        finally:
            self._leave(error)


# By the methods that a stream has for it.
_ABLE: dict[str, type[_StandIn]] = {
    "__iter__": _Iterating,
    "__iter__ __next__ send throw close": _Generating,
    "__aiter__": _AsyncIterating,
    "__aiter__ __anext__ asend athrow aclose": _AsyncGenerating,
    "__enter__": _Managing,
    "__aenter__": _AsyncManaging,
    "__await__": _Awaiting,
    "__await__ send throw close": _Coroutine,
}


def _after(source: Source, method: Callable[..., Any]) -> Callable[..., Any]:
    """Return a method of a stream that reads it to its end first, so that the rest is reported."""

    def call(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - as the method
        if not source.report.over:
            for _ in Items(source):
                pass
        return method(*args, **kwargs)

    return call


def _closing(source: Source, method: Callable[..., Any]) -> Callable[..., Any]:
    """Return a method that closes the stream, and tells that its loop was left."""

    def call(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - as the method
        source.report.leave()
        return method(*args, **kwargs)

    return call
