"""The terminal's screen: what it shows, what it refuses to show, and what it leaves behind."""

from __future__ import annotations

import io
import json
import logging
import re
import sys
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console
from rich.live import Live
from rich.text import Text

from progressnb import ProgressTracker, Stage
from progressnb.display.console import ConsoleView
from progressnb.display.escape import clean_for_terminal
from progressnb.display.frame import Frame
from progressnb.display.terminal import Pen
from progressnb.display.window import Window
from progressnb.testing import ManualClock
from progressnb.wire.events import ProgressEvent
from progressnb.wire.plain import clean_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from progressnb.tracking.session import Detail

STAGES = [Stage("evaluation", 0.3, "Evaluating the match"), Stage("writing", 0.6, "Writing"), Stage("check", 0.1)]
HOSTILE = (
    "\x1b[31mred\x1b[0m \x1b]0;title\x07 \x9b2Jgone [bold]b[/bold] [/] \u202eflip\x00\x08\r\nnext\U000e0041 \ud800"
)
# What rich itself writes: colours, cursor up, erased lines, the cursor hidden and shown.
OWN_SEQUENCES = re.compile(r"\x1b\[(?:[\d;]*m|\d*A|2K|\?25[lh])|\r")
CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\U000e0000-\U000e007f]")


class File(io.StringIO):
    """A file that has an encoding, as a terminal has, and says whether it is one."""

    def __init__(self, encoding: str = "utf-8", *, terminal: bool = True) -> None:
        super().__init__()
        self._encoding, self._terminal = encoding, terminal

    @property
    def encoding(self) -> str:  # type: ignore[override]
        """Name the encoding."""
        return self._encoding

    def isatty(self) -> bool:
        """Say whether it is a terminal."""
        return self._terminal


class Terminal:
    """A console of a size, a clock that stands still, and runs that are watched in it."""

    def __init__(
        self, width: int = 80, height: int = 24, *, encoding: str = "utf-8", live: bool = True, colour: bool = False
    ) -> None:
        self.clock = ManualClock()
        self.file = File(encoding)
        self.console = Console(
            file=self.file,
            width=width,
            height=height,
            force_terminal=live,
            force_interactive=live,
            color_system="truecolor" if colour else None,
            legacy_windows=False,
            _environ={"TERM": "xterm"},
        )
        self.runs: list[ProgressTracker] = []

    def run(
        self, stages: list[Stage] | None = STAGES, *, name: str = "customize", detail: Detail = "full"
    ) -> ProgressTracker:
        """Begin a run and watch it."""
        run = ProgressTracker(name, stages, clock=self.clock, show=False)
        run.start()
        self.runs.append(run)
        ConsoleView(run, console=self.console, detail=detail).start()
        return run

    def look(self, seconds: float = 0.3) -> str:
        """Let time pass and return the last frame as it reads."""
        self.clear()
        self.clock.advance(seconds)
        return self.text(frames=1)

    def clear(self) -> None:
        """Forget what was written."""
        self.file.seek(0)
        self.file.truncate()

    def text(self, frames: int = 0) -> str:
        """Return what was written, or its last frames, without rich's own sequences."""
        parts = re.split(r"\r\x1b\[2K(?:\x1b\[1A\x1b\[2K)*", self.file.getvalue())
        return OWN_SEQUENCES.sub("", "".join(parts[-frames:])).rstrip("\n")


@pytest.fixture
def terminal() -> Iterator[Callable[..., Terminal]]:
    """Make terminals; what still runs in them at the end is ended, so that stderr is given back."""
    made: list[Terminal] = []

    def make(*args: int, **options: Any) -> Terminal:
        made.append(Terminal(*args, **options))
        return made[-1]

    yield make
    for each in made:
        for run in each.runs:
            if not run.log.ended:
                run.cancelled()
    assert Window.active == []


def lines_of(text: str) -> list[str]:
    """Split into lines, without the blanks at their ends."""
    return [line.rstrip() for line in text.split("\n")]


def half_way(run: ProgressTracker, clock: ManualClock) -> None:
    """Bring a run half way, with a tool and an output in the writing."""
    first = run.stage("evaluation")
    first.start()
    clock.advance(3.5)
    first.finish()
    stage = run.stage("writing")
    stage.start("thinking")
    with stage.stage("search", title="search"):
        clock.advance(0.4)
    stage.update(50, "writing", input_tokens=1234, output_tokens=56, cost=0.0123, model="test-model")
    stage.write('{"match_score": 62, "strengths": [{"requirement": "Python", "yearsUsed": 10}, {"requ', kind="json")
    stage.write('irement": "Postg', kind="json")


# --- what is shown ---------------------------------------------------------------------------------


