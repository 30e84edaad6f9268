"""The cells of tables and grids on a page, told by the drawing order: programs draw one cell after the other.

A cell has lines below each other. Where the next piece is drawn higher and farther right, the next cell begins.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from progressnb.operations.resume.words.dates import is_of_dates, is_period

from .pdf_lines import LONE_BULLET, Piece, Row, make_line, make_rows

__all__ = ["join_cells"]

_UP = 0.6  # times the font size: higher than on the same line
_STEP = 2.2  # the farthest that lines of a cell stand apart
_FEWEST, _LINES = 2, 3  # rows of a table, and lines of blocks side by side
_SAME = 0.1  # the greatest difference of two sizes that are one
_GAP = 1.5  # times the font size: what parts two cells in a row

Cell = list[Row]
"""The rows of a cell, from its top."""


def join_cells(rows: list[Row]) -> list[Row]:
    """Return the rows of a page with each cell whole.

    Cells of one paragraph each stand in one row, and their wrapped lines are joined. Other cells follow each other.
    """
    bands = _bands(rows)
    tables = [band for band in bands if len(band) > 1]
    if len(tables) < _FEWEST and not any(map(_is_plain, tables)):
        return rows
    made = [(band[0][0][0].fragment.y, _in_order(band)) for band in bands]
    return [row for _, part in sorted(made, key=lambda one: -one[0]) for row in part]


def _is_plain(band: list[Cell]) -> bool:
    """Tell whether one band alone is a table: dates beside a text, or blocks of several lines."""
    return is_of_dates(" ".join(make_line(row).text for row in band[0])) or all(len(cell) >= _LINES for cell in band)


def _bands(rows: list[Row]) -> list[list[Cell]]:
    """Return the cells that stand side by side, band by band; what stands alone is a band of one cell."""
    pieces = sorted((piece for row in rows for piece in row), key=lambda piece: piece.order)
    runs = [pieces[:1]]
    for before, piece in pairwise(pieces):
        up = piece.fragment.y - before.fragment.y > _UP * piece.fragment.size
        if up or piece.fragment.x < min(one.fragment.x for one in runs[-1]) - _GAP * piece.fragment.size:
            runs.append([])
        runs[-1].append(piece)
    bands: list[list[Cell]] = []
    for cell in map(make_rows, runs):
        left = bands[-1][-1] if bands else []
        top = cell[0][0].fragment
        begin = next((number for number, row in enumerate(left) if abs(row[0].fragment.y - top.y) < top.size), None)
        if begin is None or not _are_beside(left[begin:], cell):
            bands.append([cell])
        elif begin and len(bands[-1]) == 1:
            bands[-1:] = [[left[:begin]], [left[begin:], cell]]
        elif begin:
            bands.append([cell])
        else:
            bands[-1].append(cell)
    return bands


def _are_beside(left: Cell, right: Cell) -> bool:
    """Tell whether a cell without gaps ends where the other one begins."""
    steps = (one[0].fragment.y - other[0].fragment.y for one, other in pairwise(left))
    begins = min(piece.fragment.x for row in right for piece in row)
    ends = max(piece.fragment.end for row in left for piece in row)
    return ends <= begins + 1 and all(step < _STEP * left[0][0].fragment.size for step in steps)


def _in_order(band: list[Cell]) -> list[Row]:
    *first, last = band
    if not first:
        return last
    marks = [number for number, one in enumerate(last[0]) if LONE_BULLET.match(one.fragment.text)]
    last = [last[0][: marks[0]], last[0][marks[0] :], *last[1:]] if marks else last  # a list in the last column
    bounds = [min(piece.fragment.x for row in cell for piece in row) for cell in band[1:]]
    joined = [_paragraphs(cell, bound) for cell, bound in zip(first, bounds, strict=True)]
    if all(len(cell) == 1 for cell in joined):
        return [[*(piece for cell in joined for piece in cell[0]), *last[0]], *last[1:]]
    return [row for cell in (*joined, last) for row in cell if row]


def _paragraphs(cell: Cell, bound: float) -> list[Row]:
    """Join the wrapped lines of a cell: those without room for the next word before its right bound, and dates."""
    made: list[Row] = []
    for row in cell:
        line = make_line(row)
        before = make_line(made[-1]) if made else None
        word = (line.end - line.x) * len(line.text.split()[0]) / len(line.text)
        both = f"{before.text} {line.text}" if before else ""
        full = (
            before and before.end + word > bound - _UP * line.size and abs(before.size - line.size) < _SAME * line.size
        )
        if before and (full or (is_of_dates(both) and not is_period(before.text))):
            order, piece = made[-1][0]
            end = min(line.end, bound - _GAP * line.size)
            made[-1] = [Piece(order, replace(piece, text=both, end=end))]
        else:
            made.append(row)
    return made
