"""A failure that nobody awaits: logged, and never printed into somebody else's cell."""

import asyncio
import gc
import logging
import subprocess
import sys

import pytest

from tests.execution.helpers import awaited, begin, fails


def test_nobody_awaits(capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture) -> None:
    """A run that fails and that nobody awaits logs one line and prints nothing."""

    async def main() -> None:
        run = begin(fails)
        while run.status != "failed":
            await asyncio.sleep(0)
        await asyncio.sleep(0)

    asyncio.run(main())
    gc.collect()
    assert [record.levelno for record in caplog.records] == [logging.ERROR]
    assert caplog.messages == ["op failed and nobody awaits it: no such row"]
    assert caplog.records[0].exc_info is None
    assert capfd.readouterr().err == ""


def test_somebody_awaits(caplog: pytest.LogCaptureFixture) -> None:
    """A failure that somebody awaits is theirs: nothing is logged."""
    with pytest.raises(ValueError, match="no such row"):
        asyncio.run(awaited(begin(fails)))
    assert caplog.records == []


@pytest.mark.integration
def test_no_traceback_without_logging() -> None:
    """Where logging is not set up, a failure that nobody awaits is at most one line, never a traceback."""
    script = """
import asyncio, gc
from progressnb import operation
@operation
async def op(tracker):
    raise ValueError("no such row")
async def main():
    asyncio.get_running_loop().slow_callback_duration = 60  # a busy machine is slow, of which asyncio writes a line
    run = op(show=False)
    while run.status != "failed":
        await asyncio.sleep(0)
    await asyncio.sleep(0)
asyncio.run(main())
gc.collect()
"""
    ran = subprocess.run([sys.executable, "-X", "dev", "-c", script], capture_output=True, text=True, check=True)
    assert ran.stderr.splitlines() in ([], ["op failed and nobody awaits it: no such row"])
    assert ran.stdout == ""
