"""The lines of a page in reading order, and the text of all pages.

A PDF has the place of each piece of text and nothing about words, lines or columns. Browsers draw right-aligned dates
before the other text of a page, word processors draw column after column. So lines are made from places, and columns
are told by places and drawing order together.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from progressnb.operations.resume.words.dates import find_periods

from .pdf_columns import find_columns, is_known_heading
from .pdf_lines import Fragment, Line, Piece, Style, styles_of
from .pdf_paragraphs import WORD, join_lines, join_paragraphs

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Fragment", "join_pages", "page_lines"]

_LIGATURES = {
    "\ufb00": "ff", "\ufb01": "fi", "\ufb02": "fl", "\ufb03": "ffi", "\ufb04": "ffl", "\ufb05": "st", "\ufb06": "st",
    "\u00a0": " ", "\u2007": " ", "\u202f": " ", "\u200b": "",
}  # fmt: skip
_TABLE = str.maketrans(_LIGATURES)
_FROM_RIGHT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]")
_FROM_LEFT = re.compile(  # words of other letters among them, and each number
    "[A-Za-zÀ-ÿ0-9](?:[^\u0590-\u08ff]*[A-Za-zÀ-ÿ])(?:[^\\s\u0590-\u08ff]*[0-9])?|[0-9](?:[0-9.,:/+-]*[0-9])?"
)
_PAGE_NUMBER = re.compile(
    r"(?:(?:page|seite|página|pagina|страница|стр\.)\s*)?[-–—]?\s*[0-9]{1,3}\s*(?:(?:of|von|sur|de|из|/|\|)\s*[0-9]{1,3})?\s*[-–—]?",
    re.IGNORECASE,
)

_PAGE_OF = re.compile(  # also where a column follows it
    r"(?:page|seite|página|pagina|страница|стр\.)\s*[0-9]{1,3}\s*(?:of|von|sur|de|из|/)\s*[0-9]{1,3}", re.IGNORECASE
)


def page_lines(fragments: Sequence[Fragment]) -> list[str]:
    """Return the lines of a page in reading order; wrapped lines are joined, and an empty line stands for a gap."""
    upright = [Piece(order, piece) for order, piece in enumerate(fragments) if piece.upright]
    turned = [" ".join(piece.text.split()) for piece in fragments if not piece.upright]
    columns = find_columns(upright)
    sizes = Counter[float]()
    for column in columns:
        for line in column:
            sizes[round(line.size, 1)] += len(line.text)
    usual = sizes.most_common(1)[0][0] if sizes else 0.0
    heading_styles = _heading_styles(columns, usual)
    lines: list[str] = []
    for column in columns:
        lines += [*([""] if lines else []), *join_paragraphs(column, heading_styles, usual)]
    return [_tidy(line) for line in (*lines, *turned)]


def _tidy(line: str) -> str:
    return _as_written(line.translate(_TABLE).replace("\u00ad", ""))


def _as_written(line: str) -> str:
    """Return a line of Hebrew or Arabic, whose letters are in the order of their places, in the order of writing."""
    if 3 * len(_FROM_RIGHT.findall(line)) <= sum(map(str.isalpha, line)):  # names of products are Latin
        return line
    mirrored = line[::-1].translate(str.maketrans("()[]<>«»", ")(][><»«"))
    return _FROM_LEFT.sub(lambda match: match[0][::-1], mirrored)


def _heading_styles(columns: list[list[Line]], usual: float) -> frozenset[Style]:
    """Return the styles of headings with a known name: larger than usual, or bold where it is that of headings only."""
    lines = [line for column in columns for line in column]
    known = Counter(style for line in lines if is_known_heading(line.text) for style in styles_of(line))
    others = Counter(style for line in lines if not is_known_heading(line.text) for style in styles_of(line))
    dated = {style for line in lines if find_periods(line.text) for style in styles_of(line)}
    # A column beside the jobs that begins with a bold line has headings in bold.
    beside = [
        column for column in columns[1:] if not any(one.start for line in column for one in find_periods(line.text))
    ]
    bold = {styles_of(column[0])[1] for column in beside if column[0].bold and sum(line.bold for line in column) > 1}
    return frozenset(bold) | frozenset(
        style
        for style, number in known.items()
        if (style[0] > 1.1 * usual and len(style) == 1)
        or (len(style) > 1 and number > 1 and number >= others[style] and style not in dated)
    )


def _edge(page: Sequence[str], *, last: bool) -> str:
    lines = [line for line in page if line and not _PAGE_NUMBER.fullmatch(line)]
    return lines[-1 if last else 0] if lines else ""


def _numberless(line: str) -> str:
    return re.sub(r"[0-9]{1,3}", "#", line)


def join_pages(pages: Sequence[Sequence[str]]) -> str:
    """Join pages without page numbers; a line that repeats at the top or bottom of pages is kept once."""
    edges = Counter(edge for page in pages for edge in {_edge(page, last=False), _edge(page, last=True)})
    counted = Counter(_numberless(edge) for edge in edges)

    def is_margin(line: str, number: int) -> bool:
        """Tell whether a line at the edge of a page is no part of the text."""
        if not line or _PAGE_NUMBER.fullmatch(line) or counted[_numberless(line)] > 1:
            return True
        return number > 0 and edges[line] > 1

    pages = [[line for line in page if not _PAGE_OF.fullmatch(line)] for page in pages]
    joined: list[str] = []
    vocabulary = frozenset(word for page in pages for line in page for word in WORD.findall(line.casefold()))
    for number, page in enumerate(pages):
        lines = list(page)
        while lines and is_margin(lines[-1], number):
            lines.pop()
        while lines and is_margin(lines[0], number):
            lines.pop(0)
        if joined and lines and lines[0][0].islower() and not joined[-1].endswith((".", ":", "!", "?")):
            joined[-1] = join_lines(joined[-1], lines.pop(0), vocabulary)
        joined += lines
    return "\n".join(joined).strip("\n")
