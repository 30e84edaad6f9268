"""A run in a terminal: what a frame of it shows at work and at its end."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest
from rich.cells import cell_len

from progressnb import Stage
from progressnb.tracking import internals
from progressnb.wire.events import ProgressEvent
from tests.display.screens import STAGES, Terminal, half_way, lines_of

if TYPE_CHECKING:
    from collections.abc import Callable


def test_a_run_at_work_reads_at_a_glance(terminal: Callable[..., Terminal]) -> None:
    """The header with its bar; the answer, in a window whose height is kept; the stages on one axis of time; usage."""
    screen = terminal()
    run = screen.run()
    half_way(run, screen.clock)
    lines = lines_of(screen.look())
    assert re.fullmatch(r"customize ━+─+  60 %  4 s  about \d s left", lines[0])
    assert lines[1:7] == [
        " " + "─" * 77,
        "   Match score: 62",
        "   Strengths:",
        "     Requirement  Years used",
        "     Python               10",
        "     Postg▌",
    ]
    assert set(lines[7:13]) == {""}
    assert [re.sub("(?<=[ ━])[ ━]+", "", line) for line in lines[13:]] == [
        " ✓ Evaluating the match 3.5 s",
        " ● Writing 50 % writing 1 s",
        " ✓ search 0.4 s",
        " ○ Check",
        " model test-model · about 1,310 tokens · $0.012",
    ]
    first, second, third = (line.index("━") for line in lines[13:16])
    assert first < second == third
    assert {cell_len(line) for line in lines[13:16]} == {79}


def test_a_narrow_terminal_keeps_what_matters(terminal: Callable[..., Terminal]) -> None:
    """At 40 columns tracks of stages give way; title, percent and time stay, the message has its own line."""
    screen = terminal(40)
    run = screen.run()
    half_way(run, screen.clock)
    run.stage("check").start("comparing")
    lines = lines_of(screen.look())
    assert re.fullmatch(r"customize ━+╸?─+  60 %  4 s", lines[0])
    assert [line for line in lines if line.startswith((" ✓", " ●", "   ✓", "   c"))] == [
        " ✓ Evaluating the ma…             3.5 s",
        " ● Writing             50 %         1 s",
        "   ✓ search                       0.4 s",
        " ● Check                            0 s",
        "   comparing",
    ]


def test_an_encoding_without_signs_gets_ascii(terminal: Callable[..., Terminal]) -> None:
    """Where ✓ can't be encoded, every line is ASCII and a status can still be told."""
    screen = terminal(encoding="ascii")
    run = screen.run([Stage("évaluation"), Stage("b")])
    run.stage("évaluation").start("… läuft")
    frame = screen.look()
    assert frame.isascii()
    assert " > ?valuation" in frame
    assert " . B" in frame


def test_time_remaining_is_shown_when_it_is_known(terminal: Callable[..., Terminal]) -> None:
    """`remaining` in the run's data becomes "about 8 s left"."""
    screen = terminal()
    run = screen.run()
    run.stage("evaluation").start()
    assert "left" not in screen.look()
    run._recorder.record(ProgressEvent, None, status="running", data={"remaining": 8.4})
    assert "about 8 s left" in screen.look()


def test_compact_is_one_line(terminal: Callable[..., Terminal]) -> None:
    """`detail="compact"` shows one line at work and one at the end."""
    screen = terminal()
    run = screen.run(detail="compact")
    half_way(run, screen.clock)
    frame = screen.look()
    assert len(frame.split("\n")) == 1
    assert re.search(r"60 %  4 s  about \d s left  Writing: writing$", frame)
    screen.clear()
    run.done()
    assert screen.text(1) == "✓ customize finished in 4.2 s"


def test_text_is_followed_at_its_end(terminal: Callable[..., Terminal]) -> None:
    """A text longer than the window shows its last lines and the caret."""
    screen = terminal()
    run = screen.run()
    stage = run.stage("writing")
    stage.write("".join(f"line {number}\n" for number in range(1000)) + "the end")
    frame = screen.look()
    assert "the end▌" in frame
    assert "line 999" in frame
    assert "line 900" not in frame


