"""The workers of a cluster: which of them take attempts, and which attempt is at work on which."""

from __future__ import annotations

import logging
from collections import Counter
from typing import TYPE_CHECKING

from progressnb.batching.worker import warm_up
from progressnb.errors import OperationError
from progressnb.wire.batch import WorkerNow

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from typing import Any, Literal

    from progressnb.batching.cluster import Cluster

__all__ = ["Crew"]

_logger = logging.getLogger("progressnb")


class Crew:
    """The workers by their addresses. One that comes while the batch is at work loads the operation first.

    Args:
        cluster: The cluster.
        data: The operation, as `shipped` has written it.
        name: The name of the operation, for messages.
        start: Begins a coroutine.
        wake: Called when there is another worker.

    """

    def __init__(
        self,
        cluster: Cluster,
        data: bytes,
        name: str,
        start: Callable[[Coroutine[Any, Any, None]], None],
        wake: Callable[[], None],
    ) -> None:
        self._cluster, self._data, self._name, self._start, self._wake = cluster, data, name, start, wake
        self._threads: dict[str, int] = {}
        self._starting: dict[str, int] = {}
        self._unfit: set[str] = set()  # workers that can't load the operation
        self._numbers: dict[str, int] = {}
        self._places: dict[int, str] = {}
        self._suspects: set[int] = set()

    @property
    def threads(self) -> int:
        """The threads of the workers that take attempts."""
        return sum(self._threads.values())

    async def begin(self) -> None:
        """Load the operation on all workers. Raises `OperationError` where one of them can't."""
        self._threads = dict(await self._cluster.call("nthreads"))
        answers: dict[str, Any] = await self._cluster.call("run", warm_up, self._data)
        for worker, fault in answers.items():
            if fault:
                remedy = "Install it there, or define the operation in the notebook, so that it is sent as a whole."
                raise OperationError(f"{self._name} on the worker {worker}", str(fault), remedy)

    async def look(self) -> set[str]:
        """Look which workers are there; return those that are gone."""
        there: dict[str, int] = await self._cluster.call("nthreads")
        gone = self._threads.keys() - there.keys()
        self._threads = {place: count for place, count in there.items() if place in self._threads}
        for place in there.keys() - self._threads.keys() - self._starting.keys() - self._unfit:
            self._starting[place] = there[place]
            self._start(self._begin_later(place))
        return gone

    async def _begin_later(self, place: str) -> None:
        try:
            answers: dict[str, Any] = await self._cluster.call("run", warm_up, self._data, workers=[place])
            fault = answers[place]
        except Exception as error:
            _logger.debug("could not ask the worker %s", place, exc_info=error)
            del self._starting[place]  # the next look finds it again, if it is still there
            return
        threads = self._starting.pop(place)
        if fault:
            self._unfit.add(place)
            _logger.warning("the worker %s gets no items, since it can't load %s: %s", place, self._name, fault)
        else:
            self._threads[place] = threads
            self._wake()

    def take(self, index: int, *, is_suspect: bool) -> str:
        """Give an attempt the worker with the most threads that no attempt takes; return its address."""
        taken = Counter(self._places.values())
        place = self._places[index] = max(self._threads, key=lambda each: self._threads[each] - taken[each])
        if is_suspect:
            self._suspects.add(index)
        return place

    def leave(self, index: int) -> None:
        """Take note that an attempt has ended."""
        self._places.pop(index, None)
        self._suspects.discard(index)

    def at(self, places: set[str]) -> list[tuple[int, str]]:
        """Return the attempts at work on these workers, each with its worker."""
        return [(index, place) for index, place in self._places.items() if place in places]

    def now(self) -> dict[str, WorkerNow]:
        """Return what each worker does."""
        at_work = Counter(self._places.values())
        return {
            place: WorkerNow(
                number=self._numbers.setdefault(place, len(self._numbers)),
                threads=count,
                at_work=at_work[place],
                state=self._state(place),
            )
            for place, count in {**self._threads, **self._starting}.items()
        }

    def _state(self, place: str) -> Literal["working", "starting", "suspect"]:
        if place in self._starting:
            return "starting"
        return "suspect" if place in {self._places.get(index) for index in self._suspects} else "working"
