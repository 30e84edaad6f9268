"""`History`: every run is recorded, contents only when asked for; a killed kernel loses the last moment at most."""

import asyncio
import gc
import json
import logging
import os
import subprocess
import sys
import textwrap
import threading
import weakref
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import progressnb as pnb
from progressnb import History, ProgressTracker, use_history
from progressnb.errors import EventFormatError, HistoryError, InputError, UnknownRunError
from progressnb.history.redaction import redact
from progressnb.history.store import Store
from progressnb.testing import ManualClock
from progressnb.wire.codec import decode
from progressnb.wire.events import RESERVED_DATA, DoneEvent, Parent

PERSONAL = "Ada Lovelace, +44 20 7946 0000"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Name a file that does not exist yet."""
    return tmp_path / "runs.db"


@pytest.fixture(autouse=True)
def stop_recording() -> Iterator[None]:
    """Record nothing after a test."""
    yield
    use_history(None)


@pnb.operation(stages={"read": 0.5, "write": 0.5})
async def report(tracker: ProgressTracker, topic: str, *, fail: bool = False) -> str:
    """Read, and write a text."""
    async with tracker.stage("read") as stage:
        stage.update(50, "half way", pages=3, page=topic, model="m1")
    async with tracker.stage("write") as stage:
        stage.write(topic)
        if fail:
            raise ValueError("no paper")
    return topic


def run_of(
    seconds: float = 1.0,
    *,
    operation: str = "report",
    model: str = "m1",
    cost: float = 0.5,
    start: float = 0.0,
    parent: Parent | None = None,
    text: str = "",
) -> ProgressTracker:
    """Return a run whose stage `write` takes so many seconds, and `read` a tenth."""
    clock = ManualClock()
    clock.advance(start)
    tracker = ProgressTracker(operation, ["read", "write"], model=model, parent=parent, clock=clock)
    tracker.start()
    with tracker.stage("read"):
        clock.advance(seconds / 10)
    with tracker.stage("write") as stage:
        stage.add_usage(output_tokens=10, cost=cost)
        stage.write(text)
        clock.advance(seconds)
    tracker.done()
    return tracker


def history_of(*trackers: ProgressTracker) -> History:
    """Return a history of these runs."""
    history = History()
    for tracker in trackers:
        history.record(tracker)
    return history


def everything_in(path: Path) -> bytes:
    """Return the bytes of a history's files."""
    return b"".join(each.read_bytes() for each in path.parent.glob(f"{path.name}*"))


# --- recording -------------------------------------------------------------------------------------------


async def test_use_history(path: Path) -> None:
    """Every run after `use_history` is recorded, whole, and none after `use_history(None)`."""
    await report("before", show=False)
    history = use_history(path)
    done = report("tides", show=False)
    await done
    failed = report("tides", fail=True, show=False)
    with pytest.raises(ValueError, match="no paper"):
        await failed
    use_history(None)
    await report("after", show=False)
    runs = history.runs()
    assert runs["run_id"].tolist() == [done.id, failed.id]
    assert runs["status"].tolist() == ["finished", "failed"]
    assert runs["operation"].tolist() == ["report"] * 2
    assert [len(history.log(run.id)) for run in (done, failed)] == [len(done.log), len(failed.log)]
    history.close()


async def test_one_line_each() -> None:
    """The three questions take one line each: the slowest stage, what 20 runs cost, whether it got slower."""
    old = [run_of(1, cost=0.25, start=day * 86_400) for day in range(15)]
    new = [run_of(2, cost=0.5, start=day * 86_400) for day in range(15, 30)]
    history = history_of(*old, *new)

    clock = ManualClock()

    @pnb.operation(stages=["read", "think", "write"], clock=clock)
    async def essay(tracker: ProgressTracker) -> None:
        for name, seconds in (("read", 1), ("think", 5), ("write", 2)):
            async with tracker.stage(name):
                clock.advance(seconds)

    run = essay(show=False)
    await run
    assert run.timings()["duration"].idxmax() == "think"

    assert history.runs().tail(20)["cost"].sum() == 15 * 0.5 + 5 * 0.25

    timings = history.timings(operation="report")
    by_day = timings.groupby([timings["started"].dt.day, "stage"])["duration"].median()
    assert (by_day[1, "write"], by_day[30, "write"]) == (1.0, 2.0)
    assert history.compare(old[-1].id, new[-1].id)["ratio"].tolist() == [2.0, 2.0]


