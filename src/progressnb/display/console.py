"""The terminal's screen: bars and the end of the output that is being written; in a pipe plain lines.

Texts of models, files and exceptions are hostile. They never become markup, never reach the terminal as control
sequences, and never make a frame taller or wider than the window.
"""

from __future__ import annotations

import atexit
import itertools
import sys
import threading
from typing import TYPE_CHECKING

from rich.console import Console, Group
from rich.errors import LiveError
from rich.live import Live

from progressnb.display.frame import Frame
from progressnb.display.lines import Lines
from progressnb.display.painter import Painter
from progressnb.display.terminal import Pen
from progressnb.tracking.session import current_session

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.text import Text

    from progressnb.folds.state import RunState
    from progressnb.tracking.protocols import Watchable
    from progressnb.tracking.session import Detail

__all__ = ["ConsoleView"]

_GRACE = 1.0  # seconds after which a run is shown even if no stage has begun
_WIDEST, _LEAST = 100, 16  # columns of a frame


class _StderrConsole(Console):
    def on_broken_pipe(self) -> None:
        """Raise, so that the painter stops; rich would end the process, and the run with it."""
        raise BrokenPipeError


class _Screen:
    """One terminal, shared by the runs that are shown in it at the same time: rich allows one Live a console."""

    active: list[_Screen] = []  # noqa: RUF012 - the process's terminals
    lock = threading.RLock()

    def __init__(self, console: Console, *, ours: bool) -> None:
        self.console, self.ours = console, ours
        self.frames: dict[ConsoleView, list[Text]] = {}
        # Text that the program prints goes above the bars, unless its stdout is a pipe.
        self._live = Live(
            console=console,
            auto_refresh=False,
            vertical_overflow="crop",
            redirect_stdout=sys.stdout.isatty(),
            redirect_stderr=True,
        )

    @classmethod
    def of(cls, console: Console | None) -> _Screen | None:
        """Return the screen of a console, or None if bars can't be drawn there or another `Live` uses it."""
        for screen in cls.active:
            if screen.console is console or (console is None and screen.ours):
                return screen
        screen = cls(console or _stderr(), ours=console is None)
        # FORCE_COLOR makes rich take a pipe for a terminal, and bars would be drawn into a log.
        drawable = screen.console.is_interactive and (console is not None or screen.console.file.isatty())
        if not drawable or not screen._free():
            return None
        screen._live.start()
        atexit.register(screen._live.stop)  # a process that ends meanwhile gives the cursor back
        cls.active.append(screen)
        return screen

    def _free(self) -> bool:
        try:
            free = self.console.set_live(self._live)
        except LiveError:  # rich 14.0
            return False
        self.console.clear_live()
        return free is not False

    def show(self, view: ConsoleView, frame: list[Text]) -> None:
        """Draw a view's frame below those of the views that came before it."""
        self.frames[view] = frame
        self._live.update(self._all(), refresh=True)

    def _all(self) -> Group:
        return _cropped(itertools.chain.from_iterable(self.frames.values()))

    def leave(self, view: ConsoleView, final: list[Text]) -> None:
        """Leave a view's last frame in the scrollback; after the last view, give the terminal back."""
        self.frames.pop(view, None)
        if self.frames:
            self._live.update(self._all(), refresh=True)
            self.console.print(_cropped(final))
            return
        type(self).active.remove(self)
        atexit.unregister(self._live.stop)
        self._live.update(_cropped(final))
        self._live.stop()


def _cropped(lines: Iterable[Text]) -> Group:
    # A line that the terminal wraps makes the frame taller than rich knows, and parts of it stay behind.
    cropped = [*lines]
    for line in cropped:
        line.no_wrap, line.overflow = True, "crop"
    return Group(*cropped)


def _stderr() -> Console:
    return _StderrConsole(stderr=True, force_jupyter=False)


class ConsoleView:
    """Show a run in a terminal, or as plain lines where there is none.

    Args:
        run: The run.
        console: Where to write; stderr by default.
        detail: `"compact"` is one line a run; the session's setting by default.

    Example:
        ::

            ConsoleView(run).start()

    """

    def __init__(self, run: Watchable, *, console: Console | None = None, detail: Detail | None = None) -> None:
        self._run = run
        self._console = console
        self._compact = (detail or current_session().detail) == "compact"
        self._screen: _Screen | None = None
        self._lines: Lines | None = None
        self._ended = False
        self._painter = Painter(run, self._paint)

    def start(self) -> None:
        """Begin to follow the run."""
        self._painter.start()

    def _paint(self) -> None:
        # One lock for all views: runs of several threads may share a terminal.
        with _Screen.lock:
            state = self._run.state
            if self._ended or not (self._begun() or self._is_worth_showing(state)):
                return
            self._ended = state.ended
            if not self._begun():
                self._begin()
            if self._lines is not None:
                self._lines.write()
            elif self._screen is not None:
                console = self._screen.console
                frame = Frame(self._run, Pen(console, min(max(console.width - 1, _LEAST), _WIDEST)))
                if self._ended:
                    self._screen.leave(self, frame.final(compact=self._compact))
                else:
                    height = (console.height - 1) // len({*self._screen.frames, self})
                    self._screen.show(self, frame.live(height, compact=self._compact))

    def _begun(self) -> bool:
        return self._screen is not None or self._lines is not None

    def _begin(self) -> None:
        self._screen = _Screen.of(self._console)
        if self._screen is None:
            self._lines = Lines(self._run, self._console or _stderr(), compact=self._compact)

    def _is_worth_showing(self, state: RunState) -> bool:
        # A run that is refused before its first stage has nothing to show: its caller gets the error.
        if state.status == "pending":
            return bool(getattr(self._run, "trouble", ""))
        if any(stage.status != "pending" for stage in state.stages):
            return True
        return state.status != "failed" and (state.ended or not state.stages or self._run.elapsed >= _GRACE)
