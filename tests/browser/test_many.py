"""Many runs in a cell: one panel, one widget, and none of them is lost, beside a busy process too."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.browser.lab import Notebook

SHORT = """
import asyncio, time
import progressnb as pnb

@pnb.operation(stages=["count"])
async def short(tracker, number, seconds=0.01):
    async with tracker.stage("count") as stage:
        await stage.update(50)
        await asyncio.sleep(seconds)
    if number % 70 == 69:
        raise ValueError(f"no {number}")
    return number
"""


@pytest.fixture
def busy() -> Iterator[None]:
    """Keep a processor busy."""
    process = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    yield
    process.kill()
    process.wait()


@pytest.mark.usefixtures("busy")
def test_two_hundred_runs_are_all_shown_beside_a_busy_process(
    open_notebook: Callable[..., Notebook], screenshot: Callable[..., Path]
) -> None:
    """200 runs of 10 ms, five times in a row: one widget each time, and the totals of all in the end."""
    loop = "for number in range(200):\n    try:\n        await short(number)\n    except ValueError:\n        pass"
    notebook = open_notebook(SHORT, *([loop] * 5))
    notebook.run(0)
    for index in range(1, 6):
        before = len(notebook.messages)
        notebook.run(index)
        panel = notebook.panel(index)
        expect(panel).to_contain_text("200 runs")
        expect(panel).to_contain_text("2 failed")
        expect(panel).to_contain_text("no 69")
        expect(panel).to_contain_text("no 139")
        expect(panel).to_contain_text("198 finished")
        expect(notebook.live(index)).to_have_count(0)
        opened = [message for message in notebook.messages[before:] if message.type == "comm_open"]
        assert len(opened) <= 1
        assert notebook.height(index) < 1_000
    notebook.picture(5, screenshot())


def test_rows_of_many_runs_open(open_notebook: Callable[..., Notebook], screenshot: Callable[..., Path]) -> None:
    """From four runs on there is a row each and a line of totals; a row opens to its run while they go on."""
    notebook = open_notebook(SHORT, "gathered = asyncio.gather(*(short(number, 600) for number in range(5)))", "1")
    notebook.run(0, 1)
    panel = notebook.panel(1)
    expect(panel).to_contain_text("0 of 5 · 5 running")
    rows = panel.locator(".members > .row")
    expect(rows).to_have_count(5)
    rows.nth(2).locator("summary").first.click()
    expect(rows.nth(2).locator(".run .trace")).to_be_visible()
    notebook.picture(1, screenshot())
    panel.get_by_role("button", name="Stop").first.click()
    expect(panel).to_contain_text("5 cancelled")


def test_the_row_that_counts_opens_at_the_end(open_notebook: Callable[..., Notebook]) -> None:
    """When all runs have ended failures are a line each, and the row that counts the others still opens to them."""
    loop = "for number in range(50, 75):\n    try:\n        await short(number)\n    except ValueError:\n        pass"
    notebook = open_notebook(SHORT, loop)
    notebook.run(0, 1)
    rows = notebook.panel(1).locator(".group > .members > .row")
    expect(rows).to_have_count(2)
    expect(rows.first.locator(".message")).to_have_text("ValueError: no 69")
    expect(rows.first.locator(".track:visible")).to_have_count(0)
    expect(notebook.live(1)).to_have_count(0)
    rows.last.hover()  # static HTML comes alive under a hand
    rows.last.locator("> details > summary").click()
    one = notebook.panel(1).locator(".members .row", has_text="number=51").last
    expect(one).to_be_visible()
    one.locator("summary").first.click()
    expect(one.locator(".run .trace")).to_be_visible()


def test_a_short_run_never_flashes(open_notebook: Callable[..., Notebook]) -> None:
    """A run of 10 ms is drawn once, as HTML, without a widget of its own."""
    notebook = open_notebook(SHORT, "await short(1)")
    notebook.run(0)
    before = len(notebook.messages)
    notebook.run(1)
    notebook.ended(1)
    kinds = [message.type for message in notebook.messages[before:]]
    assert "comm_open" not in kinds
    assert kinds.count("update_display_data") == 1


def test_what_is_printed_stands_below(open_notebook: Callable[..., Notebook]) -> None:
    """The panel takes its place at once: what the cell prints before and after the end stands below it."""
    notebook = open_notebook(SHORT, "run = short(1, 0.5)\nprint('begun')\nawait run\nprint('ended')")
    notebook.run(0, 1)
    notebook.ended(1)
    children = notebook.output(1).locator(".jp-OutputArea-output")
    expect(children).to_have_count(2)
    expect(children.first.locator(".pnb")).to_have_count(1)
    expect(children.last).to_have_text("begun\nended")


def test_the_result_is_not_repeated(open_notebook: Callable[..., Notebook]) -> None:
    """The result of the cell's last line is not printed below the panel that shows it; `_` and `Out` keep it."""
    cells = [
        "@pnb.operation\nasync def pair(tracker):\n    return {'depth': 3, 'name': 'Ems'}",
        "await pair()",
        "_ == Out[3], _",
        "await pair(show=False)",
    ]
    notebook = open_notebook(SHORT, *cells)
    notebook.run(0, 1, 2, 3, 4)
    expect(notebook.answer(2)).to_contain_text("Ems")
    expect(notebook.output(2).locator(".jp-OutputArea-output")).to_have_count(1)
    expect(notebook.output(3)).to_contain_text("(True, {'depth': 3, 'name': 'Ems'})")
    expect(notebook.output(4)).to_contain_text("{'depth': 3, 'name': 'Ems'}")


LONG = """
@pnb.operation(stages=["read"])
async def long(tracker, seconds):
    async with tracker.stage("read") as stage:
        begin = time.monotonic()
        while (spent := time.monotonic() - begin) < seconds:
            stage.update(100 * spent / seconds, f"at {spent:.1f} s")
            await asyncio.sleep(0.03)

tasks = []
"""


def test_panels_of_many_cells_share_the_messages(open_notebook: Callable[..., Notebook]) -> None:
    """Ten cells whose runs go on: at most 15 messages a second in all, each panel moves, and each has its end."""
    begin = "run = long(12); tasks.append(run)"
    notebook = open_notebook(SHORT + LONG, *([begin] * 10), "await asyncio.sleep(3)")
    for index in range(11):
        notebook.run(index)
    for index in range(1, 11):
        notebook.live(index).wait_for()
    before = len(notebook.messages)
    notebook.run(11)
    sent = [message for message in notebook.messages[before:] if message.type == "comm_msg"]
    assert len(sent) <= 3 * 15
    for index in range(1, 11):
        expect(notebook.panel(index)).to_contain_text(re.compile(r"at [1-9]\d*\.\d s"))
    for index in range(1, 11):
        expect(notebook.panel(index)).to_contain_text("✓", timeout=30_000)
        expect(notebook.live(index)).to_have_count(0)
