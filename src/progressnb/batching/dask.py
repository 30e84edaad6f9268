"""The engine of a Dask cluster: each attempt is a task, which runs on a loop of ours in a worker's process."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from progressnb.batching.cluster import Cluster, amounts_in, listed_in, results_in
from progressnb.batching.crew import Crew
from progressnb.batching.engine import Engine, Job, Outcome, WorkerLostError
from progressnb.batching.feed import Feeds
from progressnb.batching.local import is_refusal
from progressnb.batching.shipping import check_arguments, shipped
from progressnb.batching.stages import FinishedStages
from progressnb.batching.worker import Ended, beat, cancel_items, finished_stages, run_item, topic_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from progressnb.batching.plan import Plan
    from progressnb.execution.operation import Operation
    from progressnb.execution.using import Options
    from progressnb.tracking.protocols import Watchable
    from progressnb.wire.batch import WorkerNow

__all__ = ["DaskEngine"]

Future: TypeAlias = Any
"""A future of Dask."""


LOOK = 1.0
"""Seconds between two looks for the workers that are there."""

BEAT = 5.0
"""Seconds between two signs of life of a batch to its workers."""

_logger = logging.getLogger("progressnb")


class DaskEngine(Engine):
    """Run attempts on a cluster.

    Each attempt is bound to one worker. Else Dask would give the item that kills its worker to one after the other,
    with all that is at work beside it. The items of a worker that is gone are told as lost, and the batch runs each of
    them alone.

    Args:
        operation: The operation.
        options: The options of each run.
        batch_id: The id of the batch's run.
        wake: Called, from any thread, when an attempt has ended.
        plan: What the batch was asked for: the client, how long workers wait for a sign of life, whether contents come.
        record: Keeps the events of an attempt that has ended; None keeps none.
        pay: Counts what an attempt that has ended has spent, for the runs above the batch.
        keeps: Whether a further attempt goes on where the one before failed, as where a history keeps contents.

    """

    name: Literal["local", "dask"] = "dask"

    def __init__(
        self,
        operation: Operation[..., Any],
        options: Options,
        batch_id: str,
        wake: Callable[[], None],
        plan: Plan,
        *,
        record: Callable[[list[bytes]], None] | None = None,
        pay: Callable[[Mapping[str, float]], None] | None = None,
        keeps: bool = False,
    ) -> None:
        self._stages = FinishedStages() if keeps else None
        self._operation, self._options, self._batch_id, self._wake = operation, options, batch_id, wake
        self._client: Any = plan.on
        self._cluster = Cluster(plan.on)
        self._patience, self._record, self._pay = plan.orphan_after, record, pay
        self._data = shipped(operation)
        self._loop = asyncio.get_running_loop()
        self._futures: dict[int, Future] = {}
        self._cancelled: dict[int, str] = {}
        self._tasks: set[asyncio.Task[Any]] = set()
        self._spent: dict[int, dict[str, float]] = {}
        self._crew = Crew(self._cluster, self._data, operation.name, self._start, wake)
        self._contents = plan.contents
        self._feeds = Feeds(self._cancel_soon, self._hear)
        self._number, self._is_closed = 0, False
        self.inbox: deque[Outcome] = deque()
        self.refused: deque[int] = deque()
        self.deaths = 0
        self.gone: str | None = None

    @property
    def capacity(self) -> int | None:
        """The threads of the workers: an attempt takes one of them."""
        return self._crew.threads

    async def begin(self, limit: int) -> None:
        """Import the operation on all workers, and look how many there are.

        Raises `OperationError` where a worker can't import it.
        """
        await self._crew.begin()
        if (threads := self._crew.threads) < limit:
            text = "limit=%d, and the workers have %d threads, of which an item takes one: more run only with %s"
            _logger.warning(text, limit, threads, "more workers, or with workers of more threads (nthreads=)")
        self._client.subscribe_topic(topic_of(self._batch_id), self._on_news)
        self._start(self._beat())
        self._start(self._watch())

    def submit(self, job: Job) -> None:
        """Submit a task."""
        index = job.index
        self._number += 1
        options = self._options
        payload = {
            "arguments": dict(job.arguments),
            "timeout": options.timeout,
            "budget": options.budget,
            "patience": self._patience,
            "events": self._record is not None,
            "contents": self._contents,
            "number": self._number,
            "before": job.before,
            "stages": None if self._stages is None else self._stages.of(index),
        }
        place = self._crew.take(index, is_suspect=job.is_suspect)
        try:
            check_arguments(index, job.arguments)
            future: Future = self._client.submit(
                run_item,
                self._data,
                self._batch_id,
                index,
                payload,
                key=f"progressnb-{self._batch_id}-{index}-{self._number}",
                retries=0,
                pure=False,
                workers=[place],
                allow_other_workers=False,
            )
        except Exception as error:  # noqa: BLE001 - arguments that can't be sent fail their item
            self._crew.leave(index)
            self._give(Outcome(index, "failed", error=error))
            return
        self._futures[index] = future
        future.add_done_callback(partial(self._later, index))

    def cancel(self, index: int, reason: str) -> None:
        """Cancel an attempt; those of one turn of the loop go in one message."""
        if index in self._futures:
            if not self._cancelled:
                self._loop.call_soon(lambda: self._start(self._send_cancels()))
            self._cancelled[index] = reason

    def spent(self, index: int) -> Mapping[str, float]:
        """Return what an attempt had spent, as its events and the last sign of life tell."""
        run = self._feeds.run(index)
        return {**self._spent.get(index, {}), **(run.state.usage if run is not None else {})}

    def run_of(self, index: int) -> Watchable | None:
        """Return the run of the attempt at work, as its events tell."""
        return self._feeds.run(index)

    def workers(self) -> dict[str, WorkerNow] | None:
        """Return the workers by their addresses."""
        return self._crew.now()

    async def close(self) -> None:
        """Send no more signs of life."""
        self._is_closed = True
        if self._client.status == "running":
            self._client.unsubscribe_topic(topic_of(self._batch_id))
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for future in self._futures.values():
            future.release()
        self._futures.clear()
        self._feeds.close()

    # --- ends --------------------------------------------------------------------------------------

    def _later(self, index: int, future: Future) -> None:
        # Called in a thread of the client.
        if not self._is_closed and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(lambda: self._start(self._collect(index, future)))

    async def _collect(self, index: int, future: Future) -> None:
        if self._futures.get(index) is not future:
            return
        outcome = await self._outcome(index, future)
        if self._futures.get(index) is future:
            self._forget(index)
            self._give(outcome)

    def _forget(self, index: int) -> None:
        self._futures.pop(index).release()
        self._feeds.end(index)
        self._crew.leave(index)
        self._spent.pop(index, None)
        self._cancelled.pop(index, None)

    async def _outcome(self, index: int, future: Future) -> Outcome:
        try:
            ended: Ended = await self._cluster.result(future)
            outcome, events, stages = ended
            if self._stages is not None:
                self._stages.end(index, stages)
            if self._record is not None and events:
                await asyncio.to_thread(self._record, events)
            return outcome  # noqa: TRY300 - what is raised above is read below
        except asyncio.CancelledError as error:
            if (task := asyncio.current_task()) is not None and task.cancelling():
                raise
            reason: BaseException = error
        except Exception as error:  # noqa: BLE001 - of the worker's side: it can't be read, or was never sent
            if future.status == "error" and type(error).__name__ != "KilledWorker":
                return Outcome(index, "failed", error=error)
            reason = error
        if index in self._cancelled:
            return Outcome(index, "cancelled")
        if await self._cluster.is_there():
            lost = WorkerLostError(f"the worker of item {index} is gone, perhaps of it")
            lost.__cause__ = reason
            return Outcome(index, "lost", error=lost)
        self.gone = self.gone or "the scheduler is gone, or the client was closed"
        return Outcome(index, "cancelled")

    def _give(self, outcome: Outcome) -> None:
        if self._stages is not None and outcome.status not in ("failed", "lost"):
            self._stages.forget(outcome.index)
        if self._pay is not None:
            self._pay(outcome.usage)
        self.inbox.append(outcome)
        self._wake()

    # --- live events -------------------------------------------------------------------------------

    def _on_news(self, event: tuple[float, Any]) -> None:
        # Called in a thread of the client.
        if not self._is_closed and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._feeds.take, event[1])

    def _hear(self, index: int, event: object) -> None:
        if is_refusal(event):
            self.refused.append(index)
            self._wake()

    def _cancel_soon(self, index: int, reason: str) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self.cancel, index, reason)

    # --- messages ----------------------------------------------------------------------------------

    async def _send_cancels(self) -> None:
        wanted = dict(self._cancelled)
        reason = next(iter(wanted.values()))
        found: set[int] = set()
        try:
            answers: dict[str, list[int]] = await self._cluster.call(
                "run", cancel_items, self._batch_id, [*wanted], reason
            )
            found = {index for each in answers.values() for index in listed_in(each)}
        except Exception as error:
            _logger.debug("could not cancel items on the workers", exc_info=error)
        for index in wanted.keys() - found:  # no worker has begun it
            if (future := self._futures.get(index)) is not None:
                await self._cluster.call("cancel", [future])

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(BEAT)
            try:
                answers: dict[str, Any] = await self._cluster.call("run", beat, self._batch_id, self._patience)
                self._spent = {index: each for value in answers.values() for index, each in amounts_in(value).items()}
                if self._stages is not None and self._contents:
                    await self._take_stages(self._stages)
            except Exception as error:
                _logger.debug("no worker heard the batch", exc_info=error)
            if self._client.status in ("closed", "closing"):
                self.gone = self.gone or "the client was closed"
            self._wake()

    async def _take_stages(self, stages: FinishedStages) -> None:
        answers: dict[str, Any] = await self._cluster.call("run", finished_stages, self._batch_id)
        for answer in answers.values():
            for index, results in results_in(answer).items():
                if index in self._futures:
                    stages.add(index, results)

    async def _watch(self) -> None:
        """Look each second which workers are there, and give back what was at work on those that are gone."""
        while True:
            await asyncio.sleep(LOOK)
            try:
                gone = await self._crew.look()
            except Exception as error:
                _logger.debug("could not look for workers", exc_info=error)
                continue
            self.deaths += len(gone)
            for index, place in self._crew.at(gone):
                if (future := self._futures.get(index)) is not None:
                    self._feeds.lose(index)
                    self._forget(index)
                    self._start(self._cluster.call("cancel", [future]))
                    lost = WorkerLostError(f"the worker {place} is gone, perhaps of item {index}")
                    self._give(Outcome(index, "lost", error=lost))
            self._wake()

    def _start(self, work: Any) -> None:  # noqa: ANN401 - a coroutine
        task: asyncio.Task[Any] = self._loop.create_task(work, name="progressnb dask")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
