"""Signs of life: facts in events say what a silence is, and no message does."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from progressnb.folds.course import PastRun
from progressnb.folds.silences import Change, Signs, silence_in
from progressnb.folds.state import RunState
from progressnb.folds.timings import Timings
from progressnb.testing import ManualClock
from progressnb.tracking.current import internals
from progressnb.tracking.tracker import ProgressTracker
from progressnb.wire.events import ContentEvent, DoneEvent, ErrorEvent, Event, ProgressEvent, StartedEvent


class Script:
    """A run that is written by hand."""

    def __init__(self, writer: str | None = "progressnb 9") -> None:
        self.events: list[Event] = []
        self.add(0, StartedEvent, None, writer=writer)

    def add(self, elapsed: float, event_type: Any, stage: str | None = "s", **fields: Any) -> None:
        """Append an event at a time."""
        common = {"run_id": "r", "seq": len(self.events), "timestamp": datetime(2026, 1, 1, tzinfo=UTC)}
        self.events.append(event_type(operation="op", elapsed=elapsed, stage=stage, **common, **fields))

    def say(self, elapsed: float, stage: str = "s", status: str = "running", **fields: Any) -> None:
        """Append a progress event."""
        self.add(elapsed, ProgressEvent, stage, status=status, **fields)

    def stall(self, stage: str = "s") -> float | None:
        """Return the longest silence, which timings and courses agree on."""
        stalls = {row.stage: row.stall for _, row in Timings.of(self.events).rows()}
        assert Signs.of(self.events).stall(stage) == stalls[stage]
        return stalls[stage]


def begun(*, learned: bool) -> tuple[ProgressTracker, ManualClock]:
    """Begin a run whose stage's longest silence so far is known to be 12 seconds, or not known."""
    clock = ManualClock()
    tracker = ProgressTracker("op", ["s"], clock=clock)
    if learned:
        tracker._recorder.estimator = _Learned()
    tracker.start()
    return tracker, clock


class _Learned:
    follows_from = holds_until = 0.0

    def observe(self, event: Event) -> None: ...

    def overall(self, elapsed: float) -> float | None:
        return None if elapsed >= 0 else 0.0

    def remaining(self, elapsed: float) -> tuple[float, float, float] | None:
        return None if elapsed >= 0 else (0.0, 0.0, 0.0)

    def doubt(self, elapsed: float) -> str | None:
        return None if elapsed >= 0 else "vague"

    def durations(self, declared: Mapping[str, float]) -> Mapping[str, float]:
        return {} if declared else {"s": 0.0}

    def silence(self, path: str, seconds: float) -> float | None:
        return 12.0 if path and seconds > 12 else None


def silences(tracker: ProgressTracker) -> list[float | None]:
    """Return what the stages' states say of a silence, which is never among their data."""
    stages = [stage for _, stage in tracker.state.walk()]
    assert not any("silence" in stage.data for stage in stages)
    return [stage.silence for stage in stages]


@pytest.mark.parametrize("learned", [False, True])
def test_a_minute_of_silence(learned: bool) -> None:
    """A stage that is silent for a minute has a stall of a minute, whatever its notices say in words."""
    tracker, clock = begun(learned=learned)
    with tracker.stage("s") as stage:
        stage.update(10, "reading")
        clock.advance(60)
        assert 50 < (silences(tracker)[0] or 0) <= 60
        stage.update(20)
        clock.advance(1)
        assert silences(tracker) == [None]
    tracker.done()
    (_, row), *_ = Timings.of(tracker.log).rows()
    assert row.stall == pytest.approx(60.0, abs=0.2)
    assert PastRun.of(tracker.log).stages["s"].quiet == pytest.approx(60.0, abs=0.2)


@pytest.mark.parametrize("words", ["the line was silent for 30 s and came back", "silent for 30 s", "no token for 9 s"])
def test_a_message_of_the_users_own(words: str) -> None:
    """A message is a sign of life, also one that reads like a notice."""
    script = Script()
    script.say(0)
    script.say(5, message=words)
    script.say(12, status="finished")
    assert script.stall() == 7


def test_a_notice_below() -> None:
    """A notice of a stage below is no sign of life of those above it; its work is."""
    script = Script()
    script.say(0)
    script.say(1, "s/t")
    script.say(12, "s/t", data={"silence": 11.0}, message="silent for 11 s")
    script.add(20, ContentEvent, "s/t", delta="x")
    script.say(21, status="finished")
    assert script.stall() == script.stall("s/t") == 19
    assert PastRun.of([*script.events, *_done(script, 21)]).stages["s"].quiet == 19


def _done(script: Script, elapsed: float) -> list[Event]:
    script.add(elapsed, DoneEvent, None, duration=elapsed)
    return script.events[-1:]


