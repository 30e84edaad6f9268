"""A loop that gives no turns is seen from another thread, and said in words."""

import asyncio
import threading

import pytest

from progressnb.display import standstill
from progressnb.display.standstill import Lookout, standstill_of
from progressnb.execution.operation import operation
from progressnb.testing import ManualClock
from progressnb.tracking.tracker import ProgressTracker

PATIENCE = 60
"""Seconds after which what does not come is taken for missing."""


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look again and again, and take each missing turn for a long one."""
    monkeypatch.setattr(standstill, "BEAT", 0.001)
    monkeypatch.setattr(standstill, "LONG", 0.0)


async def test_code_that_does_not_await_is_seen_while_it_blocks() -> None:
    """The paint comes from another thread while the loop stands, with the words; a turn of the loop ends them."""
    said: list[str] = []
    painted = threading.Event()

    @operation
    async def blocks(tracker: ProgressTracker) -> bool:
        with tracker.stage("load"):
            return painted.wait(PATIENCE)  # keeps the loop until it was painted

    run = blocks.using(show=False)()

    def paint(_: object) -> None:
        said.append(standstill_of(run))
        painted.set()

    lookout = Lookout(lambda: [run], paint)
    lookout.begin(run)
    assert await run
    assert said[0].startswith("its code has not awaited for ")
    assert standstill_of(run) == ""


async def test_a_loop_that_gives_turns_is_not_painted() -> None:
    """Asked again and again, a loop that goes on owes nothing: nobody is told that it stands."""

    @operation
    async def waits(tracker: ProgressTracker) -> None:
        with tracker.stage("load"):
            for _ in range(3):
                standstill._ask_for_turn(run)
                assert asyncio.get_running_loop() in standstill._asked
                await asyncio.sleep(0)  # a turn
                assert asyncio.get_running_loop() not in standstill._asked

    run = waits.using(show=False)()
    await run


async def test_a_run_with_a_clock_of_its_own_is_left_alone() -> None:
    """A clock that a test moves has no loop that could stand still."""

    @operation(clock=ManualClock())
    async def short(tracker: ProgressTracker) -> None:
        with tracker.stage("load"):
            pass

    run = short.using(show=False)()
    lookout = Lookout(lambda: [run], lambda _: pytest.fail("painted"))
    lookout.begin(run)
    assert not lookout._looking
    await run
