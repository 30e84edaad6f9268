"""Trees of stages: any depth, parallel children, and what a panel draws and sends of a thousand."""

import json
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from progressnb.display.entry import FINAL_ROWS
from progressnb.display.html import panel_html
from progressnb.display.looks import tree_of
from progressnb.display.text import panel_text
from progressnb.folds.group import panel_tree
from progressnb.folds.state import RunState, StageState
from progressnb.folds.tree import Row
from progressnb.folds.view import RunView
from progressnb.testing import ManualClock
from progressnb.tracking.handle import StageHandle
from progressnb.tracking.tracker import ProgressTracker
from progressnb.wire.codec import decode
from progressnb.wire.events import ProgressEvent
from tests.display.panels import panel_of

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
    """Return how many bytes the first paint of a page sends; later ones are patches."""
    return len(json.dumps(tree_of(tracker), ensure_ascii=False).encode())


def count(rows: list[Row]) -> tuple[int, int]:
    """Return how many rows there are, and how many stages their remarks count."""
    shown = hidden = 0
    for row in rows:
        if row["remark"]:
            hidden += int(row["remark"].split()[1].replace(",", ""))
        else:
            inside = count(row["children"])
            shown, hidden = shown + row["count"] + inside[0], hidden + inside[1]
    return shown, hidden


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
    assert sum(count(tree_of(tracker)["trace"])) == NODES
    html = panel_html(panel_of(tracker))
    assert "it broke" in html
    assert html.count('<li class="row running"') == 20


def test_what_remains_is_bounded() -> None:
    """What stays in the notebook, as HTML and as text, draws two hundred stages and counts the rest."""
    tracker, _ = begun()
    tracker.done()
    panel = panel_tree([tree_of(tracker, rows=FINAL_ROWS)], key="panel")
    assert sum(count(panel["runs"][0]["trace"])) == NODES
    assert len(panel_text(panel).splitlines()) <= FINAL_ROWS + 12
    assert len(panel_html(panel)) < 100_000


def test_a_small_tree_is_drawn_whole() -> None:
    """Nothing is folded away as long as it all fits."""
    tracker, handles = begun(parents=2, nodes=20)
    shown, hidden = count(tree_of(tracker)["trace"])
    assert (shown, hidden) == (len(handles), 0)


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
    tree = RunView().tree(state, 1.0)
    assert sum(count(tree["trace"])) == 5_001
    assert panel_html(panel_tree([tree], key="panel"))


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
        for _ in range(1_100):
            stages.append(stages[-1].stage("s", weight=1))
        for stage in stages:
            stage.start()
        stages[-1].update(50)
        clock.advance(1)
        assert tracker.state.stages[0].percent == pytest.approx(50)
        for stage in reversed(stages):
            stage.finish()
    assert tracker.state.status == "finished"


def test_a_refused_act_is_told_while_there_is_a_connection() -> None:
    """An attached run whose server refuses an act says why in its panel; one without trouble says nothing."""
    tracker = ProgressTracker("op", clock=ManualClock())
    tracker.start()
    for connection, trouble, shown in (
        ("connected", "expected an agent at work, got none", "expected an agent at work, got none"),
        ("connected", "", ""),
        ("reconnecting", "", "reconnecting…"),
    ):
        run: Any = SimpleNamespace(
            operation="op", state=tracker.state, elapsed=1.0, connection=connection, trouble=trouble
        )
        assert tree_of(run)["header"]["trouble"] == shown
