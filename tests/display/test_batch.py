"""A batch in a panel: the same traffic for any number of items, an item that opens by its index, and other screens."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import pytest
from rich.console import Console

from progressnb.display.console import ConsoleView
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
from tests.display.screens import Terminal
from tests.folds.batches import ScriptedBatch, in_full_swing

if TYPE_CHECKING:
    from collections.abc import Callable

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


@pytest.mark.parametrize("total", [100, 1_000, pytest.param(10_000, marks=pytest.mark.integration)])
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


def test_a_window_of_a_terminal_follows_it() -> None:
    """A batch at work is drawn in place, never higher than the window, and its end stays in the scrollback."""
    screen = Terminal(80, 20)
    batch = ScriptedBatch(60)
    batch.clock.advance(0.1)
    ConsoleView(batch.run, console=screen.console).start()
    batch.go_on(30)
    live = screen.text(frames=1)
    assert " of 60 · " in live
    assert len(live.splitlines()) < 20
    batch.go_on(30)
    batch.run.done({"total": 60})
    assert "60 items · 58 finished · 2 failed" in screen.text(frames=1)


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


def lines_of(batch: ScriptedBatch, end: Callable[[], object]) -> list[str]:
    """Return the plain lines that a batch writes into a pipe until its end."""
    file = io.StringIO()
    view = ConsoleView(batch.run, console=Console(file=file, width=200, force_terminal=False))
    view.start()
    batch.go_on(batch.total)
    end()
    return file.getvalue().splitlines()


def test_a_pipe_hears_of_totals_and_of_each_reason_once() -> None:
    """Plain lines say now and then how far a batch is, the first failure of each reason, and how it ended."""
    batch = ScriptedBatch(400)
    lines = lines_of(batch, lambda: batch.run.done({"total": 400}))
    failed = [line for line in lines if " failed, " in line and "mail" in line]
    assert len(failed) == 2
    assert failed[0].endswith("item 7 mail 7 failed, RateLimitError 429 in evaluation: slow down, please")
    assert any(" of 400 · " in line for line in lines)
    assert lines[-1].startswith("batch_classify 100 %")
    assert ": 400 items · 390 finished · 10 failed" in lines[-1]
    assert len(lines) < 40


def test_a_pipe_hears_why_a_batch_was_stopped() -> None:
    """A batch that its budget stopped says so, and what never began."""
    batch = ScriptedBatch(60, plan={"budget": {"cost": 5.0}})
    batch.total = 20

    def stop() -> None:
        batch.log.ended_early("budget", {"cost": 5.0})
        batch.run.cancelled("the budget")

    assert lines_of(batch, stop)[-1].endswith(
        ": ended early: its budget of $5.00 is spent · 60 items · 19 finished · 1 failed · 40 not begun"
    )


def test_a_batch_among_other_runs_is_a_row() -> None:
    """Among four runs and more a batch is one row, which tells its totals."""
    trees = [RunView(f"r{number}").tree(in_full_swing().run.state, 29.0) for number in range(4)]
    panel = panel_tree(trees, key="panel")
    assert [row["message"][:10] for row in panel["rows"]] == ["142 of 200"] * 4


def test_screen_readers_hear_of_new_reasons_and_the_end() -> None:
    """The announcement changes with a reason of failures that is new, and at the end; not with each item."""
    batch, view = ScriptedBatch(100), RunView("run")
    heard: list[str] = []
    while batch.step():
        text = view.tree(batch.run.state, batch.clock.monotonic())["announce"]
        heard += [] if heard and heard[-1] == text else [text]
    batch.run.done({"total": 100})
    heard.append(view.tree(batch.run.state, batch.clock.monotonic())["announce"])
    assert heard == [
        "batch classify begins",
        "batch classify: items fail, RateLimitError 429 in evaluation",
        "batch classify: items fail, ValueError in truth",
        "batch classify finished: 100 items · 97 finished · 3 failed",
    ]
