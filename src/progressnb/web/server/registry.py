"""The runs of a server: those that go on, the latest that ended, and those of its history."""

from __future__ import annotations

import asyncio
import contextvars
import json
import logging
import re
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeAlias

from progressnb.batching import batch
from progressnb.errors import ProgressError, UnknownRunError
from progressnb.execution.replay import Replay
from progressnb.execution.run import Run
from progressnb.tracking.clock import SystemClock
from progressnb.tracking.session import configure, current_session
from progressnb.web.server.acts import stop
from progressnb.web.server.answers import links_of, summary_of
from progressnb.web.server.followed import FollowedRun
from progressnb.web.server.items import size_of_results
from progressnb.web.server.neighbours import Neighbours
from progressnb.web.server.workers import number_of_workers

if TYPE_CHECKING:
    from collections.abc import Mapping

    from progressnb.batching import Batch
    from progressnb.execution.operation import Operation
    from progressnb.execution.watched import WatchedRun
    from progressnb.history.history import History
    from progressnb.tracking.clock import Clock
    from progressnb.web.server.limits import Limits

__all__ = ["BusyError", "ClosedError", "Registry", "ServedRun"]

ServedRun: TypeAlias = "Run[Any] | WatchedRun"

LISTED = 100
"""The number of runs of a history that are listed."""

DELETION = 5.0
"""Seconds that a deleted run has to end."""

_logger = logging.getLogger("progressnb")
_COLUMNS = ("run_id", "operation", "status", "overall_progress", "started", "elapsed", "duration")
_ID = re.compile(r"[0-9A-Za-z_-]{1,64}")


def _log_fault(run: Run[Any]) -> None:
    """Log the traceback of an operation's fault. Clients get the message alone."""
    if run.exception is not None and not isinstance(run.exception, ProgressError):
        _logger.error("run %s of %s failed", run.id, run.operation, exc_info=run.exception)


class ClosedError(Exception):
    """The server stops and begins no more runs."""


class BusyError(Exception):
    """The largest number of runs goes on already."""


