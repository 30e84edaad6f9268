"""DataFrames of a run: columns are the events' fields, and types hold for runs without events too."""

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from progressnb.errors import EventFormatError
from progressnb.frames import frames
from progressnb.frames.frames import events_frame, fields_frame, timings_frame
from progressnb.testing import ManualClock
from progressnb.tracking import internals
from progressnb.tracking.tracker import ProgressTracker
from progressnb.wire.codec import decode
from progressnb.wire.events import CancelledEvent, ContentEvent, DoneEvent, ErrorEvent, ProgressEvent, StartedEvent
from progressnb.wire.log import EventLog

EVENT_CLASSES = (StartedEvent, ProgressEvent, ContentEvent, DoneEvent, ErrorEvent, CancelledEvent)


def begun(*stages: str) -> tuple[ProgressTracker, ManualClock]:
    """Begin a run on a clock that stands still."""
    clock = ManualClock()
    tracker = ProgressTracker("op", stages, clock=clock)
    tracker.start()
    return tracker, clock


def run_of_two_stages() -> EventLog:
    """Return the log of a run whose stages take 4 and 1 seconds."""
    tracker, clock = begun("read", "write")
    with tracker.stage("read") as stage:
        clock.advance(1)
        stage.update(10)
        clock.advance(3)
    with tracker.stage("write") as stage:
        clock.advance(0.25)
        stage.write('{"title": "Tides", "pages": ', kind="json")
        stage.add_usage(input_tokens=100, output_tokens=40, cost=0.5)
        clock.advance(0.75)
        stage.write("12}", kind="json")
    tracker.done()
    return tracker.log


def test_timings() -> None:
    """A stage's row says how long it took, its share, its first token, its longest silence, its tokens and cost."""
    frame = timings_frame(run_of_two_stages())
    assert list(frame.index) == ["read", "write"]
    read, write = frame.to_dict("records")
    assert (read["status"], read["duration"], read["share"], read["stall"]) == ("finished", 4.0, 0.8, 3.0)
    assert read["started"] == pd.Timestamp("2026-01-01", tz="UTC")
    assert pd.isna(read["first_token"])
    assert pd.isna(read["output_tokens"])
    assert (write["duration"], write["share"], write["first_token"], write["stall"]) == (1.0, 0.2, 0.25, 0.75)
    assert (write["input_tokens"], write["output_tokens"], write["tokens_per_second"]) == (100, 40, 40.0)
    assert (write["cost"], write["retries"], write["characters"]) == (0.5, 0, 31)
    assert frame["duration"].idxmax() == "read"


def test_timings_tell_the_first_token_that_a_model_tells() -> None:
    """The time to the first token that the stage reports itself wins over that of its first text."""
    tracker, clock = begun("write")
    stage = tracker.stage("write")
    clock.advance(5)
    stage.update(first_token=0.5, source="cache")
    stage.write("x")
    row = timings_frame(tracker.log).loc["write"]
    assert (row["first_token"], row["source"]) == (0.5, "cache")


def test_retries_are_counted() -> None:
    """Each new attempt counts once, however many events say that the stage is retrying."""
    tracker, clock = begun("ask")
    stage = tracker.stage("ask")
    stage.start()
    stage.retry(2, 3)
    clock.advance(1)
    stage.update(5)
    stage.retry(3, 3)
    internals(stage).resume()
    stage.finish()
    assert timings_frame(tracker.log)["retries"].tolist() == [2]


def test_stall_goes_on_while_a_ticker_tells_of_it() -> None:
    """A notice of a silence does not end it; the work of a stage below does."""
    tracker, clock = begun("think", "act")
    stage = tracker.stage("think")
    stage.start("waiting")
    clock.advance(60)
    messages = [event.message for event in tracker.log if isinstance(event, ProgressEvent)]
    assert any("silent for" in (message or "") for message in messages)
    stage.finish()
    with tracker.stage("act") as above:
        for _ in range(5):
            clock.advance(1)
            with above.stage("step"):
                clock.advance(1)
    frame = timings_frame(tracker.log)
    assert frame.loc["think", "stall"] == pytest.approx(60)
    assert frame.loc["act", "stall"] == pytest.approx(1)


def test_timings_of_a_run_that_goes_on() -> None:
    """A stage at work has no duration yet; its silence counts up to the run's latest event."""
    tracker, clock = begun("a", "b", "c")
    tracker.stage("a").start()
    clock.advance(4)
    tracker.stage("b").start()
    frame = timings_frame(tracker.log)
    assert frame["status"].tolist() == ["running", "running", "pending"]
    assert frame["duration"].isna().all()
    assert frame.loc["a", "stall"] == 4
    assert frame.loc["c", ["started", "stall"]].isna().all()


def test_timings_of_a_cancelled_run() -> None:
    """Stages that the run's end closed are cancelled, and have the duration until then."""
    tracker, clock = begun("a")
    tracker.stage("a").start()
    clock.advance(2)
    tracker.cancelled("enough")
    row = timings_frame(tracker.log).loc["a"]
    assert (row["status"], row["duration"], row["stall"]) == ("cancelled", 2.0, 2.0)


def test_fields() -> None:
    """A field's row says when its first and its last character came and how long it is."""
    frame = fields_frame(run_of_two_stages())
    assert frame[["stage", "field", "characters"]].to_dict("list") == {
        "stage": ["write", "write"],
        "field": ["title", "pages"],
        "characters": [7, 2],
    }
    start = pd.Timestamp("2026-01-01", tz="UTC")
    assert ((frame["started"] - start).dt.total_seconds()).tolist() == [4.25, 5.0]
    assert frame["duration"].tolist() == [0.0, 0.0]


