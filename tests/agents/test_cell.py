"""A plain cell in a real kernel: the agent has a panel, Stop and Interrupt end it, and later cells go on."""

import re
from typing import Any

import pytest

from tests.kernels import outputs_of

pytestmark = pytest.mark.integration

BEGIN = """
import os, signal, threading
import progressnb as pnb
from pydantic_ai import Agent
from pydantic_ai.models.function import FunctionModel

def when_it_writes(act):
    # A model that writes until it is stopped; it acts once its first word is in the run.
    async def write(messages, info):
        yield "word "
        while pnb.runs()[0].partial is None:
            await asyncio.sleep(0)
        act()
        while True:
            yield "more "
            await asyncio.sleep(0.01)
    return FunctionModel(stream_function=write)

import asyncio
from pydantic import BaseModel
from progressnb.testing import scripted_model, tool_call

class Sea(BaseModel):
    depth: int
"""
CELLS = {
    "begin": BEGIN,
    "plain": 'r = await Agent(scripted_model("The moon."), capabilities=[pnb.ReportProgress()]).run("tides")',
    "last": 'await Agent(scripted_model("The tide."), capabilities=[pnb.ReportProgress()]).run("tides")',
    "kept": "_.output",
    "hidden": 'await Agent(scripted_model("The moon."), capabilities=[pnb.ReportProgress(show=False)]).run("tides");',
    "stop": """
stop = lambda: threading.Thread(target=pnb.runs()[0].cancel).start()
await Agent(when_it_writes(stop), capabilities=[pnb.ReportProgress()]).run("tides")""",
    "interrupt": """
interrupt = lambda: os.kill(os.getpid(), signal.SIGINT)
await Agent(when_it_writes(interrupt), capabilities=[pnb.ReportProgress()]).run("tides")""",
    "after": "(pnb.runs(), r.output, pnb.last_run.status)",
    "failing tool": """
def look_up(city: str) -> str:
    return {"Berlin": "the Spree"}[city]

calls = scripted_model(tool_call("look_up", city="Paris"), "The Seine.")
await Agent(calls, tools=[look_up], capabilities=[pnb.ReportProgress()]).run("tides")""",
    "refused output": """
bad = scripted_model({"depth": "deep"}, {"depth": "deep"})
await Agent(bad, output_type=Sea, capabilities=[pnb.ReportProgress()]).run("tides")""",
    "every frame": """
import traceback
try:
    await Agent(scripted_model(KeyError("Paris")), capabilities=[pnb.ReportProgress()]).run("tides")
except KeyError as error:
    print("".join(traceback.format_exception(error)))""",
    "wrong use": "pnb.batch(print, [1], limit=0)",
    "no file": 'await pnb.customize("no.pdf", "no.txt")',
}


@pytest.fixture(scope="module")
def outputs() -> dict[str, list[Any]]:
    """Run the cells in one kernel and return the outputs of each."""
    return outputs_of(CELLS, allow_errors=True)


def errors(shown: list[Any]) -> list[str]:
    """Return the names of the errors among outputs."""
    return [output["ename"] for output in shown if output["output_type"] == "error"]


def test_a_panel(outputs: dict[str, list[Any]]) -> None:
    """The cell shows the agent's run with its output, and `show=False` shows none."""
    assert "The moon." in str(outputs["plain"])
    assert "moon" not in str(outputs["hidden"])
    assert not errors(outputs["begin"]) + errors(outputs["plain"]) + errors(outputs["hidden"])


def test_its_result_is_not_repeated(outputs: dict[str, list[Any]]) -> None:
    """What the agent's caller gets is not printed below the panel that shows its output; `_` keeps it."""
    assert [output["output_type"] for output in outputs["last"]] == ["display_data"]
    assert [output["output_type"] for output in outputs["kept"]] == ["execute_result"]
    assert "The tide." in outputs["kept"][0]["data"]["text/plain"]


def test_stop(outputs: dict[str, list[Any]]) -> None:
    """Stop ends the cell as an error, so that Run All stops, and the panel keeps what was written."""
    assert errors(outputs["stop"]) == ["RunCancelled"]
    assert len(outputs["stop"][-1]["traceback"]) == 1
    assert "cancelled" in str(outputs["stop"][0])
    assert "word" in str(outputs["stop"][0])


def test_interrupt(outputs: dict[str, list[Any]]) -> None:
    """The kernel's Interrupt cancels the run and ends the cell in one line; the cells after it go on."""
    (error,) = errors(outputs["interrupt"])
    assert error in ("CancelledError", "KeyboardInterrupt")
    assert len(outputs["interrupt"][-1]["traceback"]) == 1
    assert "cancelled" in str(outputs["interrupt"][0])
    assert "([], 'The moon.', 'cancelled')" in str(outputs["after"])


def traceback_of(shown: list[Any]) -> str:
    """Return the traceback among outputs, without colours."""
    (traceback,) = ["\n".join(output["traceback"]) for output in shown if output["output_type"] == "error"]
    return re.sub(r"\x1b\[[\d;]*m", "", traceback)


def test_an_error_of_a_tool_shows_the_cell_and_the_tool(outputs: dict[str, list[Any]]) -> None:
    """Below the panel of an agent that failed stand the frames of its owner, and none of what runs agents."""
    traceback = traceback_of(outputs["failing tool"])
    assert "KeyError: 'Paris'" in traceback
    assert 'return {"Berlin": "the Spree"}[city]' in traceback
    assert "pydantic_ai" not in traceback
    assert "progressnb/" not in traceback


def test_an_error_of_the_agent_shows_one_frame_of_it(outputs: dict[str, list[Any]]) -> None:
    """IPython shows the last frame in any case; nothing else of pydantic-ai stands above it, also in its cause."""
    traceback = traceback_of(outputs["refused output"])
    assert "UnexpectedModelBehavior" in traceback
    assert "ValidationError" in traceback
    assert traceback.count("File ") == 2  # the last of the error, and the last of its cause


def test_nothing_of_a_traceback_is_lost(outputs: dict[str, list[Any]]) -> None:
    """`traceback` has every frame: what is hidden is hidden by IPython alone."""
    (printed,) = [output["text"] for output in outputs["every frame"] if output["output_type"] == "stream"]
    assert "pydantic_ai/agent" in printed
    assert "progressnb/testing.py" in printed


@pytest.mark.parametrize("cell", ["wrong use", "no file"])
def test_an_error_of_ours_shows_the_cell_alone(outputs: dict[str, list[Any]], cell: str) -> None:
    """An error that says what was expected, what came and what helps needs no frame of ours."""
    traceback = traceback_of(outputs[cell])
    assert CELLS[cell] in traceback
    assert "expected " in traceback
    assert "File " not in traceback
