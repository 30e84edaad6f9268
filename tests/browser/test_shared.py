"""What a cell shows of several runs, and of a plain agent's result, in a real JupyterLab."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.browser.lab import Notebook

BEGIN = """
import asyncio
import progressnb as pnb
from pydantic_ai import Agent
from progressnb.testing import scripted_model

@pnb.operation
async def ask(tracker, number: int) -> str:
    await asyncio.sleep(0.5)
    return f"The answer is {number}."
"""


def test_what_an_agent_returns_is_not_repeated(open_notebook: Callable[..., Notebook]) -> None:
    """An agent awaited in a cell's last line shows its output once: in its panel. `_` keeps what was returned."""
    last = 'await Agent(scripted_model("Why **tides**?"), capabilities=[pnb.ReportProgress()]).run("tides")'
    notebook = open_notebook(BEGIN, last, "_.output", last.replace("ReportProgress()", "ReportProgress(show=False)"))
    notebook.run(0, 1, 2, 3)
    notebook.ended(1)
    expect(notebook.answer(1).locator("strong")).to_have_text("tides")
    expect(notebook.output(1)).not_to_contain_text("AgentRunResult")
    expect(notebook.output(2)).to_contain_text("Why **tides**?")
    expect(notebook.output(3)).to_contain_text("AgentRunResult")


def test_each_of_some_runs_has_a_row(open_notebook: Callable[..., Notebook]) -> None:
    """Four runs of a cell are one panel with a row each, also at the end; a row opens and shows its answer."""
    notebook = open_notebook(BEGIN, "await asyncio.gather(*(ask(number) for number in range(4)));")
    notebook.run(0, 1)
    expect(notebook.panel(1)).to_have_count(1)
    members = notebook.panel(1).locator(".members > .row")
    expect(members).to_have_count(4)
    expect(members.locator("> .line, > details > .line").locator(".subject")).to_have_text(
        ["number=0", "number=1", "number=2", "number=3"]
    )
    expect(notebook.panel(1).locator(".totals")).to_have_text("4 runs")
    members.nth(2).locator(".line").first.click()
    expect(members.nth(2)).to_contain_text("The answer is 2.")
