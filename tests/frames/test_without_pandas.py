"""A place without pandas, as a browser is: runs go on, and frames say what is missing."""

import subprocess
import sys

import pytest

PROGRAM = """
import asyncio, sys
sys.modules["pandas"] = None
import progressnb as pnb

@pnb.operation(stages=["read"])
async def report(tracker, topic):
    async with tracker.stage("read") as stage:
        stage.update(50, "reading")
    return topic

async def main():
    run = report("tides", show=False)
    assert await run == "tides"
    try:
        run.timings()
    except pnb.errors.MissingExtraError as error:
        print(error)

asyncio.run(main())
"""


@pytest.mark.integration
def test_runs_go_on_and_frames_say_what_is_missing() -> None:
    """Without pandas a run has its result, and `timings` raises `MissingExtraError` with the line that installs it."""
    ran = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    assert "pandas" in ran.stdout
    assert "pip install pandas" in ran.stdout
