"""Thinning where events are written: a loop of updates is a few events, and nothing is lost."""

import json
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from progressnb.folds.state import RunState
from progressnb.tracking import internals
from progressnb.tracking.recorder import INTERVAL
from progressnb.tracking.tracker import ProgressTracker
from progressnb.wire.buffer import OutputBuffer
from progressnb.wire.events import ContentEvent, Event, ProgressEvent
from tests.tracking.helpers import at_work


def new(tracker: ProgressTracker, after: int = 1) -> list[Event]:
    """Return the events after the first two, `started` and the stage's `running`."""
    return list(tracker.log)[after + 1 :]


def text(tracker: ProgressTracker, part: str = "output") -> str:
    """Join all deltas of a part since its last reset."""
    joined = ""
    for event in tracker.log:
        if isinstance(event, ContentEvent) and event.part == part:
            joined = ("" if event.reset else joined) + (event.delta or "")
    return joined


def test_many_updates() -> None:
    """100,000 updates in 10 seconds are about 100 events, ten a second, and the last one wins."""
    tracker, stage, clock = at_work()
    for number in range(100_000):
        stage.update(number / 1_000, f"row {number}")
        clock.advance(1e-4)
    clock.advance(1)
    events = new(tracker)
    assert 90 <= len(events) <= 102
    assert all(b.elapsed - a.elapsed >= INTERVAL * 0.99 for a, b in pairwise(events))
    assert tracker.state.stages[0].message == "row 99999"
    assert tracker.state.stages[0].percent == 99.999


def test_many_deltas() -> None:
    """100,000 characters written one by one are a few events that hold them all, once, in order."""
    tracker, stage, clock = at_work()
    written = "".join(chr(97 + number % 26) for number in range(100_000))
    for char in written:
        stage.write(char)
        clock.advance(1e-5)
    assert len(new(tracker)) <= 12
    assert tracker.partial == written
    stage.finish()
    assert text(tracker) == written


def test_no_time_passes() -> None:
    """While no time passes nothing is written; the timer writes the rest as soon as its time has come."""
    tracker, stage, clock = at_work()
    for number in range(100):
        stage.update(number, "on the way")
        stage.write("x")
    assert new(tracker) == []
    clock.advance(INTERVAL - 0.001)
    assert new(tracker) == []
    clock.advance(0.001)
    content, progress = new(tracker)
    assert isinstance(content, ContentEvent)
    assert isinstance(progress, ProgressEvent)
    assert (content.delta, progress.stage_progress) == ("x" * 100, 99)
    clock.advance(10)
    assert len(new(tracker)) == 2, "the timer writes once"


def test_the_state_tells_updates_before_their_events() -> None:
    """`state` read right after an update tells it, with what it moves above, and costs no event."""
    tracker, stage, clock = at_work()
    part = stage.stage("part", weight=0.5)
    part.update(0, "begins")
    seen = len(tracker.log)
    for percent in (10, 50, 90):
        part.update(percent, f"at {percent}")
        above = tracker.state.stages[0]
        assert (above.children[0].percent, above.children[0].message) == (percent, f"at {percent}")
        assert (above.percent, tracker.state.overall_progress) == (percent / 2, percent / 4)
    assert len(tracker.log) == seen
    clock.advance(INTERVAL)
    assert RunState.of(tracker.log) == tracker.state
    part.finish()
    assert tracker.state.stages[0].children[0].percent == 100


def test_data_is_immediate() -> None:
    """Data is never thinned, and takes with it what waited, in the order in which it was said."""
    tracker, stage, _ = at_work()
    stage.write("before")
    stage.update(10, "first")
    stage.update(found=3)
    stage.update(found=4)
    events = new(tracker)
    assert [event.type for event in events] == ["content", "progress", "progress"]
    progress: Any = events[1]
    assert (progress.message, progress.stage_progress, progress.data) == ("first", 10, {"found": 3})
    assert tracker.state.stages[0].data == {"found": 4}


