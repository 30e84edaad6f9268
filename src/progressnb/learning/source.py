"""The source of past runs: the latest runs of an operation in a history, read once a session each."""

from __future__ import annotations

import threading
from collections import OrderedDict, deque
from typing import TYPE_CHECKING, Protocol

from progressnb.folds.course import PastRun
from progressnb.learning.estimator import RunEstimator
from progressnb.learning.knowledge import LATEST, Knowledge

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from progressnb.folds.state import RunState
    from progressnb.wire.events import Event

__all__ = ["PastRuns", "RunStore"]

REMEMBERED = 500
"""The number of past runs kept in memory; older ones are read again."""


LESSONS = 50
"""The number of operations and models whose knowledge is kept in memory."""

_NEW_SHARE = 10  # one new run in so many changes what is known so little that it is not learned anew


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
        self._known: OrderedDict[str, PastRun] = OrderedDict()  # by id, the latest used last
        self._ended: dict[str, deque[str]] = {}  # by operation: the runs of this session, the latest last
        self._lessons: OrderedDict[tuple[str, str | None], tuple[tuple[PastRun, ...], Knowledge]] = OrderedDict()
        self._lock = threading.Lock()

    def estimator(
        self, run_id: str, operation: str, model: str | None = None, *, state: RunState | None = None
    ) -> RunEstimator:
        """Return the estimator of a run that is about to begin; `state` is the run's state, as for `RunEstimator`."""
        stored = self._store.latest(operation, LATEST)
        past = [self._run(past_id) for past_id in (*stored, *self._not_stored(operation, stored))[-LATEST:]]
        usable = [run for run in past if any(stage.status == "finished" for stage in run.begun)]
        return RunEstimator(
            usable,
            model,
            state=state,
            on_end=lambda run: self._end(run_id, operation, run),
            learn=lambda runs, of_model: self._knowledge(operation, of_model, runs),
        )

    def _knowledge(self, operation: str, model: str | None, runs: Sequence[PastRun]) -> Knowledge:
        """Return what runs teach: the knowledge of an earlier call where at most a tenth of its runs are new since."""
        with self._lock:
            before = self._lessons.get((operation, model))
        if before is not None and _is_alike(before[0], runs):
            return before[1]
        knowledge = Knowledge(runs)
        with self._lock:
            self._lessons[operation, model] = tuple(runs), knowledge
            self._lessons.move_to_end((operation, model))
            while len(self._lessons) > LESSONS:
                self._lessons.popitem(last=False)
        return knowledge

    def _not_stored(self, operation: str, stored: Sequence[str]) -> list[str]:
        """Return the runs of this session that have ended after all that are stored, the oldest first."""
        known, found = set(stored), list[str]()
        with self._lock:
            for run_id in reversed(self._ended.get(operation, ())):
                if run_id in known:
                    break
                found.append(run_id)
        return found[::-1]

    def _end(self, run_id: str, operation: str, run: PastRun) -> None:
        self._remember(run_id, run)
        with self._lock:
            self._ended.setdefault(operation, deque(maxlen=LATEST)).append(run_id)

    def _run(self, run_id: str) -> PastRun:
        with self._lock:
            if (known := self._known.get(run_id)) is not None:
                self._known.move_to_end(run_id)
                return known
        return self._remember(run_id, PastRun.of(self._store.stored(run_id)))

    def _remember(self, run_id: str, run: PastRun) -> PastRun:
        with self._lock:
            self._known[run_id] = run
            while len(self._known) > REMEMBERED:
                self._known.popitem(last=False)
        return run


def _is_alike(known: Sequence[PastRun], runs: Sequence[PastRun]) -> bool:
    """Return whether runs are those known but for a few new ones at their end, in the place of the oldest."""
    added = 0
    while added < len(runs) and known and runs[len(runs) - 1 - added] is not known[-1]:
        added += 1
    kept = len(runs) - added
    if added > len(known) // _NEW_SHARE or not 0 <= len(known) - kept <= added:
        return False
    return all(one is other for one, other in zip(known[len(known) - kept :], runs, strict=False))
