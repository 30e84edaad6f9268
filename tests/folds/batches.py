"""Batches written by a script on a clock that stands still: as a driver of a few lines would write them."""

from __future__ import annotations

import heapq
import random
from dataclasses import dataclass, field
from typing import Any

from progressnb.testing import ManualClock
from progressnb.tracking.batch_log import BatchLog
from progressnb.tracking.tracker import ProgressTracker
from progressnb.wire.batch import BatchNow, BatchPlan, Budget, Gate, ItemAtWork
from progressnb.wire.items import ItemEnd

__all__ = ["ScriptedBatch", "in_full_swing"]

FAULTS = (
    {"error_type": "RateLimitError", "status_code": 429, "error_stage": "evaluation", "error": "slow down, please"},
    {"error_type": "ValueError", "error_stage": "truth", "error": "no years of work in the resume"},
)


@dataclass
class ScriptedBatch:
    """A batch of items that take a few seconds each, of which every fortieth fails.

    `limit` are at work at a time. With a `spread` the logarithms of their durations have this standard deviation.
    `step` goes on to the next end of an item, and tells once a second what is at work.
    """

    total: int
    limit: int = 20
    seconds: float = 4.0
    seed: int = 1
    plan: dict[str, Any] = field(default_factory=dict[str, Any])
    words: str = "mail"
    spread: float = 0.0
    told: float = 0.0

    def __post_init__(self) -> None:
        """Begin the batch and its first items."""
        self.random = random.Random(self.seed)  # noqa: S311 - no secret
        self.clock = ManualClock()
        self.run = ProgressTracker("batch_classify", clock=self.clock, show=False)
        self.run.start()
        self.log = BatchLog(self.run)
        self.log.begin(BatchPlan(operation="classify", total=self.total, limit=self.limit, **self.plan))
        self.at_work: list[tuple[float, int, float]] = []  # end, index, begin
        self.begun = 0
        self.gates: list[Gate] = []
        self.fill()

    def fill(self) -> None:
        """Begin as many items as may be at work."""
        while self.begun < self.total and len(self.at_work) < self.limit:
            now = self.clock.monotonic()
            share = self.random.lognormvariate(0, self.spread) if self.spread else self.random.uniform(0.5, 1.5)
            heapq.heappush(self.at_work, (now + self.seconds * share, self.begun, now))
            self.begun += 1

    def step(self) -> bool:
        """Go on to the next end of an item; return whether there was one."""
        if not self.at_work:
            return False
        ends, index, began = heapq.heappop(self.at_work)
        while self.told + 1 <= ends:
            self.go_to(self.told + 1)
            self.tell(also=(ends, index, began))
        self.go_to(ends)
        self.end(index, began)
        self.fill()
        return True

    def go_to(self, seconds: float) -> None:
        """Let the time pass until a moment."""
        self.clock.advance(max(0.0, seconds - self.clock.monotonic()))

    def end(self, index: int, began: float, **given: Any) -> None:
        """Tell the end of an item."""
        fault = FAULTS[index % 80 // 40] if index % 40 == 7 else None
        facts: dict[str, Any] = {
            "status": "failed" if fault else "finished",
            "key": f"{index:064x}",
            "title": f"{self.words} {index}",
            "item_run_id": f"run-{index}",
            "attempts": 2 if fault else 1,
            "began": began,
            "duration": self.clock.monotonic() - began,
            "cost": self.random.uniform(0.002, 0.004),
            "input_tokens": self.random.randrange(500, 900),
            "output_tokens": self.random.randrange(50, 90),
            **(fault or {}),
        }
        self.log.item(ItemEnd(index=index, **{**facts, **given}))

    def tell(self, also: tuple[float, int, float] | None = None, **given: Any) -> None:
        """Tell what is at work."""
        self.told = self.clock.monotonic()
        at_work = sorted([*self.at_work, *([also] if also is not None else [])], key=lambda each: (each[2], each[1]))
        items = [ItemAtWork(index=index, began=began) for _, index, began in at_work[:30]]
        facts: dict[str, Any] = {"limit": self.limit, "at_work": len(at_work), "items": items, "gates": self.gates}
        self.log.now(BatchNow(**{**facts, **given}), items={each.index: f"{self.words} {each.index}" for each in items})

    def go_on(self, items: int) -> None:
        """Go on until so many items have ended."""
        for _ in range(items):
            self.step()


def in_full_swing() -> ScriptedBatch:
    """Return a batch of 200 of which 142 have ended, held back by a gate."""
    batch = ScriptedBatch(200, plan={"budget": Budget(cost=5.0), "retries": 2})
    batch.go_on(141)
    now = batch.clock.monotonic()
    batch.gates = [
        Gate(provider="openai", model="gpt-5", limit=8, of=20, reason="asked", seconds=12.0, until=now + 11.5)
    ]
    batch.limit = 8
    batch.tell(retrying=2, retried=5)
    batch.step()
    return batch
