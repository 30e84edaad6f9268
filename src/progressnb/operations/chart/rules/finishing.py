"""The parts of a reading that depend on its table: bins, the number of groups, rows without a group."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from progressnb.errors import InputError
from progressnb.operations.chart.rules.bins import bin_width
from progressnb.operations.chart.rules.selecting import group_keys, selected
from progressnb.operations.chart.tables import NOTES

if TYPE_CHECKING:
    import pandas as pd

    from progressnb.operations.chart.rules.reading import Reading

__all__ = ["finished"]

MOST_BARS = 30
"""Bars that can be told apart. Of more groups the largest are drawn, and the title says so."""

MOST_POINTS = 5_000
"""Points of two numbers against each other, or groups in order. Of more rows one in so many is drawn."""

MOST_COLORS = 12
"""Colours that can be told apart."""

MOST_SLICES = 8


def finished(reading: Reading, table: pd.DataFrame) -> Reading:
    """Return a reading with what depends on the rows. Raises `InputError` where nothing can be drawn."""
    labels = [reading.measure, reading.dimension, reading.color, *(each.column for each in reading.others)]
    rows = selected(table, reading.filters, labels if any(labels) else None)
    if len(rows) == 0:
        conditions = ", ".join(f"{each.column!r}" for each in reading.filters)
        raise InputError(
            "rows that fulfil the conditions", f"none, by {conditions}", "Check the values of the columns."
        )
    notes: dict[str, str] = table.attrs.get(NOTES, {})
    used = [*labels, reading.partner, *(each.column for each in reading.filters)]
    read = [note for label, note in notes.items() if label in used]
    reading = replace(reading, assumed=(*reading.assumed, *read))
    missing = _missing(reading, rows)
    if missing == len(rows) and reading.dimension:
        raise InputError(f"values in the column {reading.dimension!r}", "none")
    _check_mark(reading, rows)
    reading = replace(reading, missing=missing)
    if reading.color is not None and (colors := int(rows[reading.color].nunique())) > MOST_COLORS:
        raise InputError(
            f"at most {MOST_COLORS} colours",
            f"{colors} values of {reading.color!r}",
            "Name some of its values, or group by something with fewer.",
        )
    if reading.shape == "against":
        points = len(rows[[reading.measure, reading.dimension]].dropna())
        return replace(reading, every=max(1, math.ceil(points / MOST_POINTS)))
    if reading.shape == "distribution":
        return _with_bins(reading, rows[reading.dimension])
    return _grouped(reading, rows)


def _with_bins(reading: Reading, column: pd.Series[Any]) -> Reading:
    """Return a reading with bins of the width that is asked for, or of one that suits the values."""
    if not reading.bin_width:
        return replace(reading, bin_width=bin_width(column))
    width, span = reading.bin_width, float(column.max() - column.min())
    whole = width if width >= 1 else 1 / width
    if abs(whole - round(whole)) > 1e-9 or span / width > MOST_POINTS:  # noqa: PLR2004
        raise InputError("a width of bins that is whole, or a whole part of 1", f"{width:g}", "Leave the width out.")
    return reading


def _grouped(reading: Reading, rows: pd.DataFrame) -> Reading:
    if reading.shape == "number":
        if reading.computed:
            raise InputError('a group for it, such as "by year"', "none")
        return reading
    keys = group_keys(rows[reading.dimension], reading.unit if reading.shape == "time" else "")
    groups = int(keys.nunique())
    if reading.computed in ("running", "change", "growth"):
        _check_steps(reading, keys)
    if reading.shape == "steps" and reading.top is None and groups <= MOST_POINTS:
        return replace(reading, descending=True)
    if reading.shape in ("by", "steps") and reading.top is None and groups > MOST_BARS and not reading.others:
        if reading.color is not None or reading.computed:
            raise InputError(
                f"at most {MOST_BARS} groups", f"{groups:,} of {reading.dimension!r}", "Name some of them."
            )
        return replace(reading, shape="by", top=MOST_BARS, groups=groups)
    return replace(reading, shape="by") if reading.top is not None and reading.shape == "steps" else reading


def _check_steps(reading: Reading, keys: pd.Series[Any]) -> None:
    """Raise `InputError` where values have no order, or where one of the steps between them is missing."""
    if reading.shape not in ("time", "steps") or reading.unit in ("weekday", "month of year"):
        raise InputError("a group by time for it", f"one by {reading.dimension!r}")
    if reading.computed == "running":
        return
    found: Any = np.sort(keys.dropna().unique())
    if reading.shape == "time":
        periods: Any = keys.dropna().dt.to_period(
            {"day": "D", "week": "W-SUN", "month": "M", "quarter": "Q", "year": "Y"}[reading.unit]
        )
        whole = len(periods.unique()) == (periods.max() - periods.min()).n + 1
    else:
        whole = len(found) < 2 or bool((np.diff(found.astype(float)) == 1).all())  # noqa: PLR2004
    if not whole:
        raise InputError(
            "each step of a change from one to the next", f"some that are missing in {reading.dimension!r}"
        )


def _check_mark(reading: Reading, rows: pd.DataFrame) -> None:
    """Raise `InputError` for a mark that would mislead or that doesn't fit."""
    fits = {
        "bar": {"by", "steps", "time", "distribution"},
        "line": {"steps", "time"},
        "area": {"steps", "time"},
        "point": {"against"},
        "arc": {"by", "steps"},
    }
    if reading.mark and reading.shape not in fits[reading.mark]:
        raise InputError("a chart of a kind that fits the question", _SAID[reading.mark], "Leave the kind out.")
    if reading.mark == "arc":
        slices = rows[reading.dimension].nunique()
        parts = reading.aggregate in ("sum", "count") and reading.color is None and not reading.others
        negative = reading.measure is not None and bool((rows[reading.measure] < 0).any())
        if slices > MOST_SLICES or not parts or negative:
            got = f"{slices} groups" if slices > MOST_SLICES else "values that don't add up to a whole"
            raise InputError(f"at most {MOST_SLICES} parts of a whole for a pie", got, "Ask for bars.")


_SAID = {"bar": "bars", "line": "a line", "area": "an area", "point": "points", "arc": "a pie"}


def _missing(reading: Reading, rows: pd.DataFrame) -> int:
    """Return the number of rows without a value to group by."""
    if not reading.dimension:
        return 0
    column = rows[reading.dimension]
    if reading.shape == "distribution":
        return int((~np.isfinite(column.astype(float))).sum())
    gone = column.isna()
    if reading.shape == "against":
        gone |= rows[reading.measure].isna()
    if reading.color is not None:
        gone |= rows[reading.color].isna()
    return int(gone.sum())
