"""The fold: the same log gives the same state, and a last state stays."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from progressnb.errors import ProgressError
from progressnb.folds.state import RunState, StageState
from progressnb.testing import ManualClock
from progressnb.tracking.tracker import ProgressTracker
from progressnb.wire.codec import decode
from progressnb.wire.events import Event, ProgressEvent
from progressnb.wire.paths import encode_name, stage_title

ENDS = ["done", "fail", "cancelled", None]


def sample(end: str | None = "done") -> ProgressTracker:
    """Run something with declared, undeclared and nested stages, outputs and data."""
    clock = ManualClock()
    tracker = ProgressTracker("op", {"read": 1, "write": 3}, model="m", clock=clock)
    tracker.start()
    with tracker.stage("read") as read:
        read.update(30, "reading", input_tokens=10, cost=0.5)
        clock.advance(2)
        with read.stage("search/it") as search:
            search.write('{"a": [1, 2', kind="json")
            clock.advance(0.3)
            search.write("3]}", kind="json")
    with tracker.stage("read") as again:
        again.update(input_tokens=5, state="again")
    write = tracker.stage("write")
    write.start()
    write.write("first")
    write.retry(2, 3)
    write.write("second", reset=True)
    clock.advance(1)
    write.stage("orphan").start()
    if end == "fail":
        tracker.fail(ProgressError("broken"))
    elif end is not None:
        getattr(tracker, end)()
    return tracker


def shown(state: RunState) -> list[Any]:
    """Show what a state tells, stage by stage."""
    run = [state.status, state.overall_progress, state.model, state.usage, state.data, state.partial, state.duration]
    run += [state.run_id, state.error, state.reason, state.result, state.last_seq, state.elapsed, state.started]
    return [*run, *((depth, *_stage(stage)) for depth, stage in state.walk())]


def _stage(stage: StageState) -> list[Any]:
    texts = {part: (buffer.kind, buffer.text, buffer.value) for part, buffer in stage.outputs.items()}
    told = [stage.path, stage.name, stage.title, stage.weight, stage.percent, stage.status, stage.message, stage.error]
    return [*told, stage.started, stage.duration, stage.data, texts, stage.partial]


def decoded(tracker: ProgressTracker) -> list[Event]:
    """Read a log back from its bytes alone."""
    return [event for line in tracker.log.encoded() if (event := decode(line)) is not None]


@pytest.mark.parametrize("end", ENDS)
def test_fold_is_the_live_state(end: str | None) -> None:
    """The fold of the log, also of its bytes alone, is the state that the run has live."""
    tracker = sample(end)
    assert shown(RunState.of(tracker.log)) == shown(tracker.state)
    assert shown(RunState.of(decoded(tracker))) == shown(tracker.state)


def test_tree() -> None:
    """The tree has the declared stages in order, then others, each below its own, with name, title and weight."""
    state = RunState.of(decoded(sample()))
    assert [(depth, stage.path) for depth, stage in state.walk()] == [
        (0, "read"),
        (1, "read/search%2Fit"),
        (0, "write"),
        (1, "write/orphan"),
        (0, "read#2"),
    ]
    search = state.find("read/search%2Fit")
    assert search is not None
    assert (search.name, search.title, search.weight) == ("search/it", "Search/it", 0.35)
    assert (search.partial, search.status) == ({"a": [1, 23]}, "finished")
    assert search.duration == pytest.approx(0.3)
    assert [stage.weight for stage in state.stages] == [0.25, 0.75, 0]
    assert state.usage == {"input_tokens": 15, "cost": 0.5}
    assert state.partial == "second"


@given(st.lists(st.integers(0, 40), max_size=60))
def test_idempotent(repeats: list[int]) -> None:
    """Events that come again, or late, change nothing: a reader may always begin a little earlier."""
    tracker = sample()
    events = list(tracker.log)
    state = RunState()
    for at, event in enumerate(events):
        state.apply(event)
        for old in repeats:
            if old <= at:
                state.apply(events[old])
    assert shown(state) == shown(tracker.state)


@pytest.mark.parametrize("end", ENDS[:3])
@pytest.mark.parametrize("then", ENDS[:3])
def test_last_states_absorb(end: str, then: str) -> None:
    """After a last event no other changes anything, whatever its seq."""
    tracker, other = sample(end), sample(then)
    state = RunState.of(tracker.log)
    for event in other.log:
        state.apply(event.model_copy(update={"seq": event.seq + 1_000}))
    assert shown(state) == shown(tracker.state)


@pytest.mark.parametrize(("end", "status"), [("done", "finished"), ("fail", "cancelled"), ("cancelled", "cancelled")])
def test_no_stage_outlives_the_run(end: str, status: str) -> None:
    """When the run has ended no stage is at work: each has an end and a duration."""
    state = sample(end).state
    orphan = state.find("write/orphan")
    assert orphan is not None
    assert (orphan.status, orphan.duration) == (status, 0)
    assert state.current is None
    assert all(stage.ended and stage.duration is not None for _, stage in state.walk())


def test_current() -> None:
    """The current stage is the innermost that is at work."""
    state = sample(None).state
    assert state.current is state.find("write/orphan")
    assert RunState().current is None


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_names_in_paths(name: str) -> None:
    """A name in a path holds no slash and no hash, and comes back from it exactly."""
    encoded = encode_name(name)
    assert "/" not in encoded
    assert "#" not in encoded
    assert unquote(encoded) == name
    if name:
        state = RunState.of([_progress(f"{encoded}#3/{encoded}")])
        top = state.stages[0]
        assert (top.name, top.children[0].name) == (name, name)


def _progress(path: str, **fields: Any) -> ProgressEvent:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    return ProgressEvent(
        run_id="r", seq=0, timestamp=now, elapsed=1, operation="o", stage=path, status="running", **fields
    )


def test_log_of_another_writer() -> None:
    """A stage that nobody announced still gets its place, with those above it."""
    state = RunState.of([_progress("a/b#2/c", stage_progress=5, overall_progress=1)])
    assert [(depth, stage.path, stage.status) for depth, stage in state.walk()] == [
        (0, "a", "pending"),
        (1, "a/b#2", "pending"),
        (2, "a/b#2/c", "running"),
    ]


def test_redacted() -> None:
    """A log without its contents folds into the same tree with the same percents."""
    tracker = sample()
    events = [
        event.model_copy(update={"delta": None, "redacted": True} if event.type == "content" else {})
        for event in tracker.log
    ]
    state = RunState.of(events)
    assert [(s.path, s.percent, s.status) for _, s in state.walk()] == [
        (s.path, s.percent, s.status) for _, s in tracker.state.walk()
    ]
    assert state.partial is None


@pytest.mark.parametrize(
    ("name", "title"), [("read_all", "Read all"), ("x", "X"), ("_", "_"), (" ", " "), ("é/b", "É/b")]
)
def test_titles(name: str, title: str) -> None:
    """A title is made of the name and is never empty."""
    assert stage_title(name) == title
