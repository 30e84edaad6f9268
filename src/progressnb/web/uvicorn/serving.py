"""`serve`: the app on a socket, from a notebook, a script or the command line."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import socket
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import uvicorn

from progressnb.errors import ServeError
from progressnb.web.access import is_loopback
from progressnb.web.server.app import create_app
from progressnb.web.streams.stalls import ABORT
from progressnb.web.uvicorn.framing import QuietSocket

if TYPE_CHECKING:
    from collections.abc import Collection, Generator, Iterable, Mapping
    from types import TracebackType
    from typing import Self

    from starlette.types import ASGIApp, Receive, Scope, Send

    from progressnb.execution.operation import Operation
    from progressnb.history.history import History
    from progressnb.web.server.limits import Limits
    from progressnb.web.server.registry import ServedRun
    from progressnb.web.server.service import Service

__all__ = ["Server", "bind", "serve", "server_of"]

GRACE = 5.0
"""Seconds that a stop waits for runs to end, and again for connections to close."""

SEND_BUFFER = 262_144
"""Bytes that the system keeps for a connection that takes nothing; by itself it would go to 4 MB."""

LAST_PORT = 65_535

SOCKET_MESSAGE = 65_536
"""Bytes that a client may send in one WebSocket message."""


class Server:
    """A server at work on this loop. `url` is where it is, `token` what clients send; `await stop()` ends it."""

    def __init__(self, server: _Uvicorn, listener: socket.socket, host: str, token: str | None) -> None:
        self._server = server
        self._listener = listener
        self.token = token
        shown = f"[{host}]" if ":" in host else host
        self.url = f"http://{shown}:{listener.getsockname()[1]}"
        self._task: asyncio.Task[None] | None = None
        self._stopped = False

    def __str__(self) -> str:
        """Return the address."""
        return self.url

    def __repr__(self) -> str:
        """Show where it is; the token is not shown."""
        return f"<Server {self.url}>"

    @property
    def service(self) -> Service:
        """The operations and runs that are served."""
        return self._server.service

    def add(self, run: ServedRun) -> str:
        """Serve a run that was begun here, and return the address of its page, with the token in it.

        Raises `ServeError` once the server has stopped.
        """
        if self._stopped or (self._task is not None and self._task.done()):
            raise ServeError("a server at work", f"{self.url}, which has stopped", "Begin another: await pnb.serve(…).")
        self.service.registry.add(run)
        return self.page(run.id)

    def page(self, run_id: str) -> str:
        """Return the address of a run's page, with the token in its fragment, which no server sees."""
        fragment = f"#token={quote(self.token, safe='')}" if self.token is not None else ""
        return f"{self.url}/runs/{quote(run_id, safe='')}/view{fragment}"

    async def start(self) -> Self:
        """Begin to serve."""
        self._task = asyncio.get_running_loop().create_task(self._serve(), name="progressnb serve")
        ready = asyncio.ensure_future(self._server.ready.wait())
        await asyncio.wait([self._task, ready], return_when=asyncio.FIRST_COMPLETED)
        ready.cancel()
        if self._task.done():
            self._task.result()
        return self

    async def _serve(self) -> None:
        try:
            await self._server.serve(sockets=[self._listener])
        finally:
            self._listener.close()

    async def stop(self) -> None:
        """Cancel the runs that clients began, end the streams, close the socket. May be called again."""
        self._stopped = True
        if self._task is None:
            self._listener.close()
            return
        self._server.should_exit = True
        self._server.stopping.set()
        await asyncio.wait([self._task])
        if not self._task.cancelled():
            self._task.result()

    async def wait(self) -> None:
        """Wait until it is stopped."""
        if self._task is not None:
            await asyncio.wait([self._task])

    async def __aenter__(self) -> Self:
        """Serve for a block."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Stop."""
        await self.stop()


