"""The size of a batch: what the driver keeps of an item, and how the events of its log grow."""

import gc
import tracemalloc

import pytest

import progressnb as pnb
from progressnb.tracking.tracker import ProgressTracker

COUNT = 400
MOST = 6_000


@pnb.operation
async def short(tracker: ProgressTracker, number: int) -> int:
    """Do a little."""
    async with tracker.stage("work") as stage:
        await stage.update(50, "half way", cost=0.001)
    return number


@pytest.mark.integration  # seconds: all that is allocated is traced
async def test_bytes_of_an_item() -> None:
    """With its log, the driver keeps less than 6 KB an item, once it has ended."""
    await pnb.batch(short, range(50))  # what is imported and cached at the first run
    tracemalloc.start()
    try:
        gc.collect()
        before, _ = tracemalloc.get_traced_memory()
        small = pnb.batch(short, range(COUNT))
        await small
        gc.collect()
        middle, _ = tracemalloc.get_traced_memory()
        large = pnb.batch(short, range(3 * COUNT))
        await large
        gc.collect()
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    # The difference of the two leaves out what a batch keeps whatever its size: the five slowest runs.
    assert ((after - middle) - (middle - before)) / (2 * COUNT) < MOST


async def test_events_of_an_item() -> None:
    """The log has one event an item, and a few a second beside."""
    batch = pnb.batch(short, range(COUNT))
    await batch
    kinds = [event.type for event in batch.log]
    assert kinds.count("item") == COUNT
    assert len(kinds) - COUNT <= 6 + 7 * batch.elapsed  # once a second, and at news of a gate five times a second
