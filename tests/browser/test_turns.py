"""A loop of several runs in one cell: the one that has its turn is open, and nothing jumps when the next one comes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.axe import AXE, violations
from tests.browser.lab import until
from tests.browser.test_ends import place

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import Locator

    from tests.browser.lab import Notebook

LOOP = """
import asyncio
import progressnb as pnb

@pnb.operation
async def ask(tracker, prompt: str, words) -> str:
    written = []
    async with tracker.stage("write") as stage:
        while (word := await words.get()) is not None:
            stage.write(word)
            written.append(word)
    return "".join(written)

async def loop():
    for prompt in ("tides", "winds", "moons", "مد وجزر", "潮汐", "neaps"):
        await ask(prompt, words)
"""
BEGIN = "words = asyncio.Queue()\nlooping = asyncio.ensure_future(loop())"
TEXT = "words.put_nowait('Twice **a day**, the sea rises. ' * 60)"


@pytest.fixture
def looping(open_notebook: Callable[..., Notebook]) -> Notebook:
    """Return a notebook whose second cell runs a loop of six, of which three have ended."""
    notebook = open_notebook(LOOP, BEGIN, "words.put_nowait(None)", TEXT, "await looping")
    notebook.run(0, 1, 2, 2, 2)
    return notebook


def row(notebook: Notebook, number: int) -> Locator:
    """Return the row of a run, counted from 1."""
    return notebook.panel(1).locator(".members > .row").nth(number - 1)


def turn(notebook: Notebook, number: int) -> Locator:
    """Wait until a run has its turn, and return its answer."""
    expect(row(notebook, number).locator("> details")).to_have_attribute("open", "")
    notebook.run(3)
    answer = row(notebook, number).locator(".answer > .box")
    expect(answer).to_contain_text("Twice a day, the sea rises.")
    return answer


def test_the_run_that_has_its_turn_is_open(looping: Notebook, screenshot: Callable[..., Path]) -> None:
    """Its answer is seen while it is written; when the next one has begun its row folds, and the cells below stay.

    At the end the last one stays open, also in the file.
    """
    turn(looping, 4)
    expect(row(looping, 1).locator("> details")).not_to_have_attribute("open", "")
    before = place(looping, 2)
    looping.run(2)
    expect(row(looping, 4)).to_have_class("row finished")
    expect(row(looping, 5).locator("> details")).to_have_attribute("open", "")
    expect(row(looping, 4).locator("> details")).not_to_have_attribute("open", "")
    assert place(looping, 2) >= before - 2
    turn(looping, 5)
    looping.picture(1, screenshot("at work"))
    looping.run(2)
    turn(looping, 6)
    looping.run(2, 4)
    expect(looping.live(1)).to_have_count(0)
    expect(row(looping, 6).locator(".answer > .box")).to_be_visible()
    looping.picture(1, screenshot("ended"))
    looping.save()
    looping.reload()
    expect(row(looping, 6).locator(".answer > .box")).to_be_visible()
    expect(row(looping, 4).locator(".answer > .box")).to_be_hidden()


def test_a_row_stays_open_where_a_hand_is(looping: Notebook) -> None:
    """Of a text in which somebody has selected a word the row is not folded when the next run comes."""
    answer = turn(looping, 4)
    answer.locator("strong").first.dblclick()
    looping.run(2)
    turn(looping, 5)
    expect(answer).to_be_visible()
    assert looping.page.evaluate("() => window.getSelection().toString().trim()") in ("a", "day")
    row(looping, 4).locator("summary").first.click()
    expect(answer).to_be_hidden()
    looping.run(2, 2)


@pytest.mark.skipif(not AXE.exists(), reason="axe-core is not there: make build/js/.done")
def test_an_open_row_is_accessible(looping: Notebook) -> None:
    """axe-core finds nothing on a panel of many runs with a row that is open; right-to-left titles are isolated."""
    turn(looping, 4)
    assert violations(looping.page) == []
    subject = row(looping, 4).locator("> details > .line .subject")
    expect(subject).to_have_text('"مد وجزر"')
    assert subject.evaluate("node => node.tagName") == "BDI"
    until(lambda: row(looping, 4).locator(".answer [dir=auto]").count() > 0, "a text with a direction of its own")
    looping.run(2, 2, 2)
