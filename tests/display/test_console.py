"""The window of a terminal: when a run is shown in it, how several share it, and how it is given back."""

from __future__ import annotations

import builtins
import cProfile
import json
import logging
import re
import sys
from typing import TYPE_CHECKING

import pytest
from rich.cells import cell_len
from rich.live import Live
from rich.text import Text

from progressnb import ProgressTracker, Stage
from progressnb.display.console import ConsoleView
from progressnb.display.looks import tree_of
from progressnb.display.window import Window
from progressnb.testing import ManualClock
from progressnb.wire.plain import clean_text
from tests.display.screens import CONTROL, HOSTILE, OWN_SEQUENCES, File, Terminal, lines_of

if TYPE_CHECKING:
    from collections.abc import Callable


def test_the_terminal_is_given_back(terminal: Callable[..., Terminal]) -> None:
    """The last event restores stderr and `input` before anybody can print; the cursor was there at all times."""
    before = sys.stderr, builtins.input
    screen = terminal()
    run = screen.run()
    run.stage("evaluation").start()
    screen.look()
    run.done()
    assert "\x1b[?25" not in screen.file.getvalue()
    assert (sys.stderr, builtins.input) == before


def test_a_run_refused_before_its_first_stage_shows_nothing(terminal: Callable[..., Terminal]) -> None:
    """What fails at once is told by its error alone, in a terminal as in a pipe."""
    for live in (True, False):
        screen = terminal(live=live)
        run = screen.run()
        screen.clock.advance(0.5)
        run.fail(ValueError("no such file"))
        assert screen.file.getvalue() == ""


def test_a_slow_beginning_is_shown(terminal: Callable[..., Terminal]) -> None:
    """A run that has begun no stage after a second is shown all the same."""
    screen = terminal()
    screen.run()
    assert screen.look(0.5) == ""
    assert "○ Evaluating the match" in screen.look(1)


def test_a_view_that_comes_late_shows_the_end(terminal: Callable[..., Terminal]) -> None:
    """A run that has ended is shown as it ended."""
    screen = terminal()
    run = ProgressTracker("etl", clock=screen.clock, show=False)
    run.start()
    run.done()
    ConsoleView(run, console=screen.console).start()
    assert screen.text(1) == "✓ etl finished in 0.0 s"


@pytest.mark.parametrize("live", [True, False])
def test_hostile_text_is_only_text(terminal: Callable[..., Terminal], live: bool) -> None:
    """Titles, messages, tools, outputs, keys, models and errors can't colour, move, retitle or mark up anything."""
    screen = terminal(120, 40, live=live, colour=True)
    run = screen.run([Stage("one", title=HOSTILE), Stage("two")], name=HOSTILE)
    stage = run.stage("one")
    stage.update(10, HOSTILE, model=HOSTILE)
    stage.stage(HOSTILE, title=HOSTILE).start(HOSTILE)
    stage.write(json.dumps({HOSTILE: [HOSTILE, {HOSTILE: HOSTILE}]}), kind="json")
    screen.clock.advance(0.1)
    stage.retry(2, 3)
    stage.fail(ValueError(HOSTILE))
    run.fail(type(clean_text(HOSTILE).replace("\x00", ""), (Exception,), {})(HOSTILE))
    raw = screen.file.getvalue()
    rest = OWN_SEQUENCES.sub("", raw)
    assert not CONTROL.search(rest), CONTROL.search(rest)
    assert "[bold]b[/bold] [/]" in rest
    assert "title" not in rest.replace("untitled", "")


def test_two_runs_share_a_terminal(terminal: Callable[..., Terminal]) -> None:
    """Both are drawn; the one that ends leaves its report above the other, which goes on."""
    screen = terminal()
    first, second = screen.run(name="first"), screen.run(name="second")
    for run in (first, second):
        run.stage("writing").write("words")
    frame = screen.look()
    assert frame.index("first") < frame.index("second")
    assert len(frame.split("\n")) < 24
    screen.clear()
    first.done()
    text = screen.text(1)
    assert text.index("✓ first finished") < text.index("second ─")
    assert "first ─" not in text.split("✓ first finished")[1]
    second.stage("check").start()
    assert "first" not in screen.look()
    screen.clear()
    second.done()
    assert "✓ second finished" in screen.text(1)


