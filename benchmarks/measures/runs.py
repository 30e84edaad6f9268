"""The cost of runs around little work: of a trivial one, alone and among ten thousand, and of an agent's."""

from __future__ import annotations

import asyncio
import gc
import statistics
import time
from typing import TYPE_CHECKING, Any

import progressnb as pnb
from benchmarks.measures import Measure, measure
from benchmarks.measures.memory import kept
from progressnb.tracking.clock import SystemClock

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable

MANY = 10_000
AT_ONCE = 100
CHUNKS = 200
ROUNDS = 7


async def bare(number: int) -> int:
    """Do nothing."""
    return number


def trivial() -> Callable[[int], Any]:
    """Return an operation that does nothing."""

    @pnb.operation
    async def work(_tracker: pnb.ProgressTracker, number: int) -> int:
        return number

    return work.using(show=False)


async def together(begin: Callable[[int], Any], count: int) -> list[Any]:
    """Begin so many, await them all, and return them."""
    begun = [begin(number) for number in range(count)]
    await asyncio.gather(*begun)
    return begun


async def milliseconds(begin: Callable[[int], Any], count: int) -> float:
    """Return the CPU time of one of so many."""
    gc.collect()
    before = time.process_time()
    await together(begin, count)
    return (time.process_time() - before) / count * 1e3


@measure("a trivial run among many", unit="ms", target=0.25)
def a_trivial_run() -> Measure:
    """Begin and await runs that do nothing."""

    async def main() -> Measure:
        work = trivial()
        await together(work, 50)
        ours = [await milliseconds(work, MANY // 4) for _ in range(4)]
        floor = [await milliseconds(lambda number: asyncio.ensure_future(bare(number)), MANY) for _ in range(4)]
        return Measure(statistics.median(ours), statistics.median(floor), None, 0.1)

    return asyncio.run(main())


@measure("a trivial run, kept", unit="KB", target=8)
def a_trivial_run_kept() -> Measure:
    """Hold ten thousand runs that are over."""

    async def leave(count: int) -> list[Any]:
        held = await together(trivial(), count)
        await asyncio.sleep(1.2)  # the timers of the runs
        return held

    asyncio.run(leave(50))  # what loads at first use
    return Measure(kept(lambda: asyncio.run(leave(MANY))) / MANY / 1e3)


# --- agents ------------------------------------------------------------------------------------------


class OwnTime(SystemClock):
    """A clock that stands still while other processes have the processor: events are as many as on an idle machine."""

    monotonic = staticmethod(time.process_time)

    def call_later(self, delay: float, callback: Callable[[], None]) -> None:
        """Call back once, `delay` seconds of this process from now."""
        due = self.monotonic() + delay

        def look() -> None:
            left = due - self.monotonic()
            if left > 0:
                super(OwnTime, self).call_later(left, look)
            else:
                callback()

        super().call_later(delay, look)


def agent(**options: Any) -> Any:  # noqa: ANN401 - its types are pydantic-ai's
    """Return an agent whose model streams a short text."""
    from pydantic_ai import Agent
    from pydantic_ai.models.function import FunctionModel

    async def stream(_messages: object, _info: object) -> AsyncIterator[str]:
        for _ in range(CHUNKS):
            await asyncio.sleep(0)  # as a socket does
            yield "lorem ipsum "

    return Agent(FunctionModel(stream_function=stream), **options)


async def in_crowds(run: Callable[[], Awaitable[object]]) -> float:
    """Run a hundred at a time; return the CPU milliseconds of one."""
    gc.collect()
    before = time.process_time()
    await asyncio.gather(*(run() for _ in range(AT_ONCE)))
    return (time.process_time() - before) / AT_ONCE * 1e3


@measure("an agent's run, 100 at a time, beside streaming", unit="ms", target=1.15, against="floor")
def an_agent_run() -> Measure:
    """Run agents as operations, beside agents whose events somebody reads."""

    @pnb.operation(clock=OwnTime())
    async def ours(tracker: pnb.ProgressTracker) -> str:
        async with tracker.stage("ask", weight=1.0):
            return str((await reported.run("Write.")).output)

    async def read(_context: object, events: AsyncIterable[object]) -> None:
        async for _ in events:
            pass

    async def streamed() -> str:
        return str((await plain.run("Write.", event_stream_handler=read)).output)

    async def main() -> Measure:
        begin = ours.using(show=False)
        await in_crowds(begin), await in_crowds(streamed)
        took = [(await in_crowds(begin), await in_crowds(streamed)) for _ in range(ROUNDS)]
        own = [each for each, _ in took]
        spread = (max(own) - min(own)) / statistics.median(own) / 2
        return Measure(statistics.median(own), statistics.median(each for _, each in took), None, spread)

    reported, plain = agent(capabilities=[pnb.ReportProgress()]), agent()
    return asyncio.run(main())
