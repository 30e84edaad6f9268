"""The lines of a page in reading order, and the text of all pages.

A PDF has the place of each piece of text and nothing about words, lines or columns. Browsers draw right-aligned dates
before the other text of a page, word processors draw column after column. So lines are made from places, and columns
are told by places and drawing order together.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from .pdf_columns import find_columns, is_known_heading
from .pdf_lines import Fragment, Line, Piece
from .pdf_paragraphs import WORD, join_lines, join_paragraphs

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Fragment", "join_pages", "page_lines"]

_LIGATURES = {
    "\ufb00": "ff", "\ufb01": "fi", "\ufb02": "fl", "\ufb03": "ffi", "\ufb04": "ffl", "\ufb05": "st", "\ufb06": "st",
    "\u00a0": " ", "\u2007": " ", "\u202f": " ", "\u200b": "",
}  # fmt: skip
_TABLE = str.maketrans(_LIGATURES)
_PAGE_NUMBER = re.compile(r"(?:page\s*)?[-–—]?\s*[0-9]{1,3}\s*(?:(?:of|/|\|)\s*[0-9]{1,3})?\s*[-–—]?", re.IGNORECASE)


def page_lines(fragments: Sequence[Fragment]) -> list[str]:
    """Return the lines of a page in reading order; wrapped lines are joined, and an empty line stands for a gap."""
    upright = [Piece(order, piece) for order, piece in enumerate(fragments) if piece.upright]
    turned = [" ".join(piece.text.split()) for piece in fragments if not piece.upright]
    columns = find_columns(upright)
    sizes = Counter[float]()
    for column in columns:
        for line in column:
            sizes[round(line.size, 1)] += len(line.text)
    heading_sizes = _heading_sizes(columns, sizes.most_common(1)[0][0] if sizes else 0)
    lines: list[str] = []
    for column in columns:
        lines += [*([""] if lines else []), *join_paragraphs(column, heading_sizes)]
    return [_tidy(line) for line in (*lines, *turned)]


def _tidy(line: str) -> str:
    return line.translate(_TABLE).replace("\u00ad", "")


def _heading_sizes(columns: list[list[Line]], usual: float) -> frozenset[float]:
    """Return the font sizes of headings: larger than the usual one, and used by a heading with a known name."""
    known = {round(line.size, 1) for column in columns for line in column if is_known_heading(line.text)}
    return frozenset(size for size in known if size > 1.1 * usual)


def _last(page: Sequence[str]) -> str:
    return next((line for line in reversed(page) if line and not _PAGE_NUMBER.fullmatch(line)), "")


def join_pages(pages: Sequence[Sequence[str]]) -> str:
    """Join pages without page numbers; a line that repeats at the top or bottom of pages is kept once."""
    tops = Counter(next((line for line in page if line), "") for page in pages)
    ends = Counter(_last(page) for page in pages)
    joined: list[str] = []
    vocabulary = frozenset(word for page in pages for line in page for word in WORD.findall(line.casefold()))
    for number, page in enumerate(pages):
        lines = list(page)
        while lines and (not lines[-1] or _PAGE_NUMBER.fullmatch(lines[-1])):
            lines.pop()
        while number and lines and (not lines[0] or tops[lines[0]] > 1):
            lines.pop(0)
        while number and lines and (not lines[-1] or ends[lines[-1]] > 1):
            lines.pop()
        if joined and lines and lines[0][0].islower() and not joined[-1].endswith((".", ":", "!", "?")):
            joined[-1] = join_lines(joined[-1], lines.pop(0), vocabulary)
        joined += lines
    return "\n".join(joined).strip("\n")