def test_what_was_skipped_has_no_percent(terminal: Callable[..., Terminal]) -> None:
    """A stage that was left out shows an empty bar and no 100 %, although its share counts as done."""
    screen = terminal(100)
    run = screen.run()
    run.stage("evaluation").skip("nothing to do")
    run.stage("writing").start()
    row = next(line for line in lines_of(screen.look()) if "Evaluating" in line)
    assert "%" not in row
    assert "━" not in row
    assert "nothing to do" in row
    assert run.state.stages[0].percent == 100
    assert run.state.overall_progress == 30


def test_what_is_cut_off_above_is_counted(terminal: Callable[..., Terminal]) -> None:
    """The window shows the end of what is written, and its first line how much is above."""
    screen = terminal()
    run = screen.run()
    gaps = [{"requirement": f"R{number}", "advice": ["word"] * 5} for number in range(9)]
    run.stage("writing").write(json.dumps({"gaps": gaps})[:-40], kind="json")
    frame = screen.look()
    assert re.search(r"── … \d+ lines above ─", frame)
    assert "Requirement: R8" in frame
    assert "Requirement: R1" not in frame


def test_many_stages_and_tools_are_counted(terminal: Callable[..., Terminal]) -> None:
    """Hundreds of stages and calls fit the window; what is at work is in it, the rest is counted."""
    screen = terminal(80, 20)
    run = screen.run([Stage(f"part {number}") for number in range(300)])
    for number in range(100):
        run.update(f"part {number}", 100)
    stage = run.stage("part 100")
    for _ in range(60):
        with stage.stage("fetch"):
            pass
    stage.stage("fetch").start()
    frame = screen.look()
    assert "Part 100" in frame
    assert "● Fetch" in frame
    assert "✓ Fetch × 60 ✓" in frame
    hidden = re.search(r"\n … (\d+) more, (\d+) finished, 199 pending", frame)
    assert hidden is not None
    assert int(hidden[1]) == int(hidden[2]) + 199
    assert "Part 99" in frame
    assert len(frame.split("\n")) < 20


@pytest.mark.parametrize("width", [20, 40, 57, 80, 120, 250])
@pytest.mark.parametrize("height", [3, 6, 9, 24, 60])
def test_a_frame_never_outgrows_the_window(terminal: Callable[..., Terminal], width: int, height: int) -> None:
    """No line is wider than the terminal and no frame as tall, whatever titles, messages and outputs say."""
    screen = terminal(width, height)
    run = screen.run([Stage("a", title="long title " * 30), Stage("b", title="宽" * 80), *STAGES])
    stage = run.stage("a")
    stage.update(40, "a message " * 100, model="model " * 50, input_tokens=10**12)
    for _ in range(9):
        stage.stage("tool", title="tool " * 40).start("日本語" * 90)
    stage.write(json.dumps({"key" * 50: ["word" * 200, {"a": {"b": {"c": "宽" * 300}}}] * 20}), kind="json")
    frame = screen.look()
    assert len(frame.split("\n")) < height
    assert max(cell_len(line) for line in frame.split("\n")) <= width


def ended(screen: Terminal) -> list[str]:
    """Return the report that a run has left, with one blank, and one piece of a bar, in place of several."""
    return [re.sub("━+", "━", re.sub(r"(?<=\S) +", " ", line)) for line in lines_of(screen.text(1))]


def test_a_finished_run_leaves_its_answer(terminal: Callable[..., Terminal]) -> None:
    """At the end: status, duration and usage; the answer; the stages; the model."""
    screen = terminal()
    run = screen.run()
    half_way(run, screen.clock)
    screen.look()
    screen.clear()
    run.done({"any": "result"})
    assert ended(screen) == [
        "✓ customize finished in 4.2 s · 1,290 tokens · $0.012",
        "  Any: result",
        " ✓ Evaluating the match ━ 3.5 s",
        " ✓ Writing ━ writing 0.7 s",
        "   ✓ search ━ 0.4 s",
        " – Check skipped 0.0 s",
        " model test-model · 1,234 tokens in · 56 out",
    ]


