"""A cluster as a batch asks it, by a client of this loop or of a thread."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from progressnb.history.results import KeptResult

__all__ = ["Cluster", "amounts_in", "listed_in", "results_in"]

ANSWER = 5.0
"""Seconds that a scheduler has to answer."""


class Cluster:
    """A cluster, by a `distributed.Client`.

    Attributes:
        client: The client.

    """

    def __init__(self, client: Any) -> None:  # noqa: ANN401 - its package need not be there to check types
        self.client: Any = client

    async def call(self, method: str, *args: object, **options: object) -> Any:  # noqa: ANN401 - the answer of the method
        """Call a method of the client without blocking the loop."""
        if method == "run":
            options["on_error"] = "return"
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


def listed_in(answer: object) -> list[int]:
    """Return the indexes of an answer; a worker that could not answer has an error in its place."""
    return cast("list[int]", answer) if isinstance(answer, list) else []


def amounts_in(answer: object) -> dict[int, dict[str, float]]:
    """Return what attempts have spent, of an answer."""
    return cast("dict[int, dict[str, float]]", answer) if isinstance(answer, dict) else {}


def results_in(answer: object) -> dict[int, list[KeptResult]]:
    """Return what stages of attempts have finished, of an answer."""
    return cast("dict[int, list[KeptResult]]", answer) if isinstance(answer, dict) else {}
