"""The time of day that jumps in both directions, as it does after a sleep, by NTP, or in a virtual machine."""

from __future__ import annotations

import asyncio
import random
from datetime import UTC, datetime, timedelta

import progressnb as pnb
from progressnb.tracking.clock import SystemClock
from tests.faults.campaign import Outcome, fault
from tests.faults.connections import wrong_in

DAY = 86_400.0


class Jumping(SystemClock):
    """A clock whose time of day jumps by up to a day with each look, while seconds pass as they do."""

    def __init__(self, chosen: random.Random) -> None:
        super().__init__()
        self._chosen = chosen

    def now(self) -> datetime:
        """Return a time near this one."""
        return datetime.now(UTC) + timedelta(seconds=self._chosen.uniform(-DAY, DAY))


@fault(
    "the clock jumps by up to a day, both ways",
    "seconds go on, percents and seconds left stay true, the record is whole",
    times=200,
    part=5,
)
async def jumps(times: int) -> Outcome:
    """Run with a history while each look at the time of day is another day; compare what is kept, shown and asked."""
    chosen, survived, lost = random.Random(8), 0, 0  # noqa: S311 - the same each time
    with pnb.History(contents=True) as history, pnb.configure.local(history=history, show=False):
        for _ in range(times):

            @pnb.operation(stages=["Read", "Write"], clock=Jumping(chosen))
            async def work(tracker: pnb.ProgressTracker) -> int:
                for name in ("Read", "Write"):
                    async with tracker.stage(name) as stage:
                        for step in range(10):
                            stage.write(f"{step} ")
                            await stage.update(10 * step, f"step {step}")
                return 1

            run = work()
            left = list[float]()
            async for _event in run:
                left.append(float(run.state.data.get("remaining") or 0.0))
            await run
            await asyncio.to_thread(history.elsewhere.settle)
            elapsed = [event.elapsed for event in run.log]
            overall = [getattr(event, "overall_progress", None) or 0.0 for event in run.log][:-1]
            is_true = (
                elapsed == sorted(elapsed) and overall == sorted(overall) and 0 <= min(left) <= max(left) < DAY / 24
            )
            frame = history.runs()
            row = frame[frame["run_id"] == run.id].iloc[0]
            survived += bool(is_true and row["status"] == "finished" and 0 <= row["duration"] < DAY / 24)
            lost += wrong_in(list(history.lines(run.id)), run.log.encoded())
    return Outcome(times, survived, lost)
