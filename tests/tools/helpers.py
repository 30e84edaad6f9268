"""Tools and trackers that several tests of tools share."""

import asyncio
import re
from collections.abc import AsyncGenerator, Generator
from typing import Any

from progressnb import ProgressTracker, Result, progress
from progressnb.testing import ManualClock


@progress
def simple(count: int = 4) -> Generator[dict[str, float], None, str]:
    """Count up."""
    for number in range(count):
        yield {"progress": (number + 1) / count}
    return f"counted to {count}"


@progress
def with_status(items: list[str]) -> Generator[dict[str, Any], None, dict[str, int]]:
    """Work on items.

    Args:
        items: What to work on.

    """
    for number, item in enumerate(items, 1):
        yield {"progress": number / len(items), "status": f"item {number} of {len(items)}", "current_item": item}
    return {"processed": len(items)}


@progress
async def in_the_loop(count: int) -> AsyncGenerator[Any, None]:
    """Count up in the loop."""
    for number in range(count):
        yield (number + 1) / count
        await asyncio.sleep(0)
    yield Result(count)


def begun() -> ProgressTracker:
    """Make a tracker whose clock stands still."""
    return ProgressTracker("op", clock=ManualClock(), show=False)


def plain_id(value: object) -> str:
    """Name a parameter without its address, which every process has its own of."""
    return re.sub(r" at 0x\w+", "", str(value))
