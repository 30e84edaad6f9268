"""Large runs as views see them: some stages and counts of the others, at a cost that does not grow with the run."""

from __future__ import annotations

import sys
from collections import Counter
from functools import partial
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from progressnb.folds import excerpt as excerpts
from progressnb.folds.excerpt import excerpt
from progressnb.folds.state import RunState
from progressnb.folds.survey import Survey
from progressnb.folds.view import RunView
from progressnb.testing import ManualClock
from progressnb.tracking.tracker import ProgressTracker
from tests.folds.test_folded import ACTS, run_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from progressnb.folds.tree import Row


def counts_of(survey: Survey) -> Any:
    """Return all that a survey counts, without what is none."""
    kinds = {key: (+kind.sums.counts, +kind.below) for key, kind in survey.kinds.items()}
    return (
        {path: +counts for path, counts in survey.within.items() if +counts},
        {*survey.at_work},
        {*survey.failed},
        {key: kind for key, kind in kinds.items() if kind[0]},
        survey.calls,
        {*survey.numbers},
    )


@given(ACTS, st.integers(0, 30))
def test_counts_follow_each_change(acts: list[tuple[str, int]], begin: int) -> None:
    """Counts that were kept up to date from any moment on are those of all stages at the end."""
    state = RunState()
    for number, event in enumerate(run_of(acts).log):
        if number >= begin:
            state.survey(0)
        state.apply(event)
    if (kept := state.survey(0)) is not None:
        assert counts_of(kept) == counts_of(Survey.of([stage for _, stage in state.walk()]))


@given(ACTS, st.integers(1, 8))
def test_no_stage_is_lost(acts: list[tuple[str, int]], rows: int) -> None:
    """Each stage of a large run is in its excerpt, in a row for many, or counted as one more, and none twice."""
    state = RunState.of(run_of(acts).log)
    with patch.object(excerpts, "FEW", 0):
        seen = excerpt(state, rows)
    total = Counter(str(stage.status) for _, stage in state.walk())
    shown = [stage for _, stage in seen.state.walk()]
    counted = Counter(str(stage.status) for stage in shown)
    for counts in seen.hidden.values():
        counted += counts
    folded = [seen.state.folded, *(stage.folded for stage in shown)]
    for kind in (kind for kinds in folded for kind in kinds.values()):
        counted += kind.counts
    below_kinds = total.total() - counted.total()  # stages below those in a row for many are told of by it
    assert 0 <= below_kinds <= total.total()
    assert all(count <= total[status] for status, count in counted.items())
    assert seen.state.usage == state.usage
    assert [stage.path for stage in shown if stage.at_work][: len(shown)] == [
        stage.path for _, stage in state.walk() if stage.at_work and seen.state.find(stage.path) is not None
    ]


def written(count: int, name: Callable[[int], str], *, ends: bool) -> ProgressTracker:
    """Write a run of so many stages and one at work."""
    clock = ManualClock()
    tracker = ProgressTracker("op", clock=clock, show=False)
    tracker.start()
    for number in range(count):
        stage = tracker.stage(name(number))
        stage.start()
        clock.advance(0.01)
        if ends:
            stage.finish()
    tracker.stage("last").start()
    return tracker


def calls_of(look: Callable[[], Any]) -> int:
    """Count the calls, of C too, that something takes."""
    count = 0

    def note(_frame: object, event: str, _argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(note)
    try:
        look()
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize("ends", [True, False])
@pytest.mark.parametrize("name", ["stage {}", "same"])
def test_a_view_costs_the_same_at_any_size(name: str, *, ends: bool) -> None:
    """The view of a run of 2,000 stages takes no more calls than that of one of 200, whatever they are and do."""
    counts: list[int] = []
    for many in (200, 2_000):
        tracker, view = written(many, name.format, ends=ends), RunView()
        view.tree(tracker.state, tracker.elapsed)
        tracker.state.stages[-1].message = "goes on"
        counts.append(calls_of(partial(view.tree, tracker.state, tracker.elapsed)))
    assert counts[1] <= 1.1 * counts[0] + 50


def rows_of(rows: list[Row]) -> list[str]:
    """Return the titles and remarks of rows."""
    return [row["remark"] or f"{row['title']} {row['outcome']}".strip() for row in rows]


def test_rows_of_a_large_run() -> None:
    """Failed stages are shown, those at work and the latest; the others are counted, and so are all in the summary."""
    clock = ManualClock()
    tracker = ProgressTracker("op", clock=clock, show=False)
    tracker.start()
    for number in range(500):
        stage = tracker.stage(f"step {number}")
        stage.start()
        clock.advance(0.1 if number != 77 else 5)
        stage.fail("no such page") if number == 10 else stage.finish()
    tracker.stage("last").start()
    tree = RunView().tree(tracker.state, tracker.elapsed, rows=5)
    assert rows_of(tree["trace"]) == ["Step 10", "Step 497", "Step 498", "Step 499", "Last", "… 496 more, 496 finished"]
    assert tree["summary"]["text"] == "501 stages · 1 failed"
    assert (tree["summary"]["title"], tree["summary"]["time"]) == ("Step 77", "5.0 s")
    assert len(tree["segments"]) == 1


def test_many_of_a_kind_in_a_large_run() -> None:
    """Finished stages of a name are one row with their number, whether the view looks at each or not."""
    tracker = written(500, lambda number: "read" if number % 2 else f"other {number}", ends=True)
    tree = RunView().tree(tracker.state, tracker.elapsed, rows=5)
    assert "Read × 250 ✓" in " ".join(rows_of(tree["trace"])).title()


def test_stages_stay_in_their_order() -> None:
    """Rows stand in the order in which their stages came, also when a large run has let many go meanwhile."""
    clock = ManualClock()
    tracker = ProgressTracker("op", clock=clock, show=False)
    tracker.start()
    view = RunView()
    for number in range(1_200):
        with tracker.stage(f"other {number}" if number % 3 else "read"):
            clock.advance(0.01)
        if number % 100 == 0:
            view.tree(tracker.state, tracker.elapsed)
    rows = [
        row["title"] for row in view.tree(tracker.state, tracker.elapsed)["trace"] if row["title"].startswith("Other")
    ]
    assert rows == sorted(rows, key=lambda title: int(title.split()[-1]))
    assert rows[-1] == "Other 1199"
