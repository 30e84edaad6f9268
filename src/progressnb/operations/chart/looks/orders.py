"""The order of names that have one: weekdays, months, quarters, sizes, levels, ranges of numbers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from progressnb.operations.chart.rules.lexicon import MONTHS, WEEKDAYS
from progressnb.operations.chart.tables import kind_of

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["is_arranged", "order_of", "whole_range"]

_LISTS: tuple[tuple[str, ...], ...] = (
    *(tuple(name[:length] for name in names) for names in (WEEKDAYS, MONTHS) for length in (3, None)),
    ("mon", "tue", "wed", "thu", "fri", "sat", "sun"),
    ("mon", "tues", "wed", "thur", "fri", "sat", "sun"),
    ("mon", "tue", "wed", "thur", "fri", "sat", "sun"),
    ("q1", "q2", "q3", "q4"),
    ("xxs", "xs", "s", "m", "l", "xl", "xxl", "xxxl"),
    ("very low", "low", "medium", "high", "very high"),
    ("small", "medium", "large"),
    ("never", "rarely", "sometimes", "often", "always"),
    ("strongly disagree", "disagree", "neutral", "agree", "strongly agree"),
    ("first", "second", "third", "fourth", "fifth"),
    ("morning", "afternoon", "evening", "night"),
    ("breakfast", "lunch", "dinner"),
)
_RANGE = re.compile(
    r"(?P<open>under |below |less than |up to |<=?\s*)?[(\[]?(?P<low>-?\d+(?:\.\d+)?)"
    r"(?:\s*(?:-|\u2013|,|to)\s*(?P<high>-?\d+(?:\.\d+)?)[)\]]?|\s*\+|\s*(?:and|or) (?:more|over|older))?",
    re.IGNORECASE,
)
_CYCLES = re.compile(r"\b(?:years?|yr|months?|hours?|weeks?|quarters?|day of month)\b", re.IGNORECASE)
_MOST = 60


def order_of(column: pd.Series[Any]) -> list[str] | None:
    """Return the names of a column in the order that they have, or None for names without one."""
    values = [str(each) for each in column.dropna().unique()]
    if len(values) < 2 or len(values) > _MOST or not all(isinstance(each, str) for each in column.dropna()):  # noqa: PLR2004
        return None
    folded = {each.casefold(): each for each in values}
    for names in _LISTS:
        if len(folded) == len(values) and folded.keys() <= set(names):
            return [folded[name] for name in names if name in folded]
    ranges = [_RANGE.fullmatch(each.strip()) for each in values]
    if all(ranges):
        starts = {each: _start(match) for each, match in zip(values, ranges, strict=True) if match is not None}
        return sorted(values, key=lambda each: starts[each])
    return None


def _start(match: re.Match[str]) -> tuple[float, bool, float]:
    """Return what ranges are put in order by: where they begin, and where they end."""
    return float(match["low"]), not match["open"], float(match["high"] or "inf")


def is_arranged(column: pd.Series[Any], values: pd.Series[Any]) -> bool:
    """Tell whether rows, one for each name, come in the order of their values, as a query with ORDER BY gives them."""
    if len(column) < 2 or column.duplicated().any() or kind_of(values) not in ("number", "time"):  # noqa: PLR2004
        return False
    known = values.dropna()
    return bool(known.is_monotonic_decreasing or known.is_monotonic_increasing)


def whole_range(name: str, column: pd.Series[Any]) -> list[int] | None:
    """Return every whole number of a column of years, months or hours, if some are missing; else None."""
    values: Any = column.dropna()
    if not _CYCLES.search(name.replace("_", " ")) or not len(values) or not bool((values % 1 == 0).all()):
        return None
    low, high, count = int(values.min()), int(values.max()), int(values.nunique())
    return list(range(low, high + 1)) if count < high - low + 1 <= min(_MOST, 2 * count) else None