async def test_nothing_of_the_contents_is_on_disk(path: Path) -> None:
    """Without contents, neither outputs nor results, data nor inputs are anywhere in the files; messages are."""
    with use_history(path) as history:
        run = report(PERSONAL, show=False)
        await run
        assert history.events(run.id)["redacted"].sum() == 3
        assert PERSONAL.encode() not in everything_in(path)
        assert b"half way" in everything_in(path)
        (done,) = (event for event in history.log(run.id) if isinstance(event, DoneEvent))
        assert done.result is None
        assert history.timings()["characters"].tolist() == [0, len(PERSONAL)]
    assert PERSONAL.encode() not in everything_in(path)


async def test_contents(path: Path) -> None:
    """With contents, the bytes of the log are stored as they are, and the inputs beside them."""
    with use_history(path, contents=True) as history:
        run = report(PERSONAL, fail=False, show=False)
        await run
        assert history.export_jsonl(run_id=run.id).splitlines() == run.log.encoded()
        assert history.inputs(run.id) == {"topic": {"value": PERSONAL}, "fail": {"value": False}}
        assert history.fingerprint(run.id) == report.fingerprint


async def test_inputs_are_contents() -> None:
    """Without contents, the inputs of a run are not kept."""
    history = use_history(History())
    run = report(PERSONAL, show=False)
    await run
    assert history.inputs(run.id) is None


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@given(
    st.dictionaries(st.sampled_from([*sorted(RESERVED_DATA), "page", "rows"]) | st.text(max_size=5), plain, max_size=5)
)
@settings(max_examples=80)
def test_redaction(data: dict[str, Any]) -> None:
    """Reserved data are kept and all others nulled; what had something to hide is marked, all else keeps its bytes."""
    tracker = ProgressTracker("op", ["s"], clock=ManualClock())
    tracker.start()
    told = {key: value for key, value in data.items() if key not in ("percent", "message", "self")}
    with tracker.stage("s") as stage:
        stage.update(1, "said", **told)
    for line in tracker.log.encoded():
        before, after = json.loads(line), json.loads(redact(line))
        data = before.get("data", {})
        hidden = {key for key, value in data.items() if key not in RESERVED_DATA and value is not None}
        assert after.get("data", {}) == {key: None if key in hidden else value for key, value in data.items()}
        assert after.get("redacted", False) is bool(hidden)
        assert redact(line) == line or hidden
        assert decode(redact(line)) is not None
        assert redact(redact(line)) == redact(line)


async def test_child_runs_are_part_of_their_parent() -> None:
    """A run that another one called is left out, since its cost is in that one's; asked for, it names its parent."""

    @pnb.operation
    async def outer(tracker: ProgressTracker) -> str:
        async with tracker.stage("all"):
            return await report("tides")

    history = use_history(History())
    run = outer(show=False)
    await run
    assert history.runs()["run_id"].tolist() == [run.id]
    both = history.runs(children=True)
    assert both["operation"].tolist() == ["outer", "report"]
    assert both["parent"].tolist()[1] == run.id
    assert both["parent_stage"].tolist()[1] == "all/report"


def test_a_run_that_is_recorded_late() -> None:
    """A run that began, or ended, before it is recorded is recorded from its first event; twice is once."""
    tracker = run_of()
    history = history_of(tracker, tracker)
    assert len(history.log(tracker.id)) == len(tracker.log)
    history.record(tracker)
    assert len(history.runs()) == 1
    assert len(history.timings()) == 2


def test_a_log_is_let_go() -> None:
    """A history holds the log of a run that has ended no longer than it needs to store it."""
    history = History()
    tracker = run_of()
    history.record(tracker)
    log = weakref.ref(tracker.log)
    history.runs()
    del tracker
    gc.collect()
    assert log() is None


