"""Periods that a line has no rows for: zeros where rows are counted, else gaps, and no line across them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import pandas as pd

from progressnb.operations.chart.looks.marks import column_of, mark_type
from progressnb.operations.chart.rules.times import PERIODS, natural_unit
from progressnb.operations.chart.tables import kind_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["Filled", "with_missing_periods"]

_MOST = 2_000
"""Rows that are added at most."""

_COUNT = r"\bcount\s*\([^()]*\)\s*(as\s+)?\"?{}\"?(?!\w)"
_REGULAR = 0.5
"""The share of periods that must be there: data with fewer is rare, not incomplete."""


class Filled(NamedTuple):
    """Rows with those of missing periods, and a sentence that says so."""

    table: pd.DataFrame
    remark: str


def with_missing_periods(spec: dict[str, Any], table: pd.DataFrame, query: str) -> Filled:
    """Return the rows of a line with a row for each period that has none, between its first and its last."""
    nothing = Filled(table, "")
    encoding: dict[str, Any] = spec.get("encoding", {})
    x, y = encoding.get("x", {}), encoding.get("y", {})
    along, value = column_of(x, table), column_of(y, table)
    if (
        mark_type(spec.get("mark", "")) not in ("line", "area")
        or spec.get("transform")
        or along is None
        or value is None
    ):
        return nothing
    told = {"aggregate", "timeUnit", "bin", "impute"} & (
        cast("dict[str, Any]", x).keys() | cast("dict[str, Any]", y).keys()
    )
    if told or kind_of(along) != "time" or kind_of(value) != "number":
        return nothing
    others = [
        column
        for name, each in encoding.items()
        if name not in ("x", "y") and (column := column_of(each, table)) is not None
    ]
    keys = list(dict.fromkeys(str(column.name) for column in others if column.name not in (along.name, value.name)))
    added = _missing(table, str(along.name), keys)
    if not added:
        return nothing
    counted = re.search(_COUNT.format(re.escape(str(value.name))), query, re.IGNORECASE) is not None
    if not counted and mark_type(spec["mark"]) == "area":
        return nothing  # a stack has no gaps
    rows = pd.DataFrame(added)
    rows[value.name] = 0 if counted else float("nan")
    whole = pd.concat([table.astype({value.name: "float64"}), rows], ignore_index=True).sort_values(
        str(along.name), kind="stable"
    )
    said = "is zero" if counted else "is a gap"
    return Filled(whole, f"A {natural_unit(along)} without rows {said}.")


def _missing(table: pd.DataFrame, along: str, keys: Sequence[str]) -> list[dict[str, Any]]:
    """Return the rows, without values, of the periods that a line lacks."""
    times: Any = table[along].dropna()
    unit = natural_unit(times) if len(times) else None
    if unit is None:
        return []
    periods = pd.PeriodIndex(times.dt.to_period(PERIODS[unit]))
    ordinals: Any = pd.Series(periods.asi8, index=times.index)
    step = _step(ordinals)
    if step is None:
        return []
    added: list[dict[str, Any]] = []
    for key, rows in _groups(cast("Any", table.loc[times.index]), keys):
        own = set(ordinals.loc[rows.index])
        absent = [each for each in range(min(own), max(own) + 1, step) if each not in own]
        named = dict(zip(keys, key, strict=True))
        added += [{along: pd.Period(ordinal=each, freq=PERIODS[unit]).start_time, **named} for each in absent]
        if len(added) > _MOST:
            return []
    return added


def _groups(rows: Any, keys: Sequence[str]) -> Iterator[tuple[tuple[Any, ...], Any]]:  # noqa: ANN401 - of pandas
    if keys:
        yield from rows.groupby(list(keys), observed=True)
    else:
        yield (), rows


def _step(ordinals: Any) -> int | None:  # noqa: ANN401 - a column of pandas
    """Return the usual number of periods from one value to the next, or None where the values are not regular."""
    unique = sorted(set(ordinals))
    steps = pd.Series(unique).diff().dropna().astype(int)
    if len(steps) < 2:  # noqa: PLR2004
        return None
    step = int(steps.mode().iloc[0])
    regular = bool((steps % step == 0).all())
    expected = (unique[-1] - unique[0]) // step + 1
    return step if regular and len(unique) >= _REGULAR * expected else None
