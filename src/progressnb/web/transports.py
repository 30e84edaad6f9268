"""The two ways to read a served run: server-sent events and a WebSocket, one connection at a time."""

from __future__ import annotations

import contextlib
import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol
from urllib.parse import parse_qs, unquote, urlsplit, urlunsplit

import httpx
import httpx_sse
import websockets
from websockets.asyncio.client import connect

from progressnb.errors import AttachError, InputError, ProgressError, UnknownRunError
from progressnb.events import clean_text
from progressnb.web.security import checked_token, is_loopback

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import TypeAlias

__all__ = ["Address", "LostError", "Reader", "Transport", "post_cancel", "read_sse", "read_websocket"]

OPENING = 10.0
"""Seconds that a server has to answer."""

SILENCE = 50.0
"""Seconds without a byte after which a stream is taken for dead; the server says something every 15."""

PING = 20.0
"""Seconds between two pings of a WebSocket, and that its answer may take."""

LONGEST = 64 * 2**20
"""Bytes of one event, at most."""

LONGEST_REASON = 1000
"""Characters of a reason to cancel that are sent; the server keeps fewer."""

_TAILS = ("/view", "/events", "/ws")
_RETRIED = frozenset({408, 425, 429})
_GONE = frozenset({404, 410})
_POLICY, _GONE_SOCKET, _BAD_SOCKET, _TOO_LARGE = 1008, 4404, 4400, 1009

# The library writes headers into its log at level DEBUG, and one of them is the token.
_quiet = logging.getLogger("progressnb.websocket")
_quiet.setLevel(logging.INFO)


class LostError(Exception):
    """A connection that ended before the run did: to be tried again."""


class Reader(Protocol):
    """Who reads: what a connection tells it."""

    def opened(self) -> None:
        """Hear that the server has let us in."""
        ...

    def wait_at_least(self, seconds: float) -> None:
        """Hear how long the server wants us to wait before we come again."""
        ...

    def take(self, line: str | bytes) -> bool:
        """Take an event's JSON; return whether the run has ended. Raises `LostError` to have the connection anew."""
        ...


Transport: TypeAlias = "Callable[[Address, int, Reader], Awaitable[None]]"
"""Read what comes after a seq until the connection or the run ends."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a run is served, and the token, which no text of this object has."""

    url: str
    token: str | None = field(default=None, repr=False)

    @classmethod
    def of(cls, url: str, token: str | None = None) -> tuple[Address, bool]:
        """Read the URL of a run or of its page; return it, and whether it asks for a WebSocket.

        Raises `InputError` for one that is no run's. No text says what was passed: it may hold a token.
        """
        remedy = "It looks like http://127.0.0.1:8000/runs/0f3a…; the server's answer to POST /runs has it."
        try:
            parts = urlsplit(url.strip())
            has_host = bool(parts.hostname) and (parts.port is None or parts.port > 0)
        except (ValueError, AttributeError):
            raise InputError("the URL of a served run", "text that is no URL", remedy) from None
        if parts.scheme not in ("http", "https", "ws", "wss") or not has_host:
            raise InputError("a URL of http, https, ws or wss", f"one of {parts.scheme or 'no scheme'!r}", remedy)
        if parts.username is not None or parts.password is not None:
            raise InputError(
                "a URL without a user and a password", "one with them", "Pass a token: attach(url, token=…)."
            )
        path = parts.path.rstrip("/")
        for tail in _TAILS:
            path = path.removesuffix(tail)
        before, _, run_id = path.rpartition("/")
        if not run_id or not before.endswith("/runs"):
            raise InputError("the URL of a served run", repr(parts.path), remedy)
        if token is None:
            said = parse_qs(parts.fragment).get("token") or parse_qs(parts.query).get("token")
            token = said[-1] if said else None
        checked_token(token)
        scheme = {"ws": "http", "wss": "https"}.get(parts.scheme, parts.scheme)
        address = cls(urlunsplit((scheme, parts.netloc, path, "", "")), token)
        return address, parts.scheme.startswith("ws")

    @property
    def run_id(self) -> str:
        """The run's id."""
        return unquote(self.url.rpartition("/")[2])

    @property
    def headers(self) -> dict[str, str]:
        """What is sent along with each request."""
        return {"Authorization": f"Bearer {self.token}"} if self.token is not None else {}

    @property
    def is_near(self) -> bool:
        """Whether the server is this machine, which no proxy stands before."""
        return is_loopback(urlsplit(self.url).hostname or "")

    def client(self, silence: float) -> httpx.AsyncClient:
        """Return a client that follows no redirect: who knows where it would carry the token."""
        return httpx.AsyncClient(
            timeout=httpx.Timeout(OPENING, read=silence),
            headers=self.headers,
            trust_env=not self.is_near,
            verify=self.url.startswith("https"),  # for the other it would read certificates for nothing
        )

    def refusal(self, status: int) -> ProgressError | LostError:
        """Return what a server's refusal means."""
        if status in _GONE:
            return UnknownRunError("a run that the server has", f"none at {self.url}", "It was deleted, or is too old.")
        if status in (401, 403):
            got = "a refusal" if self.token is None else "a refusal of the token"
            return AttachError(
                "to be let in", f"{got} from {self.url} ({status})", "Pass the server's: attach(url, token=…)."
            )
        if status in _RETRIED or status >= 500:  # noqa: PLR2004 - a server's own fault
            return LostError(f"status {status}")
        if status in (409, 4400):
            got = f"a refusal ({status}) from {self.url}"
            return AttachError(
                "a server that has all of the run", got, "It knows less than was seen here: attach anew."
            )
        return AttachError("a stream of events", f"status {status} from {self.url}", "Is that a progressnb server?")


