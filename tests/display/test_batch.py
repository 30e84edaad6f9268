"""A batch in a panel: the same traffic for any number of items, an item that opens by its index, and other screens."""

from __future__ import annotations

import json
from typing import Any

import pytest
from rich.console import Console

from progressnb.display.frame import Frame
from progressnb.display.front import front
from progressnb.display.html import panel_html
from progressnb.display.painter import ENVELOPE
from progressnb.display.panel import show_panel
from progressnb.display.terminal import Pen
from progressnb.display.text import panel_text
from progressnb.folds.group import panel_tree
from progressnb.folds.view import RunView
from progressnb.tracking.tracker import ProgressTracker
from tests.display.frontend import FrontEnd, install
from tests.folds.batches import ScriptedBatch, in_full_swing

HOSTILE = '<b onclick="x()">\x1b[31mred</b> \u202e$x$'


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> FrontEnd:
    """Return a page without any history, on which somebody hears what is clicked."""
    front.heard = True
    return install(monkeypatch)


class Batch:
    """A scripted batch whose items can be opened, as a driver's run lets a panel do."""

    def __init__(self, script: ScriptedBatch) -> None:
        self.script = script
        self.items: dict[int, ProgressTracker] = {}
        self.cancelled: list[str | None] = []

    def __getattr__(self, name: str) -> Any:
        """Be the run in all else."""
        return getattr(self.script.run, name)

    def cancel(self, reason: str | None = None) -> None:
        """Take note of a stop."""
        self.cancelled.append(reason)

    def open_item(self, index: int) -> ProgressTracker:
        """Return the run of an item."""
        if index not in self.items:
            raise LookupError(f"item {index:,} has not begun")
        return self.items[index]

    def begin(self, index: int) -> ProgressTracker:
        """Begin the run of an item."""
        run = self.items[index] = ProgressTracker("classify", ["ask"], clock=self.script.clock, show=False)
        run.start()
        run.update("ask", 40, "asking")
        return run


def shown(page: FrontEnd, script: ScriptedBatch) -> Batch:
    """Show a batch in the current cell, and let it last until its panel is live."""
    batch = Batch(script)
    show_panel(batch)
    script.go_on(10)
    assert page.tree["runs"][0]["batch"]
    return batch


def lists_of(page: FrontEnd) -> dict[str, list[Any]]:
    """Return the rows of a batch's lists by title."""
    return {each["title"]: each["rows"] for each in page.tree["runs"][0]["batch"]["lists"]}


