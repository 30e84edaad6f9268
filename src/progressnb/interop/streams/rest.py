"""Other ways to read a stream: Anthropic's `text_stream`, and methods that read it to its end."""

# pyright: reportUnknownArgumentType=false, reportUnknownVariableType=false, reportUnknownMemberType=false
# Chunks are of any type whatever.

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from progressnb.interop.streams.facts import get, text
from progressnb.interop.streams.reading import AsyncItems, Items

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine, Generator

    from progressnb.interop.streams.source import Source

__all__ = ["after", "read_texts", "read_texts_later"]


def read_texts(source: Source) -> Generator[str]:
    """Yield the texts of a stream's events, as `text_stream` does."""
    for chunk in Items(source):
        if piece := _text(chunk):
            yield piece


async def read_texts_later(items: AsyncItems) -> AsyncIterator[str]:
    """Yield the texts of an async stream's events, as `text_stream` does."""
    try:
        async for chunk in items:
            if piece := _text(chunk):
                yield piece
    finally:
        await items.aclose()


def _text(chunk: object) -> str:
    delta = get(chunk, "delta") if get(chunk, "type") == "content_block_delta" else None
    return text(get(delta, "text")) if get(delta, "type") == "text_delta" else ""


async def drain(items: AsyncItems) -> None:
    """Read an async stream to its end."""
    async for _ in items:
        pass


def after(items: AsyncItems, method: Callable[..., Coroutine[Any, Any, Any]]) -> Callable[..., Any]:
    """Return a method of an async stream that reads it to its end first, so that the rest is reported."""

    async def call(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - as the method
        await drain(items)
        return await method(*args, **kwargs)

    return call
