"""The two ways to read a served run: server-sent events and a WebSocket, one connection at a time."""

from __future__ import annotations

import contextlib
import logging
from typing import TYPE_CHECKING, Protocol, cast

import httpx
import httpx_sse
import websockets
from websockets.asyncio.client import connect

from progressnb.errors import AttachError, ProgressError
from progressnb.web.client.address import OPENING, Address, LostError
from progressnb.wire.plain import clean_text

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Generator
    from typing import TypeAlias

__all__ = ["Reader", "Transport", "post_cancel", "read_sse", "read_websocket"]

SILENCE = 50.0
"""Seconds without a byte after which a stream is taken for dead; the server says something every 15."""

PING = 20.0
"""Seconds between two pings of a WebSocket, and that its answer may take."""

LONGEST = 64 * 2**20
"""Bytes of one event, at most, on either transport."""

LONGEST_REASON = 1000
"""Characters of a reason to cancel that are sent; the server keeps fewer."""

_ENDED = 1000
_POLICY, _GONE_SOCKET, _BAD_SOCKET, _TOO_LARGE = 1008, 4404, 4400, 1009

# The library writes headers into its log at level DEBUG, and one of them is the token.
_quiet = logging.getLogger("progressnb.websocket")
_quiet.setLevel(logging.INFO)


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


class _Bounded(httpx.AsyncByteStream):
    """A body that ends with an error where an event is too long. Who takes an event sets `size` to 0.

    Bytes are counted and lines are not, so it costs nothing; what the decoder keeps is one event and a chunk at most.
    """

    def __init__(self, body: httpx.AsyncByteStream, address: Address) -> None:
        self._body, self._address, self.size = body, address, 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._body:
            self.size += len(chunk)
            if self.size > LONGEST:
                raise _too_long(self._address)
            yield chunk

    async def aclose(self) -> None:
        await self._body.aclose()


async def read_sse(address: Address, after: int, reader: Reader) -> None:
    """Read a run as server-sent events. Raises `LostError`, or what can't be helped by coming again."""
    headers = {"Accept-Encoding": "identity"} | ({"Last-Event-ID": str(after)} if after >= 0 else {})
    with _explained(address):
        async with (
            address.client(SILENCE) as client,
            httpx_sse.aconnect_sse(client, "GET", f"{address.url}/events", headers=headers) as source,
        ):
            body = _checked(address, source.response)
            reader.opened()
            async with contextlib.aclosing(source.aiter_sse()) as events:
                async for event in events:
                    body.size = 0
                    if event.retry is not None and event.retry >= 0:
                        reader.wait_at_least(min(event.retry, 10**6) / 1000)  # it may have thousands of digits
                    if event.data and reader.take(event.data):
                        return


def _checked(address: Address, response: httpx.Response) -> _Bounded:
    """Return the body of an answer that is a stream of events, bounded; raise for any other."""
    if response.status_code == 204:  # noqa: PLR2004 - nothing more will come
        raise AttachError("the run's last event", f"nothing more from {address.url}", "Its record lacks the end.")
    if response.status_code != 200:  # noqa: PLR2004
        raise address.refusal(response.status_code)
    if response.headers.get("content-encoding", "identity").strip().lower() != "identity":
        # Nobody asked for it: it comes late, as what compresses gathers, and a little may unpack to very much.
        remedy = 'Let the proxy there leave text/event-stream as it is, or attach(url, transport="websocket").'
        raise AttachError("a stream that is not compressed", f"one that is from {address.url}", remedy)
    response.encoding = "utf-8"  # as the standard has it, whatever the header says: Python knows odd ones
    response.stream = body = _Bounded(cast("httpx.AsyncByteStream", response.stream), address)
    return body


class _Connect(connect):
    """A handshake that follows no redirect: who knows where it would carry the token."""

    def process_redirect(self, exc: Exception) -> Exception:
        """Have the redirect raised."""
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
            with contextlib.suppress(websockets.ConnectionClosed):  # of a run that has ended all is there to be read
                # A server that waits for a token in the first frame need not wait.
                await socket.send('{"type":"attach"}')
            reader.opened()
            while not reader.take(await socket.recv()):
                pass
    except ProgressError:  # of what was read; some are OSErrors too, which here mean a lost connection
        raise
    except websockets.InvalidStatus as error:
        raise address.refusal(error.response.status_code) from None
    except websockets.ConnectionClosed as error:
        if error.sent is not None and error.sent.code == _TOO_LARGE and not error.rcvd_then_sent:
            raise _too_long(address) from None  # said by this end
        raise _closed(address, error.rcvd.code if error.rcvd is not None else 0) from None
    except (websockets.WebSocketException, OSError, EOFError) as error:
        raise _lost(error) from None
    except UnicodeError:
        raise AttachError("a host's name", f"what is none in {address.url}") from None


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
    if code == _BAD_SOCKET:
        return address.refusal(409)
    if code == _TOO_LARGE:
        return address.refusal(413)
    if code == _ENDED:  # and the last event has not come
        return address.refusal(204)
    return LostError(f"close code {code}")


async def post_cancel(address: Address, reason: str | None = None) -> None:
    """Ask the server to stop a run, and say why. Raises as `read_sse` does."""
    said = None if reason is None else {"reason": clean_text(reason)[:LONGEST_REASON]}
    with _explained(address):
        async with (
            address.client(OPENING) as client,
            client.stream("POST", f"{address.url}/cancel", json=said) as answer,
        ):  # its body may be of any size, and is left unread
            if answer.status_code >= 300:  # noqa: PLR2004 - redirects and refusals
                raise address.refusal(answer.status_code)


@contextlib.contextmanager
def _explained(address: Address) -> Generator[None]:
    """Raise what goes wrong in HTTP as errors of ours."""
    try:
        yield
    except httpx_sse.SSEError:
        raise AttachError(
            "a stream of events", f"another answer from {address.url}", "Is that a progressnb server?"
        ) from None
    except (httpx.TransportError, httpx.StreamError) as error:
        raise _lost(error) from None
    except (httpx.InvalidURL, UnicodeError):
        raise AttachError("a host's name", f"what is none in {address.url}") from None
