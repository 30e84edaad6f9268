"""`sse`: a run as server-sent events, as a response for any FastAPI or Starlette route."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

from starlette.responses import JSONResponse, Response

from progressnb.errors import InputError
from progressnb.web.streams.cursor import Cursor
from progressnb.web.streams.departure import departure, has_left
from progressnb.web.streams.parameters import BeyondError, begin_after, wants_snapshots
from progressnb.web.streams.snapshots import Snapshots
from progressnb.web.streams.stalls import STALL, StalledError, limited, parts_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.types import Receive, Scope, Send

    from progressnb.tracking.protocols import Watchable
    from progressnb.web.streams.departure import Departure
    from progressnb.wire.log import EventLog

__all__ = ["HEARTBEAT", "EventStream", "sse"]

HEARTBEAT = 15.0
"""Seconds of silence after which a comment is sent, so that proxies keep the connection."""

RETRY = 1_000
"""Milliseconds after which a browser connects again."""

HEADERS = {
    "cache-control": "no-store",
    "x-accel-buffering": "no",  # nginx would gather events
    "x-content-type-options": "nosniff",
}


def sse(
    run: Watchable,
    *,
    after: int | None = None,
    snapshots: bool | None = None,
    heartbeat: float = HEARTBEAT,
    stall: float = STALL,
) -> EventStream:
    """Return a run's events as a response for a FastAPI or Starlette route.

    Each event has the lines `id:` (its seq), `event:` (its type) and `data:` (its JSON). A client that connects again
    gets the events that it lacks. The route decides who may see the run. A lost connection does not cancel the run.

    Args:
        run: A run that goes on or has ended: a `Run`, or what `attach` or `replay` returned.
        after: The seq of the last event that the client has, -1 for no event. None takes it from the header
            `Last-Event-ID` or else from the parameter `?after=`.
        snapshots: True adds the output so far to content events, as `partial`. None asks the parameter `?snapshots=1`.
        heartbeat: Seconds of silence after which a comment is sent.
        stall: Seconds without taking any bytes after which the connection is dropped.

    Returns:
        A Starlette response of type `text/event-stream`. Its status is 204 for a client that has the last event
        already, 409 for a seq that the run has not reached, and 422 for parameters that are not valid.

    Example:
        ::

            from fastapi import FastAPI, Response

            app, run = FastAPI(), report("tides")

            @app.get("/report/events")
            async def events() -> Response:
                return pnb.web.sse(run)

    """
    return EventStream(run.log, after=after, snapshots=snapshots, heartbeat=heartbeat, stall=stall)


class EventStream(Response):
    """The response that `sse` returns. `closing` is a future that ends it, as when the server stops."""

    media_type = "text/event-stream"

    def __init__(
        self,
        log: EventLog,
        *,
        after: int | None = None,
        snapshots: bool | None = None,
        heartbeat: float = HEARTBEAT,
        stall: float = STALL,
        closing: asyncio.Future[None] | None = None,
    ) -> None:
        super().__init__(headers=HEADERS)
        del self.headers["content-length"]
        self._log, self._after, self._snapshots = log, after, snapshots
        self._heartbeat, self._stall, self._closing = heartbeat, stall, closing

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send events until the run ends or the client leaves."""
        try:
            after = begin_after(self._log, scope, self._after)
            snapshots = wants_snapshots(scope) if self._snapshots is None else self._snapshots
        except InputError as error:
            status = 409 if isinstance(error, BeyondError) else 422
            await JSONResponse({"detail": str(error)}, status)(scope, receive, send)
            return
        if self._log.ended and after == len(self._log) - 1:
            # A browser that gets 204 does not connect again.
            await Response(status_code=204, headers=HEADERS)(scope, receive, send)
            return
        with suppress(StalledError):
            await self._stream(scope, receive, send, after, snapshots=snapshots)

    async def _stream(self, scope: Scope, receive: Receive, send: Send, after: int, *, snapshots: bool) -> None:
        async def body(piece: bytes, *, more: bool = True) -> None:
            for part in parts_of(piece):
                message = {"type": "http.response.body", "body": part, "more_body": more}
                await limited(scope, send(message), self._stall)

        async with departure(_disconnected(receive), self._closing) as gone:
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            await body(b"retry: %d\n\n" % RETRY)
            await self._send_all(body, gone, after, snapshots=snapshots)
            if not has_left(gone):
                await body(b"", more=False)

    async def _send_all(
        self, body: Callable[[bytes], Awaitable[None]], gone: Departure, after: int, *, snapshots: bool
    ) -> None:
        with Cursor(self._log, after) as cursor:
            line_of = None
            if snapshots:
                folded = Snapshots(self._log)
                if not await folded.reach(cursor.position, until=gone):
                    return
                line_of = folded.line
            while not has_left(gone):
                if pieces := cursor.frames(line_of):
                    for piece in pieces:
                        await body(piece)
                    await asyncio.sleep(0)  # a fast client must not hold the loop
                elif cursor.over or gone.done():
                    break
                elif not await cursor.wait(self._heartbeat, until=gone):
                    await body(b": still here\n\n")


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
