"""Loops of a moment: nothing is made for them until somebody asks, and whoever asks sees what was always there."""

import asyncio
import io
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import progressnb as pnb
from progressnb.display.console import ConsoleView
from progressnb.display.window import Window
from progressnb.execution.driven import DrivenRun
from progressnb.execution.run import Run
from progressnb.tracking.clock import LateClock
from tests.tools.loops import outline, wait_for


def last() -> Run[Any]:
    """Return the latest run."""
    run = pnb.last_run
    assert isinstance(run, Run)
    return run


@pytest.fixture(autouse=True)
def made(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Hide all bars, and list the runs that loops make by their names."""
    names: list[str] = []
    begin = DrivenRun.begin

    def noted(run: DrivenRun) -> Any:
        names.append(run.operation)
        return begin(run)

    monkeypatch.setattr(DrivenRun, "begin", noted)
    with pnb.configure.local(show=False):
        yield names


def test_nobody_asks(made: list[str]) -> None:
    """A loop that shows nothing and ends within a moment makes no run, and leaves nothing current."""
    for _ in pnb.track(range(3), "rows"):
        pass
    assert made == []
    assert (pnb.current_stage(), pnb.runs()) == (None, [])


def test_the_last_run(made: list[str]) -> None:
    """`last_run` is the loop's run, with its events and with the times at which it began and ended."""
    bar = pnb.track("abc", "rows", initial=2)
    for letter in bar:
        bar.set(latest=letter)
    run = last()
    assert last() is run
    assert made == ["rows"]
    assert outline(run) == [("rows", "finished", "5 of 5")]
    stage = run.state.stages[0]
    assert (run.status, run.state.overall_progress, stage.data["postfix"]) == ("finished", 100.0, {"latest": "c"})
    assert [event.type for event in run.log] == ["started", "progress", "progress", "progress", "done"]
    events = list(run.log)
    assert events[0].elapsed == events[1].elapsed == 0.0
    lasted = (events[-1].timestamp - events[0].timestamp).total_seconds()
    assert run.elapsed == events[-1].elapsed == pytest.approx(lasted, abs=0.01)


def test_asked_in_the_body() -> None:
    """`runs`, `current_stage`, and what reports in the body find the run at work; it is one run."""
    for number in pnb.track(range(3), "rows"):
        (run,) = pnb.runs()
        stage = pnb.current_stage()
        assert stage is not None
        assert run is last()
        stage.update(message=f"row {number}")
        for _ in pnb.track(range(2), "columns"):
            pass
    assert outline(run)[0] == ("rows", "finished", "3 of 3 · row 2")
    assert [path for path, _, _ in outline(run)[1:]] == ["rows/columns", "rows/columns#2", "rows/columns#3"]
    assert pnb.runs() == []


def test_runs_are_listed_in_the_order_of_their_begin() -> None:
    """A loop that began before another run stands before it, although its run is made later."""
    rows = iter(pnb.track(range(3), "rows"))
    next(rows)

    def other() -> None:
        for _ in pnb.track(range(1), "other"):
            names.extend(run.operation for run in pnb.runs())

    names: list[str] = []
    thread = threading.Thread(target=other)
    thread.start()
    thread.join()
    assert names == ["rows", "other"]
    assert list(rows) == [1, 2]


def test_one_that_lives_longer(made: list[str]) -> None:
    """A loop that is still at work at a look, ten times a second, has a run, which says how far it is."""
    for number in pnb.track(range(2), "rows"):
        if number == 1:
            wait_for(lambda: made == ["rows"])
    assert outline(last()) == [("rows", "finished", "2 of 2")]


def test_left_by_break() -> None:
    """One that is left by `break` says how far it came."""
    for number in pnb.track(range(5), "rows"):
        if number == 2:
            break
    assert outline(last()) == [("rows", "finished", "stopped at 3 of 5")]


def test_left_by_the_error_of_a_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that is left by the error that ends its thread has failed."""
    monkeypatch.setattr(threading, "excepthook", lambda _: None)

    def work() -> None:
        for _ in pnb.track(range(5), "rows"):
            raise ValueError("bad")

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    wait_for(lambda: last().state.ended)
    assert last().operation == "rows"


async def test_with_async_for(made: list[str]) -> None:
    """A loop of `async for` waits as well, and tasks that it begins find it."""

    async def report() -> str:
        await asyncio.sleep(0)
        stage = pnb.current_stage()
        return stage.path if stage is not None else ""

    async for _ in pnb.atrack(range(2), "quiet"):
        pass
    assert made == []
    async for _ in pnb.atrack(range(2), "rows"):
        assert await asyncio.create_task(report()) == "rows"
    assert made == ["rows"]


def test_kept_from_the_beginning(made: list[str], tmp_path: Path) -> None:
    """With a history a loop is recorded; one that ended before there was a history never is."""
    for _ in pnb.track(range(3), "before"):
        pass
    history = pnb.History(tmp_path / "runs.db")
    with pnb.configure.local(history=history):
        assert last().operation == "before"
        for _ in pnb.track(range(3), "kept"):
            pass
    assert list(history.runs()["operation"]) == ["kept"]
    assert made == ["before", "kept"]


class Screen(io.StringIO):
    """A terminal."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        """Say that it is one."""
        return True


def a_screen(monkeypatch: pytest.MonkeyPatch) -> Screen:
    """Let stderr be a terminal, and each loop take no time; after the test's begin, when pytest has set its own."""
    screen = Screen()
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "80")
    now = LateClock().moment()
    monkeypatch.setattr(LateClock, "moment", lambda _: now)
    return screen


def test_the_end_in_a_terminal(monkeypatch: pytest.MonkeyPatch, made: list[str]) -> None:
    """In a terminal each end is drawn as its run would be; loops that look the same make no run."""
    screen, drawn = a_screen(monkeypatch), list[str]()
    for _ in range(3):
        for _ in pnb.track(range(3), "reading [bold]files", show=True):
            assert screen.getvalue() == "".join(drawn)
        drawn.append(screen.getvalue()[len("".join(drawn)) :])
    assert made == ["reading [bold]files"]
    assert drawn[0] == drawn[1] == drawn[2]
    assert "[bold]files" in drawn[0]
    assert last().shown
    screen.truncate(0)
    screen.seek(0)
    ConsoleView(last()).start()
    assert screen.getvalue() == drawn[0]
    assert Window.active == []


@pytest.mark.parametrize("options", [{"description": "b"}, {"total": 7}, {"initial": 2}, {"total": 3, "initial": 2}])
def test_each_is_drawn_as_its_own_run(monkeypatch: pytest.MonkeyPatch, options: dict[str, Any]) -> None:
    """Behind a loop that looks almost the same, one is drawn with its own name and count."""
    screen = a_screen(monkeypatch)
    for _ in pnb.track(range(3), show=True):
        pass
    for _ in range(2):
        before = len(screen.getvalue())
        for _ in pnb.track(range(3), show=True, **options):
            pass
        drawn = screen.getvalue()[before:]
        ConsoleView(last()).start()
        assert screen.getvalue()[before:] == 2 * drawn


def test_what_the_body_prints_stands_above_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Text that is printed in the body stays, and a line that is not whole ends before the bar."""
    screen = a_screen(monkeypatch)
    monkeypatch.setattr(sys, "stdout", screen)
    for number in pnb.track(range(3), "rows", show=True):
        sys.stdout.write(str(number))
    assert screen.getvalue().startswith("012\n")
    assert "rows" in screen.getvalue()
    assert sys.stdout is screen
