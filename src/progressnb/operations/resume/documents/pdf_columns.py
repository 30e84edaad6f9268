"""The columns of a page, by the places of its pieces and their drawing order."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING

from progressnb.operations.resume.words.headings import known_section

from .pdf_cells import join_cells
from .pdf_lines import Line, Piece, Row, make_line, make_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["find_columns", "is_known_heading"]

_COLUMN_LINES = 3  # the fewest lines of a column
_COLUMN_TRIES = 16
_DEPTH = 3  # columns within columns
_MOST_PIECES = 10_000  # a page with more is not searched for columns
_MAIN = 1.2  # the name in the main column is at least this times as large as other text


def find_columns(pieces: Sequence[Piece]) -> list[list[Line]]:
    """Return the lines of each column, in reading order."""
    return _columns(make_rows(pieces), 0 if len(pieces) <= _MOST_PIECES else _DEPTH)


def _columns(rows: list[Row], depth: int) -> list[list[Line]]:
    found = _two_columns(rows) if depth < _DEPTH else None
    if found is None:
        return [[make_line(row) for row in join_cells(rows)]] if rows else []
    first, last, left, right = found
    # The main column has the name of the person, in the largest letters. It is read first.
    if _largest(right) > _MAIN * _largest(left):
        left, right = right, left
    parts = [rows[:first], make_rows(left), make_rows(right), rows[last:]]
    return [column for part in parts for column in _columns(part, depth + 1)]


def _largest(pieces: Sequence[Piece]) -> float:
    return max(piece.fragment.size for piece in pieces)


def _two_columns(rows: list[Row]) -> tuple[int, int, list[Piece], list[Piece]] | None:
    """Return the longest run of rows in two columns: its first row, the row after it, the left and the right pieces."""
    starts = Counter(round(piece.fragment.x) for row in rows for piece in row)
    best: tuple[int, int, list[Piece], list[Piece]] | None = None
    for start, times in starts.most_common(_COLUMN_TRIES):
        if times < 2:  # noqa: PLR2004 - a column has several lines
            break
        first = 0
        for index in range(len(rows) + 1):
            if index < len(rows) and not _crosses(rows[index], start - 1.5):
                continue
            last = _end_of_columns(rows, first, index, start - 1.5)
            sides = _sides(rows[first:last], start - 1.5)
            if sides and (best is None or last - first > best[1] - best[0]):
                best = (first, last, *sides)
            first = index + 1
    return best


def _end_of_columns(rows: list[Row], first: int, index: int, gutter: float) -> int:
    """Return the end of a run of rows: contact data beside a name end before the first section below them."""
    right = [number for number in range(first, index) if rows[number][-1].fragment.x >= gutter]
    if any(is_known_heading(make_line(rows[number][-1:]).text) for number in right):
        return index
    below = range(right[-1] + 1 if right else index, index)
    return next((number for number in below if is_known_heading(make_line(rows[number]).text)), index)


def _crosses(row: Row, gutter: float) -> bool:
    return any(piece.fragment.x < gutter < piece.fragment.end for piece in row)


def _sides(rows: list[Row], gutter: float) -> tuple[list[Piece], list[Piece]] | None:
    """Split rows at a gutter if they are two columns, and not a table or a text with dates at the right."""
    left = [piece for row in rows for piece in row if piece.fragment.x < gutter]
    right = [piece for row in rows for piece in row if piece.fragment.x >= gutter]
    has_left = [any(piece.fragment.x < gutter for piece in row) for row in rows]
    has_right = [any(piece.fragment.x >= gutter for piece in row) for row in rows]
    lefts, rights = sum(has_left), sum(has_right)
    if min(lefts, rights) < _COLUMN_LINES:
        return None
    ordered = sorted([(piece.order, 0) for piece in left] + [(piece.order, 1) for piece in right])
    switches = sum(one[1] != other[1] for one, other in pairwise(ordered))
    if switches > max(2, min(lefts, rights) / 3):
        return None
    both = sum(map(all, zip(has_left, has_right, strict=True)))
    apart = min(lefts, rights) - both >= _COLUMN_LINES
    headed = any(is_known_heading(make_line([piece]).text) for piece in right) and any(
        not is_known_heading(make_line([piece]).text) for piece in right
    )
    words = sum(len(piece.fragment.text.split()) for piece in right)
    dense = rights >= 0.6 * lefts and words >= 3 * rights
    return (left, right) if apart or headed or dense else None


def is_known_heading(text: str) -> bool:
    """Tell whether a line is a heading with a usual name, and nothing else."""
    return not text[:1].islower() and len(text) <= 60 and known_section(text) not in {"", "title"}  # noqa: PLR2004
