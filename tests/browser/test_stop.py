"""Stopping and failing: the Stop button, the kernel's Interrupt, `run.wait()`, and what an error looks like."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.puppet import BEGIN, PUPPET, tell

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.browser.lab import Notebook

BOUND = 2.0
"""Seconds within which an interrupt ends a run: the promise is 0.25, but machines are shared."""

TIMED = """
try:
    print("waiting")
    {}
finally:
    print("ended", run.status, time.monotonic())
"""
USABLE = "print('the kernel goes on:', 6 * 7)"


def seconds_to_end(
    notebook: Notebook, index: int, since: float, record_property: Callable[[str, object], None]
) -> float:
    """Return how long a run went on; the kernel's monotonic clock is this process's on one machine."""
    ended = re.search(r"ended cancelled ([\d.]+)", notebook.output(index).inner_text())
    assert ended, notebook.output(index).inner_text()
    took = float(ended[1]) - since
    record_property("seconds", f"{took:.3f}")
    print(f"stopped after {took * 1000:.0f} ms")  # noqa: T201 - a figure worth seeing with -s
    return took


def test_cancel_during_await(
    open_notebook: Callable[..., Notebook], record_property: Callable[[str, object], None]
) -> None:
    """The Stop button stops a run that a cell awaits: RunCancelled there, and the kernel goes on."""
    notebook = open_notebook(PUPPET, BEGIN, tell("update(30)", "write('so far')"), TIMED.format("await run"), USABLE)
    notebook.run(0, 1, 2)
    notebook.start(3)
    expect(notebook.output(1)).to_contain_text("so far")
    expect(notebook.output(3)).to_contain_text("waiting")
    since = time.monotonic()
    notebook.stop_button(1).click()
    notebook.wait_done(3)
    assert seconds_to_end(notebook, 3, since, record_property) < BOUND
    expect(notebook.output(3)).to_contain_text("cancelled")
    notebook.ended(1, "cancelled")
    expect(notebook.output(1)).to_contain_text("so far")
    expect(notebook.stop_button(1)).to_have_count(0)
    notebook.run(4)
    expect(notebook.output(4)).to_contain_text("the kernel goes on: 42")


@pytest.mark.parametrize("begun", ["earlier", "here"])
def test_cancel_during_wait(
    open_notebook: Callable[..., Notebook], record_property: Callable[[str, object], None], begun: str
) -> None:
    """The Stop button is heard while `run.wait()` blocks its cell, whether its run began there or earlier."""
    cells = [BEGIN, TIMED.format("run.wait()")] if begun == "earlier" else ["1", BEGIN + TIMED.format("run.wait()")]
    notebook = open_notebook(PUPPET, *cells, USABLE)
    panel = 1 if begun == "earlier" else 2
    notebook.run(0, 1)
    notebook.start(2)
    expect(notebook.line(panel, "Reading")).to_have_count(1)
    expect(notebook.output(2)).to_contain_text("waiting")
    since = time.monotonic()
    notebook.stop_button(panel).click()
    notebook.wait_done(2)
    assert seconds_to_end(notebook, 2, since, record_property) < BOUND
    expect(notebook.output(2)).to_contain_text("cancelled")
    notebook.ended(panel, "cancelled")
    notebook.run(3)
    expect(notebook.output(3)).to_contain_text("the kernel goes on: 42")


def test_cancel_of_a_run_that_nobody_awaits(open_notebook: Callable[..., Notebook]) -> None:
    """The Stop button of one of two panels stops the run in both, and prints nothing anywhere."""
    notebook = open_notebook(PUPPET, BEGIN, "run", "print(run.status, run.partial)", "pnb.runs()")
    notebook.run(0, 1, 2)
    notebook.stop_button(2).click()
    for index in (1, 2):
        notebook.ended(index, "cancelled")
    notebook.run(3, 4)
    expect(notebook.output(3)).to_have_text("cancelled None")
    expect(notebook.output(4)).to_contain_text("[]")
    expect(notebook.page.locator("[data-mime-type='application/vnd.jupyter.stderr']")).to_have_count(0)


@pytest.mark.parametrize("waiting", ["await run", "run.wait()"])
def test_interrupt(
    open_notebook: Callable[..., Notebook], record_property: Callable[[str, object], None], waiting: str
) -> None:
    """The kernel's Interrupt stops the run that a cell waits for, though its loop sleeps; the kernel goes on."""
    notebook = open_notebook(PUPPET, BEGIN, TIMED.format(waiting), USABLE)
    notebook.run(0, 1)
    notebook.start(2)
    expect(notebook.output(2)).to_contain_text("waiting")
    since = time.monotonic()
    notebook.interrupt()
    notebook.wait_done(2)
    assert seconds_to_end(notebook, 2, since, record_property) < BOUND
    notebook.ended(1, "cancelled")
    notebook.run(3)
    expect(notebook.output(3)).to_contain_text("the kernel goes on: 42")


