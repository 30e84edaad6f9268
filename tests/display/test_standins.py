"""What stands in for the widget, by what the front end shows of itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from progressnb import ProgressTracker
from progressnb.display import console, panel, place, standins
from progressnb.display import front as fronts
from progressnb.display.entry import INTERRUPT
from progressnb.display.front import UNVIEWED, VIEWED, front
from progressnb.display.panel import PATIENCE, show_panel
from progressnb.testing import ManualClock
from tests.display.frontend import VIEW, FrontEnd, install

if TYPE_CHECKING:
    from collections.abc import Callable


class Loop:
    """A kernel's loop that turns when it is told to."""

    def __init__(self) -> None:
        self.due: list[Callable[[], None]] = []

    def is_closed(self) -> bool:
        """Never."""
        return False

    def call_later(self, _delay: float, callback: Callable[[], None]) -> None:
        """Keep a callback."""
        self.due.append(callback)

    def call_soon_threadsafe(self, callback: Callable[..., object], *arguments: object) -> None:
        """Call at once."""
        callback(*arguments)

    def turn(self, times: int) -> None:
        """Run what is due, so many times."""
        for _ in range(times):
            due, self.due = self.due, []
            for callback in due:
                callback()


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> FrontEnd:
    """Return a page of which nothing has been heard yet."""
    return install(monkeypatch)


@pytest.fixture
def loop(monkeypatch: pytest.MonkeyPatch) -> Loop:
    """Put a loop in the kernel's place."""
    made = Loop()
    monkeypatch.setattr(place, "running_loop", lambda: made)
    return made


@pytest.fixture
def timers(monkeypatch: pytest.MonkeyPatch) -> ManualClock:
    """Put a clock in the place of the timer thread."""
    clock = ManualClock()
    monkeypatch.setattr(fronts, "SystemClock", lambda: clock)
    return clock


def begin(clock: ManualClock) -> ProgressTracker:
    """Begin a run that is shown live."""
    tracker = ProgressTracker("op", ["one", "two"], clock=clock)
    show_panel(tracker)
    tracker.start()
    tracker.update("one", 10)
    clock.advance(PATIENCE + 0.2)
    return tracker


def view_of(page: FrontEnd) -> str:
    """Return the name of the view that the output shows now, or what kind of text."""
    bundle = page.published[-1][1]
    if VIEW not in bundle:
        return "html"
    opened: list[Any] = [data["state"] for data in page.opened]
    ids = [*page.comms]
    state = next(one for key, one in zip(ids, opened, strict=True) if key == bundle[VIEW]["model_id"])
    return str(state["_model_name"])


def draw(page: FrontEnd) -> None:
    """Tell the kernel that a front end draws the core widgets."""
    for comm_id, opened in zip([*page.comms], page.opened, strict=True):
        if opened["state"].get("_model_name") == "HTMLModel":
            data = {"method": "update", "state": {"_view_count": 1}}
            page.comms[comm_id].handle_msg({"content": {"data": data}, "buffers": []})


def test_html_is_shown_until_the_page_says_hello(page: FrontEnd, loop: Loop, timers: ManualClock) -> None:
    """Before the page has said anything HTML shows the run; after the loader's hello the widget comes and stays."""
    clock = ManualClock()
    begin(clock)
    assert view_of(page) == "html"
    assert "10 %" in page.html
    page.say(next(iter(page.comms)), {"kind": "hello"})
    loop.turn(3 * UNVIEWED)
    timers.advance(10)
    clock.advance(2)
    assert front.heard
    assert view_of(page) == "AnyModel"
    page.begin_cell()
    begin(clock)
    assert view_of(page) == "AnyModel"


def test_silence_leads_to_core_widgets(page: FrontEnd, loop: Loop, timers: ManualClock) -> None:
    """Without a hello core widgets come; where these are drawn later panels begin so. No view is asked for in vain."""
    clock = ManualClock()
    run = begin(clock)
    loop.turn(VIEWED - 1)
    clock.advance(1)
    assert view_of(page) == "html"
    loop.turn(2)
    clock.advance(1)
    assert view_of(page) == "VBoxModel"
    draw(page)
    loop.turn(VIEWED + 1)
    clock.advance(1)
    assert front.settled == "core"
    assert view_of(page) == "VBoxModel"
    run.done("the answer")
    page.end_cell()
    assert view_of(page) == "html"
    assert "the answer" in page.html
    page.begin_cell()
    begin(clock)
    assert view_of(page) == "VBoxModel"
    assert not page.stubs
    assert timers.monotonic() == 0


