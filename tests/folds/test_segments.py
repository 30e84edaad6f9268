"""Tests of the widths of the parts of a run's bar."""

from __future__ import annotations

from typing import Any

import pytest

from progressnb.folds.segments import segments
from progressnb.folds.state import RunState, StageState


def widths(weights: dict[str, float], expected: Any = None, **facts: Any) -> dict[str, float]:
    """Return the share of each part, by its key; the part for what may follow has none."""
    state = RunState(status="running", **facts)
    state.stages = [StageState(name=name, title=name, path=name, weight=weight) for name, weight in weights.items()]
    if expected is not None:
        state.data["expected"] = expected
    return {part["key"]: part["share"] for part in segments(state)}


def test_weights() -> None:
    """Without past runs a part is as wide as the stage's weight."""
    assert widths({"read": 0.2, "think": 0.8}) == {"read": 0.2, "think": 0.8}


def test_learned_durations() -> None:
    """A part is as wide as the time that past runs let expect, whatever weight was declared."""
    assert widths({"read": 0.5, "think": 0.5}, {"read": 3.0, "think": 27.0}) == {"read": 0.1, "think": 0.9}


def test_a_stage_that_no_past_run_had() -> None:
    """Its width follows from its weight, in the seconds that the others take for theirs."""
    found = widths({"read": 0.25, "think": 0.5, "new": 0.25}, {"read": 10.0, "think": 20.0})
    assert found == {"read": 0.25, "think": 0.5, "new": 0.25}


def test_stages_that_have_not_begun() -> None:
    """What past runs did next has a part without a title; a run that has ended has none."""
    assert widths({"read": 0.5}, {"read": 5.0, "think": 15.0}) == {"read": 0.25, "": 0.75}
    assert widths({"read": 0.5}, {"read": 5.0, "think": 15.0}, duration=4.0) == {"read": 0.25, "": 0.75}


@pytest.mark.parametrize(("status", "percent"), [("running", 0.0), ("finished", 100.0), ("cancelled", 0.0)])
def test_a_finished_run_has_a_full_bar(status: Any, percent: float) -> None:
    """The part of stages that might have followed is full when the run has finished; its width stays."""
    state = RunState(status=status)
    state.stages = [StageState(name="read", title="read", path="read", weight=0.5, status="finished")]
    assert [(part["share"], part["percent"]) for part in segments(state)] == [(0.5, 100.0), (0.5, percent)]


@pytest.mark.parametrize(
    "expected", [7, [], {"read": "long"}, {"read": float("inf")}, {"read": -1}, {"read": True}, {"other": 4.0}]
)
def test_records_of_others(expected: Any) -> None:
    """Expected seconds of a foreign record that are none change nothing."""
    assert widths({"read": 0.2, "think": 0.8}, expected) == {"read": 0.2, "think": 0.8}


@pytest.mark.parametrize("status", ["cancelled", "failed"])
def test_a_bar_stays_where_the_run_stopped(status: Any) -> None:
    """The part of a stage that did not come to its end is filled as far as it was, also where that was a guess."""
    state = RunState(status=status)
    data = {"guessed": True}
    state.stages = [StageState(name="a", title="a", path="a", weight=1.0, status=status, percent=57.0, data=data)]
    assert [part["percent"] for part in segments(state)] == [57.0]


@pytest.mark.parametrize("data", [{"ended_early": {"kind": "enough", "by": "panel"}}, {"answer_end": "limit"}])
def test_a_part_of_an_answer_is_not_all_well(data: Any) -> None:
    """The bar of a stage whose answer was ended early, or is cut, has another colour than one that is whole."""
    state = RunState(status="finished")
    agent = StageState(name="agent", title="agent", path="a/agent", status="finished", data=data)
    state.stages = [StageState(name="a", title="a", path="a", weight=0.5, status="finished", children=[agent])]
    state.stages += [StageState(name="b", title="b", path="b", weight=0.5, status="finished")]
    assert [(part["status"], part["percent"]) for part in segments(state)] == [("mixed", 100.0), ("finished", 100.0)]
