"""A stream with its report, and the ways to close it."""

# pyright: reportUnknownArgumentType=false, reportUnknownVariableType=false, reportUnknownMemberType=false
# Chunks are of any type whatever.

from __future__ import annotations

import inspect
import logging
from contextlib import suppress
from typing import TYPE_CHECKING, Any, cast

from progressnb.interop.streams.facts import get
from progressnb.tracking import running_loop
from progressnb.wire.garbage import is_collecting, is_finalizing

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

    from progressnb.interop.streams.report import Report

__all__ = ["Source"]

_logger = logging.getLogger("progressnb")


class Source:
    """A stream and its report. `in_block` says that a block closes the stream and tells how it ended.

    Whoever reads holds it, and so does the stand-in. An async stream that nobody can read on is closed with it: a
    client closes none that is merely dropped, and the server would go on writing.
    """

    def __init__(self, stream: Any, report: Report) -> None:  # noqa: ANN401 - a stream of any library
        self.stream = stream
        self.report = report
        self.in_block = False
        self.closed = False  # by us, since its loop was left
        self.loop: asyncio.AbstractEventLoop | None = None  # on which an async stream was begun and has not ended
        self.reading: set[object] = set()  # the reads that wait for a chunk: two tasks or threads may read at once

    def refuse(self, error: BaseException) -> None:
        """Report a stream that could not begin: its request failed, or was cancelled."""
        if not isinstance(error, GeneratorExit) and not self.report.over:
            self.report.begin(self.stream)
            self.report.fail(error)

    def close(self) -> None:
        """Close the stream as well as code that is not async can."""
        self.closed = True
        try:
            closed = _closer(self.stream)()
            if inspect.iscoroutine(closed):
                closed.close()
        except Exception:
            _logger.debug("could not close a stream", exc_info=True)

    async def aclose(self) -> None:
        """Close the stream."""
        self.closed = True
        await _aclose(self.stream)

    def __del__(self, _is_finalizing: Callable[[], bool] = is_finalizing) -> None:
        """Close an async stream that was left, on its loop."""
        loop = self.loop
        if _is_finalizing() or loop is None or self.closed or self.in_block or self.reading or loop.is_closed():
            return
        _close_on(loop, self.stream)


_closing: set[asyncio.Task[None]] = set()  # a loop holds its tasks weakly


def _close_on(loop: asyncio.AbstractEventLoop, stream: object) -> None:
    def close() -> None:
        _closing.add(task := loop.create_task(_aclose(stream)))
        task.add_done_callback(_closing.discard)

    if running_loop() is loop and not is_collecting():
        close()  # at once: the loop may be about to end
    else:
        with suppress(RuntimeError):  # it has been closed meanwhile
            loop.call_soon_threadsafe(close)


async def _aclose(stream: object) -> None:
    try:
        closed = _closer(stream)()
        if inspect.isawaitable(closed):
            await closed
    except Exception:
        _logger.debug("could not close a stream", exc_info=True)


def _closer(stream: object) -> Callable[[], object]:
    for owner in (stream, get(stream, "response")):
        for name in ("aclose", "close"):
            if callable(close := get(owner, name)):
                return cast("Callable[[], object]", close)
    return lambda: None
