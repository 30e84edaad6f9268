"""The terminal's screen: bars, the answer and the trace of runs at work; in a pipe plain lines.

Texts of models, files and exceptions are hostile. They never become markup, never reach the terminal as control
sequences, and never make a frame taller or wider than the window.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from progressnb.display.lines import Lines
from progressnb.display.looks import tree_of
from progressnb.display.painter import Painter
from progressnb.display.window import Window, lines_console
from progressnb.folds.view import RunView
from progressnb.tracking.session import current_session

if TYPE_CHECKING:
    from rich.console import Console

    from progressnb.folds.state import RunState
    from progressnb.folds.tree import RunTree
    from progressnb.tracking.protocols import Watchable
    from progressnb.tracking.session import Detail

__all__ = ["ConsoleView"]

_GRACE = 1.0  # seconds after which a run is shown even if no stage has begun


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
        self.compact = (detail or current_session().detail) == "compact"
        self._view = RunView(operation=run.operation)
        self._window: Window | None = None
        self._lines: Lines | None = None
        self._begun = self._ended = False
        self._painter = Painter(run, self._paint)

    def start(self) -> None:
        """Begin to follow the run."""
        with Window.lock:
            self._window = Window.of(self._console)
            if self._window is None:
                self._lines = Lines(self._run, self._console or lines_console(), compact=self.compact)
            else:
                self._window.expect(self)
        self._painter.start()

    def tree(self, *, rows: int, characters: int) -> RunTree:
        """Return what is to be seen of the run now."""
        return tree_of(self._run, self._view, rows=rows, characters=characters, details=False)

    def _paint(self) -> None:
        # One lock for all views: runs of several threads may share a terminal.
        with Window.lock:
            state = self._run.state
            if self._ended or not (self._begun or self._is_worth_showing(state)):
                if state.ended and not self._ended and self._window is not None:
                    self._ended = True
                    self._window.dismiss(self)
                return
            self._ended, self._begun = state.ended, True
            if self._lines is not None:
                self._lines.write()
            elif self._window is not None and self._ended:
                self._window.leave(self)
            elif self._window is not None:
                self._window.show(self, self._run.clock)

    def _is_worth_showing(self, state: RunState) -> bool:
        # A run that is refused before its first stage has nothing to show: its caller gets the error.
        if state.status == "pending":
            return bool(getattr(self._run, "trouble", ""))
        if any(stage.status != "pending" for stage in state.stages):
            return True
        return state.status != "failed" and (state.ended or not state.stages or self._run.elapsed >= _GRACE)
