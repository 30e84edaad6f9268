"""The questions to a history: one row a run or a stage, filtered, compared, found by the begin of an id."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from progressnb import History, ProgressTracker
from progressnb.errors import InputError, UnknownRunError
from progressnb.testing import ManualClock
from tests.history.helpers import history_of, run_of


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
        history.timings(since="yesterday")


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
