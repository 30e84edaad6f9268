"""Runs that nobody awaits and that so never begin: Python warns of coroutines, progressnb of these."""

import asyncio
import gc
import os
import subprocess
import sys
import threading
import warnings
from collections.abc import Iterator
from typing import Any

import pytest

import progressnb
from progressnb.execution.run import Run, runs
from progressnb.testing import ManualClock
from progressnb.tracking.tracker import ProgressTracker

pytestmark = pytest.mark.integration

SCRIPT = """
from progressnb import operation
@operation
async def report(tracker, topic):
    print("it ran")
    return topic
"""


async def quick(_: ProgressTracker) -> str:
    """Do nothing."""
    return "result"


def begin() -> Run[str]:
    """Make a run where no loop is."""
    return Run(ProgressTracker("op", clock=ManualClock()), quick)


@pytest.fixture(autouse=True)
def nothing_leaks() -> Iterator[None]:
    """Check that no run is left alive by a test."""
    yield
    gc.collect()
    assert runs() == []


def ran(script: str) -> subprocess.CompletedProcess[str]:
    """Run a script."""
    return subprocess.run([sys.executable, "-c", SCRIPT + script], capture_output=True, text=True, check=True)


def test_a_forgotten_wait() -> None:
    """A script that ends without awaiting what it called is told so once, with the line and the remedy."""
    done = ran('kept = report("tides")\n')
    assert done.stdout == ""
    line = SCRIPT.count("\n") + 1
    assert done.stderr.splitlines()[0] == (
        f"<string>:{line}: RuntimeWarning: report was called and never ran: await it, or write .wait() after the call"
    )
    assert done.stderr.count("RuntimeWarning") == 1


def test_a_shown_run_and_one_in_a_class_too() -> None:
    """It is told of whatever way the run was made, also if it would have been shown."""
    done = ran("""
from progressnb import StreamingOperation
class Tides(StreamingOperation):
    operation_name = "tides"
    async def execute(self, tracker):
        return 1
kept = [Tides().run(show=True), report("x", show=True, on_event=print)]
""")
    assert done.stderr.count("RuntimeWarning: tides was called and never ran") == 1
    assert done.stderr.count("RuntimeWarning: report was called and never ran") == 1


def test_a_dropped_run_warns_at_once() -> None:
    """A run that nobody has any more, and that never began, warns when it is dropped, at the caller's line."""
    with pytest.warns(RuntimeWarning, match="op was called and never ran") as caught:
        begin()
    assert [warning.filename for warning in caught] == [__file__]
    assert runs() == []


def test_no_false_alarm() -> None:
    """Nothing is said of runs that were awaited, waited for, iterated, cancelled, or that a loop begins."""

    async def awaited(run: Run[Any]) -> None:
        await run

    async def iterated(run: Run[Any]) -> None:
        async for _ in run:
            pass

    async def left_alone() -> None:
        progressnb.execution.operation(quick).using(show=False)()

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        asyncio.run(awaited(begin()))
        begin().wait()
        asyncio.run(iterated(begin()))
        begin().cancel()
        asyncio.run(left_alone())
        source = begin()
        source.wait()
        replayed = progressnb.replay(source, show=False)
        del source, replayed
        gc.collect()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="forks are POSIX's")
def test_a_fork_says_nothing() -> None:
    """A fork that ends does not warn of its parent's runs."""
    done = ran("""
import os, sys
kept = report("tides")
if os.fork() == 0:
    sys.exit()
os.wait()
kept.wait()
""")
    assert (done.stdout, "RuntimeWarning" in done.stderr) == ("it ran\n", False)


def test_a_run_that_goes_on_is_kept() -> None:
    """Nobody need hold a run that has begun: it goes on to its end."""
    ended = threading.Event()

    async def body(_: ProgressTracker) -> None:
        gone = asyncio.get_running_loop().create_future()
        asyncio.get_running_loop().call_soon(gc.collect)
        asyncio.get_running_loop().call_soon(gone.set_result, None)
        await gone
        ended.set()

    async def main() -> None:
        Run(ProgressTracker("op", clock=ManualClock()), body)
        while not ended.is_set():
            await asyncio.sleep(0)

    asyncio.run(main())
