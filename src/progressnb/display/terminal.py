"""Lines for a terminal: one width, the characters that it can show, and data as an outline read from its end."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from rich.cells import cell_len, set_cell_size
from rich.text import Text

from progressnb.display.escape import clean_for_terminal
from progressnb.display.outline import humanize, outline
from progressnb.folds.words import STATUSES
from progressnb.wire.plain import one_line, shorten

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console

    from progressnb.display.outline import Line
    from progressnb.wire.scanner import Path

__all__ = ["INDENT", "LINE_LIMIT", "Outline", "Pen"]

LINE_LIMIT = 300
"""Characters of a message or a name that are looked at."""

INDENT = 2
"""Columns of one level of nesting."""

_LABEL_LIMIT = 40  # columns of a field's name
_DRAWING = "━─╸▌⋮"
_ASCII = str.maketrans("━─╸▌⋮·…•○▸↻↷✓✗–■", "#-#|:-~*.>~~+x-!")


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

    def wrap(self, text: Text, width: int) -> list[Text]:
        """Break a line into lines of a width."""
        return list(text.wrap(self.console, max(width, 1), overflow="fold")) or [text]


class _Row(NamedTuple):
    path: Path  # what a mark above this row names as the place of what was left out
    text: Text


class Outline:
    """The end of an output as a readable outline, in a window of `width` columns and `height` rows.

    It is read from its end backwards, no further than the window shows.
    """

    def __init__(self, pen: Pen, width: int, height: int) -> None:
        self._pen, self._width, self._height = pen, width, height

    def tail(self, value: object, *, caret: bool) -> list[Text]:
        """Return the last rows; where some are left out, the first row names the place of the second one."""
        lines = outline(value, _last_path(value) if caret else None, backwards=True)
        rows = list(itertools.islice((row for line in lines for row in self._rows(line)), self._height + 1))
        if len(rows) > self._height:
            place = " / ".join(map(self._name, rows[self._height - 2].path))
            mark = self._pen.fit(self._pen.signs("⋮ ") + place, self._width).rstrip()
            rows[-2:] = [_Row((), Text(mark, "dim"))]
        return [row.text for row in reversed(rows)]

    def _rows(self, line: Line) -> Iterator[_Row]:
        """Yield the rows of one line, the last one first."""
        lead = self._lead(line)
        indent = self._indent(line)
        hanging = " " * (indent + len(lead))
        label = self._label(line.label) if line.label else ""
        paragraphs = self._text(line.text).split("\n")
        last = len(paragraphs) - 1
        for index in range(last, -1, -1):
            text = Text(paragraphs[index]).append(self._pen.signs("▌") if line.open and index == last else "", "cyan")
            if index == 0 and label:
                text = Text.assemble((f"{label}:" + " " * bool(text.plain), "bold"), text)
            wrapped = self._pen.wrap(text, self._width - len(hanging))
            for number in range(len(wrapped) - 1, -1, -1):
                top = index == number == 0
                start = " " * indent + lead if top else hanging
                yield _Row(line.path[:-1] if top or not label else line.path, Text(start).append_text(wrapped[number]))

    def _lead(self, line: Line) -> str:
        if not line.number:
            return ""
        return _numbered(line.number) if line.label else self._pen.signs("• ")

    def _indent(self, line: Line) -> int:
        # The number of an item takes the place of its own indentation.
        above = line.path[: -2 if line.number and line.label else -1]
        columns = sum(INDENT if isinstance(step, str) else len(_numbered(step + 1)) for step in above)
        # However deep it is nested, half of the width is left for the text.
        return min(columns, self._width // 2)

    def _text(self, text: str) -> str:
        # Far more than the window shows is not looked at; the cut moves in steps, so that lines don't dance.
        keep = max(4000, self._height * self._width)
        return self._pen.foreign(text[max((len(text) - keep) // 2000 * 2000, 0) :])

    def _name(self, step: str | int) -> str:
        return str(step + 1) if isinstance(step, int) else self._label(humanize(step))

    def _label(self, label: str) -> str:
        return self._pen.fit(self._pen.one_line(shorten(label, LINE_LIMIT)), _LABEL_LIMIT).rstrip() or "?"


def _numbered(number: int) -> str:
    return f"{number}. "


def _last_path(value: Any) -> Path:  # noqa: ANN401 - plain JSON data
    path: list[str | int] = []
    while isinstance(value, dict | list) and value:
        fields = cast("dict[str, object]", value)
        step = next(reversed(fields)) if isinstance(value, dict) else len(fields) - 1
        path.append(step)
        value = cast("Any", value)[step]
    return tuple(path)
