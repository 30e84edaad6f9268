"""Sentences about what a panel shows, each in a cell: thinking, loops, folded calls, charts, contents."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.test_kept import convert

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import Browser

    from tests.browser.lab import Notebook, Server

SETUP = """
import asyncio
import progressnb as pnb
from pydantic_ai import Agent
from pydantic_ai.models.function import DeltaThinkingPart, FunctionModel
from progressnb.testing import scripted_model, tool_call

async def think(messages, info):
    for piece in ("The user asks ", "about tides. "):
        yield {0: DeltaThinkingPart(content=piece)}
        await asyncio.sleep(0.2)
    yield "Twice **a day**."

async def read_page(url: str) -> str:
    await asyncio.sleep(0.1)
    if url.endswith("4"):
        raise ValueError("no such page")
    return "The sea rises. " * 20

def reader(**options):
    calls = [tool_call("read_page", url=f"https://example.org/{number}") for number in range(8)]
    return Agent(scripted_model(calls, "Eight pages."), tools=[read_page], retries=3,
                 capabilities=[pnb.ReportProgress(**options)])
"""
THINKING = "await Agent(FunctionModel(stream_function=think), capabilities=[pnb.ReportProgress()]).run('tides')"
TRACK = """
shares = []
for number in (bar := pnb.track(range(4), "reading")):
    await Agent(scripted_model("Yes"), capabilities=[pnb.ReportProgress()]).run(f"page {number}")
    bar.set(loss=1 / (number + 1))
    shares.append(pnb.last_run.state.overall_progress)
"""
LATEST = "print(pnb.last_run.operation, pnb.last_run.status, [round(share) for share in shares])"
PAGES = "try:\n    await reader().run('pages')\nexcept ValueError:\n    pass"
HIDDEN = PAGES.replace("reader()", "reader(contents=False)")


@pytest.fixture
def shown(open_notebook: Callable[..., Notebook], screenshot: Callable[..., Path]) -> Notebook:
    """Return a notebook in which all of it has run."""
    notebook = open_notebook(SETUP, THINKING, TRACK, LATEST, PAGES, HIDDEN)
    notebook.run(*range(6))
    for index in (1, 2, 4, 5):
        expect(notebook.live(index)).to_have_count(0)
        notebook.picture(index, screenshot(f"cell {index}"))
    return notebook


def test_sentences(shown: Notebook) -> None:
    """Thinking is folded, apart from the answer; `track` is a line; calls of a kind fold; contents can be left out."""
    thinking = shown.shown(1).locator("details.thinking")
    expect(thinking).not_to_have_attribute("open", "")
    expect(shown.answer(1)).to_have_text("Twice a day.")
    thinking.locator("summary").click()
    expect(thinking.locator(".text")).to_have_text("The user asks about tides. ")

    lines = shown.shown(2).locator(".trace .rows > .row").filter(has_text="reading")
    expect(shown.panel(2).locator(".run")).to_have_count(1)
    expect(lines.first.locator("> .line, > details > .line")).to_contain_text("4/4")
    expect(lines.first.locator("> .line, > details > .line")).to_contain_text("loss 0.25")

    # The percent is that of the loop: the agents inside it take nothing of it.
    expect(shown.output(3)).to_have_text(re.compile(r"^reading \w+ \["))
    numbers = [int(number) for number in re.findall(r"\d+(?=[,\]])", shown.output(3).inner_text())]
    assert numbers == sorted(numbers)
    assert numbers[0] <= 30 <= numbers[1] <= 55

    shown.open_trace(4)
    pages = shown.shown(4).locator(".trace .row").filter(has_text="read_page")
    expect(pages.filter(has_text=re.compile(r"×|✗")).first).to_be_visible()
    expect(shown.shown(4)).to_contain_text("no such page")  # a failure is open
    expect(shown.shown(4)).to_contain_text("https://example.org/4")
    shown.open_trace(5)
    expect(shown.shown(5)).not_to_contain_text("example.org")
    expect(shown.shown(5)).not_to_contain_text("The sea rises")


CHART = """
import pandas as pd, progressnb as pnb
table = pd.DataFrame({"station": ["Cuxhaven", "Dover", "Bergen"], "range": [2.97, 4.5, 0.9]})
await pnb.chart("mean range by station", table)
"""


def test_a_chart_is_a_picture_in_nbconvert(
    open_notebook: Callable[..., Notebook], browser: Browser, server: Server
) -> None:
    """A chart carries its picture, which a page without scripts and without a network shows."""
    pytest.importorskip("vl_convert")
    notebook = open_notebook(CHART)
    notebook.run(0)
    notebook.save()
    convert(server, "--to", "html", notebook.path)
    context = browser.new_context(java_script_enabled=False)
    context.route(re.compile("^(?!file:|data:)"), lambda route: route.abort())
    page = context.new_page()
    page.goto((server.root / notebook.path).with_suffix(".html").as_uri(), wait_until="domcontentloaded")
    picture = page.locator(".jp-OutputArea img[src^='data:image/png']")
    expect(picture).to_be_visible()
    size = picture.bounding_box()
    assert size is not None
    assert size["width"] > 200
    context.close()
