"""The window of a terminal, which runs share: each has a place of its own, or many are one group."""

from __future__ import annotations

import os
import sys
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple, Protocol, TextIO, cast

from rich.console import Console
from rich.text import Text

from progressnb.display.above import is_terminal
from progressnb.display.frame import Frame
from progressnb.display.group import group_lines
from progressnb.display.sheet import Sheet
from progressnb.display.terminal import Pen
from progressnb.folds.group import WHOLE, panel_tree
from progressnb.wire.forks import after_fork

if TYPE_CHECKING:
    from collections.abc import Hashable

    from progressnb.folds.tree import PanelTree, RunTree
    from progressnb.tracking.clock import Clock

__all__ = ["Drawn", "Shown", "Window", "lines_console", "stderr_console"]

_WIDEST, _LEAST = 100, 16  # columns of a frame
_CHARACTERS = 6_000  # of an answer that are read for a window
_ROWS, _FINAL_ROWS = 60, 20  # stages at most, while it runs and in what stays in the scrollback
_GROUP = WHOLE + 1  # runs at a time that become one
_GROUP_ROWS, _GROUP_CHARACTERS = 4, 200  # the same for a run that has one line
_FINAL_GROUP = 24  # lines of a group that stay in the scrollback
_WAITING = 3  # lines of the program that are not whole yet, above the bars
_PACE = 0.1  # seconds between two paints of a group; a run more makes it slower by a fiftieth of that
_SLOWER = 0.002
_ENVIRONMENT = ("TERM", "COLORTERM", "NO_COLOR", "FORCE_COLOR", "COLUMNS", "LINES", "TTY_COMPATIBLE", "TTY_INTERACTIVE")

_kept: tuple[tuple[object, ...], Console] | None = None


class Shown(Protocol):
    """A run as the window sees it."""

    compact: bool

    def tree(self, *, rows: int, characters: int) -> RunTree:
        """Return what is to be seen of the run now."""
        ...


class Drawn(NamedTuple):
    """The end of a run as it was drawn: what was to be seen, and the text of it."""

    tree: RunTree
    text: str


class _StderrConsole(Console):
    def on_broken_pipe(self) -> None:
        """Raise, so that the painter stops; rich would end the process, and the run with it."""
        raise BrokenPipeError


def stderr_console() -> Console:
    """Return a console that writes to stderr."""
    return _StderrConsole(stderr=True, force_jupyter=False)


def _kept_console() -> Console:
    """Return the console that was made last, as long as a new one would be the same."""
    global _kept  # noqa: PLW0603 - the process's one
    key = sys.stderr, *map(os.environ.get, _ENVIRONMENT)
    if _kept is None or _kept[0] != key:
        # A copy of the environment: each of rich's questions to the process's own takes a microsecond.
        _kept = key, _StderrConsole(stderr=True, force_jupyter=False, _environ=dict(os.environ))
    return _kept[1]


class _Beside:
    """The stderr of a program whose own display of rich is at work: lines go above it.

    Rich looks behind the stream that it put in place of stderr, and would write into its own bars.
    """

    def write(self, text: str) -> int:
        return sys.stderr.write(text)

    def flush(self) -> None:
        sys.stderr.flush()


def lines_console() -> Console:
    """Return a console that writes plain lines to stderr."""
    if hasattr(sys.stderr, "rich_proxied_file"):
        return Console(file=cast("TextIO", _Beside()), force_jupyter=False)
    return stderr_console()


