"""Questions by days, frames and names: which runs are meant, what is not there, and times as Excel takes them."""

import logging
import time
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest

import progressnb as pnb
from progressnb import History
from progressnb.errors import InputError, UnknownRunError
from progressnb.testing import ManualClock
from progressnb.wire.events import Parent
from tests.history.helpers import history_of, run_of

if TYPE_CHECKING:
    from collections.abc import Callable

DAY = 86_400
_FIRST, _LAST = datetime.min, datetime.max  # noqa: DTZ901 - of the machine's zone
NOON = 43_200.0


@pytest.fixture
def history() -> History:
    """Return a history with runs at noon (UTC) of the first days of 2026, and one that the last of them called."""
    last = run_of(8, start=2 * DAY + NOON, cost=4.0)
    child = run_of(100, start=2 * DAY + NOON, parent=Parent(run_id=last.id, stage="write"), cost=1.0)
    return history_of(
        run_of(1, start=NOON, model="m1", cost=1.0),
        run_of(2, start=DAY + NOON, model="m2", cost=2.0),
        run_of(4, start=DAY + NOON + 60, model="m2", cost=3.0),
        last,
        child,
    )


def test_days_stand_for_their_runs(history: History) -> None:
    """Two days side by side are the medians of the runs that began on them; runs that others called don't count."""
    frame = history.compare("2026-01-02", "2026-01-03")
    assert [frame["duration_a"]["write"], frame["duration_b"]["write"]] == [3.0, 8.0]
    assert history.compare(date(2026, 1, 2), date(2026, 1, 3)).equals(frame)
    with pytest.raises(UnknownRunError, match="a day with runs, got 2026-02-01"):
        history.compare("2026-01-02", "2026-02-01")
    for wrong in ("2026-02-31", "2026-1-2x"):
        with pytest.raises(UnknownRunError, match="which no runs have"):
            history.compare(wrong, "2026-01-02")


def test_one_group_is_no_comparison(history: History, caplog: pytest.LogCaptureFixture) -> None:
    """Where both sides are the same runs, however they are named, a warning says why each ratio is 1."""
    runs = history.runs()
    same = runs[runs["model"] == "m2"]
    sides: list[tuple[Any, Any]] = [("2026-01-02", date(2026, 1, 2)), ("2026-01-02", same), (same, same["run_id"])]
    for a, b in sides:
        assert history.compare(a, b)["ratio"].eq(1).all()
        (record,) = caplog.records
        assert "the same runs on both sides" in record.getMessage()
        caplog.clear()
    history.compare(same, same.head(1))
    assert caplog.records == []


def test_frames_stand_for_their_runs(history: History) -> None:
    """Frames of runs and of stages, their rows, columns and groups name runs."""
    runs = history.runs()
    one, two = runs[runs["model"] == "m1"].head(1), runs[runs["model"] == "m2"]
    expected = history.compare(list(one["run_id"]), list(two["run_id"]))
    assert expected.loc["write", "ratio"] == 3.0
    assert history.compare(one, two).equals(expected)
    assert history.compare(one.iloc[0], two["run_id"]).equals(expected)
    assert history.compare(one.set_index("run_id"), two.set_index(["run_id", "model"])).equals(expected)
    timings = history.timings(model="m2")
    assert history.compare(one, timings).equals(expected)
    for wrong in (runs[["model"]], runs.head(0), runs["cost"]):
        with pytest.raises(InputError, match="expected runs or their ids"):
            history.compare(wrong, two)


def test_since_and_until_take_days(history: History) -> None:
    """A day is meant from its begin to its end, in the zone of the machine; times and spans are meant as they are."""
    assert len(history.runs(since="2026-01-02")) == 3
    assert len(history.runs(since=date(2026, 1, 2), until=date(2026, 1, 2))) == 2
    assert len(history.runs(until="2026-01-02")) == 3
    assert len(history.runs(until=datetime(2026, 1, 2, 12, tzinfo=UTC))) == 1
    assert len(history.runs(since="2026-01-02T12:00:30+00:00")) == 2
    assert len(history.runs(since=pd.Timestamp("2026-01-03", tz="UTC"))) == 1
    assert len(history.timings(since="2026-01-02", until="2026-01-02")) == 4
    assert len(history.timings(operation="report", model="m2", until="2026-01-02")) == 4
    questions: tuple[Callable[..., object], ...] = (history.runs, history.timings, history.plot_stages)
    for wrong in ("yesterday", "2026-13-01", 5, "2026-1", "2026-13", pd.NaT, np.datetime64("NaT")):
        for question in questions:
            with pytest.raises(InputError, match=r"a timedelta for how long ago, or a day such as"):
                question(since=wrong)
    clock = ManualClock()
    clock.advance(3 * DAY)
    recent = History(clock=clock)
    recent.record(run_of(start=DAY))
    recent.record(run_of(start=2 * DAY + NOON))
    assert len(recent.runs(until=timedelta(days=1))) == 1
    assert recent.prune(older_than="2026-01-03") == 1


