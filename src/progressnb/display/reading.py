"""People who type: while somebody reads from the terminal, nothing is drawn there.

Python has no public sign for a read at work. `input`, and the debugger through it, is told by a function in its place;
passwords, line editors and full-screen programs by the terminal's own settings, which they change.
"""

from __future__ import annotations

import builtins
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Reading"]


class Reading:
    """Watch for reads from the terminal, from now until `end`.

    Args:
        pause: A function that clears the bars away, before a read.
        resume: A function that draws them again, after it.

    """

    def __init__(self, pause: Callable[[], None], resume: Callable[[], None]) -> None:
        self._settings = _settings()
        self._input = read = builtins.input

        def told(*prompt: Any) -> str:  # noqa: ANN401 - whatever input takes
            pause()
            try:
                return read(*prompt)
            finally:
                resume()

        self._told = told
        builtins.input = told

    def is_elsewhere(self) -> bool:
        """Return whether another program or a line editor has the terminal."""
        return self._settings is not None and _settings() not in (None, self._settings)

    def end(self) -> None:
        """Put `input` back, unless somebody else has put another function in place since."""
        if builtins.input is self._told:
            builtins.input = self._input


def _settings() -> object:
    """Return the local modes of the terminal: echo, lines, signals; None where there are none."""
    with suppress(Exception):  # no terminal, no termios, or a stdin of somebody's own
        import termios  # not on Windows

        return termios.tcgetattr(sys.stdin.fileno())[3]
    return None
