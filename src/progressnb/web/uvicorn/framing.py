"""Uvicorn's WebSocket protocol with messages in parts and without a log of its frames.

The parts of uvicorn that it overrides or reads are not public. `tests/web/test_uvicorn_parts.py` checks them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.exceptions import InvalidState

from progressnb.web.server.bodies import DROPPED
from progressnb.web.streams.stalls import FRAGMENT

if TYPE_CHECKING:
    from progressnb.web.uvicorn.strangers import Strangers

__all__ = ["QuietSocket"]

_REFUSAL = (
    b"HTTP/1.1 400 Bad Request\r\ncontent-type: text/plain; charset=utf-8\r\nconnection: close\r\n\r\n"
    b"expected the head of a WebSocket: no body, up to 128 headers, each of up to 8,000 characters"
)


class QuietSocket(WebSocketsSansIOProtocol):
    """A WebSocket without the library's log at level DEBUG, which would hold headers and frames, and so tokens.

    The app may send a text message in parts. Each part waits until there is room.
    """

    def __init__(self, *args: Any, strangers: Strangers | None = None, **options: Any) -> None:  # noqa: ANN401 - uvicorn's own
        super().__init__(*args, **options)
        self._strangers = strangers
        self.conn.debug = False
        self._dropped = 0

    def data_received(self, data: bytes) -> None:
        """Take bytes from the client. After the close they are limited, since uvicorn takes them for 10 seconds."""
        self._dropped += len(data) if self.close_sent else 0
        if self._dropped > DROPPED:
            self.transport.abort()
        else:
            super().data_received(data)
            if not self.handshake_initiated and not self.transport.is_closing():
                # The head comes whole, so `websockets` has refused it: of that uvicorn tells nobody and closes nothing.
                self.transport.write(_REFUSAL)
                self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """Let a connection go."""
        if self._strangers is not None:
            self._strangers.left(self.client)
        super().connection_lost(exc)

    async def run_asgi(self) -> None:
        """Call the app with the ASGI extension `FRAGMENT`."""
        cast("dict[str, Any]", self.scope).setdefault("extensions", {})[FRAGMENT] = self._fragment
        await super().run_asgi()

    async def _fragment(self, part: bytes, *, is_first: bool, is_last: bool) -> None:
        await self.writable.wait()
        if self.close_sent or self.transport.is_closing():
            raise ClientDisconnected
        try:
            (self.conn.send_text if is_first else self.conn.send_continuation)(part, is_last)
        except InvalidState:  # the client has closed
            raise ClientDisconnected from None
        self.transport.write(b"".join(self.conn.data_to_send()))
