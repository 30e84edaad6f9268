"""Bodies of requests: of so many bytes at most, whether somebody reads them or the answer is given before."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import Message, Receive, Send

__all__ = ["DROPPED", "LINGER", "Body", "length_of"]

DROPPED = 4_000_000
"""Bytes that are dropped behind an answer, at most."""

LINGER = 2.0
"""Seconds that a client may go on sending behind its answer: cut off at once, it might not see why."""


def length_of(headers: dict[bytes, str]) -> int:
    """Return how many bytes a request says that it has; one that does not say has 1 at least."""
    said = headers.get(b"content-length", "0")
    length = int(said) if said.isascii() and said.isdecimal() and len(said) < 20 else 0  # noqa: PLR2004 - digits
    return length or int(b"transfer-encoding" in headers)


class Body:
    """The body of a request, and the answer to it.

    Servers read what comes behind an answer for as long as it comes. So one that is given before the whole body was
    there is the connection's last: what still comes is dropped, and soon the connection.
    """

    def __init__(self, receive: Receive, send: Send, limit: int) -> None:
        self._receive, self._send, self._limit = receive, send, limit
        self._size, self._is_whole = 0, False

    async def receive(self) -> Message:
        """Receive a part. Raises `HTTPException` 413 for one too many."""
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