def test_a_run_at_work_reads_at_a_glance(terminal: Callable[..., Terminal]) -> None:
    """Overall and every stage: sign, bar, percent, message, time; then the output with a caret; then usage."""
    screen = terminal()
    run = screen.run()
    half_way(run, screen.clock)
    assert lines_of(screen.look()) == [
        "Customize ━━━━━━━━━━━━━━━━━━━━━━━━────────────────  60 %  0:04  about 0:02 left",
        " ✓ Evaluating the match  ━━━━━━━━━━━━━━━ 100 %                            3.5 s",
        " ▸ Writing               ━━━━━━━╸───────  50 %  writing                   0.5 s",
        "   ✓ search              ━━━━━━━━━━━━━━━ 100 %                            0.4 s",
        " ○ Check",
        " ── Writing ──────────────────────────────────────────────────────────────────",
        "   Match score: 62",
        "   Strengths:",
        "     1. Requirement: Python",
        "        Years used: 10",
        "     2. Requirement: Postg▌",
        " test-model · 1,234 tokens in · 56 out · $0.0123",
    ]


def test_a_narrow_terminal_keeps_what_matters(terminal: Callable[..., Terminal]) -> None:
    """At 40 columns bars of stages give way; title, percent and time stay, the message has its own line."""
    screen = terminal(40)
    run = screen.run()
    half_way(run, screen.clock)
    run.stage("check").start("comparing")
    assert lines_of(screen.look())[:5] == [
        "Customize ━━━━━━━━━━───────  60 %  0:04",
        " ✓ Evaluating the ma… 100 %       3.5 s",
        " ▸ Writing             50 %       0.5 s",
        "   ✓ search           100 %       0.4 s",
        " ▸ Check                          0.1 s",
    ]
    assert "   comparing" in lines_of(screen.look(1))


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
    """`remaining` in the run's data becomes "about 0:08 left"."""
    screen = terminal()
    run = screen.run()
    run.stage("evaluation").start()
    assert "left" not in screen.look()
    run._recorder.record(ProgressEvent, None, status="running", data={"remaining": 8.4})
    assert "about 0:08 left" in screen.look()


def test_compact_is_one_line(terminal: Callable[..., Terminal]) -> None:
    """`detail="compact"` shows one line at work and one at the end."""
    screen = terminal()
    run = screen.run(detail="compact")
    half_way(run, screen.clock)
    frame = screen.look()
    assert len(frame.split("\n")) == 1
    assert frame.endswith("60 %  0:04  about 0:02 left  Writing: writing")
    screen.clear()
    run.done()
    assert screen.text(1) == "✓ Customize finished in 4.2 s"


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


def test_a_heading_is_that_of_the_text_below(terminal: Callable[..., Terminal]) -> None:
    """While what a stage writes waits for its event, text and heading are still the other stage's, both."""
    screen = terminal()
    run = screen.run()
    run.stage("writing").write("the resume")
    screen.look()
    check = run.stage("check")
    check.start()
    check.write("all claims hold")
    assert run.partial == "all claims hold"
    frame = "\n".join(str(line) for line in Frame(run, Pen(screen.console, 79)).live(20, compact=False))
    assert "── Writing " in frame
    assert "the resume▌" in frame
    assert "all claims" not in frame
    later = screen.look()
    assert "── Check " in later
    assert "all claims hold▌" in later


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


def test_what_is_cut_off_above_is_named(terminal: Callable[..., Terminal]) -> None:
    """The first line of a clipped outline says in which field and item it is."""
    screen = terminal()
    run = screen.run()
    gaps = [{"requirement": f"R{number}", "advice": "word " * 30} for number in range(9)]
    run.stage("writing").write(json.dumps({"gaps": gaps})[:-40], kind="json")
    frame = screen.look()
    assert "⋮ Gaps / 6 / Advice" in frame
    assert "9. Requirement: R8" in frame


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
    assert "▸ Fetch" in frame
    assert "   … 60 more, 60 finished" in frame
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


# --- how it ends -----------------------------------------------------------------------------------


def test_a_finished_run_leaves_a_short_report(terminal: Callable[..., Terminal]) -> None:
    """At the end: status, duration, stages, usage; the output is not repeated."""
    screen = terminal()
    run = screen.run()
    half_way(run, screen.clock)
    screen.look()
    screen.clear()
    run.done({"any": "result"})
    assert lines_of(screen.text(1)) == [
        "✓ Customize finished in 4.2 s",
        "  ✓ Evaluating the match       3.5 s",
        "  ✓ Writing                    0.7 s",
        "  – Check                      0.0 s",
        "  test-model · 1,234 tokens in · 56 out · $0.0123",
    ]


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
    assert lines_of(screen.text(1)) == [
        "✗ Customize failed after 3.9 s, at 60 %",
        "  ✓ Evaluating the match       3.5 s",
        "  ✗ Writing                    0.4 s",
        "    ✗ fetch                    0.0 s",
        "  ○ Check",
        "  Writing / fetch: ConnectionError: no route to host",
        "  test-model · 1,234 tokens in · 56 out · $0.0123",
    ]


