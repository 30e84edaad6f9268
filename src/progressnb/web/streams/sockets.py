"""`websocket`: a run's events as text frames, and cancel frames from the client."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from starlette.websockets import WebSocketDisconnect, WebSocketState

from progressnb.errors import InputError
from progressnb.web.streams.cursor import Cursor
from progressnb.web.streams.departure import departure, has_left
from progressnb.web.streams.parameters import begin_after, object_of, reason_of, wants_snapshots, wants_view
from progressnb.web.streams.snapshots import Snapshots
from progressnb.web.streams.stalls import FRAGMENT, PART, STALL, Room, StalledError
from progressnb.web.streams.views import ViewCursor

if TYPE_CHECKING:
    import asyncio

    from starlette.websockets import WebSocket

    from progressnb.tracking.protocols import Watchable
    from progressnb.web.streams.departure import Departure

__all__ = ["BAD_REQUEST", "BUSY", "ELSEWHERE", "GONE", "RESTART", "websocket"]

ENDED = 1000
"""The close code after a run's last event."""

RESTART = 1012
"""The close code of a server that stops. The client connects again later."""

BUSY = 1013
"""The close code when there are too many clients. The client connects again later."""

GONE = 4404
"""The close code for an unknown run."""

ELSEWHERE = 4409
"""The close code for a run that another worker has, for which this one can't answer."""

BAD_REQUEST = 4400
"""The close code for a seq that the run does not have, and for too many parameters."""

SILENT = 3600.0
"""Seconds that a socket may be silent: the server's pings keep an idle connection."""


async def websocket(
    run: Watchable,
    socket: WebSocket,
    *,
    after: int | None = None,
    snapshots: bool | None = None,
    view: bool | None = None,
    cancel: bool = True,
    stall: float = STALL,
    closing: asyncio.Future[None] | None = None,
) -> None:
    """Send a run's events over a WebSocket until the run ends or the client leaves.

    Each text frame is the JSON of one event. A client may send `{"type": "cancel", "reason": "…"}`. Closing the socket
    does not cancel the run. The route decides who may see the run.

    Args:
        run: A run that goes on or has ended: a `Run`, or what `attach` or `replay` returned.
        socket: The socket of a FastAPI or Starlette route. It is accepted here if the route has not done so.
        after: The seq of the last event that the client has, -1 for no event. None takes it from the header
            `Last-Event-ID` or else from the parameter `?after=`.
        snapshots: True adds the output so far to content events, as `partial`. None asks the parameter `?snapshots=1`.
        view: True sends what is to be seen in place of the events: first `{"n": 0, "tree": …}`, then its changes as
            `{"n": 1, "ops": […]}`, at the end `{"n": …, "end": true}`. None asks the parameter `?view=1`.
        cancel: False ignores the client's cancel frames.
        stall: Seconds without taking any bytes after which the connection is dropped.
        closing: A future that ends the stream when it is done, as when the server stops.

    Example:
        ::

            from fastapi import FastAPI, WebSocket

            app, run = FastAPI(), report("tides")

            @app.websocket("/report/ws")
            async def events(socket: WebSocket) -> None:
                await pnb.web.websocket(run, socket)

    """
    if socket.application_state is WebSocketState.CONNECTING:
        await socket.accept()
    try:
        view = wants_view(socket.scope) if view is None else view
        begin = -1 if view else begin_after(run.log, socket.scope, after)
        snapshots = wants_snapshots(socket.scope) if snapshots is None else snapshots
    except InputError as error:
        await _close(socket, BAD_REQUEST, str(error))
        return
    async with departure(_listen(run, socket, cancel=cancel), closing) as gone:
        # These errors mean that the client has left.
        with suppress(StalledError, WebSocketDisconnect, RuntimeError, OSError):
            if view:
                await _send_view(run, socket, gone, stall)
            else:
                await _send_all(run, socket, gone, begin, snapshots=snapshots, stall=stall)
            if run.log.ended and not has_left(gone):
                await _close(socket, ENDED, "the run has ended")
            elif gone.cancelled():
                await _close(socket, RESTART, "the server stops")


async def _send_all(
    run: Watchable, socket: WebSocket, gone: Departure, after: int, *, snapshots: bool, stall: float
) -> None:
    room = Room(socket.scope, stall)
    with Cursor(run.log, after, until=gone) as cursor:
        folded: Snapshots | None = None
        line_of = None
        if snapshots:
            folded = Snapshots(run.log)
            if not await folded.reach(cursor.position, until=gone):
                return
            line_of = folded.line
        while not has_left(gone):
            if folded is not None:
                await folded.reach(len(run.log), until=gone)
            lines = cursor.take(line_of).lines
            for line in lines:
                await _send(socket, line, room)
                if has_left(gone):
                    return
            if not lines and (cursor.over or gone.done()):
                return
            await cursor.wait(SILENT)


async def _send_view(run: Watchable, socket: WebSocket, gone: Departure, stall: float) -> None:
    room = Room(socket.scope, stall)
    with ViewCursor(run, until=gone) as cursor:
        while not has_left(gone):
            frames = cursor.frames()
            for frame in frames:
                await _send(socket, frame.data, room)
            if not frames and (cursor.over or gone.done()):
                return
            await cursor.wait(SILENT)


async def _send(socket: WebSocket, line: bytes, room: Room) -> None:
    fragment = socket.scope.get("extensions", {}).get(FRAGMENT)
    if fragment is None or len(line) <= PART:
        with room:
            await socket.send_text(line.decode())
        return
    # In parts: a connection that takes nothing then holds one part of a large event.
    for at in range(0, len(line), PART):
        with room:
            await fragment(line[at : at + PART], is_first=at == 0, is_last=at + PART >= len(line))


async def _listen(run: Watchable, socket: WebSocket, *, cancel: bool) -> None:
    with suppress(WebSocketDisconnect, RuntimeError):
        while True:
            frame = await socket.receive()
            if frame["type"] == "websocket.disconnect":
                return
            message = object_of(frame.get("text") or "")
            if cancel and message.get("type") == "cancel":
                run.cancel(reason_of(message))


async def _close(socket: WebSocket, code: int, reason: str) -> None:
    with suppress(RuntimeError, OSError, WebSocketDisconnect):
        await socket.close(code, reason)
