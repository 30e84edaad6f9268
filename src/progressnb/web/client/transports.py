"""Transports for reading a served run: server-sent events and a WebSocket, one connection at a time."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import logging
from typing import TYPE_CHECKING, Protocol, cast

import httpx
import httpx_sse
import websockets
from websockets.asyncio.client import connect

from progressnb.errors import AttachError, ProgressError
from progressnb.web.access import checked_token
from progressnb.web.client.address import OPENING, Address, GatheredError, LostError
from progressnb.web.client.events import Events
from progressnb.wire.plain import clean_text

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Generator
    from typing import TypeAlias

__all__ = ["Reader", "Transport", "answering", "explained", "post_cancel", "read_sse", "read_websocket", "traded"]

SILENCE = 50.0
"""Seconds without a byte after which a stream counts as lost. The server sends a comment every 15 seconds."""

PING = 20.0
"""Seconds between two pings of a WebSocket, and for the answer to one."""

LONGEST = 64 * 2**20
"""The largest size of an event in bytes, on both transports."""

LONGEST_REASON = 1000
"""The number of characters of a reason to cancel that are sent. The server keeps fewer."""

_ENDED = 1000
_POLICY, _GONE_SOCKET, _BAD_SOCKET, _ELSEWHERE, _TOO_LARGE = 1008, 4404, 4400, 4409, 1009

# At level DEBUG the library logs headers, and one of them holds the token.
_quiet = logging.getLogger("progressnb.websocket")
_quiet.setLevel(logging.INFO)


class Reader(Protocol):
    """The receiver of what a connection reads."""

    @property
    def first_bytes(self) -> float | None:
        """Seconds within which the first line of a stream must follow its head; None for no limit."""
        ...

    def opened(self) -> None:
        """Take the news that the server accepted the connection."""
        ...

    def wait_at_least(self, seconds: float) -> None:
        """Take the pause, in seconds, that the server asks for before the next attempt."""
        ...

    def take(self, line: str | bytes) -> bool:
        """Take an event's JSON. Return whether the run has ended. Raises `LostError` to ask for a new connection."""
        ...


Transport: TypeAlias = "Callable[[Address, int, Reader], Awaitable[None]]"
"""A function that reads the events after a seq until the connection or the run ends."""


class _Bounded(httpx.AsyncByteStream):
    """The body of an answer, with an error for an event that is too long. `size` is set to 0 after each event.

    It counts bytes and not lines, which costs next to nothing. The decoder holds one event and one chunk at most.
    `waiting` is the time limit of the first bytes.
    """

    def __init__(self, body: httpx.AsyncByteStream, address: Address, waiting: asyncio.Timeout) -> None:
        self._body, self._address, self._waiting, self.size = body, address, waiting, 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._body:
            self._waiting.reschedule(None)
            self.size += len(chunk)
            if self.size > LONGEST:
                raise _too_long(self._address)
            yield chunk

    async def aclose(self) -> None:
        await self._body.aclose()


async def read_sse(address: Address, after: int, reader: Reader) -> None:
    """Read a run as server-sent events.

    Raises `LostError` for a lost connection, `GatheredError` where something on the way gathers the stream, and another
    error where a new connection can't help.
    """
    headers = {"Accept-Encoding": "identity"} | ({"Last-Event-ID": str(after)} if after >= 0 else {})
    is_open = False
    try:
        async with asyncio.timeout(OPENING) as waiting:
            with explained(address):
                async with (
                    address.client(SILENCE) as client,
                    httpx_sse.aconnect_sse(client, "GET", f"{address.url}/events", headers=headers) as source,
                ):
                    body = _checked(address, source.response, waiting)
                    is_open, limit = True, reader.first_bytes
                    waiting.reschedule(None if limit is None else asyncio.get_running_loop().time() + limit)
                    reader.opened()
                    await _read(source.response, body, reader)
    except TimeoutError as error:  # however slowly the head came, byte by byte
        raise (GatheredError("its first line did not come") if is_open else _lost(error)) from error


async def _read(response: httpx.Response, body: _Bounded, reader: Reader) -> None:
    events = Events()
    async with contextlib.aclosing(cast("AsyncGenerator[bytes]", response.aiter_raw())) as chunks:
        async for chunk in chunks:
            for data in events.of(chunk):
                body.size = 0
                if reader.take(data):
                    return
            if events.retry is not None:
                reader.wait_at_least(events.retry / 1000)


