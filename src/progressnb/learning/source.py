"""The source of past runs: the latest runs of an operation in a history, read once a session each."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, Protocol

from progressnb.folds.course import PastRun
from progressnb.learning.estimator import RunEstimator
from progressnb.learning.knowledge import LATEST

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from progressnb.folds.state import RunState
    from progressnb.wire.events import Event

__all__ = ["PastRuns", "RunStore"]

REMEMBERED = 500
"""The number of past runs kept in memory; older ones are read again."""


class RunStore(Protocol):
    """A store of finished runs, such as a history."""

    def latest(self, operation: str, count: int) -> Sequence[str]:
        """Return the ids of the latest runs of an operation that have ended, the oldest first."""
        ...

    def stored(self, run_id: str) -> Iterable[Event]:
        """Return the events of a run, as far as they are stored."""
        ...


class PastRuns:
    """The past runs of a store, and the estimators that learn from them. Any thread may ask.

    A run of this session teaches as soon as it has ended: a slow or locked store keeps nobody waiting.
    """

    def __init__(self, store: RunStore) -> None:
        self._store = store
        self._known: OrderedDict[str, tuple[str, PastRun]] = OrderedDict()  # operation and run by id
        self._lock = threading.Lock()

    def estimator(
        self, run_id: str, operation: str, model: str | None = None, *, state: RunState | None = None
    ) -> RunEstimator:
        """Return the estimator of a run that is about to begin; `state` is the run's state, as for `RunEstimator`."""
        stored = self._store.latest(operation, LATEST)
        with self._lock:
            own = [known for known, (name, _) in self._known.items() if name == operation and known not in stored]
        past = [self._run(past_id, operation) for past_id in (*stored, *own)][-LATEST:]
        usable = [run for run in past if any(stage.status == "finished" for stage in run.begun)]
        return RunEstimator(usable, model, state=state, on_end=lambda run: self._remember(run_id, operation, run))

    def _run(self, run_id: str, operation: str) -> PastRun:
        with self._lock:
            if (known := self._known.get(run_id)) is not None:
                self._known.move_to_end(run_id)
                return known[1]
        return self._remember(run_id, operation, PastRun.of(self._store.stored(run_id)))

    def _remember(self, run_id: str, operation: str, run: PastRun) -> PastRun:
        with self._lock:
            self._known[run_id] = operation, run
            while len(self._known) > REMEMBERED:
                self._known.popitem(last=False)
        return run
