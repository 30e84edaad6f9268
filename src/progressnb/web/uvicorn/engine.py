"""The engine: uvicorn's server with changes to how it starts, stops and drops connections.

The parts of uvicorn that it overrides or reads are not public. `tests/web/test_uvicorn_parts.py` checks them.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
from typing import TYPE_CHECKING

import uvicorn

from progressnb.web.server.security import KNOWN
from progressnb.web.streams.stalls import ABORT

if TYPE_CHECKING:
    import socket
    from collections.abc import Generator

    from starlette.types import ASGIApp, Receive, Scope, Send

    from progressnb.web.server.service import Service
    from progressnb.web.uvicorn.strangers import Strangers

__all__ = ["GRACE", "Engine", "with_abort"]

WAITING = 2048
"""The largest number of connections that the system keeps until they are accepted."""

GRACE = 5.0
"""Seconds that a stop waits for runs to end, and again for connections to close."""


SENDING = 1.0
"""Seconds that a stop waits for streams to send what is left, and to close by themselves."""


class Engine(uvicorn.Server):
    """Uvicorn that ends the streams before it waits for connections, and handles signals on request only."""

    def __init__(self, config: uvicorn.Config, service: Service, strangers: Strangers, *, signals: bool) -> None:
        super().__init__(config)
        self.service, self.strangers = service, strangers
        self.ready, self.stopping = asyncio.Event(), asyncio.Event()
        self._signals = signals

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        """Leave Ctrl-C to the notebook's kernel, unless signals are asked for."""
        with super().capture_signals() if self._signals else contextlib.nullcontext():
            yield
            self._captured_signals.clear()  # the server has stopped, so uvicorn must not raise the signal again

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Open the sockets, then set `ready`."""
        await super().startup(sockets)
        for listener in sockets or ():
            listener.listen(WAITING)  # uvicorn has set the number of those that are accepted at once
        self.ready.set()

    async def main_loop(self) -> None:
        """Look for signals and overdue heads ten times a second, and stop at once when `stopping` is set."""
        tick = 0
        while not await self.on_tick(tick):
            tick = (tick + 1) % 10
            self.strangers.sweep()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(0.1):
                    await self.stopping.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Close the listeners, then the streams, then the connections."""
        for server in self.servers:
            server.close()
        await self.service.close(GRACE)
        if streams := [*self.server_state.tasks]:  # uvicorn would close sockets before they have sent the last events
            await asyncio.wait(streams, timeout=SENDING)
        await super().shutdown(sockets)
        for connection in list(self.server_state.connections):  # those that take nothing don't close by themselves
            connection.transport.abort()

    def abort(self, client: object) -> None:
        """Drop a client's connection at once, with the bytes that it has not taken."""
        for connection in list(self.server_state.connections):
            if getattr(connection, "client", None) == client:
                connection.transport.abort()


def with_abort(app: ASGIApp, engine: Engine) -> ASGIApp:
    """Return an app whose requests can drop their connection and be let in: the ASGI extensions `ABORT` and `KNOWN`."""

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket"):
            extensions = scope.setdefault("extensions", {})
            extensions[ABORT] = functools.partial(engine.abort, scope.get("client"))
            extensions[KNOWN] = functools.partial(engine.strangers.known, scope.get("client"))
        with contextlib.suppress(asyncio.CancelledError):  # the loop was closed without `stop`, which is no error
            await app(scope, receive, send)

    return wrapped
