"""`attach`: watch a run that a server serves as if it were one's own."""

from __future__ import annotations

import random as chances
from typing import TYPE_CHECKING, Literal

from progressnb.errors import InputError, MissingExtraError
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
    """Watch a run that is served somewhere else: the same panel, `await`, `async for`, `cancel()` and frames.

    `url` is the run's or its page's; a token in the page's fragment is taken if none is given. `transport` is
    `"sse"` unless the URL begins with `ws`. A connection that is lost is made again, and nothing is lost or
    doubled; the run goes on meanwhile. It is read until it ends, also if nobody holds what this returns.

    The result is plain data, as it came over the wire: where the operation returns a model, it is a dict here, and
    its type can make a model of it again. Until there is a connection, the panel says what is tried, and for how long.

    The run lives elsewhere: `pnb.runs()` does not list it, and `pnb.cancel_all()` leaves it alone. `use_history`
    does not record it; the history of its server does.

    Raises `InputError` for a URL that is no run's, and `MissingExtraError` without the extra `web`. Awaiting raises
    `RunFailed` or `RunCancelled` for a run that has no result, `UnknownRunError` for one that the server does not have,
    and `AttachError` where the server refuses, or has not answered for five minutes, or for half a minute at first. ::

        run = pnb.attach("http://127.0.0.1:8000/runs/0f3a…", token="…")
        result = await run
        result["evaluation"]["match_score"]  # a dict; result.evaluation.match_score is where it was begun
        pnb.operations.resume.Customization.model_validate(result).save("resume.docx")
    """
    try:
        from progressnb.web.client.address import Address
        from progressnb.web.client.remote import RemoteRun
        from progressnb.web.client.transports import read_sse, read_websocket
    except MissingExtraError:
        raise
    except ImportError as error:
        raise MissingExtraError(
            "httpx, httpx-sse and websockets to read served runs",
            f"none ({error})",
            'Install them: pip install "progressnb[web]"',
        ) from None

    if transport not in (None, "sse", "websocket"):
        raise InputError('"sse" or "websocket"', repr(transport))
    address, wants_socket = Address.of(url, token)
    read = read_websocket if (transport == "websocket" or (transport is None and wants_socket)) else read_sse
    run = RemoteRun(address, read, clock=clock, chance=chance)
    run.shown = present(run, show=show)
    run._begin()  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] # after it is shown: no change goes unseen
    return run
