"""Rows of `batch`: an item beside other ways to run the same agents, its growth, what it leaves, and how it plans."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import progressnb as pnb
from benchmarks.measures import Measure, measure

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

ITEMS = 300
LIMIT = 20


def together(
    work: Callable[[int], Awaitable[object]], gather: Callable[..., Awaitable[object]] = asyncio.gather
) -> None:
    """Let a function do all items, twenty at once, as a gathering function with a semaphore does."""

    async def all_of_them() -> None:
        room = asyncio.Semaphore(LIMIT)

        async def one(number: int) -> object:
            async with room:
                return await work(number)

        await gather(*(one(number) for number in range(ITEMS)))

    asyncio.run(all_of_them())


def beside(peer: Callable[[Any, Any], None]) -> Measure:
    """Measure an item of a batch of agents; `peer` gets the agent and the operation."""
    from pydantic_ai import Agent
    from pydantic_ai.models.test import TestModel

    from benchmarks.turns import take_turns

    writer = Agent(TestModel(custom_output_text="fine"), name="writer")

    @pnb.operation
    async def ask(tracker: pnb.ProgressTracker, number: int) -> str:
        async with tracker.stage("ask"):
            return (await writer.run(f"Is {number} fine?")).output

    async def batch() -> None:
        await pnb.batch(ask, range(ITEMS), limit=LIMIT, show=False)

    return take_turns(
        lambda: asyncio.run(batch()),
        floor=lambda: together(lambda number: writer.run(f"Is {number} fine?")),
        peer=lambda: peer(writer, ask),
        calls=ITEMS,
        unit="ms",
        rounds=5,
    )


@measure("an item of a batch of agent runs (peer: gather)", unit="ms", target=1.4, against="peer", own=True)
def item() -> Measure:
    """Run 300 items, twenty at a time; the floor is the agents alone, without any run of progressnb."""
    return beside(lambda _, ask: together(lambda number: ask(number, show=False)))


@measure("an item of a batch (peer: tqdm.asyncio.gather)", unit="ms", target=1.4, against="peer", own=True)
def item_beside_tqdm() -> Measure:
    """Run the same operation below a bar of tqdm that is not drawn."""
    from functools import partial

    from tqdm.asyncio import tqdm

    return beside(lambda _, ask: together(lambda number: ask(number, show=False), partial(tqdm.gather, disable=True)))


@measure("an item of a batch (peer: Dataset.evaluate, no runs)", unit="ms", target=1.4, against="peer")
def item_beside_evals() -> Measure:
    """Run the agents alone by pydantic-evals, which `make build/peers/.done` installs apart."""
    import importlib
    import sys

    sys.path.append("build/peers")
    evals: Any = importlib.import_module("pydantic_evals")

    def evaluate(writer: Any, _: object) -> None:  # noqa: ANN401 - its types are pydantic-ai's
        async def task(number: int) -> str:
            return str((await writer.run(f"Is {number} fine?")).output)

        dataset = evals.Dataset(name="numbers", cases=[evals.Case(name=str(n), inputs=n) for n in range(ITEMS)])
        asyncio.run(dataset.evaluate(task, max_concurrency=LIMIT, progress=False))

    return beside(evaluate)


def short(count: int) -> Any:  # noqa: ANN401 - a batch
    """Run a batch of short items to its end, and return it."""

    @pnb.operation
    async def wait(tracker: pnb.ProgressTracker, number: int) -> int:
        async with tracker.stage("wait") as stage:
            await stage.update(50)
            await asyncio.sleep(0)
        return number

    async def main() -> Any:  # noqa: ANN401
        batch = pnb.batch(wait, range(count), limit=LIMIT, show=False)
        await batch
        return batch

    return asyncio.run(main())


@measure("an item of 10,000 short ones (floor: of 1,000)", unit="ms", target=1.15, against="floor", own=True)
def item_of_many() -> Measure:
    """Show that an item costs the same however many there are."""
    import gc
    import statistics
    import time

    def milliseconds(count: int) -> float:
        gc.collect()
        before = time.process_time()
        short(count)
        return (time.process_time() - before) / count * 1e3

    short(100)
    took = [(milliseconds(10_000), milliseconds(1_000)) for _ in range(3)]
    many, few = (statistics.median(each) for each in zip(*took, strict=True))
    return Measure(many, few, spread=0.1)


@measure("an item of a batch of short runs, kept", unit="bytes", target=6_000, own=True)
def item_kept() -> Measure:
    """Keep a batch of 2,000 items with its log."""
    import gc
    import tracemalloc

    short(20)
    gc.collect()
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    kept = short(2_000)
    gc.collect()
    after, _ = tracemalloc.get_traced_memory()
    return Measure((after - before) / len(kept))


@measure("the panel of a batch of 10,000 (floor: of 100)", unit="KB/s", target=7, own=True)
def traffic() -> Measure:
    """Draw a scripted batch on a clock of its own, to its end."""
    return Measure(*(_traffic(total)[1] / 1e3 for total in (10_000, 100)))


@measure("messages of its panel (floor: of 100)", unit="1/s", target=13, own=True)
def messages() -> Measure:
    """Count the messages of the same panels."""
    return Measure(*(_traffic(total)[0] for total in (10_000, 100)))


def _traffic(total: int) -> tuple[float, float]:
    import pytest

    from progressnb.display.front import front
    from tests.display import test_batch
    from tests.display.frontend import install

    with pytest.MonkeyPatch.context() as patch:
        page = install(patch)
        front.heard = True
        return test_batch.traffic(page, total)


def gate(duration: Callable[[Any], float]) -> list[Any]:
    """Let 200 items go to three kinds of providers, 40 a second and 50 at once, in simulated time, by thirty seeds."""
    from tests.batching.providers import Simulation
    from tests.batching.test_pace import PROVIDERS

    return [
        Simulation(made(40, seed), duration, tells=tells, seed=seed).run()
        for made in PROVIDERS.values()
        for tells in (False, True)
        for seed in range(30)
    ]


@measure("gate: 200 items of 0.15–0.35 s, 40/s, limit 50", unit="s", target=5.5, own=True)
def gate_seconds() -> Measure:
    """At best they take 5 s."""
    import statistics

    return Measure(statistics.median(each.seconds for each in gate(lambda random: random.uniform(0.15, 0.35))))


@measure("gate: of these refused", unit="items", target=25, own=True)
def gate_refused() -> Measure:
    """Count the refusals; the median of all batches."""
    import statistics

    return Measure(statistics.median(each.refused for each in gate(lambda random: random.uniform(0.15, 0.35))))


@measure("gate: 200 items of 0.5–2 s", unit="s", target=8.5, own=True)
def gate_seconds_of_long_items() -> Measure:
    """At best they take 6.3 s."""
    import statistics

    return Measure(statistics.median(each.seconds for each in gate(lambda random: random.uniform(0.5, 2))))


@measure("time left of a batch: looks within p10–p90", unit="%", target=None)
def time_left() -> Measure:
    """Look at batches of several sizes and shapes while they go on; 60–95 of a hundred looks are right."""
    from progressnb.folds.expectations import figures_of
    from tests.folds.test_durations import SHAPES, looks_of

    inside = told = 0
    for shape in SHAPES.values():
        for total, limit in ((200, 20), (300, 60), (60, 6)):
            looks = looks_of(total, limit, shape, 0)
            for left, ground in looks[:: max(1, len(looks) // 25)]:
                if (expected := figures_of(ground).left) is not None:
                    told += 1
                    inside += expected[0] <= left <= expected[2]
    return Measure(100 * inside / max(told, 1))
