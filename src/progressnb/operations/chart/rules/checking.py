"""The check of a chart's rows: they are computed again with pandas, from the parsed question and not from the SQL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pandas as pd

from progressnb.errors import QueryError
from progressnb.operations.chart.rules.bins import bin_starts
from progressnb.operations.chart.rules.names import VALUE, WHICH, base_name, value_name
from progressnb.operations.chart.rules.selecting import group_keys, narrowed, selected

if TYPE_CHECKING:
    from collections.abc import Mapping

    from progressnb.operations.chart.rules.reading import Reading

__all__ = ["check_rows", "recompute"]

_METHODS = {"avg": "mean", "distinct": "nunique", "any": "first"}


def check_rows(table: pd.DataFrame, reading: Reading, tables: Mapping[str, pd.DataFrame]) -> None:
    """Raise `QueryError` where the rows of the query differ from those that pandas computes."""
    if reading.shape == "against":
        _check_points(table, reading, tables)
        return
    if not reading.others:
        _check_values(table, value_name(reading), reading, tables)
        return
    for column, aggregate in ((reading.measure, reading.aggregate), *((e.column, e.aggregate) for e in reading.others)):
        part = table[table[WHICH] == base_name(reading, column, aggregate)]
        _check_values(part, VALUE, reading, tables, column, aggregate)


def _check_values(
    table: pd.DataFrame,
    name: str,
    reading: Reading,
    tables: Mapping[str, pd.DataFrame],
    *measured: str | None,
) -> None:
    expected = recompute(reading, tables, *measured)
    labels = [label for label in (reading.dimension, reading.color) if label]
    got = pd.Series(
        table[name].astype(float).to_numpy(), index=[_key(row) for row in _rows(table, labels)], dtype=float
    )
    keys: list[Any] = [key if type(key) is tuple else (key,) for key in expected.index]
    expected.index = pd.Index([_key(key) for key in keys])
    if reading.is_within:
        _check_within(got, expected.astype(float), [_key(key[1:]) for key in keys], reading)
        expected = expected[expected.index.isin(got.index)]
    top = None if reading.is_within else reading.top
    wanted = min(top or len(expected), len(expected))
    if len(got) != wanted:
        raise QueryError(f"{wanted} rows, as pandas counts them", str(len(got)))
    expected = expected.astype(float)
    tolerance = _tolerance(reading, tables[reading.table])
    if top:
        _check_top(got, expected, reading, tolerance)
        expected = expected[expected.index.isin(got.index)]
    pairs: Any = pd.concat([got.rename("got"), expected.rename("expected")], axis="columns")
    off = (pairs["got"] - pairs["expected"]).abs() > tolerance + 1e-6 * pairs["expected"].abs().clip(lower=1)
    wrong: Any = pairs[off | (pairs["got"].isna() != pairs["expected"].isna())]
    for row in wrong.itertuples():
        raise QueryError(f"{row.expected} for {row.Index!r}, as pandas computes it", str(row.got))


def _rows(table: pd.DataFrame, labels: list[str]) -> list[tuple[Any, ...]]:
    return list(table[labels].itertuples(index=False, name=None)) if labels else [("",)] * len(table)


def _check_top(got: pd.Series[Any], expected: pd.Series[Any], reading: Reading, tolerance: float) -> None:
    """Raise `QueryError` where a group that is left out ranks above one that is drawn. Of equals any may be drawn."""
    left_out, drawn = expected[~expected.index.isin(got.index)].dropna(), got.dropna()
    sign = 1 if reading.descending else -1
    if len(left_out) and (len(drawn) < len(got) or (drawn * sign).min() < (left_out * sign).max() - tolerance - 1e-6):
        raise QueryError(f"the {'top' if sign > 0 else 'bottom'} {reading.top}, as pandas computes them", "others")


def _check_within(got: pd.Series[Any], expected: pd.Series[Any], outer: list[str], reading: Reading) -> None:
    """Raise `QueryError` where one of the groups has not its own top ones."""
    for _, part in expected.groupby(np.array(outer)):
        here = got[got.index.isin(part.index)]
        if len(here) != min(reading.top or 0, len(part)):
            raise QueryError(f"the top {reading.top} of each {reading.color!r}", f"{len(here)} of one")
        _check_top(here, part, reading, 1e-9 * float(part.abs().max() or 0))


def _tolerance(reading: Reading, table: pd.DataFrame) -> float:
    """Return the error that the order of a sum may make: large numbers of both signs may cancel out."""
    if reading.measure is None or reading.aggregate not in ("sum", "avg") or reading.computed == "growth":
        return 0.0
    values = np.abs(table[reading.measure].to_numpy(dtype=float, na_value=np.nan))
    return 1e-12 * float(values.sum(where=np.isfinite(values)))


def _check_points(table: pd.DataFrame, reading: Reading, tables: Mapping[str, pd.DataFrame]) -> None:
    """Raise `QueryError` where points are missing, or are not in the table."""
    labels = [reading.measure, reading.dimension]
    given = selected(tables[reading.table], reading.filters)
    points = given[[*labels, *([reading.color] if reading.color else [])]].dropna()[labels].astype(float)
    got = table[labels].astype(float)
    wanted = len(points) // reading.every
    if len(got) != wanted:
        raise QueryError(f"{wanted} points, as pandas counts them", str(len(got)))
    strange = got.merge(points.drop_duplicates(), how="left", indicator=True)["_merge"] != "both"
    if strange.any():
        raise QueryError("points of the table", str(got[strange.to_numpy()].iloc[0].to_list()))


def recompute(
    reading: Reading, tables: Mapping[str, pd.DataFrame], column: str | None = None, aggregate: str | None = None
) -> pd.Series[Any]:
    """Return the values by the groups, or by the start of each bin, as pandas computes them."""
    column, aggregate = column or reading.measure, aggregate or reading.aggregate
    table = selected(
        tables[reading.table], reading.filters, (reading.dimension, reading.color, column, reading.partner)
    )
    if not reading.dimension:
        values = _aggregated(table, column, aggregate, reading, pd.Series("", index=table.index))
        return values if len(values) else pd.Series([0 if aggregate == "count" else float("nan")], index=[""])
    table = narrowed(table, table[reading.dimension].notna())
    if reading.shape == "distribution":
        table = table[np.isfinite(table[reading.dimension].astype(float))]
        keys = bin_starts(table[reading.dimension], reading.bin_width)
    else:
        keys = group_keys(table[reading.dimension], reading.unit if reading.shape == "time" else "")
    if reading.color is None:
        return _computed(reading, _aggregated(table, column, aggregate, reading, keys))
    table = narrowed(table, table[reading.color].notna())
    return _computed(
        reading, _aggregated(table, column, aggregate, reading, [keys[table.index].rename("x"), table[reading.color]])
    )


def _aggregated(
    table: pd.DataFrame,
    column: str | None,
    aggregate: str,
    reading: Reading,
    keys: Any,  # noqa: ANN401 - one or several columns
) -> pd.Series[Any]:
    values: pd.Series[Any]
    measure: Any = table[column] if column is not None else None
    if measure is None:
        values = cast("Any", table).groupby(keys, observed=True).size()
    elif aggregate == "rate":
        said = (measure == reading.yes).astype(float).where(measure.notna())
        values = said.groupby(keys, observed=True).mean() * 100
    elif aggregate == "corr":
        pairs = pd.DataFrame({"one": measure.astype(float), "other": table[reading.partner].astype(float)})
        parts: Any = cast("Any", pairs).groupby(keys, observed=True)
        values = parts.apply(_correlation)
    else:
        # As floats, since sums of whole numbers would wrap around.
        grouped: Any = (measure.astype(float) if aggregate in ("sum", "avg", "std") else measure).groupby(
            keys, observed=True
        )
        # In SQL the sum of a group without values is NULL, not 0.
        is_sum = aggregate == "sum"
        values = grouped.sum(min_count=1) if is_sum else getattr(grouped, _METHODS.get(aggregate, aggregate))()
    return values


def _correlation(pair: pd.DataFrame) -> float:
    return pair["one"].corr(pair["other"])


def _computed(reading: Reading, values: pd.Series[Any]) -> pd.Series[Any]:
    if not reading.computed:
        return values
    given: Any = values.astype(float).sort_index()
    parts: Any = given.groupby(level=1) if reading.color else given
    made: pd.Series[Any]
    if reading.computed == "share":
        made = given / given.sum() * 100
    elif reading.computed == "running":
        made = parts.cumsum()
    elif reading.computed == "change":
        made = parts.diff()
    else:
        made = parts.diff() / parts.shift().replace(0, np.nan) * 100
    return made


def _key(keys: tuple[Any, ...]) -> str:
    """Return a group as a text, which SQL and pandas write alike."""
    return " | ".join(_text(key) for key in keys)


def _text(key: Any) -> str:  # noqa: ANN401 - whatever a column has
    if hasattr(key, "year"):
        return str(pd.Timestamp(key).tz_localize(None))
    return str(key + 0 if isinstance(key, float) else key)  # adding 0 removes the sign of a zero
