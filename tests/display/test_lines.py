"""Plain lines for pipes: one for each change, and none for what is no change."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from progressnb import ProgressTracker, Stage
from progressnb.display.console import ConsoleView
from progressnb.testing import ManualClock
from progressnb.wire.events import ProgressEvent
from tests.display.screens import File, Terminal, half_way

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest


def test_a_pipe_gets_plain_lines(terminal: Callable[..., Terminal]) -> None:
    """One line for each change of status, also of those between two paints, and one for the end; no ANSI."""
    screen = terminal(live=False)
    run = screen.run()
    half_way(run, screen.clock)
    run.stage("writing").retry(2, 3)
    screen.clock.advance(9)
    run.done()
    assert screen.file.getvalue() == (
        "customize   0 %  0:00  started\n"
        "customize   0 %  0:00  Evaluating the match: started\n"
        "customize  30 %  0:03  Evaluating the match: finished in 3.5 s\n"
        "customize  30 %  0:03  Writing: started\n"
        "customize  30 %  0:03  Writing / search: started\n"
        "customize  60 %  0:03  Writing / search: finished in 0.4 s\n"
        "customize  60 %  0:03  Writing: retrying, 2 of 3\n"
        "customize  60 %  0:09  Writing: retrying, 2 of 3\n"
        "customize  90 %  0:12  Writing: finished in 9.4 s\n"
        "customize  99 %  0:12  Check: skipped after 0.0 s\n"
        "customize 100 %  0:12  finished in 13 s, model test-model · 1,234 tokens in · 56 out · $0.012\n"
    )


def test_a_pipe_hears_nothing_of_silence(terminal: Callable[..., Terminal]) -> None:
    """A notice that a stage is silent is no change: a line is written for the next attempt, not for the wait."""
    screen = terminal(live=False)
    run = screen.run()
    stage = run.stage("writing")
    stage.start()
    stage.retry(2, 3)
    screen.clock.advance(1)
    before = screen.file.getvalue()
    assert before.endswith("retrying, 2 of 3\n")
    run._recorder.record(
        ProgressEvent, "writing", status="retrying", message="2 of 3 (silent for 40 s)", data={"silence": 40.0}
    )
    screen.clock.advance(1)
    assert screen.file.getvalue() == before
    stage.retry(3, 3)
    screen.clock.advance(1)
    assert screen.file.getvalue().splitlines()[-1].endswith("Writing: retrying, 3 of 3")


def test_a_pipe_hears_of_failure_and_cancelling(terminal: Callable[..., Terminal]) -> None:
    """The closing line says where, the type and the message; or the reason of the cancelling."""
    screen = terminal(live=False)
    run = screen.run()
    stage = run.stage("writing")
    stage.start()
    error = ConnectionError("no route\nto host " + "x" * 500)
    stage.fail(error)
    run.fail(error)
    last = screen.file.getvalue().splitlines()[-1]
    assert "failed after 0.0 s in Writing: ConnectionError: no route to host xxx" in last
    assert len(last) < 400
    screen.clear()
    run = screen.run()
    run.stage("writing").start()
    run.cancelled("enough")
    assert screen.file.getvalue().endswith("cancelled after 0.0 s: enough\n")


def test_forced_colour_makes_no_terminal_of_a_pipe(monkeypatch: pytest.MonkeyPatch) -> None:
    """FORCE_COLOR, as CI sets it, does not bring bars into a log."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    pipe = File(terminal=False)
    monkeypatch.setattr(sys, "stderr", pipe)
    clock = ManualClock()
    run = ProgressTracker("etl", ["a"], clock=clock, show=False)
    run.start()
    ConsoleView(run).start()
    run.update("a", 50)
    clock.advance(1)
    run.done()
    assert "etl   0 %  0:00  A: started\n" in pipe.getvalue()
    assert "\x1b" not in pipe.getvalue()


def test_a_long_loop_is_told_now_and_then(terminal: Callable[..., Terminal]) -> None:
    """A loop of twenty seconds in a pipe writes a line each 10 %, one of an hour a bounded number, not only its end."""
    for seconds, least, most in ((20, 8, 14), (3_600, 12, 40)):
        screen = terminal(live=False)
        run = screen.run([Stage("rows")])
        stage = run.stage("rows")
        for number in range(200):
            stage.update(number / 2, f"{number} of 200", done=number, total=200)
            for _ in range(10):
                screen.clock.advance(seconds / 2_000)
        run.done()
        lines = screen.file.getvalue().splitlines()
        assert least <= len(lines) <= most, lines
        assert "/200" in lines[len(lines) // 2]


def test_an_only_stage_is_told_once(terminal: Callable[..., Terminal]) -> None:
    """A loop's or an agent's own run has one stage of its name: its begin and its end are told of the run alone."""
    for end, last in (
        ("done", "finished in 3.0 s: stopped at 3 of 9"),
        ("cancelled", "cancelled after 3.0 s"),
        ("fail", "failed after 3.0 s in Rows: ValueError: bad"),
    ):
        screen = terminal(live=False)
        run = screen.run([Stage("rows")], name="rows")
        stage = run.stage("rows")
        stage.start()
        screen.clock.advance(3)
        if end == "fail":
            error = ValueError("bad")
            stage.fail(error)
            run.fail(error)
        elif end == "cancelled":
            stage.cancel()
            run.cancelled()
        else:
            stage.update(30, "stopped at 3 of 9", done=3, total=9, stopped=3)
            stage.finish()
            run.done()
        lines = screen.file.getvalue().splitlines()
        assert [line.split("  ")[-1] for line in lines] == ["started", last]


def test_an_only_stage_that_ends_early_is_told(terminal: Callable[..., Terminal]) -> None:
    """Where the run goes on behind its only stage, the end of the stage is told with the next change."""
    screen = terminal(live=False)
    run = screen.run([Stage("rows")], name="rows")
    run.stage("rows").start()
    screen.clock.advance(3)
    run.stage("rows").finish()
    run.stage("more", title="More").start()
    screen.clock.advance(1)
    assert [line.split("  ")[-1] for line in screen.file.getvalue().splitlines()] == [
        "started",
        "Rows: finished in 3.0 s",
        "More: started",
    ]


def test_a_run_that_says_no_percent_is_told_too(terminal: Callable[..., Terminal]) -> None:
    """Without a percent lines come at growing intervals."""
    screen = terminal(live=False)
    run = screen.run([Stage("wait")])
    stage = run.stage("wait")
    stage.start("for the database")
    screen.clock.advance(1)
    before = len(screen.file.getvalue().splitlines())
    for _ in range(600):
        screen.clock.advance(1)
    lines = screen.file.getvalue().splitlines()[before:]
    assert 4 <= len(lines) <= 9
    assert all("Wait: for the database" in line for line in lines)


def test_inner_loops_are_folded(terminal: Callable[..., Terminal]) -> None:
    """Of 300 inner loops the first three are told, and each that fails; so are stages below them."""
    screen = terminal(live=False)
    run = screen.run([Stage("epochs")])
    outer = run.stage("epochs")
    for number in range(300):
        inner = outer.stage("batches")
        part = inner.stage("step")
        part.start()
        part.finish()
        if number == 200:
            inner.fail(ValueError("no data"))
        else:
            inner.finish()
        screen.clock.advance(0.01)
    run.done()
    lines = screen.file.getvalue().splitlines()
    assert len(lines) < 24, lines
    assert [line for line in lines if "failed" in line]
