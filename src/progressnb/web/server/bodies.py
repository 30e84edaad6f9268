"""Request bodies of limited size, also where the answer is sent before the whole body has come."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import Message, Receive, Send

__all__ = ["DROPPED", "LINGER", "Body", "Patience", "length_of"]

DROPPED = 4_000_000
"""The largest number of bytes that are read and dropped after an early answer."""

LINGER = 2.0
"""Seconds for which a client may go on sending after an early answer. Cut off at once, it might miss the answer."""


def length_of(headers: dict[bytes, str]) -> int:
    """Return the number of bytes that a request declares, or 1 if it has a body of unknown length."""
    text = headers.get(b"content-length", "0")
    length = int(text) if text.isascii() and text.isdecimal() and len(text) < 20 else 0  # noqa: PLR2004 - digits
    return length or int(b"transfer-encoding" in headers)


class Patience:
    """The time that a body is waited for: in all, or for a client that is known each of its parts."""

    def __init__(self, in_all: float, for_a_part: float, whole: Callable[[], None]) -> None:
        self._due = asyncio.get_running_loop().time() + in_all
        self._for_a_part, self.whole = for_a_part, whole
        self.is_known = False

    @property
    def seconds(self) -> float:
        """Seconds for the next part."""
        return self._for_a_part if self.is_known else self._due - asyncio.get_running_loop().time()


class Body:
    """The body of a request together with the answer to it.

    Servers go on reading a body after the answer. So an answer that comes before the whole body is the last one of its
    connection: the rest of the body is dropped, and soon the connection too.
    """

    def __init__(self, receive: Receive, send: Send, limit: int, patience: Patience) -> None:
        self._receive, self._send, self._limit, self._patience = receive, send, limit, patience
        self._size, self._is_whole = 0, False

    async def receive(self) -> Message:
        """Receive a part of the body.

        Raises `HTTPException` 413 for a body above the limit, and 408 for one that takes too long.
        """
        if self._is_whole:  # what comes now is the end of the connection, which may take its time
            return await self._receive()
        try:
            async with asyncio.timeout(self._patience.seconds):
                message = await self._take()
        except TimeoutError:
            from starlette.exceptions import HTTPException

            raise HTTPException(408, "the rest of the request did not come in time") from None
        if not message.get("more_body", False):
            self._patience.whole()
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
