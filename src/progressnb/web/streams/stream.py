"""`Stream`: the common part of responses that send server-sent events until their source or their client ends."""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from contextlib import suppress
from typing import TYPE_CHECKING, TypeAlias

from starlette.responses import Response

from progressnb.web.streams.departure import departure, has_left
from progressnb.web.streams.stalls import PART, STALL, Room, StalledError, parts_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.types import Receive, Scope, Send

    from progressnb.web.streams.departure import Departure

__all__ = ["HEADERS", "HEARTBEAT", "STILL_HERE", "Body", "Stream"]

HEARTBEAT = 15.0
"""Seconds of silence after which a comment is sent, so that proxies keep the connection."""

STILL_HERE = b": still here\n\n"
"""The comment that is sent after a silence."""

RETRY = 1_000
"""Milliseconds after which a browser connects again."""

HEADERS = {
    "cache-control": "no-store",
    "x-accel-buffering": "no",  # nginx would gather events
    "x-content-type-options": "nosniff",
}

Body: TypeAlias = "Callable[[bytes], Awaitable[None]]"
"""A function that sends one piece of the answer's body."""


class Stream(Response):
    """A response of server-sent events. `closing` is a future that ends it, as when the server stops."""

    media_type = "text/event-stream"

    def __init__(
        self, *, heartbeat: float = HEARTBEAT, stall: float = STALL, closing: asyncio.Future[None] | None = None
    ) -> None:
        super().__init__(headers=HEADERS)
        del self.headers["content-length"]
        self._heartbeat, self._stall, self._closing = heartbeat, stall, closing

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send events until the run ends or the client leaves."""
        if (refusal := self._refusal(scope)) is not None:
            await refusal(scope, receive, send)
            return
        # In a task of its own: a task that goes on passes through all calls that wait, of which an app has many.
        with suppress(StalledError):
            await asyncio.create_task(self._stream(scope, receive, send))

    async def _stream(self, scope: Scope, receive: Receive, send: Send) -> None:
        room = Room(scope, self._stall)

        def body(piece: bytes) -> Awaitable[None]:
            if len(piece) > PART:
                return large(piece)
            return send({"type": "http.response.body", "body": piece, "more_body": True})

        async def large(piece: bytes) -> None:
            for part in parts_of(scope, piece):
                with room:  # anew: a part was taken
                    await body(part)

        async with departure(_disconnected(receive), self._closing) as gone:
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            with room:
                await body(b"retry: %d\n\n" % RETRY)
            await self._send_all(body, room, gone)
            if not has_left(gone):
                with room:
                    await send({"type": "http.response.body", "body": b"", "more_body": False})

    @abstractmethod
    def _refusal(self, scope: Scope) -> Response | None:
        """Read the client's parameters; return the answer in place of a stream, or None."""

    @abstractmethod
    async def _send_all(self, body: Body, room: Room, gone: Departure) -> None:
        """Send all that there is, and what comes, until `gone` is done. Each wait for a piece is a block of `room`."""


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