async def read_sse(address: Address, after: int, reader: Reader) -> None:
    """Read a run as server-sent events. Raises `LostError`, or what can't be helped by coming again."""
    headers = {"Accept-Encoding": "identity"} | ({"Last-Event-ID": str(after)} if after >= 0 else {})
    try:
        async with (
            address.client(SILENCE) as client,
            httpx_sse.aconnect_sse(client, "GET", f"{address.url}/events", headers=headers) as source,
        ):
            response = source.response
            if response.status_code == 204:  # noqa: PLR2004 - nothing more will come
                raise AttachError(
                    "the run's last event", f"nothing more from {address.url}", "Its record lacks the end."
                )
            if response.status_code != 200:  # noqa: PLR2004
                raise address.refusal(response.status_code)
            if response.headers.get("content-encoding", "identity").strip().lower() != "identity":
                raise AttachError(  # nobody asked for it, and a little of it may become very much
                    "a stream that is not compressed", f"another from {address.url}", "Is that a progressnb server?"
                )
            reader.opened()
            async with contextlib.aclosing(source.aiter_sse()) as events:
                async for event in events:
                    if event.retry is not None:
                        reader.wait_at_least(event.retry / 1000)
                    if event.data and reader.take(event.data):
                        return
    except httpx_sse.SSEError:
        raise AttachError(
            "a stream of events", f"another answer from {address.url}", "Is that a progressnb server?"
        ) from None
    except (httpx.TransportError, httpx.StreamError) as error:
        raise _lost(error) from None
    except (httpx.InvalidURL, UnicodeError):
        raise AttachError("a host's name", f"what is none in {address.url}") from None


async def read_websocket(address: Address, after: int, reader: Reader) -> None:
    """Read a run over a WebSocket, with pings. Raises as `read_sse` does."""
    url = f"ws{address.url.removeprefix('http')}/ws?after={after}"
    try:
        async with connect(
            url,
            additional_headers=address.headers,
            open_timeout=OPENING,
            close_timeout=1,
            ping_interval=PING,
            ping_timeout=PING,
            max_size=LONGEST,
            compression=None,
            logger=_quiet,
            proxy=None if address.is_near else True,
        ) as socket:
            await socket.send('{"type":"attach"}')  # a server that waits for a token in the first frame need not wait
            reader.opened()
            while not reader.take(await socket.recv()):
                pass
    except websockets.InvalidStatus as error:
        raise address.refusal(error.response.status_code) from None
    except websockets.ConnectionClosed as error:
        raise _closed(address, error.rcvd.code if error.rcvd is not None else 0) from None
    except (websockets.WebSocketException, OSError, EOFError) as error:
        raise _lost(error) from None
    except UnicodeError:
        raise AttachError("a host's name", f"what is none in {address.url}") from None


def _lost(error: Exception) -> LostError:
    return LostError(f"{type(error).__name__}: {error}" if str(error) else type(error).__name__)


def _closed(address: Address, code: int) -> ProgressError | LostError:
    if code == _POLICY:
        return address.refusal(401)
    if code == _GONE_SOCKET:
        return address.refusal(404)
    if code in (_BAD_SOCKET, _TOO_LARGE):
        return address.refusal(code)
    return LostError(f"close code {code}")


async def post_cancel(address: Address, reason: str | None = None) -> None:
    """Ask the server to stop a run, and say why. Raises as `read_sse` does."""
    said = None if reason is None else {"reason": clean_text(reason)[:LONGEST_REASON]}
    try:
        async with address.client(OPENING) as client:
            answer = await client.post(f"{address.url}/cancel", json=said)
    except (httpx.TransportError, httpx.StreamError) as error:
        raise _lost(error) from None
    if answer.status_code >= 300:  # noqa: PLR2004 - redirects and refusals
        raise address.refusal(answer.status_code)