def test_a_history_is_indexed_as_a_run_is(history: History) -> None:
    """Both frames of timings have the stage's path as their index."""
    frame = history.timings()
    assert frame["duration"].loc[["write"]].tolist() == [1.0, 2.0, 4.0, 8.0, 100.0]
    assert frame["duration"].idxmax() == "write"
    assert frame.groupby("stage")["duration"].max()["read"] == 10.0
    assert list(frame.index) == list(frame["stage"])


def test_names_without_runs_are_told(history: History, caplog: pytest.LogCaptureFixture) -> None:
    """An operation of which there is no run is an error that names near ones; such a model is a warning."""
    for question in (history.runs, history.timings, history.plot_stages):
        with pytest.raises(InputError, match=r"such as 'report', got no runs of operation 'reprot'"):
            question(operation="reprot")
    with caplog.at_level(logging.WARNING, "progressnb"):
        assert len(history.runs(model="m3")) == 0
        assert "no runs of model 'm3'; this history has 'm1', 'm2'" in caplog.text
        caplog.clear()
        assert len(history.runs(operation="report", model="m1", since="2027-01-01")) == 0
        assert len(History().timings(operation="report")) == 0
    assert caplog.text == ""


def test_times_go_to_excel_and_into_local_days(history: History, tmp_path: Path) -> None:
    """With `local=True` no time has a zone, which Excel refuses, and days are those of the machine's clock."""
    run_id = history.runs()["run_id"][0]
    expected = datetime(2026, 1, 1, 12, tzinfo=UTC).astimezone()
    for frame in (history.runs(local=True), history.timings(local=True), history.events(run_id, local=True)):
        times = frame.select_dtypes(include=["datetime", "datetimetz"])
        assert not times.empty
        assert all(getattr(dtype, "tz", None) is None for dtype in times.dtypes)
        first = times.iloc[:, 0].tolist()[0]
        assert first == expected.replace(tzinfo=None)
        assert first.date() == expected.date()
        frame.to_excel(tmp_path / "times.xlsx")
        assert len(pd.read_excel(tmp_path / "times.xlsx", engine="openpyxl")) == len(frame)
    assert history.runs()["started"].dt.tz is not None
    days = history.runs(local=True)
    assert days.groupby(days["started"].dt.date)["cost"].sum().iloc[0] == 1.0
    assert len(history.events(run_id, local=True)) == len(history.events(run_id))
    assert History().runs(local=True)["started"].dtype == "datetime64[us]"


def test_any_frame_goes_to_excel(history: History, monkeypatch: pytest.MonkeyPatch) -> None:
    """`to_excel` writes local times of any frame of runs, also of a part of it, and the frame keeps its zone."""
    written: list[pd.DataFrame] = []
    monkeypatch.setattr(pd.DataFrame, "to_excel", lambda frame, _path: written.append(frame))
    runs = history.runs()
    for frame in (runs, runs[["started", "cost"]].head(1), history.timings(), history.events(runs["run_id"][0])):
        frame.to_excel("runs.xlsx")
        times = written[-1].select_dtypes(include=["datetime", "datetimetz"])
        assert not times.empty
        assert all(getattr(dtype, "tz", None) is None for dtype in times.dtypes)
    assert runs["started"].dt.tz is not None


def test_operations_are_named_by_themselves_and_by_lists(history: History) -> None:
    """An operation stands for its name, a list for any of its names; anything else is said to be none."""

    @pnb.operation(name="report")
    async def written(_: pnb.ProgressTracker) -> None:
        pass

    for question, rows in ((history.runs, len(history.runs(children=True))), (history.timings, len(history.timings()))):
        for named in (written, ["report", "other"], [written], ("report",), pd.Series(["report"], name="operation")):
            assert len(question(operation=named)) == rows
        assert len(question(model=["m1", "m2"])) == len(question(model="m1")) + len(question(model="m2"))
        wrongs: list[Any] = [5, [], [5], b"report", object()]
        for wrong in wrongs:
            with pytest.raises(InputError, match="the name of one operation"):
                question(operation=wrong)
            with pytest.raises(InputError, match="the name of one model"):
                question(model=wrong)
        with pytest.raises(InputError, match="no runs of operation 'x'"):
            question(operation=["x", "y"])
    assert history.latest(written, 2) == history.latest("report", 2)


