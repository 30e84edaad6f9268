"""The readers that wait for the next event of a log, on any loops: all of a loop are woken by one call."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Protocol

from progressnb.wire.loops import running_loop

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Iterable
    from threading import RLock

__all__ = ["Waiters"]


class _Log(Protocol):
    lock: RLock
    ended: bool

    def __len__(self) -> int: ...


class Waiters:
    """The readers that wait.

    Attributes:
        by_loop: The readers by their loops. Changed under the log's lock.

    """

    __slots__ = ("by_loop",)

    def __init__(self) -> None:
        self.by_loop: dict[asyncio.AbstractEventLoop, dict[asyncio.Future[None], None]] = {}

    def __len__(self) -> int:
        """Count the loops on which somebody waits."""
        return len(self.by_loop)

    def wake(self) -> None:
        """Wake all."""
        if not self.by_loop:
            return
        waiting, self.by_loop = self.by_loop, {}
        here = running_loop()
        for loop, readers in waiting.items():
            if loop is here:
                _arrive(readers)
            else:
                with suppress(RuntimeError):  # the readers' loop may be closed by now
                    loop.call_soon_threadsafe(_arrive, readers)

    async def wait(self, loop: asyncio.AbstractEventLoop, log: _Log, seq: int) -> None:
        """Wait on a loop until the next event comes, unless the event of a seq is there or the run has ended."""
        arrived: asyncio.Future[None] = loop.create_future()
        with log.lock:
            if seq < len(log) or log.ended:
                return
            self.by_loop.setdefault(loop, {})[arrived] = None
        try:
            await arrived
        except BaseException:
            with log.lock:
                if readers := self.by_loop.get(loop):
                    readers.pop(arrived, None)
                    if not readers:
                        del self.by_loop[loop]
            raise


def _arrive(readers: Iterable[asyncio.Future[None]]) -> None:
    for arrived in readers:
        if not arrived.done():
            arrived.set_result(None)