@pytest.mark.parametrize("width", [60, 100])
def test_the_end_keeps_what_rows_say(terminal: Callable[..., Terminal], width: int) -> None:
    """What stays in the scrollback says why a stage failed and how far a loop came, also in a narrow window."""
    screen = terminal(width=width)
    run = screen.run([Stage("load"), Stage("rows")])
    load = run.stage("load")
    load.start()
    screen.clock.advance(1)
    load.fail("no such city: Atlantis, try a city of this world")
    rows = run.stage("rows")
    rows.start()
    rows.update(50, "20,000 rows")
    screen.clock.advance(1)
    rows.finish()
    screen.clear()
    run.done()
    text = "\n".join(ended(screen))
    assert "   failed: no such city: Atlantis, try a city of this worl" in text
    assert "20,000 rows" in text
    assert "1 of 2 stages failed" in " ".join(text.split())


def test_a_long_answer_is_cut(terminal: Callable[..., Terminal]) -> None:
    """The scrollback keeps the first lines of an answer and says how many more there are."""
    screen = terminal()
    run = screen.run([Stage("a")])
    run.done([f"item {number}" for number in range(100)])
    lines = ended(screen)
    assert "  • item 39" in lines
    assert "  … 60 more lines" in lines
    assert len(lines) < 50


def test_a_failed_run_says_what_and_where(terminal: Callable[..., Terminal]) -> None:
    """The failed stage and call are marked, and the error stands with its place, type and message."""
    screen = terminal()
    run = screen.run()
    half_way(run, screen.clock)
    writing = run.stage("writing")
    call = writing.stage("fetch", title="fetch")
    error = ConnectionError("no route\nto host")
    call.start()
    for handle in (call, writing):
        handle.fail(error)
    run.fail(error)
    lines = ended(screen)
    assert lines[0] == "✗ customize failed after 3.9 s, at 60 % · about 1,310 tokens · $0.012"
    assert "  Match score: 62" in lines
    assert [line for line in lines if "✗" in line][1:] == [" ✗ Writing ━ 0.4 s", "   ✗ fetch ━ 0.0 s"]
    at = lines.index("  fetch: ConnectionError: no route to host")
    assert lines[at + 1 :] == [
        "  Check the network and the address that is called, then run the cell again.",
        " model test-model",
    ]


def test_a_cancelled_run_says_so(terminal: Callable[..., Terminal]) -> None:
    """Cancelled: the word, the time, the percent, the reason, and the stage that was at work."""
    screen = terminal()
    run = screen.run()
    half_way(run, screen.clock)
    run.cancelled("enough")
    text = screen.text(1)
    assert text.startswith("■ customize cancelled after 3.9 s, at 60 %")
    assert "\n reason: enough\n" in text
    assert "■ Writing" in text


@pytest.mark.parametrize("live", [True, False], ids=["a terminal", "a pipe"])
def test_a_run_that_was_ended_early_says_so(terminal: Callable[..., Terminal], live: bool) -> None:
    """The line of the end has the words, beside the time and the usage."""
    screen = terminal(live=live)
    run = screen.run()
    half_way(run, screen.clock)
    internals(run.stage("writing")).controls.note("enough", "panel", internals(run.stage("writing")))
    run.done({"any": "result"})
    pattern = r"finished in 3\.9 s · ended early · [\d,]+ tokens" if live else r"finished in 3\.9 s, ended early, model"
    assert re.search(pattern, screen.file.getvalue())


def test_hundreds_of_stages_end_in_a_few_lines(terminal: Callable[..., Terminal]) -> None:
    """The scrollback keeps the stages that failed, the latest ones, and a count of the others."""
    screen = terminal()
    run = screen.run([Stage(f"part {number}") for number in range(300)])
    for number in range(299):
        run.update(f"part {number}", 100)
    run.stage("part 299").fail("bad")
    run.done()
    text = screen.text(1)
    assert "✗ Part 299" in text
    assert "… 280 more, 280 finished" in text
    assert len(text.split("\n")) < 26
