"""Terminals for tests: a file that remembers, a clock that stands still, and runs that are watched in it."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING

from rich.console import Console

from progressnb import ProgressTracker, Stage
from progressnb.display.console import ConsoleView
from progressnb.testing import ManualClock

if TYPE_CHECKING:
    from progressnb.tracking.session import Detail

__all__ = ["CONTROL", "HOSTILE", "OWN_SEQUENCES", "STAGES", "File", "Terminal", "half_way", "lines_of"]

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
