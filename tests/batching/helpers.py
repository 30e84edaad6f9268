"""Time that passes by itself in tests of batches, and operations that several of them run."""

from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

from progressnb.execution.operation import Operation
from progressnb.execution.run import Run
from progressnb.testing import ManualClock
from progressnb.tracking.clock import sleep
from progressnb.tracking.tracker import ProgressTracker
from tests.execution.helpers import turns

STEP = 0.05


async def pass_time(run: Run[Any], clock: ManualClock, *, most: float = 10_000.0) -> None:
    """Let time pass until a run has ended."""
    end = clock.monotonic() + most
    while not run._finished.done():
        await turns()
        if not run._finished.done():
            assert clock.monotonic() < end, "it has not ended"
            clock.advance(STEP)


class Bench:
    """An operation on a clock of its own, which counts what is at work."""

    def __init__(self, clock: ManualClock, work: Callable[[Any], Awaitable[Any]] | None = None, **options: Any) -> None:
        self.clock, self.work = clock, work
        self.at_work = self.most = 0
        self.begun: list[Any] = []
        self.calls: Counter[Any] = Counter()

        async def item(tracker: ProgressTracker, value: Any, seconds: float = 1.0, cost: float | None = None) -> Any:
            return await self._run(tracker, value, seconds, cost)

        self.operation: Operation[..., Any] = Operation(item, clock=clock, **options)

    async def _run(self, tracker: ProgressTracker, value: Any, seconds: float, cost: float | None) -> Any:
        self.begun.append(value)
        self.calls[value] += 1
        self.at_work += 1
        self.most = max(self.most, self.at_work)
        try:
            with tracker.stage("work") as stage:
                await sleep(self.clock, seconds)
                if cost is not None:
                    stage.add_usage("m", input_tokens=100, output_tokens=50, cost=cost)
                return value if self.work is None else await self.work(value)
        finally:
            self.at_work -= 1