class Registry:
    """The runs of a server by id. All that go on are kept, and for a while the latest that ended."""

    def __init__(self, limits: Limits, *, history: History | None = None, clock: Clock | None = None) -> None:
        self._limits = limits
        self._history = history
        self._clock = clock or SystemClock()
        self._runs: dict[str, ServedRun] = {}
        self._begun: dict[str, int] = {}  # what clients began, with the bytes of its inputs
        self._seen: dict[str, float] = {}
        self.neighbours = Neighbours(history, workers=number_of_workers())
        self.closed = False

    def begin(self, operation: Operation[..., Any], inputs: Mapping[str, object], *, size: int = 0) -> Run[Any]:
        """Begin a run with inputs of so many bytes.

        Raises `BusyError` while too many go on, and `ClosedError` once the server stops.
        """
        self._check_room()
        # In an empty context: a run that a client begins is not part of the code that began the server.
        return self._serve(contextvars.Context().run(self._begin, operation, inputs), size)

    def begin_batch(
        self,
        operation: Operation[..., Any],
        items: list[dict[str, object]],
        *,
        size: int = 0,
        **options: Any,  # noqa: ANN401 - as `batch` takes them
    ) -> Batch[Any]:
        """Begin a batch, which counts as one run. Raises as `begin` does."""
        self._check_room()
        batch = contextvars.Context().run(self._begin_batch, operation, items, options)
        self._serve(batch, size)
        batch.on_end(lambda: self._weigh(batch, size))
        return batch

    def _weigh(self, batch: Batch[Any], size: int) -> None:
        if batch.id in self._begun:  # the log of a batch has no results
            self._begun[batch.id] = size + size_of_results(batch)

    def _check_room(self) -> None:
        if self.closed:
            raise ClosedError
        alive = (run for run in self._runs.values() if not run.log.ended and not isinstance(run, FollowedRun))
        if sum(1 for _ in alive) >= self._limits.runs:
            raise BusyError

    def _serve(self, run: Run[Any], size: int) -> Run[Any]:
        run.shown = True  # `_log_fault` reports its error, with the traceback
        run.contained = True
        run.on_end(lambda: _log_fault(run))
        self._begun[run.id] = size
        self._keep(run)
        return run

    def _begin_batch(
        self, operation: Operation[..., Any], items: list[dict[str, object]], options: Mapping[str, Any]
    ) -> Batch[Any]:
        history = current_session().history if self._history is None else self._history
        with configure.local(show=False, history=history):
            return batch(operation.using(timeout=self._limits.timeout), items, **options)

    def _begin(self, operation: Operation[..., Any], inputs: Mapping[str, object]) -> Run[Any]:
        # The session goes with the run's context, so that apps in one process don't share a history.
        history = current_session().history if self._history is None else self._history
        with configure.local(show=False, history=history):
            return operation.begin(inputs, timeout=self._limits.timeout)

    def add(self, run: ServedRun) -> None:
        """Serve a run that was begun elsewhere in this process."""
        self._keep(run)
        history = self._history
        if history is not None and isinstance(run, Run) and current_session().history is not history:
            run.record(history)

    def _keep(self, run: ServedRun) -> None:
        self._prune()
        self._runs[run.id] = run

    def listed(self) -> list[ServedRun]:
        """List the runs that are kept, the latest first."""
        self._prune()
        return list(self._runs.values())[::-1]

    async def summaries(self, root: str = "") -> list[dict[str, Any]]:
        """Return the summaries of the runs that are kept, then of others that the history has; the latest are first."""
        return [*(summary_of(run, root) for run in self.listed()), *await self._recorded(root)]

    async def _recorded(self, root: str) -> list[dict[str, Any]]:
        if self._history is None:
            return []
        rows = await asyncio.to_thread(self._rows, self._history)
        return [
            {**row, "links": links_of(str(row["run_id"]), root)}
            for row in rows[::-1]
            if row["run_id"] not in self._runs
        ]

    @staticmethod
    def _rows(history: History) -> list[dict[str, Any]]:
        frame = history.runs().tail(LISTED)
        frame = frame.reset_index() if "run_id" not in frame.columns else frame
        columns = [name for name in _COLUMNS if name in frame.columns]
        rows: list[dict[str, Any]] = json.loads(frame[columns].to_json(orient="records", date_format="iso"))
        return rows

    async def find(self, run_id: str) -> ServedRun:
        """Return a run, also one that only the history has. Raises `UnknownRunError`."""
        self._prune()
        if (known := self._runs.get(run_id)) is not None:
            return known
        found = await asyncio.to_thread(self.neighbours.restored, run_id) if _ID.fullmatch(run_id) else None
        if found is None:
            raise UnknownRunError("the id of a run", repr(run_id[:64]), "GET /runs lists them.")
        run = self._runs.setdefault(run_id, found)
        if isinstance(run, FollowedRun):
            run.begin()
        return run

    async def forget(self, run_id: str) -> None:
        """Cancel a run that goes on, and delete it and its record.

        Raises `UnknownRunError`, and as `stop` does for a run of another process that does not hear it.
        """
        run = await self.find(run_id)
        if not run.log.ended:
            await stop(run, "deleted by a client")
            with suppress(TimeoutError):  # its code may ignore the cancellation; its later events go nowhere
                async with asyncio.timeout(DELETION):
                    await run.log.wait_ended()
        self._drop(run_id)
        if self._history is not None:
            await asyncio.to_thread(self._delete, self._history, run_id)

    @staticmethod
    def _delete(history: History, run_id: str) -> None:
        try:
            history.delete(run_id)
        except UnknownRunError:
            return  # it was never recorded

    async def close(self, seconds: float) -> None:
        """Begin no more runs, cancel those that clients began, and wait some seconds for their last events."""
        self.closed = True
        for run in self._runs.values():
            if isinstance(run, FollowedRun):
                run.stop()
        alive = [run for run in self._runs.values() if run.id in self._begun and not run.log.ended]
        for run in alive:
            run.cancel("the server stopped")
        waiting = [asyncio.ensure_future(run.log.wait_ended()) for run in alive]
        if waiting:
            _, late = await asyncio.wait(waiting, timeout=seconds)
            for task in late:
                task.cancel()

    def _drop(self, run_id: str) -> None:
        self._runs.pop(run_id, None)
        self._begun.pop(run_id, None)
        self._seen.pop(run_id, None)

    def _prune(self) -> None:
        now = self._clock.monotonic()
        for run_id, run in list(self._runs.items()):
            if not run.log.ended:
                continue
            if run_id not in self._seen:
                age = 0.0 if isinstance(run, Replay) else (self._clock.now() - run.log[-1].timestamp).total_seconds()
                self._seen[run_id] = now - max(0.0, age)
            if now - self._seen[run_id] > self._limits.kept_for:
                self._drop(run_id)
        surplus = len(self._seen) - self._limits.kept
        for run_id in list(self._seen)[: max(0, surplus)]:  # in the order in which they were seen to have ended
            self._drop(run_id)
        room = self._limits.kept_bytes
        for number, run_id in enumerate(list(self._seen)[::-1]):
            room -= self._size_of(run_id)
            if room < 0 and number > 0:
                self._drop(run_id)

    def _size_of(self, run_id: str) -> int:
        # Of all that an output was made of, the log's bytes and about as many in the state and the result remain.
        return self._begun.get(run_id, 0) + 2 * self._runs[run_id].log.size
