"""The pieces of text of a PDF with their places, read by PDFium within limits.

PDFium knows fonts, spaces and the ends of letters. It is native code that no other thread may enter, so one lock
stands before all of it. Images, scripts, forms and attachments are not touched, and nothing is run or fetched.
"""

from __future__ import annotations

import ctypes
import math
import threading
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING, Any

from .pdf_lines import LONE_BULLET, Fragment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["LOCK", "Page", "read_page"]

LOCK = threading.Lock()
"""Held by whoever is in PDFium, which is not made for threads."""

_HYPHENS = {0x02: "-", 0xFFFE: "-", 0x2010: "-", 0x2011: "-"}
_BREAK = 1.2  # times the font size: a wider gap ends a piece
_WORD = 0.15  # a gap between words, beyond the usual gap between letters
_MARK = 0.15  # a gap that parts a typed bullet from its text
_DOT = (0.08, 0.65)  # times the font size: the least and the largest side of a bullet
_REACH = 3.5  # times the font size, from a bullet to its text


@dataclass(frozen=True)
class Page:
    """The pieces of text of a page in drawing order, and whether it shows a picture."""

    fragments: list[Fragment]
    has_picture: bool


@dataclass(frozen=True, slots=True)
class _Letter:
    text: str
    x: float
    end: float
    y: float
    size: float
    upright: bool
    number: int


def read_page(page: Any, spend: Callable[[int, int], None]) -> Page:  # noqa: ANN401 - pypdfium2 has no types
    """Return the pieces of a page. `spend` is told of objects and letters before they are read, and may raise."""
    import pypdfium2.raw

    pdfium: Any = pypdfium2.raw

    objects = int(pdfium.FPDFPage_CountObjects(page))
    spend(objects, 0)
    dots: list[tuple[float, float, float]] = []
    has_picture = False
    for index in range(objects):
        item = pdfium.FPDFPage_GetObject(page, index)
        kind = pdfium.FPDFPageObj_GetType(item)
        has_picture = has_picture or kind == pdfium.FPDF_PAGEOBJ_IMAGE
        if kind == pdfium.FPDF_PAGEOBJ_PATH:
            box = [ctypes.c_float() for _ in range(4)]
            if pdfium.FPDFPageObj_GetBounds(item, *box):
                left, bottom, right, top = (side.value for side in box)
                if 0.5 * (right - left) < top - bottom < 2 * (right - left):
                    dots.append((left, (bottom + top) / 2, max(right - left, top - bottom)))
    with closing(page.get_textpage()) as text:
        letters = list(_letters(text, pdfium, spend))
        fragments = _fragments(letters, lambda number: _is_bold(text, number, pdfium))
    return Page(_with_dots(fragments, dots), has_picture)


def _is_bold(text: Any, number: int, pdfium: Any) -> bool:  # noqa: ANN401 - no types
    """Tell whether the font of a letter has a bold name."""
    name = ctypes.create_string_buffer(128)
    pdfium.FPDFText_GetFontInfo(text, number, name, len(name), None)
    return any(word in name.value.lower() for word in (b"bold", b"black", b"heavy", b"demi"))


def _letters(text: Any, pdfium: Any, spend: Callable[[int, int], None]) -> Iterator[_Letter]:  # noqa: ANN401 - no types
    x, y = ctypes.c_double(), ctypes.c_double()
    box, matrix = pdfium.FS_RECTF(), pdfium.FS_MATRIX()
    count = int(pdfium.FPDFText_CountChars(text))
    spend(0, count)
    for index in range(count):
        if not index % 16:
            spend(0, 0)
        code = int(pdfium.FPDFText_GetUnicode(text, index))
        if code in {10, 13} or pdfium.FPDFText_IsGenerated(text, index) == 1:
            continue  # PDFium's guesses of spaces and lines
        pdfium.FPDFText_GetCharOrigin(text, index, x, y)
        pdfium.FPDFText_GetLooseCharBox(text, index, box)
        pdfium.FPDFText_GetMatrix(text, index, matrix)
        size = pdfium.FPDFText_GetFontSize(text, index) * math.hypot(matrix.c, matrix.d)
        shown = _HYPHENS.get(code) or (chr(code) if 0 < code < 0x110000 else "\ufffd")  # noqa: PLR2004 - Unicode
        if not 0xD800 <= code < 0xE000:  # noqa: PLR2004 - halves of characters that the font lacks
            upright = abs(matrix.a) >= abs(matrix.b)
            yield _Letter(shown, x.value, box.right, y.value, min(max(size, 1.0), 500.0), upright, index)


def _fragments(letters: list[_Letter], is_bold: Callable[[int], bool]) -> list[Fragment]:
    """Join letters that follow each other on a baseline."""
    runs: list[list[_Letter]] = []
    for one in letters:
        if runs and _follows(runs[-1], one):
            runs[-1].append(one)
        elif not one.text.isspace():
            runs.append([one])
    return [_fragment(run, is_bold) for run in runs]


def _follows(run: list[_Letter], one: _Letter) -> bool:
    before = run[-1]
    if not (one.upright and before.upright):
        return one.upright == before.upright
    marks = "".join(letter.text for letter in run[:2])
    parted = one.text.isspace() or before.text.isspace() or one.x - before.end > _MARK * one.size
    return (
        abs(one.y - before.y) < 0.35 * min(one.size, before.size)
        and -0.5 * one.size < one.x - before.end < _BREAK * one.size
        and 0.8 < one.size / before.size < 1.25  # noqa: PLR2004 - capitals that stand for small ones
        and not (parted and LONE_BULLET.fullmatch(marks.strip()))
        # A bullet in the next column of a table: nobody typed a space before it.
        and not (one.text == "\u2022" and not before.text.isspace() and one.x - before.end > _MARK * one.size)
    )


def _fragment(run: list[_Letter], is_bold: Callable[[int], bool]) -> Fragment:
    """Make a piece of letters: a gap that is wider than those between most letters is a space."""
    first = run[0]
    gaps = [one.x - before.end for before, one in pairwise(run) if not (one.text.isspace() or before.text.isspace())]
    usual = median(gaps) if gaps else 0.0
    text = first.text
    for before, one in pairwise(run):
        blank = one.text.isspace() or (one.x - before.end > usual + _WORD * one.size and not before.text.isspace())
        text += " " if blank and not text.endswith(" ") else ""
        text += "" if one.text.isspace() else one.text
    ends = max(one.end for one in run if not one.text.isspace())
    bold = first.upright and is_bold(first.number) and is_bold(run[-1].number)
    return Fragment(text, first.x, first.y, first.size, max(ends, first.x), first.upright, bold)


def _with_dots(fragments: list[Fragment], dots: list[tuple[float, float, float]]) -> list[Fragment]:
    """Put a bullet before each piece that has a small shape at its left, as browsers draw them."""
    made = list(fragments)
    for x, middle, side in dots:
        near = [
            (piece.x - x, index)
            for index, piece in enumerate(fragments)
            if piece.upright
            and 0 < piece.x - x < _REACH * piece.size
            and 0 < middle - piece.y < 0.8 * piece.size
            and _DOT[0] * piece.size < side < _DOT[1] * piece.size
        ]
        if near:
            piece = made[min(near)[1]]
            if not piece.text.startswith("\u2022"):
                made[min(near)[1]] = replace(piece, text=f"\u2022 {piece.text}", x=x)
    return made
