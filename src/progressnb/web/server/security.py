"""Access control: tokens, addresses, origins and sizes, checked before a request reaches any route."""

from __future__ import annotations

import asyncio
import hmac
import ipaddress
import re
from contextlib import suppress
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote_plus, urlsplit

from starlette.responses import JSONResponse

from progressnb.web.access import is_loopback
from progressnb.web.server.bodies import Body, length_of
from progressnb.web.streams.parameters import object_of
from progressnb.web.streams.stalls import STALL, StalledError, in_parts

if TYPE_CHECKING:
    from collections.abc import Collection

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["REFUSED", "Guard"]

REFUSED = 1008
"""The close code of a WebSocket that did not send the token."""

PATIENCE = 5.0
"""Seconds within which a WebSocket must send the token in its first frame."""

_PUBLIC = re.compile(r"/runs/[^/]+/view|/docs|/openapi\.json")
_AUTHORITY = re.compile(r"(\[[0-9a-fA-F:.]+\]|[0-9a-zA-Z.-]+)(?::[0-9]*)?")


class Guard:
    """ASGI middleware that refuses clients without access. They don't even learn whether a run exists."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        token: str | None,
        query_token: bool,
        origins: Collection[str],
        body: int,
        stall: float = STALL,
    ) -> None:
        self._app = app
        self._token = token.encode() if token is not None else None
        self._query_token = query_token
        self._origins = frozenset(origin.rstrip("/").lower() for origin in origins)
        self._body, self._stall = body, stall

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Check a request or a socket, and pass it on or refuse it."""
        with suppress(StalledError):
            await self._call(scope, receive, send)

    async def _call(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = {name: value.decode("latin-1") for name, value in reversed(scope["headers"])}
        query_token = _take_token(scope)
        length = length_of(headers)
        if scope["type"] == "http":
            send = in_parts(scope, send, self._stall)
            body = Body(receive, send, self._body)
            receive = body.receive
            # HTTP/2 can end a request without its connection.
            if length and scope.get("http_version", "1.1").startswith("1"):
                send = body.send
        if refusal := self._refusal(scope, headers):
            await _refuse(scope, receive, send, 403, refusal)
        elif scope["type"] == "websocket":
            await self._socket(scope, receive, send, headers, query_token)
        elif not self._is_public(scope) and not self._knows(headers, query_token):
            await _refuse(scope, receive, send, 401, "send the token: Authorization: Bearer …")
        elif length > self._body:
            await _refuse(scope, receive, send, 413, f"a request may have {self._body:,} bytes")
        else:
            await self._app(scope, receive, send)

    def _refusal(self, scope: Scope, headers: dict[bytes, str]) -> str | None:
        """Return why a request is refused with any token, or None."""
        client = scope.get("client")
        if self._token is None and client is not None and _is_address(client[0]):
            if not is_loopback(client[0]):
                return "without a token this server answers its own machine only"
            if not is_loopback(_host(headers.get(b"host", ""))):  # a foreign name that resolves to this machine
                return "without a token this server is localhost or 127.0.0.1"
        origin = headers.get(b"origin")
        changes = scope["type"] == "websocket" or scope["method"] not in ("GET", "HEAD", "OPTIONS")
        if origin is not None and changes and not self._is_ours(origin, headers.get(b"host", "")):
            return "this origin is not allowed"
        return None

    def _is_ours(self, origin: str, host: str) -> bool:
        origin = origin.lower()
        if origin in self._origins:
            return True
        try:
            return origin != "null" and urlsplit(origin).netloc == host.lower()
        except ValueError:  # a malformed URL such as http://[
            return False

    def _is_public(self, scope: Scope) -> bool:
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        is_public = scope["method"] in ("GET", "HEAD") and _PUBLIC.fullmatch(path) is not None
        # The page holds nothing of any run, but its path with `?at=` returns the run as it was.
        return is_public and not any(name == "at" for name, _ in _query_of(scope))

    def _knows(self, headers: dict[bytes, str], query_token: str | None) -> bool | None:
        """Tell whether a client has sent the token. None: it has sent no token yet."""
        if self._token is None:
            return True
        kind, _, value = headers.get(b"authorization", "").partition(" ")
        if kind.lower() == "bearer":
            return self._is_token(value.strip())
        return self._is_token(query_token) if self._query_token and query_token is not None else None

    def _is_token(self, value: str) -> bool:
        return self._token is not None and hmac.compare_digest(value.encode("utf-8", "replace"), self._token)

    async def _socket(
        self, scope: Scope, receive: Receive, send: Send, headers: dict[bytes, str], query_token: str | None
    ) -> None:
        knows = self._knows(headers, query_token)
        if knows:
            await self._app(scope, receive, send)
            return
        if (await receive())["type"] != "websocket.connect":
            return
        await send({"type": "websocket.accept"})
        if knows is None:  # a browser can't send headers with a WebSocket, so the token is its first frame
            message: Message = {"type": "websocket.receive"}
            with suppress(TimeoutError):
                async with asyncio.timeout(PATIENCE):
                    message = await receive()
            if message["type"] == "websocket.disconnect":
                return
            token = object_of(message.get("text") or "").get("token")
            knows = isinstance(token, str) and self._is_token(token)
        if not knows:
            await send({"type": "websocket.close", "code": REFUSED, "reason": ""})
            return
        connected = False

        async def received() -> Message:
            nonlocal connected
            if connected:
                return await receive()
            connected = True
            return {"type": "websocket.connect"}

        async def sent(message: Message) -> None:
            if message["type"] != "websocket.accept":
                await send(message)

        await self._app(scope, received, sent)


def _is_address(host: str) -> bool:
    # A program that calls the app itself, such as a test client, has no address.
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _host(header: str) -> str:
    found = _AUTHORITY.fullmatch(header)
    return found[1] if found else ""


def _query_of(scope: Scope) -> list[tuple[str, str]]:
    return parse_qsl(bytes(scope.get("query_string", b"")).decode("latin-1"), keep_blank_values=True)


def _take_token(scope: Scope) -> str | None:
    """Return the token of a query, and remove it from the query, which servers write into logs."""
    query = scope.get("query_string", b"")
    if b"token" not in query and b"%" not in query:
        return None
    pairs = _query_of(scope)
    tokens = [value for name, value in pairs if name == "token"]
    if not tokens:
        return None
    kept = [(name, value) for name, value in pairs if name != "token"]
    scope["query_string"] = "&".join(f"{quote_plus(name)}={quote_plus(value)}" for name, value in kept).encode()
    return tokens[-1]


async def _refuse(scope: Scope, receive: Receive, send: Send, status: int, detail: str) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": REFUSED, "reason": ""})
        return
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else {}  # noqa: PLR2004 - unauthorized
    await JSONResponse({"detail": detail}, status, headers)(scope, receive, send)