def test_a_cancelled_run_says_so(terminal: Callable[..., Terminal]) -> None:
    """Cancelled: the word, the time, the percent, the reason, and the stage that was at work."""
    screen = terminal()
    run = screen.run()
    half_way(run, screen.clock)
    run.cancelled("enough")
    text = screen.text(1)
    assert text.startswith("■ Customize cancelled after 3.9 s, at 60 %: enough\n")
    assert "■ Writing" in text


def test_the_terminal_is_given_back(terminal: Callable[..., Terminal]) -> None:
    """The last event shows the cursor again and restores stderr before anybody can print."""
    before = sys.stderr
    screen = terminal()
    run = screen.run()
    run.stage("evaluation").start()
    screen.look()
    assert "\x1b[?25l" in screen.file.getvalue()
    run.done()
    assert screen.file.getvalue().rstrip().endswith("\x1b[?25h")
    assert sys.stderr is before


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
    assert len(text.split("\n")) < 24


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
    assert screen.text(1) == "✓ Etl finished in 0.0 s"


# --- hostile text ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("plain", "plain"),
        ("a\x1b[31mred\x1b[0m", "ared"),
        ("\x1b]0;new title\x07after", "after"),
        ("\x1b]8;;http://evil\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x1bPq#0\x1b\\sixel", "sixel"),
        ("\x9b2Jgone", "gone"),
        ("\x1b(0line\x1bc", "line"),
        ("cut \x1b[38;5", "cut "),
        ("over\rwritten", "over\nwritten"),
        ("a\u202eb\u2066c\u200bd\ufeff\xade", "abcde"),
        ("\x00\x07\x08\x7f\x85", "\n"),
        ("tab\tstop", "tab stop"),
        ("\ud800half", "half"),
        ("👩‍💻 é 日本", "👩‍💻 é 日本"),
    ],
)
def test_terminal_text_holds_nothing_to_obey(text: str, clean: str) -> None:
    """Sequences go whole, controls and invisible characters go, readable text stays."""
    assert clean_for_terminal(text) == clean


@given(st.text(alphabet=st.characters(exclude_categories=[]), max_size=60))
def test_no_text_reaches_the_terminal_as_a_control(text: str) -> None:
    """Whatever the text, only line breaks remain of what a terminal obeys."""
    assert not CONTROL.search(clean_for_terminal(text))


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


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=80),
    lambda inner: st.lists(inner, max_size=6) | st.dictionaries(st.text(max_size=20), inner, max_size=6),
    max_leaves=30,
)


@given(JSON, st.integers(10, 120), st.integers(2, 30), st.booleans())
def test_any_output_fits_its_window(value: Any, width: int, height: int, caret: bool) -> None:
    """An outline of any data has at most the lines and columns that it was given."""
    pen = Pen(Console(file=File(), width=200, legacy_windows=False), 100)
    rows = Outline(pen, width, height).tail(value, caret=caret)
    assert len(rows) <= height
    assert all(cell_len(row.plain.rstrip()) <= width for row in rows)
    assert not caret or rows[-1].plain.endswith("▌")


def test_only_the_end_of_an_output_is_looked_at() -> None:
    """The cost of a paint is that of its window: of ten thousand items it reads the last few."""
    read: list[int] = []

    class Items(list[str]):
        def __getitem__(self, index: Any) -> Any:
            read.append(index)
            return super().__getitem__(index)

    pen = Pen(Console(file=File(), width=80, legacy_windows=False), 80)
    rows = Outline(pen, 76, 10).tail(Items(["word"] * 10_000), caret=True)
    assert len(rows) == 10
    assert len(read) <= 12
    long = Outline(pen, 76, 10)._text("x" * 200_000)
    assert len(long) < 7_000


# --- pipes, and more than one ----------------------------------------------------------------------


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
        "customize  90 %  0:12  Writing: finished in 9.4 s\n"
        "customize  99 %  0:12  Check: skipped after 0.0 s\n"
        "customize 100 %  0:12  finished in 13 s, test-model · 1,234 tokens in · 56 out · $0.0123\n"
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


def test_two_runs_share_a_terminal(terminal: Callable[..., Terminal]) -> None:
    """Both are drawn; the one that ends leaves its report above the other, which goes on."""
    screen = terminal()
    first, second = screen.run(name="first"), screen.run(name="second")
    for run in (first, second):
        run.stage("writing").write("words")
    frame = screen.look()
    assert frame.index("First") < frame.index("Second")
    assert len(frame.split("\n")) < 24
    screen.clear()
    first.done()
    text = screen.text(1)
    assert text.index("✓ First finished") < text.index("Second ─")
    assert "First ─" not in text.split("✓ First finished")[1]
    second.stage("check").start()
    assert "First" not in screen.look()
    screen.clear()
    second.done()
    assert "✓ Second finished" in screen.text(1)


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
    assert "✓ Second finished" in OWN_SEQUENCES.sub("", file.getvalue())
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
