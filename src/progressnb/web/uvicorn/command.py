"""`progressnb serve`: operations on a socket until Ctrl-C."""

from __future__ import annotations

import importlib
import os
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import progressnb
from progressnb.agents.models import resolve_model
from progressnb.errors import InputError, ServeError
from progressnb.execution.operation import Operation
from progressnb.history.history import History
from progressnb.web.access import is_loopback
from progressnb.web.server.app import create_app
from progressnb.web.uvicorn.serving import server_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["TOKEN", "load", "serve_until_stopped"]

TOKEN = "PROGRESSNB_TOKEN"  # noqa: S105 - the name of a variable
"""The environment's variable with the token: on a command line other users would see it."""

SHIPPED = ("customize", "generate", "chart", "generate_tests")


def load(names: Sequence[str]) -> list[Operation[..., Any]]:
    """Return the operations of names such as `package.module:report` or `chart`; without any, all shipped ones.

    Raises `InputError` for a name that is none of an operation.
    """
    if not names:
        return [getattr(progressnb, name) for name in SHIPPED]
    if str(Path.cwd()) not in sys.path:  # as `python -m` does
        sys.path.insert(0, str(Path.cwd()))
    return [_loaded(name) for name in names]


def _loaded(name: str) -> Operation[..., Any]:
    if name in SHIPPED:
        return cast("Operation[..., Any]", getattr(progressnb, name))
    module, _, attribute = name.partition(":")
    remedy = f"Write package.module:report, or one of {', '.join(SHIPPED)}."
    try:
        found = getattr(importlib.import_module(module), attribute) if attribute else None
    except (ImportError, AttributeError, TypeError, ValueError) as error:
        raise InputError("the name of an operation", f"{name} ({error})", remedy) from None
    if not isinstance(found, Operation):
        raise InputError("the name of an operation", name, remedy)
    return cast("Operation[..., Any]", found)


async def serve_until_stopped(
    names: Sequence[str],
    *,
    host: str,
    port: int,
    model: str | None,
    history: Path | None,
    contents: bool,
    say: Callable[[str], None],
) -> None:
    """Serve until Ctrl-C or SIGTERM. Raises what `create_app` and `serve` raise, and `ModelError`."""
    token = os.environ.get(TOKEN) or None
    if token is None and not is_loopback(host):
        remedy = f"Set {TOKEN} to one, or serve on 127.0.0.1."
        raise ServeError("a token for a host that others can reach", f"none for {host}", remedy)
    resolve_model(model)  # one that is unknown is told now, not by the first run
    with ExitStack() as stack:
        kept = None if history is None else stack.enter_context(History(history, contents=contents))
        given = {} if model is None else {"model": model}
        app = create_app(load(names), token=token, history=kept, given=given)
        server = server_of(app, host=host, port=port, token=token, signals=True)
        await server.start()
        say(f"Serving {', '.join(server.service.operations)} on {server.url}")
        say("Clients send the token." if token else f"Only this machine is answered. Set {TOKEN} to serve others.")
        say(f"Watch a run on {server.url}/runs/{{run_id}}/view. What clients can ask: {server.url}/docs.")
        say("Ctrl-C stops it.")
        await server.wait()
