"""What a program that executes notebooks stores of a panel: the last state, also of a kernel that died."""

import re
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import DeadKernelError

BEGIN = """
import asyncio, os, signal, time
import progressnb as pnb

@pnb.operation
async def read(tracker, pages: int, dies: bool = False):
    async with tracker.stage("reading") as stage:
        for page in range(1, pages + 1):
            await stage.update(100 * page / pages, f"page {page}")
            await asyncio.sleep(0.1)
            if dies and page == 40:
                os.kill(os.getpid(), signal.SIGKILL)
    return "all is read"
"""

LOOP = """
for page in pnb.track(range(50), "page"):
    time.sleep(0.1)
    if page == 40:
        os.kill(os.getpid(), signal.SIGKILL)
"""


def stored(*cells: str) -> Any:
    """Execute cells in a kernel of their own; return the outputs of the first as far as they were stored."""
    notebook: Any = nbformat.v4.new_notebook()  # type: ignore[no-untyped-call]
    notebook.cells = [nbformat.v4.new_code_cell(source) for source in (BEGIN, *cells)]  # type: ignore[no-untyped-call]
    client = NotebookClient(notebook, timeout=120)
    try:
        client.execute()
    except DeadKernelError:
        assert any("SIGKILL" in cell.source or "dies" in cell.source for cell in notebook.cells)
    return notebook.cells[1].outputs


@pytest.mark.parametrize(
    "cells",
    [
        ("run = read(5)", "await run"),
        ("run = read(5)", "run.wait();"),
        ("run = read(5)", "await run", "1 + 1"),
        ("run = read(5); await asyncio.sleep(0.4)", "x = 1", "await run"),
        ("run = read(5)", "while not run.log.ended:\n    await asyncio.sleep(0.05)", "pass"),
        ("run, other = read(5), read(4)", "await asyncio.gather(run, other)"),
    ],
    ids=["awaited", "waited for", "and a cell more", "with a cell between", "never awaited", "two at once"],
)
def test_a_run_that_ends_in_a_later_cell(cells: tuple[str, ...]) -> None:
    """The panel below the cell that began a run has the run's end, in whichever later cell it came."""
    (output,) = stored(*cells)
    assert "✓" in output["data"]["text/plain"]
    assert "all is read" in output["data"]["text/plain"] or "two" in output["data"]["text/plain"].casefold()
    assert "begins" not in output["data"]["text/plain"]
    assert "all is read" in output["data"]["text/html"]


def test_a_run_that_nobody_waits_for() -> None:
    """A notebook that ends before its run does says what was known then, and never that all is done."""
    (output,) = stored("run = read(1_000)", "await asyncio.sleep(1)")
    assert "●" in output["data"]["text/plain"]
    assert "✓" not in output["data"]["text/plain"]


@pytest.mark.parametrize(
    "cells",
    [
        ("await read(50, dies=True)",),
        ("run = read(50, dies=True)", "await run"),
        ("run = read(50, dies=True)", "run.wait()"),
        (LOOP,),
    ],
    ids=["in the same cell", "in the next cell", "in a blocked cell", "a loop"],
)
def test_a_kernel_that_dies(cells: tuple[str, ...]) -> None:
    """The stored panel of a kernel that was killed says how far the run was."""
    output = stored(*cells)[0]
    text = output["data"]["text/plain"]
    assert "●" in text
    found = re.search(r"page (\d+)|(\d+)/50", text)
    assert found is not None, text
    assert int(found[1] or found[2]) >= 20
