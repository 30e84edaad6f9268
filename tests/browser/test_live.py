"""The live panel: it appears, moves, shows what is written, and stays under its own cell."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.browser.lab import PATIENCE, filled, percent_of, until
from tests.browser.puppet import BEGIN, PUPPET, tell

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.browser.lab import Notebook

ROOT = Path(__file__).parents[2]


def test_bars_and_rows(open_notebook: Callable[..., Notebook]) -> None:
    """A panel appears at 0 % with a row a stage, follows percent and message, and ends as static HTML."""
    notebook = open_notebook(
        PUPPET,
        BEGIN,
        tell("update(50, 'half way')"),
        tell("next", "update(20)", "stage('search').start('looking it up')"),
        tell("next"),
    )
    notebook.run(0, 1)
    output = notebook.output(1)
    reading, writing = notebook.bar(1, "Reading"), notebook.bar(1, "Writing")
    reading.wait_for(state="attached")  # a bar at 0 % has no width, so it isn't visible
    expect(reading).to_have_attribute("aria-valuenow", "0")
    expect(writing).to_have_attribute("aria-valuenow", "0")
    assert percent_of(notebook.heading(1)) == 0
    assert filled(reading) == 0

    notebook.run(2)
    expect(reading).to_have_attribute("aria-valuenow", "50")
    expect(output).to_contain_text("half way")
    expect(notebook.heading(1)).to_contain_text("25 %")
    until(lambda: 0.45 < filled(reading) < 0.55, "a bar that is half full")

    notebook.run(3)
    expect(output).to_contain_text("Search")
    expect(output).to_contain_text("looking it up")
    expect(reading).to_have_attribute("aria-valuenow", "100")

    notebook.run(4)
    expect(notebook.heading(1)).to_have_text(re.compile(r"✓ puppet finished in [\d.]+ s"))
    expect(output.get_by_role("button", name="Cancel")).to_have_count(0)
    expect(output.locator(".jupyter-widgets")).to_have_count(0)
    expect(notebook.bar(1, "Writing")).to_have_attribute("aria-valuenow", "100")
    expect(output).to_contain_text("42")


def test_text_grows(open_notebook: Callable[..., Notebook]) -> None:
    """Output is seen as it is written: fields as an outline with a caret in the open one, text as text."""
    first, second = '{"first_name": "Ada", "skills": ["ana', 'lysis", "eng'
    notebook = open_notebook(
        PUPPET,
        BEGIN,
        tell(f"write({first!r}, kind='json')"),
        tell(f"write({second!r}, kind='json')"),
        tell("next", "write('Dear Sir')"),
        tell("write(' or Madam')"),
    )
    notebook.run(0, 1, 2)
    output = notebook.output(1)
    open_line = output.locator("p", has=notebook.page.locator(".c"))
    expect(output).to_contain_text("First name Ada")
    expect(open_line).to_have_text(re.compile(r"• ana$"))
    notebook.run(3)
    expect(open_line).to_have_text(re.compile(r"• eng$"))
    expect(output).to_contain_text("• analysis")
    expect(notebook.caret(1)).to_have_count(1)
    notebook.run(4)
    expect(open_line).to_have_text("Dear Sir")
    notebook.run(5)
    expect(open_line).to_have_text("Dear Sir or Madam")


def test_long_output_is_followed_at_its_end(open_notebook: Callable[..., Notebook]) -> None:
    """Long output is clipped to a window whose end is seen, so that the cell doesn't grow without bound."""
    notebook = open_notebook(
        PUPPET, BEGIN, tell(*(f"write('line {number}\\n')" for number in range(400)), "write('the end')")
    )
    notebook.run(0, 1, 2)
    expect(notebook.output(1)).to_contain_text("the end")
    expect(notebook.caret(1)).to_be_in_viewport()
    assert notebook.height(1) < 500
    assert "line 0\n" not in notebook.output(1).inner_text()


def test_customizing_the_samples(open_notebook: Callable[..., Notebook], screenshot: Callable[..., Path]) -> None:
    """The sample pair, as README shows it: four stages, text as it is written, and the result at the end."""
    notebook = open_notebook(
        "import progressnb as pnb\nfrom progressnb.agents.offline import OfflineModel",
        "result = await pnb.customize(pnb.samples.resume, pnb.samples.job, model=OfflineModel(pace=0.005))",
        viewport={"width": 1000, "height": 900},
        device_scale_factor=2,
    )
    notebook.run(0)
    notebook.start(1)
    seen: list[float] = []

    def at_sixty() -> bool:
        seen.append(percent_of(notebook.heading(1)))
        return seen[-1] >= 60

    notebook.heading(1).wait_for()
    until(at_sixty, "a run at 60 %")
    kept = ROOT / "docs" / "panel.png" if os.environ.get("PROGRESSNB_SCREENSHOT") else screenshot()
    kept.parent.mkdir(parents=True, exist_ok=True)
    notebook.picture(1, kept)
    assert seen == sorted(seen)
    assert len(set(seen)) > 10  # it moved all the while
    assert seen[-1] < 70
    expect(notebook.caret(1)).to_have_count(1)
    assert notebook.bars_stand_in_a_column(1)

    notebook.wait_done(1)
    expect(notebook.heading(1)).to_contain_text("✓ customize finished in")
    assert notebook.bars_stand_in_a_column(1)
    for title in ("Evaluating the match", "Planning the improvements", "Writing the resume", "Verifying every claim"):
        expect(notebook.bar(1, title)).to_have_attribute("aria-valuenow", "100")
    notebook.picture(1, screenshot("finished"))
    for summary in notebook.output(1).locator("summary").all():
        summary.click()
    expect(notebook.output(1)).to_contain_text("Match")
    notebook.picture(1, screenshot("opened"))


