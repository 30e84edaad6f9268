"""Cancelled runs in the cells of a real kernel, and the latest run of a session."""

import asyncio
import re
import subprocess
import sys
import traceback
from collections.abc import Iterator
from typing import Any

import pytest
from jupyter_client.manager import AsyncKernelManager

import progressnb as pnb
from progressnb.errors import RunCancelled
from progressnb.execution.latest import latest_run
from progressnb.execution.operation import operation
from progressnb.execution.replay import replay
from progressnb.tracking.tracker import ProgressTracker
from tests.execution.helpers import begin, forever, obeys, report, turns

pytestmark = pytest.mark.integration

SETUP = """
import asyncio
import progressnb as tools
tools.configure(show=False)

@tools.operation
async def waits(tracker):
    with tracker.stage("s") as stage:
        stage.write("half a sen")
        print("begun", flush=True)
        await asyncio.Event().wait()

def later(act):
    asyncio.get_running_loop().call_later(0.1, act)
"""


class Kernel:
    """A kernel that runs cells, and what they put out."""

    def __init__(self) -> None:
        # The blocking manager of jupyter_client 7 lets nest_asyncio patch the asyncio of this process for good.
        self.runner = asyncio.Runner()
        self.manager = AsyncKernelManager()
        self.runner.run(self._start())
        self.run(SETUP)

    async def _start(self) -> None:
        await self.manager.start_kernel()
        self.client = self.manager.client()
        self.client.start_channels()
        await self.client.wait_for_ready(timeout=120)

    async def _end(self) -> None:
        await self.manager.shutdown_kernel(now=True)

    def stop(self) -> None:
        """End the kernel."""
        self.client.stop_channels()
        self.runner.run(self._end())
        self.runner.close()

    def run(self, code: str, *, interrupt: bool = False) -> list[dict[str, Any]]:
        """Run a cell to its end and return its outputs; interrupt it once it has printed."""
        return self.runner.run(self._run(code, interrupt=interrupt))

    async def _run(self, code: str, *, interrupt: bool) -> list[dict[str, Any]]:
        request = self.client.execute(code)
        outputs: list[dict[str, Any]] = []
        while True:
            message = await self.client.get_iopub_msg(timeout=120)
            if message["parent_header"].get("msg_id") != request:
                continue
            if message["msg_type"] == "stream" and interrupt:
                interrupt = False
                await self.manager.interrupt_kernel()
            if message["msg_type"] in ("error", "stream", "execute_result"):
                outputs.append({"type": message["msg_type"], **message["content"]})
            if message["content"].get("execution_state") == "idle":
                return outputs

    async def replies(self, *cells: str) -> list[str]:
        """Send cells at once and return the status of each reply."""
        requests = [self.client.execute(code) for code in cells]
        replies = dict.fromkeys(requests, "")
        while not all(replies.values()):
            message = await self.client.get_shell_msg(timeout=120)
            if message["parent_header"]["msg_id"] in replies:
                replies[message["parent_header"]["msg_id"]] = message["content"]["status"]
        return list(replies.values())

    def error(self, code: str, *, interrupt: bool = False) -> str:
        """Run a cell that ends in an error of one line; return the line."""
        last = self.run(code, interrupt=interrupt)[-1]
        assert last["type"] == "error", last
        (line,) = last["traceback"]
        assert "\n" not in line
        return str(line)


@pytest.fixture(scope="module")
def kernel() -> Iterator[Kernel]:
    """Start one kernel for the tests of this file."""
    kernel = Kernel()
    yield kernel
    kernel.stop()


def test_a_cancelled_cell_ends_in_one_line(kernel: Kernel) -> None:
    """The cell's output is one line, an error still, and names only what the notebook has."""
    line = kernel.error("call = waits()\nlater(lambda: call.cancel('no more'))\nawait call")
    assert line == "RunCancelled: waits was cancelled: no more. What it had written is in call.partial."
    assert kernel.run("call.partial")[-1]["data"]["text/plain"] == "'half a sen'"


