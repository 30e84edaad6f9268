"""The estimator: an honest percent after a few runs, and no opinion before."""

import math
import random
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from statistics import fmean
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import progressnb as pnb
from progressnb import History, ProgressTracker, use_history
from progressnb.display.looks import tree_of
from progressnb.display.text import heading_text
from progressnb.folds.course import MARKS, PastRun
from progressnb.folds.state import RunState
from progressnb.folds.words import remaining_text
from progressnb.history.redaction import redact
from progressnb.learning import PastRuns, RunEstimator
from progressnb.testing import ManualClock
from progressnb.tracking.session import configure
from progressnb.wire.codec import decode, encode
from progressnb.wire.events import (
    CancelledEvent,
    ContentEvent,
    DoneEvent,
    ErrorEvent,
    Event,
    ProgressEvent,
    StageDeclaration,
    StartedEvent,
)
from progressnb.wire.log import EventLog

NOW = datetime(2026, 1, 1, tzinfo=UTC)
WEIGHTS = {"read": 0.5, "think": 0.3, "write": 0.2}


class Script:
    """Write the events of a run by hand."""

    def __init__(self, weights: dict[str, float] | None = None, *, model: str | None = None) -> None:
        self.events: list[Event] = []
        self.now = 0.0
        declared = [
            StageDeclaration(name=name, title=name, weight=weight) for name, weight in (weights or WEIGHTS).items()
        ]
        self.add(StartedEvent, None, stages=declared, model=model)

    def add(self, event_type: Any, stage: str | None, **fields: Any) -> None:
        """Append an event at the time that it is."""
        self.events.append(
            event_type(
                run_id="r",
                seq=len(self.events),
                timestamp=NOW,
                elapsed=self.now,
                operation="o",
                stage=stage,
                **fields,
            )
        )

    def begin(self, stage: str, **fields: Any) -> None:
        """Begin a stage."""
        self.add(ProgressEvent, stage, status="running", **fields)

    def end(self, stage: str, status: str = "finished", **fields: Any) -> None:
        """End a stage."""
        self.add(ProgressEvent, stage, status=status, **fields)

    def stage(self, name: str, seconds: float, **fields: Any) -> None:
        """Write a stage that is silent until it ends."""
        self.begin(name)
        self.now += seconds
        self.end(name, **fields)

    def done(self) -> list[Event]:
        """End the run."""
        self.add(DoneEvent, None, duration=self.now)
        return self.events


def run_of(*seconds: float, model: str | None = None) -> list[Event]:
    """Write a run whose stages took so long."""
    script = Script(model=model)
    for name, lasts in zip(WEIGHTS, seconds, strict=True):
        script.stage(name, lasts)
    return script.done()


def learned(*runs: Iterable[Event]) -> RunEstimator:
    """Return an estimator that has seen these runs."""
    return RunEstimator([PastRun.of(run) for run in runs])


def fed(estimator: RunEstimator, events: Iterable[Event]) -> RunEstimator:
    """Feed events of the run that goes on."""
    for event in events:
        estimator.observe(event)
    return estimator


def percent(estimator: RunEstimator, elapsed: float) -> float:
    """Return the percent, which there is."""
    shown = estimator.overall(elapsed)
    assert shown is not None
    return shown


def remaining(estimator: RunEstimator, elapsed: float) -> tuple[float, float, float]:
    """Return the interval, which there is."""
    left = estimator.remaining(elapsed)
    assert left is not None
    return left


# --- what is learned ------------------------------------------------------------------------------------


def test_no_past_no_opinion() -> None:
    """Without past runs there is no opinion: the declared weights count."""
    estimator = fed(learned(), run_of(1, 1, 1)[:2])
    assert estimator.overall(1) is None
    assert estimator.remaining(1) is None
    assert estimator.silence("read", 1e9) is None


def test_durations_and_not_weights() -> None:
    """After a few equal runs the percent is the share of the time, whatever was declared, silent stages or not."""
    estimator = learned(*[run_of(5, 90, 5)] * 5)
    script = Script()
    script.stage("read", 5)
    script.begin("think")
    fed(estimator, script.events)
    assert [round(percent(estimator, at)) for at in (10, 30, 50, 70)] == pytest.approx([10, 30, 50, 70], abs=3)
    low, middle, high = remaining(estimator, 50)
    assert low < middle < high
    assert middle == pytest.approx(50, rel=0.1)


