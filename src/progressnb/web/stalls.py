"""Connections that take nothing: bounded in time, then dropped."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from starlette.types import Scope

__all__ = ["ABORT", "STALL", "StalledError", "limited"]

STALL = 30.0
"""Seconds that a connection may take nothing before it is dropped."""

ABORT = "progressnb.abort"
"""The ASGI extension by which our own server drops a connection at once, with what it has not taken."""


class StalledError(Exception):
    """A connection that took nothing for too long; it has been dropped."""


async def limited(scope: Scope, sending: Awaitable[None], seconds: float) -> None:
    """Wait until a connection has room. Raises `StalledError` when it took nothing for these seconds."""
    try:
        async with asyncio.timeout(seconds):
            await sending
    except TimeoutError:
        abort = scope.get("extensions", {}).get(ABORT)
        if abort is not None:
            abort()
            await asyncio.sleep(0)  # the server hears of it in the loop's next turn
        raise StalledError from None
