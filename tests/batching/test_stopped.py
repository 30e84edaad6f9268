"""A batch that is stopped by hand or whose kernel is restarted: the same call goes on, and pays nothing twice."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

import progressnb as pnb
from progressnb.display.front import front
from progressnb.display.panel import show_panel
from progressnb.errors import BatchStopped
from tests.display.frontend import install
from tests.execution.test_cells import Kernel

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

COUNT, LIMIT = 40, 4

SETUP = """
import asyncio
from pathlib import Path
import progressnb as pnb
folder = Path({folder!r})
pnb.configure(show=False)
history = pnb.use_history(folder / "runs.db", contents=True)

@pnb.operation
async def pay(tracker, number):
    async with tracker.stage("work"):
        await asyncio.sleep(0.05)
    with (folder / "paid.txt").open("a") as file:
        file.write(f"{{number}}\\n")
    print("paid", flush=True)
    return number
"""
CELL = f"batch = pnb.batch(pay, range({COUNT}), limit={LIMIT})\nresults = await batch"
DONE = "results == list(range(40)), sum(item.reused for item in batch.items)"


@pytest.fixture
def kernel(tmp_path: Path) -> Iterator[Kernel]:
    """Start a kernel whose batches pay into a file."""
    kernel = Kernel()
    kernel.run(SETUP.format(folder=str(tmp_path)))
    yield kernel
    kernel.stop()


def paid(folder: Path) -> list[str]:
    """Return what was paid, in that order."""
    file = folder / "paid.txt"
    return file.read_text().split() if file.exists() else []


def check_goes_on(kernel: Kernel, folder: Path, cell: str = CELL) -> None:
    """Run the same cell again, and check that at most what was at work is paid twice."""
    before = len(paid(folder))
    assert 0 < before < COUNT
    outputs = kernel.run(cell)
    assert [each for each in outputs if each["type"] == "error"] == []
    text = kernel.run(DONE)[-1]["data"]["text/plain"]
    whole, reused = text.strip("()").split(", ")
    assert whole == "True"
    assert int(reused) >= before - LIMIT
    assert len(paid(folder)) == before + COUNT - int(reused)


@pytest.mark.integration
def test_a_cell_that_is_interrupted(kernel: Kernel, tmp_path: Path) -> None:
    """After the Stop of the notebook the same cell goes on with what was committed."""
    kernel.run(CELL, interrupt=True)
    kernel.run("asyncio.get_running_loop().is_running()")
    check_goes_on(kernel, tmp_path)


@pytest.mark.integration
def test_a_kernel_that_is_restarted(kernel: Kernel, tmp_path: Path) -> None:
    """After a restart in the midst of a batch the same cells go on with what was committed."""

    async def restart() -> None:
        kernel.client.execute(CELL)
        while len(paid(tmp_path)) < 3 * LIMIT:
            await asyncio.sleep(0.01)
        await kernel.manager.restart_kernel(now=True)
        await kernel.client.wait_for_ready(timeout=120)

    kernel.runner.run(restart())
    kernel.run(SETUP.format(folder=str(tmp_path)))
    check_goes_on(kernel, tmp_path)


@pytest.mark.usefixtures("history")
async def test_the_button_of_the_panel(monkeypatch: pytest.MonkeyPatch) -> None:
    """The Stop of the panel ends the batch with its reason, and the same call goes on."""
    calls: list[int] = []

    @pnb.operation
    async def pay(_tracker: pnb.ProgressTracker, number: int) -> int:
        calls.append(number)
        if len(calls) > LIMIT:
            await held.wait()
        return number

    held = asyncio.Event()

    def begin() -> Any:
        return pnb.batch(pay, range(COUNT), limit=LIMIT, show=False)

    page = install(monkeypatch)
    front.heard = True
    batch = begin()
    show_panel(batch)
    waiter = asyncio.ensure_future(asyncio.gather(batch, return_exceptions=True))
    while len(batch._roll.ended) < LIMIT or not page.stubs:
        await asyncio.sleep(0)
    page.say(page.stubs[0], {"kind": "stop", "run": "r1"})
    (error,) = await waiter
    assert isinstance(error, BatchStopped)
    assert "the Stop button" in str(error)
    before, done = len(calls), sum(item.status == "finished" for item in batch.items)
    assert done == LIMIT
    held.set()
    again = begin()
    assert await again == list(range(COUNT))
    assert sum(item.reused for item in again.items) == done
    assert len(calls) == before + COUNT - done <= COUNT + LIMIT
