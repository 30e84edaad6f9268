"""What runs of an operation share: one knowledge, learned rarely, asked ten times a second by all of them together."""

from __future__ import annotations

import threading
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

from progressnb.folds.course import PastRun
from progressnb.learning import PastRuns, RunEstimator, source
from progressnb.learning.forecast import RunForecast
from progressnb.learning.knowledge import Knowledge
from progressnb.learning.lesson import Lesson
from progressnb.wire.events import ContentEvent, DoneEvent, Event
from tests.learning.test_estimator import Script, fed, run_of
from tests.learning.test_source import Store, whole

if TYPE_CHECKING:
    from collections.abc import Sequence


class Counts:
    """The numbers of lessons that were learned, and of questions that were put to one."""

    learned = 0
    asked = 0


@pytest.fixture
def counts(monkeypatch: pytest.MonkeyPatch) -> Counts:
    """Count what is learned and asked."""
    found, remaining = Counts(), RunForecast.remaining

    class Counting(Knowledge):
        def __init__(self, past: Sequence[PastRun]) -> None:
            found.learned += 1
            super().__init__(past)

    def asking(self: RunForecast, elapsed: float) -> Any:
        found.asked += 1
        return remaining(self, elapsed)

    monkeypatch.setattr(source, "Knowledge", Counting)
    monkeypatch.setattr(RunForecast, "remaining", asking)
    return found


def short_run(seconds: float = 0.001) -> list[Event]:
    """Write a run that is over in a moment."""
    return run_of(seconds, seconds, seconds)


def past_of(seconds: float, count: int = 8) -> list[PastRun]:
    """Return past runs of three equal stages."""
    return [PastRun.of(run_of(seconds, seconds, seconds)) for _ in range(count)]


def test_thousands_of_short_runs(counts: Counts) -> None:
    """A thousand short runs learn a few dozen times, and their forecast is found once a lesson, not once a run."""
    past = PastRuns(Store())
    for number in range(1_000):
        estimator = past.estimator(f"r{number}", "job")
        for event in short_run():
            estimator.overall(event.elapsed)
            estimator.observe(event)
    assert counts.learned <= 40
    assert counts.asked <= counts.learned + 1


def test_a_short_run_has_a_percent() -> None:
    """Before the first question the percent is the share of the usual duration that has passed, and it never falls."""
    estimator = RunEstimator(past_of(0.03))
    shown = [estimator.overall(at / 1_000) or 0.0 for at in range(0, 90, 10)]
    assert shown == sorted(shown)
    assert shown[0] <= 6
    assert shown[4] == pytest.approx(100 * 40 / 90, abs=7)


def test_ten_questions_a_second(counts: Counts) -> None:
    """A run whose stages begin and end a hundred times a second asks ten times in each."""
    estimator = RunEstimator(past_of(1.0))
    script = Script()
    asked: list[tuple[float, int]] = []
    for number in range(300):
        (script.begin if number % 2 == 0 else script.end)(f"stage {number // 2 % 20}")
        estimator.observe(script.events[-1])
        estimator.overall(script.now)
        asked.append((script.now, counts.asked))
        script.now += 0.01
    for at, (now, before) in enumerate(asked):
        later = [count for time, count in asked[at:] if time < now + 0.99]
        assert later[-1] - before <= 10


def test_runs_side_by_side_take_turns(counts: Counts) -> None:
    """Twenty runs at once ask ten times a second together; between two of its questions the percent of each goes on."""
    lesson = Lesson(Knowledge(past_of(20.0)))
    begun = Script()
    begun.begin("read")
    estimators = [fed(RunEstimator(past_of(20.0), lesson_of=lambda _: lesson), begun.events) for _ in range(20)]
    shown: list[list[float]] = [[] for _ in estimators]
    counts.asked = 0
    for tick in range(1, 200):
        for estimator, percents in zip(estimators, shown, strict=True):
            percents.append(estimator.overall(tick / 10) or 0.0)
            estimator.remaining(tick / 10)
    assert counts.asked <= 10 * 20 + 20
    for percents in shown:
        assert percents == sorted(percents)
        assert percents[-1] == pytest.approx(100 * 19.9 / 60, abs=6)
        steps = [later - before for before, later in pairwise(percents[20:])]
        assert max(steps) < 2


