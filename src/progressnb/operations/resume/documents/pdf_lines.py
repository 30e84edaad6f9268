"""Pieces of text of a page with their places, and the lines that pieces with a common baseline make."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["LONE_BULLET", "Fragment", "Line", "Piece", "Row", "make_line", "make_rows", "width_of"]

# Word's bullets are letters of symbol fonts. "§" and "o" are the bullets of Wingdings and Courier New.
_SYMBOL_BULLET = re.compile(r"^(?:[\uf000-\uf0ff]\s*|[§o]\s+)(?=\S)")
LONE_BULLET = re.compile(r"[-*•●▪‣◦·–✓✔➢○■]")
# About the widths of Helvetica, in units of the font size. Most other fonts are narrower.
_WIDTHS = {
    **dict.fromkeys("iljI.,:;'|!·\u00ad", 0.25),
    **dict.fromkeys(" ftr()[]/-\\", 0.31),
    **dict.fromkeys("mwMW@%&—", 0.86),
    **dict.fromkeys("ABCDEFGHJKLNOPQRSTUVXYZ", 0.68),
}
_WIDTH = 0.54
_NARROW = 0.85
_FARTHEST = 1e5  # points: no page is larger


@dataclass(frozen=True)
class Fragment:
    """A piece of text with the place of its first letter, in points from the lower left corner of the page."""

    text: str
    x: float
    y: float
    size: float
    upright: bool = True

    @classmethod
    def placed(cls, text: str, current: Sequence[float], matrix: Sequence[float], size: float) -> Fragment:
        """Return the fragment at a place that is given by two matrices of pypdf."""
        a, b, c, d, e, f = (float(number) for number in current[:6])
        x, y = matrix[4] * a + matrix[5] * c + e, matrix[4] * b + matrix[5] * d + f
        across, along = matrix[0] * a + matrix[1] * c, matrix[0] * b + matrix[1] * d
        real = abs(size) * math.hypot(across, along)
        if not all(map(math.isfinite, (x, y, real))):
            return cls(text, 0, 0, 1, upright=False)
        x, y = max(-_FARTHEST, min(x, _FARTHEST)), max(-_FARTHEST, min(y, _FARTHEST))
        return cls(text, x, y, max(1.0, min(real, 500.0)), upright=abs(across) >= abs(along))

    @property
    def end(self) -> float:
        """The estimated right end: the widths of the fonts are not known here."""
        return self.x + width_of(self.text.strip()) * self.size


def width_of(text: str) -> float:
    """Return the estimated width of a text, in units of its font size."""
    return _NARROW * sum(_WIDTHS.get(char, _WIDTH) for char in text)


class Piece(NamedTuple):
    """A fragment with its number in the drawing order of the page."""

    order: int
    fragment: Fragment


@dataclass
class Line:
    """A line of a page: text, left and right end, baseline and font size, in points."""

    text: str
    x: float
    end: float
    y: float
    size: float


Row = list[Piece]
"""The pieces of one line, from the left."""


def make_rows(pieces: Sequence[Piece]) -> list[Row]:
    """Group pieces by baseline, from the top of the page; each row is sorted from the left."""
    rows: list[Row] = []
    for piece in sorted(pieces, key=lambda piece: (-piece.fragment.y, piece.fragment.x)):
        last = rows[-1][0].fragment if rows else None
        if last and last.y - piece.fragment.y < 0.4 * min(last.size, piece.fragment.size):
            rows[-1].append(piece)
        else:
            rows.append([piece])
    return [sorted(row, key=lambda piece: (piece.fragment.x, piece.order)) for row in rows]


def make_line(row: Row) -> Line:
    """Join the pieces of a row; a wide gap becomes three spaces."""
    parts: list[str] = []
    before: Piece | None = None
    for piece in row:
        part = re.sub(r"\s+", " ", piece.fragment.text)
        if before is not None:
            width = before.fragment.end - before.fragment.x
            gap = piece.fragment.x - before.fragment.end
            far = gap > 2 * piece.fragment.size + width / 4
            if far and not (len(parts) == 1 and LONE_BULLET.fullmatch(parts[0].strip())):
                part = "   " + part.lstrip()
            elif piece.order != before.order + 1 or far:
                part = " " + part.lstrip()
        if parts and part.startswith(" "):
            parts[-1] = parts[-1].rstrip()
        parts.append(part)
        before = piece
    fragments = [piece.fragment for piece in row]
    return Line(
        _SYMBOL_BULLET.sub("• ", "".join(parts).strip()),
        fragments[0].x,
        max(piece.end for piece in fragments),
        fragments[0].y,
        max(fragments, key=lambda piece: len(piece.text)).size,
    )