def test_interrupt_of_a_run_in_a_thread(
    open_notebook: Callable[..., Notebook], record_property: Callable[[str, object], None]
) -> None:
    """Interrupt stops `run.wait()` of a run that its own cell begins, which a background thread works at."""
    notebook = open_notebook(PUPPET, BEGIN + TIMED.format("run.wait()"), USABLE)
    notebook.run(0)
    notebook.start(1)
    expect(notebook.line(1, "Reading")).to_have_count(1)
    since = time.monotonic()
    notebook.interrupt()
    notebook.wait_done(1)
    assert seconds_to_end(notebook, 1, since, record_property) < BOUND
    notebook.ended(1, "cancelled")
    expect(notebook.output(1)).to_contain_text("KeyboardInterrupt")
    notebook.run(2)
    expect(notebook.output(2)).to_contain_text("the kernel goes on: 42")


WAITING = """
import asyncio
import progressnb as pnb

@pnb.operation(stages={"count": 1.0})
async def count(tracker, name):
    async with tracker.stage("count") as stage:
        for step in range(10):
            print("work of", name, step)
            await stage.update(step * 10)
            await asyncio.sleep(0.1)
    return f"result of {name}"
"""


def test_wait_in_plain_cells(open_notebook: Callable[..., Notebook]) -> None:
    """`run.wait()` works for a run begun in an earlier cell and for a new one; a Run All goes on after both."""
    notebook = open_notebook(
        WAITING,
        "early = count('early')",
        "print(early.wait())",
        "fresh = count('fresh')\nprint(fresh.wait())",
        "print('last cell')",
        "import asyncio\nawait asyncio.sleep(0)\nprint('and a loop that turns')",
    )
    notebook.run_all()
    notebook.wait_done(0, 1, 2, 3, 4, 5)
    notebook.ended(1)
    notebook.ended(3)
    expect(notebook.output(2)).to_contain_text("result of early")
    expect(notebook.output(2).locator(".pnb")).to_have_count(0)
    expect(notebook.output(3)).to_contain_text("result of fresh")
    for step in range(10):
        expect(notebook.output(3)).to_contain_text(f"work of fresh {step}")
    expect(notebook.output(2)).not_to_contain_text("fresh")
    expect(notebook.output(4)).to_have_text("last cell")
    expect(notebook.output(5)).to_have_text("and a loop that turns")


def test_bars_move_during_wait(open_notebook: Callable[..., Notebook]) -> None:
    """The panel of a run that a plain cell waits for moves meanwhile."""
    longer = WAITING.replace("range(10)", "range(40)").replace("step * 10", "step * 2.5")
    notebook = open_notebook(longer, "early = count('early')", "early.wait()", "fresh = count('fresh').wait()")
    notebook.watch_percents()
    notebook.run_all()
    notebook.wait_done(0, 1, 2, 3)
    assert len(notebook.seen_percents(1)) > 3
    assert len(notebook.seen_percents(3)) > 3


