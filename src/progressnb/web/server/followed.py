"""A run that another worker works on, read from the history that all workers share."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from progressnb.errors import InputError, ProgressError
from progressnb.execution.replay import ENDS
from progressnb.execution.watched import WatchedRun
from progressnb.tracking.clock import running_loop
from progressnb.web.streams.parameters import BeyondError, begin_after

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from starlette.types import Scope

    from progressnb.history.elsewhere import Elsewhere
    from progressnb.tracking.controls import By

__all__ = ["EVERY", "FollowedRun", "caught_up"]

EVERY = 0.1
"""Seconds between two looks into the history, which is written ten times a second."""

LATE = 2.0
"""Seconds that a client is ahead of the history at most, when it has read the last events from the other worker."""

_logger = logging.getLogger("progressnb")


class FollowedRun(WatchedRun):
    """A run at work in another process. What is asked of it goes through the history to the process that has it."""

    def __init__(self, run_id: str, elsewhere: Elsewhere, lines: Iterable[bytes] = ()) -> None:
        super().__init__()
        self._run_id, self._elsewhere = run_id, elsewhere
        self._task: asyncio.Task[None] | None = None
        for line in lines:
            self.feed(line)

    @property
    def id(self) -> str:
        """The run's id."""
        return self._run_id

    def begin(self) -> None:
        """Begin to follow the run, unless that has begun."""
        loop = running_loop()
        if self._task is None and not self.log.ended and loop is not None:
            self._task = loop.create_task(self._read(), name=f"follow {self.id}")

    def stop(self) -> None:
        """Follow it no more; the run itself goes on."""
        if self._task is not None:
            self._task.cancel()

    def cancel(self, reason: str | None = None) -> None:
        """Ask the process that has the run to cancel it."""
        self.act({"kind": "stop", "text": reason or ""})

    def act(self, message: Mapping[str, object], *, by: By = "code") -> None:
        """Ask the process that has the run for an act."""
        if not self.log.ended:
            self._elsewhere.ask(self.id, {**message, "by": by})

    async def _read(self) -> None:
        seen: object = None
        try:
            while not self.log.ended:
                version = await asyncio.to_thread(self._elsewhere.version)
                # The holder first: what it writes before it ends is read after that.
                holder = await asyncio.to_thread(self._elsewhere.holder, self.id)
                if version is None or version != seen or holder is None:
                    seen = version
                    for line in await asyncio.to_thread(self._elsewhere.lines, self.id, len(self.log) - 1):
                        self.feed(line)
                if holder is None:
                    self.end_cancelled(ENDS)  # unless its end was there
                await asyncio.sleep(EVERY)
        except ProgressError as error:
            _logger.warning("stopped following run %s of another process: %s", self.id, error)
            self.end_failed(error, is_lost=True)


async def caught_up(run: object, scope: Scope) -> None:
    """Wait until a followed run has the last event that a client has seen of it, in a request for its events."""
    if not isinstance(run, FollowedRun):
        return
    for _ in range(round(LATE / EVERY)):
        try:
            begin_after(run.log, scope)
        except BeyondError:
            await asyncio.sleep(EVERY)
        except InputError:
            return
        else:
            return
