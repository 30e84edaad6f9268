"""The server of `progressnb serve`: operations on a socket until Ctrl-C."""

from __future__ import annotations

import os
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from progressnb.errors import ServeError
from progressnb.history.history import History
from progressnb.web.access import is_loopback
from progressnb.web.server.app import create_app
from progressnb.web.uvicorn.serving import server_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from progressnb.execution.operation import Operation

__all__ = ["TOKEN", "serve_until_stopped"]

TOKEN = "PROGRESSNB_TOKEN"  # noqa: S105 - the name of a variable
"""The environment variable with the token. Other users of the machine would see a token on the command line."""


async def serve_until_stopped(
    operations: Iterable[Operation[..., Any]],
    *,
    host: str,
    port: int,
    given: Mapping[str, object],
    history: Path | None,
    contents: bool,
    say: Callable[[str], None],
) -> None:
    """Serve operations until Ctrl-C or SIGTERM. Raises as `create_app` and `serve` do.

    `given` are inputs that the server decides. `history` is a SQLite file for the runs, with inputs, outputs and
    results if `contents` is True. `say` shows a line to the user.
    """
    token = os.environ.get(TOKEN) or None
    if token is None and not is_loopback(host):
        remedy = f"Set {TOKEN} to one, or serve on 127.0.0.1."
        raise ServeError("a token for a host that others can reach", f"none for {host}", remedy)
    with ExitStack() as stack:
        kept = None if history is None else stack.enter_context(History(history, contents=contents, create=True))
        app = create_app(operations, token=token, history=kept, given=given)
        server = server_of(app, host=host, port=port, token=token, signals=True)
        await server.start()
        say(f"Serving {', '.join(server.service.operations)} on {server.url}")
        say("Clients send the token." if token else f"Only this machine is answered. Set {TOKEN} to serve others.")
        say("Open it in a browser: it has the operations, the latest runs and all routes.")
        say(f"POST {server.url}/runs begins a run; `links.view` of its answer is the page.")
        say("Ctrl-C stops it.")
        await server.wait()