def test_fields_of_an_open_output() -> None:
    """A field that is being written has no end and its length so far; a retry starts over."""
    tracker, clock = begun("write")
    stage = tracker.stage("write")
    stage.write('{"old": 1, "a": "xx', kind="json")
    clock.advance(1)
    stage.write('{"a": "abc', kind="json", reset=True)
    clock.advance(1)
    stage.write('de", "b": [1, 2', kind="json")
    clock.advance(1)
    frame = fields_frame(tracker.log)
    assert frame["field"].tolist() == ["a", "b"]
    assert frame["characters"].tolist() == [7, 5]
    assert frame["completed"].isna().tolist() == [False, True]
    assert frame["duration"].tolist()[0] == 1.0


def test_columns_are_the_events_fields() -> None:
    """The columns of the events' frame are the fields of all events, and the mark of a redacted one."""
    fields = {name for each in EVENT_CLASSES for name in each.model_fields}
    assert set(frames.EVENTS) == fields | {"redacted"}
    frame = events_frame(run_of_two_stages().encoded())
    assert [frame.index.name, *frame.columns] == list(frames.EVENTS)


def test_events_frame_says_what_the_events_say() -> None:
    """Each row has the values of its event, and is missing what the event does not have."""
    log = run_of_two_stages()
    frame = events_frame(log.encoded())
    assert list(frame.index) == list(range(len(log)))
    for event, (_, row) in zip(log, frame.iterrows(), strict=True):
        fields = event.model_dump()
        for name in frame.columns:
            value = row[name]
            if fields.get(name) is None:
                assert value is None or pd.isna(value) or (name == "redacted" and value is False)
            elif isinstance(fields[name], float):
                assert value == pytest.approx(fields[name])
            else:
                assert value == fields[name]


@pytest.mark.parametrize(
    "view",
    [lambda log: events_frame(log.encoded()), timings_frame, fields_frame],
    ids=["events", "timings", "fields"],
)
def test_nothing_has_the_same_columns(view: Callable[[EventLog], pd.DataFrame]) -> None:
    """A run without events gives an empty frame with the columns and types of a full one."""
    full, empty = view(run_of_two_stages()), view(EventLog())
    assert len(empty) == 0
    assert list(full.columns) == list(empty.columns)
    assert full.index.dtype == empty.index.dtype
    # The words of a column without fixed ones are those that came.
    differing = [name for name in full.columns if full[name].dtype != empty[name].dtype]
    assert differing in ([], ["operation"])
    assert full.index.name == empty.index.name


def test_types() -> None:
    """Times are aware UTC, seconds and percents floats, words categories, counts nullable integers."""
    events = events_frame(run_of_two_stages().encoded()).dtypes
    assert str(events["timestamp"]) == "datetime64[us, UTC]"
    assert all(events[name] == np.float64 for name in ("elapsed", "duration", "stage_progress", "overall_progress"))
    assert all(isinstance(events[name], pd.CategoricalDtype) for name in ("type", "status", "kind", "operation"))
    texts = pd.Series([], dtype="str").dtype  # pandas 2 has objects
    assert all(events[name] == texts for name in ("stage", "message", "delta"))
    timings = timings_frame(run_of_two_stages()).dtypes
    assert str(timings["started"]) == "datetime64[us, UTC]"
    assert isinstance(timings["status"], pd.CategoricalDtype)
    assert timings["input_tokens"] == timings["output_tokens"] == "Int64"
    assert all(timings[name] == np.float64 for name in ("duration", "share", "first_token", "stall", "cost"))


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@given(st.lists(st.dictionaries(st.sampled_from([*frames.EVENTS, "other"]), plain), max_size=5))
def test_whatever_a_newer_version_writes(events: list[dict[str, Any]]) -> None:
    """Events of other types, with fields of other kinds, give rows all the same, in columns of the same kinds."""
    lines = [json.dumps({**event, "seq": seq}).encode() for seq, event in enumerate(events)]
    try:
        frame = events_frame(lines)
    except EventFormatError:  # an integer or a text that no JSON reader takes
        return
    assert list(frame.index) == list(range(len(events)))
    assert str(frame["timestamp"].dtype) == "datetime64[us, UTC]"
    assert frame["elapsed"].dtype == np.float64


def test_new_words_are_kept() -> None:
    """A status or a type that only a newer version knows is in the frame, after ours."""
    line = b'{"seq": 0, "type": "paused", "status": "asleep", "timestamp": "2026-01-01T00:00:00Z"}'
    frame = events_frame([line])
    assert (frame["type"].tolist(), frame["status"].tolist()) == (["paused"], ["asleep"])


@pytest.mark.parametrize("line", [b"", b"{", b"1", b"null", b'{"seq": 0}{"seq": 1}', b"\xff"])
def test_what_is_no_event(line: bytes) -> None:
    """A line that is no event is refused with a clear error."""
    with pytest.raises(EventFormatError, match="expected one event a line"):
        events_frame([line])


def test_a_run_shows_its_views() -> None:
    """A redacted log has timings, and no fields since nothing is known of them."""
    lines = [
        json.dumps({**json.loads(line), **({"delta": None} if b"delta" in line else {})}).encode()
        for line in run_of_two_stages().encoded()
    ]
    events = [event for line in lines if (event := decode(line)) is not None]
    assert timings_frame(events)["duration"].tolist() == [4.0, 1.0]
    assert len(fields_frame(events)) == 0
