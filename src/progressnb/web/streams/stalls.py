"""Limits for connections that take no bytes: large messages go in parts, and a stalled connection is dropped."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from progressnb.web.streams.cursor import BATCH

if TYPE_CHECKING:
    from collections.abc import Awaitable, Iterator

    from starlette.types import Message, Scope, Send

__all__ = ["ABORT", "FRAGMENT", "STALL", "StalledError", "in_parts", "limited", "parts_of"]

STALL = 30.0
"""Seconds without taking any bytes after which a connection is dropped."""

ABORT = "progressnb.abort"
"""The ASGI extension of our server that drops a connection at once, with the bytes that it has not taken."""

FRAGMENT = "progressnb.fragment"
"""The ASGI extension of our server that sends a WebSocket's text message in parts. Plain ASGI sends whole messages."""


class StalledError(Exception):
    """A connection that took no bytes for too long, and was dropped."""


async def limited(scope: Scope, sending: Awaitable[None], seconds: float) -> None:
    """Wait until a connection has room. Raises `StalledError` if it takes no bytes for so many seconds."""
    try:
        async with asyncio.timeout(seconds):
            await sending
    except TimeoutError:
        abort = scope.get("extensions", {}).get(ABORT)
        if abort is not None:
            abort()
            await asyncio.sleep(0)  # the server learns of it in the loop's next turn
        raise StalledError from None


def parts_of(data: bytes) -> Iterator[bytes]:
    """Cut bytes into parts, so that a connection that takes nothing holds one part and not a copy of the whole."""
    return (data[at : at + BATCH] for at in range(0, max(1, len(data)), BATCH))


def in_parts(scope: Scope, send: Send, seconds: float) -> Send:
    """Return a `send` that hands over a large answer in parts. It raises `StalledError` as `limited` does."""

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
