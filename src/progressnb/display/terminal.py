"""The pen that writes lines for a terminal: one width, and the characters that the terminal can show."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from rich.cells import cell_len, set_cell_size
from rich.text import Text

from progressnb.display.escape import clean_for_terminal
from progressnb.folds.words import STATUSES
from progressnb.wire.plain import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import Console

__all__ = ["INDENT", "LINE_LIMIT", "Pen"]

LINE_LIMIT = 300
"""Characters of a message or a name that are looked at."""

INDENT = 2
"""Columns of one level of nesting."""

_DRAWING = "━─╸▌│→⚠×\u203a"
_ASCII = str.maketrans("━─╸▌│→⚠×·…•○●↻↷✓✗–■◐\u203a", "#-#||>!x-~*.>~~+x-!%>")

# The view model has these signs in place of what begins and ends a terminal's sequence. Sequences are left out whole.
_SIGNS = (("␛", "\x1b"), ("␇", "\x07"), ("⟨U+009B⟩", "\x9b"))


class Pen:
    """Write lines of one width in the characters that a console can show."""

    def __init__(self, console: Console, width: int) -> None:
        self.console, self.width = console, width
        self.encoding = console.encoding
        try:
            "".join([*(look.sign for look in STATUSES.values()), _DRAWING]).encode(self.encoding)
            self.ascii = console.legacy_windows
        except (UnicodeEncodeError, LookupError):
            self.ascii = True

    def signs(self, text: str) -> str:
        """Return text of this package with its signs, or with ASCII in their place if the console can't show them."""
        return text.translate(_ASCII) if self.ascii else text

    def foreign(self, text: str) -> str:
        """Return foreign text, clean, in characters that the console has."""
        for sign, control in _SIGNS:
            text = text.replace(sign, control)
        text = clean_for_terminal(text)
        try:
            text.encode(self.encoding)
        except UnicodeEncodeError:
            return text.encode(self.encoding, "replace").decode(self.encoding)
        except LookupError:
            return text.encode("ascii", "replace").decode()
        return text

    def one_line(self, text: object) -> str:
        """Return foreign text as one line of bounded length."""
        whole = str(text)
        line = one_line(self.foreign(whole[:LINE_LIMIT]), LINE_LIMIT)
        return line + self.signs("…") if len(whole) > LINE_LIMIT else line

    def words(self, text: str) -> str:
        """Return a text of the view model, ours and foreign words mixed, as one line of bounded length."""
        return self.one_line(self.signs(text))

    def fit(self, text: str, width: int) -> str:
        """Cut or pad a line to a width in cells."""
        if cell_len(text) <= width:
            return text + " " * (width - cell_len(text))
        return set_cell_size(text, width - 1) + self.signs("…") if width > 0 else ""

    def sign(self, status: str) -> tuple[str, str]:
        """Return the sign of a status and its style."""
        look = STATUSES[status]
        return self.signs(look.sign), look.style

    def bar(self, percent: float | None, width: int, colour: str) -> Text:
        """Return a bar that can be read without colour."""
        halves = int((percent or 0) / 100 * width * 2)
        full = "━" * (halves // 2) + ("╸" if halves % 2 else "")
        return Text.assemble((self.signs(full), colour), (self.signs("─" * (width - len(full))), "dim"))

    def track(self, times: Iterable[tuple[float, float]], span: float, width: int, colour: str) -> Text:
        """Return times, each from its begin to its end, on an axis of `span` seconds."""
        cells = [" "] * max(width, 0)
        scale = width / max(span, 1e-9)
        for start, end in times if width > 0 else ():
            first = min(int(start * scale), width - 1)
            last = min(max(round(end * scale), first + 1), width)
            cells[first:last] = "━" * (last - first)
        track = Text()
        for sign, some in itertools.groupby(cells):
            part = "".join(some)
            track.append(part if sign == " " else self.signs(part), "" if sign == " " else colour)
        return track

    def mark(self, track: Text, start: float, end: float, span: float) -> None:
        """Give a time on a track the colour of waiting."""
        scale = len(track) / max(span, 1e-9)
        track.stylize(self.sign("waiting")[1], int(start * scale), max(round(end * scale), int(start * scale) + 1))

    def wrap(self, text: Text, width: int) -> list[Text]:
        """Break a line into lines of a width."""
        return list(text.wrap(self.console, max(width, 1), overflow="fold")) or [text]
