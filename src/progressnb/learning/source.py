"""Which past runs a run learns from: the latest of the same operation and model in a history.

A run is read from the store once a session. Often a run's model is not known before its first answer; until
then it is taken to be that of the last run.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING

from progressnb.folds.course import PastRun
from progressnb.learning.estimator import Estimates, LearnedEstimator
from progressnb.learning.knowledge import LATEST
from progressnb.wire.events import is_last

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Protocol

    from progressnb.learning.estimator import Interval
    from progressnb.wire.events import Event

    class Source(Protocol):
        """What is asked of a history."""

        def latest(self, operation: str, count: int) -> Sequence[str]:
            """Return the ids of the latest runs of an operation that have ended, the oldest first."""
            ...

        def stored(self, run_id: str) -> Iterable[Event]:
            """Return the events of a run, as far as they are stored."""
            ...


__all__ = ["FollowedRun", "Learning"]

REMEMBERED = 500
"""How many past runs are kept in memory; others are read again."""


class Learning:
    """Make estimators from a history. `use_history` does this for every run.

    What a run of this session teaches is known as soon as it has ended: a store that is slow or locked keeps
    nobody waiting.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self._known: OrderedDict[str, tuple[str, PastRun]] = OrderedDict()
        self._lock = threading.Lock()

    def begin(self, run_id: str, operation: str, model: str | None = None) -> FollowedRun:
        """Return what follows a run that is about to begin; it has an opinion where past runs teach something."""
        stored = self._source.latest(operation, LATEST)
        with self._lock:
            here = [known for known, (name, _) in self._known.items() if name == operation and known not in stored]
        past = [self._past(past_id, operation) for past_id in (*stored, *here)][-LATEST:]
        taught = [run for run in past if any(stage.status == "finished" for stage in run.begun)]
        return FollowedRun(taught, model, on_end=lambda run: self._remember(run_id, operation, run))

    def _past(self, run_id: str, operation: str) -> PastRun:
        with self._lock:
            if (known := self._known.get(run_id)) is not None:
                self._known.move_to_end(run_id)
                return known[1]
        return self._remember(run_id, operation, PastRun.of(self._source.stored(run_id)))

    def _remember(self, run_id: str, operation: str, run: PastRun) -> PastRun:
        with self._lock:
            self._known[run_id] = operation, run
            while len(self._known) > REMEMBERED:
                self._known.popitem(last=False)
        return run


class FollowedRun:
    """Estimate one run by past runs of its model, which may become known on the way."""

    def __init__(
        self, past: Sequence[PastRun], model: str | None, *, on_end: Callable[[PastRun], object] | None = None
    ) -> None:
        self._past = past
        self._live = PastRun(model=model)
        self._model = model if model is not None or not past else past[-1].model
        self._on_end = on_end
        self._estimator = self._begin()

    def _begin(self) -> LearnedEstimator:
        return Estimates([run for run in self._past if run.model == self._model]).begin(self._live)

    def observe(self, event: Event) -> None:
        """Learn of an event of this run; they come in order."""
        self._live.observe(event)
        if self._past and self._live.model is not None and self._live.model != self._model:
            self._model = self._live.model
            self._estimator = self._begin()
        if self._on_end is not None and is_last(event):
            self._on_end(self._live)

    def overall(self, elapsed: float) -> float | None:
        """Return the percent to show at this time, 0–100, or None where past runs say nothing of this one."""
        return self._estimator.overall(elapsed)

    def remaining(self, elapsed: float) -> Interval | None:
        """Return the seconds that remain, or None where past runs say nothing of this one."""
        return self._estimator.remaining(elapsed)

    def silence(self, path: str, seconds: float) -> float | None:
        """Return the longest silence that a stage has ever needed, in seconds, if this one is longer; else None."""
        return self._estimator.silence(path, seconds)
