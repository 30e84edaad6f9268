"""The last lines of a terminal: bars are drawn there anew, and the program's own text goes above them."""

from __future__ import annotations

import re
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

from rich.console import COLOR_SYSTEMS
from rich.segment import Segment

from progressnb.display.above import Redirection, writer_of
from progressnb.display.reading import Reading

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console
    from rich.text import Text

    from progressnb.display.above import Above

__all__ = ["Sheet", "rendered"]

_WORD = re.compile(r"\w+")
_TELLING, _LEAST = 8, 3  # words by which a text is recognised, and the fewest that are enough


class Sheet:
    """The lines of a terminal that are drawn anew.

    The cursor stays visible, below them: a process that is killed leaves a terminal behind that can be used, and a
    question that another library asks has a line of its own.
    """

    def __init__(self, console: Console) -> None:
        self._console, self._file = console, console.file
        self._lock = threading.RLock()  # never held while a run is asked for anything
        self._frame = ""
        self._height = 0
        self._is_paused = self._was_elsewhere = self._is_saying = False
        self._redirection: Redirection | None = None
        self._reading: Reading | None = None

    def begin(self) -> None:
        """Take the terminal. Its stream stays, whatever somebody puts in the place of stderr meanwhile."""
        self._file = self._console.file
        self._redirection = Redirection(self._say)
        self._reading = Reading(self._pause, self._resume)

    @property
    def waiting(self) -> list[str]:
        """The lines of the program that are not whole yet."""
        return [] if self._redirection is None else self._redirection.waiting

    @property
    def printed(self) -> str:
        """The latest text that the program printed beside the bars."""
        return "" if self._redirection is None else self._redirection.printed

    def has_printed(self, text: str) -> bool:
        """Return whether the program has printed the beginning of a text itself, in whatever form."""
        words = _WORD.findall(text)[:_TELLING]
        return len(words) >= _LEAST and " ".join(words) in " ".join(_WORD.findall(self.printed))

    def draw(self, lines: Sequence[Text]) -> None:
        """Draw bars in place of the last ones, unless somebody else reads or writes there."""
        with self._lock:
            if self._is_paused or self._is_elsewhere():
                return
            frame = self.rendered(lines)
            self._write(self._erasure() + frame)
            self._frame, self._height = frame, len(lines)

    def leave(self, lines: str) -> None:
        """Leave lines, rendered, in the scrollback."""
        with self._lock:
            self._write(self._erasure() + lines)
            self._height = 0

    def end(self, lines: str) -> None:
        """Leave the last lines, rendered, and give the terminal back."""
        with self._lock:
            try:
                if self._height:
                    self._write(self._erasure())
                self._frame, self._height = "", 0
                if self._redirection is not None:
                    self._redirection.end()
                if lines:
                    self._write("\n" * self._is_paused + lines)  # below a question that waits
            finally:
                if self._reading is not None:
                    self._reading.end()

    def forget(self) -> None:
        """Give streams and `input` back in a forked process, where the terminal is the parent's; write nothing."""
        self._lock = threading.RLock()
        if self._redirection is not None:
            self._redirection.end(write=False)
        if self._reading is not None:
            self._reading.end()

    def _say(self, above: Above, text: str) -> None:
        with self._lock:
            if self._is_saying:  # a tee hands it on to the stream behind it
                above.raw(text)
                return
            if self._height:
                self._redraw(self._erasure())
            self._is_saying = True
            try:
                above.raw(text)
                above.flush()
            finally:
                self._is_saying = False
            if self._height:
                self._redraw(self._frame)

    def _redraw(self, text: str) -> None:
        # The program writes, perhaps to another stream: that the bars' own has gone away is no error of its.
        with suppress(OSError, ValueError):
            self._write(text)

    def _pause(self) -> None:
        with self._lock:
            self._write(self._erasure())
            self._height, self._is_paused = 0, True
            if self._redirection is not None:
                self._redirection.pause()

    def _resume(self) -> None:
        with self._lock:
            self._is_paused = False
            if self._redirection is not None:
                self._redirection.resume()

    def _is_elsewhere(self) -> bool:
        if self._reading is not None and self._reading.is_elsewhere():
            if self.waiting:  # a question that waits for its answer
                self._pause()
                self._is_paused = False
            self._was_elsewhere = True
            return True
        if self._was_elsewhere:  # nobody knows where it left the cursor
            self._was_elsewhere, self._height = False, 0
            self._write("\r")
            self._resume()
        return False

    def _erasure(self) -> str:
        return "\r\x1b[2K" + "\x1b[1A\x1b[2K" * self._height if self._height else ""

    def rendered(self, lines: Sequence[Text]) -> str:
        """Return lines as they are written to this terminal."""
        return rendered(lines, self._console)

    def _write(self, text: str) -> None:
        writer_of(self._file)(text)
        self._file.flush()


def rendered(lines: Sequence[Text], console: Console) -> str:
    """Return lines as a console would print them, in a fifth of the time: it would look where they are to be broken.

    A line that the terminal wraps would take more room than its frame counts, so each is cut at the window's edge.
    """
    segments: list[Segment] = []
    width = console.width
    for line in lines:
        line.expand_tabs(console.tab_size)
        for part in line.split(allow_blank=True) if "\n" in line.plain else (line,):
            part.truncate(width, overflow="crop")
            segments += part.render(console, end="\n")
    if console.no_color:
        segments = [*Segment.remove_color(segments)]
    colours = COLOR_SYSTEMS[console.color_system] if console.color_system else None
    return "".join(style.render(text, color_system=colours) if style and text else text for text, style, _ in segments)
