"""The source of past runs: what is read of a store, what is learned anew, and that nothing of it is out of date."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from progressnb.learning import PastRuns, RunEstimator, source
from progressnb.learning.knowledge import LATEST, Knowledge
from tests.learning.test_estimator import fed, run_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from progressnb.folds.course import PastRun
    from progressnb.wire.events import Event


class Store:
    """A store of runs of one stage, each of so many seconds; it counts what is read."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self.reads: list[str] = []

    def latest(self, operation: str, count: int) -> list[str]:
        """Return the latest ids."""
        assert operation == "job"
        return list(self.seconds)[-count:]

    def stored(self, run_id: str) -> list[Event]:
        """Return the events of a run."""
        self.reads.append(run_id)
        return run_of(self.seconds[run_id], 1, 1)


def whole(estimator: RunEstimator) -> float:
    """Return the seconds that a whole run is expected to take."""
    remaining = estimator.remaining(0)
    assert remaining is not None
    return remaining.p50


def test_many_runs_of_a_session() -> None:
    """In a session of 1,500 runs none is read again, whether the store lags behind or has them all."""
    store = Store()
    past = PastRuns(store)
    for number in range(1500):
        fed(past.estimator(f"r{number}", "job"), run_of(10, 1, 1))
        if number % 7 == 0:
            for done in range(len(store.seconds), number + 1):
                store.seconds[f"r{done}"] = 10
    assert store.reads == []


def test_the_latest_runs_teach() -> None:
    """After hundreds of runs of a session the latest of them teach, and not older ones."""
    store = Store()
    past = PastRuns(store)
    for number in range(200):
        seconds = 5 if number < 160 else 50
        fed(past.estimator(f"r{number}", "job"), run_of(seconds, 1, 1))
        store.seconds[f"r{number}"] = seconds
    assert whole(past.estimator("next", "job")) == pytest.approx(52, rel=0.1)


def test_runs_of_another_process() -> None:
    """What another process has written teaches the next run, beside what this session has not stored yet."""
    store = Store()
    past = PastRuns(store)
    for number in range(3):
        fed(past.estimator(f"own{number}", "job"), run_of(5, 1, 1))
    assert whole(past.estimator("a", "job")) == pytest.approx(7, rel=0.1)
    for number in range(LATEST):
        store.seconds[f"other{number}"] = 80
    assert whole(past.estimator("b", "job")) > 60
    assert len(store.reads) == len(set(store.reads)) <= LATEST


def test_a_run_that_is_deleted() -> None:
    """Runs that were deleted teach no more."""
    store = Store()
    past = PastRuns(store)
    store.seconds = {f"r{number}": 5.0 if number % 4 == 0 else 500.0 for number in range(20)}
    assert whole(past.estimator("a", "job")) > 20
    store.seconds = {name: seconds for name, seconds in store.seconds.items() if seconds < 100}
    assert whole(past.estimator("b", "job")) == pytest.approx(7, rel=0.1)


def test_what_is_learned_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs side by side learn once together; a few new runs are learned with the next ones, and all are in the end."""
    learned: list[int] = []

    class Counting(Knowledge):
        def __init__(self, past: Sequence[PastRun]) -> None:
            learned.append(len(past))
            super().__init__(past)

    monkeypatch.setattr(source, "Knowledge", Counting)
    store = Store()
    store.seconds = {f"r{number}": 5.0 for number in range(LATEST)}
    past = PastRuns(store)
    for _ in range(100):
        past.estimator("beside", "job")
    assert learned == [LATEST]
    for number in range(40):
        store.seconds[f"s{number}"] = 50
        past.estimator("after", "job")
    assert 8 <= len(learned) <= 15
    assert whole(past.estimator("last", "job")) == pytest.approx(52, rel=0.1)
