"""The plan, the query and the drawing of a parsed question."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from progressnb.operations.chart.query.sql import quoted
from progressnb.operations.chart.rules.bins import bin_edge
from progressnb.operations.chart.schemas import ChartDraft, ChartPlan

if TYPE_CHECKING:
    from collections.abc import Callable

    from progressnb.operations.chart.rules.reading import Reading, Shape

__all__ = ["draft_by_rules", "end_name", "plan_by_rules", "value_name"]

_FUNCTIONS = {"distinct": "count(DISTINCT {})"}
_MARKS: dict[Shape, str] = {"by": "bar", "steps": "bar", "time": "line", "distribution": "bar", "against": "point"}


def plan_by_rules(reading: Reading) -> ChartPlan:
    """Return the plan for a parsed question."""
    columns = [label for label in (reading.measure, reading.dimension) if label is not None]
    return ChartPlan(goal=_title(reading), columns=columns, drawing=f"{_MARKS[reading.shape]}, by fixed rules")


def draft_by_rules(reading: Reading) -> ChartDraft:
    """Return the query and the drawing for a parsed question."""
    query, channels = _DRAFTS[reading.shape](reading)
    title = _title(reading)
    return ChartDraft(
        query=query,
        spec={"title": title, "mark": _MARKS[reading.shape], "encoding": channels},
        explanation=f"{title}, computed by fixed rules.{_remarks(reading)}",
    )


def value_name(reading: Reading) -> str:
    """Return the name of the computed column, which is never that of the dimension."""
    words = {"sum": "total", "avg": "average"}
    name = (
        "count" if reading.measure is None else f"{words.get(reading.aggregate, reading.aggregate)} {reading.measure}"
    )
    return f"{name} of rows" if name.casefold() == reading.dimension.casefold() else name


def end_name(reading: Reading) -> str:
    """Return the name of the column with the end of each bin. No other column of the query has this name."""
    return f"up to {reading.dimension}"


_Drawn = tuple[str, dict[str, Any]]
"""A query, and the channels that draw its columns."""


def _against(reading: Reading) -> _Drawn:
    table, measure, dimension = quoted(reading.table), quoted(reading.measure or ""), quoted(reading.dimension)
    query = (
        f"SELECT {measure}, {dimension} FROM {table} "  # noqa: S608 - quoted
        f"WHERE {measure} IS NOT NULL AND {dimension} IS NOT NULL"
    )
    if reading.every > 1:
        query += f" QUALIFY row_number() OVER () % {reading.every} = 0"
    channels = {"x": _channel(reading.dimension, "quantitative"), "y": _channel(reading.measure, "quantitative")}
    return query, {axis: {**channel, "scale": {"zero": False}} for axis, channel in channels.items()}


def _distribution(reading: Reading) -> _Drawn:
    dimension, name, end = quoted(reading.dimension), value_name(reading), end_name(reading)
    query = (
        f"SELECT {bin_edge(dimension, reading.bin_width)} AS {dimension}, "  # noqa: S608 - quoted
        f"{bin_edge(dimension, reading.bin_width, after=1)} AS {quoted(end)}, count(*) AS {quoted(name)} "
        f"FROM {quoted(reading.table)} WHERE isfinite(CAST({dimension} AS DOUBLE)) GROUP BY ALL ORDER BY ALL"
    )
    return query, {
        "x": {**_channel(reading.dimension, "quantitative"), "bin": "binned"},
        "x2": {"field": end},
        "y": _channel(name, "quantitative"),
    }


def _in_order(reading: Reading) -> _Drawn:
    """Draw values over time, or by the steps of a number."""
    dimension, name = quoted(reading.dimension), value_name(reading)
    over_time = reading.shape == "time"
    group = f"date_trunc('{reading.unit}', {dimension}) AS {dimension}" if over_time else dimension
    query = (
        f"SELECT {group}, {_value(reading)} AS {quoted(name)} FROM {quoted(reading.table)} "  # noqa: S608 - quoted
        f"WHERE {dimension} IS NOT NULL GROUP BY 1 ORDER BY 1"
    )
    kind = "temporal" if over_time else "ordinal"
    return query, {"x": _channel(reading.dimension, kind), "y": _channel(name, "quantitative")}


def _by(reading: Reading) -> _Drawn:
    dimension, name = quoted(reading.dimension), value_name(reading)
    order = "DESC" if reading.descending else "ASC"
    limit = f" LIMIT {reading.top}" if reading.top else ""
    query = (
        f"SELECT {dimension}, {_value(reading)} AS {quoted(name)} FROM {quoted(reading.table)} "  # noqa: S608 - quoted
        f"WHERE {dimension} IS NOT NULL GROUP BY 1 ORDER BY 2 {order} NULLS LAST, 1{limit}"
    )
    sort = "-x" if reading.descending else "x"
    return query, {"y": {**_channel(reading.dimension, "nominal"), "sort": sort}, "x": _channel(name, "quantitative")}


_DRAFTS: dict[Shape, Callable[[Reading], _Drawn]] = {
    "against": _against,
    "distribution": _distribution,
    "time": _in_order,
    "steps": _in_order,
    "by": _by,
}


def _value(reading: Reading) -> str:
    """Return SQL for the computed column."""
    function = _FUNCTIONS.get(reading.aggregate, f"{reading.aggregate}({{}})")
    return "count(*)" if reading.measure is None else function.format(quoted(reading.measure))


def _channel(field: str | None, kind: str) -> dict[str, Any]:
    return {"field": field, "type": kind, "title": (field or "").replace("_", " ")}


def _remarks(reading: Reading) -> str:
    """Return sentences about what the rules assumed."""
    remarks = f" A row is taken for one of the {reading.counted!r}." if reading.counted else ""
    if reading.of_several:
        remarks += f" The table is {reading.table!r}."
    if reading.shape == "time":
        remarks += f" The time is {reading.dimension!r}."
    if reading.missing:
        remarks += f" {reading.missing:,} row{'s' * (reading.missing > 1)} without {reading.dimension!r} left out."
    return remarks


def _title(reading: Reading) -> str:
    dimension, name = reading.dimension.replace("_", " "), value_name(reading).replace("_", " ")
    if name == "count":
        name = "number of rows"
    if reading.shape == "against":
        text = f"{(reading.measure or '').replace('_', ' ')} against {dimension}"
        text += f", one of {reading.every} points" if reading.every > 1 else ""
    elif reading.shape == "distribution":
        text = f"distribution of {dimension}"
    elif reading.shape == "time":
        text = f"{name} per {reading.unit}"
    elif reading.top:
        text = f"{'top' if reading.descending else 'bottom'} {reading.top} "
        text += f"{f'of {reading.groups} ' if reading.groups else ''}{dimension} by {name}"
    else:
        text = f"{name} by {dimension}"
    return text[:1].upper() + text[1:]
