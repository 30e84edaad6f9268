"""Operations that the workers of a cluster import."""

import asyncio
import os
from typing import Any

import progressnb as pnb


@pnb.operation
async def pay(tracker: pnb.ProgressTracker, number: int, seconds: float = 0.0) -> tuple[int, int]:
    """Wait, pay, and say which process it was."""
    async with tracker.stage("work") as stage:
        await asyncio.sleep(seconds)
        stage.add_usage("m", input_tokens=2, output_tokens=1, cost=0.01)
    if number == -1:
        raise ValueError("no such number")
    return number, os.getpid()


@pnb.operation
async def poison(tracker: pnb.ProgressTracker, number: int) -> int:
    """Kill the worker at one number."""
    async with tracker.stage("work"):
        await asyncio.sleep(0.05)
    if number == 3:
        os._exit(1)
    return number


def at_work() -> int:
    """Return how many attempts are at work in this process."""
    from progressnb.batching.worker import _places

    return sum(len(place.runs) for place in _places)


def process(*_: Any) -> int:
    """Return the id of this process."""
    return os.getpid()
