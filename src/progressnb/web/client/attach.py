"""`attach`: a run on a server, watched like a run of this process."""

from __future__ import annotations

import random as chances
from typing import TYPE_CHECKING, Literal

from progressnb.errors import InputError, needs_extra
from progressnb.tracking.session import present

if TYPE_CHECKING:
    from collections.abc import Callable

    from progressnb.tracking.clock import Clock
    from progressnb.web.client.remote import RemoteRun

__all__ = ["attach"]


def attach(
    url: str,
    *,
    token: str | None = None,
    transport: Literal["sse", "websocket"] | None = None,
    show: bool | None = None,
    clock: Clock | None = None,
    chance: Callable[[], float] = chances.random,
) -> RemoteRun:
    """Watch a run on a server like a run of this process: panel, `await`, `async for`, `cancel()` and frames.

    A lost connection is made again, and no event is lost or doubled. The run is read until it ends, also if nobody
    holds the returned object. The result is plain data: where the operation returns a model, it
    is a dict here, and `Model.model_validate(result)` makes the model again.

    The run lives on the server. So `pnb.runs()` does not list it, `pnb.cancel_all()` does not cancel it, and
    `use_history` does not record it.

    Args:
        url: The URL of the run or of its page, such as `http://127.0.0.1:8000/runs/0f3a…`.
        token: The server's token. None takes the ticket from the URL of a page, which has one in its fragment for 60
            seconds.
        transport: `"sse"` or `"websocket"`. None is `"sse"`, and a WebSocket where the URL begins with `ws` or where
            something on the way gathers the stream.
        show: Whether the run is shown. None leaves it to the session.
        clock: The clock of the pauses between connections; None is the system's.
        chance: A function that returns numbers from 0 to 1, for the length of the pauses.

    Returns:
        The run. Its `connection` tells whether it is connected.

    Raises:
        InputError: For a URL that is not a run's.
        MissingExtraError: Without the extra `web`.

    Awaiting it raises `RunFailed` or `RunCancelled` for a run without a result, `UnknownRunError` for a run that the
    server does not have, and `AttachError` if the server refuses or does not answer: for 30 seconds at first, for five
    minutes after a connection.

    Example:
        ::

            server = await pnb.serve(token="choose-one")
            url = server.add(report("tides"))  # in another process or on another machine, as a rule
            run = pnb.attach(url)  # or pnb.attach("http://…/runs/0f3a…", token="choose-one")
            print(await run)
            await server.stop()

    """
    with needs_extra("web", "httpx, httpx-sse and websockets to read served runs"):
        from progressnb.web.client.address import Address
        from progressnb.web.client.remote import RemoteRun
        from progressnb.web.client.transports import read_sse, read_websocket

    if transport not in (None, "sse", "websocket"):
        raise InputError('"sse" or "websocket"', repr(transport))
    address, wants_socket = Address.of(url, token)
    is_socket = transport == "websocket" or (transport is None and wants_socket)
    other = read_websocket if transport is None and not is_socket else None
    run = RemoteRun(address, read_websocket if is_socket else read_sse, other=other, clock=clock, chance=chance)
    run.shown = present(run, show=show)
    run.begin()  # after it is shown, so that the screen sees every change
    return run
