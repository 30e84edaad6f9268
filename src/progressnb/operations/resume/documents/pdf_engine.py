"""The pieces of text of a PDF with their places, read by PDFium within limits.

PDFium knows fonts, spaces and the ends of letters. It is native code that no other thread may enter, so one lock
stands before all of it. Images, scripts, forms and attachments are not touched, and nothing is run or fetched.
"""

from __future__ import annotations

import ctypes
import threading
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING, Any

from .pdf_dates import is_beside
from .pdf_letters import Letter, read_letters
from .pdf_lines import LONE_BULLET, Fragment
from .type_changes import looks_of

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["LOCK", "Page", "read_page"]

LOCK = threading.Lock()
"""Held by whoever is in PDFium, which is not made for threads."""

_BREAK = 1.2  # times the font size: a wider gap ends a piece
_WORD = 0.15  # a gap between words, beyond the usual gap between letters
_SPACED = 0.06  # the same, where PDFium takes the gap for a space
_MARK = 0.15  # a gap that parts a typed bullet from its text
_DOT = (0.08, 0.65)  # times the font size: the least and the largest side of a bullet
_REACH = 3.5  # times the font size, from a bullet to its text


@dataclass(frozen=True)
class Page:
    """The pieces of text of a page in drawing order, and whether it shows a picture."""

    fragments: list[Fragment]
    has_picture: bool


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
        fragments = _fragments(read_letters(text, pdfium, spend))
    return Page(_with_dots(fragments, dots), has_picture)


def _fragments(letters: list[Letter]) -> list[Fragment]:
    """Join letters that follow each other on a baseline."""
    runs: list[list[Letter]] = []
    for one in letters:
        if runs and _follows(runs[-1], one):
            runs[-1].append(one)
        elif not one.text.isspace():
            runs.append([one])
    return [_fragment(run) for run in runs]


def _follows(run: list[Letter], one: Letter) -> bool:
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


def _fragment(run: list[Letter]) -> Fragment:
    """Make a piece of letters: a gap that is wider than those between most letters is a space."""
    first = run[0]
    gaps = [one.x - before.end for before, one in pairwise(run) if not (one.text.isspace() or before.text.isspace())]
    usual = median(gaps) if gaps else 0.0
    text = first.text
    looks = [(text, first.look)]
    for before, one in pairwise(run):
        least = usual + (_SPACED if one.spaced else _WORD) * one.size
        blank = one.text.isspace() or (
            not before.text.isspace() and (one.said or before.said or one.x - before.end > least)
        )
        text += " " if blank and not text.endswith(" ") else ""
        text += "" if one.text.isspace() else one.text
        looks.append((f" {one.text}" if blank else one.text, one.look))
    ends = max(one.end for one in run if not one.text.isspace())
    bold = first.bold and run[-1].bold
    return Fragment(text, first.x, first.y, first.size, max(ends, first.x), first.upright, bold, looks_of(looks))


def _with_dots(fragments: list[Fragment], dots: list[tuple[float, float, float]]) -> list[Fragment]:
    """Put a bullet before each piece that has a small shape at its left, as browsers draw them."""
    made = list(fragments)
    # The dots of a line of time stand between dates and what these are of; in a list, few dots have a date beside.
    timed = {dot: any(is_beside(piece, dot[0], dot[1]) for piece in fragments) for dot in dots}
    lists = {round(dot[0]) for dot, is_timed in timed.items() if not is_timed}
    for x, middle, side in dots:
        near = [
            (piece.x - x, index)
            for index, piece in enumerate(fragments)
            if piece.upright
            and 0 < piece.x - x < _REACH * piece.size
            and 0 < middle - piece.y < 0.8 * piece.size
            and _DOT[0] * piece.size < side < _DOT[1] * piece.size
        ]
        if near and (round(x) in lists or not timed[x, middle, side]):
            piece = made[min(near)[1]]
            if not piece.text.startswith("\u2022"):
                made[min(near)[1]] = replace(piece, text=f"\u2022 {piece.text}", x=x)
    return made
