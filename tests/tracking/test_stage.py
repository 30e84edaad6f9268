"""Declaring stages: what is accepted, what is refused, and what weights become."""

import math
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from progressnb.errors import InvalidStagesError
from progressnb.tracking.stage import Stage, Stages, declare
from progressnb.tracking.tracker import ProgressTracker
from progressnb.wire.paths import LONGEST_PATH, MOST_PARTS, path_fault

names = st.lists(st.text(min_size=1).filter(str.strip), min_size=1, max_size=8, unique=True)


def triples(stages: Stages | None) -> list[tuple[str, str, float]]:
    """Declare stages and show what they became."""
    return [(stage.name, stage.title, stage.weight) for stage in declare(stages)]


def _generated() -> Iterator[Stage | str]:
    yield "read_all"
    yield Stage("write", weight=3, title="Writing it")


def test_forms() -> None:
    """A mapping, names, Stage objects and a generator of either declare the same."""
    assert triples({"a_b": 1, "c": 3}) == [("a_b", "A b", 0.25), ("c", "C", 0.75)]
    assert triples(["a", "b"]) == [("a", "A", 0.5), ("b", "B", 0.5)]
    assert triples(_generated()) == [("read_all", "Read all", 0.25), ("write", "Writing it", 0.75)]
    assert triples(None) == triples([]) == triples({}) == []


@given(names, st.data())
def test_weights_sum_to_one(some: list[str], data: st.DataObject) -> None:
    """Weights are relative: any that are finite and not all zero become shares, in order, that sum to 1."""
    finite = st.floats(0, allow_infinity=False, allow_nan=False)
    weights = data.draw(st.lists(finite, min_size=len(some), max_size=len(some)).filter(any))
    declared = declare(dict(zip(some, weights, strict=True)))
    assert [stage.name for stage in declared] == some
    assert math.fsum(stage.weight for stage in declared) == pytest.approx(1)
    largest = max(weights)
    assert declared[weights.index(largest)].weight == max(stage.weight for stage in declared)


@pytest.mark.parametrize(
    "weight",
    [-1, float("nan"), float("inf"), float("-inf"), True, "1", 10**400],
    ids=lambda value: str(value)[:9],
)
def test_bad_weight(weight: Any) -> None:
    """A weight that is negative, not finite or no number is refused, and the stage is named."""
    with pytest.raises(InvalidStagesError, match=r"expected a weight of 0 or more for stage 'b', got .*\. Weights"):
        declare({"a": 1, "b": weight})


def test_all_zero() -> None:
    """Weights that are all zero leave nothing to share; one zero among others is fine."""
    with pytest.raises(InvalidStagesError, match="weight above 0"):
        declare({"a": 0, "b": 0.0})
    assert [weight for *_, weight in triples({"a": 0, "b": 5})] == [0, 1]


@pytest.mark.parametrize(
    "stages",
    [["a", "b", "a"], ["a", Stage("a")], ["\ud800", "\ud801"]],
    ids=["names", "mixed", "the same once cleaned"],
)
def test_duplicates(stages: Stages) -> None:
    """A name given twice is refused."""
    with pytest.raises(InvalidStagesError, match="twice"):
        declare(stages)


@pytest.mark.parametrize("stages", [[""], ["  \n"], {"": 1}, [Stage("")], {3: 1}, [Stage(None)]])  # type: ignore[arg-type]
def test_names(stages: Any) -> None:
    """A stage without a name is refused."""
    with pytest.raises(InvalidStagesError, match="not empty"):
        declare(stages)


@pytest.mark.parametrize("stages", ["read", 5, [5], [None], [("a", 1)], object()], ids=lambda x: repr(x)[:8])
def test_no_stages(stages: Any) -> None:
    """What is no list of stages is refused by an error of our own."""
    with pytest.raises(InvalidStagesError, match="expected"):
        declare(stages)


def test_a_path_that_no_reader_takes() -> None:
    """A stage whose path is longer or deeper than readers allow is refused where it is made, and the run goes on."""
    too_long = "s" * (LONGEST_PATH + 1)
    with pytest.raises(InvalidStagesError, match="100,000 characters"):
        ProgressTracker("op", [too_long])
    tracker = ProgressTracker("op")
    tracker.start()
    with pytest.raises(InvalidStagesError, match="100,000 characters"):
        tracker.stage(too_long)
    stage = tracker.stage("s")
    for _ in range(MOST_PARTS - 1):
        stage = stage.stage("s")
    with pytest.raises(InvalidStagesError, match="2,000 deep"):
        stage.stage("s")
    assert path_fault(stage.path) is None
    assert tracker.stage("s").path == "s#2"
    tracker.done()