def test_no_view_at_all_leads_to_html_that_is_replaced(page: FrontEnd, loop: Loop, timers: ManualClock) -> None:
    """Without any widgets the output itself is replaced while the run goes on; it shows the run from the first on."""
    clock = ManualClock()
    run = begin(clock)
    assert "html" in view_of(page) or page.published[-1][1]["text/html"]  # it shows something meanwhile
    for _ in range(2):  # neither our widget nor core ones
        loop.turn(UNVIEWED + 1)
        clock.advance(1)
        assert "10 %" in page.html
    assert view_of(page) == "html"
    assert front.settled == "output"
    before = len(page.published)
    run.update("one", 70)
    clock.advance(1)
    assert len(page.published) > before
    assert "70 %" in page.html
    assert timers.monotonic() == 0


def test_silence_of_a_blocked_kernel_proves_nothing(page: FrontEnd, loop: Loop, timers: ManualClock) -> None:
    """A cell that blocks the loop from the start gets core widgets for itself; a later hello brings the widget back."""
    clock = ManualClock()
    begin(clock)
    timers.advance(1.1)
    clock.advance(1)
    assert view_of(page) == "VBoxModel"
    assert front.settled is None
    loader = next(iter(page.comms))
    page.say(loader, {"kind": "hello"})
    clock.advance(2)
    assert view_of(page) == "AnyModel"
    assert loop.due


def test_a_kernel_that_hears_nothing_meanwhile(
    page: FrontEnd, loop: Loop, timers: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On ipykernel 6 the first cell gets core widgets whose button says how to stop; after a hello the widget comes."""
    for module in (panel, place, fronts):
        monkeypatch.setattr(module, "hears_while_awaiting", lambda: False)
    clock = ManualClock()
    run = begin(clock)
    assert view_of(page) == "VBoxModel"
    said = [data["state"].get("description") for data in page.opened]
    assert INTERRUPT in said
    run.done()
    page.end_cell()
    page.say(next(iter(page.comms)), {"kind": "hello"})  # the loader's, which is handled between two cells
    page.begin_cell()
    begin(clock)
    assert view_of(page) == "AnyModel"
    assert "stop" not in page.tree["runs"][0]["controls"]
    assert INTERRUPT in page.tree["runs"][0]["notes"]
    assert not loop.due
    assert timers.monotonic() == 0


def test_a_console_gets_lines_with_an_end(
    page: FrontEnd, loop: Loop, timers: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A front end of plain text, which can replace nothing, gets the end of a short run as an output of its own."""
    for name in ("JPY_SESSION_NAME", "VSCODE_PID"):
        monkeypatch.delenv(name, raising=False)
    page.begin_cell(notebook=False)
    clock = ManualClock()
    run = begin(clock)
    assert [update for update, _ in page.published] == [False]
    run.done()
    page.end_cell()
    assert [update for update, _ in page.published] == [False, False]
    assert "finished" in page.published[-1][1]["text/plain"]
    page.begin_cell(notebook=False)
    begun: list[object] = []
    monkeypatch.setattr(console.ConsoleView, "start", lambda view: begun.append(view))  # noqa: PLW0108 - a method
    begin(clock)
    loop.turn(UNVIEWED + 1)
    clock.advance(1)
    assert len(begun) == 1
    begin(clock)
    assert len(begun) == 2
    assert timers.monotonic() == 0


def test_without_widgets_in_the_kernel(page: FrontEnd, monkeypatch: pytest.MonkeyPatch) -> None:
    """A kernel that lacks anywidget draws on the output."""

    def fail(*_: object, **__: object) -> None:
        raise ImportError("no anywidget")

    monkeypatch.setattr(standins.OnWidget, "__init__", fail)
    clock = ManualClock()
    run = begin(clock)
    assert view_of(page) == "html"
    run.done("the answer")
    page.end_cell()
    assert "the answer" in page.html