def _checked(address: Address, response: httpx.Response, waiting: asyncio.Timeout) -> _Bounded:
    """Return the bounded body of a stream of events. Raises for any other answer."""
    if response.status_code == 204:  # noqa: PLR2004 - the stream is complete
        raise AttachError("the run's last event", f"nothing more from {address.url}", "Its record lacks the end.")
    if response.status_code != 200:  # noqa: PLR2004
        raise address.refusal(response.status_code)
    if response.headers.get("content-encoding", "identity").strip().lower() != "identity":
        # Compression was not asked for. It delays events, and a few bytes may unpack to very many.
        remedy = 'Let the proxy there leave text/event-stream as it is, or attach(url, transport="websocket").'
        raise AttachError("a stream that is not compressed", f"one that is from {address.url}", remedy)
    if response.headers.get("content-type", "").partition(";")[0].strip().lower() != "text/event-stream":
        raise AttachError("a stream of events", f"another answer from {address.url}", "Is that a progressnb server?")
    response.stream = body = _Bounded(cast("httpx.AsyncByteStream", response.stream), address, waiting)
    return body


class _Connect(connect):
    """A handshake that follows no redirects, which might carry the token to another server."""

    def process_redirect(self, exc: Exception) -> Exception:
        """Return the redirect as an error."""
        return exc


async def read_websocket(address: Address, after: int, reader: Reader) -> None:
    """Read a run over a WebSocket, with pings. Raises as `read_sse` does."""
    url = f"ws{address.url.removeprefix('http')}/ws?after={after}"
    try:
        async with _Connect(
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
            with contextlib.suppress(
                websockets.ConnectionClosed
            ):  # an ended run may close at once; its events can still be read
                # Spares a server the wait for a token in the first frame.
                await socket.send('{"type":"attach"}')
            reader.opened()
            while not reader.take(await socket.recv()):
                pass
    except ProgressError:  # raised before OSError below: some of these errors are an OSError too
        raise
    except websockets.InvalidStatus as error:
        raise address.refusal(error.response.status_code) from None
    except websockets.ConnectionClosed as error:
        if error.sent is not None and error.sent.code == _TOO_LARGE and not error.rcvd_then_sent:
            raise _too_long(address) from None  # sent by this end
        raise _closed(address, error.rcvd.code if error.rcvd is not None else 0) from None
    except (websockets.WebSocketException, OSError, EOFError) as error:
        raise _lost(error) from None
    except UnicodeError:
        raise AttachError("a host's name", f"text that is no host name in {address.url}") from None


def _lost(error: Exception) -> LostError:
    return LostError(f"{type(error).__name__}: {error}" if str(error) else type(error).__name__)


def _too_long(address: Address) -> AttachError:
    expected, got = f"events of {LONGEST >> 20} MB at most", f"a longer one from {address.url}"
    return AttachError(expected, got, "Let the operation put what is large into a file.")


def _closed(address: Address, code: int) -> ProgressError | LostError:
    if code == _POLICY:
        return address.refusal(401)
    if code == _GONE_SOCKET:
        return address.refusal(404)
    if code in (_BAD_SOCKET, _ELSEWHERE):
        return address.refusal(409)
    if code == _TOO_LARGE:
        return address.refusal(413)
    if code == _ENDED:  # without the last event
        return address.refusal(204)
    return LostError(f"close code {code}")


@contextlib.asynccontextmanager
async def answering() -> AsyncGenerator[None]:
    """Limit the time for an answer, however slowly it comes. Raises `LostError`."""
    try:
        async with asyncio.timeout(OPENING):
            yield
    except TimeoutError as error:
        raise _lost(error) from error


async def traded(address: Address) -> Address:
    """Return the address with what its ticket is changed for, which lets in for hours. Raises as `read_sse` does."""
    with explained(address):
        async with answering(), address.client(OPENING) as client:
            answer = await client.post(f"{address.root}/tickets")
    if answer.status_code >= 300:  # noqa: PLR2004 - redirects and refusals
        raise address.refusal(answer.status_code)
    try:
        session: object = answer.json().get("session")
    except (ValueError, AttributeError):
        session = None
    if not isinstance(session, str):
        raise AttachError(
            "a session for the ticket", f"another answer from {address.url}", "Is that a progressnb server?"
        )
    return dataclasses.replace(address, token=checked_token(session), is_ticket=False)


async def post_cancel(address: Address, reason: str | None = None) -> None:
    """Ask the server to cancel a run, with a reason. Raises as `read_sse` does."""
    body = None if reason is None else {"reason": clean_text(reason)[:LONGEST_REASON]}
    with explained(address):
        async with (
            answering(),
            address.client(OPENING) as client,
            client.stream("POST", f"{address.url}/cancel", json=body) as answer,
        ):  # the answer's body may be of any size, and is not read
            if answer.status_code >= 300:  # noqa: PLR2004 - redirects and refusals
                raise address.refusal(answer.status_code)


@contextlib.contextmanager
def explained(address: Address) -> Generator[None]:
    """Raise the errors of the HTTP libraries as `AttachError` or `LostError`."""
    try:
        yield
    except (httpx.TransportError, httpx.StreamError) as error:
        raise _lost(error) from None
    except (httpx.InvalidURL, UnicodeError):
        raise AttachError("a host's name", f"text that is no host name in {address.url}") from None