def test_one_run_is_enough() -> None:
    """One past run already tells a long stage from a short one."""
    estimator = learned(run_of(2, 16, 2))
    script = Script()
    script.stage("read", 2)
    script.begin("think")
    assert percent(fed(estimator, script.events), 10) == pytest.approx(50, abs=10)


def test_outlier() -> None:
    """One cold run among five hardly moves what is expected."""
    usual = learned(*[run_of(10, 10, 10)] * 5)
    cold = learned(run_of(60, 10, 10), *[run_of(10, 10, 10)] * 4)
    begun = Script()
    begun.begin("read")
    usual_left, cold_left = (remaining(fed(one, begun.events), 1)[1] for one in (usual, cold))
    assert cold_left == pytest.approx(usual_left, rel=0.15)


def test_slow_run() -> None:
    """Where runs are slow as a whole, a slow first stage makes the others be expected slow."""
    runs = [run_of(10 * speed, 10 * speed, 10 * speed) for speed in (0.5, 1, 2, 0.6, 1.6)]
    slow, fast = Script(), Script()
    slow.stage("read", 20)
    fast.stage("read", 5)
    assert remaining(fed(learned(*runs), slow.events), 20)[1] > 2 * remaining(fed(learned(*runs), fast.events), 5)[1]


def writing(seconds: float, items: int, *, until: int | None = None) -> Script:
    """Write a stage that lists items, and another that takes two seconds for each."""
    script = Script({"list": 0.5, "work": 0.5})
    script.begin("list")
    for item in range(items):
        script.now += seconds / items
        delta = ('{"items":[' if item == 0 else ",") + '{"text":"' + "x" * 40 + '"}'
        script.add(ContentEvent, "list", kind="json", delta=delta + ("]}" if item == items - 1 else ""))
        if until == item:
            return script
    script.end("list")
    return script


def test_list_length() -> None:
    """How many items a stage listed says how long the next one takes, if it did so before."""

    def whole(items: int) -> list[Event]:
        script = writing(10, items)
        script.stage("work", 2.0 * items)
        return script.done()

    past = [whole(items) for items in (5, 20, 9, 14, 7)]
    short, long = (remaining(fed(learned(*past), writing(10, items).events), 10)[1] for items in (6, 18))
    assert short == pytest.approx(12, rel=0.25)
    assert long == pytest.approx(36, rel=0.25)


def test_token_rate() -> None:
    """Where outputs have their usual length, half of it written in twice the time tells that the rest takes as long."""

    def whole(seconds: float) -> list[Event]:
        script = writing(seconds, 12)
        script.stage("work", 1.0)
        return script.done()

    past = [whole(seconds) for seconds in (10, 18, 7, 13, 11)]
    slow = fed(learned(*past), writing(24, 12, until=5).events)
    assert remaining(slow, 12)[1] == pytest.approx(13, rel=0.3)


def test_redacted_store() -> None:
    """A store without contents still teaches: durations, and when a stage had which percent."""

    def whole(seconds: float) -> list[Event]:
        script = Script({"all": 1.0})
        script.begin("all")
        for tenth in range(1, 10):
            script.now += seconds / 10
            script.add(ContentEvent, "all", delta="secret", stage_progress=10.0 * tenth)
        script.now += seconds / 10
        script.end("all")
        return script.done()

    past = [[decode(redact(encode(event))) for event in whole(seconds)] for seconds in (10, 18, 7, 13, 11)]
    estimator = learned(*[[event for event in run if event is not None] for run in past])
    fed(estimator, whole(30)[:5])
    assert remaining(estimator, 9)[1] > 12
    assert "secret" not in repr([PastRun.of(event for event in run if event is not None) for run in past])


