"""Connections that take nothing: bounded in time, then dropped."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from progressnb.web.streams.cursor import BATCH

if TYPE_CHECKING:
    from collections.abc import Awaitable, Iterator

    from starlette.types import Message, Scope, Send

__all__ = ["ABORT", "FRAGMENT", "STALL", "StalledError", "in_parts", "limited", "parts_of"]

STALL = 30.0
"""Seconds that a connection may take nothing before it is dropped."""

ABORT = "progressnb.abort"
"""The ASGI extension by which our own server drops a connection at once, with what it has not taken."""

FRAGMENT = "progressnb.fragment"
"""The ASGI extension by which our own server sends a WebSocket's text message in parts: ASGI knows whole ones only."""


class StalledError(Exception):
    """A connection that took nothing for too long; it has been dropped."""


async def limited(scope: Scope, sending: Awaitable[None], seconds: float) -> None:
    """Wait until a connection has room. Raises `StalledError` when it took nothing for these seconds."""
    try:
        async with asyncio.timeout(seconds):
            await sending
    except TimeoutError:
        abort = scope.get("extensions", {}).get(ABORT)
        if abort is not None:
            abort()
            await asyncio.sleep(0)  # the server hears of it in the loop's next turn
        raise StalledError from None


def parts_of(data: bytes) -> Iterator[bytes]:
    """Cut what is large: what waits for a connection that takes nothing is one part of it, not a copy of the whole."""
    return (data[at : at + BATCH] for at in range(0, max(1, len(data)), BATCH))


def in_parts(scope: Scope, send: Send, seconds: float) -> Send:
    """Return a `send` that hands a large answer over in parts. It raises `StalledError` as `limited` does."""

    async def sent(message: Message) -> None:
        body = message.get("body", b"")
        if len(body) <= BATCH:
            await send(message)
            return
        for part in parts_of(body):
            await limited(scope, send({**message, "body": part, "more_body": True}), seconds)
        if not message.get("more_body", False):
            await limited(scope, send({**message, "body": b""}), seconds)

    return sent