def test_a_history_is_let_go() -> None:
    """A history that nobody holds is closed, and its thread ends; one with a run that goes on is not."""
    history = History()
    tracker = ProgressTracker("op", clock=ManualClock())
    history.record(tracker)
    tracker.start()
    thread = history._writer._thread
    gone = weakref.ref(history)
    del history
    gc.collect()
    assert gone() is not None
    tracker.done()
    gc.collect()
    assert gone() is None
    assert thread is not None
    thread.join(30)
    assert not thread.is_alive()


def test_closing_ends_the_recording(path: Path) -> None:
    """Closing stores what has happened so far; the run goes on, and what comes later is not recorded."""
    history = use_history(path)
    tracker = ProgressTracker("op", ["s"], clock=ManualClock())
    tracker.start()
    tracker.stage("s").start()
    history.close()
    tracker.done()
    ProgressTracker("op").start()
    with History(path) as again:
        assert len(again.log(tracker.id)) == 2
        assert again.runs()["status"].tolist() == ["running"]


# --- what goes wrong during a run ------------------------------------------------------------------------


class Heard(logging.Handler):
    """Collect what the writer of a history logs, and let a test wait for it."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self.came = threading.Event()

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one message."""
        if record.module == "writer":
            self.said.append(f"{record.levelname} {record.getMessage()}")
            self.came.set()


@pytest.fixture
def heard() -> Iterator[Heard]:
    """Listen to the package's log."""
    handler, logger = Heard(), logging.getLogger("progressnb")
    logger.addHandler(handler)
    yield handler
    logger.removeHandler(handler)


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait neither for locks nor between attempts."""
    for name in ("store.BUSY", "writer.INTERVAL", "writer.RETRY"):
        monkeypatch.setattr(f"progressnb.history.{name}", 0.001)


def limit_pages(history: History, *, more: int) -> None:
    """Let the file of a history grow by so many pages, as on a disk with so much room."""
    writer = history._store._writer
    pages = writer.execute("PRAGMA page_count").fetchone()[0]
    writer.execute(f"PRAGMA max_page_count = {pages + more}")


@pytest.mark.usefixtures("hasty")
async def test_full_disk(path: Path, heard: Heard) -> None:
    """On a full disk a run goes on with one warning; once there is room, all that it did is stored."""
    history = use_history(path, contents=True)
    with history._store._write_lock:
        limit_pages(history, more=0)
    run = report("tides " * 20_000, show=False)
    assert await run == "tides " * 20_000
    assert await asyncio.to_thread(heard.came.wait, 30)
    with pytest.raises(HistoryError, match="a full disk"):
        history.runs()
    with history._store._write_lock:
        limit_pages(history, more=100_000)
    assert history.export_jsonl().splitlines() == run.log.encoded()
    assert len(heard.said) == 1
    assert "WARNING could not store what runs do; they go on, and it is tried again: " in heard.said[0]
    history.close()


@pytest.mark.usefixtures("hasty")
async def test_locked_file(path: Path, heard: Heard) -> None:
    """While another process holds the file, a run goes on; afterwards all that it did is stored."""
    history = use_history(path)
    other = Store(path)
    with other.writing():
        run = report("tides", show=False)
        await run
        assert await asyncio.to_thread(heard.came.wait, 30)
    other.close()
    assert len(history.log(run.id)) == len(run.log)
    assert ["it is tried again" in said for said in heard.said] == [True]
    history.close()


@pytest.mark.usefixtures("hasty")
async def test_file_that_may_only_be_read(path: Path, heard: Heard) -> None:
    """A file that becomes read-only costs one warning and the rest of the recording, not the run."""
    history = use_history(path)
    with history._store._write_lock:
        history._store._writer.execute("PRAGMA query_only = ON")
    run = report("tides", show=False)
    assert await run == "tides"
    assert await asyncio.to_thread(heard.came.wait, 30)
    assert await report("tides", show=False) == "tides"
    assert len(history.runs()) == 0
    assert len(heard.said) == 1
    assert "they are not recorded any more: " in heard.said[0]
    history.close()


@pytest.mark.usefixtures("hasty")
def test_memory_is_bounded_while_the_disk_is_full(path: Path, heard: Heard, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the runs that end while nothing can be stored, the latest few are kept for later, not all."""
    monkeypatch.setattr("progressnb.history.writer.WAITING", 3)
    history = History(path, contents=True)
    with history._store._write_lock:
        limit_pages(history, more=0)
        logs = []
        for _ in range(20):
            tracker = run_of(text="tides " * 10_000)
            history.record(tracker)
            logs.append(weakref.ref(tracker.log))
            del tracker
    assert heard.came.wait(30)
    for _ in range(3_000):
        gc.collect()
        alive = sum(log() is not None for log in logs)
        if alive <= 3:
            break
        threading.Event().wait(0.01)
    assert alive == 3
    with history._store._write_lock:
        limit_pages(history, more=100_000)
    assert len(history.runs()) == 3
    history.close()


