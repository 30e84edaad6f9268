"""Rows of `batch`: what an item costs beside `gather` with a semaphore, and what it leaves in memory."""

from __future__ import annotations

from benchmarks.measures import Measure, measure

ITEMS = 300


@measure("an item of a batch of agent runs (peer: gather)", unit="ms", target=1.4, against="peer")
def item() -> Measure:
    """Run 300 items, twenty at a time; the floor is the agents alone, without any run of progressnb."""
    import asyncio

    from benchmarks import batch
    from benchmarks.turns import take_turns

    return take_turns(
        lambda: asyncio.run(batch.by_batch(ITEMS)),
        floor=lambda: asyncio.run(batch.by_agents(ITEMS)),
        peer=lambda: asyncio.run(batch.by_gather(ITEMS)),
        calls=ITEMS,
        unit="ms",
        rounds=5,
    )


@measure("an item of a batch of short runs, kept", unit="bytes", target=6_000)
def item_kept() -> Measure:
    """Keep a batch of 2,000 items with its log."""
    import asyncio
    import tracemalloc

    from benchmarks import batch

    asyncio.run(batch.sized(20))
    tracemalloc.start()
    return Measure(asyncio.run(batch.sized(2_000))[1])
