"""The part of a batch in a worker's process: attempts run on one loop of ours, so that the worker's is not blocked.

A worker that has not heard of its batch for long cancels its items: nobody would receive them.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeAlias

from distributed import get_worker

from progressnb.batching.feed import Feed
from progressnb.batching.local import outcome_of, usage_of
from progressnb.batching.shipping import load
from progressnb.batching.stages import StageKeeper
from progressnb.execution.using import Options
from progressnb.wire.events import Parent

if TYPE_CHECKING:
    from collections.abc import Mapping

    from progressnb.batching.engine import Outcome
    from progressnb.execution.operation import Operation
    from progressnb.execution.run import Run
    from progressnb.history.results import KeptResult
    from progressnb.wire.log import EventLog

_logger = logging.getLogger("progressnb")

__all__ = ["Ended", "beat", "cancel_items", "finished_stages", "run_item", "topic_of", "warm_up"]

Ended: TypeAlias = "tuple[Outcome, list[bytes], list[KeptResult]]"
"""The end of an attempt, its events, and the results of its stages."""

_LOOK = 1.0
"""Seconds between two looks for batches that are silent."""

_SEND = 0.1
"""Seconds between two messages with the news of items."""


class _Place:
    """The loop of this process, and the attempts on it."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.runs: dict[tuple[str, int], Run[Any]] = {}
        self.keepers: dict[tuple[str, int], StageKeeper] = {}
        self.heard: dict[str, tuple[float, float]] = {}  # of each batch: when, and its patience in seconds
        self._feeds: dict[str, Feed] = {}
        threading.Thread(target=self._work, name="progressnb-worker", daemon=True).start()

    def _work(self) -> None:
        asyncio.set_event_loop(self.loop)
        self.loop.call_later(_LOOK, self._look)
        self.loop.run_forever()

    def _look(self) -> None:
        now = time.monotonic()
        for batch, (heard, patience) in tuple(self.heard.items()):
            if now - heard > patience:
                for (each, _), run in tuple(self.runs.items()):
                    if each == batch:
                        run.cancel("its batch is gone")
                self.heard.pop(batch, None)
        self.loop.call_later(_LOOK, self._look)

    def feed(self, batch: str, index: int, log: EventLog, job: Mapping[str, Any], worker: Any) -> None:  # noqa: ANN401
        """Send the events of an attempt to the topic of its batch, by the worker of Dask."""
        feed = self._feeds.get(batch)
        if feed is None:
            topic = topic_of(batch)
            feed = Feed(lambda news: worker.log_event(topic, news), contents=job["contents"])
            self._feeds[batch] = feed
            self.loop.call_later(_SEND, self._send, batch)
        feed.add(index, log)

    def _send(self, batch: str) -> None:
        try:
            goes_on = self._feeds[batch].send()
        except Exception as error:
            _logger.debug("the news of items could not be sent", exc_info=error)
            goes_on = True
        if goes_on:
            self.loop.call_later(_SEND, self._send, batch)
        else:
            del self._feeds[batch]

    async def run(
        self,
        batch: str,
        index: int,
        operation: Operation[..., Any],
        job: Mapping[str, Any],
        worker: Any,  # noqa: ANN401
    ) -> Ended:
        """Run one attempt; return its end, its events where they are wanted, and what its stages have finished."""
        key = batch, index
        options = Options(show=False, timeout=job["timeout"], budget=job["budget"])
        parent = Parent(run_id=batch, stage=str(index))
        keeper = None if job["stages"] is None else StageKeeper(job["number"], job["stages"])
        kept = None if keeper is None else keeper.before
        before = None if kept is None else job["before"]
        run = operation.begin_item(job["arguments"], options, parent, resumed_from=before, kept=kept)
        if keeper is not None:
            run.record(keeper)
            self.keepers[key] = keeper
        self.runs[key] = run
        self.feed(batch, index, run.log, job, worker)
        try:
            await run.log.wait_ended()
            ended = self.loop.create_future()
            run.on_end(lambda: self.loop.call_soon_threadsafe(_done, ended))
            await ended
        finally:
            self.runs.pop(key, None)
            self.keepers.pop(key, None)
        outcome = outcome_of(index, run)
        stages = keeper.results if keeper is not None and outcome.status == "failed" else []
        return outcome, run.log.encoded() if job["events"] else [], stages


def topic_of(batch: str) -> str:
    """Return the topic of a batch, to which its items' events go."""
    return f"progressnb-{batch}"


def _done(ended: asyncio.Future[None]) -> None:
    if not ended.done():
        ended.set_result(None)


_lock = threading.Lock()
_places: list[_Place] = []


def _place() -> _Place:
    with _lock:
        if not _places:
            _places.append(_Place())
        return _places[0]


@lru_cache(maxsize=16)
def _loaded(data: bytes) -> Operation[..., Any]:
    return load(data)


async def warm_up(data: bytes) -> str:
    """Import what the operation needs, before the first item; return a fault in words, or an empty text."""
    return await asyncio.to_thread(_warm_up, data)  # the loop of the worker must not be blocked


def _warm_up(data: bytes) -> str:
    try:
        if _loaded(data) is None:  # pyright: ignore[reportUnnecessaryComparison] # a module without it
            return "the module has no such operation"
    except Exception as error:  # noqa: BLE001 - whatever an import raises; it is told at the batch
        return f"{type(error).__name__}: {error}"
    _place()
    return ""


async def run_item(data: bytes, batch: str, index: int, job: Mapping[str, Any]) -> Ended:
    """Run one attempt on the loop of this process; a task of the worker, which waits without blocking it."""
    place = _place()
    place.heard.setdefault(batch, (time.monotonic(), job["patience"]))
    worker = get_worker()
    future = asyncio.run_coroutine_threadsafe(place.run(batch, index, _loaded(data), job, worker), place.loop)
    return await asyncio.wrap_future(future)


def cancel_items(batch: str, indexes: list[int], reason: str) -> list[int]:
    """Cancel attempts of a batch in this process; return the indexes of those that were here."""
    place, found = _place(), list[int]()
    for index in indexes:
        run = place.runs.get((batch, index))
        if run is not None:
            run.cancel(reason)
            found.append(index)
    return found


def beat(batch: str, patience: float) -> dict[int, dict[str, float]]:
    """Take note that the batch is alive; return what each attempt has spent so far, by index."""
    place = _place()
    place.heard[batch] = time.monotonic(), patience
    return {index: usage_of(run) for (each, index), run in dict(place.runs).items() if each == batch}


def finished_stages(batch: str) -> dict[int, list[KeptResult]]:
    """Return what stages of the attempts of a batch in this process have finished since this was asked last."""
    return {index: keeper.news() for (each, index), keeper in dict(_place().keepers).items() if each == batch}
