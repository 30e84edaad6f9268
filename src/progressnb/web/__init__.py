"""Runs served over SSE and WebSocket, with a page that shows them. Needs the extra `web`."""

from __future__ import annotations

from progressnb.errors import MissingExtraError

try:
    import fastapi as _fastapi
    import uvicorn as _uvicorn
except ImportError as error:
    raise MissingExtraError(
        "FastAPI and uvicorn to serve runs", f"none ({error})", 'Install them: pip install "progressnb[web]"'
    ) from None

from progressnb.web.app import create_app
from progressnb.web.limits import Limits
from progressnb.web.serving import Server, serve
from progressnb.web.sockets import websocket
from progressnb.web.streams import sse

__all__ = ["Limits", "Server", "create_app", "serve", "sse", "websocket"]

del _fastapi, _uvicorn
