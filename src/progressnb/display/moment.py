"""Runs of a moment in a terminal: a place is kept for one, and only its end is drawn there.

A program may have thousands of them, most of which look like one that was drawn before. Such a one is written as that
one was, and no run is made for it.
"""

from __future__ import annotations

import logging
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

from progressnb.display.looks import tree_of
from progressnb.display.screen import choose
from progressnb.display.window import Window
from progressnb.folds.words import duration_text
from progressnb.tracking.session import current_session

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from progressnb.display.window import Drawn
    from progressnb.folds.tree import RunTree
    from progressnb.tracking.protocols import Watchable

__all__ = ["Moment", "expect"]

_logger = logging.getLogger("progressnb")

_MOST = 256  # ends that are kept
_drawn: dict[tuple[Hashable, ...], Drawn] = {}


def expect() -> Moment | None:
    """Keep a place in the terminal for a run that may last a moment; None where runs are shown from their begin on."""
    if current_session().screen is not None or choose() != "text" or sys.stderr is None:
        return None
    with Window.lock:
        window = Window.of(None)
        return None if window is None else Moment(window)


class Moment:
    """The place of a run that may last a moment only."""

    def __init__(self, window: Window) -> None:
        self.compact = current_session().detail == "compact"
        self._window = window
        self._run: Callable[[], Watchable] | None = None
        window.expect(self)

    def drop(self) -> None:
        """Give the place up."""
        with Window.lock:
            self._window.dismiss(self)

    def leave(self, likeness: Hashable, seconds: float, run: Callable[[], Watchable]) -> None:
        """Draw how a run has ended.

        Args:
            likeness: What tells how it looks, besides the terminal and the time; None where nobody knows.
            seconds: The time that it took.
            run: A function that makes the run, called where none that looks so was drawn before.

        """
        self._run = run
        try:
            with Window.lock:
                key = likeness, duration_text(seconds), self.compact, *self._window.likeness()
                drawn = self._window.leave(self, None if likeness is None else _drawn.get(key))
                if drawn is not None and likeness is not None:
                    _keep(key, drawn)
        except Exception:
            with suppress(Exception):  # where the stream of the messages is the one that fails
                _logger.warning("could not draw the end of a loop, which goes on", exc_info=True)
        finally:
            self._run = None

    def tree(self, *, rows: int, characters: int) -> RunTree:
        """Return what is to be seen of the run that has ended."""
        if self._run is None:
            raise RuntimeError("a run of a moment is drawn at its end, by leave()")
        return tree_of(self._run(), rows=rows, characters=characters, details=False)


def _keep(key: tuple[Hashable, ...], drawn: Drawn) -> None:
    if key not in _drawn and len(_drawn) >= _MOST:
        _drawn.pop(next(iter(_drawn)))
    _drawn[key] = drawn
