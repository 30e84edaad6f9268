"""The source of past runs: the latest runs of an operation in a history, read once a session each.

What they teach is learned once and shared by the runs that begin. It is learned anew where a tenth of the window is of
other processes, where the runs of this session have doubled, where these are mostly slower or mostly faster than
the runs before, and after a few seconds. So a batch of ten thousand runs learns some ten times, not ten thousand.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import OrderedDict, deque
from functools import partial
from statistics import median
from typing import TYPE_CHECKING, Protocol

from progressnb.folds.course import PastRun
from progressnb.learning.estimator import RunEstimator
from progressnb.learning.knowledge import LATEST, Knowledge
from progressnb.learning.lesson import Lesson

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from progressnb.folds.state import RunState
    from progressnb.wire.events import Event
    from progressnb.wire.log import EventLog

__all__ = ["PastRuns", "RunStore"]

REMEMBERED = 500
"""The number of past runs kept in memory; older ones are read again."""

OPERATIONS = 50
"""The number of operations whose lessons are kept in memory."""

_NEW_SHARE = 10  # one new run in so many changes what is known so little that it is not learned anew
_GROWTH = 1  # twice as many runs of a session teach something new
# Signs of a change: runs slower than usual less those faster, summed with a drift to zero (a CUSUM of signs). By chance
# it comes once in some 3,000 runs; where all are slower it takes 17.
_DRIFT, _SURPRISE = 0.25, 12.0
_FRESH = 5.0  # seconds for which this holds however many runs there are; a lesson that took long is kept longer
_WORTH = 50  # times the seconds that learning took: so long must the runs since have taken together
_FEW = 8  # runs up to which each is worth it
_LONG = 0.02  # seconds that learning may take on the thread that begins a run

_logger = logging.getLogger("progressnb")


class RunStore(Protocol):
    """A store of finished runs, such as a history."""

    def latest(self, operation: str, count: int) -> Sequence[str]:
        """Return the ids of the latest runs of an operation that have ended, the oldest first."""
        ...

    def stored(self, run_id: str) -> Iterable[Event]:
        """Return the events of a run, as far as they are stored."""
        ...


class _Lessons:
    """The lessons of past runs of one operation, by model.

    `ids` are those of the runs, `count` says how many had ended in this session when they were learned from.
    """

    def __init__(self, ids: tuple[str, ...], past: Sequence[PastRun], count: int, learned: float) -> None:
        self.ids = ids
        self.past = [run for run in past if any(stage.status == "finished" for stage in run.begun)]
        self.count = count
        self.learned = learned  # when, on a monotonic clock
        self.took = 0.0  # seconds of computing, to read the runs and to learn from them
        self._usual = median([run.elapsed for run in self.past] or [0.0])
        self._slower = self._faster = 0.0
        self._ran = 0.0  # seconds of the runs that have ended since
        self._by_model: dict[str | None, Lesson] = {}
        self.seen: Sequence[str] | None = None  # the answer of the store that was compared last

    def note(self, seconds: float) -> None:
        """Take note of how long a run took that has ended since."""
        self._ran += seconds
        sign = (seconds > self._usual) - (seconds < self._usual)
        self._slower = max(0.0, self._slower + sign - _DRIFT)
        self._faster = max(0.0, self._faster - sign - _DRIFT)

    def is_outdated(self, new: int, own: int, now: float) -> bool:
        """Tell whether so many new runs, `own` of this session, teach something else; `now` is that of the clock."""
        least = len(self.ids) // _NEW_SHARE
        if new <= least:
            return False
        is_fresh = now - self.learned < max(_FRESH, _WORTH * self.took)
        total = max(len(self.ids), self.count)
        growth = least if total < LATEST else total * _GROWTH
        is_surprise = max(self._slower, self._faster) > _SURPRISE
        is_worth = total <= _FEW or self._ran >= _WORTH * self.took
        return new - own > least or not is_fresh or (is_worth and (own > growth or is_surprise))

    @property
    def models(self) -> list[str | None]:
        """The models that were asked for."""
        return list(self._by_model)

    def of(self, model: str | None) -> Lesson:
        """Return what the runs of a model teach."""
        lesson = self._by_model.get(model)
        if lesson is None:
            began = time.thread_time()
            lesson = Lesson(Knowledge([run for run in self.past if run.model == model]))
            lesson = self._by_model.setdefault(model, lesson)
            self.took += time.thread_time() - began
        return lesson


class PastRuns:
    """The past runs of a store, and the estimators that learn from them. Any thread may ask.

    A run of this session teaches as soon as it has ended: a slow or locked store keeps nobody waiting.
    """

    def __init__(self, store: RunStore, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._clock = clock
        self._known: OrderedDict[str, PastRun] = OrderedDict()  # by id, the latest used last
        # By operation: the runs of this session, the latest last, each with a function that returns its course.
        self._ended: dict[str, deque[tuple[str, Callable[[], PastRun]]]] = {}
        self._counts: dict[str, int] = {}  # of these, by operation
        self._lessons: OrderedDict[str, _Lessons] = OrderedDict()
        self._learning: set[str] = set()  # operations whose lessons are learned on a thread
        self._lock = threading.Lock()

    def estimator(
        self,
        run_id: str,
        operation: str,
        model: str | None = None,
        *,
        state: RunState | None = None,
        log: EventLog | None = None,
    ) -> RunEstimator:
        """Return the estimator of a run that is about to begin; `state` and `log` are the run's."""
        lessons = self._lessons_of(operation)
        return RunEstimator(
            lessons.past,
            model,
            state=state,
            log=log,
            on_end=partial(self._end, run_id, operation),
            lesson_of=lessons.of,
        )

    def _lessons_of(self, operation: str) -> _Lessons:
        stored = self._store.latest(operation, LATEST)
        with self._lock:
            lessons, ended = self._lessons.get(operation), self._counts.get(operation, 0)
        if lessons is not None and stored is lessons.seen:  # the usual case: only runs of this session are new
            added: int | None = 0
        else:
            added = None if lessons is None else _differ(lessons.ids, self._latest(operation, stored))
        if lessons is None or added is None:
            return self._learn(operation, self._latest(operation, stored))
        lessons.seen, own = stored if added <= ended - lessons.count else None, ended - lessons.count
        if not lessons.is_outdated(max(added, own), own, self._clock()):
            return lessons
        ids = self._latest(operation, stored)
        if lessons.took <= _LONG:
            return self._learn(operation, ids)
        self._learn_aside(operation, ids)
        return lessons

    def _latest(self, operation: str, stored: Sequence[str]) -> tuple[str, ...]:
        return (*stored, *self._not_stored(operation, stored))[-LATEST:]

    def _not_stored(self, operation: str, stored: Sequence[str]) -> list[str]:
        """Return the runs of this session that have ended after all that are stored, the oldest first."""
        known, found = set(stored), list[str]()
        with self._lock:
            for run_id, _ in reversed(self._ended.get(operation, ())):
                if run_id in known:
                    break
                found.append(run_id)
        return found[::-1]

    def _learn(self, operation: str, ids: tuple[str, ...], models: Sequence[str | None] = ()) -> _Lessons:
        """Learn from runs, and take what they teach in place of what was known."""
        with self._lock:
            count = self._counts.get(operation, 0)
            unread = dict(self._ended.get(operation, ()))
        began = time.thread_time()
        past = [self._run(run_id, unread.get(run_id)) for run_id in ids]
        lessons = _Lessons(ids, past, count, self._clock())
        lessons.took = time.thread_time() - began
        for model in models:
            lessons.of(model)
        with self._lock:
            self._lessons[operation] = lessons
            self._lessons.move_to_end(operation)
            while len(self._lessons) > OPERATIONS:
                self._lessons.popitem(last=False)
        return lessons

    def _learn_aside(self, operation: str, ids: tuple[str, ...]) -> None:
        """Learn on a thread of its own; runs that begin meanwhile go by what is known."""
        with self._lock:
            if operation in self._learning:
                return
            self._learning.add(operation)
            models = self._lessons[operation].models

        def learn() -> None:
            try:
                self._learn(operation, ids, models)
            except Exception:
                _logger.debug("could not learn from the past runs of %s", operation, exc_info=True)
            finally:
                with self._lock:
                    self._learning.discard(operation)

        threading.Thread(target=learn, name="progressnb-learning", daemon=True).start()

    def _end(self, run_id: str, operation: str, course: Callable[[], PastRun], seconds: float) -> None:
        with self._lock:
            if (lessons := self._lessons.get(operation)) is not None:
                lessons.note(seconds)
            if (ended := self._ended.get(operation)) is None:
                ended = self._ended[operation] = deque(maxlen=LATEST)
            ended.append((run_id, course))
            self._counts[operation] = self._counts.get(operation, 0) + 1

    def _run(self, run_id: str, course: Callable[[], PastRun] | None) -> PastRun:
        with self._lock:
            if (known := self._known.get(run_id)) is not None:
                self._known.move_to_end(run_id)
                return known
        run = PastRun.of(self._store.stored(run_id)) if course is None else course()
        with self._lock:
            self._known[run_id] = run
            while len(self._known) > REMEMBERED:
                self._known.popitem(last=False)
        return run


def _differ(known: Sequence[str], ids: Sequence[str]) -> int | None:
    """Return how many runs are new at the end, in the place of the oldest; None where others differ, too."""
    added = 0
    while added < len(ids) and known and ids[len(ids) - 1 - added] != known[-1]:
        added += 1
    kept = len(ids) - added
    if not 0 <= len(known) - kept <= added:
        return None
    is_same = all(one == other for one, other in zip(known[len(known) - kept :], ids, strict=False))
    return added if is_same else None
