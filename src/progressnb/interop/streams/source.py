"""A stream with its report, and the ways to close it."""

# pyright: reportUnknownArgumentType=false, reportUnknownVariableType=false, reportUnknownMemberType=false
# Chunks are of any type whatever.

from __future__ import annotations

import inspect
import logging
from typing import TYPE_CHECKING, Any, cast

from progressnb.interop.streams.facts import get

if TYPE_CHECKING:
    from collections.abc import Callable

    from progressnb.interop.streams.report import Report

__all__ = ["Source"]

_logger = logging.getLogger("progressnb")


class Source:
    """A stream and its report. `in_block` says that a block closes the stream and tells how it ended."""

    def __init__(self, stream: Any, report: Report) -> None:  # noqa: ANN401 - a stream of any library
        self.stream = stream
        self.report = report
        self.in_block = False
        self.closed = False  # by us, since its loop was left
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
        try:
            closed = _closer(self.stream)()
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
