"""The letters of a page of a PDF with their places, mended where a font names them wrongly.

A font shows glyphs and says, more or less well, which letters they are. TeX's fonts have ligatures at the codes of
control characters, accents that are drawn over a letter, and a visible hyphen that is named as the invisible one.
A font of icons has letters for pictures. A program may give a picture or a word another text to be read.
"""

from __future__ import annotations

import ctypes
import math
import re
import unicodedata
from collections import Counter, defaultdict
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from progressnb.operations.resume.words.headings import MARK

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Iterator

__all__ = ["Letter", "read_letters", "with_accents", "with_hyphens", "without_icons"]

_SPACE, _ODD = 0x20, 0x2010  # what is between them is as it is named
_BROKEN = 0x02  # PDFium's hyphen at the end of a line
_SHOWN = {
    0xFFFE: "-", 0x2010: "-", 0x2011: "-",
    # TeX's old and newer encodings, where a font does not name its glyphs.
    0x0B: "ff", 0x0C: "fi", 0x0D: "fl", 0x0E: "ffi", 0x0F: "ffl",
    0x15: "–", 0x16: "—", 0x1B: "ff", 0x1C: "fi", 0x1D: "fl", 0x1E: "ffi", 0x1F: "ffl",
}  # fmt: skip
_ACCENTS = {
    "`": "\u0300", "\u00b4": "\u0301", "\u02c6": "\u0302", "\u02dc": "\u0303", "\u00af": "\u0304", "\u02d8": "\u0306",
    "\u02d9": "\u0307", "\u00a8": "\u0308", "\u02da": "\u030a", "\u02dd": "\u030b", "\u02c7": "\u030c",
    "\u00b8": "\u0327", "\u02db": "\u0328",
}  # fmt: skip
_DOTLESS = {"ı": "i", "ȷ": "j"}  # noqa: RUF001 - letters that carry accents
_SOFT = "\u00ad"
_ICONS = re.compile(
    r"awesome|phosphor|fontello|icomoon|marvosym|feather|material-?symbols|(?<!lex)(?<!sil)icon", re.IGNORECASE
)
_BOLD = re.compile(r"bold|black|heavy|demi", re.IGNORECASE)
_SAID = re.compile(r"[^\\]*(?:[\s0-9@][^\\]*|:)")  # what an icon is said to mean: a label, a number, an address
_MARK = re.compile(rf"(?![\ue000-\uf8ff]){MARK}")
_SCHEME = re.compile(r"(?:mailto|tel):(?=\S)")
_BLANK = " "
_PAIR = 2
_ITEMS = 5  # icons below each other are the bullets of a list
_OVER = 0.35  # times the width of a letter: the farthest of an accent's middle from the letter's
_SHADE = 32  # of 256: closer colours are one
_RAISED = 0.3  # times the font size: how far an accent is raised over a capital


class Letter(NamedTuple):
    """A letter, or the letters of a ligature: its left end, right end, baseline and font size, in points.

    `spaced` tells that PDFium takes the gap before it for a space. `said` is a text that is given to be read in place
    of what is drawn.
    """

    text: str
    x: float
    end: float
    y: float
    size: float
    upright: bool
    bold: bool = False
    icon: bool = False
    spaced: bool = False
    said: bool = False
    look: Hashable = None


class _Font(NamedTuple):
    """The look of a drawn object, which all its letters have."""

    size: float
    upright: bool
    bold: bool
    icons: bool
    look: Hashable


def read_letters(text: Any, pdfium: Any, spend: Callable[[int, int], None]) -> list[Letter]:  # noqa: ANN401 - no types
    """Return the letters of a page in PDFium's order. `spend` is told of their number before, and may raise."""
    return with_accents(with_hyphens(without_icons(list(_glyphs(text, pdfium, spend)))))


def _glyphs(text: Any, pdfium: Any, spend: Callable[[int, int], None]) -> Iterator[Letter]:  # noqa: ANN401 - no types
    """Yield what is drawn, glyph by glyph: the letters of a glyph have the same place."""
    x, y, box = ctypes.c_double(), ctypes.c_double(), pdfium.FS_RECTF()
    count = int(pdfium.FPDFText_CountChars(text))
    spend(0, count)

    @cache
    def font_of(_: int, index: int) -> _Font:
        return _font(text, pdfium, index)

    glyph: Letter | None = None
    spaced = False
    first: dict[int, int] = {}
    for index in range(count):
        if not index % 16:
            spend(0, 0)
        code = int(pdfium.FPDFText_GetUnicode(text, index))
        if pdfium.FPDFText_IsGenerated(text, index) == 1:
            spaced = True
            continue  # PDFium's guesses of spaces and lines
        if 0xD800 <= code < 0xE000:  # noqa: PLR2004 - halves of characters that the font lacks
            continue
        pdfium.FPDFText_GetCharOrigin(text, index, x, y)
        pdfium.FPDFText_GetLooseCharBox(text, index, box)
        unnamed = code < _SPACE and pdfium.FPDFText_HasUnicodeMapError(text, index) == 1
        shown = chr(code) if _SPACE <= code < _ODD else _shown(code, unnamed=unnamed)
        same = glyph if glyph is not None and (glyph.x, glyph.y) == (x.value, y.value) else None
        if same is not None and not same.text.isspace() and same.text not in _ACCENTS:
            glyph = same._replace(text=same.text + shown, end=max(same.end, box.right))
            spaced = False
            continue
        if glyph is not None:
            yield glyph
        item = pdfium.FPDFText_GetTextObject(text, index)
        drawn = ctypes.addressof(item.contents) if item else 0
        font = font_of(drawn, first.setdefault(drawn, index))
        glyph = Letter(
            shown, x.value, box.right, y.value, font.size, font.upright, font.bold, font.icons, spaced, look=font.look
        )
        spaced = False
    if glyph is not None:
        yield glyph


