"""A batch that is killed: run by `test_killed.py` as a process of its own.

Each item writes a line when it is paid. Without a kill the process prints the results.
"""

import asyncio
import json
import sys
from pathlib import Path

import progressnb as pnb

folder, count, limit = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])


@pnb.operation
async def pay(tracker: pnb.ProgressTracker, number: int) -> str:
    """Pay for a number."""
    async with tracker.stage("work"):
        await asyncio.sleep(0.005)
    with (folder / "paid.txt").open("a") as file:
        file.write(f"{number}\n")
    return f"number {number}"


async def main() -> None:
    """Run the batch."""
    pnb.use_history(folder / "runs.db", contents=True)
    results = await pnb.batch(pay, range(count), limit=limit, show=False)
    (folder / "results.json").write_text(json.dumps(results))


asyncio.run(main())
