"""Runs over a network: a server with server-sent events, WebSockets and a page, and `attach` to watch its runs.

Each name loads the packages that it needs when it is first used: `sse` loads Starlette, and only `serve` and `Server`
load uvicorn. They come with the extra `web`.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from progressnb.errors import needs_extra
from progressnb.wire.text import Text

if TYPE_CHECKING:
    from progressnb.web.client.attach import attach
    from progressnb.web.server.app import create_app
    from progressnb.web.server.limits import Limits
    from progressnb.web.streams.sockets import websocket
    from progressnb.web.streams.sse import sse
    from progressnb.web.uvicorn.serving import Server, serve

__all__ = ["Limits", "Server", "Text", "attach", "create_app", "serve", "sse", "websocket"]

_TABLE = {
    "Limits": "server.limits",
    "Server": "uvicorn.serving",
    "attach": "client.attach",
    "create_app": "server.app",
    "serve": "uvicorn.serving",
    "sse": "streams.sse",
    "websocket": "streams.sockets",
}


class _Listed(str):
    """A name as `dir()` lists it: a scan that asks for it loads nothing, as in `progressnb` itself."""

    __slots__ = ()


def __getattr__(name: str) -> object:
    """Load a name at its first use."""
    if name not in _TABLE or isinstance(name, _Listed):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    with needs_extra("web", f"the packages that pnb.web.{name} needs"):
        module = importlib.import_module(f"progressnb.web.{_TABLE[name]}")
    value = globals()[name] = getattr(module, name)
    return value


def __dir__() -> list[str]:
    """List the public names, loaded or not."""
    return [_Listed(name) for name in sorted(__all__)]