def test_contents_are_not_kept() -> None:
    """Of a run only lengths and counts are kept, no text, and no more marks than the limit."""
    script = Script({"all": 1.0})
    script.begin("all")
    for _ in range(10 * MARKS):
        script.now += 0.1
        script.add(ContentEvent, "all", delta="personal", stage_progress=1.0)
    script.add(ContentEvent, "open", delta="personal")
    script.end("all")
    run = PastRun.of(script.done())
    assert all(stage._buffer is None for stage in run.stages.values())
    assert "personal" not in repr(run)
    assert len(run.stages["all"].marks) <= MARKS + 1
    assert run.stages["all"].characters == 10 * MARKS * len("personal")


def test_stages_side_by_side() -> None:
    """Stages that run at the same time are not added up."""

    def both() -> Script:
        script = Script({"a": 0.5, "b": 0.5})
        script.begin("a")
        script.begin("b")
        return script

    def whole() -> list[Event]:
        script = both()
        script.now = 20
        script.end("a")
        script.now = 21
        script.end("b")
        return script.done()

    estimator = fed(learned(*[whole()] * 4), both().events)
    assert remaining(estimator, 1)[1] == pytest.approx(20, rel=0.15)


def test_skipped_stage() -> None:
    """A stage that past runs always left out is not waited for, one that they mostly had is."""

    def whole(*, skip: bool) -> list[Event]:
        script = Script()
        script.stage("read", 10)
        script.end("think", "skipped") if skip else script.stage("think", 30)
        script.stage("write", 10)
        return script.done()

    begun = Script()
    begun.stage("read", 10)
    always = fed(learned(*[whole(skip=True)] * 5), begun.events)
    never = fed(learned(*[whole(skip=False)] * 5), begun.events)
    assert remaining(always, 10)[1] < 15
    assert remaining(never, 10)[1] > 35


def test_restored_and_failed_stages_teach_nothing() -> None:
    """A stage that was restored took no time, one that failed not its own: neither is a duration."""
    restored = Script()
    restored.stage("read", 0.01, data={"source": "restored"})
    restored.stage("think", 30)
    failed = Script()
    failed.begin("read")
    failed.now = 0.02
    failed.end("read", "failed")
    failed.add(ErrorEvent, "read", message="no", error_type="OSError")
    begun = Script()
    begun.begin("read")
    estimator = fed(learned(run_of(30, 30, 30), restored.done(), failed.events), begun.events)
    assert remaining(estimator, 1)[1] > 70


def test_renamed_stages() -> None:
    """With most stages unknown there is no opinion; a single new one is expected to last as its weight says."""
    past = [run_of(10, 10, 10)] * 5
    other = Script({"new": 0.8, "write": 0.2})
    other.begin("new")
    assert fed(learned(*past), other.events).overall(1) is None
    one = Script({"read": 0.4, "think": 0.4, "brand new": 0.2})
    one.begin("read")
    assert remaining(fed(learned(*past), one.events), 1)[1] == pytest.approx(22, rel=0.3)


def test_start_over() -> None:
    """A stage whose percent falls has begun again, and takes as long as an attempt does."""
    past = [run_of(5, 20, 5)] * 4
    script = Script()
    script.stage("read", 5)
    script.begin("think", stage_progress=0.0)
    script.now = 20
    script.begin("think", stage_progress=80.0)
    script.add(ProgressEvent, "think", status="retrying", stage_progress=0.0)
    assert remaining(fed(learned(*past), script.events), 20)[1] == pytest.approx(25, rel=0.2)


def test_silence() -> None:
    """A silence beyond what a stage ever needed is one to tell of; ticks of the clock are no signs of life."""
    script = Script({"all": 1.0})
    script.begin("all", message="reading")
    for seconds in (10, 20, 30):
        script.now = seconds
        script.add(ProgressEvent, "all", status="running", message="reading (silent)", data={"silence": seconds})
    script.end("all")
    estimator = learned(script.done())
    assert estimator.silence("all", 29) is None
    assert estimator.silence("all/part", 31) == 30
    assert learned(run_of(1, 1, 1)).silence("read", 9) is None, "ten seconds are no stall anywhere"


# --- properties -----------------------------------------------------------------------------------------

HOSTILE = st.sampled_from([0.0, 1e-12, 1e-3, 1.0, 7.0, 1e4, 1e9, 1e15])
NAMES = st.sampled_from(["read", "think", "write", "extra", "read#2", "%2F"])


