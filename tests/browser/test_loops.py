"""Tracked loops that are left in a cell: their panels end with the cell, and later loops are shown where they run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.browser.lab import Notebook

BEGIN = """
import asyncio, time
import progressnb as pnb
bar = pnb.track(range(100), "first loop")
for item in bar:
    time.sleep(0.05)
    if item == 9:
        break
time.sleep(0.5)
"""

NEXT = """
for item in pnb.track(range(5), "second loop"):
    time.sleep(0.1)
print(pnb.runs())
"""

AGAIN = """
for item in bar:
    time.sleep(0.02)
    if item == 29:
        break
print("took up at", item)
"""

FAILS = """
def work():
    rows = pnb.track(range(20), "failing loop")
    for row in rows:
        time.sleep(0.1)
        if row == 5:
            raise ValueError("row 5 is bad")
work()
"""

WAITS = """
kept = iter(pnb.track(range(100), "loop in a task"))
async def task():
    for item in kept:
        await asyncio.sleep(0.1)
at_work = asyncio.create_task(task())
"""


def test_a_loop_that_is_left_ends_with_its_cell(
    open_notebook: Callable[..., Notebook], screenshot: Callable[..., Path]
) -> None:
    """A break or an error ends the panel of its cell and no other; the iterator counts on in a later cell."""
    notebook = open_notebook(BEGIN, NEXT, AGAIN, FAILS, "print(pnb.runs(), pnb.current_stage())")
    notebook.run(0)
    notebook.ended(0)
    expect(notebook.panel(0)).to_contain_text("stopped at 10 of 100")
    expect(notebook.output(0).get_by_role("button", name="Stop")).to_have_count(0)

    notebook.run(1)
    notebook.ended(1)
    expect(notebook.panel(1)).to_contain_text("5/5")
    expect(notebook.panel(1)).not_to_contain_text("First loop")
    expect(notebook.output(1)).to_contain_text("[]")
    expect(notebook.panel(0)).not_to_contain_text("Second loop")

    notebook.run(2)
    notebook.ended(2)
    expect(notebook.panel(2)).to_contain_text("stopped at 30 of 100")
    expect(notebook.output(2)).to_contain_text("took up at 29")
    expect(notebook.panel(0)).to_contain_text("stopped at 10 of 100")

    notebook.run(3)
    notebook.ended(3, "failed")
    expect(notebook.panel(3)).to_contain_text("row 5 is bad")
    notebook.run(4)
    expect(notebook.output(4)).to_contain_text("[] None")
    notebook.page.screenshot(path=screenshot("left"), full_page=True)


def test_a_loop_in_a_task_outlives_its_cell(open_notebook: Callable[..., Notebook]) -> None:
    """A coroutine that waits in the body goes on after its cell, and Stop ends it."""
    notebook = open_notebook("import asyncio\nimport progressnb as pnb", WAITS, "print(len(pnb.runs()))")
    notebook.run(0, 1, 2)
    expect(notebook.output(2)).to_contain_text("1")
    expect(notebook.panel(1)).to_contain_text("/100")
    notebook.stop_button(1).click()
    notebook.ended(1, "cancelled")
