"""The panel after its end where the pointer was left: nothing under it that it did not ask for, and no empty room."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.lab import until
from tests.browser.puppet import BEGIN, PUPPET, tell
from tests.browser.test_ends import PARAGRAPHS, WRITTEN, followed, quiet, top_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.browser.lab import Notebook

AGENTS = """
import asyncio
import progressnb as pnb
from pydantic_ai import Agent
from pydantic_ai.models.function import FunctionModel

async def words(messages, info):
    for word in "Soon the moon shall rise and the water with it. ".split(" ") * 100:
        yield f"{word} "
        await asyncio.sleep(0.1)

pnb.watch()
boss = Agent(FunctionModel(stream_function=words), name="boss")
"""


@pytest.mark.parametrize("name", ["Finish now", "Stop"])
def test_what_takes_the_place_of_a_button_waits_for_the_pointer(
    open_notebook: Callable[..., Notebook], screenshot: Callable[..., Path], name: str
) -> None:
    """A pointer that stays where it pressed has nothing below it until it goes; the box fits its text meanwhile."""
    notebook = open_notebook(AGENTS, "r = await boss.run('Find out')", "below = 1")
    notebook.run(0)
    notebook.start(1)
    button = notebook.shown(1).get_by_role("button", name=name)
    expect(notebook.answer(1)).to_contain_text("Soon the moon")
    expect(button).to_be_enabled()
    notebook.page.screenshot(path=screenshot("live"))
    button.click()
    notebook.ended(1, "cancelled" if name == "Stop" else "finished")
    tools = notebook.shown(1).locator(".tools")
    expect(tools).to_be_hidden()
    notebook.page.screenshot(path=screenshot("ended"))
    box = notebook.answer(1)
    fits = "box => box.offsetHeight - box.firstElementChild.offsetHeight <= 12"
    until(lambda: box.evaluate(fits), "a box that fits")
    expect(tools).to_be_hidden()
    notebook.page.screenshot(path=screenshot("fits"))
    notebook.page.mouse.move(1, 1)
    expect(tools).to_be_visible()


def test_a_pointer_that_merely_lies_there_is_no_reader(open_notebook: Callable[..., Notebook]) -> None:
    """A panel that came to be below a pointer shows its answer from the beginning, as if nobody were there."""
    notebook = open_notebook(
        PUPPET.replace('return {"answer": 42}', WRITTEN),
        BEGIN,
        tell("next", f"write({PARAGRAPHS!r})"),
        tell("next"),
        *["1"] * 40,
    )
    place = notebook.cell(3).bounding_box()
    assert place is not None
    notebook.page.mouse.move(place["x"] + 300, place["y"] + 60)  # where the answer will be
    notebook.run(0, 1, 2)
    box = notebook.answer(1)
    until(lambda: top_of(box) > 200, "a text that is followed")
    assert box.evaluate("box => box.matches(':hover')")
    notebook.run(3)
    notebook.ended(1)
    until(lambda: top_of(box) == 0, "the beginning of the answer")


def test_a_reader_who_moved_the_pointer_stays(open_notebook: Callable[..., Notebook]) -> None:
    """Who followed the text with the pointer on it is not taken away from its end."""
    notebook = followed(open_notebook)
    box = notebook.answer(1)
    box.hover()
    tail = top_of(box)
    notebook.run(3)
    notebook.ended(1)
    quiet(notebook)
    quiet(notebook)
    assert abs(top_of(box) - tail) <= 2


BLOCKED = """
import time
import progressnb as pnb

def words():
    for word in "Soon the moon shall rise and the water with it. ".split(" ") * 100:
        yield {"text": f"{word} "}
        time.sleep(0.1)

for chunk in pnb.stream(words()):
    pass
"""


def test_stop_lies_in_the_head_where_a_cell_blocks(
    open_notebook: Callable[..., Notebook], screenshot: Callable[..., Path]
) -> None:
    """The first cell of a kernel, which blocks it, has its Stop where the widget has it, and no row for it alone."""
    notebook = open_notebook(BLOCKED, alone=True)
    notebook.start(0)
    stop = notebook.output(0).get_by_role("button", name="Stop")
    head = notebook.panel(0).locator(".head")
    expect(notebook.panel(0)).to_contain_text("Soon the moon")
    expect(stop).to_be_visible()
    notebook.page.screenshot(path=screenshot("live"))
    expect(head).to_be_visible()
    button, line = stop.bounding_box(), head.bounding_box()
    assert button is not None
    assert line is not None
    assert line["y"] - 4 <= button["y"] <= button["y"] + button["height"] <= line["y"] + line["height"] + 6
    assert abs(button["x"] + button["width"] - line["x"] - line["width"]) <= 4
    stop.click()
    notebook.wait_done(0)
    expect(notebook.output(0)).to_contain_text("cancelled")
