"""Who may ask: tokens, addresses, origins and sizes, checked before a request reaches any route."""

from __future__ import annotations

import asyncio
import hmac
import ipaddress
import re
from contextlib import suppress
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import parse_qsl, quote_plus, urlsplit

from pydantic_core import from_json
from starlette.responses import JSONResponse

from progressnb.errors import InputError
from progressnb.web.server.bodies import Body, length_of
from progressnb.web.streams.stalls import STALL, StalledError, in_parts

if TYPE_CHECKING:
    from collections.abc import Collection

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["REFUSED", "Guard", "checked_token", "is_loopback", "object_of"]

REFUSED = 1008
"""The close code of a WebSocket that did not say the token."""

PATIENCE = 5.0
"""Seconds that a WebSocket has to say the token in its first frame."""

_PUBLIC = re.compile(r"/runs/[^/]+/view|/docs|/openapi\.json")
_AUTHORITY = re.compile(r"(\[[0-9a-fA-F:.]+\]|[0-9a-zA-Z.-]+)(?::[0-9]*)?")
_TOKEN = re.compile(r"[!-~]{1,1000}")


def checked_token(token: str | None) -> str | None:
    """Return a token, or None for none. Raises `InputError` for one that a header can't carry, such as an empty one."""
    if token is None or _TOKEN.fullmatch(str(token)):
        return token
    raise InputError(
        "a token of letters, digits and signs, without spaces", "another one", "Use secrets.token_urlsafe()."
    )


def is_loopback(host: str) -> bool:
    """Tell whether a host is this machine, as a name or an address."""
    if host.lower().rstrip(".") == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return (mapped or address).is_loopback


class Guard:
    """Let through who may ask; the others learn nothing, not even whether a run exists."""

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
        """Check a request or a socket and hand it on, or refuse it."""
        with suppress(StalledError):
            await self._call(scope, receive, send)

    async def _call(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = {name: value.decode("latin-1") for name, value in reversed(scope["headers"])}
        said = _take_token(scope)
        length = length_of(headers)
        if scope["type"] == "http":
            send = in_parts(scope, send, self._stall)
            body = Body(receive, send, self._body)
            receive = body.receive
            if length and scope.get("http_version", "1.1").startswith("1"):  # others end a request by themselves
                send = body.send
        if refusal := self._refusal(scope, headers):
            await _refuse(scope, receive, send, 403, refusal)
        elif scope["type"] == "websocket":
            await self._socket(scope, receive, send, headers, said)
        elif not self._is_public(scope) and not self._knows(headers, said):
            await _refuse(scope, receive, send, 401, "send the token: Authorization: Bearer …")
        elif length > self._body:
            await _refuse(scope, receive, send, 413, f"a request may have {self._body:,} bytes")
        else:
            await self._app(scope, receive, send)

    def _refusal(self, scope: Scope, headers: dict[bytes, str]) -> str | None:
        """Say why a request is refused whoever sends it, or None."""
        client = scope.get("client")
        if self._token is None and client is not None and _is_address(client[0]):
            if not is_loopback(client[0]):
                return "without a token this server answers its own machine only"
            if not is_loopback(_host(headers.get(b"host", ""))):  # a name that somebody made point here
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
        except ValueError:  # such as http://[
            return False

    def _is_public(self, scope: Scope) -> bool:
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        return scope["method"] in ("GET", "HEAD") and _PUBLIC.fullmatch(path) is not None

    def _knows(self, headers: dict[bytes, str], said: str | None) -> bool | None:
        """Tell whether a client has said the token; None if it has said nothing yet."""
        if self._token is None:
            return True
        kind, _, value = headers.get(b"authorization", "").partition(" ")
        if kind.lower() == "bearer":
            return self._is_token(value.strip())
        return self._is_token(said) if self._query_token and said is not None else None

    def _is_token(self, value: str) -> bool:
        return self._token is not None and hmac.compare_digest(value.encode("utf-8", "replace"), self._token)

    async def _socket(
        self, scope: Scope, receive: Receive, send: Send, headers: dict[bytes, str], said: str | None
    ) -> None:
        knows = self._knows(headers, said)
        if knows:
            await self._app(scope, receive, send)
            return
        if (await receive())["type"] != "websocket.connect":
            return
        await send({"type": "websocket.accept"})
        if knows is None:  # a browser can't send headers with a WebSocket: it says the token in its first frame
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
    # Programs that call the app themselves come from no address.
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _host(header: str) -> str:
    found = _AUTHORITY.fullmatch(header)
    return found[1] if found else ""


def _take_token(scope: Scope) -> str | None:
    """Return the token of a query, and take it out of what servers write into their logs."""
    query = bytes(scope.get("query_string", b"")).decode("latin-1")
    if "token" not in query and "%" not in query:
        return None
    pairs = parse_qsl(query, keep_blank_values=True)
    tokens = [value for name, value in pairs if name == "token"]
    if not tokens:
        return None
    kept = [(name, value) for name, value in pairs if name != "token"]
    scope["query_string"] = "&".join(f"{quote_plus(name)}={quote_plus(value)}" for name, value in kept).encode()
    return tokens[-1]


def object_of(text: str) -> dict[str, Any]:
    """Return the object that a frame says, or an empty one."""
    try:
        said: object = from_json(text)
    except ValueError:
        return {}
    return cast("dict[str, Any]", said) if isinstance(said, dict) else {}


async def _refuse(scope: Scope, receive: Receive, send: Send, status: int, detail: str) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": REFUSED, "reason": ""})
        return
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else {}  # noqa: PLR2004 - unauthorized
    await JSONResponse({"detail": detail}, status, headers)(scope, receive, send)
