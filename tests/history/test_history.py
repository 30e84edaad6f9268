"""`History`: every run is recorded, contents only when asked for, and what is deleted is gone."""

import gc
import json
import os
import subprocess
import sys
import weakref
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import progressnb as pnb
from progressnb import History, ProgressTracker, use_history
from progressnb.errors import UnknownRunError
from progressnb.history.redaction import redact
from progressnb.testing import ManualClock
from progressnb.tracking.budget import USAGE
from progressnb.wire.codec import decode
from progressnb.wire.events import KEPT_DATA, RESERVED_DATA, TIME_DATA, DoneEvent, Parent
from tests.history.helpers import PERSONAL, everything_in, history_of, report, run_of


async def test_use_history(path: Path) -> None:
    """Every run after `use_history` is recorded, whole, and none after `use_history(None)`."""
    await report.using(show=False)("before")
    history = use_history(path)
    done = report.using(show=False)("tides")
    await done
    failed = report.using(show=False)("tides", fail=True)
    with pytest.raises(ValueError, match="no paper"):
        await failed
    use_history(None)
    await report.using(show=False)("after")
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

    run = essay.using(show=False)()
    await run
    assert run.timings()["duration"].idxmax() == "think"

    assert history.runs().tail(20)["cost"].sum() == 15 * 0.5 + 5 * 0.25

    timings = history.timings(operation="report")
    by_day = timings.groupby([timings["started"].dt.day, "stage"])["duration"].median()
    assert (by_day[1, "write"], by_day[30, "write"]) == (1.0, 2.0)
    assert history.compare(old[-1].id, new[-1].id)["ratio"].tolist() == [2.0, 2.0]


async def test_nothing_of_the_contents_is_on_disk(path: Path) -> None:
    """Without contents, neither outputs nor results, messages, data nor inputs are anywhere in the files."""
    with use_history(path) as history:
        run = report.using(show=False)(PERSONAL)
        await run
        events = history.events(run.id)
        assert events["redacted"].sum() == 5  # the subject of the run, its message in two events, output and result
        assert PERSONAL.encode() not in everything_in(path)
        assert b"half way" not in everything_in(path)
        assert "…" in events["message"].tolist()
        (done,) = (event for event in history.log(run.id) if isinstance(event, DoneEvent))
        assert done.result is None
        assert history.timings()["characters"].tolist() == [0, len(PERSONAL)]
    assert PERSONAL.encode() not in everything_in(path)


async def test_contents(path: Path) -> None:
    """With contents, the bytes of the log are stored as they are, and the inputs beside them."""
    with use_history(path, contents=True) as history:
        run = report.using(show=False)(PERSONAL, fail=False)
        await run
        assert history.export_jsonl(run_id=run.id).splitlines() == run.log.encoded()
        assert history.inputs(run.id) == {"topic": {"value": PERSONAL}, "fail": {"value": False}}
        assert history.fingerprint(run.id) == report.fingerprint


async def test_inputs_are_contents() -> None:
    """Without contents, the inputs of a run are not kept."""
    history = use_history(History())
    run = report.using(show=False)(PERSONAL)
    await run
    assert history.inputs(run.id) is None


words = st.text().map(lambda text: f"Ada {text}")
plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=5,
)


@given(
    st.dictionaries(st.sampled_from([*sorted(RESERVED_DATA), "page", "rows"]) | st.text(max_size=5), plain, max_size=5)
)
def test_redaction(data: dict[str, Any]) -> None:
    """Facts are kept, texts under any key nulled; what had something to hide is marked, all else keeps its bytes."""
    tracker = ProgressTracker("op", ["s"], clock=ManualClock())
    tracker.start()
    told = {key: value for key, value in data.items() if key not in ("percent", "message", "self", *TIME_DATA)}
    told = {key: value for key, value in told.items() if key not in USAGE or not isinstance(value, int) or value >= 0}
    with tracker.stage("s") as stage:
        stage.update(1, "writing", **told)
    for line in tracker.log.encoded():
        before, after = json.loads(line), json.loads(redact(line))
        data = before.get("data", {})
        hidden = {
            key
            for key, value in data.items()
            if value is not None and (key not in KEPT_DATA or "Ada " in json.dumps(value))
        }
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
    run = outer.using(show=False)()
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


def test_what_cannot_be_bound(path: Path) -> None:
    """Hostile names are stored as text: no SQL, no lone surrogates, no bytes that end a string."""
    hostile = "'); DROP TABLE runs; --\x00 \U0001f980"
    tracker = ProgressTracker(hostile, [hostile], model=hostile, clock=ManualClock())
    with History(path, contents=True) as history:
        history.record(tracker)
        tracker.start()
        with tracker.stage(hostile) as stage:
            stage.update(5, hostile, source=hostile + "\ud800", cost=10**30, input_tokens=2**70)
        tracker.done()
        assert history.runs()["operation"].tolist() == [hostile]
        assert history.timings(operation=hostile, model=hostile)["source"].tolist() == [hostile + "\ufffd"]


def test_in_memory_is_not_on_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A history without a path, or with SQLite's name for memory, writes no file."""
    monkeypatch.chdir(tmp_path)
    for history in (History(), History(":memory:")):
        history.record(run_of())
        assert len(history.runs()) == 1
        history.close()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.integration
def test_a_history_costs_nothing_until_it_is_used() -> None:
    """Recording loads no pandas."""
    code = "import sys, progressnb; progressnb.History(); print('pandas' in sys.modules, 'altair' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=dict(os.environ)
    )
    assert done.stdout.split() == ["False", "False"]


def test_words_of_the_caller_are_contents() -> None:
    """A store without contents keeps neither a run's title nor its subject; titles of stages are names, and stay."""
    tracker = ProgressTracker("op", ["s"], clock=ManualClock())
    tracker.start()
    with tracker.stage("s") as stage:
        stage.update(1)
    lines = tracker.log.encoded()
    started = {**json.loads(lines[0]), "title": "for Ada", "subject": "tides"}
    kept = json.loads(redact(json.dumps(started).encode()))
    assert (kept["title"], kept["subject"], kept["redacted"]) == (None, None, True)
    titled = {**json.loads(lines[1]), "title": "Search"}
    assert json.loads(redact(json.dumps(titled).encode()))["title"] == "Search"