def test_months_and_times_of_pandas_and_numpy(history: History) -> None:
    """Months, and times of pandas and NumPy, are taken wherever a time is; in a comparison a time is its day."""
    runs = len(history.runs())
    assert len(history.runs(since="2026-01", until="2026-01")) == runs
    assert len(history.runs(until="2025-12")) == len(history.runs(since="2026-02")) == 0
    assert len(history.runs(since=np.datetime64("2026-01-02T12:00:30"))) == 2
    assert len(history.runs(since=np.datetime64("2026-01-03"), until=np.datetime64("2026-01"))) == 1
    assert len(history.runs(since=pd.Timestamp("2026-01-03"), until=pd.Period("2026-01", "M"))) == 1
    assert len(history.runs(since=np.timedelta64(1, "h"))) == len(history.runs(since=pd.Timedelta(hours=1)))
    expected = history.compare("2026-01-02", "2026-01-03")
    nine = datetime.fromisoformat("2026-01-02 09:00")
    days: list[Any] = [pd.Timestamp("2026-01-02 09:30"), nine, np.datetime64("2026-01-02")]
    for day in days:
        assert history.compare(day, "2026-01-03").equals(expected)
    with pytest.raises(UnknownRunError, match="which has none"):
        history.compare("2025-12", "2026-01")


def test_the_ends_of_all_times(history: History) -> None:
    """The first and the last times that Python has are before and behind all runs."""
    for first in (
        _FIRST,
        date.min,
        timedelta.max,
        "0001-01",
        datetime.min.replace(tzinfo=UTC),
    ):
        assert len(history.runs(since=first)) == len(history.runs())
        assert history.prune(older_than=first) == 0
    for last in (_LAST, date.max, "9999-12", datetime.max.replace(tzinfo=UTC)):
        assert len(history.runs(until=last)) == len(history.runs())
        assert len(history.runs(since=last)) == 0


@pytest.mark.parametrize("span", [timedelta(days=-1), timedelta.min, pd.Timedelta(-1, "h"), np.timedelta64(-1, "D")])
def test_how_long_ago_is_not_negative(history: History, span: Any) -> None:
    """A slip of sign deletes nothing: a time to come is refused."""
    rows = len(history.runs())
    with pytest.raises(InputError, match="a timedelta of 0 or more"):
        history.prune(older_than=span)
    with pytest.raises(InputError, match="a timedelta of 0 or more"):
        history.runs(since=span)
    assert len(history.runs()) == rows


def test_times_of_another_zone(history: History) -> None:
    """`local` takes a zone or its name, whatever the machine's is; another word is an error."""
    run_id = history.runs()["run_id"][0]
    for zone in ("Asia/Tokyo", ZoneInfo("Asia/Tokyo"), timezone(timedelta(hours=9))):
        for frame in (history.runs(local=zone), history.timings(local=zone)):
            assert frame["started"].iloc[0] == pd.Timestamp("2026-01-01 21:00")
        assert len(history.events(run_id, local=zone))
    for wrong in ("Nowhere/There", "", 5, "../etc/passwd", "Asia"):
        with pytest.raises(InputError, match="the name of a zone"):
            history.runs(local=wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Europe/Berlin", "2026-03-29", 23),
        ("Europe/Berlin", "2026-10-25", 25),
        ("America/Santiago", "2026-09-06", 23),  # whose midnight does not come
        ("America/Santiago", "2026-04-04", 25),  # its last hour comes twice
        ("America/Havana", "2026-11-01", 25),  # its first hour comes twice
        ("Australia/Lord_Howe", "2026-04-05", 24),  # by half an hour
        ("Asia/Kathmandu", "2026-03-29", 24),
    ],
)
def test_days_on_which_clocks_are_changed(zone: str, day: str, hours: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A local day has 23, 24 or 25 hours: each run belongs to one day, in questions as in groups of local times."""
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        noon = datetime.fromisoformat(f"{day}T12:00").replace(tzinfo=ZoneInfo(zone))
        begin = round((noon.astimezone(UTC) - datetime(2026, 1, 1, tzinfo=UTC)).total_seconds())
        begin -= begin % 3600 + 40 * 3600 - 1800
        history = history_of(*(run_of(start=float(begin + 3600 * hour), cost=1.0) for hour in range(80)))
        before, after = (str(date.fromisoformat(day) + timedelta(days=days)) for days in (-1, 1))
        assert len(history.runs(since=day, until=day)) == hours
        assert len(history.runs(until=before)) + hours + len(history.runs(since=after)) == 80
        local = history.runs(local=True)["started"].dt.date.value_counts()
        assert local[date.fromisoformat(day)] == hours
        named = history.runs(since=day, until=day, local=zone)["started"].dt.date
        assert set(named) == {date.fromisoformat(day)}
        assert len(history.runs(since=date.fromisoformat(before), until=date.fromisoformat(day))) == 24 + hours
        assert history.compare(before, day)["ratio"].notna().all()
        moment = datetime.fromisoformat(f"{day}T12:00")
        assert (
            len(history.runs(since=moment)) == len(history.runs(since=noon)) == len(history.runs(since=f"{day}T12:00"))
        )
    finally:
        monkeypatch.undo()
        time.tzset()


def test_a_named_operation_has_its_called_runs(history: History) -> None:
    """Runs that others called are listed where their operation is asked for, and can be left out there too."""
    assert len(history.runs(operation="report")) > len(history.runs(operation="report", children=False))
    assert len(history.runs()) == len(history.runs(children=False)) < len(history.runs(children=True))
