"""The live panel: it appears, moves, shows what is written, and stays under its own cell."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.lab import filled, percent_of, until
from tests.browser.puppet import BEGIN, PUPPET, tell

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.browser.lab import Notebook


def test_bars_and_rows(open_notebook: Callable[..., Notebook]) -> None:
    """A panel appears with a row a stage, follows percent and message, and ends as static HTML."""
    notebook = open_notebook(
        PUPPET,
        BEGIN,
        tell("update(50, 'half way')"),
        tell("next", "update(20)", "stage('search').start('looking it up')"),
        tell("next"),
    )
    notebook.run(0, 1)
    notebook.live(1).wait_for()
    reading, writing = notebook.line(1, "Reading"), notebook.line(1, "Writing")
    expect(reading).to_be_visible()
    expect(writing).to_be_visible()
    assert percent_of(notebook.heading(1)) == 0

    notebook.run(2)
    expect(reading.locator(".percent")).to_have_text("50 %")
    expect(reading).to_contain_text("half way")
    expect(notebook.heading(1)).to_contain_text("25 %")
    first = notebook.bar(1).locator(".seg").first
    until(lambda: 0.45 < filled(first) < 0.55, "a part of the bar that is half full")

    notebook.run(3)
    expect(notebook.line(1, "Search")).to_contain_text("looking it up")
    expect(reading.locator(".percent")).to_have_text("")

    notebook.run(4)
    notebook.ended(1)
    expect(notebook.output(1).get_by_role("button", name="Stop")).to_have_count(0)
    expect(notebook.output(1).locator(".jupyter-widgets")).to_have_count(0)
    expect(notebook.answer(1)).to_contain_text("42")


def test_text_grows(open_notebook: Callable[..., Notebook]) -> None:
    """Output is seen as it is written: fields with their labels, text as text."""
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
    answer = notebook.answer(1)
    expect(answer).to_contain_text("First name")
    expect(answer).to_contain_text("Ada")
    expect(answer.locator("li").last).to_have_text("ana")
    notebook.run(3)
    expect(answer.locator("li")).to_have_text(["analysis", "eng"])
    notebook.run(4)
    expect(answer).to_have_text("Dear Sir")
    notebook.run(5)
    expect(answer).to_have_text("Dear Sir or Madam")


def test_long_output_is_followed_at_its_end(open_notebook: Callable[..., Notebook]) -> None:
    """Long output has a box of fixed height whose end is seen, so that the cell does not grow without bound."""
    notebook = open_notebook(
        PUPPET,
        BEGIN,
        tell("write('the first line')"),
        tell(*(f"write('\\n\\nline {number}')" for number in range(400)), "write('\\n\\nthe end')"),
    )
    notebook.run(0, 1, 2)
    expect(notebook.answer(1)).to_contain_text("the first line")
    height = notebook.height(1)
    notebook.run(3)
    last = notebook.answer(1).get_by_text("the end")
    expect(last).to_be_in_viewport()
    assert abs(notebook.height(1) - height) <= 2
    assert height < 500


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

    notebook.live(1).wait_for()
    until(at_sixty, "a run at 60 %")
    notebook.picture(1, screenshot())
    assert seen == sorted(seen)
    assert len(set(seen)) > 10  # it moved all the while
    expect(notebook.shown(1).locator(".answer.open")).to_have_count(1)

    notebook.wait_done(1)
    notebook.ended(1)
    titles = ("Evaluating the match", "Planning the improvements", "Writing the resume", "Verifying every claim")
    notebook.picture(1, screenshot("finished"))
    notebook.open_trace(1)
    for title in titles:
        expect(notebook.line(1, title)).to_contain_text("✓")
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
    expect(notebook.line(1, "Reading")).to_contain_text("40 %")
    notebook.run(4)
    expect(notebook.line(4, "Reading")).to_contain_text("40 %")
    notebook.run(5)
    for index in (1, 4):
        expect(notebook.line(index, "Reading")).to_contain_text("80 %")
        expect(notebook.output(index)).to_contain_text("almost")
    notebook.run(6, 7)
    for index in (1, 4):
        notebook.ended(index)
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
    expect(notebook.line(1, "Reading")).to_contain_text("30 %")
    expect(notebook.line(2, "Reading")).to_contain_text("70 %")
    notebook.run(5)
    notebook.ended(1)
    expect(notebook.heading(2)).to_contain_text("35 %")


@pytest.mark.parametrize("known", [True, False])
def test_in_an_output_widget(open_notebook: Callable[..., Notebook], *, known: bool) -> None:
    """A run begun in `with out:` is seen there, moves and ends there, whether our widget was heard before or not."""
    make = "import ipywidgets\nout = ipywidgets.Output()\ndisplay(out)"
    begin = f"{BEGIN}\nwith out:\n    run = puppet(orders)"
    cells = [PUPPET, make, begin.replace("run = puppet(orders)\n", "", 1)]
    if not known:
        cells = ["1", make, PUPPET + cells[2]]
    notebook = open_notebook(*cells, tell("update(40, 'on its way')"), tell("next", "next"), "await run")
    notebook.run(0, 1, 2)
    expect(notebook.output(1).get_by_role("button", name="Stop")).to_be_visible()
    notebook.run(3)
    expect(notebook.heading(1)).to_contain_text("20 %")
    notebook.run(4, 5)
    notebook.expect_status(1, "finished")
    expect(notebook.answer(1)).to_contain_text("42")
    expect(notebook.panel(1)).to_have_count(1)
    expect(notebook.output(2).locator(".pnb")).to_have_count(0)


def test_compact(open_notebook: Callable[..., Notebook], screenshot: Callable[..., Path]) -> None:
    """`detail="compact"` is one line with one bar and a Stop button, live and at the end."""
    notebook = open_notebook(
        PUPPET + "pnb.configure(detail='compact')",
        BEGIN,
        tell("update(50, 'half way')", "write('text')"),
        tell("next", "next"),
    )
    notebook.run(0, 1, 2)
    expect(notebook.heading(1)).to_contain_text("25 %")
    expect(notebook.stop_button(1)).to_be_visible()
    notebook.picture(1, screenshot("live"))
    assert notebook.height(1) < 70
    notebook.run(3)
    notebook.ended(1)
    notebook.picture(1, screenshot("finished"))
    assert notebook.height(1) < 70


def test_code_that_does_not_await_is_said(open_notebook: Callable[..., Notebook]) -> None:
    """Where code keeps the loop the panel appears all the same, counts on, says why nothing moves, and then goes on."""
    notebook = open_notebook("""
import time
from pathlib import Path
import progressnb as pnb

@pnb.operation(stages=["load", "count"])
async def blocks(tracker):
    async with tracker.stage("load") as stage:
        stage.update(20, "begun")
        while not Path("go").exists():
            time.sleep(0.05)
    async with tracker.stage("count") as stage:
        return "all is counted"

await blocks()
""")
    notebook.start(0)
    expect(notebook.heading(0)).to_contain_text("its code has not awaited for")
    expect(notebook.heading(0)).to_contain_text("10 %")
    expect(notebook.line(0, "Load")).to_contain_text("begun")
    expect(notebook.shown(0)).to_contain_text("heard at its next await")
    (notebook.server.root / "go").touch()
    notebook.ended(0)
    expect(notebook.shown(0)).not_to_contain_text("await")
    (notebook.server.root / "go").unlink()
