"""The other workers of a server: their runs are followed in the history that all share, and their wishes are heard."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from progressnb.errors import HistoryError, UnknownRunError
from progressnb.execution.replay import Replay
from progressnb.web.server.followed import FollowedRun
from progressnb.web.server.workers import REMEDY, answers_for_all
from progressnb.wire.codec import decode_any
from progressnb.wire.events import is_last

if TYPE_CHECKING:
    from typing import TypeAlias

    from progressnb.execution.run import Run
    from progressnb.execution.watched import WatchedRun
    from progressnb.history.elsewhere import Holder
    from progressnb.history.history import History
    from progressnb.wire.events import Event, UnknownEvent

    Record: TypeAlias = list[tuple[Event | UnknownEvent, bytes]]

__all__ = ["ElsewhereError", "Neighbours"]


class ElsewhereError(UnknownRunError):
    """A run that another process works on, for which this one can't answer."""


class Neighbours:
    """The other workers of a server, and other processes that record in the same history.

    `are_out_of_reach` tells whether there are other workers for whose runs this one can't answer.
    """

    def __init__(self, history: History | None, *, workers: int = 1) -> None:
        self._history = history
        self.are_out_of_reach = workers > 1 and not answers_for_all(history)

    async def told(self, run: Run[Any]) -> None:
        """Wait until other workers can find a run that was just begun."""
        if self._history is None or not answers_for_all(self._history):
            return
        begun = asyncio.Event()
        leave = run.log.subscribe(lambda _event: begun.set())  # it begins on this loop
        try:
            if not len(run.log):
                await begun.wait()
        finally:
            leave()
        with suppress(HistoryError):  # the history itself warns
            await asyncio.to_thread(self._history.elsewhere.settle)

    def restored(self, run_id: str) -> WatchedRun | None:
        """Return a run of the history, to be called in a thread: one that goes on elsewhere is followed.

        None for one that the history does not have. Raises `ElsewhereError` for one that goes on elsewhere and can't be
        followed.
        """
        history = self._history
        if history is None or not (found := self._read(history, run_id)):
            if self.are_out_of_reach:
                raise ElsewhereError("a run of this worker", "one that another worker may have", REMEDY)
            return None
        holder, record = found
        if holder is None or _has_end(record[-1][0]):
            return Replay(record, None)
        if history.contents or holder.is_here:  # else begun beside the server: what the history keeps of it is told
            return FollowedRun(run_id, history.elsewhere, [line for _, line in record], is_heard=history.contents)
        raise ElsewhereError("a run of this process", f"one that goes on in {holder.words}", REMEDY)

    @staticmethod
    def _read(history: History, run_id: str) -> tuple[Holder | None, Record] | None:
        # The holder first: what it writes before it ends is read after that.
        holder = history.elsewhere.holder(run_id)
        try:
            record = [(decode_any(line), line) for line in history.lines(run_id)]
        except UnknownRunError:
            return None
        if not record or record[0][0].run_id != run_id:  # the beginning of an id finds a run too
            return None
        return holder, record


def _has_end(event: Any) -> bool:  # noqa: ANN401 - of a newer version, perhaps
    return hasattr(event, "last") and is_last(event)
