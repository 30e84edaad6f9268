"""A run as server-sent events: a response for anybody's FastAPI or Starlette route."""

from __future__ import annotations

import asyncio
import re
from contextlib import suppress
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from starlette.responses import JSONResponse, Response

from progressnb.errors import InputError
from progressnb.web.streams.cursor import Cursor
from progressnb.web.streams.snapshots import Snapshots
from progressnb.web.streams.stalls import STALL, StalledError, limited, parts_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.types import Receive, Scope, Send

    from progressnb.tracking.protocols import Watchable
    from progressnb.wire.log import EventLog

__all__ = ["EventStream", "sse"]

HEARTBEAT = 15.0
"""Seconds of silence after which a comment is sent, so that proxies keep the connection."""

RETRY = 1_000
"""Milliseconds after which a browser connects again."""

LONGEST_QUERY = 100
"""Parameters of a query, at most."""

_SEQ = re.compile(r"-1|[0-9]{1,18}")

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

    Each has `id:` (its seq), `event:` (its type) and `data:` (its JSON). A client that comes again is served from
    where it was, by its `Last-Event-ID` header or `?after=`, unless `after` is given. With `snapshots`, or
    `?snapshots=1`, content events carry what is written so far, as `partial`. A connection that is lost cancels
    nothing, and one that takes nothing for `stall` seconds is dropped. Who may see the run is the route's business. ::

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
        """Send events until the run ends or the client is gone."""
        try:
            after = begin_after(self._log, scope, self._after)
            snapshots = snapshots_of(scope) if self._snapshots is None else self._snapshots
        except InputError as error:
            status = 409 if isinstance(error, BeyondError) else 422
            await JSONResponse({"detail": str(error)}, status)(scope, receive, send)
            return
        if self._log.ended and after == self._log[-1].seq:  # what tells a browser not to come again
            await Response(status_code=204, headers=HEADERS)(scope, receive, send)
            return
        with suppress(StalledError):
            await self._stream(scope, receive, send, after, snapshots=snapshots)

    async def _stream(self, scope: Scope, receive: Receive, send: Send, after: int, *, snapshots: bool) -> None:
        gone = asyncio.ensure_future(_disconnected(receive))

        def close(_: object) -> None:
            gone.cancel()

        async def body(piece: bytes, *, more: bool = True) -> None:
            for part in parts_of(piece):
                message = {"type": "http.response.body", "body": part, "more_body": more}
                await limited(scope, send(message), self._stall)

        if self._closing is not None:
            self._closing.add_done_callback(close)
        try:
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            await body(b"retry: %d\n\n" % RETRY)
            await self._send_all(body, gone, after, snapshots=snapshots)
            if not gone.done() or gone.cancelled():
                await body(b"", more=False)
        finally:
            if self._closing is not None:
                self._closing.remove_done_callback(close)
            gone.cancel()
            await asyncio.wait([gone])

    async def _send_all(
        self, body: Callable[[bytes], Awaitable[None]], gone: asyncio.Future[None], after: int, *, snapshots: bool
    ) -> None:
        with Cursor(self._log, after) as cursor:
            take = Snapshots(cursor).frames if snapshots else cursor.frames
            while not gone.done() or gone.cancelled():  # who closes lets what is there be sent
                if pieces := take():
                    for piece in pieces:
                        await body(piece)
                elif cursor.over or gone.done():
                    break
                elif not await cursor.wait(self._heartbeat, until=gone):
                    await body(b": still here\n\n")


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _query_of(scope: Scope) -> dict[str, str]:
    """Return the last value of each parameter of a query. Raises `InputError` for too many."""
    query = bytes(scope.get("query_string", b"")).decode("latin-1")
    try:
        return dict(parse_qsl(query, keep_blank_values=True, max_num_fields=LONGEST_QUERY))
    except ValueError:
        raise InputError(f"{LONGEST_QUERY} parameters at most", "more") from None


def snapshots_of(scope: Scope) -> bool:
    """Tell whether a client asks for `?snapshots=1`. Raises `InputError`."""
    return _query_of(scope).get("snapshots") in ("1", "true")


class BeyondError(InputError):
    """A place behind what has happened: of a run that the server knows less of, or of another."""


def begin_after(log: EventLog, scope: Scope, after: int | None = None) -> int:
    """Return the seq that a client has: `after`, its `Last-Event-ID`, `?after=`, else -1 for none.

    Who is first in this row wins, and what stands behind is not read. Raises `InputError`.
    """
    if after is None:
        said = next((value for name, value in scope["headers"] if name == b"last-event-id"), None)
        text = said.decode("latin-1") if said else _query_of(scope).get("after", "-1")
        if not _SEQ.fullmatch(text):
            raise InputError("the seq of an event, or -1, as Last-Event-ID or after", "something else")
        after = int(text)
    last = log[-1].seq if len(log) else -1
    if after > last:
        raise BeyondError(f"a seq up to {last}, the run's last", str(after))
    return max(-1, after)
