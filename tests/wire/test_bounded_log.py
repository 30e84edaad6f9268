"""A log of hours: past its limit one snapshot stands for the oldest events; every reader ends with the same state."""

from __future__ import annotations

import asyncio
import json
import tracemalloc
from typing import TYPE_CHECKING
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from progressnb.errors import EventFormatError
from progressnb.execution.replay import replay
from progressnb.folds import forest
from progressnb.folds.rollup import RollUp
from progressnb.folds.snapshot import snapshot_of
from progressnb.folds.state import RunState
from progressnb.folds.view import RunView, moment
from progressnb.interop import to_agui
from progressnb.testing import ManualClock
from progressnb.tracking.tracker import ProgressTracker
from progressnb.wire.codec import decode, encode
from progressnb.wire.events import SnapshotEvent
from progressnb.wire.log import EventLog

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager


LIMIT = 12_000


def long_run(steps: int, *, look: Callable[[ProgressTracker, int], object] | None = None) -> ProgressTracker:
    """Write a run of stages that write, report and cost, with a log of 12 KB; `look` is called between the steps."""
    clock = ManualClock()
    tracker = ProgressTracker("op", clock=clock, show=False)
    tracker.log.limit = LIMIT
    tracker.start()
    above = tracker.stage("all of it")
    above.start()
    above.write("the answer: ")
    for number in range(steps):
        stage = above.stage("page")
        stage.write(f"the words of page {number}. " * 3)
        clock.advance(1)
        stage.add_usage(input_tokens=1, cost=0.5)
        stage.fail("torn") if number % 50 == 9 else stage.finish()
        above.write(f"{number} ")
        above.update(message=f"page {number}")
        clock.advance(1)
        if look is not None:
            look(tracker, number)
    return tracker


def facts(state: RunState, *, outputs: bool = False) -> object:
    """Return all that a state tells; what ended stages wrote may have been let go."""
    last = ManualClock()
    event = SnapshotEvent(run_id="r", seq=0, timestamp=last.now(), elapsed=0, operation="op")
    told = snapshot_of(state, event).model_dump()
    for stage in told["stages"]:
        if not outputs and stage["status"] not in ("running", "pending") and stage["path"] != told["last_output"]:
            stage["outputs"] = {}
    return told


def small() -> AbstractContextManager[object]:
    """Let runs of a few stages be large ones."""
    return patch.multiple(forest, WHOLE=5, OF_A_KIND=2)


def test_a_log_is_bounded() -> None:
    """Past the limit the snapshot comes first, has the seq before the first event that is kept, and counts all."""
    tracker = long_run(300)
    log = tracker.log
    assert log.size <= LIMIT + 3_000
    assert len(log) > 1_000
    events = [*log]
    assert isinstance(events[0], SnapshotEvent)
    assert [event.seq for event in events] == list(range(log.first - 1, len(log)))
    assert log.encoded() == [line for _, line in log.read()] == [encode(event) for event in events]
    assert log[0] == log[log.first - 1] == events[0]
    assert log[-1] == events[-1]
    assert events[0].overall_progress <= tracker.state.overall_progress
    with pytest.raises(IndexError):
        log[len(log)]


@pytest.mark.parametrize("after", [-1, 0, 500])
def test_behind_the_snapshot(after: int) -> None:
    """A reader that has not passed the snapshot's seq gets it, then every later event; another never sees it."""
    log = long_run(300).log
    first = log.first
    assert [event.seq for event, _ in log.read(after)] == list(range(first - 1, len(log)))
    assert [event.seq for event, _ in log.read(first - 1)] == list(range(first, len(log)))
    assert [event.seq for event, _ in log.read(first + 5, 3)] == [first + 6, first + 7, first + 8]


@pytest.mark.parametrize("place", [0, 1, 700])
def test_lines_that_lie_together(place: int) -> None:
    """Bytes come with the seq of the first of them, some at a time: those of the snapshot, then of each later event."""
    log = long_run(300).log
    seqs, lines = list[int](), list[bytes]()
    while place < len(log):
        first, some = log.lines(place)
        assert some
        seqs += range(first, first + len(some))
        lines += some
        place = first + len(some)
    assert log.lines(place) == (place, [])
    assert lines == log.encoded()
    assert seqs == [event.seq for event in log]


