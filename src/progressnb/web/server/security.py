"""Access control: tokens, addresses, origins and sizes, checked before a request reaches any route."""

from __future__ import annotations

import asyncio
import ipaddress
import re
from contextlib import suppress
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote_plus, urlsplit

from starlette.responses import JSONResponse

from progressnb.web.access import is_loopback
from progressnb.web.page.page import docs_response, home_response, wants_page
from progressnb.web.server.bodies import Body, Patience, length_of
from progressnb.web.server.finding import path_of
from progressnb.web.server.keys import Keys
from progressnb.web.streams.parameters import object_of
from progressnb.web.streams.stalls import STALL, StalledError, in_parts

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from starlette.responses import Response
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["KNOWN", "REFUSED", "Guard"]

KNOWN = "progressnb.known"
"""The ASGI extension of our server that notes that a request was let in, so that its connection is kept."""

REFUSED = 1008
"""The close code of a WebSocket that did not send the token."""

PATIENCE = 5.0
"""Seconds within which a WebSocket must send the token in its first frame."""

_PUBLIC = re.compile(r"/runs/[^/]+/view")
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
        patience: float = 10.0,
        keys: Keys | None = None,
        docs: bool = False,
    ) -> None:
        self._app = app
        self._keys = Keys(token) if keys is None else keys
        self._query_token, self._docs = query_token, docs
        self._origins = frozenset(origin.rstrip("/").lower() for origin in origins)
        self._body, self._stall, self._patience = body, stall, patience

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Check a request or a socket, and pass it on or refuse it."""
        with suppress(StalledError):
            await self._call(scope, receive, send)

    async def _call(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = {name: value.decode("latin-1") for name, value in reversed(scope["headers"])}
        query = _take(scope, ("token", "ticket"))
        length = length_of(headers)
        let_in = scope.get("extensions", {}).get(KNOWN, _nothing)
        patience = Patience(self._patience, self._stall, let_in if self._keys.is_open else _nothing)
        if scope["type"] == "http":
            send = in_parts(scope, send, self._stall)
            body = Body(receive, send, self._body, patience)
            receive = body.receive
            # HTTP/2 can end a request without its connection.
            if length and scope.get("http_version", "1.1").startswith("1"):
                send = body.send
        if refusal := self._refusal(scope, headers):
            await _refuse(scope, receive, send, *refusal)
            return
        knows = self._knows(headers, query)
        if knows and not (self._keys.is_open and length):
            patience.is_known = not self._keys.is_open
            let_in()
        if scope["type"] == "websocket":
            await self._socket(scope, receive, send, knows=knows)
        elif not knows and not self._is_public(scope):
            page = self._asking_page(scope, headers) if scope["method"] == "GET" else None
            if page is not None:
                await page(401)(scope, receive, send)
                return
            await _refuse(scope, receive, send, 401, "send the token: Authorization: Bearer …")
        elif length > self._body:
            await _refuse(scope, receive, send, 413, f"a request may have {self._body:,} bytes")
        else:
            await self._app(scope, receive, send)

    def _refusal(self, scope: Scope, headers: dict[bytes, str]) -> tuple[int, str] | None:
        """Return why a request is refused with any token, or None."""
        if b"content-length" in headers and b"transfer-encoding" in headers:
            # One of the servers on the way might read the one, and the next the other: two requests where one came.
            return 400, "send Content-Length or Transfer-Encoding, not both"
        client = scope.get("client")
        if self._keys.is_open and client is not None and _is_address(client[0]):
            if not is_loopback(client[0]):
                return 403, "without a token this server answers its own machine only"
            if not is_loopback(_host(headers.get(b"host", ""))):  # a foreign name that resolves to this machine
                return 403, "without a token this server is localhost or 127.0.0.1"
        origin = headers.get(b"origin")
        changes = scope["type"] == "websocket" or scope["method"] not in ("GET", "HEAD", "OPTIONS")
        if origin is not None and changes and not self._is_ours(origin, headers.get(b"host", "")):
            return 403, "this origin is not allowed"
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
        is_public = scope["method"] in ("GET", "HEAD") and _PUBLIC.fullmatch(path_of(scope)) is not None
        # The page holds nothing of any run, but its path with `?at=` returns the run as it was.
        return is_public and not any(name == "at" for name, _ in _query_of(scope))

    def _asking_page(self, scope: Scope, headers: dict[bytes, str]) -> Callable[[int], Response] | None:
        """Return the page of an address that asks a person for the token, and is the same whatever the server has."""
        path = path_of(scope)
        if path == "/docs" and self._docs:
            return docs_response
        return home_response if path in ("", "/") and wants_page(headers.get(b"accept", "")) else None

    def _knows(self, headers: dict[bytes, str], query: dict[str, str]) -> bool | None:
        """Tell whether a client has sent what lets it in. None: it has sent nothing of that kind yet."""
        if self._keys.is_open:
            return True
        kind, _, value = headers.get(b"authorization", "").partition(" ")
        if kind.lower() == "bearer":
            return self._keys.opens(value.strip())
        if self._query_token and "token" in query:
            return self._keys.opens(query["token"])
        # A ticket is no token: what lets in for a minute only may stand in an address.
        return self._keys.opens_ticket(query["ticket"]) if "ticket" in query else None

    async def _socket(self, scope: Scope, receive: Receive, send: Send, *, knows: bool | None) -> None:
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
            knows = isinstance(token, str) and self._keys.opens(token)
        if not knows:
            await send({"type": "websocket.close", "code": REFUSED, "reason": ""})
            return
        scope.get("extensions", {}).get(KNOWN, _nothing)()
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


def _take(scope: Scope, secrets: tuple[str, ...]) -> dict[str, str]:
    """Return the parameters of a query that let in, and remove them from it, since servers write it into logs."""
    query = scope.get("query_string", b"")
    if not any(name.encode() in query for name in secrets) and b"%" not in query:
        return {}
    pairs = _query_of(scope)
    found = {name: value for name, value in pairs if name in secrets}
    if found:
        kept = [(name, value) for name, value in pairs if name not in secrets]
        scope["query_string"] = "&".join(f"{quote_plus(name)}={quote_plus(value)}" for name, value in kept).encode()
    return found


def _nothing() -> None:
    """Do nothing: another server has no such extension."""


async def _refuse(scope: Scope, receive: Receive, send: Send, status: int, detail: str) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": REFUSED, "reason": ""})
        return
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else {}  # noqa: PLR2004 - unauthorized
    await JSONResponse({"detail": detail}, status, headers)(scope, receive, send)
