"""Packed runs: a run that has ended in a fraction of its memory, which answers as before."""

import asyncio
import gc
import tracemalloc
import weakref

from progressnb.execution.operation import operation
from progressnb.testing import ManualClock
from progressnb.tracking import current_stage, internals
from progressnb.tracking.tracker import ProgressTracker


@operation(stages=["read", "write"], clock=ManualClock())
async def packed_job(tracker: ProgressTracker, text: str) -> str:
    """Write a text in a stage."""
    async with tracker.stage("read") as stage:
        stage.update(50, "half", pages=2)
    async with tracker.stage("write") as stage:
        for word in text.split():
            stage.write(f"{word} ")
        stage.add_usage("m", input_tokens=1, output_tokens=2, cost=0.5)
        works.append(weakref.ref(stage))
        assert current_stage() is stage
    return text


works: list[weakref.ref[object]] = []


async def test_it_answers_as_before() -> None:
    """Result, state, events and partial output of a packed run are those that it had."""
    run = packed_job.begin({"text": "tides and moon"}, show=False)
    await run
    before = list(run.log), run.log.encoded(), run.partial, run.partials, run.cost, run.elapsed, run.state, repr(run)
    timings = run.timings()
    run.pack()
    run.pack()
    after = list(run.log), run.log.encoded(), run.partial, run.partials, run.cost, run.elapsed, run.state, repr(run)
    assert after == before
    assert run.timings().equals(timings)
    assert await run == run.result == "tides and moon"
    assert [event.seq async for event in run] == list(range(len(run.log)))
    assert run.log[-1].type == run.log[len(run.log) - 1].type == "done"
    run.cancel()
    assert run.status == "finished"


async def test_it_lets_go_of_its_stages() -> None:
    """The machinery of stages is gone, which nobody needs any more."""
    works.clear()
    run = packed_job.begin({"text": "tides"}, show=False)
    await run
    gc.collect()
    assert works[0]() is not None
    run.pack()
    gc.collect()
    assert works[0]() is None


async def test_a_run_at_work_stays() -> None:
    """A run that has not ended is not packed: its stages go on."""
    go = asyncio.Event()

    @operation
    async def waits(tracker: ProgressTracker) -> str:
        with tracker.stage("a") as stage:
            await go.wait()
            return internals(stage).path

    run = waits.begin({}, show=False)
    for _ in range(5):
        await asyncio.sleep(0)
    run.pack()
    go.set()
    assert await run == "a"
    assert run.state.status == "finished"


async def test_an_ended_run_is_gone() -> None:
    """A run that nobody holds is gone with its events as soon as it has ended, and no timer keeps it."""

    @operation
    async def short(tracker: ProgressTracker) -> None:
        tracker.stage("a").finish()

    run = short.begin({}, show=False)
    await run
    logs = [weakref.ref(run.log)]
    await packed_job.begin({"text": "another"}, show=False)  # which is the latest run now
    del run
    await asyncio.sleep(0)
    gc.collect()
    assert logs[0]() is None


def test_a_run_that_is_over() -> None:
    """A run that has ended keeps 10 KB at most of what it was made of: its task, context and function are let go."""

    @operation
    async def trivial(_tracker: ProgressTracker, number: int) -> int:
        return number

    async def main() -> float:
        begin = trivial.using(show=False)
        await asyncio.gather(*(begin(number) for number in range(10)))
        gc.collect()
        tracemalloc.start()
        before, _ = tracemalloc.get_traced_memory()
        runs = [begin(number) for number in range(100)]
        results = await asyncio.gather(*runs)
        gc.collect()
        after, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert results == [run.result for run in runs] == [await run for run in runs]
        assert {run.status for run in runs} == {"finished"}
        return (after - before) / len(runs)

    assert asyncio.run(main()) < 10_000