@pytest.mark.parametrize(
    ("event_type", "fields"),
    [
        (ContentEvent, {"delta": "x"}),
        (ContentEvent, {"delta": None, "part": "thinking"}),
        (ErrorEvent, {"message": "m", "error_type": "E", "fatal": False}),
        (ProgressEvent, {"status": "running", "stage_progress": 5.0}),
        (ProgressEvent, {"status": "running", "data": {"page": 1}}),
        (ProgressEvent, {"status": "retrying"}),
    ],
)
def test_signs(event_type: Any, fields: dict[str, Any]) -> None:
    """Output, errors, a percent, data and a status are signs of life, and end what a notice said."""
    script = Script()
    script.say(0, message="m")
    script.say(11, message="m (silent)", data={"silence": 11.0})
    script.add(15, event_type, **fields)
    assert script.stall() == 15
    stage = RunState.of(script.events).find("s")
    assert stage is not None
    assert stage.silence is None


def test_no_news_is_no_sign() -> None:
    """An event that says nothing new, or that only time caused, is no sign of life."""
    script = Script()
    script.say(0, message="m", stage_progress=5.0)
    script.say(8, message="m", stage_progress=5.0)
    script.say(9, message="m", stage_progress=5.0, data={"remaining": [1, 2, 3]})
    script.say(14, message="m", stage_progress=6.0)
    assert script.stall() == 14


@pytest.mark.parametrize(("seconds", "stall"), [(9.0, 9.0), (11.0, None)])
def test_without_silences_as_data(seconds: float, stall: float | None) -> None:
    """The log of a first version knows no long silence: it is None, never a wrong number."""
    script = Script(writer=None)
    script.say(0)
    script.say(seconds, status="finished")
    assert script.stall() == stall
    quiet = PastRun.of(script.events).stages["s"].quiet
    assert quiet == (float("inf") if stall is None else stall)


def test_changes() -> None:
    """Each change of a status is returned once, with what it was before, and each attempt."""
    script = Script()
    for status in ("pending", "running", "running", "retrying", "retrying", "finished"):
        script.say(1, status=status)
    script.say(1, "skipped", status="skipped")
    script.add(1, ContentEvent, "written", delta="x")
    script.events.insert(5, script.events[4].model_copy(update={"data": {"attempt": 3}}))
    signs = Signs()
    changes = [change for event in script.events if (change := signs.apply(event)) is not None]
    assert changes == [
        Change("s", "pending", "running", is_retry=False),
        Change("s", "running", "retrying", is_retry=True),
        Change("s", "retrying", "retrying", is_retry=True),
        Change("s", "retrying", "finished", is_retry=False),
        Change("skipped", "pending", "skipped", is_retry=False),
        Change("written", "pending", "running", is_retry=False),
    ]
    assert [change.begins for change in changes] == [True, False, False, False, False, True]
    assert [change.ends for change in changes] == [False, False, False, True, True, False]


@pytest.mark.parametrize(("data", "seconds"), [({"silence": 40}, 40.0), ({"silence": True}, None), ({}, None)])
def test_silence_of(data: dict[str, Any], seconds: float | None) -> None:
    """The seconds of a notice are a number in its data."""
    script = Script()
    script.say(0, data=data)
    event = script.events[-1]
    assert isinstance(event, ProgressEvent)
    assert silence_in(event.data) == seconds


def test_deep_and_odd_paths() -> None:
    """A path of any depth, with empty names too, is folded without recursion."""
    for path in ("/".join(["s"] * 1_900), "a//b", "/a", "a/", "", "//"):
        script = Script()
        script.say(1, path)
        state = RunState.of(script.events)
        assert state.find(path) is not None
        assert sum(1 for _ in state.walk()) >= 1
        assert len(list(Timings.of(script.events).rows())) == sum(1 for _ in state.walk())
        assert PastRun.of(script.events).elapsed == 1


def test_waiting_for_a_person_is_no_silence() -> None:
    """The time in which a stage waits for a decision counts as a stall neither for it nor for the stages above."""
    clock = ManualClock()
    tracker = ProgressTracker("op", ["s"], clock=clock)
    tracker.start()
    with tracker.stage("s") as stage:
        clock.advance(3)
        with stage.stage("call") as call:
            internals(call).life.set_status("waiting", "waits for approval", waiting_for="approval")
            clock.advance(600)
            signs = Signs.of(tracker.log)
            assert (signs.stall("s/call"), signs.stall("s")) == (0.0, 3.0)
            internals(call).life.set_status("running", "")
            clock.advance(4)
    signs = Signs.of(tracker.log)
    assert (signs.stall("s/call"), signs.stall("s")) == (4.0, 4.0)
    assert not any("silence" in getattr(event, "data", {}) for event in tracker.log if event.elapsed <= 603)