def test_status_is_immediate() -> None:
    """A change of status is written at once, after what waited under the status before."""
    tracker, stage, _ = at_work()
    stage.update(50, "half way")
    stage.write("x")
    stage.retry(2, 3)
    stage.write("y", reset=True)
    stage.finish()
    told = [(event.type, getattr(event, "status", None), getattr(event, "delta", None)) for event in new(tracker)]
    assert told == [
        ("content", None, "x"),
        ("progress", "running", None),
        ("progress", "retrying", None),
        ("content", None, "y"),
        ("progress", "finished", None),
    ]
    assert text(tracker) == "y"


def test_stages_are_thinned_apart() -> None:
    """A stage that just wrote does not keep another one waiting."""
    tracker, stage, clock = at_work()
    clock.advance(1)
    stage.update(5)
    tracker.update("t", 5)
    assert [event.stage for event in new(tracker)] == ["s", "t"]


def test_parts_move_what_is_above() -> None:
    """What a part does is told of the stages above it, thinned as well."""
    tracker, stage, clock = at_work()
    below = stage.stage("a").stage("b")
    below.start()
    for number in range(1, 101):
        below.update(number)
        clock.advance(0.01)
    clock.advance(1)
    told = [event.stage_progress for event in tracker.log if isinstance(event, ProgressEvent) and event.stage == "s"]
    assert told[-1] == 25
    assert len(told) <= 13
    assert told[1:] == sorted(percent or 0 for percent in told[1:])


steps = st.lists(
    st.tuples(
        st.sampled_from(["output", "thinking"]),
        st.text(max_size=6),
        st.booleans(),
        st.sampled_from([0, 0, 0, 0.03, 0.2]),
    ),
    max_size=40,
)


@given(steps, st.booleans())
def test_nothing_is_lost(said: list[tuple[str, str, bool, float]], ended: bool) -> None:
    """However it is written, reset and flushed, the log holds all text, and the live view never lags."""
    tracker, stage, clock = at_work()
    expected = {"output": "", "thinking": ""}
    for part, delta, reset, pause in said:
        stage.write(delta, part=part, reset=reset)
        stage.update(None, delta)
        expected[part] = ("" if reset else expected[part]) + delta
        assert (stage.partial or "") == expected["output"]
        clock.advance(pause)
    if ended:
        tracker.cancelled("enough")
    else:
        clock.advance(INTERVAL)
    for part, whole in expected.items():
        assert text(tracker, part) == whole
        buffer = tracker.state.stages[0].outputs.get(part)
        assert (buffer.text if buffer else "") == whole
    assert tracker.state.stages[0].message == (said[-1][1] if said else None)


_documents = st.sampled_from(
    ['{"a": [1, {"b": "text"}], "c": "x"}', '["one", "two", [3, 4.5]]', '{"k": {"l": {"m": null}}}']
)


@given(st.lists(st.tuples(_documents, st.integers(1, 9), st.booleans()), min_size=1, max_size=4), st.data())
def test_partial_is_that_of_the_whole_text(outputs: list[tuple[str, int, bool]], data: st.DataObject) -> None:
    """However often somebody looks at an output, before and after events and resets, it is what its text says."""
    tracker, stage, clock = at_work()
    for document, size, looks_first in outputs:
        for start in range(0, len(document), size):
            stage.write(document[start : start + size], kind="json", reset=start == 0)
            if looks_first or data.draw(st.booleans()):
                whole = OutputBuffer("json")
                whole.append(document[: start + size])
                assert stage.partial == tracker.partial == whole.value
            if data.draw(st.booleans()):
                clock.advance(INTERVAL)
    stage.finish()
    assert stage.partial == tracker.state.stages[0].partial == json.loads(outputs[-1][0])


@given(
    st.lists(
        st.tuples(st.sampled_from(["abc", "é", "", "\ud83d", "\ude00"]), st.booleans(), st.booleans()), max_size=12
    )
)
def test_the_length_of_a_text(steps: list[tuple[str, bool, bool]]) -> None:
    """Whoever measures a text gets the length that reading it would give, whatever events carry of it so far."""
    _, stage, clock = at_work()
    for delta, reset, passes in steps:
        stage.write(delta, reset=reset)
        if passes:
            clock.advance(INTERVAL)
        written, measured = internals(stage).outputs.get("output"), internals(stage).measured("output")
        assert (0 if measured is None else len(measured)) == (0 if written is None else len(written))
