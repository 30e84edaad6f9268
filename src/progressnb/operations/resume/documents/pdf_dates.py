"""Dates that stand beside what they are of, not on its line: over a bar, below each other, or in smaller type."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

from progressnb.operations.resume.words.dates import find_dates, is_of_dates, is_ongoing

from .pdf_lines import LONE_BULLET, Piece

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .pdf_lines import Fragment

__all__ = ["is_beside", "level_dates"]

_BETWEEN = re.compile(r"[|–—↑↓-]")
_LONGEST = 30  # characters of a date
_PAIR = 2
# Times the font size:
_STEP = 3  # the farthest of two dates below each other
_LEVEL = 0.4  # on the same line
_NEAR = 0.8  # beside the same line
_SMALL = 0.9
_BESIDE = 6  # from a date to the dot of a line of time


def is_beside(date: Fragment, x: float, y: float) -> bool:
    """Tell whether a place is at the right of a date, as that of a dot of a line of time is."""
    across, up = (x - date.end) / date.size, abs(y - date.y) / date.size
    return -1 < across < _BESIDE and up < 1 and _is_date(date.text)


def _is_date(text: str) -> bool:
    return is_of_dates(text) or is_ongoing(text)


def level_dates(pieces: Sequence[Piece]) -> list[Piece]:
    """Return pieces with two dates below each other as one period, and small dates on the line of what they are of."""
    dates = [piece for piece in pieces if len(piece.fragment.text) < _LONGEST and _is_date(piece.fragment.text)]
    if not dates:
        return list(pieces)
    others = [piece.fragment for piece in pieces if not _is_date(piece.fragment.text)]
    made = dict(pieces)
    for upper, lower in _pairs(dates):
        one, other = upper.fragment, lower.fragment
        del made[lower.order]
        if other.text not in one.text:  # the end of a bar, below a period that has it
            y = one.y if _right_of(one, others, _LEVEL) else (one.y + other.y) / 2
            made[upper.order] = replace(one, text=f"{one.text} – {other.text}", y=y, end=max(one.end, other.end))
        for order, piece in list(made.items()):
            if _BETWEEN.fullmatch(piece.text) and other.y < piece.y < one.y and one.x < piece.x < one.end:
                del made[order]
    for date in dates:
        if date.order in made:
            _level(made, date.order, made[date.order], others)
    return [Piece(order, piece) for order, piece in made.items()]


def _level(made: dict[int, Fragment], order: int, date: Fragment, others: Sequence[Fragment]) -> None:
    """Put a small date that is not on a line onto the line at its right, without the dot between them."""
    beside = None if _right_of(date, others, _LEVEL) else _right_of(date, others, _NEAR)
    if beside is None or date.size > _SMALL * beside.size:
        return
    for number, piece in list(made.items()):
        if LONE_BULLET.fullmatch(piece.text) and is_beside(date, piece.x, piece.y):
            del made[number]
    made[order] = replace(date, y=beside.y)


def _pairs(dates: Sequence[Piece]) -> list[tuple[Piece, Piece]]:
    """Return the pairs of dates of which the second one stands below the first one and begins no line of its own."""
    runs = [[dates[0]]]
    for before, date in pairwise(dates):
        if not (date.order - before.order == 1 and _is_below(before.fragment, date.fragment)):
            runs.append([])
        runs[-1].append(date)
    if any(len(run) > _PAIR for run in runs):
        return []  # a column of dates
    return [(run[0], run[1]) for run in runs if len(run) == _PAIR]


def _is_below(one: Fragment, other: Fragment) -> bool:
    if not 0.5 * one.size < one.y - other.y < _STEP * one.size:
        return False
    apart = abs((one.x + one.end) - (other.x + other.end)) / 2
    single = _is_single(one.text) and _is_single(other.text)
    return (_is_single(other.text) and other.text in one.text) or (single and apart < 0.5 * (one.end - one.x))


def _is_single(text: str) -> bool:
    """Tell whether a text is one date, or "present"."""
    dates = list(find_dates(text))
    return is_ongoing(text) or (len(dates) == 1 and dates[0][1:] == (0, len(text)))


def _right_of(date: Fragment, others: Sequence[Fragment], height: float) -> Fragment | None:
    """Return what stands at the right of a date and is nearest in height; `height` is a share of the font size."""
    near = [one for one in others if one.x >= date.end and abs(one.y - date.y) < height * date.size]
    return min(near, key=lambda one: (abs(one.y - date.y), one.x), default=None)