def test_a_run_that_ends_gives_its_turns_back() -> None:
    """Of twenty runs nineteen end, or are gone; the one that is left asks as one that was always alone."""
    lesson = Lesson(Knowledge(past_of(20.0)))
    ended = [RunEstimator([], lesson_of=lambda _: lesson) for _ in range(10)]
    gone = [RunEstimator([], lesson_of=lambda _: lesson) for _ in range(9)]
    turns = lesson.take_part()
    assert not turns.may_ask(1.0, 0.0, has_changed=True)
    for estimator in ended:
        fed(estimator, short_run())
    gone.clear()
    assert turns.is_alone
    assert turns.may_ask(0.2, 0.15, has_changed=True)


def test_events_that_nobody_asked_about() -> None:
    """The course of a run is the same whether its first events were read as they came or at its end."""
    script = Script()
    for name, text in (("read", "tides "), ("think", "moon "), ("write", "and sun")):
        script.begin(name)
        script.now += 0.01
        script.add(ContentEvent, name, delta=text, stage_progress=50)
        script.now += 0.01
        script.end(name, data={"output_tokens": 3})
    courses: list[PastRun] = []
    for is_asked in (False, True):
        estimator = RunEstimator(past_of(0.02), on_end=lambda course, _: courses.append(course()))
        for event in script.events:
            estimator.observe(event)
            if is_asked:
                estimator.remaining(event.elapsed)
        estimator.observe(DoneEvent(**_last(script), duration=script.now, result="x" * 1_000_000))
    assert courses[0] == courses[1]
    assert courses[0].finished
    assert [stage.characters for stage in courses[0].begun] == [6, 5, 7]


def _last(script: Script) -> dict[str, Any]:
    last = script.events[-1]
    return {
        "run_id": last.run_id,
        "seq": last.seq + 1,
        "timestamp": last.timestamp,
        "elapsed": script.now,
        "operation": last.operation,
    }


def test_a_result_is_not_kept() -> None:
    """What is kept of a short run to learn from has no result of it, which may be large."""
    kept: list[Any] = []
    estimator = RunEstimator([], on_end=lambda course, _: kept.append(course))
    fed(estimator, [*short_run()[:-1], short_run()[-1].model_copy(update={"result": ["large"]})])
    events, elapsed = kept[0].args
    assert [event.type for event in events] == ["started", *["progress"] * 6]
    assert elapsed == pytest.approx(0.003)
    assert kept[0]().finished


def test_slower_runs_are_learned_soon() -> None:
    """Runs that become ten times slower teach after some twenty of them, also behind hundreds of others."""
    past = PastRuns(Store())
    for number in range(400):
        fed(past.estimator(f"r{number}", "job"), run_of(5, 1, 1))
    for number in range(30):
        fed(past.estimator(f"s{number}", "job"), run_of(50, 10, 10))
    assert whole(past.estimator("next", "job")) == pytest.approx(70, rel=0.15)


def test_learning_that_takes_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """Learning anew goes on a thread where it takes long; a run that begins meanwhile goes by what is known."""
    monkeypatch.setattr(source, "_LONG", -1.0)
    may_learn, threads = threading.Event(), list[threading.Thread]()

    class Slow(Knowledge):
        def __init__(self, past: Sequence[PastRun]) -> None:
            threads.append(threading.current_thread())
            if threading.current_thread() is not threading.main_thread():
                assert may_learn.wait(30)
            super().__init__(past)

    monkeypatch.setattr(source, "Knowledge", Slow)
    store = Store()
    store.seconds = dict.fromkeys(["a", "b", "c"], 5.0)
    past = PastRuns(store)
    assert whole(past.estimator("1", "job")) == pytest.approx(7, rel=0.1)
    store.seconds |= {f"slow{number}": 50.0 for number in range(30)}
    assert whole(past.estimator("2", "job")) == pytest.approx(7, rel=0.1)
    may_learn.set()
    for _ in range(3_000):
        if whole(past.estimator("3", "job")) > 40:
            break
        threading.Event().wait(0.01)
    else:
        pytest.fail("nothing was learned")
    assert threads[0] is threading.main_thread()
    assert threads[1] is not threading.main_thread()