def test_the_advice_names_what_there_is(kernel: Kernel) -> None:
    """Without a variable of the run it is `last_run`, by the name that the module has here, or nothing."""
    line = kernel.error("later(lambda: tools.runs()[0].cancel())\nawait waits()")
    assert line == "RunCancelled: waits was cancelled. What it had written is in tools.last_run.partial."
    assert kernel.run("tools.last_run.partial")[-1]["data"]["text/plain"] == "'half a sen'"
    kernel.run("configure, runs = tools.configure, tools.runs\ndel tools")
    line = kernel.error("later(lambda: runs()[0].cancel())\nawait waits()")
    assert line == "RunCancelled: waits was cancelled"
    kernel.run("import progressnb as tools")


@pytest.mark.parametrize("waiting", ["await waits()", "call = waits(); call.wait()"])
def test_an_interrupted_cell_ends_in_one_line(kernel: Kernel, waiting: str) -> None:
    """The kernel's Interrupt ends a cell that waits for a run in one line, and the run as cancelled."""
    line = kernel.error(waiting, interrupt=True)
    assert re.fullmatch(
        r"(CancelledError|KeyboardInterrupt): waits was cancelled: interrupted. What it had written is in .*partial.",
        line,
    )
    assert kernel.run("tools.last_run.status")[-1]["data"]["text/plain"] == "'cancelled'"


def test_later_cells_of_run_all_stop(kernel: Kernel) -> None:
    """The reply of the cell is an error: a cell that was sent behind it is not run."""
    first, second = kernel.runner.run(
        kernel.replies("call = waits()\nlater(call.cancel)\nawait call", "print('run all the same')")
    )
    # ipykernel answers a cell that is left out with the status "aborted", older ones with "error".
    assert first == "error"
    assert second != "ok"


async def test_in_code_it_is_an_error_like_any_other() -> None:
    """Outside a notebook the error has its traceback and its text."""
    run = begin(forever)
    await turns(3)
    run.cancel()
    with pytest.raises(RunCancelled) as caught:
        await run
    assert "in test_in_code_it_is_an_error" in "".join(traceback.format_exception(caught.value))
    assert str(caught.value) == "op was cancelled. What it had written is in run.partial."
    assert caught.value._render_traceback_() == [f"RunCancelled: {caught.value}"]


async def test_a_timeout_around_a_run_stays_one() -> None:
    """The error of whoever is cancelled while it waits is asyncio's own, which `asyncio.timeout` looks for."""
    run = begin(forever)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await run
    assert run.status == "cancelled"


# --- the latest run --------------------------------------------------------------------------------


async def test_last_run_is_the_latest() -> None:
    """`pnb.last_run` is the run that began last, at work or ended, looked up each time."""
    first, second = report("tides"), report("moon")
    assert pnb.last_run is second
    await first
    await second
    third = report("sun")
    assert pnb.last_run is latest_run() is third
    await third
    assert pnb.last_run is third
    assert "last_run" in dir(pnb)
    assert "last_run" not in vars(pnb)


async def test_runs_that_runs_call_are_theirs() -> None:
    """A run below another one is not the latest: the one above it is."""

    @operation
    async def outer(tracker: ProgressTracker) -> str:
        async with tracker.stage("s"):
            return await report("tides")

    run = outer()
    await run
    assert pnb.last_run is run


def test_a_run_that_never_began_is_not_the_latest() -> None:
    """In sync code a run begins when it is waited for."""
    first = report("tides")
    first.wait()
    second = report("moon")
    assert pnb.last_run is first
    second.wait()
    assert pnb.last_run is second


async def test_a_replay_counts_too() -> None:
    """A run that is shown again is the latest."""
    run = begin(obeys)
    await run
    again = replay(run, speed=None, show=False)
    assert pnb.last_run is again


def test_there_is_none_before_the_first() -> None:
    """A fresh session has no latest run, and asking loads nothing."""
    code = "import sys, progressnb as p; print(p.last_run, 'asyncio' in sys.modules); import progressnb.execution\n"
    code += "print(p.last_run)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["None", "False", "None"]
