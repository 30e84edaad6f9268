"""Uvicorn's HTTP protocol with a time for the heads of requests, which uvicorn leaves without a limit.

The parts of uvicorn and h11 that it overrides or reads are not public. `tests/web/test_uvicorn_parts.py` checks them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from progressnb.web.streams.stalls import PART

if TYPE_CHECKING:
    import asyncio

    from progressnb.web.uvicorn.strangers import Strangers

__all__ = ["TimedHeads"]


class TimedHeads(H11Protocol):
    """A connection that tells `strangers` when it comes and goes, and which heads of requests are awaited."""

    def __init__(self, *args: Any, strangers: Strangers, **options: Any) -> None:  # noqa: ANN401 - uvicorn's own
        super().__init__(*args, **options)
        self._strangers = strangers

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take a connection."""
        super().connection_made(transport)
        transport.set_write_buffer_limits(high=PART)  # of what a client does not take
        self._strangers.came(self.client, transport, len(self.connections))

    def connection_lost(self, exc: Exception | None) -> None:
        """Let a connection go."""
        self._strangers.left(self.client)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take bytes from the client."""
        super().data_received(data)
        if self.conn.their_state is h11.IDLE:
            self._strangers.awaited(self.client, self.transport)
        else:
            self._strangers.arrived(self.client)