@st.composite
def hostile_runs(draw: st.DrawFn) -> list[Event]:
    """Draw a run of any stages in any order: overlapping, failing, writing, missing, never ending."""
    script = Script(draw(st.sampled_from([WEIGHTS, {"read": 1.0}, {"think": 0.0, "other": 1.0}])))
    for _ in range(draw(st.integers(0, 10))):
        script.now += draw(HOSTILE)
        name = draw(NAMES)
        what = draw(
            st.sampled_from(
                ["pending", "running", "finished", "failed", "skipped", "retrying", "text", "json", "usage"]
            )
        )
        at = draw(st.none() | st.floats(0, 100))
        if what == "text":
            script.add(ContentEvent, name, delta=draw(st.none() | st.text(max_size=20)), stage_progress=at)
        elif what == "json":
            delta = draw(st.sampled_from(['{"a": [1, 2', '], "b": "x"}', "[", "1, {}", "]", '"', "\\", "}}"]))
            script.add(ContentEvent, name, kind="json", delta=delta, stage_progress=at, reset=draw(st.booleans()))
        elif what == "usage":
            data = {"output_tokens": draw(HOSTILE), "source": draw(st.sampled_from(["restored", "model"]))}
            script.add(ProgressEvent, name, status="running", data=data, stage_progress=at)
        else:
            script.add(ProgressEvent, name, status=what, stage_progress=at)
    if draw(st.booleans()):
        return script.done()
    if draw(st.booleans()):
        script.add(CancelledEvent, None)
    return script.events


@given(past=st.lists(hostile_runs(), max_size=7), live=hostile_runs(), later=HOSTILE)
def test_any_run(past: list[list[Event]], live: list[Event], later: float) -> None:
    """For any past and any run, the percent is missing or in 0–100, and the interval is in order and finite.

    An estimator that shares the state of its run gives the same figures, and so does one that reads the events of the
    first moment in the log when it needs them.
    """
    estimator = learned(*past)
    state, log = RunState(), EventLog()
    sharing = RunEstimator([PastRun.of(run) for run in past], state=state)
    reading = RunEstimator([PastRun.of(run) for run in past], state=state, log=log)
    for event in live:
        for elapsed in (event.elapsed, event.elapsed + later):
            shown = estimator.overall(elapsed)
            left = estimator.remaining(elapsed)
            assert (sharing.overall(elapsed), sharing.remaining(elapsed)) == (shown, left)
            assert (reading.overall(elapsed), reading.remaining(elapsed)) == (shown, left)
            assert shown is None or 0 <= shown <= 100
            assert (shown is None) == (left is None)
            if left is not None:
                assert 0 <= left.p10 <= left.p50 <= left.p90 < math.inf
        estimator.observe(event)
        state.apply(event)
        sharing.observe(event)
        if event.elapsed >= reading.follows_from or not isinstance(event, ProgressEvent | ContentEvent):
            reading.observe(event)
        log.append_encoded(encode(event))


# --- forecasts that no longer hold ------------------------------------------------------------------------


def test_longer_than_all_past_runs() -> None:
    """Beyond the longest past run nothing is known of the end; before that the forecast holds."""
    estimator = learned(*[run_of(5, seconds, 5) for seconds in (80, 85, 90, 95, 100)])
    script = Script()
    script.stage("read", 5)
    script.begin("think")
    fed(estimator, script.events)
    assert [estimator.doubt(at) for at in (10, 50, 90)] == [None, None, None]
    assert [estimator.doubt(at) for at in (111, 200, 1000)] == ["exceeded"] * 3


def test_a_stage_longer_than_ever() -> None:
    """A last stage that has outlasted its past by much takes the forecast back, though the run is not long yet."""
    estimator = learned(*[run_of(seconds, 10, 1) for seconds in (10, 30, 50, 70, 90)])
    script = Script()
    script.stage("read", 10)
    script.begin("think")
    fed(estimator, script.events)
    assert estimator.doubt(15) is None
    assert estimator.doubt(60) == "overdue"


