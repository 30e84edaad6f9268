"""The ends of items: committed to the history first, then counted, told in the log, and given to readers."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

from progressnb.errors import HistoryError, RunCancelled
from progressnb.history import History, ItemDone
from progressnb.tracking.failures import error_data, error_text, error_type
from progressnb.tracking.session import current_session
from progressnb.wire.items import ItemEnd
from progressnb.wire.plain import shorten

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Literal

    from progressnb.batching.engine import Outcome
    from progressnb.batching.items import Entry
    from progressnb.batching.roll import Roll
    from progressnb.batching.state import BatchItem, Ledger
    from progressnb.history import BatchResults
    from progressnb.tracking.batch_log import BatchLog

__all__ = ["Ends", "recorder"]

_TITLE = 200
_ATTEMPTS = 3
"""Times that a commit is tried while the file can't be written."""

_PAUSE = 0.5

_logger = logging.getLogger("progressnb")


class Ends:
    """Give items their ends.

    Args:
        roll: The items.
        log: The log of the batch's run.
        results: Where results are committed; None keeps none.
        name: The name of the batch's run, for messages.

    Attributes:
        uncommitted: Items that have finished and are not committed yet.

    """

    def __init__(self, roll: Roll, log: BatchLog, results: BatchResults | None, name: str) -> None:
        self.roll, self._log, self.results, self._name = roll, log, results, name
        self._ready: list[tuple[BatchItem[Any], Outcome]] = []
        self._committer: asyncio.Task[None] | None = None
        self.uncommitted = 0
        self._wake: Callable[[], None] = lambda: None
        self._elapsed: Callable[[], float] = lambda: 0.0
        self._is_warned = False

    def begin(self, wake: Callable[[], None], elapsed: Callable[[], float]) -> None:
        """Take the functions that wake the driver and that return the seconds since the batch began."""
        self._wake, self._elapsed = wake, elapsed

    def note(self, texts: Iterable[str]) -> None:
        """Say what does not hold for the results that are kept."""
        if self.results is not None:
            for text in texts:
                _logger.warning("%s: %s", self._name, text)

    def take_up(self, item: BatchItem[Any], entry: Entry, ledger: Ledger) -> bool:
        """Give an item the result that was committed before; return whether there is one."""
        results = self.results
        if results is None or item.key is None or item.key not in results.keys:
            return False
        try:
            done = results.read([item.key]).get(item.key)
        except HistoryError as error:
            self._warn(f"could not read the results that were kept, which are computed again: {error}")
            return False
        if done is None:
            return False
        item.reused, item.result, item.run_id, item.title = True, done.result, done.run_id, entry.title
        item.cost, item.input_tokens, item.output_tokens = done.cost, done.input_tokens, done.output_tokens
        ledger.learn(item.amounts)
        item.duration = done.duration
        self.end(item, "finished")
        return True

    def finish(self, item: BatchItem[Any], outcome: Outcome) -> None:
        """Give a finished item its end, as soon as its result is committed."""
        if self.results is None or item.key is None:
            item.result = outcome.result
            self.end(item, "finished", outcome)
            return
        self.uncommitted += 1
        self._ready.append((item, outcome))
        if self._committer is None:
            self._committer = asyncio.get_running_loop().create_task(self._commit(), name="progressnb commit")

    async def _commit(self) -> None:
        while self._ready:
            ready, self._ready = self._ready, []
            done = [self._done(*each) for each in ready]
            try:
                first = await self._committed(done)
            except asyncio.CancelledError:  # the loop is closed: nobody can tell whether they are committed
                self._give_up([*ready, *self._ready])
                raise
            for (item, outcome), each, is_first in zip(ready, done, first, strict=True):
                item.result, item.error = outcome.result, None
                if not is_first and self.results is not None:
                    self.roll.repeated += 1
                    earlier = self.results.read([each.key]).get(each.key)
                    item.result = outcome.result if earlier is None else earlier.result
                self.uncommitted -= 1
                self.end(item, "finished", outcome)
            self._wake()
        self._committer = None

    def _give_up(self, ready: list[tuple[BatchItem[Any], Outcome]]) -> None:
        """End items whose commit was cancelled, so that the batch does not wait for them."""
        self._ready.clear()
        for item, _ in ready:
            self.uncommitted -= 1
            self.end(item, "cancelled")
        self._committer = None
        self._wake()

    async def _committed(self, done: list[ItemDone]) -> list[bool]:
        """Commit; a file that can't be written for long ends the keeping, not the batch."""
        for attempt in range(1, _ATTEMPTS + 1):
            if self.results is None:
                break
            try:
                first = await asyncio.to_thread(self.results.commit, done)
            except HistoryError as error:
                if attempt == _ATTEMPTS:
                    self._warn(f"the results are kept no longer: {error}")
                    self.results = None
                else:
                    await asyncio.sleep(_PAUSE)
            else:
                if (fault := self.results.fault) is not None:
                    self._warn(f"a result is not kept, and is computed again by the next call: {fault}")
                return first
        return [True] * len(done)

    def _done(self, item: BatchItem[Any], outcome: Outcome) -> ItemDone:
        return ItemDone(
            key=item.key or "",
            position=item.index,
            run_id=outcome.run_id,
            attempts=item.attempts,
            cost=item.cost,
            input_tokens=item.input_tokens,
            output_tokens=item.output_tokens,
            duration=self._duration(item),
            result=outcome.result,
        )

    def end(
        self,
        item: BatchItem[Any],
        status: Literal["finished", "failed", "cancelled"],
        outcome: Outcome | None = None,
    ) -> None:
        """Give an item its one end, and tell it."""
        item.status = status
        if not item.reused:
            item.duration = self._duration(item)
        if status == "finished":
            item.error = None
        elif status == "cancelled" and item.error is None:
            item.error = RunCancelled(f"item {item.index} of {self._name} was cancelled")
        self._log.item(_event(item, status, outcome.error_stage if outcome is not None else None))
        self.roll.end(item)

    def _duration(self, item: BatchItem[Any]) -> float | None:
        return None if item.began is None else max(0.0, self._elapsed() - item.began)

    def _warn(self, text: str) -> None:
        if not self._is_warned:
            self._is_warned = True
            _logger.warning("%s: %s", self._name, text)


def _event(item: BatchItem[Any], status: Literal["finished", "failed", "cancelled"], stage: str | None) -> ItemEnd:
    error = item.error if status == "failed" else None
    code = error_data(error).get("status_code") if error is not None else None
    return ItemEnd(
        index=item.index,
        status=status,
        key=item.key,
        title=None if item.title is None else shorten(item.title, _TITLE),
        item_run_id=item.run_id,
        attempts=item.attempts,
        began=item.began,
        duration=item.duration,
        cost=item.cost,
        input_tokens=item.input_tokens,
        output_tokens=item.output_tokens,
        reused=item.reused,
        error_type=None if error is None else error_type(error),
        error=None if error is None else error_text(error),
        error_stage=stage,
        status_code=code if isinstance(code, int) else None,
    )


def recorder(operation: str) -> Callable[[list[bytes]], None] | None:
    """Return the function by which the history keeps runs of other processes, or None."""
    history = current_session().history
    if not isinstance(history, History):
        return None

    def record(lines: list[bytes]) -> None:
        try:
            history.keep_events(lines)
        except (HistoryError, ValueError) as error:
            _logger.warning("an item of %s is not kept in the history: %s", operation, error)

    return record