class _Uvicorn(uvicorn.Server):
    """Uvicorn with streams that end before it waits for them, and without signal handlers unless asked for."""

    def __init__(self, config: uvicorn.Config, service: Service, *, signals: bool) -> None:
        super().__init__(config)
        self.service = service
        self.ready, self.stopping = asyncio.Event(), asyncio.Event()
        self._signals = signals

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        """Leave Ctrl-C to the kernel."""
        with super().capture_signals() if self._signals else contextlib.nullcontext():
            yield
            self._captured_signals.clear()  # it has stopped, as was asked; nothing is to be raised again

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Say when clients can come."""
        await super().startup(sockets)
        self.ready.set()

    async def main_loop(self) -> None:
        """Look ten times a second whether a signal came, as uvicorn does, and stop at once when asked to."""
        tick = 0
        while not await self.on_tick(tick):
            tick = (tick + 1) % 10
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(0.1):
                    await self.stopping.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Close the listeners, then the streams, then all else."""
        for server in self.servers:
            server.close()
        await self.service.close(GRACE)
        await super().shutdown(sockets)
        for connection in list(self.server_state.connections):  # those that take nothing don't close by themselves
            connection.transport.abort()

    def abort(self, client: object) -> None:
        """Drop a connection with what it has not taken."""
        for connection in list(self.server_state.connections):
            if getattr(connection, "client", None) == client:
                connection.transport.abort()


async def serve(
    operations: Iterable[Operation[..., Any]] = (),
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    token: str | None = None,
    history: History | None = None,
    given: Mapping[str, object] | None = None,
    limits: Limits | None = None,
    origins: Collection[str] = (),
    query_token: bool = False,
    docs: bool = True,
) -> Server:
    """Serve operations and runs from here, on the loop that runs, and return the server.

    Port 0 is a free one. All else is as for `create_app`. Raises `ServeError` for a port that is taken and for a
    host that others can reach while there is no token. ::

        server = await pnb.serve([pnb.customize])
        run = pnb.customize(pnb.samples.resume, pnb.samples.job)
        print(server.add(run))  # a page that shows this run
        await server.stop()
    """
    app = create_app(
        operations,
        token=token,
        history=history,
        given=given,
        limits=limits,
        origins=origins,
        query_token=query_token,
        docs=docs,
    )
    return await server_of(app, host=host, port=port, token=token).start()


def server_of(app: Any, *, host: str, port: int, token: str | None, signals: bool = False) -> Server:  # noqa: ANN401 - FastAPI's
    """Bind a socket for an app of `create_app`. Raises `ServeError`."""
    if token is None and not is_loopback(host):
        raise ServeError(
            "a token for a host that others can reach", f"none for {host}", "Pass token=, or serve on 127.0.0.1."
        )
    listener = bind(host, port)
    config = uvicorn.Config(
        app=app,
        lifespan="off",  # the streams have to end before the connections do, which a lifespan is told too late for
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=round(GRACE),
        ws=QuietSocket,
        ws_max_size=SOCKET_MESSAGE,
        ws_per_message_deflate=False,
    )
    server = _Uvicorn(config, app.state.service, signals=signals)
    config.load()
    config.loaded_app = _with_abort(app, server)  # and without the log at level TRACE, which has queries
    return Server(server, listener, host, token)


def _with_abort(app: ASGIApp, server: _Uvicorn) -> ASGIApp:
    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket"):
            scope.setdefault("extensions", {})[ABORT] = functools.partial(server.abort, scope.get("client"))
        with contextlib.suppress(asyncio.CancelledError):  # the loop ends without a stop: nobody is to be told of it
            await app(scope, receive, send)

    return wrapped


def bind(host: str, port: int) -> socket.socket:
    """Return a socket that listens. Raises `ServeError` where that can't be."""
    remedy = "Choose another port; 0 is a free one."
    if not 0 <= port <= LAST_PORT:  # by itself the system would take another one
        raise ServeError(f"a port from 0 to {LAST_PORT}", repr(port), remedy)
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind, protocol)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
            listener.bind(address)
            listener.listen(2048)
            listener.setblocking(False)  # noqa: FBT003 - its only form
        except BaseException:
            listener.close()
            raise
    except (OSError, OverflowError, UnicodeError) as error:
        got = f"{host}:{port} ({getattr(error, 'strerror', None) or error})"
        raise ServeError("a host and a port to serve on", got, remedy) from None
    return listener
