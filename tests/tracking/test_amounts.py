"""Sums of amounts read as people add them: no 0.30000000000000004 where 0.1 and 0.2 were spent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

import progressnb as pnb
from progressnb.frames import events_frame, timings_frame
from progressnb.testing import ManualClock
from progressnb.tracking.budget import Account, Budget
from progressnb.tracking.tracker import ProgressTracker

if TYPE_CHECKING:
    from decimal import Decimal

COSTS = st.lists(st.decimals(0, 50, places=9), min_size=1, max_size=30)


@given(COSTS, st.integers(1, 4))
def test_costs_are_summed_as_decimals(costs: list[Decimal], stages: int) -> None:
    """What stages told one by one is, in their data, the usage, the frames and the history, the sum of the decimals."""
    clock = ManualClock()
    tracker = ProgressTracker("op", clock=clock, show=False)
    tracker.start()
    opened = [tracker.stage(f"stage {number}") for number in range(stages)]
    for number, cost in enumerate(costs):
        opened[number % stages].add_usage("m", cost=float(cost))
        clock.advance(0.1)
    total = float(sum(costs))
    assert tracker.state.usage["cost"] == total
    history = pnb.History()
    history.record(tracker)
    tracker.done()
    assert history.runs()["cost"].item() == total
    told = [float(sum(costs[number::stages])) for number in range(min(stages, len(costs)))]
    frame = timings_frame(tracker.log)
    assert list(frame["cost"].dropna()) == told
    assert all(len(repr(seconds)) <= len("12.123456789") for seconds in frame["duration"])


@given(COSTS)
def test_an_account_says_what_was_spent(costs: list[Decimal]) -> None:
    """The amounts of `BudgetExceeded` are those sums, too."""
    account = Account(Budget(cost=1.0))
    for cost in costs:
        account.add({"cost": float(cost)})
    assert account.spent(1.0)["cost"] == float(sum(costs))


def test_percents_are_summed_as_decimals() -> None:
    """Shares of 10 and 20 % are 30 in the frame of events, where floating point may have 29.999999999999996."""
    clock = ManualClock()
    tracker = ProgressTracker("op", {"a": 0.1, "b": 0.2, "c": 0.7}, clock=clock, show=False)
    tracker.start()
    for name in "abc":
        with tracker.stage(name) as stage:
            for number in range(7):
                stage.update(100 * (number + 1) / 7)
                clock.advance(1.0)
    tracker.done()
    told = events_frame(tracker.log.encoded())["overall_progress"].dropna()
    assert all(len(str(percent)) <= len("12.123456789") for percent in told)
    assert {10.0, 30.0} <= {*told}
