"""One notebook in two windows, and a word that is typed to an agent in a notebook."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.browser.lab import Notebook, until
from tests.browser.puppet import BEGIN, PUPPET, tell
from tests.browser.test_kept import panels

if TYPE_CHECKING:
    from collections.abc import Callable


def test_two_windows(open_notebook: Callable[..., Notebook]) -> None:
    """A second window of a notebook whose run is at work shows it live too; both come to its end and save it."""
    first = open_notebook(PUPPET, BEGIN, tell("update(40, 'at the gate')"), tell("update(80)"), tell("next", "next"))
    first.run(0, 1, 2)
    expect(first.line(1, "Reading")).to_contain_text("40 %")
    first.save()
    second = Notebook(first.server, first.page.context.new_page(), first.path)
    second.open()
    expect(second.live(1)).to_have_count(1)
    expect(second.line(1, "Reading")).to_contain_text("at the gate")
    expect(first.live(1)).to_have_count(1)
    first.run(3)
    for notebook in (first, second):
        expect(notebook.line(1, "Reading")).to_contain_text("80 %")
    first.run(4)
    for notebook in (first, second):
        notebook.ended(1)
        expect(notebook.page.get_by_text("model not found")).to_have_count(0)
    assert len(panels(first.save())) == 1
    assert second.errors == []
    second.page.close()


AGENT = """
import asyncio
import progressnb as pnb
from pydantic_ai import Agent
from progressnb.testing import scripted_model, tool_call

asked = asyncio.Event()

async def look() -> str:
    await asked.wait()
    return "high water"

agent = Agent(scripted_model(tool_call("look"), "Twice a day."), tools=[look], capabilities=[pnb.ReportProgress()])
"""


def test_a_word_is_sent_by_enter(open_notebook: Callable[..., Notebook]) -> None:
    """Enter in the field sends the word to the agent, and runs no cell; Escape closes the field."""
    notebook = open_notebook(
        AGENT,
        "task = asyncio.create_task(agent.run('tides'))",
        "asked.set()\nresult = await task",
        "print([e.data['intervention'] for e in pnb.last_run.log if getattr(e, 'data', {}).get('intervention')])",
    )
    notebook.run(0, 1)
    say = notebook.shown(1).get_by_role("button", name="Say")
    say.click()
    field = notebook.shown(1).locator(".say .word")
    expect(field).to_be_focused()
    notebook.page.keyboard.type("shorter, please")
    notebook.page.keyboard.press("Enter")
    expect(field).to_have_count(0)
    say.click()
    expect(field).to_have_value("")
    notebook.page.keyboard.press("Escape")
    expect(field).to_have_count(0)
    expect(notebook.cell(1).locator(".jp-InputPrompt")).to_have_text("[2]:")
    notebook.run(2, 3)
    notebook.expect_status(1, "finished")
    until(lambda: "shorter, please" in notebook.output(3).inner_text(), "the word in the record")
    expect(notebook.output(3)).to_contain_text("panel")
