"""`sse`: a run as server-sent events, as a response for any FastAPI or Starlette route."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from starlette.responses import JSONResponse, Response

from progressnb.errors import InputError
from progressnb.web.streams.cursor import Cursor
from progressnb.web.streams.departure import has_left
from progressnb.web.streams.parameters import BeyondError, begin_after, wants_snapshots, wants_view
from progressnb.web.streams.snapshots import Snapshots
from progressnb.web.streams.stalls import STALL
from progressnb.web.streams.stream import HEADERS, HEARTBEAT, STILL_HERE, Stream
from progressnb.web.streams.views import ViewStream

if TYPE_CHECKING:
    import asyncio

    from starlette.types import Receive, Scope, Send

    from progressnb.tracking.protocols import Watchable
    from progressnb.web.streams.departure import Departure
    from progressnb.web.streams.stalls import Room
    from progressnb.web.streams.stream import Body
    from progressnb.wire.log import EventLog

__all__ = ["HEARTBEAT", "EventStream", "RunStream", "sse"]


def sse(
    run: Watchable,
    *,
    after: int | None = None,
    snapshots: bool | None = None,
    view: bool | None = None,
    heartbeat: float = HEARTBEAT,
    stall: float = STALL,
) -> RunStream:
    """Return a run's events as a response for a FastAPI or Starlette route.

    Each event has the lines `id:` (its seq), `event:` (its type) and `data:` (its JSON). A client that connects again
    gets the events that it lacks. The route decides who may see the run. A lost connection does not cancel the run.

    With `?view=1` what is to be seen of the run is sent in place of its events: an event `view` with a tree of plain
    data, `patch` with its changes, and at the end `end`. A client that connects again gets the tree anew.

    Args:
        run: A run that goes on or has ended: a `Run`, or what `attach` or `replay` returned.
        after: The seq of the last event that the client has, -1 for no event. None takes it from the header
            `Last-Event-ID` or else from the parameter `?after=`.
        snapshots: True adds the output so far to content events, as `partial`. None asks the parameter `?snapshots=1`.
        view: True sends what is to be seen in place of the events. None asks the parameter `?view=1`.
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
    return RunStream(run, after=after, snapshots=snapshots, view=view, heartbeat=heartbeat, stall=stall)


class RunStream(Response):
    """The response that `sse` returns: the events of a run, or with `?view=1` what is to be seen of it."""

    def __init__(
        self,
        run: Watchable,
        *,
        after: int | None = None,
        snapshots: bool | None = None,
        view: bool | None = None,
        heartbeat: float = HEARTBEAT,
        stall: float = STALL,
        closing: asyncio.Future[None] | None = None,
    ) -> None:
        super().__init__()
        self._view = view
        self._of_view = ViewStream(run, heartbeat=heartbeat, stall=stall, closing=closing)
        self._of_events = EventStream(
            run.log, after=after, snapshots=snapshots, heartbeat=heartbeat, stall=stall, closing=closing
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send what the client asks for until the run ends or the client leaves."""
        view = self._view
        if view is None:
            with suppress(InputError):  # the stream of events reports it
                view = wants_view(scope)
        await (self._of_view if view else self._of_events)(scope, receive, send)


class EventStream(Stream):
    """The events of a log, from a seq on."""

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
        super().__init__(heartbeat=heartbeat, stall=stall, closing=closing)
        self._log, self._after, self._snapshots = log, after, snapshots
        self._begin, self._folds = -1, False

    def _refusal(self, scope: Scope) -> Response | None:
        try:
            self._begin = begin_after(self._log, scope, self._after)
            self._folds = wants_snapshots(scope) if self._snapshots is None else self._snapshots
        except InputError as error:
            return JSONResponse({"detail": str(error)}, 409 if isinstance(error, BeyondError) else 422)
        if self._log.ended and self._begin == len(self._log) - 1:
            return Response(status_code=204, headers=HEADERS)  # a browser that gets 204 does not connect again
        return None

    async def _send_all(self, body: Body, room: Room, gone: Departure) -> None:
        with Cursor(self._log, self._begin, until=gone) as cursor:
            folded: Snapshots | None = None
            line_of = None
            if self._folds:
                folded = Snapshots(self._log)
                if not await folded.reach(cursor.position, until=gone):
                    return
                line_of = folded.line
            while not has_left(gone):
                if folded is not None:
                    await folded.reach(len(self._log), until=gone)
                frames = cursor.take(line_of).frames
                for piece in frames:
                    with room:
                        await body(piece)
                if not frames and (cursor.over or gone.done()):
                    break
                if not await cursor.wait(self._heartbeat):
                    with room:
                        await body(STILL_HERE)