def test_views_without_a_console_share_the_terminal_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two runs on stderr are on one screen, although neither was given a console."""
    file = File()
    monkeypatch.setattr(sys, "stderr", file)
    monkeypatch.setenv("TERM", "xterm")
    clock = ManualClock()
    runs = [ProgressTracker(name, ["a"], clock=clock, show=False) for name in ("first", "second")]
    for run in runs:
        run.start()
        ConsoleView(run).start()
        run.update("a", 50)
    clock.advance(0.2)
    assert len(Window.active) == 1
    for run in runs:
        run.done()
    assert Window.active == []
    assert "✓ second finished" in OWN_SEQUENCES.sub("", file.getvalue())
    assert sys.stderr is file


def test_a_terminal_that_another_live_has_gets_lines(terminal: Callable[..., Terminal]) -> None:
    """Where the user's own rich display is at work, the run is told in lines, above it."""
    screen = terminal()
    with Live(Text("mine"), console=screen.console, auto_refresh=False, redirect_stderr=False) as live:
        run = screen.run()
        run.update("evaluation", 50)
        screen.clock.advance(0.2)
        run.done()
        assert live.is_started
    assert "customize   0 %  0:00  Evaluating the match: started\n" in screen.text()


def test_a_broken_pipe_stops_the_lines_and_not_the_run(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A reader that went away costs a warning; rich alone would end the process."""

    class Broken(File):
        def write(self, _text: str, /) -> int:
            raise BrokenPipeError

    monkeypatch.setattr(sys, "stderr", Broken(terminal=False))
    run = ProgressTracker("etl", ["a"], clock=ManualClock(), show=False)
    run.start()
    ConsoleView(run).start()
    with caplog.at_level(logging.WARNING, "progressnb"):
        run.update("a", 50)
        run.done()
    assert run.state.status == "finished"
    assert "stopped painting etl" in caplog.text


def test_four_runs_are_a_group(terminal: Callable[..., Terminal]) -> None:
    """From four runs at a time on there is a line of totals and one for each run, which stays where it is."""
    screen = terminal()
    runs = [screen.run([Stage("ask")], name=f"classify {number}") for number in range(6)]
    for run in runs:
        run.stage("ask").start("asking")
    lines = lines_of(screen.look(1))
    assert re.fullmatch(r"● classify 0 and 5 more ─+ 0 of 6 · 6 running · \d s", lines[0])
    assert len(lines) == 7
    assert all("Ask: asking" in line for line in lines[1:])
    runs[0].fail(ValueError("no label"))
    runs[1].done("x")
    lines = lines_of(screen.look(1))
    assert "2 of 6 · 1 failed · 4 running" in lines[0]
    assert re.match(r" ✗ classify 0 +ValueError: no label", lines[1])
    assert re.match(r" ✓ classify 1 ", lines[2])
    screen.clear()
    for run in runs[2:]:
        run.done("x")
    lines = lines_of(screen.text(1))
    assert re.fullmatch(r"◐ classify 0 and 5 more ━+ 6 runs · 5 finished · 1 failed · 2\.0 s", lines[0])
    assert re.match(r" ✗ classify 0 +ValueError: no label", lines[1])
    assert len(lines) == 7


def test_a_group_fits_the_window_and_is_not_drawn_for_each_run(terminal: Callable[..., Terminal]) -> None:
    """Two hundred runs are one block that is no taller than the window, and is drawn a few times a second."""
    screen = terminal(80, 12)
    runs = [screen.run([Stage("ask")], name=f"classify {number}") for number in range(200)]
    for run in runs:
        run.stage("ask").start()
    frame = screen.look(1)
    assert len(frame.split("\n")) < 12
    assert max(cell_len(line) for line in frame.split("\n")) <= 80
    assert screen.file.getvalue().count("0 of 200") <= 10
    for run in runs:
        run.done()
    assert "200 runs" in lines_of(screen.text(1))[0]


def test_a_group_ends_with_its_last_run(terminal: Callable[..., Terminal]) -> None:
    """The next run after a group stands alone again."""
    screen = terminal()
    for run in [screen.run([Stage("ask")]) for _ in range(4)]:
        run.done()
    screen.clear()
    screen.run([Stage("ask")], name="alone").done()
    assert screen.text(1).startswith("✓ alone finished in 0.0 s")


def test_a_paint_costs_no_more_after_many_loops(terminal: Callable[..., Terminal]) -> None:
    """Behind 6,000 loops in a loop a paint takes as much work, counted in calls, as behind 2,000, and counts them."""
    screen = terminal()
    run = screen.run([Stage("epochs")])
    epochs = run.stage("epochs")
    epochs.start()
    calls: list[int] = []
    for count in (2_000, 4_000):
        for _ in range(count):
            with epochs.stage("batches") as batches:
                batches.update(50)
        counted = cProfile.Profile()
        counted.runcall(tree_of, run, rows=60)
        calls.append(sum(each.callcount for each in counted.getstats()))
    assert calls[1] < 1.5 * calls[0]
    assert re.search(r"batches +5,9\d\d|batches .*6,000", screen.look(1.0).casefold())