@settings(deadline=None, max_examples=20)
@given(st.lists(st.tuples(st.integers(0, 120), st.integers(0, 120)), max_size=6), st.integers(1, 120))
def test_every_reader_ends_with_the_same_state(readers: list[tuple[int, int]], steps: int) -> None:
    """Whenever a reader comes and however slowly it reads, it ends with the state of the run."""
    at_work: list[tuple[RunState, list[int]]] = []

    def look(tracker: ProgressTracker, number: int) -> None:
        for begins, pause in readers:
            if begins == number:
                at_work.append((RunState(), [-1, pause]))
        for state, place in at_work:
            if number % (place[1] + 1) == 0:
                read(tracker.log, state, place)

    def read(log: EventLog, state: RunState, place: list[int]) -> None:
        for event, _ in log.read(place[0]):
            state.apply(event)  # type: ignore[arg-type] # of a known type
            place[0] = event.seq

    with small():
        tracker = long_run(steps, look=look)
        for state, place in at_work:
            read(tracker.log, state, place)
            assert facts(state) == facts(tracker.state)
        assert facts(RunState.of(tracker.log)) == facts(tracker.state)
    assert abs(tracker.state.usage["cost"] - steps / 2) < 1e-6


@pytest.mark.parametrize("size", [LIMIT // 2, 2 * LIMIT, 50 * LIMIT])
def test_the_last_event_stays(size: int) -> None:
    """However large a result is, whoever reads finds the run's last event with it; it never becomes a snapshot."""
    tracker = long_run(5)
    tracker.stage("more").write("x" * size)
    tracker.done("y" * size)
    *_, last = tracker.log
    assert (last.type, last.seq) == ("done", len(tracker.log) - 1)
    state = RunState.of(tracker.log)
    assert (state.status, state.result) == ("finished", "y" * size)
    assert [event.type for event, _ in tracker.log.read(last.seq - 1)] == ["done"]


def test_following() -> None:
    """A follower that came early sees every event, and one that comes late sees the snapshot and those behind it."""

    async def main() -> None:
        seen: list[int] = []
        tracker = long_run(1)

        async def follow() -> None:
            async for event in tracker.log.follow():
                seen.append(event.seq)
                assert not isinstance(event, SnapshotEvent)

        task = asyncio.create_task(follow())
        stage = tracker.stage("more")
        for number in range(300):
            stage.update(message=f"{number} of many that are more than the log will keep", number=number)
            await asyncio.sleep(0)
        tracker.done()
        await task
        assert tracker.log.first > 0
        assert seen == list(range(len(tracker.log)))
        late = [event async for event in tracker.log.follow()]
        assert [event.seq for event in late] == list(range(tracker.log.first - 1, len(tracker.log)))

    asyncio.run(main())


def test_another_log_takes_it_over() -> None:
    """The log of a replay, as that of `attach`, begins with the snapshot and has the same bytes."""
    tracker = long_run(200)
    tracker.done({"pages": 200})
    again = replay(tracker, speed=None, show=False)  # type: ignore[arg-type] # it has a log
    assert again.log.encoded() == tracker.log.encoded()
    assert len(again.log) == len(tracker.log)
    assert again.result == {"pages": 200}
    assert facts(again.state) == facts(tracker.state)
    assert RunView().tree(again.state, again.elapsed) == RunView().tree(tracker.state, tracker.elapsed)


def test_a_snapshot_that_tells_nothing_new_is_refused() -> None:
    """A snapshot closes a gap and never goes back; the gap without one is refused as before."""
    tracker = long_run(200)
    snapshot, later = [*tracker.log][:2]
    log = EventLog(RollUp(RunState()))
    with pytest.raises(EventFormatError):
        log.append_encoded(encode(later))
    log.append_encoded(encode(snapshot))
    log.append_encoded(encode(later))
    with pytest.raises(EventFormatError):
        log.append_encoded(encode(snapshot))
    assert [event.seq for event in log] == [snapshot.seq, later.seq]


def test_rewind_goes_as_far_as_the_log() -> None:
    """Rewind shows each moment that the log has, and before it what the snapshot tells is the earliest."""
    tracker = long_run(200)
    log = tracker.log
    kept = log[log.first]
    assert moment(log, kept.elapsed + 1).stages
    assert facts(moment(log, tracker.elapsed + 1)) == facts(tracker.state)
    assert not moment(log, 0).stages


def test_timings_and_events_of_a_run_that_goes_on() -> None:
    """Frames of a rolled log have each stage that is kept and a row for the sums; no token and no cost is lost."""
    from progressnb.frames.frames import events_frame, fields_frame, timings_frame

    with small():
        tracker = long_run(200)
        timings = timings_frame(tracker.log)
        assert abs(timings["cost"].sum() - 100) < 1e-6
        assert timings["input_tokens"].sum() == 200
        assert "all of it/page#*" in timings.index
    events = events_frame(tracker.log.encoded())
    assert events["type"].iloc[0] == "snapshot"
    assert events.index.tolist() == list(range(tracker.log.first - 1, len(tracker.log)))
    assert not len(fields_frame(tracker.log))


def test_ag_ui() -> None:
    """A client of AG-UI that comes late is told of the run and its stages, and each step is closed once."""
    tracker = long_run(200)
    tracker.done()
    told = [*to_agui(tracker.log)]
    assert told[0]["type"] == "RUN_STARTED"
    activity = [event for event in told if event["type"] == "ACTIVITY_SNAPSHOT"][-1]
    assert "all of it" in activity["content"]["stages"]
    opened = [event["stepName"] for event in told if event["type"] == "STEP_STARTED"]
    closed = [event["stepName"] for event in told if event["type"] == "STEP_FINISHED"]
    assert sorted(opened) == sorted(closed)
    assert told[-1]["type"] == "RUN_FINISHED"


@pytest.mark.parametrize("path", ["/".join(["a"] * 3_000), "a" * 200_000], ids=["too deep", "too long"])
def test_hostile_paths(path: str) -> None:
    """The paths in a snapshot are held to the bounds of all paths."""
    tracker = long_run(200)
    fields = next(iter(tracker.log)).model_dump(mode="json")
    fields["stages"].append({"path": path, "title": "x"})
    with pytest.raises(EventFormatError):
        decode(json.dumps(fields))


def test_memory_of_a_long_text() -> None:
    """A text that one stage writes for hours is kept by its end, and its length goes on."""
    tracker = ProgressTracker("op", clock=(clock := ManualClock()), show=False)
    tracker.log.limit = LIMIT
    tracker.start()
    stage = tracker.stage("writing")
    with patch("progressnb.folds.rollup.TEXT", 1_000):
        for number in range(1_000):
            stage.write(f"{number:09} ")
            clock.advance(1)
        buffer = tracker.state.stages[0].outputs["output"]
        assert len(buffer) == 10_000
        assert len(buffer.text) < 4_000
        assert buffer.text.endswith(f"{999:09} ")


def test_memory_a_loop_is_flat() -> None:
    """From 500 loops in a loop to 1,000 the memory that is kept grows by less than 500 bytes a loop."""
    clock = ManualClock()
    tracker = ProgressTracker("train", clock=clock, show=False)
    tracker.start()
    above = tracker.stage("epochs")
    above.start()
    kept: dict[int, int] = {}
    tracemalloc.start()
    for number in range(1, 1_001):
        stage = above.stage("batches")
        stage.start(f"{number} of 1,000")
        stage.update(50, f"{number} of 1,000", done=number)
        clock.advance(1)
        stage.finish()
        if number % 500 == 0:
            kept[number] = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert len(tracker.log) >= 2 * 1_000
    assert (kept[1_000] - kept[500]) / 500 < 500


def test_who_keeps_all_holds_what_it_lacks() -> None:
    """While a reader that keeps all lacks events the log lets none of these go, up to four times its limit."""
    kept = [-1]
    tracker = long_run(1)
    log = tracker.log
    log.hold(lambda: kept[0])
    stage = tracker.stage("more")

    def write_until(size: int) -> None:
        while log.size < size:
            stage.update(message="so many words that the log is full soon", number=len(log))

    write_until(2 * LIMIT)
    assert log.first == 0
    kept[0] = len(log) - 1
    write_until(log.size + 3_000) if log.first == 0 else None
    for number in range(30):
        stage.update(number=number)
    assert 0 < log.first <= kept[0] + 1
    held = log.first
    write_until(3 * LIMIT)
    assert log.first <= kept[0] + 1
    for number in range(300):
        stage.update(message="so many words that the log is full soon", number=number)
    assert log.first > max(held, kept[0])
    assert log.size <= 5 * LIMIT


def test_who_keeps_all_reads_what_was_written() -> None:
    """The events that are kept as facts for a reader that keeps all are those of their bytes, as often as it reads."""
    tracker = ProgressTracker("op", clock=ManualClock())
    log = tracker.log
    log.hold(lambda: -1)
    tracker.start()
    stage = tracker.stage("write")
    stage.update(30, "half", pages=1)
    stage.write("a sentence. ")
    stage.update(60)
    first = log.read()
    assert [event for event, _ in first] == [decode(line) for line in log.encoded()]
    assert log.read() == first
    stage.update(90)
    tracker.done()
    assert [event for event, _ in log.read(len(first) - 1)] == [decode(line) for line in log.encoded(len(first) - 1)]
