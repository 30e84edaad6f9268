"""`serve`: the app on a socket, from a notebook, a script or the command line."""

from __future__ import annotations

import asyncio
import functools
import time
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import quote

import uvicorn

from progressnb.errors import ServeError
from progressnb.web.access import is_loopback
from progressnb.web.server.app import create_app
from progressnb.web.server.keys import TICKET
from progressnb.web.uvicorn.engine import GRACE, Engine, with_abort
from progressnb.web.uvicorn.framing import QuietSocket
from progressnb.web.uvicorn.heads import TimedHeads
from progressnb.web.uvicorn.listener import bind
from progressnb.web.uvicorn.strangers import ACCEPTED, Strangers, room_of
from progressnb.wire.loops import asyncio_loop

if TYPE_CHECKING:
    import socket
    from collections.abc import Collection, Iterable, Mapping
    from types import TracebackType
    from typing import Self

    from progressnb.execution.operation import Operation
    from progressnb.history.history import History
    from progressnb.web.server.limits import Limits
    from progressnb.web.server.registry import ServedRun
    from progressnb.web.server.service import Service

__all__ = ["Server", "serve", "server_of"]

REQUESTS = 1_000
"""The number of connections besides streams and sockets."""

SOCKET_MESSAGE = 65_536
"""The largest WebSocket message from a client, in bytes."""


class Server:
    """A server on the loop that runs. `serve` returns it. As a block, `async with`, it stops at the end.

    Attributes:
        url: The address, such as `http://127.0.0.1:8000`.
        token: The token that clients send, or None.

    Example:
        ::

            async with await pnb.serve([report]) as server:
                print(server.add(report("tides")))

    """

    def __init__(self, engine: Engine, listener: socket.socket, host: str, token: str | None) -> None:
        self._engine = engine
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
        """Show the address, without the token."""
        return f"<Server {self.url}>"

    @property
    def service(self) -> Service:
        """The operations and the runs that are served."""
        return self._engine.service

    def add(self, run: ServedRun) -> str:
        """Serve a run that was begun in this process. Its panel then has a link to the page.

        Args:
            run: The run. It may have ended.

        Returns:
            The address of the run's page, with a ticket in it that lets in for 60 seconds. The page changes it for a
            session of 12 hours, which its tab keeps. `page` returns the address with a new ticket.

        Raises:
            ServeError: The server has stopped.

        """
        if self._stopped or (self._task is not None and self._task.done()):
            raise ServeError("a server at work", f"{self.url}, which has stopped", "Begin another: await pnb.serve(…).")
        self.service.registry.add(run)
        page = self.page(run.id)
        run.link = page.partition("#")[0]  # panels show it, and files keep panels: the ticket stays out of it
        return page

    def page(self, run_id: str) -> str:
        """Return the address of a run's page, with a new ticket in its fragment, which browsers don't send.

        The ticket lets in for 60 seconds: browsers keep addresses in their histories.
        """
        fragment = f"#ticket={self.service.keys.signed(TICKET)}" if self.token is not None else ""
        return f"{self.url}/runs/{quote(run_id, safe='')}/view{fragment}"

    def show(self, run: ServedRun | str, *, height: int = 480) -> None:
        """Embed the page of a run below the cell. The page shows the run as it does in any browser.

        The kernel must run on the browser's own machine. Nothing is embedded outside a notebook, and where a program
        executes one: its file would keep a frame that leads nowhere.

        Args:
            run: The id of a run that is served, or a run, which is served from now on.
            height: Pixels.

        Raises:
            ServeError: The server has stopped.

        Example:
            ::

                async with await pnb.serve([report]) as server:
                    server.show(report("tides"))

        """
        from progressnb.display.embedded import embed

        embed(self.page(run) if isinstance(run, str) else self.add(run), height)

    async def start(self) -> Self:
        """Start the server, and return when clients can connect."""
        self._task = asyncio_loop().create_task(self._serve(), name="progressnb serve")
        ready = asyncio.ensure_future(self._engine.ready.wait())
        await asyncio.wait([self._task, ready], return_when=asyncio.FIRST_COMPLETED)
        ready.cancel()
        if self._task.done():
            self._task.result()
        return self

    async def _serve(self) -> None:
        try:
            await self._engine.serve(sockets=[self._listener])
        finally:
            self._listener.close()

    async def stop(self) -> None:
        """Cancel the runs that clients began, end the streams and close the socket. A second call does nothing."""
        self._stopped = True
        for run in self.service.registry.listed():
            run.link = "" if run.link.startswith(f"{self.url}/") else run.link
        if self._task is None:
            self._listener.close()
            return
        self._engine.should_exit = True
        self._engine.stopping.set()
        await asyncio.wait([self._task])
        if not self._task.cancelled():
            self._task.result()

    async def wait(self) -> None:
        """Wait until the server has stopped."""
        if self._task is not None:
            await asyncio.wait([self._task])

    async def __aenter__(self) -> Self:
        """Return the server."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Stop the server."""
        await self.stop()


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
    """Start a server for operations and runs, on the loop that runs.

    Args:
        operations: The operations that clients may begin.
        host: The name or address to listen on. Another host than this machine needs a token.
        port: The port to listen on; 0 is a free one.
        token: The token that clients send. Without a token only clients on this machine are answered.
        history: The history that records the runs that clients begin. None leaves recording to the session.
        given: Inputs that the server decides, such as `{"model": "openai:gpt-5"}`.
        limits: The limits of the server; None is `Limits()`.
        origins: Other web pages that may send requests, such as `"https://example.com"`.
        query_token: True takes the token from the parameter `?token=` as well.
        docs: False turns off `/docs` and `/openapi.json`.

    Returns:
        The server, which listens already. `await server.stop()` ends it.

    Raises:
        ServeError: For a port that is taken, and for a host that others can reach while there is no token.
        OperationError: As in `create_app`.
        InputError: As in `create_app`.

    Example:
        ::

            server = await pnb.serve([pnb.customize])
            run = pnb.customize(pnb.samples.resume, pnb.samples.job)
            print(server.add(run))  # a page that shows this run
            await server.stop()

    """
    asyncio_loop()  # an error before a socket is open
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
    """Bind a socket for an app of `create_app`, and return a server that has not started. Raises `ServeError`."""
    if token is None and not is_loopback(host):
        raise ServeError(
            "a token for a host that others can reach", f"none for {host}", "Pass token=, or serve on 127.0.0.1."
        )
    listener = bind(host, port)
    service: Service = app.state.service
    limits = service.limits
    strangers = Strangers(room_of(limits.clients + REQUESTS), limits.patience, time.monotonic)
    config = uvicorn.Config(
        app=app,
        lifespan="off",  # streams must end before connections do, and a lifespan ends after them
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=round(GRACE),
        backlog=ACCEPTED,
        http=cast("Any", functools.partial(TimedHeads, strangers=strangers)),
        ws=cast("Any", functools.partial(QuietSocket, strangers=strangers)),
        ws_max_size=SOCKET_MESSAGE,
        ws_per_message_deflate=False,
    )
    engine = Engine(config, service, strangers, signals=signals)
    config.load()
    # Set here, as uvicorn would wrap the app in its log of level TRACE, which has queries.
    config.loaded_app = with_abort(app, engine)
    return Server(engine, listener, host, token)