def traffic(page: FrontEnd, total: int) -> tuple[float, float]:
    """Run a batch to its end; return the messages and the bytes a second that the panel has sent."""
    batch = ScriptedBatch(total, limit=total // 25, seconds=4.0)
    show_panel(Batch(batch))
    batch.go_on(total)
    seconds = batch.clock.monotonic()
    batch.run.done({"total": total})
    sizes = [len(json.dumps(content)) + ENVELOPE for _, content in page.sent]
    return len(sizes) / seconds, sum(sizes) / seconds


@pytest.mark.parametrize("total", [100, 1_000, 10_000])
def test_the_traffic_is_the_same_for_any_number_of_items(
    page: FrontEnd, total: int, record_property: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """A batch sends at most 13 messages and 7 KB a second, of 100 items and of 10,000."""
    messages, size = traffic(page, total)
    record_property("traffic", f"{total} items: {messages:.1f} messages/s, {size:,.0f} bytes/s")
    print(f"{total} items: {messages:.1f} messages/s, {size:,.0f} bytes/s")  # noqa: T201 - a figure worth seeing
    assert messages <= 13
    assert size <= 7_000
    assert not caplog.records


def test_an_item_opens_by_its_index(page: FrontEnd) -> None:
    """The field for an index opens the run of that item in the panel, which goes on with it; closed it is gone."""
    batch = shown(page, ScriptedBatch(200))
    item = batch.begin(150)
    (stub,) = page.stubs
    page.say(stub, {"kind": "open", "run": "r1/150"})
    batch.script.go_on(5)
    (row,) = lists_of(page)["Opened"]
    assert (row["title"], row["open"], row["run"]["header"]["percent"]) == ("item 150", True, 40.0)
    item.update("ask", 90)
    batch.script.go_on(5)
    assert lists_of(page)["Opened"][0]["run"]["header"]["percent"] == 90.0
    page.say(stub, {"kind": "close", "run": "r1/150"})
    batch.script.go_on(5)
    assert "Opened" not in lists_of(page)


def test_a_row_opens_where_it_stands(page: FrontEnd) -> None:
    """An item that has a row already, as one that failed, opens in that row and is drawn once."""
    batch = shown(page, ScriptedBatch(200))
    batch.script.go_on(20)
    batch.begin(7).fail(ValueError("no label"))
    (stub,) = page.stubs
    page.say(stub, {"kind": "open", "run": "r1/7"})
    batch.script.go_on(5)
    (row,) = lists_of(page)["Failures"]
    assert (row["open"], row["run"]["status"]) == (True, "failed")
    assert "Opened" not in lists_of(page)


def test_an_item_that_is_not_there_says_why(page: FrontEnd) -> None:
    """The batch's own sentence is shown where an item can't be opened."""
    shown(page, ScriptedBatch(200))
    (stub,) = page.stubs
    page.say(stub, {"kind": "open", "run": "r1/199"})
    refused = [content["text"] for _, content in page.sent if content.get("kind") == "refused"]
    assert refused == ["item 199 has not begun"]


def test_three_items_are_open_at_most(page: FrontEnd) -> None:
    """One more closes the one that was opened first, so that a panel stays small."""
    batch = shown(page, ScriptedBatch(200))
    (stub,) = page.stubs
    for index in (100, 101, 102, 103):
        batch.begin(index)
        page.say(stub, {"kind": "open", "run": f"r1/{index}"})
    batch.script.go_on(5)
    assert [row["key"] for row in lists_of(page)["Opened"]] == ["r1/101", "r1/102", "r1/103"]


def test_stop_stops_the_batch(page: FrontEnd) -> None:
    """The button of the head cancels the batch's run; that of an opened item its own."""
    batch = shown(page, ScriptedBatch(200))
    (stub,) = page.stubs
    page.say(stub, {"kind": "stop", "run": "r1"})
    assert batch.cancelled == ["the Stop button"]


def test_an_opened_item_is_stopped_alone(page: FrontEnd) -> None:
    """What a page asks of an opened item goes to the item's run."""
    batch = shown(page, ScriptedBatch(200))
    item = batch.begin(150)
    stopped: list[str | None] = []
    item.cancel = stopped.append  # type: ignore[method-assign,assignment]
    (stub,) = page.stubs
    page.say(stub, {"kind": "open", "run": "r1/150"})
    page.say(stub, {"kind": "stop", "run": "r1/150"})
    assert stopped == ["the Stop button"]
    assert batch.cancelled == []


# --- other screens ----------------------------------------------------------------------------------


def frame_of(batch: ScriptedBatch, width: int) -> list[str]:
    """Draw a batch in a terminal."""
    tree = RunView("run").tree(batch.run.state, batch.clock.monotonic())
    frame = Frame(tree, Pen(Console(width=width, legacy_windows=False), width))
    lines = frame.final(compact=False) if batch.run.state.ended else frame.live(24, compact=False)
    return [line.plain for line in lines]


@pytest.mark.parametrize("width", [40, 80, 120])
def test_a_terminal_draws_it_in_its_window(width: int) -> None:
    """No line is wider than the terminal, and the totals, the gate and the failures are there."""
    lines = frame_of(in_full_swing(), width)
    assert len(lines) <= 24
    assert max(map(len, lines)) <= width
    text = "\n".join(lines)
    assert "142 of 200 · 4 failed" in text
    assert "8 of 20: openai asked" in text
    assert "RateLimitError" in text


def test_a_terminal_keeps_the_end() -> None:
    """What stays in the scrollback says how many items ended how, and which took longest."""
    batch = ScriptedBatch(60)
    batch.go_on(60)
    batch.run.done({"total": 60})
    lines = frame_of(batch, 100)
    assert lines[0].startswith("◐ batch classify finished in ")
    assert "60 items · 58 finished · 2 failed" in lines[1]
    assert any("Took longest" in line for line in lines)


def test_hostile_texts_are_data() -> None:
    """Titles of items, errors and names of workers never become markup or control sequences."""
    batch = ScriptedBatch(40, words=HOSTILE)
    batch.go_on(20)
    batch.end(99, 0.0, status="failed", error=HOSTILE, error_type=HOSTILE, error_stage=HOSTILE)
    batch.tell()
    panel = panel_tree([RunView("run").tree(batch.run.state, batch.clock.monotonic())], key="panel")
    html, text = panel_html(panel), panel_text(panel)
    assert "<b onclick" not in html
    assert not {"\x1b", "\u202e"} & {*html, *text, *"".join(frame_of(batch, 100))}
