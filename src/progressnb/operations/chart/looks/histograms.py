"""Histograms with a few far values: the axis ends before them, and the chart says how many are beyond."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, cast

from progressnb.operations.chart.looks.marks import column_of, mark_type

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Cut", "cut_outliers"]

_BINS = 60
"""Bins that an axis has room for."""

_BEYOND = 0.02
"""The share of rows that may be beyond the axis."""


class Cut(NamedTuple):
    """The rows of a drawing without the far bins, and a sentence that says so."""

    table: pd.DataFrame
    remark: str


def cut_outliers(spec: dict[str, Any], table: pd.DataFrame) -> Cut:
    """Return the rows of a histogram whose bins SQL computed, without bins that are far from the others."""
    encoding: dict[str, Any] = spec.get("encoding", {})
    x, x2, y = (encoding.get(name, {}) for name in ("x", "x2", "y"))
    start, end, count = (column_of(each, table) for each in (x, x2, y))
    nothing = Cut(table, "")
    if mark_type(spec.get("mark", "")) != "bar" or start is None or end is None or count is None:
        return nothing
    if (
        cast("dict[str, Any]", x).get("bin") != "binned"
        or "scale" in x
        or table[[start.name, end.name]].isna().any(axis=None)
    ):
        return nothing
    width = float((end - start).min())
    if not width or not (float(end.max()) - float(start.min())) / width > _BINS:
        return nothing
    ordered = table.sort_values(str(start.name))
    low, high = _kept(ordered[start.name], ordered[count.name], width)
    kept = table[(start >= low) & (start <= high)]
    beyond = int(count.sum() - kept[count.name].sum())
    if not beyond:
        return nothing
    ends = [float(kept[start.name].min()), float(kept[end.name].max())]
    sides = [f"below {ends[0]:,g}"] * bool((start < low).any()) + [f"from {ends[1]:,g} on"] * bool((start > high).any())
    extreme = float(end.max()) if (start > high).any() else float(start.min())
    count_of = f"{beyond:,} of {int(count.sum()):,} values {'is' if beyond == 1 else 'are'}"
    said = f"{count_of} beyond the axis: {' or '.join(sides)}, as far as {extreme:,g}."
    return Cut(kept, said)


def _kept(starts: pd.Series[Any], counts: pd.Series[Any], width: float) -> tuple[float, float]:
    """Return the first and the last bin of the shortest run of bins that holds nearly all rows."""
    total = float(counts.sum())
    values, sizes = starts.tolist(), counts.tolist()
    first, last, beyond = 0, len(values) - 1, 0.0
    while last > first and (values[last] - values[first]) / width >= _BINS:
        # The end that is farther from the bin beside it goes first.
        left, right = values[first + 1] - values[first], values[last] - values[last - 1]
        at = last if (right, -sizes[last]) >= (left, -sizes[first]) else first
        beyond += sizes[at]
        if beyond > _BEYOND * total:
            return values[0], values[-1]
        first, last = (first, last - 1) if at == last else (first + 1, last)
    return values[first], values[last]
