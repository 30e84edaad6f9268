"""`%load_ext progressnb` in a real kernel: plain agents have panels, and none once it is unloaded."""

from typing import Any

import pytest

from tests.kernels import outputs_of

pytestmark = pytest.mark.integration

CELLS = {
    "begin": """
import asyncio
from pydantic_ai import Agent
from progressnb.testing import scripted_model
early = Agent(scripted_model("The moon.", "The sun."))""",
    "load": "%load_ext progressnb",
    "plain": 'r = await early.run("tides")',
    "gathered": """
writers = [Agent(scripted_model(f"Part {n}."), name=f"writer{n}") for n in range(3)]
rs = await asyncio.gather(*(writer.run("tides") for writer in writers))""",
    "thread": """
poet = Agent(scripted_model("The tide."))
r = await asyncio.to_thread(poet.run_sync, "tides")""",
    "sync": 'r = Agent(scripted_model("Never.")).run_sync("tides")',
    "nested": """
import nest_asyncio2
nest_asyncio2.apply()
nested = Agent(scripted_model("The wave."))
r = nested.run_sync("tides")""",
    "unload": "%unload_ext progressnb",
    "after": 'r = await early.run("tides")',
    "again": '%reload_ext progressnb\nr = await Agent(scripted_model("The ebb.")).run("tides")',
    "line": "import progressnb as pnb\npnb.watch()",
}


@pytest.fixture(scope="module")
def outputs() -> dict[str, list[Any]]:
    """Run the cells in one kernel and return the outputs of each."""
    return outputs_of(CELLS, allow_errors=True)


@pytest.mark.parametrize(
    ("cell", "text"),
    [("plain", "The moon."), ("thread", "The tide."), ("nested", "The wave."), ("again", "The ebb.")],
)
def test_a_panel(outputs: dict[str, list[Any]], cell: str, text: str) -> None:
    """An agent without a word of ours shows its run, awaited, in a thread, or by `run_sync` on nest-asyncio2's loop."""
    (shown,) = outputs[cell]
    assert shown["output_type"] == "display_data"
    assert text in str(shown)


def test_gathered_agents_share_a_panel(outputs: dict[str, list[Any]]) -> None:
    """The agents of one cell are in one panel, whose Python side has all of them."""
    (shown,) = outputs["gathered"]
    for number in range(3):
        assert f"writer{number}" in str(shown)
        assert f"Part {number}." in str(shown)


def test_run_sync_in_the_loop_of_a_cell(outputs: dict[str, list[Any]]) -> None:
    """pydantic-ai itself refuses `run_sync` where a loop runs: no panel is left, and a line says what to write."""
    assert [output["output_type"] for output in outputs["sync"]] == ["error", "stream"]
    assert "await agent.run(…)" in outputs["sync"][1]["text"]
    assert "already running" in outputs["sync"][0]["evalue"]


def test_nothing_else_is_shown(outputs: dict[str, list[Any]]) -> None:
    """Loading and unloading say nothing, and after unloading an agent has no panel."""
    for cell in ("begin", "load", "unload", "after"):
        assert outputs[cell] == []
    (shown,) = outputs["line"]
    assert shown["data"]["text/plain"] == "<watching pydantic-ai>"
