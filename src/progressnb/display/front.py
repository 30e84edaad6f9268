"""Knowledge of the front end: whether our JavaScript runs there, and what stands in for it if not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

from progressnb.display.cells import hears_while_awaiting
from progressnb.tracking.clock import SystemClock, running_loop

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

__all__ = ["Front", "Kind", "Silence", "can_listen", "front"]

Kind: TypeAlias = Literal["widget", "core", "output", "lines"]

TICK = 0.1
"""Seconds between two looks at whether the kernel's loop turns."""

VIEWED, UNVIEWED = 12, 20
"""Looks without a hello after which silence counts: since a view was drawn, and where none is drawn."""

BLOCKED = 1.0
"""Seconds without a single turn of the loop after which the cell is taken for one that blocks it."""


class Front:
    """The knowledge of the front end that all panels of the kernel share.

    `heard` says that its JavaScript ran here: the loader or a stub has said hello. `settled` is what a panel without a
    hello came to in its place, so that the next one begins with it.
    """

    def __init__(self) -> None:
        self.heard = False
        self.settled: Kind | None = None

    def hello(self) -> None:
        """Note that the JavaScript of a widget runs in the front end; panels look at it with their next paint."""
        self.heard, self.settled = True, None


front = Front()


def can_listen(loop: asyncio.AbstractEventLoop | None) -> bool:
    """Tell whether a hello may be heard while this loop turns, so that its silence counts."""
    return loop is not None and not loop.is_closed() and hears_while_awaiting()


class Silence:
    """A wait for the hello of one panel. Silence counts only while the kernel could have heard: while its loop turns.

    Calls `counted` once when the loop has turned for long enough without a hello, or `blocked` once if it does not turn
    at all, as in a cell that waits in code that is not async.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop | None,
        viewed: Callable[[], bool],
        *,
        counted: Callable[[], None],
        blocked: Callable[[], None],
    ) -> None:
        self._loop = loop
        self._viewed = viewed
        self._counted = counted
        self._blocked = blocked
        self._looks = 0
        self._since_view = 0
        self._over = False

    def begin(self) -> None:
        """Begin to wait, from any thread. Where no loop is known nothing can be learned."""
        loop = self._loop
        if loop is None or not can_listen(loop):
            return
        if running_loop() is loop:
            loop.call_later(TICK, self._tick)
        else:
            loop.call_soon_threadsafe(loop.call_later, TICK, self._tick)
        SystemClock().call_later(BLOCKED, self._look)

    def end(self) -> None:
        """Wait no more: the panel has ended, or hello was heard."""
        self._over = True

    def _tick(self) -> None:
        if self._over or front.heard or self._loop is None:
            return
        self._looks += 1
        self._since_view += self._viewed()
        if self._since_view >= VIEWED or (not self._since_view and self._looks >= UNVIEWED):
            self._over = True
            self._counted()
        else:
            self._loop.call_later(TICK, self._tick)

    def _look(self) -> None:
        if not self._over and not front.heard and not self._looks:
            self._blocked()
