"""A run over a WebSocket: the events as text frames, and `{"type": "cancel"}` back."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

from starlette.websockets import WebSocketDisconnect, WebSocketState

from progressnb.errors import InputError
from progressnb.web.server.security import object_of
from progressnb.web.streams.cursor import BATCH, Cursor
from progressnb.web.streams.snapshots import Snapshots
from progressnb.web.streams.sse import begin_after, snapshots_of
from progressnb.web.streams.stalls import FRAGMENT, STALL, StalledError, limited

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.websockets import WebSocket

    from progressnb.tracking.protocols import Watchable

__all__ = ["BAD_REQUEST", "BUSY", "GONE", "RESTART", "reason_of", "websocket"]

ENDED = 1000
"""The close code after a run's last event."""

RESTART = 1012
"""The close code when the server stops: come again."""

BUSY = 1013
"""The close code when there are too many clients: come again later."""

GONE = 4404
"""The close code for a run that is not there."""

BAD_REQUEST = 4400
"""The close code for a place that is no seq of the run, and for too many parameters."""

LONGEST_REASON = 200
"""Characters of a client's reason to cancel that are kept."""


async def websocket(
    run: Watchable,
    socket: WebSocket,
    *,
    after: int | None = None,
    snapshots: bool | None = None,
    cancel: bool = True,
    stall: float = STALL,
    closing: asyncio.Future[None] | None = None,
) -> None:
    """Send a run's events over a WebSocket until the run ends or the client is gone.

    Each text frame is one event's JSON. `?after=` and `?snapshots=1` are as in `sse`. A client may send
    `{"type": "cancel"}`, with a `"reason"` if it likes, unless `cancel` is False; closing the socket cancels nothing.
    Accepts the socket if that is still to be done; who may see the run is the route's business. `closing` is a future
    that ends it. ::

        @app.websocket("/report/ws")
        async def events(socket: WebSocket) -> None:
            await pnb.web.websocket(run, socket)
    """
    if socket.application_state is WebSocketState.CONNECTING:
        await socket.accept()
    try:
        begin = begin_after(run.log, socket.scope, after)
        snapshots = snapshots_of(socket.scope) if snapshots is None else snapshots
    except InputError as error:
        await _close(socket, BAD_REQUEST, str(error))
        return
    gone = asyncio.ensure_future(_listen(run, socket, cancel=cancel))

    def close(_: object) -> None:
        gone.cancel()

    if closing is not None:
        closing.add_done_callback(close)
    try:
        await _send_all(run, socket, gone, begin, snapshots=snapshots, stall=stall)
        if run.log.ended and not _left(gone):
            await _close(socket, ENDED, "the run has ended")
        elif gone.cancelled():
            await _close(socket, RESTART, "the server stops")
    except (StalledError, WebSocketDisconnect, RuntimeError, OSError):
        pass  # the client is gone, which is its right
    finally:
        if closing is not None:
            closing.remove_done_callback(close)
        gone.cancel()
        await asyncio.wait([gone])


async def _send_all(
    run: Watchable, socket: WebSocket, gone: asyncio.Future[None], after: int, *, snapshots: bool, stall: float
) -> None:
    with Cursor(run.log, after) as cursor:
        folded = Snapshots(cursor) if snapshots else None
        while not _left(gone):  # who closes lets what is there be sent
            if taken := cursor.events():
                for event, line in taken:
                    await _send(socket, folded.event(event, line) if folded else line, stall)
                    if _left(gone):
                        return
            elif cursor.over or gone.done():
                return
            else:  # the server's pings keep an idle connection
                await cursor.wait(3600, until=gone)


async def _send(socket: WebSocket, line: bytes, stall: float) -> None:
    fragment = socket.scope.get("extensions", {}).get(FRAGMENT)
    if fragment is None or len(line) <= BATCH:
        await limited(socket.scope, socket.send_text(line.decode()), stall)
        return
    for at in range(0, len(line), BATCH):  # what waits for a connection that takes nothing is one part
        sending = fragment(line[at : at + BATCH], is_first=at == 0, is_last=at + BATCH >= len(line))
        await limited(socket.scope, sending, stall)


def _left(gone: asyncio.Future[None]) -> bool:
    return gone.done() and not gone.cancelled()


async def _listen(run: Watchable, socket: WebSocket, *, cancel: bool) -> None:
    with suppress(WebSocketDisconnect, RuntimeError):
        while True:
            message = await socket.receive()
            if message["type"] == "websocket.disconnect":
                return
            said = object_of(message.get("text") or "")
            if cancel and said.get("type") == "cancel":
                run.cancel(reason_of(said))


def reason_of(said: Mapping[str, object]) -> str:
    """Return why a client cancels: what it said, on one line of some length, or that it was a client."""
    reason = said.get("reason")
    shown = "".join(each if each.isprintable() else " " for each in reason) if isinstance(reason, str) else ""
    shown = " ".join(shown.split())[:LONGEST_REASON]
    return shown or "cancelled by a client"


async def _close(socket: WebSocket, code: int, reason: str) -> None:
    with suppress(RuntimeError, OSError, WebSocketDisconnect):
        await socket.close(code, reason)