def _shown(code: int, *, unnamed: bool) -> str:
    """Return what a code shows: codes of control characters are glyphs where the font does not name them."""
    if code < _SPACE and not unnamed:
        return "-" if code == _BROKEN else " "
    return _SHOWN.get(code) or (chr(code) if code < 0x110000 else "\ufffd")  # noqa: PLR2004 - Unicode


def _font(text: Any, pdfium: Any, index: int) -> _Font:  # noqa: ANN401 - no types
    matrix, name = pdfium.FS_MATRIX(), ctypes.create_string_buffer(128)
    pdfium.FPDFText_GetMatrix(text, index, matrix)
    pdfium.FPDFText_GetFontInfo(text, index, name, len(name), None)
    size = pdfium.FPDFText_GetFontSize(text, index) * math.hypot(matrix.c, matrix.d)
    called = name.value.decode("ascii", "replace")
    size = min(max(size, 1.0), 500.0)
    colour = [ctypes.c_uint() for _ in range(4)]
    pdfium.FPDFText_GetFillColor(text, index, *colour)
    return _Font(
        size,
        abs(matrix.a) >= abs(matrix.b),
        _BOLD.search(called) is not None,
        _ICONS.search(called) is not None,
        (called.rpartition("+")[2], round(size), *(one.value // _SHADE for one in colour)),
    )


def without_icons(glyphs: list[Letter]) -> list[Letter]:
    """Return glyphs as a person reads them: an icon is nothing, unless it is a bullet or is said to mean something."""
    places = Counter((one.text, round(one.x)) for one in glyphs if one.icon or one.text < _BLANK)
    made: list[Letter] = []
    for one in glyphs:
        text = one.text.strip(_BLANK)
        if "" < text < _BLANK or (one.icon and len(text) == 1 and not _MARK.fullmatch(text)):
            if places[one.text, round(one.x)] >= (_PAIR if text < _BLANK else _ITEMS):
                made.append(one._replace(text="\u2022"))
        elif not one.icon or len(text) == 1 or _SAID.fullmatch(text):
            several = len(text) > 3  # noqa: PLR2004 - the longest ligature
            made.append(one._replace(text=_SCHEME.sub("", text), said=True) if several else one)
    return made


def with_hyphens(letters: Iterable[Letter]) -> list[Letter]:
    """Return letters with visible hyphens: a font that has a soft hyphen before another letter shows it always."""
    made = [one for one in letters if one.text != _SOFT or one.end - one.x > 0.05 * one.size]
    inner = any(
        one.text == _SOFT and 0 <= after.x - one.x < 2 * one.size and abs(after.y - one.y) < 1
        for one, after in pairwise(made)
    )
    return [one._replace(text="-") if one.text == _SOFT else one for one in made] if inner else made


def with_accents(letters: list[Letter]) -> list[Letter]:
    """Put each accent that is drawn over a letter onto it."""
    accents = [index for index, one in enumerate(letters) if one.text in _ACCENTS]
    if not accents:
        return letters
    rows: dict[int, list[int]] = defaultdict(list)
    for index, one in enumerate(letters):
        if one.text.isalpha() and len(one.text) == 1 and one.text not in _ACCENTS:
            rows[round(one.y / 4)].append(index)
    made: list[Letter | None] = list(letters)
    for index in accents:
        accent = letters[index]
        at = round(accent.y / 4)
        middle = (accent.x + accent.end) / 2
        over = [
            (abs((one.x + one.end) / 2 - middle), number)
            for row in (at - 1, at, at + 1)
            for number in rows[row]
            if (one := letters[number]).upright == accent.upright
            and -0.1 * one.size < accent.y - one.y < _RAISED * one.size
            and abs((one.x + one.end) / 2 - middle) < _OVER * (one.end - one.x)
        ]
        if over and (base := made[min(over)[1]]) is not None:
            joined = unicodedata.normalize("NFC", _DOTLESS.get(base.text, base.text) + _ACCENTS[accent.text])
            if len(joined) == 1:
                made[min(over)[1]] = base._replace(text=joined)
                made[index] = None
    return [one for one in made if one is not None]
