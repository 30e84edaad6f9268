"""Limits for connections that take no bytes: large messages go in parts, and a stalled connection is dropped."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, cast
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from collections.abc import Awaitable, Iterator

    from starlette.types import Message, Scope, Send

__all__ = ["ABORT", "FRAGMENT", "PART", "STALL", "Room", "StalledError", "in_parts", "limited", "parts_of"]

PART = 16_384
"""The bytes that are handed to a connection at once, and so the cost of one that takes nothing."""

STALL = 30.0
"""Seconds without taking any bytes after which a connection is dropped."""

ABORT = "progressnb.abort"
"""The ASGI extension of our server that drops a connection at once, with the bytes that it has not taken."""

FRAGMENT = "progressnb.fragment"
"""The ASGI extension of our server that sends a WebSocket's text message in parts. Plain ASGI sends whole messages."""


class StalledError(Exception):
    """A connection that took no bytes for too long, and was dropped."""


class _Sweep:
    """The connections of one loop that wait for room now. One timer looks for those that wait for too long."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.waiting: dict[Room, float] = {}
        self.looks_at = float("inf")
        self._timer: asyncio.TimerHandle | None = None

    def look_at(self, due: float) -> None:
        """Look at a time that is earlier than the next look."""
        if self._timer is not None:
            self._timer.cancel()
        self.looks_at = due
        self._timer = self.loop.call_at(due, self._look)

    def _look(self) -> None:
        self._timer, self.looks_at = None, float("inf")
        now = self.loop.time()
        for room in [room for room, due in self.waiting.items() if due <= now]:
            room.end()
        if self.waiting:
            self.look_at(min(self.waiting.values()))


_sweeps: WeakKeyDictionary[asyncio.AbstractEventLoop, _Sweep] = WeakKeyDictionary()


class Room:
    """The waits of one task for room on its connection, as blocks, each of so many seconds at most.

    A block that takes longer raises `StalledError`, and the connection is dropped.
    """

    __slots__ = ("_is_over", "_scope", "_seconds", "_sweep", "_task")

    def __init__(self, scope: Scope, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        self._sweep = _sweeps.get(loop) or _sweeps.setdefault(loop, _Sweep(loop))
        self._task = asyncio.current_task()
        self._scope, self._seconds, self._is_over = scope, seconds, False

    def __enter__(self) -> None:
        """Begin to wait."""
        sweep = self._sweep
        due = sweep.waiting[self] = sweep.loop.time() + self._seconds
        if due < sweep.looks_at:
            sweep.look_at(due)

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """End the wait. Raises `StalledError` if it was too long."""
        self._sweep.waiting.pop(self, None)
        is_cancelled = kind is not None and issubclass(kind, asyncio.CancelledError)
        if self._is_over and is_cancelled and self._task is not None and self._task.uncancel() == 0:
            raise StalledError from None

    def end(self) -> None:
        """End the wait, which is too long, and drop the connection."""
        del self._sweep.waiting[self]
        if self._task is not None:
            self._is_over = True
            abort = self._scope.get("extensions", {}).get(ABORT)
            if abort is not None:
                abort()
            self._task.cancel()  # after that, so that the server knows of it when the task goes on


async def limited(scope: Scope, sending: Awaitable[None], seconds: float) -> None:
    """Wait until a connection has room. Raises `StalledError` if it takes no bytes for so many seconds."""
    with Room(scope, seconds):
        await sending


def parts_of(scope: Scope, data: bytes) -> Iterator[bytes]:
    """Cut bytes into parts, so that a connection that takes nothing holds one part and not a copy of the whole.

    For our own server the parts are views of the bytes, which all connections share until it sends them.
    """
    whole = memoryview(data) if ABORT in scope.get("extensions", {}) else data
    return (cast("bytes", whole[at : at + PART]) for at in range(0, len(data), PART))


def in_parts(scope: Scope, send: Send, seconds: float) -> Send:
    """Return a `send` that hands over a large answer in parts. It raises `StalledError` as `limited` does."""

    async def sent(message: Message) -> None:
        body = message.get("body", b"")
        if len(body) <= PART:
            await send(message)
            return
        for part in parts_of(scope, body):
            await limited(scope, send({**message, "body": part, "more_body": True}), seconds)
        if not message.get("more_body", False):
            await limited(scope, send({**message, "body": b""}), seconds)

    return sent