def test_no_past_no_doubt() -> None:
    """Where no past run finished, none is the longest."""
    failed = Script()
    failed.stage("read", 5)
    failed.begin("think")
    failed.add(ErrorEvent, None, message="no", error_type="E", fatal=True)
    assert learned(failed.events).doubt(1e6) != "exceeded"


def text_of(length: int, *, until: float = 1.0) -> Script:
    """Write plain text at 100 characters a second, with the percents of a bar that doubts its length."""
    script = Script({"write": 1.0})
    script.begin("write")
    for at in range(1, 41):
        if at / 40 > until:
            return script
        script.now = length / 100 * at / 40
        written = length * at / 40
        delta = "x" * (length // 40)
        script.add(ContentEvent, "write", kind="text", delta=delta, stage_progress=90 * written / (written + 1000))
    script.end("write")
    return script


def test_lengths_that_differ_by_factors() -> None:
    """Where past outputs had any length, a long one is no more nearly done than its own percent says."""
    past = [text_of(length).done() for length in (400, 20_000, 900, 8000, 2000)]
    estimator = fed(learned(*past), text_of(12_000, until=0.3).events)
    assert percent(estimator, 36) == pytest.approx(70, abs=8)


def test_an_output_longer_than_ever() -> None:
    """Where past outputs were alike, one that is twice as long is not called done for ever."""
    past = [text_of(length).done() for length in (1800, 2000, 2100, 1900, 2000)]
    usual = fed(learned(*past), text_of(2000, until=0.5).events)
    assert percent(usual, 10) == pytest.approx(50, abs=6)
    longer = fed(learned(*past), text_of(8000, until=0.5).events)
    assert remaining(longer, 40)[1] > 5


def test_no_number_where_it_may_be_any() -> None:
    """A forecast whose upper end is many times its middle is no number to show."""
    past = [text_of(length).done() for length in (400, 20_000, 900, 8000, 2000)]
    estimator = fed(learned(*past), text_of(20_000, until=0.5).events)
    assert estimator.doubt(100) == "vague"


def test_the_percent_jumps_only_between_stages() -> None:
    """Where little is known of an output, the percent grows by less than ten points at once within a stage."""
    past = [text_of(length).done() for length in (400, 20_000, 900, 8000, 2000)]
    estimator, shown, ahead = learned(*past), [0.0], text_of(6000).events
    for tenth in range(1, 500):
        while ahead[0].elapsed <= tenth / 10:
            estimator.observe(ahead.pop(0))
        shown.append(percent(estimator, tenth / 10))
    assert max(after - before for before, after in pairwise(shown)) < 10


# --- honesty, a small sample; benchmarks/estimates/honesty.py is the measure ------------------------------------------


def honesty(runs: int) -> tuple[float, float]:
    """Return the mean distance from 100·t/T after five runs: ours, and the declared weights'."""
    chance = random.Random(6)  # noqa: S311 - a simulation
    medians = {"read": 4.0, "think": 25.0, "write": 11.0}
    history: list[PastRun] = []
    ours: list[float] = []
    declared: list[float] = []
    for number in range(runs + 5):
        times = [median * math.exp(chance.gauss(0, 0.3)) for median in medians.values()]
        events = run_of(*times)
        if number >= 5:
            estimator = RunEstimator(history[-5:])
            ahead, shown, told, total = list(events), 0.0, 0.0, sum(times)
            for step in range(20):
                now = (step + 0.5) / 20 * total
                while ahead[0].elapsed <= now:
                    event = ahead.pop(0)
                    estimator.observe(event)
                    told += (
                        100 * WEIGHTS[event.stage] if event.stage and getattr(event, "status", "") != "running" else 0
                    )
                shown = max(shown, min(99.9, percent(estimator, now)))
                ours.append(abs(shown - 100 * now / total))
                declared.append(abs(told - 100 * now / total))
        history.append(PastRun.of(events))
    return fmean(ours), fmean(declared)


def test_honest_after_five_runs() -> None:
    """After five runs the bar is off by less than half of what the declared weights are off."""
    ours, declared = honesty(200)
    assert ours < declared / 2


# --- in a session -----------------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def stop_recording() -> Iterator[None]:
    """Record nothing after a test, and estimate again."""
    yield
    use_history(None)
    pnb.configure(estimates=True)


def live(clock: ManualClock, *seconds: float, model: str | None = None) -> Iterator[ProgressTracker]:
    """Go through a run second by second."""
    tracker = ProgressTracker("job", WEIGHTS, show=False, clock=clock, model=model)
    tracker.start()
    for name, lasts in zip(WEIGHTS, seconds, strict=True):
        stage = tracker.stage(name)
        stage.start()
        for _ in range(round(lasts)):
            clock.advance(1)
            yield tracker
        stage.finish()
    tracker.done()


def finished(*seconds: float, model: str | None = None) -> ProgressTracker:
    """Do a whole run and return it."""
    *_, last = live(ManualClock(), *seconds, model=model)
    return last


def test_a_history_teaches(tmp_path: Path) -> None:
    """With a history the bar of a silent stage moves with time, never falls, and is full only at the end."""
    use_history(tmp_path / "runs.db")
    for _ in range(3):
        finished(2, 30, 8)
    shown = [tracker.state.overall_progress for tracker in live(ManualClock(), 2, 30, 8)]
    assert shown == sorted(shown)
    assert shown[19] == pytest.approx(50, abs=5)
    assert max(shown) <= 99.9
    assert fmean(abs(value - 100 * (at + 1) / 40) for at, value in enumerate(shown)) < 3
    assert finished(2, 30, 8).state.overall_progress == 100


def test_estimates_off() -> None:
    """`configure(estimates=False)` keeps the declared weights."""
    use_history(History())
    finished(2, 30, 8)
    pnb.configure(estimates=False)
    shown = [tracker.state.overall_progress for tracker in live(ManualClock(), 2, 30, 8)]
    assert shown[1:3] == [0, 50]
    assert set(shown) == {0, 50, 80}
    assert not any("remaining" in tracker.state.data for tracker in live(ManualClock(), 2, 3, 8))


def test_a_refuted_forecast_is_taken_back() -> None:
    """A run that outlasts all past ones says so, once, and shows no number any more."""
    use_history(History())
    for seconds in (90, 95, 100, 105, 110):
        finished(1, seconds, 1)
    texts: dict[int, str] = {}
    for at, tracker in enumerate(live(ManualClock(), 1, 400, 1)):
        texts[at] = remaining_text(tracker.state, tracker.elapsed)
    assert "left" in texts[60]
    assert {texts[at] for at in range(120, 401)} == {"longer than ever"}
    told = [
        event.data["forecast"] for event in tracker.log if isinstance(event, ProgressEvent) and "forecast" in event.data
    ]
    assert told == ["exceeded"]


def test_time_remaining_is_shown() -> None:
    """The panel says how long a run may still take, and the range, at most one event a second tells it."""
    use_history(History())
    for speed in (1.0, 1.4, 0.8, 1.1):
        finished(5 * speed, 60 * speed, 10 * speed)
    for at, tracker in enumerate(live(ManualClock(), 5, 60, 10)):
        if at == 30:
            assert "left (" in heading_text(tree_of(tracker))
            low, middle, high = tracker.state.data["remaining"]
            assert low < middle < high
            assert middle == pytest.approx(47, rel=0.25)
    told = [event for event in tracker.log if isinstance(event, ProgressEvent) and "remaining" in event.data]
    times = [event.elapsed for event in told]
    assert all(later - earlier >= 1 for earlier, later in pairwise(times))
    assert 10 < len(told) <= 75


@pytest.mark.parametrize(
    ("remaining", "text"),
    [
        ([12.0, 20.0, 35.0], "about 20 s left (12–35 s)"),
        ([50.0, 70.0, 100.0], "about 1 min 10 s left (50 s–1 min 40 s)"),
        ([0.1, 0.5, 1.2], "about 1 s left"),
        (8.0, "about 8 s left"),
        ("soon", ""),
        ([3, 2, 1], ""),
        ([1, 2], ""),
        (None, ""),
    ],
)
def test_remaining_text(remaining: object, text: str) -> None:
    """A range is shown where it is wide enough to matter; anything but seconds is not shown."""
    assert remaining_text(RunState(data={"remaining": remaining}), 1.0) == text


def test_stall() -> None:
    """A stage that is silent for longer than it ever was says so."""
    use_history(History())
    for _ in range(2):
        finished(12, 2, 2)
    messages = [
        tracker.state.stages[0].message or "" for tracker in live(ManualClock(), 30, 2, 2) if tracker.elapsed < 30
    ]
    assert "never" not in "".join(messages[:12])
    assert messages[-1].endswith(", never before longer than 12 s")


def test_other_models_teach_nothing() -> None:
    """A run learns from runs of its own model; one that names it late follows the last run's until then."""
    fast, slow = run_of(1, 10, 1, model="fast"), run_of(1, 100, 1, model="slow")
    past = [PastRun.of(run) for run in (slow, slow, slow, fast, fast, fast)]
    begun = Script()
    begun.stage("read", 1)
    assert RunEstimator(past, "new").overall(1) is None
    unknown, known = RunEstimator(past, None), RunEstimator(past, "slow")
    for event in begun.events:
        unknown.observe(event)
        known.observe(event)
    assert (unknown.remaining(1) or (0, 0, 0))[1] < 15
    assert (known.remaining(1) or (0, 0, 0))[1] > 80
    begun.add(ProgressEvent, "think", status="running", data={"model": "slow"})
    unknown.observe(begun.events[-1])
    assert (unknown.remaining(1) or (0, 0, 0))[1] > 80


def test_a_run_is_read_once() -> None:
    """Of each past run the log is read once a session."""

    class Counting:
        reads = 0

        def latest(self, operation: str, count: int) -> list[str]:
            assert operation == "job"
            return ["one", "two"][:count]

        def stored(self, run_id: str) -> list[Event]:
            assert run_id in ("one", "two")
            self.reads += 1
            return run_of(1, 2, 3)

    source = Counting()
    past_runs = PastRuns(source)
    for _ in range(2):
        fed(past_runs.estimator("three", "job"), run_of(1, 2, 3))
    assert source.reads == 2


def test_a_session_learns_without_a_store() -> None:
    """A run that ended in this session teaches at once, but only runs of its own operation."""

    class Empty:
        def latest(self, operation: str, count: int) -> list[str]:
            assert operation
            return [][:count]

        def stored(self, run_id: str) -> list[Event]:
            raise AssertionError(run_id)

    past_runs = PastRuns(Empty())
    first = fed(past_runs.estimator("first", "job"), run_of(1, 2, 3))
    assert first.overall(1) is None
    begun = Script()
    begun.begin("read")
    assert fed(past_runs.estimator("second", "job"), begun.events).overall(1) is not None
    assert fed(past_runs.estimator("third", "other"), begun.events).overall(1) is None


def test_a_broken_estimator_leaves_the_run_alone(caplog: pytest.LogCaptureFixture) -> None:
    """An estimator that raises is dropped with one warning, and the declared weights count."""

    class Broken:
        def fail(self, *_: object) -> Any:
            raise ZeroDivisionError

        observe = overall = remaining = silence = fail

    class Forecasts:
        def record(self, _run: object) -> None:
            """Record nothing."""

        def estimate(self, _run: object) -> Any:
            return Broken()

    configure(history=Forecasts())
    tracker = finished(2, 2, 2)
    assert tracker.state.overall_progress == 100
    assert len(caplog.records) == 1

    class Locked(Forecasts):
        def estimate(self, _run: object) -> Any:
            raise OSError("locked")

    configure(history=Locked())
    assert finished(2, 2, 2).state.status == "finished"
    assert len(caplog.records) == 2


def test_batch() -> None:
    """A run of very many top stages is left to what is declared: it costs no time to have no opinion."""

    def whole(count: int) -> list[Event]:
        script = Script({f"s{at}": 1.0 for at in range(count)})
        for at in range(count):
            script.stage(f"s{at}", 1.0)
        return script.done()

    assert fed(learned(whole(20)), whole(20)[:5]).overall(2) is not None
    assert fed(learned(whole(200)), whole(200)[:5]).overall(2) is None
