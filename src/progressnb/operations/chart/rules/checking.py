"""The check of a chart's rows: they are computed again with pandas, from the parsed question and not from the SQL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pandas as pd

from progressnb.errors import QueryError
from progressnb.operations.chart.rules.bins import bin_starts
from progressnb.operations.chart.rules.drafts import value_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from progressnb.operations.chart.rules.reading import Reading

__all__ = ["check_rows", "recompute"]

_METHODS = {"avg": "mean", "distinct": "nunique"}
_OFFSETS = {"day": "D", "week": "W-SUN", "month": "M", "quarter": "Q", "year": "Y"}


def check_rows(table: pd.DataFrame, reading: Reading, tables: Mapping[str, pd.DataFrame]) -> None:
    """Raise `QueryError` where the rows of the query differ from those that pandas computes."""
    if reading.shape == "against":
        _check_points(table, reading, tables)
        return
    expected = recompute(reading, tables)
    name = value_name(reading)
    got = table.set_index(reading.dimension)[name].astype(float)
    got.index, expected.index = _comparable(got.index), _comparable(expected.index)
    wanted = min(reading.top or len(expected), len(expected))
    if len(got) != wanted:
        raise QueryError(f"{wanted} rows, as pandas counts them", str(len(got)))
    expected = expected.astype(float)
    tolerance = _tolerance(reading, tables[reading.table])
    if reading.top:
        _check_top(got, expected, reading, tolerance)
        expected = expected[expected.index.isin(got.index)]
    pairs = pd.concat([got.rename("got"), expected.rename("expected")], axis="columns")
    off = (pairs["got"] - pairs["expected"]).abs() > tolerance + 1e-6 * pairs["expected"].abs().clip(lower=1)
    wrong: Any = cast("Any", pairs)[off | (pairs["got"].isna() != pairs["expected"].isna())]
    for row in wrong.itertuples():
        raise QueryError(f"{row.expected} for {row.Index!r}, as pandas computes it", str(row.got))


def _check_top(got: pd.Series[Any], expected: pd.Series[Any], reading: Reading, tolerance: float) -> None:
    """Raise `QueryError` where a group that is left out ranks above one that is drawn. Of equals any may be drawn."""
    left_out, drawn = expected[~expected.index.isin(got.index)].dropna(), got.dropna()
    sign = 1 if reading.descending else -1
    if len(left_out) and (len(drawn) < len(got) or (drawn * sign).min() < (left_out * sign).max() - tolerance - 1e-6):
        raise QueryError(f"the {'top' if sign > 0 else 'bottom'} {reading.top}, as pandas computes them", "others")


def _tolerance(reading: Reading, table: pd.DataFrame) -> float:
    """Return the error that the order of a sum may make: large numbers of both signs may cancel out."""
    if reading.measure is None or reading.aggregate not in ("sum", "avg"):
        return 0.0
    values = table[reading.measure].dropna().astype(float)
    return 1e-12 * float(values[np.isfinite(values)].abs().sum())


def _check_points(table: pd.DataFrame, reading: Reading, tables: Mapping[str, pd.DataFrame]) -> None:
    """Raise `QueryError` where points are missing, or are not in the table."""
    labels = [reading.measure, reading.dimension]
    points = tables[reading.table][labels].dropna().astype(float)
    got = table[labels].astype(float)
    wanted = len(points) // reading.every
    if len(got) != wanted:
        raise QueryError(f"{wanted} points, as pandas counts them", str(len(got)))
    strange = got.merge(points.drop_duplicates(), how="left", indicator=True)["_merge"] != "both"
    if strange.any():
        raise QueryError("points of the table", str(got[strange.to_numpy()].iloc[0].to_list()))


def recompute(reading: Reading, tables: Mapping[str, pd.DataFrame]) -> pd.Series[Any]:
    """Return the values by the dimension, or by the start of each bin, as pandas computes them."""
    table = tables[reading.table]
    table = table[table[reading.dimension].notna()]
    keys: pd.Series[Any] = table[reading.dimension]
    if reading.shape == "distribution":
        keys = bin_starts(keys[np.isfinite(keys.astype(float))], reading.bin_width)
    if reading.shape == "time":
        keys = keys.dt.to_period(_OFFSETS[reading.unit]).dt.start_time
    values: pd.Series[Any]
    if reading.measure is None:
        values = keys.groupby(keys).size()
    else:
        measure = table[reading.measure]
        # As floats, since sums of whole numbers would wrap around.
        grouped = (measure.astype(float) if reading.aggregate in ("sum", "avg") else measure).groupby(keys)
        # In SQL the sum of a group without values is NULL, not 0.
        values = (
            grouped.sum(min_count=1)
            if reading.aggregate == "sum"
            else getattr(grouped, _METHODS.get(reading.aggregate, reading.aggregate))()
        )
    return values


def _comparable(index: pd.Index[Any]) -> pd.Index[Any]:
    """Return the groups as texts, which SQL and pandas write alike."""
    return pd.Index([_key(key) for key in index])


def _key(key: Any) -> str:  # noqa: ANN401 - whatever a column has
    if hasattr(key, "year"):
        return str(pd.Timestamp(key).tz_localize(None))
    return str(key + 0 if isinstance(key, float) else key)  # adding 0 removes the sign of a zero
