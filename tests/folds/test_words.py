"""The words of all screens for the time left and for a loop: a number only where the events tell one."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from progressnb.folds.state import RunState, StageState
from progressnb.folds.words import loop_text, rate_text, remaining_seconds, remaining_text


def loop(status: str = "running", **data: Any) -> StageState:
    """Return a stage with these facts."""
    stage = StageState("rows", "Rows", "rows", data=data, started_elapsed=0.0)
    stage.status = status  # type: ignore[assignment] # a status
    return stage


def test_a_percent_alone_tells_no_time() -> None:
    """However far a run is, without a time in its events there is none."""
    for percent in (0.0, 10.0, 50.0, 99.0):
        state = RunState(overall_progress=percent, elapsed=100)
        assert remaining_seconds(state, 100) is None
        assert remaining_text(state, 100) == ""


def test_longer_than_ever() -> None:
    """A run that has outlasted all past ones has words and no number, other doubts have nothing."""
    assert remaining_text(RunState(data={"remaining": None, "forecast": "exceeded"}), 1) == "longer than ever"
    for doubt in ("overdue", "vague", None, 3):
        assert remaining_text(RunState(data={"remaining": None, "forecast": doubt}), 1) == ""
    assert remaining_seconds(RunState(data={"remaining": None, "forecast": "exceeded"}), 1) is None


def test_no_event_for_long() -> None:
    """Where nothing comes from the writer, the time passes all the same, and what was told ends with it."""
    state = RunState(data={"remaining": [20.0, 30.0, 50.0]}, elapsed=100)
    assert remaining_text(state, 105) == "about 30 s left (20–50 s)"
    assert remaining_text(state, 115) == "about 15 s left (5–35 s)"
    assert remaining_text(state, 131) == ""


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (
            {"done": 142, "total": 200, "rate": 12.3, "postfix": {"loss": 0.12345}},
            "142/200 · 12.3/s · about 5 s left · loss 0.1235",
        ),
        ({"done": 0, "total": 3}, "0/3"),
        ({"done": 12_345, "rate": 1204.4}, "12,345 · 1,204/s"),
        ({"done": 3, "total": 9, "rate": 0.25}, "3/9 · 4.0 s each · about 24 s left"),
        ({"done": 9, "total": 9, "rate": 5.0}, "9/9 · 5.0/s"),
        ({"done": 12, "total": 9, "rate": 5.0}, "12, 9 were expected · 5.0/s"),
        ({"done": 3, "total": 9, "rate": None, "postfix": {"best": None, "at": "row 2"}}, "3/9 · at row 2"),
        ({"done": "many"}, ""),
        ({}, ""),
    ],
)
def test_loop_text(data: dict[str, Any], text: str) -> None:
    """Count, rate, time left and postfix, as far as they are known; nothing for a stage that is no loop."""
    assert loop_text(loop(**data), 10) == text


def test_a_loop_that_ended() -> None:
    """At the end the rate is that of the whole, without what was done before, and no time is left."""
    stage = loop("finished", done=100, total=100, rate=3.0, initial=90)
    stage.duration = 5.0
    assert loop_text(stage, 60) == "100/100 · 2.0/s"


@given(
    st.dictionaries(
        st.sampled_from(["done", "total", "rate", "initial", "postfix"]),
        st.none() | st.integers() | st.floats() | st.text() | st.dictionaries(st.text(), st.floats()),
    )
)
def test_any_facts(data: dict[str, Any]) -> None:
    """Data of any writer are drawn without an error."""
    for status in ("running", "finished"):
        assert isinstance(loop_text(loop(status, **data), 10), str)


@given(st.floats(1e-6, 1e9))
def test_rates(rate: float) -> None:
    """Any rate reads in a few characters."""
    assert len(rate_text(rate)) < 20
