"""Folds are pure: the same log gives the same state, whoever looks and when."""

import json
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from progressnb.folds.course import PastRun
from progressnb.folds.fields import Fields
from progressnb.folds.silences import Signs
from progressnb.folds.state import RunState
from progressnb.folds.timings import Timings
from progressnb.wire.buffer import OutputBuffer, OutputLength
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

BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
PATHS = ["read", "read/search", "read/search#2", "write", "write/a/b", "read#2", "", "a//b"]
STATUSES = ["pending", "running", "retrying", "fallback", "finished", "failed", "skipped", "cancelled"]

values = st.recursive(
    st.none() | st.booleans() | st.integers(-99, 99) | st.floats(allow_nan=False) | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abü😀", max_size=2), inner, max_size=4),
    max_leaves=10,
)
faults = st.tuples(st.integers(0, 80), st.integers(0, 2), st.text('{}[]":,\\u0dDeE9-.tn \n\x0b\u2028é', max_size=2))


@st.composite
def texts(draw: st.DrawFn) -> str:
    """Write JSON, with or without faults, cut anywhere."""
    text = json.dumps(draw(values), ensure_ascii=draw(st.booleans()))
    for at, gone, new in draw(st.lists(faults, max_size=2)):
        text = text[:at] + new + text[at + gone :]
    return text[: draw(st.integers(0, len(text)))] if draw(st.booleans()) else text


percents = st.none() | st.sampled_from([0.0, 5.0, 50.0, 80.0, 100.0])
contents = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(["json", "json", "text"]),
        "part": st.sampled_from(["output", "output", "output", "thinking"]),
        "delta": texts() | st.none(),
        "reset": st.sampled_from([False, False, False, True]),
        "stage_progress": percents,
    }
)
data = st.sampled_from(
    [{}, {}, {"silence": 12.5}, {"attempt": 2}, {"output_tokens": 7, "model": "m"}, {"silence": "x"}]
)
moves = st.fixed_dictionaries(
    {
        "status": st.sampled_from(STATUSES),
        "stage_progress": percents,
        "message": st.none() | st.sampled_from(["reading", "the line was silent for 30 s and came back"]),
        "data": data,
    }
)
errors = st.fixed_dictionaries(
    {"message": st.just("broken"), "error_type": st.just("E"), "fatal": st.just(value=False)}
)
kinds = st.one_of(
    contents.map(lambda given: (ContentEvent, given)),
    moves.map(lambda given: (ProgressEvent, given)),
    errors.map(lambda given: (ErrorEvent, given)),
)
ends = st.sampled_from(
    [
        None,
        (DoneEvent, {"duration": 99.0, "result": 1}),
        (CancelledEvent, {"reason": "enough"}),
        (ErrorEvent, {"message": "m", "error_type": "E", "data": {"status_code": 429}}),
    ]
)


@st.composite
def logs(draw: st.DrawFn) -> list[Event]:
    """Write the log of a run in which anything happens, in any order."""
    now, events = 0.0, list[Event]()

    def add(event_type: Any, stage: str | None, **given: Any) -> None:
        common = {"run_id": "r", "seq": len(events), "timestamp": BEGAN + timedelta(seconds=now), "elapsed": now}
        events.append(event_type(operation="op", stage=stage, **common, **given))

    writer = draw(st.sampled_from([None, "progressnb 9"]))
    declared = [StageDeclaration(name=name, title=name, weight=0.5) for name in ("read", "write")]
    add(StartedEvent, None, stages=declared, writer=writer)
    few = st.sampled_from(draw(st.lists(st.sampled_from(PATHS), min_size=1, max_size=3)))
    for _ in range(draw(st.integers(0, 14))):
        now += draw(st.sampled_from([0.0, 0.1, 1.0, 12.0]))
        event_type, given_fields = draw(kinds)
        add(event_type, draw(few), **given_fields)
    if (end := draw(ends)) is not None:
        add(end[0], None, **end[1])
    return events


