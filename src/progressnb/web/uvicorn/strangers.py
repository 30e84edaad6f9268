"""Connections of clients that are not known yet: a time for the head of a request, and no room of those who are known.

A connection is known once a request on it was let in: with the token, or whole where no token is asked for.
"""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable
    from typing import TypeAlias

__all__ = ["ACCEPTED", "Client", "Strangers", "room_of"]

ACCEPTED = 8
"""Connections that are accepted in one turn of the loop, before any of them can be refused."""

SPARE = 16
"""File descriptors that are left to the process: history, queries, requests of the operations."""

FEWEST = 8
"""The smallest number of connections, however few descriptors there are."""

Client: TypeAlias = "tuple[str, int] | None"


class Strangers:
    """The connections of one server that are not known yet, and the heads of requests that are awaited.

    `room` is the number of connections, `patience` the seconds for a head. Where there is no more room, the stranger
    that has been there longest makes way. Who is known keeps its connection.
    """

    def __init__(self, room: int, patience: float, now: Callable[[], float]) -> None:
        self._room, self._patience, self._now = room, patience, now
        self._unknown: dict[Client, asyncio.Transport] = {}  # in the order in which they came
        self._heads: dict[Client, tuple[float, asyncio.Transport]] = {}  # in the order in which they are due

    def came(self, client: Client, transport: asyncio.Transport, connections: int) -> None:
        """Take a new connection, one of so many. One without room and without a stranger to make way is dropped."""
        self._unknown[client] = transport
        self.awaited(client, transport)
        if connections > self._room:
            oldest = next(iter(self._unknown))
            self._unknown[oldest].abort()
            self.left(oldest)

    def awaited(self, client: Client, transport: asyncio.Transport) -> None:
        """Note that a head of a request is awaited from now on, unless it is already."""
        self._heads.setdefault(client, (self._now() + self._patience, transport))

    def arrived(self, client: Client) -> None:
        """Note that the head of a request is there."""
        self._heads.pop(client, None)

    def known(self, client: Client) -> None:
        """Note that a request of a client was let in."""
        self._unknown.pop(client, None)

    def left(self, client: Client) -> None:
        """Forget a connection that has ended."""
        self._unknown.pop(client, None)
        self._heads.pop(client, None)

    def sweep(self) -> None:
        """Drop the connections whose heads are overdue."""
        now = self._now()
        for client, (due, transport) in list(self._heads.items()):
            if due > now:
                return
            transport.abort()
            self.left(client)


def room_of(most: int) -> int:
    """Return how many connections a server can have: so many, or fewer where the process may not open more files."""
    try:
        import resource

        limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
        is_bounded = limit != resource.RLIM_INFINITY
    except ImportError:  # Windows, where sockets are no files
        return most
    if not is_bounded:
        return most
    opened = 64
    for place in ("/proc/self/fd", "/dev/fd"):
        with contextlib.suppress(OSError):
            opened = len(os.listdir(place))  # noqa: PTH208 - its names alone
            break
    return max(FEWEST, min(most, limit - opened - 4 * ACCEPTED - SPARE))
