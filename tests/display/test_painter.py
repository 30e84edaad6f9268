"""The pace of screens: an event after a quiet time is seen at once, and painting leaves nearly all time to the run."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from progressnb import ProgressTracker
from progressnb.display.front import front
from progressnb.display.painter import LIVE_INTERVAL, PAUSES, Pace
from progressnb.display.panel import show_panel
from progressnb.testing import ManualClock
from tests.display.frontend import install

if TYPE_CHECKING:
    from tests.display.frontend import FrontEnd


class Followed:
    """A run at work that a pace follows; each paint takes so many seconds, and its time is kept."""

    def __init__(self, takes: float = 0.0) -> None:
        self.clock = ManualClock()
        self.tracker = ProgressTracker("op", ["read"], clock=self.clock, show=False)
        self.tracker.start()
        self.stage: Any = self.tracker.stage("read")
        self.stage.start()
        self.paints: list[float] = []
        self.takes = takes
        self.pace = Pace(self._paint)
        self.pace.follow(self.tracker)
        self.clock.advance(5)
        self.paints.clear()

    def _paint(self, now: float) -> int:
        self.paints.append(now)
        self.clock.advance(self.takes)
        return 100

    def report(self, seconds: float) -> None:
        """Report each tenth of a second, as often as events come, for so long."""
        for number in range(round(seconds * 10)):
            self.stage.update(message=f"page {number}")
            self.clock.advance(0.1)


def test_an_event_after_a_quiet_time_is_painted_at_once() -> None:
    """Where nothing was painted for a while, an event is painted in the next turn of the loop."""
    run = Followed()
    for _ in range(20):
        run.clock.advance(0.43)
        run.paints.clear()
        begin = run.clock.monotonic()
        run.stage.update(message=f"at {begin}")
        run.clock.advance(0)
        assert run.paints == [begin]


def test_many_events_are_few_paints() -> None:
    """While events come all the time they are painted at the usual distance."""
    run = Followed()
    run.report(4)
    gaps = [after - before for before, after in zip(run.paints, run.paints[1:], strict=False)]
    assert len(run.paints) > 10
    assert min(gaps) >= LIVE_INTERVAL * 0.99


def test_a_slow_paint_has_a_long_pause() -> None:
    """After a paint nothing is painted for ten times as long as it took."""
    run = Followed(takes=0.05)
    run.report(6)
    gaps = [after - before for before, after in zip(run.paints, run.paints[1:], strict=False)]
    assert len(gaps) > 3
    assert min(gaps) >= 0.05 * (PAUSES + 1) * 0.99


class Panels:
    """Panels at work of cells of their own, and what a page gets of them."""

    def __init__(self, page: FrontEnd, count: int) -> None:
        self.clock, self.page = ManualClock(), page
        self.runs: list[ProgressTracker] = []
        for _ in range(count):
            page.begin_cell()
            run = ProgressTracker("op", ["one"], clock=self.clock)
            show_panel(run)
            run.start()
            self.runs.append(run)
        self.clock.advance(2)

    def report(self, seconds: float) -> int:
        """Let all runs report twenty times a second; return how many messages came."""
        before = len(self.page.sent)
        for number in range(round(seconds * 20)):
            for run in self.runs:
                run.update("one", min(99, number), f"page {number}")
            self.clock.advance(0.05)
        return len(self.page.sent) - before


@pytest.mark.parametrize("count", [1, 10, 50])
def test_messages_do_not_grow_with_the_number_of_panels(monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    """One panel or fifty at work send at most ten messages a second in all, and each is painted all the same."""
    page = install(monkeypatch)
    front.heard = True
    panels = Panels(page, count)
    assert len(page.stubs) == count
    assert panels.report(5) <= 5 * 10 + 1
    panels.clock.advance(2)
    for stub in page.stubs:
        assert page.trees[stub]["runs"][0]["trace"][0]["message"] == "page 99"
    sizes = [len(json.dumps(content)) for _, content in page.sent]
    panels.report(5)
    assert sum(len(json.dumps(content)) for _, content in page.sent[len(sizes) :]) < 5 * 25_000


def test_the_end_of_one_of_several_panels_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """The end of one of several panels is seen on it, behind all paints that come before it."""
    page = install(monkeypatch)
    front.heard = True
    panels = Panels(page, 3)
    panels.report(1)
    for run, stub in zip(panels.runs, page.stubs, strict=True):
        run.update("one", 99, "nearly there")
        run.done("text")
        page.end_cell()
        panels.clock.advance(1)
        assert page.trees[stub]["runs"][0]["status"] == "finished"
