"""Request bodies of limited size, also where the answer is sent before the whole body has come."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import Message, Receive, Send

__all__ = ["DROPPED", "LINGER", "Body", "length_of"]

DROPPED = 4_000_000
"""The largest number of bytes that are read and dropped after an early answer."""

LINGER = 2.0
"""Seconds for which a client may go on sending after an early answer. Cut off at once, it might miss the answer."""


def length_of(headers: dict[bytes, str]) -> int:
    """Return the number of bytes that a request declares, or 1 if it has a body of unknown length."""
    text = headers.get(b"content-length", "0")
    length = int(text) if text.isascii() and text.isdecimal() and len(text) < 20 else 0  # noqa: PLR2004 - digits
    return length or int(b"transfer-encoding" in headers)


class Body:
    """The body of a request together with the answer to it.

    Servers go on reading a body after the answer. So an answer that comes before the whole body is the last one of its
    connection: the rest of the body is dropped, and soon the connection too.
    """

    def __init__(self, receive: Receive, send: Send, limit: int) -> None:
        self._receive, self._send, self._limit = receive, send, limit
        self._size, self._is_whole = 0, False

    async def receive(self) -> Message:
        """Receive a part of the body. Raises `HTTPException` 413 for a body above the limit."""
        message = await self._take()
        if self._size > self._limit:
            from starlette.exceptions import HTTPException

            raise HTTPException(413, f"a request may have {self._limit:,} bytes")
        return message

    async def _take(self) -> Message:
        message = await self._receive()
        self._size += len(message.get("body", b""))
        self._is_whole = not message.get("more_body", False)
        return message

    async def send(self, message: Message) -> None:
        """Send a part of the answer."""
        if self._is_whole:
            await self._send(message)
        elif message["type"] == "http.response.start":
            await self._send({**message, "headers": [*message["headers"], (b"connection", b"close")]})
        elif message.get("more_body", False):
            await self._send(message)
        else:
            await self._send({**message, "more_body": True})
            with suppress(TimeoutError):
                async with asyncio.timeout(LINGER):
                    await self._drop()
            await self._send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _drop(self) -> None:
        most = self._size + DROPPED
        while not self._is_whole and self._size < most:
            await self._take()
