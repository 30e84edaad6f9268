"""`stream`: a stand-in for the stream of any library, which reports what is read of it."""

# pyright: reportUnknownArgumentType=false, reportUnknownVariableType=false, reportUnknownMemberType=false
# Chunks are of any type whatever.

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar, cast

from progressnb.errors import InputError
from progressnb.interop.streams.reading import AsyncItems, Items, Source, after, read_texts, read_texts_later
from progressnb.interop.streams.report import Options, Report
from progressnb.tracking.percent import is_number

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Generator, Iterator
    from types import TracebackType

__all__ = ["stream"]

S = TypeVar("S")

_KINDS = ("__iter__", "__aiter__", "__enter__", "__aenter__", "__await__")
_NO_STREAMS = (str, bytes, bytearray, memoryview, Mapping, set, frozenset, type)
_REMEDY = "Pass what the client returns with `stream=True`, or from its `.stream(…)`."


def stream(
    source: S,
    /,
    *,
    title: str | None = None,
    expected_length: float | None = None,
    contents: bool = True,
    show: bool | None = None,
) -> S:
    """Report a stream of a model's answer while it is read; its chunks come through as they are.

    It takes the streams of openai (chat completions, Responses, `stream()` helpers), anthropic, google-genai, litellm,
    LangChain, and of others whose chunks look alike, sync and async: an iterable, a context manager, or a coroutine
    that gives one. Chunks are recognised by their shape; one of an unknown shape passes and is told in the log, once.

    In a stage the stream reports into that stage: the text while it is written, the thinking, a stage below for each
    tool call with its arguments, tokens, cost and the time to the first token. Outside any run it is a run of its own,
    with a panel, recorded by the session's history, listed by `runs()`. Stop ends the reading at the next chunk, at
    once where the stream is async: the stream is closed, and the loop gets `RunCancelled`.

    A loop that is left early is told as "stopped reading", and the stream is closed; in a `with` block that is done at
    the end of the block. An error of the stream is told and raised as it is. What the stream has besides chunks is
    there: `stream.response`, `stream.text_stream`, `stream.get_final_message()`.

    Args:
        source: The stream.
        title: The name of the stream's run or stage. None takes the name of the model, where it is known.
        expected_length: The length of the answer in characters, which the percent is measured against. Without it the
            percent follows the characters so far, and the tokens that the request allows.
        contents: False leaves what the model reads and writes, and the texts of errors, out of all events. The percent
            still moves.
        show: Whether a run of the stream's own is shown; None follows the session.

    Returns:
        A stand-in for the stream, to be used in its place.

    Raises:
        InputError: For what is no stream, such as a whole answer, and for other options.
        RunCancelled: While iterating, when the run was stopped.

    Example:
        ::

            chunks = iter([{"text": "The moon "}, {"text": "pulls the sea."}])  # a client's, with `stream=True`
            for chunk in pnb.stream(chunks):
                print(chunk["text"], end="")
            assert pnb.last_run.result == "The moon pulls the sea."

    """
    _check_options(title, expected_length, contents, show)
    _check_stream(source)
    return cast("S", _stand_in(Source(source, Report(Options(title, expected_length, contents, show)))))


def _check_options(title: object, expected_length: object, contents: object, show: object) -> None:
    if title is not None and not isinstance(title, str):
        raise InputError("a title as text, or None", repr(title))
    if expected_length is not None and not (is_number(expected_length) and expected_length > 0):
        raise InputError("an expected_length above 0 characters, or None", repr(expected_length))
    if not isinstance(contents, bool):
        raise InputError("contents as True or False", repr(contents))
    if show is not None and not isinstance(show, bool):
        raise InputError("show as True, False or None", repr(show))


def _check_stream(source: object) -> None:
    kind = type(source)
    # The models of pydantic can be iterated too, field by field.
    whole = isinstance(source, _NO_STREAMS) or hasattr(kind, "model_fields")
    if whole or not any(hasattr(kind, name) for name in _KINDS):
        raise InputError("a stream of a model's answer", f"a {kind.__module__}.{kind.__qualname__}", _REMEDY)


def _stand_in(source: Source) -> _StandIn:
    kind = type(source.stream)
    return _class_for(tuple(name for name in _KINDS if hasattr(kind, name)))(source)


@cache
def _class_for(names: tuple[str, ...]) -> type[_StandIn]:
    """Return a class that can do what a stream can: libraries look at what an object has."""
    bases = [_ABLE[name] for name in names]
    if _AsyncIterating in bases and _Awaiting in bases:
        bases.remove(_Awaiting)
    return cast("type[_StandIn]", type("Stream", (*bases, _StandIn), {}))


class _StandIn:
    """A stand-in for a stream: what it does not do itself the stream does."""

    def __init__(self, source: Source) -> None:
        self._source = source

    def __repr__(self) -> str:
        kind = type(self._source.stream)
        return f"<pnb.stream of {kind.__module__}.{kind.__qualname__}>"

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the stream has
        if name == "_source":  # asked for by `copy`, before there is one
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
        return AsyncItems(self._source, _check_stream)

    def _enter(self, entered: object) -> Any:  # noqa: ANN401 - what the block of the stream gives
        self._source.in_block = True
        if entered is self._source.stream:
            return self
        if not any(hasattr(type(entered), name) for name in ("__iter__", "__aiter__")):
            return entered
        inner = Source(entered, self._source.report)
        inner.in_block = True
        return _stand_in(inner)

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
        items: Items | None = self.__dict__.get("_chunks")
        if items is None:
            items = self.__dict__["_chunks"] = Items(self._source)
        return next(items)


class _AsyncIterating(_StandIn):
    def __aiter__(self) -> AsyncIterator[Any]:
        return self._items()

    async def __anext__(self) -> Any:  # noqa: ANN401 - a chunk of any type
        items: AsyncItems | None = self.__dict__.get("_chunks")
        if items is None:
            items = self.__dict__["_chunks"] = self._items()
        return await anext(items)


class _Awaiting(_StandIn):
    def __await__(self) -> Generator[Any, None, Any]:
        return self._wait().__await__()

    def __aiter__(self) -> AsyncIterator[Any]:
        return self._items()

    async def _wait(self) -> Any:  # noqa: ANN401 - the stand-in for what it gives
        given = await self._source.stream
        _check_stream(given)
        return _stand_in(Source(given, self._source.report))


class _Managing(_StandIn):
    def __enter__(self) -> Any:  # noqa: ANN401 - what the block of the stream gives
        return self._enter(self._source.stream.__enter__())

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> Any:  # noqa: ANN401 - as the stream's own
        try:
            return self._source.stream.__exit__(kind, error, traceback)
        finally:
            self._leave(error)


class _AsyncManaging(_StandIn):
    async def __aenter__(self) -> Any:  # noqa: ANN401 - what the block of the stream gives
        return self._enter(await self._source.stream.__aenter__())

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> Any:  # noqa: ANN401 - as the stream's own
        try:
            return await self._source.stream.__aexit__(kind, error, traceback)
        finally:
            self._leave(error)


_ABLE: dict[str, type[_StandIn]] = {
    "__iter__": _Iterating,
    "__aiter__": _AsyncIterating,
    "__enter__": _Managing,
    "__aenter__": _AsyncManaging,
    "__await__": _Awaiting,
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
