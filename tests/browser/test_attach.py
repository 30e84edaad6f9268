"""A run that is served elsewhere, watched in JupyterLab: its panel moves, says when it is cut off, and can cancel."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

import progressnb as pnb
from tests.browser.host import TOKEN, Host, Steps

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.browser.lab import Notebook


@pytest.mark.parametrize("transport", ["sse", "websocket"])
def test_a_served_run_in_a_panel(
    host: Host, open_notebook: Callable[..., Notebook], screenshot: Callable[..., Path], transport: str
) -> None:
    """Bars move with the served run; while the server is away the panel says so; then it goes on to the same end."""
    steps = Steps()
    run, url = host.begin(lambda: steps.operation()(show=False))
    notebook = open_notebook(
        "import progressnb as pnb",
        f"run = pnb.attach({url!r}, transport={transport!r})",
        "await run",
        "run.result, len(run.events_frame()), list(run.timings().index)",
    )
    notebook.run(0, 1)
    walk = notebook.line(1, "Walk")
    steps.allowed.release()
    expect(walk).to_contain_text("25 %")
    expect(notebook.output(1)).to_contain_text("step 1")

    port = int(host.server.url.rpartition(":")[2])
    host.do(host.server.stop())
    expect(notebook.heading(1)).to_contain_text(re.compile("reconnecting…|no answer from"))  # the second is said next
    notebook.page.screenshot(path=screenshot(f"reconnecting-{transport}"))
    steps.allowed.release()
    host.server = host.do(pnb.serve(token=TOKEN, port=port))
    host.server.add(run)
    expect(walk).to_contain_text("50 %")
    expect(notebook.heading(1)).not_to_contain_text("reconnecting…")

    steps.allowed.release()
    notebook.run(2, 3)
    notebook.ended(1)
    expect(notebook.output(2)).to_contain_text("{'said': 'step'}")
    expect(notebook.output(3)).to_contain_text(f"({{'said': 'step'}}, {len(run.log)}, ['Walk', 'Rest'])")
    notebook.page.screenshot(path=screenshot(f"ended-{transport}"))


def test_cancel_stops_the_served_run(host: Host, open_notebook: Callable[..., Notebook]) -> None:
    """The panel's Stop reaches the server: the run itself ends there as cancelled."""
    steps = Steps()
    run, url = host.begin(lambda: steps.operation()(show=False))
    notebook = open_notebook("import progressnb as pnb", f"run = pnb.attach({url!r})")
    notebook.run(0, 1)
    steps.allowed.release()
    expect(notebook.line(1, "Walk")).to_contain_text("25 %")
    notebook.stop_button(1).click()
    notebook.ended(1, "cancelled")
    host.do(run.log.wait_ended())
    assert run.status == "cancelled"
    steps.allowed.release()


def test_a_page_that_is_embedded(open_notebook: Callable[..., Notebook], screenshot: Callable[..., Path]) -> None:
    """`server.show(run)` draws the page of a run below its cell, where it goes to its end as in a tab of its own."""
    notebook = open_notebook(
        "import asyncio\nimport progressnb as pnb\ngo_on = asyncio.Event()\n"
        "@pnb.operation(stages=['walk', 'rest'])\n"
        "async def tour(tracker: pnb.ProgressTracker) -> str:\n"
        "    async with tracker.stage('walk') as stage:\n        await stage.update(40, 'by the river')\n"
        "        await go_on.wait()\n    return 'home'\n"
        "server = await pnb.serve(token='choose-one')\nrun = tour(show=False)",
        "server.show(run, height=300)",
        "go_on.set()\nawait run",
        "await server.stop()",
    )
    notebook.run(0, 1)
    inside = notebook.output(1).frame_locator("iframe")
    expect(inside.locator(".trace")).to_contain_text("by the river")
    notebook.page.screenshot(path=screenshot("at-work"))
    notebook.run(2)
    expect(inside.locator(".run.finished")).to_be_visible()
    notebook.page.screenshot(path=screenshot("ended"))
    notebook.run(3)
    expect(notebook.output(1).locator("iframe")).to_have_attribute("height", "300")