class Window:
    """One terminal, which runs share. From four runs at a time on, they are a group until all have ended.

    A group has totals, the failed runs and those at work. The cursor stays visible, so that a process that is killed
    leaves a terminal behind that can be used.

    Attributes:
        answers: Whether the answer of a run stays in the scrollback; false where the program prints it there itself.
        sheet: The lines that it draws.
        left: The run that was left in the process's own terminal last, or None.

    """

    answers = True
    left: RunTree | None = None

    active: list[Window] = []  # noqa: RUF012 - the process's terminals
    lock = threading.RLock()

    def __init__(self, console: Console, *, ours: bool) -> None:
        self.console, self.ours = console, ours
        self._views: dict[Shown, RunTree | None] = {}  # in a group, ended runs are kept as their last tree
        self._expected: set[Shown] = set()
        self._is_group = False
        self._drawn = float("-inf")
        self._is_waiting = False
        self.sheet = Sheet(console)

    @classmethod
    def of(cls, console: Console | None) -> Window | None:
        """Return the window of a console, or None if bars can't be drawn there or another display is at work there."""
        for window in cls.active:
            if window.console is console or (console is None and window.ours):
                return window
        # FORCE_COLOR makes rich take a pipe for a terminal, and bars would be drawn into a log.
        if console is None and not is_terminal(sys.stderr):
            return None
        window = cls(console or _kept_console(), ours=console is None)
        if not window.console.is_interactive or window.console.legacy_windows or _is_taken(window.console):
            return None
        window.sheet.begin()
        cls.active.append(window)
        return window

    @classmethod
    def forget(cls) -> None:
        """Forget the windows of the process that this one was forked from."""
        cls.lock = threading.RLock()
        for window in cls.active:
            window.sheet.forget()
        cls.active.clear()
        cls.left = None

    def expect(self, view: Shown) -> None:
        """Take note of a run that may be shown: from now on no text of the program is written into its place."""
        self._expected.add(view)

    def dismiss(self, view: Shown) -> None:
        """Forget a run that ended without being shown."""
        self._expected.discard(view)
        if not self._views and not self._expected:
            self._close("")

    def show(self, view: Shown, clock: Clock) -> None:
        """Draw a run at work, below those that came before it; `clock` is the run's."""
        self._expected.discard(view)
        self._views.setdefault(view, None)
        self._is_group = self._is_group or len(self._views) >= _GROUP
        now = clock.monotonic()
        early = self._drawn + _PACE + _SLOWER * len(self._views) - now
        if not self._is_group or early <= 0 or now < self._drawn:
            self._drawn = now
            self._draw()
        elif not self._is_waiting:
            self._is_waiting = True
            clock.call_later(early, lambda: self._draw_late(clock))

    def _draw_late(self, clock: Clock) -> None:
        with self.lock:
            self._is_waiting = False
            if self in self.active:
                self._drawn = clock.monotonic()
                with suppress(OSError):  # the next paint of a run meets the broken pipe again
                    self._draw()

    def likeness(self) -> tuple[Hashable, ...]:
        """Return all of the terminal that decides how a run looks there."""
        console = self.console
        return console.width, console.encoding, console.color_system, console.no_color, self.answers

    def leave(self, view: Shown, drawn: Drawn | None = None) -> Drawn | None:
        """Leave a run's last frame in the scrollback; after the last run, give the terminal back.

        `drawn` is the end of a run that looks the same. It returns what it drew of this run alone, or None.
        """
        self._expected.discard(view)
        if self._is_group:
            self._views[view] = view.tree(rows=_GROUP_ROWS, characters=_GROUP_CHARACTERS)
            if None in self._views.values():
                return None
            self._close(self.sheet.rendered(group_lines(self._panel(), self._pen(), _FINAL_GROUP)))
            return None
        self._views.pop(view, None)
        drawn = self._final(view) if drawn is None else drawn
        if self.ours:
            Window.left = drawn.tree
        if self._views or self._expected:
            self.sheet.leave(drawn.text)
            if self._views:
                self._draw()
        else:
            self._close(drawn.text)
        return drawn

    def _final(self, view: Shown) -> Drawn:
        tree = view.tree(rows=_FINAL_ROWS, characters=_CHARACTERS)
        lines = self._framed(tree).final(compact=view.compact, answer=self.answers)
        return Drawn(tree, self.sheet.rendered(lines))

    def _draw(self) -> None:
        waiting = self.sheet.waiting[-_WAITING:]
        height = self.console.height - 1 - len(waiting)
        if self._is_group:
            lines = group_lines(self._panel(), self._pen(), height)
        else:
            share = height // len(self._views)
            lines = [line for view in self._views for line in self._frame(view, share)]
        self.sheet.draw([*map(Text.from_ansi, waiting), *lines])

    def _frame(self, view: Shown, height: int) -> list[Text]:
        rows = min(height, _ROWS)
        while True:
            frame = self._framed(view.tree(rows=rows, characters=_CHARACTERS))
            lines = frame.live(height, compact=view.compact)
            if not frame.missing or rows == 1:
                return lines
            rows = max(rows - frame.missing, 1)  # remarks and messages of their own line take the room of stages

    def _framed(self, tree: RunTree) -> Frame:
        """Return the frame of a run, without an answer that the program prints itself."""
        frame = Frame(tree, self._pen())
        if self.sheet.printed and self.sheet.has_printed(frame.answer_text):  # most programs print nothing
            return Frame({**tree, "answer": None}, self._pen())
        return frame

    def _panel(self) -> PanelTree:
        trees = [
            view.tree(rows=_GROUP_ROWS, characters=_GROUP_CHARACTERS) if ended is None else ended
            for view, ended in self._views.items()
        ]
        return panel_tree(trees, key="terminal", elapsed=max(tree["now"] for tree in trees))

    def _pen(self) -> Pen:
        return Pen(self.console, min(max(self.console.width - 1, _LEAST), _WIDEST))

    def _close(self, final: str) -> None:
        type(self).active.remove(self)
        self.sheet.end(final)


after_fork(Window.forget)


def _is_taken(console: Console) -> bool:
    """Return whether a display of rich is at work in the terminal."""
    if hasattr(console.file, "rich_proxied_file") or hasattr(sys.stderr, "rich_proxied_file"):
        return True
    return bool(getattr(console, "_live_stack", None) or getattr(console, "_live", None))