FULL = """
import asyncio
import progressnb as pnb

@pnb.operation(stages=["fill"])
async def fill(tracker, numbers):
    async with tracker.stage("fill") as stage:
        while (number := await numbers.get()) is not None:
            stage.update(number, "a message " * (number % 30), input_tokens=10 ** (number // 12), cost=number / 7)
            stage.write("word " * number)

numbers = asyncio.Queue()
run = fill.using(title="A run with a title that is long enough to fill its line " * 2)(numbers)
"""


@pytest.mark.parametrize("width", [480, 1100])
def test_the_stop_button_stays_where_it_is(open_notebook: Callable[..., Notebook], width: int) -> None:
    """Stop keeps its place to the pixel while percent, time, tokens, cost, messages and text change beside it."""
    go_on = "for number in range(1, 100):\n    numbers.put_nowait(number)\n    await asyncio.sleep(0.03)"
    notebook = open_notebook("1", FULL, go_on, "numbers.put_nowait(None)", viewport={"width": width, "height": 900})
    notebook.run(0, 1)
    notebook.stop_button(1).wait_for()
    notebook.page.evaluate(
        """() => {
            window.places = new Set();
            const note = () => {
                const button = document.querySelector('.pnb button.stop');
                if (!button) return;
                const {left, top, width} = button.getBoundingClientRect();
                const box = button.closest('.pnb').getBoundingClientRect();
                window.places.add([left, top - box.top, width].map((each) => each.toFixed(1)).join(' '));
                requestAnimationFrame(note);
            };
            note();
        }"""
    )
    notebook.run(2)
    expect(notebook.heading(1)).to_contain_text("99 %")
    expect(notebook.heading(1)).to_contain_text("tokens")
    assert len(notebook.page.evaluate("[...places]")) == 1, notebook.page.evaluate("[...places]")
    notebook.run(3)
    notebook.ended(1)


def test_failure(open_notebook: Callable[..., Notebook]) -> None:
    """A failure is red and a word, says what failed and where, and raises where the run is awaited."""
    notebook = open_notebook(
        PUPPET,
        BEGIN,
        tell("update(70)", "explode()").replace("stage.explode()", "(_ for _ in ()).throw(ValueError('no such page'))"),
        "await run",
        USABLE,
    )
    notebook.run(0, 1, 2)
    notebook.ended(1, "failed")
    expect(notebook.heading(1)).to_contain_text("✗")
    alert = notebook.output(1).get_by_role("alert")
    expect(alert).to_contain_text("ValueError")
    expect(alert).to_contain_text("Reading")
    expect(alert).to_contain_text("no such page")
    row = notebook.line(1, "Reading")
    expect(row).to_contain_text("✗")
    red, green, blue = notebook.colour(row.locator(".sign"))
    assert red > 1.5 * max(green, blue)
    notebook.run(3, 4)
    expect(notebook.output(3)).to_contain_text("ValueError: no such page")
    expect(notebook.output(3)).to_contain_text("stage")
    expect(notebook.output(4)).to_contain_text("the kernel goes on: 42")


def test_failure_that_nobody_awaits(open_notebook: Callable[..., Notebook]) -> None:
    """A run that fails while nobody awaits it says so in its panel, and prints no traceback into other cells."""
    boom = "orders.put_nowait(lambda stage: 1 / 0)"
    notebook = open_notebook(
        PUPPET, BEGIN, boom, "print('another cell')", "del run\nimport gc\nprint(gc.collect() >= 0)"
    )
    notebook.run(0, 1, 2, 3, 4)
    notebook.ended(1, "failed")
    expect(notebook.output(1).get_by_role("alert")).to_contain_text("division by zero")
    expect(notebook.output(3)).to_have_text("another cell")
    expect(notebook.output(4)).to_have_text("True")
    expect(notebook.page.get_by_text("Traceback")).to_have_count(0)
