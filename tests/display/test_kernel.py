"""A panel in a real kernel, whatever its version: `make floors` runs this on the oldest."""

import pytest

from tests.kernels import outputs_of

pytestmark = pytest.mark.integration

CODE = """
import progressnb as pnb
@pnb.operation
async def report(tracker: pnb.ProgressTracker) -> str:
    async with tracker.stage("write") as stage:
        await stage.update(50, "half")
    return "a report"
"""
VIEW = "application/vnd.jupyter.widget-view+json"


@pytest.mark.parametrize("call", ["await report()", "report().wait()"])
def test_a_panel_in_a_kernel(call: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run draws its panel as a widget or as HTML, ends, and raises nothing, awaited and in a blocked cell."""
    monkeypatch.delenv("PROGRESSNB_DISPLAY", raising=False)
    monkeypatch.setenv("PROGRESSNB_MODEL", "offline")
    outputs = outputs_of({"code": CODE, "call": f"{call}\n1 + 1"}, kernel_name="python3")["call"]
    shown = [output["data"] for output in outputs if output["output_type"] == "display_data"]
    assert any(VIEW in data or "a report" in data.get("text/html", "") for data in shown), outputs
    assert outputs[-1]["data"]["text/plain"] == "2"


def test_a_loop_within_the_loop_of_a_cell(monkeypatch: pytest.MonkeyPatch) -> None:
    """Below the traceback of `agent.run_sync` a line says what to write; an error that is the user's own has none."""
    monkeypatch.delenv("PROGRESSNB_DISPLAY", raising=False)
    cells = {
        "setup": "import progressnb\nfrom pydantic_ai import Agent\nfrom pydantic_ai.models.test import TestModel",
        "agent": "Agent(TestModel()).run_sync('tides')",
        "own": "raise RuntimeError('This event loop is already running')",
    }
    outputs = outputs_of(cells, kernel_name="python3", allow_errors=True)

    def said(cell: str) -> str:
        return "".join(each["text"] for each in outputs[cell] if each["output_type"] == "stream")

    assert outputs["agent"][0]["ename"] == "RuntimeError"
    assert "await agent.run(…)" in said("agent")
    assert said("own") == ""
