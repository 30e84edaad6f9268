"""The results of stages of items on a cluster: a further attempt gets those that the attempts before have finished.

A worker returns them with an attempt that failed. Those of a worker that dies come only with its answers to signs of
life, by way of the scheduler, and so where contents may go there.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from progressnb.history.results import KeptResults, ResultKeeper

if TYPE_CHECKING:
    from collections.abc import Sequence

    from progressnb.history.results import KeptResult
    from progressnb.tracking.protocols import Estimator, Recordable

__all__ = ["FinishedStages", "StageKeeper"]

MOST = 1_000_000
"""Bytes of results that are kept of one attempt: the stages behind them are done again."""

ITEMS = 256
"""Items whose results wait for a further attempt, at most: those of items that have failed for good go so."""


class StageKeeper:
    """The keeper of the results of one attempt's stages, in the process where it runs.

    Args:
        number: The number of the attempt, higher than those of the attempts before.
        before: The results that those have kept.

    Attributes:
        results: Those of this attempt, with the ones that it took from those before.

    """

    def __init__(self, number: int, before: Sequence[KeptResult]) -> None:
        self.results: list[KeptResult] = []
        self.before = KeptResults(before) if before else None
        self._number, self._size, self._told = number, 0, 0

    def record(self, run: Recordable) -> None:
        """Keep the results of a run that has not begun; a history does the same."""
        if (keep_results := getattr(run, "keep_results", None)) is not None:
            keep_results(ResultKeeper(run.operation, self._keep))

    def estimate(self, run: Recordable) -> Estimator | None:  # noqa: ARG002 - of a history
        """Return None: nothing is known of earlier runs."""
        return None

    def news(self) -> list[KeptResult]:
        """Return the results since this was called last."""
        found = self.results[self._told :]
        self._told += len(found)
        return found

    def _keep(self, result: KeptResult) -> None:
        self._size += len(result.value or b"")
        if self._size <= MOST:
            self.results.append(replace(result, generation=self._number))


class FinishedStages:
    """The results of stages that attempts have finished, by the item, at the batch."""

    def __init__(self) -> None:
        self._kept: dict[int, dict[int, list[KeptResult]]] = {}  # by item, then by attempt

    def of(self, index: int) -> tuple[KeptResult, ...]:
        """Return the results that the next attempt at an item may reuse, those of later attempts first."""
        attempts = self._kept.get(index, {})
        return tuple(result for number in sorted(attempts, reverse=True) for result in attempts[number])

    def add(self, index: int, results: Sequence[KeptResult]) -> None:
        """Take results of an attempt at work."""
        for result in results:
            self._kept.setdefault(index, {}).setdefault(result.generation, []).append(result)
        while len(self._kept) > ITEMS:
            del self._kept[next(iter(self._kept))]

    def end(self, index: int, results: Sequence[KeptResult]) -> None:
        """Take all results of an attempt that has ended, in the place of those that came before."""
        for number in {result.generation for result in results}:
            self._kept.get(index, {}).pop(number, None)
        self.add(index, results)

    def forget(self, index: int) -> None:
        """Forget an item that has ended."""
        self._kept.pop(index, None)
