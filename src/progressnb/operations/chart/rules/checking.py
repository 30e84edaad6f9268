"""Whether a chart's rows are what the question asks: recomputed with pandas, from the reading and not from the SQL."""

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
    """Raise `QueryError` where the query's rows are not what pandas computes."""
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
    scale = _scale(reading, tables[reading.table])
    if reading.top:
        _check_top(got, expected, reading, scale)
        expected = expected[expected.index.isin(got.index)]
    pairs = pd.concat([got.rename("got"), expected.rename("expected")], axis="columns")
    off = (pairs["got"] - pairs["expected"]).abs() > scale + 1e-6 * pairs["expected"].abs().clip(lower=1)
    wrong: Any = cast("Any", pairs)[off | (pairs["got"].isna() != pairs["expected"].isna())]
    for row in wrong.itertuples():
        raise QueryError(f"{row.expected} for {row.Index!r}, as pandas computes it", str(row.got))


def _check_top(got: pd.Series[Any], expected: pd.Series[Any], reading: Reading, scale: float) -> None:
    """Raise `QueryError` where one that is left out is better than one that is drawn; of equals any may be."""
    left, drawn = expected[~expected.index.isin(got.index)].dropna(), got.dropna()
    sign = 1 if reading.descending else -1
    if len(left) and (len(drawn) < len(got) or (drawn * sign).min() < (left * sign).max() - scale - 1e-6):
        raise QueryError(f"the {'top' if sign > 0 else 'bottom'} {reading.top}, as pandas computes them", "others")


def _scale(reading: Reading, table: pd.DataFrame) -> float:
    """Return what a sum may be off by for the order in which it is made: large numbers may cancel out."""
    if reading.measure is None or reading.how not in ("sum", "avg"):
        return 0.0
    values = table[reading.measure].dropna().astype(float)
    return 1e-12 * float(values[np.isfinite(values)].abs().sum())


def _check_points(table: pd.DataFrame, reading: Reading, tables: Mapping[str, pd.DataFrame]) -> None:
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
    """Return the values by dimension, or by the start of each bin."""
    table = tables[reading.table]
    table = table[table[reading.dimension].notna()]
    keys: pd.Series[Any] = table[reading.dimension]
    if reading.shape == "distribution":
        keys = bin_starts(keys[np.isfinite(keys.astype(float))], reading.width)
    if reading.shape == "time":
        keys = keys.dt.to_period(_OFFSETS[reading.unit]).dt.start_time
    values: pd.Series[Any]
    if reading.measure is None:
        values = keys.groupby(keys).size()
    else:
        measure = table[reading.measure]
        # Whole numbers would wrap around.
        grouped = (measure.astype(float) if reading.how in ("sum", "avg") else measure).groupby(keys)
        # Of nothing but gaps SQL's sum is a gap too.
        values = (
            grouped.sum(min_count=1)
            if reading.how == "sum"
            else getattr(grouped, _METHODS.get(reading.how, reading.how))()
        )
    return values


def _comparable(index: pd.Index[Any]) -> pd.Index[Any]:
    return pd.Index([_key(key) for key in index])


def _key(key: Any) -> str:  # noqa: ANN401 - whatever a column has
    if hasattr(key, "year"):
        return str(pd.Timestamp(key).tz_localize(None))
    return str(key + 0 if isinstance(key, float) else key)  # a zero may have a sign
