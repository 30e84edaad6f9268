"""Trees of stages: any depth, parallel children, and what a panel draws and sends of a thousand."""

import itertools
import re
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from progressnb.display.parts import (
    FINAL_ROWS,
    LIVE_ROWS,
    announcement_html,
    final_html,
    final_text,
    heading_html,
    stages_html,
)
from progressnb.display.widget import ENVELOPE
from progressnb.folds.rows import fold
from progressnb.folds.state import RunState, StageState
from progressnb.testing import ManualClock
from progressnb.tracking.handle import StageHandle
from progressnb.tracking.tracker import ProgressTracker
from progressnb.wire.codec import decode
from progressnb.wire.events import ProgressEvent, StageStatus

NODES = 1_000
PAINT = 20_000
"""Bytes of a paint: with what a second may carry, the panel of any tree is drawn once a second or oftener."""


def begun(*, parents: int = 10, nodes: int = NODES) -> tuple[ProgressTracker, list[StageHandle]]:
    """Begin a run with a tree of so many stages that all run side by side, in two levels."""
    tracker = ProgressTracker("tree", clock=ManualClock())
    tracker.start()
    tops = [tracker.stage(f"group {number}") for number in range(parents)]
    handles = list(tops)
    for top in tops:
        top.expect(nodes // parents - 1)
        top.start()
        handles += [top.stage(f"task {number}") for number in range(nodes // parents - 1)]
    for handle in handles[parents:]:
        handle.start("at work")
    return tracker, handles


def paint(tracker: ProgressTracker) -> int:
    """Return how many bytes a live paint sends."""
    state = tracker.state
    texts = heading_html(tracker), stages_html(state, 1.0), announcement_html(state)
    return sum(len(text.encode()) + ENVELOPE for text in texts)


def test_a_paint_of_a_thousand_stages_is_small() -> None:
    """Whether all run, some failed or nearly all finished: a paint stays below what a second may carry."""
    tracker, handles = begun()
    assert len(list(tracker.state.stages[0].walk())) == NODES // 10
    assert paint(tracker) < PAINT
    handles[500].fail("it broke " * 100)
    for handle in handles[20:]:
        if not handle.ended:
            handle.update(40, "message " * 100)
            handle.finish()
    assert paint(tracker) < PAINT
    html = stages_html(tracker.state, 1.0)
    assert html.count('role="listitem"') <= 2 * LIVE_ROWS
    assert "it broke" in html
    assert html.count('class="running"') == 20
    hidden = sum(int(number.replace(",", "")) for number in re.findall(r"… ([\d,]+) more", html))
    assert hidden + LIVE_ROWS == NODES


def test_what_remains_is_bounded() -> None:
    """What stays in the notebook, as HTML and as text, draws two hundred stages and counts the rest."""
    tracker, _ = begun()
    tracker.done()
    text = final_text(tracker)
    assert FINAL_ROWS <= len(text.splitlines()) <= FINAL_ROWS + 12
    hidden = [int(number) for number in re.findall(r"… (\d+) more, \1 finished", text)]
    assert sum(hidden) == NODES - FINAL_ROWS
    assert len(final_html(tracker)) < 200_000


def test_a_small_tree_is_drawn_whole() -> None:
    """Nothing is folded away as long as it all fits."""
    tracker, handles = begun(parents=2, nodes=LIVE_ROWS)
    html = stages_html(tracker.state, 1.0)
    assert "more" not in html
    assert html.count('role="listitem"') == len(handles) == LIVE_ROWS


def trees() -> st.SearchStrategy[list[StageState]]:
    """Return forests of stages in any status."""
    statuses: list[StageStatus] = ["pending", "running", "finished", "failed", "cancelled", "skipped", "retrying"]
    leaf = st.builds(
        StageState, name=st.just("n"), title=st.just("N"), path=st.just("n"), status=st.sampled_from(statuses)
    )

    def above(children: st.SearchStrategy[StageState]) -> st.SearchStrategy[StageState]:
        return st.builds(
            StageState,
            name=st.just("n"),
            title=st.just("N"),
            path=st.just("n"),
            status=st.sampled_from(statuses),
            started_elapsed=st.none() | st.floats(0, 100),
            children=st.lists(children, max_size=5),
        )

    return st.lists(st.recursive(leaf, above, max_leaves=20), max_size=6)


@given(trees(), st.integers(1, 30))
def test_folding_loses_no_stage(stages: list[StageState], limit: int) -> None:
    """Every stage is drawn or counted, in the tree's order, each below its own parent, never more than the limit."""
    whole = [(depth, id(stage)) for top in stages for depth, stage in top.walk()]
    rows = list(fold(stages, limit))
    drawn = [(depth, id(row)) for depth, row in rows if not isinstance(row, str)]
    places = iter(whole)
    assert all(row in places for row in drawn)
    assert len(drawn) == min(limit, len(whole))
    counted = [int(row.split()[1]) for _, row in rows if isinstance(row, str)]
    assert sum(counted) + len(drawn) == len(whole)
    assert all(depth <= before + 1 for (before, _), (depth, _) in itertools.pairwise(rows))
    if len(whole) > limit:
        active = [stage for top in stages for _, stage in top.walk() if stage.status in ("running", "retrying")]
        quiet = [row for _, row in rows if not isinstance(row, str) and row.status == "finished" and not row.children]
        seen = {identity for _, identity in drawn}
        top_level = {id(stage) for stage in stages}
        if any(id(stage) in top_level and id(stage) not in seen for stage in active):
            assert not quiet, "what has finished is drawn only when what runs is"


@pytest.mark.parametrize("depth", [1, 5, 60])
def test_any_depth(depth: int) -> None:
    """Stages nest as deep as they like: paths, percents up to the run, and the tree read back from the log."""
    tracker = ProgressTracker("deep", {"s": 1}, clock=ManualClock())
    tracker.start()
    stage = tracker.stage("s")
    chain = [stage]
    for _ in range(depth):
        chain[-1].expect(1)
        chain.append(chain[-1].stage("s"))
    chain[-1].update(50)
    assert chain[-1].path == "/".join(["s"] * (depth + 1))
    assert [each.percent for each in chain] == [50.0] * (depth + 1)
    read = RunState.of(event for line in tracker.log.encoded() if (event := decode(line)) is not None)
    assert [at for at, _ in read.stages[0].walk()] == list(range(depth + 1))
    for each in reversed(chain):
        each.finish()
    tracker.done()
    assert {each.status for _, each in tracker.state.walk()} == {"finished"}


def test_a_log_of_any_depth_is_folded_and_drawn() -> None:
    """A log whose stages are thousands deep is walked without recursion."""
    stage = top = StageState(name="s", title="S", path="s", status="running")
    for _ in range(5_000):
        child = StageState(name="s", title="S", path="s", status="running")
        stage.children.append(child)
        stage = child
    state = RunState(stages=[top])
    assert sum(1 for _ in state.walk()) == 5_001
    assert state.current is stage
    assert stages_html(state, 1.0).count('role="listitem"') <= 2 * LIVE_ROWS


def overall(tracker: ProgressTracker) -> Iterator[float]:
    """Return the overall percents in the order in which they were written."""
    return (event.overall_progress or 0.0 for event in tracker.log if isinstance(event, ProgressEvent))


def test_parallel_children_fill_evenly() -> None:
    """Children that were expected fill even shares in whatever order they end, and overall never falls."""
    tracker, handles = begun(parents=1, nodes=101)
    top, *children = handles
    for number, child in enumerate(reversed(children), start=1):
        child.finish()
        assert top.percent == pytest.approx(number)
    told = list(overall(tracker))
    assert told == sorted(told)


async def test_a_tree_of_any_depth() -> None:
    """Stages in stages in stages report to the top, however deep, without exhausting Python's stack."""
    clock = ManualClock()
    async with ProgressTracker("op", clock=clock, show=False) as tracker:
        stages = [tracker.stage("s")]
        for _ in range(1_500):
            stages.append(stages[-1].stage("s", weight=1))
        for stage in stages:
            stage.start()
        stages[-1].update(50)
        clock.advance(1)
        assert tracker.state.stages[0].percent == pytest.approx(50)
        for stage in reversed(stages):
            stage.finish()
    assert tracker.state.status == "finished"
