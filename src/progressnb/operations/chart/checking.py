"""Whether a chart's rows are what the question asks: recomputed with pandas, from the reading and not from the SQL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pandas as pd

from progressnb.errors import QueryError

from .bins import bin_starts
from .drafts import value_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .reading import Reading

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
    if len(got) != len(expected):
        raise QueryError(f"{len(expected)} rows, as pandas counts them", str(len(got)))
    got.index = _comparable(got.index)
    expected.index = _comparable(expected.index)
    pairs = pd.concat([got.rename("got"), expected.astype(float).rename("expected")], axis="columns")
    off = (pairs["got"] - pairs["expected"]).abs() > 1e-6 * pairs["expected"].abs().clip(lower=1)
    wrong: Any = cast("Any", pairs)[off | (pairs["got"].isna() != pairs["expected"].isna())]
    for row in wrong.itertuples():
        raise QueryError(f"{row.expected} for {row.Index!r}, as pandas computes it", str(row.got))


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
        naive = keys.dt.tz_localize(None) if keys.dt.tz is not None else keys
        keys = naive.dt.to_period(_OFFSETS[reading.unit]).dt.start_time
    if reading.measure is None:
        values = keys.groupby(keys).size()
    else:
        grouped = table[reading.measure].groupby(keys)
        # Of nothing but gaps SQL's sum is a gap too.
        values = (
            grouped.sum(min_count=1)
            if reading.how == "sum"
            else getattr(grouped, _METHODS.get(reading.how, reading.how))()
        )
    if reading.top:
        frame = values.rename("value").to_frame().assign(key=[str(key) for key in values.index])
        frame = frame.sort_values(["value", "key"], ascending=[not reading.descending, True])
        values = frame["value"].head(reading.top)
    return values


def _comparable(index: pd.Index[Any]) -> pd.Index[Any]:
    return pd.Index([_key(key) for key in index])


def _key(key: Any) -> str:  # noqa: ANN401 - whatever a column has
    if hasattr(key, "year"):
        return str(pd.Timestamp(key).tz_localize(None))
    return str(key + 0 if isinstance(key, float) else key)  # a zero may have a sign
