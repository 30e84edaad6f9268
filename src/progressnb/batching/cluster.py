"""A cluster as a batch asks it, by a client of this loop or of a thread; and its workers in figures."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import TYPE_CHECKING, Any, cast

from progressnb.wire.items import WorkerNow

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

__all__ = ["Cluster", "amounts_in", "listed_in", "workers_now"]

ANSWER = 5.0
"""Seconds that a scheduler has to answer."""


class Cluster:
    """A cluster, by a `distributed.Client`.

    Attributes:
        client: The client.

    """

    def __init__(self, client: Any) -> None:  # noqa: ANN401 - its package need not be there to check types
        self.client: Any = client

    async def call(self, method: str, *args: object) -> Any:  # noqa: ANN401 - the answer of the method
        """Call a method of the client without blocking the loop."""
        options = {"on_error": "return"} if method == "run" else {}
        called = getattr(self.client, method)
        if self.client.asynchronous:
            return await called(*args, **options)
        return await asyncio.to_thread(called, *args, **options)

    async def result(self, future: Any) -> Any:  # noqa: ANN401 - a future of Dask, and what it gives
        """Wait for the result of a task."""
        if self.client.asynchronous:
            return await future
        return await asyncio.to_thread(future.result)

    async def is_there(self) -> bool:
        """Return whether the scheduler answers."""
        if self.client.status != "running":
            return False
        try:
            async with asyncio.timeout(ANSWER):
                await self.call("nthreads")
        except Exception:  # noqa: BLE001 - whatever a cluster raises that is gone
            return False
        return True


def workers_now(
    threads: Mapping[str, int], numbers: dict[str, int], places: Mapping[int, str], suspects: Collection[int]
) -> dict[str, WorkerNow]:
    """Return the workers by address: of `numbers` each gets its own; `places` says where each item is at work."""
    at_work = Counter(places.values())
    suspect = {places.get(index) for index in suspects}
    return {
        place: WorkerNow(
            number=numbers.setdefault(place, len(numbers)),
            threads=count,
            at_work=at_work[place],
            state="suspect" if place in suspect else "working",
        )
        for place, count in threads.items()
    }


def listed_in(answer: object) -> list[int]:
    """Return the indexes of an answer; a worker that could not answer has an error in its place."""
    return cast("list[int]", answer) if isinstance(answer, list) else []


def amounts_in(answer: object) -> dict[int, dict[str, float]]:
    """Return what attempts have spent, of an answer."""
    return cast("dict[int, dict[str, float]]", answer) if isinstance(answer, dict) else {}
