"""Large runs: ended stages of a name are folded to sums and examples, and nothing that is told of them changes."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from progressnb.folds import forest
from progressnb.folds.snapshot import snapshot_of
from progressnb.folds.state import RunState
from progressnb.folds.view import RunView
from progressnb.testing import ManualClock
from progressnb.tracking.tracker import ProgressTracker
from progressnb.wire.codec import decode, encode

if TYPE_CHECKING:
    from collections.abc import Callable

    from progressnb.tracking.handle import StageHandle
    from progressnb.wire.events import Event

ACTS = st.lists(
    st.tuples(
        st.sampled_from(["begin", "below", "update", "cost", "write", "finish", "finish", "finish", "fail", "skip"]),
        st.integers(0, 3),
    ),
    max_size=60,
)
"""What happens to the stages of a run, and to which of those that are open."""


def run_of(acts: list[tuple[str, int]]) -> ProgressTracker:
    """Write a run."""
    clock = ManualClock()
    tracker = ProgressTracker("op", clock=clock, show=False)
    tracker.start()
    opened: list[Any] = []
    for act, number in acts:
        clock.advance(0.25 * (number + 1))
        at = opened[number % len(opened)] if opened else None
        if act == "begin" or at is None:
            opened.append(tracker.stage("ab"[number % 2]))
            opened[-1].start()
        elif act == "below":
            opened.append(at.stage("cd"[number % 2]))
            opened[-1].start()
        elif act == "update":
            at.update(10 * number, f"at {number}", found=number)
        elif act == "cost":
            at.add_usage(input_tokens=number, cost=0.5)
        elif act == "write":
            at.write(f"word {number} ")
        else:
            opened.remove(at)
            below = [stage for stage in opened if stage.path.startswith(f"{at.path}/")]
            for stage in reversed(below):
                opened.remove(stage)
                stage.finish()
            at.fail("no") if act == "fail" else at.skip() if act == "skip" else at.finish()
    return tracker


def fold(events: list[Event], *, folds: bool = True) -> RunState:
    """Fold events with small bounds, so that small runs are large ones."""
    with patch.multiple(forest, WHOLE=5, OF_A_KIND=2):
        state = RunState(folds=folds)
        for event in events:
            state.apply(event)
    return state


def counts(state: RunState) -> Counter[tuple[str, str]]:
    """Count the stages at the top by name and status."""
    found: Counter[tuple[str, str]] = Counter((stage.name, stage.status) for stage in state.stages)
    for folded in state.folded.values():
        found.update({(folded.name, status): count for status, count in folded.counts.items()})
    return found


@settings(deadline=None)
@given(ACTS)
def test_nothing_is_lost(acts: list[tuple[str, int]]) -> None:
    """Of a folded run the number of stages by name and status, the tokens and the cost are those of the whole run."""
    events = [*run_of(acts).log]
    whole, folded = fold(events, folds=False), fold(events)
    assert counts(folded) == counts(whole)
    assert folded.usage == whole.usage
    assert [stage.path for stage in folded.stages if not stage.ended] == [
        stage.path for stage in whole.stages if not stage.ended
    ]
    assert (folded.last_output is None) == (whole.last_output is None)
    if folded.last_output is not None:
        assert folded.find(folded.last_output.path) is folded.last_output
    for name, kind in folded.folded.items():
        stages = [stage for stage in whole.stages if stage.name == name and stage.ended]
        kept = {stage.path for stage in folded.stages}
        gone = [stage.duration or 0.0 for stage in stages if stage.path not in kept]
        assert abs(kind.seconds - sum(gone)) < 1e-6
        assert (kind.shortest, kind.longest) == (min(gone), max(gone))
        well = [stage for stage in stages if stage.status != "failed"]
        assert not well or max(well, key=lambda stage: stage.duration or 0.0).path in kept  # the slowest
        assert all(stage.path in kept for stage in stages if stage.status == "failed")


@settings(deadline=None)
@given(ACTS, st.integers(0, 200))
def test_a_snapshot_is_the_state(acts: list[tuple[str, int]], at: int) -> None:
    """Whoever begins with a snapshot ends with the same state as one that read every event."""
    events = [*run_of(acts).log]
    at = min(at, len(events) - 1)
    before = fold(events[: at + 1])
    snapshot = decode(encode(snapshot_of(before, events[at])))
    assert snapshot is not None
    late, whole = fold([snapshot, *events[at + 1 :]]), fold(events)
    behind = fold([*events[: at // 2], snapshot, *events[at + 1 :]])
    for other in (late, behind):
        assert snapshot_of(other, events[-1]) == snapshot_of(whole, events[-1])
        assert (other.last_seq, other.elapsed, other.usage) == (whole.last_seq, whole.elapsed, whole.usage)


def epochs() -> tuple[ManualClock, ProgressTracker, StageHandle]:
    """Begin a run with a stage for many below it; return its clock, its tracker and the stage."""
    clock = ManualClock()
    tracker = ProgressTracker("train", clock=clock, show=False)
    tracker.start()
    above = tracker.stage("epochs")
    above.start()
    return clock, tracker, above


def test_a_loop_of_loops() -> None:
    """Of 3,000 loops in a loop a few stay as stages; the panel counts all, and failed ones are rows of their own."""
    clock, tracker, above = epochs()
    for number in range(3_000):
        stage = above.stage("batches")
        stage.start()
        clock.advance(9 if number == 1_234 else 1)
        stage.add_usage(input_tokens=10, cost=0.001)
        stage.fail(f"error {number}") if number in (7, 2_000) else stage.finish()
    state = tracker.state
    assert len([*state.walk()]) < 1_000
    assert state.usage == pytest.approx({"input_tokens": 30_000, "cost": 3})
    kept = state.stages[0].children
    assert {stage.path for stage in kept if stage.status == "failed"} == {"epochs/batches#8", "epochs/batches#2001"}
    assert "epochs/batches" in {stage.path for stage in kept}  # the first
    assert "epochs/batches#1235" in {stage.path for stage in kept}  # the slowest
    tree = RunView().tree(state, tracker.elapsed)
    (row,) = tree["trace"]
    kind = next(row for row in row["children"] if row["count"] > 1)
    assert kind["outcome"] == "× 2,998 ✓ · 2 ✗"
    assert [row["status"] for row in row["children"]].count("failed") == 2
    assert (kind["start"], kind["end"]) == (0, 3_008)


ENDS: dict[str, Callable[[Any], object]] = {
    "finished": lambda stage: stage.finish(),
    "skipped": lambda stage: stage.skip(),
    "cancelled": lambda stage: stage.cancel(),
    "failed": lambda stage: stage.fail("no"),
}


@pytest.mark.parametrize(
    ("ends", "status", "outcome", "remark"),
    [
        (["skipped"], "skipped", "× 3,000 –", ""),
        (["cancelled"], "cancelled", "× 3,000 ■", ""),
        (["finished", "skipped", "cancelled"], "finished", "× 1,000 ✓ · 1,000 ■ · 1,000 –", ""),
        (["failed"], "failed", "", "… 2,971 more, 2,971 failed"),
    ],
    ids=["skipped", "cancelled", "one after the other", "failed"],
)
def test_all_ends_are_counted(ends: list[str], status: str, outcome: str, remark: str) -> None:
    """However the stages of a kind end, the panel counts each under its own sign, and none as finished that is not."""
    clock, tracker, above = epochs()
    for number in range(3_000):
        stage = above.stage("batches")
        stage.start()
        clock.advance(1)
        ENDS[ends[number % len(ends)]](stage)
    (row,) = RunView().tree(tracker.state, tracker.elapsed)["trace"]
    told = row["children"]
    assert told[0]["status"] == status
    assert told[0]["outcome"] == outcome
    assert "".join(each["remark"] for each in told) == remark


def test_items_of_a_loop() -> None:
    """Items of a loop with several parts each are counted as items, whether their parts are folded or not."""
    clock, tracker, above = epochs()
    for number in range(1_000):
        for name in ("load", "fit"):
            stage = above.stage(name)
            stage.update(item=number)
            clock.advance(1)
            stage.finish()
    (row,) = RunView().tree(tracker.state, tracker.elapsed)["trace"]
    assert [child["outcome"] for child in row["children"] if child["count"] > 1] == ["× 1,000 ✓"]


def test_small_runs_are_whole() -> None:
    """A run of up to 1,000 stages keeps each."""
    tracker = ProgressTracker("op", clock=ManualClock(), show=False)
    tracker.start()
    for _ in range(1_000):
        tracker.stage("page").start()
        tracker.state.stages[-1].name  # noqa: B018 - it is there
    assert len(tracker.state.stages) == 1_000
    assert not tracker.state.folded
