"""A run that another worker works on, read from the history that all workers share."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from progressnb.errors import InputError, InvalidProgressError, ProgressError, RunEndedError, UnknownStageError
from progressnb.execution.replay import ENDS
from progressnb.execution.watched import WatchedRun
from progressnb.tracking.clock import running_loop
from progressnb.web.streams.parameters import BeyondError, begin_after

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from starlette.types import Scope

    from progressnb.history.elsewhere import Elsewhere, Holder
    from progressnb.tracking.controls import By

__all__ = ["EVERY", "FollowedRun", "NoAnswerError", "UnsupportedError", "caught_up"]

EVERY = 0.1
"""Seconds between two looks into the history, which is written twenty times a second."""

LATE = 2.0
"""Seconds that a client is ahead of the history at most, when it has read the last events from the other worker."""

PATIENT = 3
"""Looks for an answer after the end of a run."""

PATIENCE = 5.0
"""Seconds for which a process is waited for that was asked for an act; it looks ten times a second."""

_logger = logging.getLogger("progressnb")


class UnsupportedError(ProgressError):
    """An act that a run can't take, whatever its state."""


class NoAnswerError(ProgressError):
    """A process that was asked for an act and does not answer: it is stopped, hangs, or can't use the history."""


class FollowedRun(WatchedRun):
    """A run at work in another process. What is asked of it goes through the history to the process that has it.

    Where the history keeps no contents the run hears nothing (`is_heard`): a word to an agent would be in the file.
    """

    def __init__(
        self, run_id: str, elsewhere: Elsewhere, lines: Iterable[bytes] = (), *, is_heard: bool = True
    ) -> None:
        super().__init__()
        self._run_id, self._elsewhere, self._is_heard = run_id, elsewhere, is_heard
        self._task: asyncio.Task[None] | None = None
        self._asking: asyncio.Task[None] | None = None
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
        """Ask the process that has the run to cancel it, and wait for no answer; a refusal is logged."""
        loop = running_loop()
        if loop is not None:
            self._asking = loop.create_task(self._ask_behind({"kind": "stop", "text": reason or ""}))

    async def _ask_behind(self, message: Mapping[str, object]) -> None:
        try:
            await self.ask(message)
        except ProgressError as error:
            _logger.warning("run %s of another process: %s", self.id, error)

    async def ask(self, message: Mapping[str, object], *, by: By = "code") -> None:
        """Ask the process that has the run for an act, and wait until it has done it.

        Raises what that process answers: `RunEndedError`, `UnsupportedError`, or another `ProgressError` where the
        run can't do it now. Raises `NoAnswerError` where no answer comes, and `HistoryError` for a file that can't be
        used.
        """
        if not self._is_heard:
            raise UnsupportedError(
                "a run that this server may act on", "one that was begun beside it", "Write server.add(run)."
            )
        there = self._elsewhere
        wish = await asyncio.to_thread(there.ask, self.id, {**message, "by": by})
        end = self.clock.monotonic() + PATIENCE
        gone = 0
        holder: Holder | None = None
        while gone < PATIENT and self.clock.monotonic() < end:
            # The holder first: what it answers before it ends is read after that.
            holder = await asyncio.to_thread(there.holder, self.id)
            if (answer := await asyncio.to_thread(there.answered, wish)) is not None:
                if answer:
                    raise _refusal(answer)
                return
            gone += holder is None
            await asyncio.sleep(EVERY / 2)
        if await asyncio.to_thread(there.withdraw, wish) and gone:
            raise RunEndedError("a run that goes on", "one that has ended", "Begin it again.")
        who = "the process of the run" if holder is None else holder.words
        raise NoAnswerError(
            f"an answer of {who} within {PATIENCE:g} s", "none", "What was asked is withdrawn, unless it is being done."
        )

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


def _refusal(answer: Mapping[str, str]) -> ProgressError:
    kinds = (RunEndedError, InvalidProgressError, UnknownStageError, UnsupportedError)
    kind = next((each for each in kinds if each.__name__ == answer.get("kind")), ProgressError)
    return kind(*(str(answer.get(part, "")) for part in ("expected", "got", "remedy")))
