"""The end of a stream that does not come from the run: the client leaves, or the server closes."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Coroutine

__all__ = ["Departure", "departure", "has_left"]

Departure: TypeAlias = "asyncio.Future[None]"
"""A future that is done when the client has left, and cancelled when the server closes."""


@asynccontextmanager
async def departure(
    listening: Coroutine[Any, Any, None], closing: asyncio.Future[None] | None
) -> AsyncGenerator[Departure]:
    """Listen to a client for a block; `listening` returns when it leaves. `closing` is done when the server closes."""
    gone = asyncio.ensure_future(listening)

    def close(_: object) -> None:
        gone.cancel()

    if closing is not None:
        closing.add_done_callback(close)
    try:
        yield gone
    finally:
        if closing is not None:
            closing.remove_done_callback(close)
        gone.cancel()
        await asyncio.wait([gone])


def has_left(gone: Departure) -> bool:
    """Tell whether the client has left. When the server closes, it first sends the events that are there."""
    return gone.done() and not gone.cancelled()
