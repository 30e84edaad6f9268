"""Rows and groups with pandas: which rows fulfil the conditions, and the key of each row's group."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any, cast

import pandas as pd

from progressnb.operations.chart.rules.times import PERIODS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from progressnb.operations.chart.rules.reading import Filter

__all__ = ["group_keys", "narrowed", "selected"]

_COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    "=": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}
_SATURDAY = 5
_NUMPY = {unit: f"datetime64[{PERIODS[unit][0]}]" for unit in ("day", "month", "year")}


def selected(
    table: pd.DataFrame, filters: Iterable[Filter], columns: Iterable[str | None] | None = None
) -> pd.DataFrame:
    """Return the rows that fulfil all conditions, of these columns or of all. A missing value fulfils none."""
    whole, filters = table, list(filters)
    if columns is not None:
        table = table[[each for each in dict.fromkeys(columns) if each]]
    if not filters:
        return table
    chosen: Any = True
    for each in filters:
        column: Any = whole[each.column]
        kept: Any
        if each.operator in ("year", "month"):
            sign, number = each.value
            kept = _COMPARE[sign](getattr(column.dt, each.operator), number)
        elif each.operator == "weekend":
            kept = column.dt.day_of_week >= _SATURDAY
        elif each.operator in ("in", "not in"):
            kept = column.isin(list(each.value)) == (each.operator == "in")
        else:
            as_it_is = each.operator in ("=", "!=") or not isinstance(column.dtype, pd.CategoricalDtype)
            kept = _COMPARE[each.operator](column if as_it_is else column.astype(object), each.value)
        chosen = kept.fillna(False).astype(bool) & column.notna() & chosen  # noqa: FBT003 - pandas' own parameter
    return cast("pd.DataFrame", table[chosen])


def narrowed(table: pd.DataFrame, there: pd.Series[bool]) -> pd.DataFrame:
    """Return the rows that are there: the table itself, and no copy of it, where all are."""
    return table if bool(there.all()) else table[there]


def group_keys(column: pd.Series[Any], unit: str) -> pd.Series[Any]:
    """Return the group of each value: itself, or of a time the beginning of its unit, its weekday, month or hour."""
    times: Any = column
    keys: pd.Series[Any]
    if not unit or not pd.api.types.is_datetime64_any_dtype(column.dtype):
        keys = column
    elif unit == "weekday":
        keys = times.dt.day_name()
    elif unit == "month of year":
        keys = times.dt.month_name()
    elif unit == "hour":
        keys = times.dt.hour
    elif unit in _NUMPY:
        kind = times.dtype
        keys = pd.Series(times.to_numpy().astype(_NUMPY[unit]).astype(kind), index=times.index, name=times.name)
    else:
        keys = times.dt.to_period(PERIODS[unit]).dt.start_time
    return keys
