"""Waits for people: neither the rate nor the time left counts them, and meanwhile no time is told."""

from __future__ import annotations

import threading
from typing import Any

import pytest

import progressnb as pnb
from progressnb import ProgressTracker
from progressnb.folds.words import remaining_seconds, remaining_text
from progressnb.testing import ManualClock
from progressnb.tracking import internals, waits
from progressnb.tracking.waits import Waits, is_asking


def test_waits_side_by_side_count_once() -> None:
    """Two approvals that wait at the same time are one wait."""
    seen = Waits()
    seen.note("a", 10, is_waiting=True)
    seen.note("a", 11, is_waiting=True)
    seen.note("b", 12, is_waiting=True)
    seen.note("a", 14, is_waiting=False)
    assert (seen.seconds(15), seen.is_waiting(), seen.is_waiting("b")) == (5, True, False)
    seen.note("b", 20, is_waiting=False)
    seen.note("c", 21, is_waiting=False)
    assert (seen.seconds(99), seen.is_waiting()) == (10, False)


async def test_an_approval_in_a_loop() -> None:
    """An item that waits for an approval for an hour: no time is told meanwhile, and afterwards it is as before."""
    clock = ManualClock()
    async with ProgressTracker("op", ["work"], clock=clock, show=False) as run, run.stage("work"):
        for number in pnb.track(range(20), "rows"):
            asks = pnb.current_stage()
            assert asks is not None
            if number == 10:
                with asks.stage("delete") as call:
                    internals(call).life.set_status("waiting", "waits for approval", waiting_for="approval")
                    for _ in range(60):
                        clock.advance(60)
                    assert remaining_seconds(run.state, run.elapsed) is None
                    assert remaining_text(run.state, run.elapsed) == ""
                    internals(call).life.set_status("running", "", waiting_for=None)
            clock.advance(2)
            if number > 3:
                assert remaining_seconds(run.state, run.elapsed) == pytest.approx(2 * (19 - number), abs=2.5)


def test_an_approval_beside_percents() -> None:
    """Percents that code reports have the pace of the time that was worked."""
    clock = ManualClock()
    run = ProgressTracker("op", ["work"], clock=clock, show=False)
    run.start()
    stage = run.stage("work")
    for number in range(1, 10):
        clock.advance(10)
        stage.update(10 * number)
        if number == 5:
            call = stage.stage("delete")
            internals(call).life.set_status("waiting", "waits for approval", waiting_for="approval")
            clock.advance(1000)
            internals(call).life.set_status("running", "", waiting_for=None)
            call.finish()
    assert remaining_seconds(run.state, run.elapsed) == pytest.approx(10, rel=0.1)


async def test_input_in_a_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    """A body that asks with `input()` or stands at a breakpoint slows nothing down."""
    clock, asking = ManualClock(), False
    monkeypatch.setattr(waits, "is_asking", lambda _thread: asking)
    rates: list[Any] = []
    async with ProgressTracker("op", ["work"], clock=clock, show=False) as run, run.stage("work"):
        for number in pnb.track(range(20), "rows"):
            asking = number == 10
            clock.advance(600 if asking else 0)
            asking = False
            clock.advance(2)
            rates.append(run.state.stages[0].children[0].data.get("rate"))
    assert rates[9:] == [pytest.approx(0.5, rel=0.1)] * 11


def test_a_read_is_seen() -> None:
    """A thread in `input()` of a notebook is told from one that works."""
    entered, go_on, seen = threading.Event(), threading.Event(), list[bool]()
    scope: dict[str, Any] = {"__name__": "ipykernel.kernelbase", "entered": entered, "go_on": go_on}
    exec("def _input_request():\n    entered.set()\n    go_on.wait(30)", scope)  # noqa: S102 - a frame of that module
    thread = threading.Thread(target=scope["_input_request"])
    thread.start()
    entered.wait(30)
    seen.append(is_asking(thread.ident or 0))
    go_on.set()
    thread.join()
    assert seen == [True]
    assert not is_asking(threading.get_ident())
