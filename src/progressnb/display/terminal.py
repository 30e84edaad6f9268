"""Lines for a terminal: hostile text made harmless, and data as an outline read from its end."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from rich.cells import cell_len, set_cell_size
from rich.text import Text

from progressnb.folds.words import SIGNS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console


__all__ = ["INDENT", "LINE_LIMIT", "Outline", "Pen", "clean_for_terminal"]

_ESCAPE = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?|(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?"
    r"|\x1b[ -/]*[0-~]?"
)
# Controls, bidirectional and invisible characters, lone surrogates: what a terminal obeys or a reader can't see.
_HIDDEN = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\xad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff"
    "\U000e0000-\U000e0fff]"
)
_LINE_END = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_WORDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[_\-\s]+")

LINE_LIMIT = 300  # characters of a message or a name that are looked at
INDENT = 2


def clean_for_terminal(text: str) -> str:
    """Return text without escape sequences, control, bidirectional and invisible characters; lines stay."""
    return _HIDDEN.sub("", _LINE_END.sub("\n", _ESCAPE.sub("", text))).expandtabs(4)


_COLOURS = {
    "running": "cyan",
    "retrying": "yellow",
    "fallback": "yellow",
    "finished": "green",
    "failed": "bold red",
    "cancelled": "yellow",
}
_ASCII = str.maketrans("━─╸▌⋮·…•○▸↻↷✓✗–■", "#-#|:-~*.>~~+x-!")


class Pen:
    """Write lines of one width in the characters that a console can show."""

    def __init__(self, console: Console, width: int) -> None:
        self.console, self.width = console, width
        self.encoding = console.encoding
        try:
            "".join([*SIGNS.values(), "━─╸▌⋮"]).encode(self.encoding)
            self.ascii = console.legacy_windows
        except (UnicodeEncodeError, LookupError):
            self.ascii = True

    def ours(self, text: str) -> str:
        """Return our own signs, or what stands for them."""
        return text.translate(_ASCII) if self.ascii else text

    def theirs(self, text: str) -> str:
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
        line = " ".join(self.theirs(whole[:LINE_LIMIT]).split())
        return line + self.ours("…") if len(whole) > LINE_LIMIT else line

    def fit(self, text: str, width: int) -> str:
        """Cut or pad a line to a width in cells."""
        if cell_len(text) <= width:
            return text + " " * (width - cell_len(text))
        return set_cell_size(text, width - 1) + self.ours("…") if width > 0 else ""

    def sign(self, status: str) -> tuple[str, str]:
        """Return a status as a sign and its colour."""
        return self.ours(SIGNS[status]), _COLOURS.get(status, "dim")

    def bar(self, percent: float | None, width: int, colour: str) -> Text:
        """Draw a bar that can be read without colour."""
        halves = int((percent or 0) / 100 * width * 2)
        full = "━" * (halves // 2) + ("╸" if halves % 2 else "")
        return Text.assemble((self.ours(full), colour), (self.ours("─" * (width - len(full))), "dim"))

    def wrap(self, text: Text, width: int) -> list[Text]:
        """Break a line into lines of a width."""
        return list(text.wrap(self.console, max(width, 1), overflow="fold")) or [text]


class _Row(NamedTuple):
    crumbs: tuple[str, ...]
    text: Text


class _Place(NamedTuple):
    """Where a value of an outline stands: `lead` is its bullet, `mark` the caret if the writing is there."""

    indent: int
    lead: str
    crumbs: tuple[str, ...]
    mark: str


class Outline:
    """Write an output as a readable outline, from its end backwards and no further than is seen."""

    def __init__(self, pen: Pen, width: int, height: int) -> None:
        self._pen, self._width, self._height = pen, width, height

    def tail(self, value: object, *, caret: bool) -> list[Text]:
        """Return the last lines; where some are left out, the first one says where this is."""
        place = _Place(0, "", (), self._pen.ours("▌") if caret else "")
        rows = list(itertools.islice(self._rows("", value, place), self._height + 1))
        if len(rows) > self._height:
            path = " / ".join(rows[self._height - 2].crumbs)
            where = self._pen.fit(self._pen.ours("⋮ ") + path, self._width).rstrip()
            rows[-2:] = [_Row((), Text(where, "dim"))]
        return [row.text for row in reversed(rows)]

    def _rows(self, label: str, value: Any, place: _Place) -> Iterator[_Row]:  # noqa: ANN401 - plain JSON data
        if not isinstance(value, dict | list) or not value:
            yield from self._scalar(label, cast("object", value), place)
            return
        indent, lead, crumbs, mark = place
        name = label or lead.strip(" .")
        inside = (*crumbs, name) if name else crumbs
        # However deep it is nested, half of the width is left for what it says.
        below = min(indent + len(lead) + (INDENT if label else 0), self._width // 2)
        items, fields = cast("list[Any]", value), cast("dict[object, Any]", value)
        last = len(items) - 1
        for index in range(last, -1, -1) if isinstance(value, list) else ():
            item = items[index]
            bullet = f"{index + 1}. " if isinstance(item, dict | list) else self._pen.ours("• ")
            yield from self._rows("", item, _Place(below, bullet, inside, mark if index == last else ""))
        for index, key in enumerate(reversed(fields) if isinstance(value, dict) else ()):
            # An item's first field stands beside its number.
            at, beside = (indent, lead) if index == last and not label else (below, "")
            yield from self._rows(self._label(key), fields[key], _Place(at, beside, inside, "" if index else mark))
        if label:
            named = self._pen.fit(f"{label}:", self._width - indent - len(lead)).rstrip()
            yield _Row(crumbs, Text.assemble(" " * indent + lead, (named, "bold")))

    def _scalar(self, label: str, value: object, place: _Place) -> Iterator[_Row]:
        indent, lead, crumbs, mark = place
        hanging = " " * (indent + len(lead))
        paragraphs = self._text(value, open_=bool(mark)).split("\n")
        last = len(paragraphs) - 1
        for index in range(last, -1, -1):
            text = Text(paragraphs[index]).append(mark if index == last else "", "cyan")
            if index == 0 and label:
                text = Text.assemble((f"{label}: ", "bold"), text)
            lines = self._pen.wrap(text, self._width - len(hanging))
            for number in range(len(lines) - 1, -1, -1):
                top = index == number == 0
                start = " " * indent + lead if top else hanging
                yield _Row(crumbs if top or not label else (*crumbs, label), Text(start).append_text(lines[number]))

    def _text(self, value: object, *, open_: bool) -> str:
        if isinstance(value, str):
            # Far more than the window shows is not looked at; the cut moves in steps, so that lines don't dance.
            keep = max(4000, self._height * self._width)
            return self._pen.theirs(value[max((len(value) - keep) // 2000 * 2000, 0) :])
        if value is None or isinstance(value, dict | list):
            return "" if open_ else "none"
        return ("yes" if value else "no") if isinstance(value, bool) else str(value)

    def _label(self, key: object) -> str:
        words = _WORDS.sub(" ", self._pen.one_line(key)).strip()
        words = words if words.isupper() else words[:1].upper() + words[1:].lower()
        return self._pen.fit(words, 40).rstrip() or "?"
