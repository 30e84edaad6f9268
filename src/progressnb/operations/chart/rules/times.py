"""The time of a question: which column has it, and by which unit its rows are grouped."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pandas as pd

from progressnb.operations.chart.rules.sentence import NotReadError, UnclearError

if TYPE_CHECKING:
    from progressnb.operations.chart.rules.columns import Column
    from progressnb.operations.chart.rules.sentence import Sentence

__all__ = ["PERIODS", "named_time", "natural_unit", "time_column", "usual_unit", "year_column"]

PERIODS = {"day": "D", "week": "W-SUN", "month": "M", "quarter": "Q", "year": "Y"}
"""The units of time, and pandas' names of them."""


_LOOKED_AT = 1_000
"""Times that are looked at before all of them are."""


def year_column(asked: Sentence) -> Column | None:
    """Return the column of years as whole numbers, or None."""
    found = [each for each in asked.names.columns.values() if each.kind == "number" and each.stems in _YEAR_NAMES]
    return found[0] if len(found) == 1 and found[0].is_whole else None


_YEAR_NAMES = (["year"], ["yr"], ["jahr"])


def named_time(asked: Sentence) -> Column | None:
    """Return the column of times that the question names, or None."""
    for at, item in enumerate(asked.items):
        if item.role == "column" and not item.options and item.value.kind == "time":
            return asked.column(at)
    return None


def time_column(asked: Sentence) -> Column:
    """Return the column of times that is meant.

    Raises `UnclearError` where the table has several and the question names none, `NotReadError` where it has none.
    """
    times = [each for each in asked.names.columns.values() if each.kind == "time"]
    named = named_time(asked)
    if named is not None:
        return named
    if not times:
        raise NotReadError(why="has no column of dates for it")
    if len(times) > 1:
        several = " or ".join(repr(each.label) for each in times)
        raise UnclearError(f"the time may be {several}", [f"{asked.question} ({each.label})" for each in times])
    return times[0]


def natural_unit(times: pd.Series[Any]) -> str | None:
    """Return the unit that every time of a column is the beginning of, the longest; None for times of day."""
    values = times.dropna()
    return next((unit for unit in ("year", "quarter", "month", "day") if _begins(values, unit)), None)


def _begins(times: pd.Series[Any], unit: str) -> bool:
    """Tell whether each time is the beginning of a unit."""
    for part in (times.head(_LOOKED_AT), times):
        starts = part.dt.normalize() if unit == "day" else part.dt.to_period(PERIODS[unit]).dt.start_time
        if not bool((part == starts).all()):
            return False
    return True


def usual_unit(times: pd.Series[Any]) -> str:
    """Return the unit that draws a span of time with some dozens of points; of monthly or rarer times their own."""
    days = (times.max() - times.min()) / pd.Timedelta(days=1)
    most = {"day": 60, "week": 180, "month": 2_000, "year": math.inf}
    unit = next(unit for unit, limit in most.items() if not days > limit)
    natural = natural_unit(times)
    return natural if natural in ("month", "quarter", "year") else unit
