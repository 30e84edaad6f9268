"""The columns of a page, and the cells of its tables, by the places of its pieces and their drawing order.

Programs draw one cell after the other. A cell has lines below each other. Where the next piece is drawn higher and
farther right, the next cell begins.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import pairwise, zip_longest
from typing import TYPE_CHECKING

from progressnb.operations.resume.words.dates import find_periods, is_of_dates, is_period
from progressnb.operations.resume.words.headings import known_section

from .pdf_lines import LONE_BULLET, Fragment, Line, Piece, Row, make_line, make_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["find_columns", "is_known_heading", "join_cells"]

_COLUMN_LINES = 3  # the fewest lines of a column
_COLUMN_TRIES = 16
_DEPTH = 3  # columns within columns
_MOST_PIECES = 10_000  # a page with more is not searched for columns
_MAIN = 1.2  # the name in the main column is at least this times as large as other text
_UP = 0.6  # times the font size: higher than on the same line
_STEP = 2.2  # the farthest that lines of a cell stand apart
_FEWEST, _LINES = 2, 3  # rows of a table, and lines of blocks side by side
_SHORT = 18  # times the font size: the longest piece of a narrow column
_ASIDE = 4  # lines of place, date and duration
_GAP = 1.5  # times the font size: what parts two cells in a row

Cell = list[Row]
"""The rows of a cell, from its top."""


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
            sides = _sides(rows[first:index], start - 1.5)
            if sides and (best is None or index - first > best[1] - best[0]):
                best = (first, index, *sides)
            first = index + 1
    return best


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
    rights_at = [number for number, has in enumerate(has_right) if has]
    if not any(has_left[rights_at[0] : rights_at[-1] + 1]):
        return None  # below each other
    both = sum(map(all, zip(has_left, has_right, strict=True)))
    apart = min(lefts, rights) - both >= _COLUMN_LINES
    headings = [is_known_heading(make_line([piece]).text) for piece in right]
    return (left, right) if apart or (any(headings) and not all(headings)) else None


def is_known_heading(text: str) -> bool:
    """Tell whether a line is a heading with a usual name, and nothing else."""
    return not text[:1].islower() and len(text) <= 60 and known_section(text) not in {"", "title"}  # noqa: PLR2004


def join_cells(rows: list[Row]) -> list[Row]:
    """Return the rows of a page with each cell whole.

    Cells of one paragraph each stand in one row, and their wrapped lines are joined. Other cells follow each other.
    """
    bands = _bands(rows)
    tables = [band for band in bands if len(band) > 1]
    if len(tables) < _FEWEST and not any(map(_is_plain, tables)):
        return rows
    bands.sort(key=lambda band: -band[0][0][0].fragment.y)
    return [row for band in bands for row in _in_order(band)]


def _is_plain(band: list[Cell]) -> bool:
    """Tell whether one band alone is a table: dates beside a text, or blocks of several lines."""
    return is_of_dates(" ".join(make_line(row).text for row in band[0])) or all(len(cell) >= _LINES for cell in band)


def _bands(rows: list[Row]) -> list[list[Cell]]:
    """Return the cells that stand side by side, band by band; what stands alone is a band of one cell."""
    pieces = sorted((piece for row in rows for piece in row), key=lambda piece: piece.order)
    runs = [pieces[:1]]
    for before, piece in pairwise(pieces):
        up = piece.fragment.y - before.fragment.y > _UP * piece.fragment.size
        back = piece.fragment.x < min(one.fragment.x for one in runs[-1]) - _GAP * piece.fragment.size
        if up or (back and not _is_right_aligned(before.fragment, piece.fragment)):
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


def _is_right_aligned(before: Fragment, piece: Fragment) -> bool:
    """Tell whether a short piece stands below another one and ends where that ends, as places and dates do."""
    below = 0 < before.y - piece.y < _STEP * piece.size
    return below and abs(before.end - piece.end) < 1 and piece.end - piece.x < _SHORT * piece.size


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
    if aside := _with_aside(first, last):
        return aside
    marks = [number for number, one in enumerate(last[0]) if LONE_BULLET.match(one.fragment.text)]
    last = [last[0][: marks[0]], last[0][marks[0] :], *last[1:]] if marks else last  # a list in the last column
    bounds = [min(piece.fragment.x for row in cell for piece in row) for cell in band[1:]]
    joined = [_paragraphs(cell, bound) for cell, bound in zip(first, bounds, strict=True)]
    if all(len(cell) == 1 for cell in joined):
        return [[*(piece for cell in joined for piece in cell[0]), *last[0]], *last[1:]]
    return [row for cell in (*joined, last) for row in cell if row]


def _with_aside(first: list[Cell], last: Cell) -> list[Row] | None:
    """Return the rows of an entry with place and date in a cell at its right: these belong to its heading."""
    *before, main = first
    begins = next((number for number, row in enumerate(main) if _is_bullet(row)), 0)
    dated = any(find_periods(make_line(row).text) for row in last)
    if (
        not begins
        or not dated
        or len(last) > _ASIDE
        or any(map(_is_bullet, last))
        or any(len(one) > 1 for one in before)
    ):
        return None
    heads = [[*(piece for cell in before for piece in cell[0]), *main[0]], *main[1:begins]]
    return [*([*one, *other] for one, other in zip_longest(heads, last, fillvalue=())), *main[begins:]]


def _is_bullet(row: Row) -> bool:
    return LONE_BULLET.match(row[0].fragment.text) is not None


def _paragraphs(cell: Cell, bound: float) -> list[Row]:
    """Join the wrapped lines of a cell: those without room for the next word before its right bound, and dates."""
    made: list[Row] = []
    for row in cell:
        line = make_line(row)
        before = make_line(made[-1]) if made else None
        both = f"{before.text} {line.text}" if before else ""
        alike = before and abs(before.size - line.size) < 0.1 * line.size
        full = before and alike and before.end + line.first_word > bound - _UP * line.size
        if before and (full or (is_of_dates(both) and not is_period(before.text))):
            order, piece = made[-1][0]
            end = min(line.end, bound - _GAP * line.size)
            made[-1] = [Piece(order, replace(piece, text=both, end=end))]
        else:
            made.append(row)
    return made