def shown(value: Any) -> Any:
    """Show a fold as plain data: its fields, and all that can be read of its outputs."""
    if isinstance(value, OutputBuffer):
        read = [value.kind, value.text, value.value, value.completed, value.open_path, value.open_length]
        return repr([*read, value.fields_completed, len(value)])
    if is_dataclass(value):
        return {
            each.name: shown(getattr(value, each.name))
            for each in fields(value)
            if each.name[0] != "_" and each.name != "last_output"
        }
    if isinstance(value, dict):
        return {key: shown(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [shown(item) for item in value]
    return value.isoformat() if isinstance(value, datetime) else repr(value)


class Reader:
    """All folds of one log."""

    def __init__(self) -> None:
        self.state, self.timings, self.course, self.fields, self.signs = (
            RunState(),
            Timings(),
            PastRun(),
            Fields(),
            Signs(),
        )

    def apply(self, event: Event) -> None:
        """Fold one event in."""
        self.state.apply(event)
        self.timings.apply(event)
        self.course.observe(event)
        self.fields.apply(event)
        self.signs.apply(event)

    def look(self) -> Any:
        """Look at everything."""
        partial = self.state.partial, self.state.usage, self.state.current
        folds = [self.state, self.course, self.signs, self.fields.rows(), *self.timings.rows(), partial]
        return [shown(fold) for fold in folds]


@given(logs())
@example(
    [
        ContentEvent(
            run_id="r", seq=seq, timestamp=BEGAN, elapsed=0, operation="o", stage="s", kind="json", delta=delta
        )
        for seq, delta in enumerate(['{"path":"a long text', ", App\\Http", '"}'])
    ]
)
def test_who_looks_does_not_matter(log: list[Event]) -> None:
    """A reader that looks at everything after each event and one that looks once at the end see the same."""
    watching, late = Reader(), Reader()
    for event in log:
        watching.apply(event)
        watching.look()
    for event in log:
        late.apply(event)
    assert watching.look() == late.look()


@given(logs())
def test_bytes_do_not_matter(log: list[Event]) -> None:
    """The log read back from its bytes gives the same state."""
    here, there = Reader(), Reader()
    for event in log:
        here.apply(event)
        read = decode(encode(event))
        assert read is not None
        there.apply(read)
    assert here.look() == there.look()


@given(logs())
def test_folds_agree(log: list[Event]) -> None:
    """State, timings and signs tell the same of a stage; and a course that shares a state is one that has its own."""
    reader, state = Reader(), RunState()
    sharing = PastRun(state=state)
    for event in log:
        reader.apply(event)
        state.apply(event)
        sharing.observe(event)
    assert shown(sharing.stages) == shown(reader.course.stages)
    rows = {row.stage: row for _, row in reader.timings.rows()}
    assert list(rows) == [stage.path for _, stage in reader.state.walk()]
    for _, stage in reader.state.walk():
        row = rows[stage.path]
        assert (row.status, row.offset, row.duration) == (stage.status, stage.started_elapsed, stage.duration)
        assert row.characters == (len(stage.output) if stage.output is not None else 0)
        assert "silence" not in stage.data or stage.data["silence"] == "x"
        if not reader.state.ended and stage.path in reader.signs.stages:
            assert reader.signs.stages[stage.path].status == stage.status


@given(logs(), st.lists(st.sampled_from([0.0, 12.5, 60.0, None]), max_size=16))
def test_timings_pass_over_what_changes_no_row(log: list[Event], percents: list[float | None]) -> None:
    """The rows of a run are those of its whole state, though they are folded without messages and percents."""
    for number, percent in enumerate(percents[: len(log) - 1], 1):
        if isinstance(log[number], ProgressEvent | ContentEvent):
            log[number] = log[number].model_copy(update={"overall_progress": percent})
    state = RunState(buffer=OutputLength, folds=False)
    for event in log:
        state.apply(event)
    whole, short = Timings.of_ended(state, log), Timings.of(log)
    assert [*short.rows()] == [*whole.rows()]
    for name in ("elapsed", "overall_progress"):
        assert getattr(short, name) == getattr(whole, name)
    for name in ("status", "last_seq", "model", "started", "duration", "usage"):
        assert getattr(short.state, name) == getattr(state, name)
