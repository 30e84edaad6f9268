"""Pieces of text of a page with their places, and the lines that pieces with a common baseline make."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from progressnb.operations.resume.words.headings import MARK

from .type_changes import WORD

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

__all__ = ["LONE_BULLET", "Fragment", "Line", "Piece", "Row", "Style", "make_line", "make_rows", "styles_of"]

# Word's bullets are letters of symbol fonts. "§" and "o" are the bullets of Wingdings and Courier New.
_LARGE = 1.6
_FAR = 1.2  # times the font size: a gap between columns
_SPACE = 0.12  # a gap between words
_SYMBOL_BULLET = re.compile(r"^(?:[\uf000-\uf0ff]\s*|[§o]\s+)(?=\S)")
LONE_BULLET = re.compile(MARK)


@dataclass(frozen=True)
class Fragment:
    """A piece of text: its left end, baseline, font size and right end, in points from the lower left of the page.

    `looks` has the look of each word, while the text is that of the page.
    """

    text: str
    x: float
    y: float
    size: float
    end: float
    upright: bool = True
    bold: bool = False
    looks: tuple[Hashable, ...] = ()


class Piece(NamedTuple):
    """A fragment with its number in the drawing order of the page."""

    order: int
    fragment: Fragment


@dataclass
class Line:
    """A line of a page: text, left and right end, baseline and font size, in points, whether all is bold, looks."""

    text: str
    x: float
    end: float
    y: float
    size: float
    bold: bool = False
    looks: tuple[Hashable, ...] = ()

    @property
    def first_word(self) -> float:
        """About the width of the first word, in points."""
        return (self.end - self.x) * len(self.text.split()[0]) / len(self.text)


Style = tuple[float, ...]
"""The font size of a line, or the size and the left end of a bold one."""


def styles_of(line: Line) -> list[Style]:
    """Return the styles by which a line may be known as a heading."""
    size = round(line.size, 1)
    return [(size,), (size, round(line.x, 1))] if line.bold else [(size,)]


Row = list[Piece]
"""The pieces of one line, from the left."""


def make_rows(pieces: Sequence[Piece]) -> list[Row]:
    """Group pieces by baseline, from the top of the page; each row is sorted from the left."""
    rows: list[Row] = []
    for piece in sorted(pieces, key=lambda piece: (-piece.fragment.y, piece.fragment.x)):
        if rows and _are_level(rows[-1][0].fragment, piece.fragment):
            rows[-1].append(piece)
        else:
            rows.append([piece])
    return [sorted(row, key=lambda piece: (piece.fragment.x, piece.order)) for row in rows]


def _are_level(one: Fragment, other: Fragment) -> bool:
    small, large = sorted((one.size, other.size))
    if LONE_BULLET.fullmatch(one.text) or LONE_BULLET.fullmatch(other.text):
        return one.y - other.y < 0.4 * large  # bullets are small, and stand higher
    # A name in large letters is a line of its own, also if a town stands beside it.
    return one.y - other.y < 0.4 * small and large < _LARGE * small


def make_line(row: Row) -> Line:
    """Join the pieces of a row; a wide gap becomes three spaces."""
    parts: list[str] = []
    looks: list[Hashable] = []
    before: Fragment | None = None
    for _, piece in row:
        part = re.sub(r"\s+", " ", piece.text)
        if before is not None:
            gap = piece.x - before.end
            mark = len(parts) == 1 and LONE_BULLET.fullmatch(parts[0].strip())
            if gap > _FAR * max(piece.size, before.size) and not mark:
                part = "   " + part.lstrip()
            elif gap > _SPACE * piece.size or mark:
                part = " " + part.lstrip()
        if parts and part.startswith(" "):
            parts[-1] = parts[-1].rstrip()
        glued = parts and WORD.fullmatch(parts[-1][-1:] + part[:1])
        looks += piece.looks[1:] if glued else piece.looks
        parts.append(part)
        before = piece
    fragments = [piece.fragment for piece in row]
    return Line(
        _SYMBOL_BULLET.sub("• ", "".join(parts).strip()),
        fragments[0].x,
        max(piece.end for piece in fragments),
        fragments[0].y,
        max(fragments, key=lambda piece: len(piece.text)).size,
        all(piece.bold for piece in fragments),
        tuple(looks),
    )
