"""`%load_ext progressnb` in a real JupyterLab: plain agents are seen while they work, and those of a cell together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.browser.lab import Notebook

AGENTS = """
import asyncio
from pathlib import Path
from pydantic_ai import Agent
from pydantic_ai.models.function import FunctionModel

def model(name):
    # It writes a word, and the rest once a file of its name is there.
    async def write(messages, info):
        yield f"The {name} "
        while not Path(f"{name}.go").exists():
            await asyncio.sleep(0.01)
        yield "rises."
    return FunctionModel(stream_function=write)

poet = Agent(model("moon"))
writers = [Agent(model(name), name=name) for name in ("tide", "ebb", "flood")]
"""


def test_plain_agents(open_notebook: Callable[..., Notebook]) -> None:
    """An agent without a word of ours has a live panel with its name, and three that are gathered have one together."""
    notebook = open_notebook(
        AGENTS,
        "%load_ext progressnb",
        'r = await poet.run("tides")',
        'rs = await asyncio.gather(*(writer.run("tides") for writer in writers))',
        "%unload_ext progressnb\nr = await poet.run('tides')",
    )
    root = notebook.server.root
    notebook.run(0, 1)
    expect(notebook.output(1)).to_have_text("")

    notebook.start(2)
    notebook.live(2).wait_for()
    expect(notebook.heading(2)).to_contain_text("poet")
    expect(notebook.answer(2)).to_have_text("The moon")
    expect(notebook.stop_button(2)).to_be_visible()
    (root / "moon.go").touch()
    notebook.ended(2)
    expect(notebook.answer(2)).to_have_text("The moon rises.")

    notebook.start(3)
    notebook.live(3).wait_for()
    for name in ("tide", "ebb", "flood"):
        expect(notebook.output(3)).to_contain_text(name)
        (root / f"{name}.go").touch()
    notebook.wait_done(3)
    expect(notebook.panel(3)).to_have_count(1)
    expect(notebook.live(3)).to_have_count(0)

    notebook.run(4)
    expect(notebook.panel(4)).to_have_count(0)
