"""Columns of dates at the left of a page: the lines of a date that wraps become one piece beside its job."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from progressnb.operations.resume.words.dates import is_of_dates, is_period

from .pdf_lines import Piece, Row

__all__ = ["join_dates"]

_FEWEST = 2  # dates of a column
_LINES = 3  # of a date that wraps
_GAP = 1.5  # times the font size


def join_dates(rows: list[Row]) -> list[Row]:
    """Join the lines of each date in a column of dates; the other pieces of these lines stay where they are."""
    starts = Counter(round(row[1].fragment.x) for row in rows if len(row) > 1 and is_of_dates(row[0].fragment.text))
    if not starts or starts.most_common(1)[0][1] < _FEWEST:
        return rows
    gutter = starts.most_common(1)[0][0]
    made = [list(row) for row in rows]
    for number, row in enumerate(made):
        text = _date(row, gutter)
        if not text:
            continue
        for below in made[number + 1 : number + _LINES]:
            more = _date(below, gutter)
            if not more or is_period(text) or not is_of_dates(f"{text} {more}"):
                break
            text = f"{text} {more}"
            below[:] = [piece for piece in below if not _is_left(piece, gutter)]
        order, first = row[0]
        end = min(first.end, gutter - _GAP * first.size)
        rest = [piece for piece in row if not _is_left(piece, gutter)]
        row[:] = [Piece(order, replace(first, text=text, end=end)), *rest]
    return [row for row in made if row]


def _is_left(piece: Piece, gutter: float) -> bool:
    return piece.fragment.end <= gutter + 1


def _date(row: Row, gutter: float) -> str:
    """Return the text of a row left of the gutter if it is a date or a part of one, else ""."""
    text = " ".join(piece.fragment.text.strip() for piece in row if _is_left(piece, gutter))
    crosses = any(piece.fragment.x < gutter - _GAP and not _is_left(piece, gutter) for piece in row)
    return text if not crosses and is_of_dates(text) else ""
