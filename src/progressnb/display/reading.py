"""People who type: while somebody reads from the terminal, nothing is drawn there.

Python has no public sign for a read at work. `input`, and the debugger through it, and the methods of stdin are told by
functions in their place; passwords, line editors and full-screen programs by the terminal's own settings, which they
change.
"""

from __future__ import annotations

import builtins
import functools
import sys
from contextlib import suppress
from types import ModuleType
from typing import TYPE_CHECKING, Any

from progressnb.display.above import is_terminal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["Reading"]


class Reading:
    """Watch for reads from the terminal, from now until `end`.

    Args:
        pause: A function that clears the bars away, before a read.
        resume: A function that draws them again, after it.

    """

    def __init__(self, pause: Callable[[], None], resume: Callable[[], None]) -> None:
        self._settings = _settings()
        self._places: list[tuple[object, str, Any, Any]] = []
        for owner, name, read in [*_readers()]:
            told = _told(read, pause, resume)
            with suppress(Exception):  # a stdin without attributes of its own
                setattr(owner, name, told)
                self._places.append((owner, name, read, told))

    def is_elsewhere(self) -> bool:
        """Return whether another program or a line editor has the terminal."""
        return self._settings is not None and _settings() not in (None, self._settings)

    def end(self) -> None:
        """Put the functions back, unless somebody else has put another one in place since."""
        for owner, name, read, told in self._places:
            if vars(owner).get(name) is told:
                if isinstance(owner, ModuleType):
                    setattr(owner, name, read)
                else:
                    delattr(owner, name)


def _told(read: Callable[..., str], pause: Callable[[], None], resume: Callable[[], None]) -> Callable[..., str]:
    """Return a function that clears the bars away before a read and draws them again after it."""

    @functools.wraps(read)
    def told(*given: Any, **named: Any) -> str:  # noqa: ANN401 - whatever the function takes
        pause()
        try:
            return read(*given, **named)
        finally:
            resume()

    return told


def _readers() -> Iterator[tuple[object, str, Callable[..., str]]]:
    """Yield the functions that read from the terminal: `input`, also where it has another name, and those of stdin."""
    read = builtins.input
    yield builtins, "input", read
    for module in map(sys.modules.get, ("__main__", "click.termui")):
        if module is not None:
            yield from [(module, name, each) for name, each in [*vars(module).items()] if each is read]
    if is_terminal(sys.stdin):
        yield from ((sys.stdin, name, getattr(sys.stdin, name)) for name in ("readline", "readlines", "read"))


def _settings() -> object:
    """Return the local modes of the terminal: echo, lines, signals; None where there are none."""
    with suppress(Exception):  # no terminal, no termios, or a stdin of somebody's own
        import termios  # not on Windows

        return termios.tcgetattr(sys.stdin.fileno())[3]
    return None