@pytest.mark.usefixtures("hasty")
def test_memory_is_bounded_while_a_write_hangs(path: Path, heard: Heard, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same holds where a write neither fails nor returns, as on a disk over a network; it is told once."""
    monkeypatch.setattr("progressnb.history.writer.WAITING", 3)
    monkeypatch.setattr("progressnb.history.writer.STALL", -1.0)
    history = History(path)
    with history._store._write_lock:
        history.record(run_of())
        until(lambda: history._writer._write_began is not None)
        logs = []
        for _ in range(20):
            tracker = ProgressTracker("op", clock=ManualClock())
            history.record(tracker)
            tracker.start()
            tracker.done()
            logs.append(weakref.ref(tracker.log))
            del tracker
        gc.collect()
        assert sum(log() is not None for log in logs) == 3
    assert len(history.runs()) == 4
    assert heard.said == ["WARNING only the latest 3 runs that end meanwhile will be stored"]
    history.close()


def write_a_thousand(tracker: ProgressTracker) -> None:
    """Begin a run and write a thousand events."""
    tracker.start()
    for at in range(1_000):
        tracker.stage("s").update(at=at)


def test_a_stalled_disk_keeps_nobody_waiting(path: Path) -> None:
    """A thousand updates go through while the file can't be written."""
    history = use_history(path)
    tracker = ProgressTracker("op", ["s"], clock=ManualClock())
    with history._store._write_lock:
        writer = threading.Thread(target=write_a_thousand, args=(tracker,))
        writer.start()
        writer.join(30)
        assert not writer.is_alive()
    assert len(history.log(tracker.id)) == 1_002
    history.close()


def test_what_cannot_be_bound(path: Path) -> None:
    """Hostile names are stored as text: no SQL, no lone surrogates, no bytes that end a string."""
    hostile = "'); DROP TABLE runs; --\x00 \U0001f980"
    tracker = ProgressTracker(hostile, [hostile], model=hostile, clock=ManualClock())
    with History(path) as history:
        history.record(tracker)
        tracker.start()
        with tracker.stage(hostile) as stage:
            stage.update(5, hostile, source=hostile + "\ud800", cost=10**30, input_tokens=2**70)
        tracker.done()
        assert history.runs()["operation"].tolist() == [hostile]
        assert history.timings(operation=hostile, model=hostile)["source"].tolist() == [hostile + "\ufffd"]


# --- questions -------------------------------------------------------------------------------------------


def test_timings_are_filtered() -> None:
    """Timings of an operation, of a model, since a time, each or all."""
    history = history_of(
        run_of(), run_of(operation="other"), run_of(model="m2"), run_of(2, start=86_400), run_of(3, start=172_800)
    )
    assert len(history.timings()) == 10
    assert set(history.timings(operation="other")["operation"]) == {"other"}
    assert set(history.timings(model="m2")["model"]) == {"m2"}
    since = history.timings(since=datetime(2026, 1, 2, tzinfo=UTC), operation="report", model="m1")
    assert since["duration"].tolist() == pytest.approx([0.2, 2, 0.3, 3])
    assert history.timings(model="none").dtypes.drop("operation").equals(since.dtypes.drop("operation"))
    with pytest.raises(InputError, match="expected a datetime, or a timedelta"):
        history.timings(since="yesterday")  # type: ignore[arg-type]


def test_how_long_ago() -> None:
    """A timedelta counts back from now; a time without a zone is the machine's own."""
    clock = ManualClock()
    clock.advance(10 * 86_400)
    history = History(clock=clock)
    for day in (0, 5, 9):
        history.record(run_of(start=day * 86_400))
    assert len(history.timings(since=timedelta(days=6))) == 4
    local = datetime(2026, 1, 5, tzinfo=UTC).astimezone().replace(tzinfo=None)
    assert len(history.timings(since=local)) == 4
    assert history.prune(older_than=timedelta(days=6)) == 1
    assert len(history.runs()) == 2


def test_compare() -> None:
    """Stages stand side by side: of two runs, or of the medians of several; a stage that one lacks is missing."""
    runs = [run_of(seconds) for seconds in (1, 2, 30, 4)]
    history = history_of(*runs, other := ProgressTracker("op", ["new"], clock=ManualClock()))
    other.start()
    with other.stage("new"):
        pass
    frame = history.compare(runs[0].id, runs[3].id)
    assert list(frame.index) == ["read", "write"]
    assert frame.loc["write"].to_dict() == {
        "duration_a": 1.0,
        "duration_b": 4.0,
        "difference": 3.0,
        "ratio": 4.0,
        "tokens_per_second_a": 10.0,
        "tokens_per_second_b": 2.5,
    }
    assert history.compare([run.id for run in runs[:3]], runs[3].id).loc["write", "ratio"] == 2.0
    assert history.compare(runs[:3], runs[3]).equals(history.compare([run.id for run in runs[:3]], runs[3].id))
    assert history.compare(history.runs()["run_id"][:3], runs[3]).loc["write", "ratio"] == 2.0
    for wrong in (7, None, [], [runs[0], 7], b"id", {"id": runs[0].id}.values):
        with pytest.raises(InputError, match="expected runs or their ids, got"):
            history.compare(wrong, runs[3])  # type: ignore[arg-type]
    assert list(history.compare(runs[0].id, other.id).index) == ["read", "write", "new"]
    assert history.compare(runs[0].id, other.id)["ratio"].isna().all()


def test_stored_timings_are_those_of_the_run() -> None:
    """The stored row of a stage says what the run's own frame says."""
    tracker = run_of()
    from progressnb.frames.frames import timings_frame

    stored = history_of(tracker).timings().set_index("stage").drop(columns=["run_id", "operation", "model"])
    assert stored.equals(timings_frame(tracker.log))


def test_ids() -> None:
    """A run is found by its id or the beginning of it; what fits none or several is refused."""
    runs = [run_of() for _ in range(40)]
    history = history_of(*runs)
    assert len(history.events(runs[0].id[:12])) == len(runs[0].log)
    for wrong in ("", "zz", runs[0].id + "0", "%", "' OR 1=1 --"):
        with pytest.raises(UnknownRunError, match="which no runs have"):
            history.log(wrong)
        with pytest.raises(UnknownRunError, match="which no runs have"):
            history.lines(wrong)
    first = [run.id[0] for run in runs]
    twice = next(letter for letter in first if first.count(letter) > 1)
    with pytest.raises(LookupError, match=r"runs have\. history\.runs"):
        history.delete(twice)


def test_empty_history() -> None:
    """A history without runs gives empty frames with the columns and types of full ones."""
    full, empty = history_of(run_of()), History()
    for view in ("runs", "timings"):
        frames = getattr(full, view)(), getattr(empty, view)()
        assert list(frames[0].columns) == list(frames[1].columns)
        assert frames[0].dtypes.drop("operation").equals(frames[1].dtypes.drop("operation"))
    assert empty.export_jsonl() == b""
    assert empty.prune(older_than=datetime.now(UTC)) == 0


def test_what_is_running(path: Path) -> None:
    """A run that goes on has its status, its percent and the time that has passed, and no duration."""
    clock = ManualClock()
    tracker = ProgressTracker("op", ["a", "b"], clock=clock)
    with History(path) as history:
        history.record(tracker)
        tracker.start()
        tracker.stage("a").start()
        clock.advance(4)
        tracker.update("a", 50)
        (row,) = history.runs().to_dict("records")
        assert (row["status"], row["elapsed"], row["overall_progress"]) == ("running", 4.0, 25.0)
        assert row["duration"] != row["duration"]


# --- in and out ------------------------------------------------------------------------------------------


def test_jsonl_round_trip(path: Path, tmp_path: Path) -> None:
    """Export, import and export again give the same bytes, of files, bytes and lines, redacted or not."""
    history = history_of(run_of(), run_of(2))
    exported = history.export_jsonl()
    file = history.export_jsonl(tmp_path / "runs.jsonl")
    assert file.read_bytes() == exported
    for source in (file, str(file), exported, exported.splitlines(keepends=True)):
        with History.from_jsonl(source) as again:
            assert again.export_jsonl() == exported
            assert again.timings().equals(history.timings())
            assert again.runs().equals(history.runs())
    with History.from_jsonl(file, path):
        pass
    with History(path) as stored:
        assert stored.export_jsonl() == exported


def test_events_of_a_newer_version() -> None:
    """Types and fields that only a newer version knows come out as they went in; `log` leaves the types out."""
    first, *rest = run_of().log.encoded()
    new = json.loads(first) | {"type": "paused", "seq": 1, "why": "ünïcode"}
    lines = [first[:-1] + b', "mood": {"a": 1.50}}', json.dumps(new).encode()]
    lines += [line.replace(b'"seq":%d,' % at, b'"seq":%d,' % (at + 1)) for at, line in enumerate(rest, 1)]
    content = b"".join(line + b"\n" for line in lines)
    history = History.from_jsonl(content)
    assert history.export_jsonl() == content
    run_id = json.loads(first)["run_id"]
    assert [event.type for event in history.log(run_id)].count("started") == 1
    assert len(history.log(run_id)) == len(lines) - 1
    assert history.lines(run_id) == lines
    assert history.events(run_id)["type"].tolist()[1] == "paused"
    assert history.runs()["status"].tolist() == ["finished"]


@given(
    st.lists(
        st.binary(max_size=40) | st.sampled_from([b"{}", b"null", b'{"type":"x"}', b'{"type": 1}', b"[]"]),
        min_size=1,
        max_size=3,
    )
)
@settings(max_examples=60)
def test_what_is_no_export(lines: list[bytes]) -> None:
    """What is no export is refused with the number of the line, and never with another error."""
    if not any(line.strip(b" \t\r\n") for line in lines):
        assert History.from_jsonl(lines).export_jsonl() == b""
        return
    with pytest.raises(EventFormatError, match="in line"):
        History.from_jsonl(lines)


def test_a_line_that_is_missing(path: Path) -> None:
    """A gap or a run that is there already is refused, and then nothing is stored."""
    lines = run_of().log.encoded()
    with pytest.raises(EventFormatError, match=r"expected event 1 of run .* in line 2, got event 2"):
        History.from_jsonl([lines[0], *lines[2:]], path)
    with pytest.raises(EventFormatError, match="in line 3, got event 1"):
        History.from_jsonl([lines[0], lines[1], lines[1]], path)
    with History(path) as history:
        assert history.runs().empty
    History.from_jsonl(lines, path).close()
    with pytest.raises(HistoryError, match="expected runs that are not there yet"):
        History.from_jsonl(lines, path)


def test_delete(path: Path) -> None:
    """A deleted run is gone with the runs that it called, and not a byte of it is left in the files."""
    parent = run_of()
    child = run_of(parent=Parent(run_id=parent.id, stage="write"))
    other = run_of()
    secret = ProgressTracker("secret", ["s"], parent=Parent(run_id=child.id, stage="x"), clock=ManualClock())
    with History(path, contents=True) as history:
        for tracker in (parent, child, other, secret):
            history.record(tracker)
        secret.start()
        secret.stage("s").write(PERSONAL * 1_000)
        secret.done()
        assert len(history.runs(children=True)) == 4
        assert PERSONAL.encode() in everything_in(path)
        assert history.delete(parent.id) == 3
        assert history.runs(children=True)["run_id"].tolist() == [other.id]
        assert len(history.timings()) == 2
        assert PERSONAL.encode() not in everything_in(path)
        with pytest.raises(UnknownRunError):
            history.delete(parent.id)


def test_deleting_a_run_that_goes_on() -> None:
    """A run that is deleted while it goes on is not recorded any more, and nothing of it comes back."""
    history = History()
    tracker = ProgressTracker("op", ["s"], clock=ManualClock())
    history.record(tracker)
    tracker.start()
    assert history.delete(tracker.id) == 1
    history.record(run_of())
    with tracker.stage("s"):
        pass
    tracker.done()
    assert history.runs()["operation"].tolist() == ["report"]
    assert len(history.timings()) == 2


# --- other processes -------------------------------------------------------------------------------------

CHILD = """
    import sys
    import progressnb as pnb
    tracker = pnb.ProgressTracker("child", ["s"])
    pnb.use_history(sys.argv[1], contents=True)
"""


def child(code: str, path: Path) -> "subprocess.Popen[str]":
    """Start a kernel of its own that records into a file."""
    program = textwrap.dedent(CHILD) + textwrap.dedent(code)
    return subprocess.Popen([sys.executable, "-c", program, str(path)], stdout=subprocess.PIPE, text=True, bufsize=1)


def until(condition: Callable[[], bool]) -> None:
    """Wait for a condition, a minute at most."""
    pause = threading.Event()
    for _ in range(6_000):
        if condition():
            return
        pause.wait(0.01)
    raise AssertionError("it never came true")


def test_kill_9(path: Path) -> None:
    """Of a kernel that is killed, all that was stored is whole: a run without gaps, to be read and written on."""
    process = child(
        """
        tracker.start()
        at = 0
        while True:
            tracker.stage("s").update(at=at)
            print(at := at + 1, flush=True)
        """,
        path,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "1\n"
    drained = threading.Thread(target=process.stdout.read)
    drained.start()
    with History(path) as history:
        until(lambda: len(history.runs()) == 1 and len(history.log(history.runs()["run_id"].item())) > 500)
        process.kill()
        process.wait()
        drained.join()
        (row,) = history.runs().to_dict("records")
        log = history.log(row["run_id"])
        assert [event.seq for event in log] == list(range(len(log)))
        assert (row["status"], row["elapsed"]) == ("running", log[-1].elapsed)
        with history._store.reading() as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        history.record(run_of())
        assert len(history.runs()) == 2
    process.stdout.close()


def test_several_kernels(path: Path) -> None:
    """Four kernels that make and write one file at once lose nothing, and leave the rest to Python's exit."""
    code = """
        tracker.start()
        for at in range(300):
            tracker.stage("s").update(at=at)
        tracker.done()
    """
    processes = [child(code, path) for _ in range(4)]
    assert [process.wait(60) for process in processes] == [0] * 4
    for process in processes:
        assert process.stdout is not None
        process.stdout.close()
    with History(path) as history:
        runs = history.runs()
        assert runs["status"].tolist() == ["finished"] * 4
        assert [len(history.log(run_id)) for run_id in runs["run_id"]] == [len(history.log(runs["run_id"][0]))] * 4
        assert len(history.log(runs["run_id"][0])) > 300


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_forked_process(path: Path) -> None:
    """In a forked process the parent's file is left alone, runs go on with one warning, and the parent records on."""
    code = """
        import os, warnings
        warnings.simplefilter("ignore")
        tracker.start()
        if (forked := os.fork()) == 0:
            pnb.ProgressTracker("forked").start()
            tracker.done()
            os._exit(0)
        assert os.waitpid(forked, 0)[1] == 0
        tracker.done()
    """
    process = child(code, path)
    assert process.wait(60) == 0
    assert process.stdout is not None
    process.stdout.close()
    with History(path) as history:
        assert history.runs()[["operation", "status"]].to_numpy().tolist() == [["child", "finished"]]


def test_in_memory_is_not_on_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A history without a path, or with SQLite's name for memory, writes no file."""
    monkeypatch.chdir(tmp_path)
    for history in (History(), History(":memory:")):
        history.record(run_of())
        assert len(history.runs()) == 1
        history.close()
    assert list(tmp_path.iterdir()) == []


def test_a_history_costs_nothing_until_it_is_used() -> None:
    """Recording loads no pandas."""
    code = "import sys, progressnb; progressnb.History(); print('pandas' in sys.modules, 'altair' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=dict(os.environ)
    )
    assert done.stdout.split() == ["False", "False"]