def test_other_cells_run_meanwhile(open_notebook: Callable[..., Notebook]) -> None:
    """A run doesn't block its cell; its panel stays there and moves; `run` elsewhere shows it live again."""
    notebook = open_notebook(
        PUPPET,
        BEGIN,
        "print('another cell')",
        tell("update(40, 'on its way')"),
        "run",
        tell("update(80, 'almost')"),
        tell("next", "next"),
        "await run",
    )
    notebook.run(0, 1, 2, 3)
    expect(notebook.output(2)).to_have_text("another cell")
    expect(notebook.bar(1, "Reading")).to_have_attribute("aria-valuenow", "40")
    notebook.run(4)
    expect(notebook.bar(4, "Reading")).to_have_attribute("aria-valuenow", "40")
    notebook.run(5)
    for index in (1, 4):
        expect(notebook.bar(index, "Reading")).to_have_attribute("aria-valuenow", "80")
        expect(notebook.output(index)).to_contain_text("almost")
    notebook.run(6, 7)
    for index in (1, 4):
        expect(notebook.heading(index)).to_contain_text("✓ puppet finished")
    expect(notebook.output(7)).to_contain_text("{'answer': 42}")
    for index in (2, 3, 5, 6):
        expect(notebook.cell(index).locator(".pnb")).to_have_count(0)


def test_two_runs_side_by_side(open_notebook: Callable[..., Notebook]) -> None:
    """Two runs move apart from each other, each under its cell."""
    second = "others = asyncio.Queue()\nother = puppet(others)"
    notebook = open_notebook(
        PUPPET,
        BEGIN,
        second,
        tell("update(30)"),
        tell("update(70)").replace("orders", "others"),
        tell("next", "next"),
    )
    notebook.run(0, 1, 2, 3, 4)
    expect(notebook.bar(1, "Reading")).to_have_attribute("aria-valuenow", "30")
    expect(notebook.bar(2, "Reading")).to_have_attribute("aria-valuenow", "70")
    notebook.run(5)
    expect(notebook.heading(1)).to_contain_text("✓ puppet finished")
    expect(notebook.heading(2)).to_contain_text("35 %")


def test_ten_runs_at_once(open_notebook: Callable[..., Notebook]) -> None:
    """Ten runs begun in one cell have ten panels, and all end."""
    notebook = open_notebook(
        """
import asyncio
import progressnb as pnb

@pnb.operation(stages={"count": 1.0})
async def count(tracker, number):
    async with tracker.stage("count") as stage:
        for step in range(20):
            await stage.update(step * 5, f"step {step}")
            await asyncio.sleep(0.1)
    return number
""",
        "runs = [count(number) for number in range(10)]",
        "print(await asyncio.gather(*runs))",
    )
    notebook.run_all()
    bars = notebook.output(1).get_by_role("progressbar", name="Count")
    expect(bars).to_have_count(10)
    notebook.wait_done(2)
    expect(notebook.output(2)).to_have_text(str([*range(10)]))
    expect(notebook.output(1).get_by_text("✓ count finished")).to_have_count(10, timeout=PATIENCE * 1000)


def test_compact(open_notebook: Callable[..., Notebook], screenshot: Callable[..., Path]) -> None:
    """`detail="compact"` is one line with one bar and a Cancel button, live and at the end."""
    notebook = open_notebook(
        PUPPET + "pnb.configure(detail='compact')",
        BEGIN,
        tell("update(50, 'half way')", "write('text')"),
        tell("next", "next"),
    )
    notebook.run(0, 1, 2)
    expect(notebook.heading(1)).to_contain_text("25 %")
    expect(notebook.cancel_button(1)).to_be_visible()
    notebook.picture(1, screenshot("live"))
    assert notebook.height(1) < 60
    notebook.run(3)
    expect(notebook.heading(1)).to_contain_text("✓ puppet finished")
    notebook.picture(1, screenshot("finished"))
    assert notebook.height(1) < 60
