"""What fixed rules plan, query and draw for a question that they have read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from progressnb.operations.chart.query.sql import quoted
from progressnb.operations.chart.rules.bins import bin_edge
from progressnb.operations.chart.schemas import ChartDraft, ChartPlan

if TYPE_CHECKING:
    from progressnb.operations.chart.rules.reading import Reading

_FUNCTIONS = {"distinct": "count(DISTINCT {})"}

__all__ = ["draft_by_rules", "end_name", "plan_by_rules", "value_name"]


def plan_by_rules(reading: Reading) -> ChartPlan:
    """Return the plan of a question that was read."""
    columns = [label for label in (reading.measure, reading.dimension) if label is not None]
    drawing = {"by": "bar", "steps": "bar", "time": "line", "distribution": "bar", "against": "point"}[reading.shape]
    return ChartPlan(goal=_title(reading), columns=columns, drawing=f"{drawing}, by fixed rules")


def draft_by_rules(reading: Reading) -> ChartDraft:
    """Return the query and the drawing of a question that was read."""
    table = quoted(reading.table)
    function = _FUNCTIONS.get(reading.how, f"{reading.how}({{}})")
    value = "count(*)" if reading.measure is None else function.format(quoted(reading.measure))
    name = value_name(reading)
    dimension = quoted(reading.dimension)
    if reading.shape == "against":
        measure = quoted(reading.measure or "")
        query = (
            f"SELECT {measure}, {dimension} FROM {table} "  # noqa: S608 - quoted
            f"WHERE {measure} IS NOT NULL AND {dimension} IS NOT NULL"
        )
        if reading.every > 1:
            query += f" QUALIFY row_number() OVER () % {reading.every} = 0"
        channels = {"x": _channel(reading.dimension, "quantitative"), "y": _channel(reading.measure, "quantitative")}
        channels = {axis: {**channel, "scale": {"zero": False}} for axis, channel in channels.items()}
        return _draft(reading, query, "point", channels)
    if reading.shape == "distribution":
        end = end_name(reading)
        query = (
            f"SELECT {bin_edge(dimension, reading.width)} AS {dimension}, "  # noqa: S608 - quoted
            f"{bin_edge(dimension, reading.width, after=1)} AS {quoted(end)}, count(*) AS {quoted(name)} "
            f"FROM {table} WHERE isfinite(CAST({dimension} AS DOUBLE)) GROUP BY ALL ORDER BY ALL"
        )
        channels = {
            "x": {**_channel(reading.dimension, "quantitative"), "bin": "binned"},
            "x2": {"field": end},
            "y": _channel(name, "quantitative"),
        }
        return _draft(reading, query, "bar", channels)
    if reading.shape in ("time", "steps"):
        over_time = reading.shape == "time"
        group = f"date_trunc('{reading.unit}', {dimension}) AS {dimension}" if over_time else dimension
        query = (
            f"SELECT {group}, {value} AS {quoted(name)} FROM {table} "  # noqa: S608 - quoted
            f"WHERE {dimension} IS NOT NULL GROUP BY 1 ORDER BY 1"
        )
        kind, mark = ("temporal", "line") if over_time else ("ordinal", "bar")
        channels = {"x": _channel(reading.dimension, kind), "y": _channel(name, "quantitative")}
        return _draft(reading, query, mark, channels)
    order = "DESC" if reading.descending else "ASC"
    limit = f" LIMIT {reading.top}" if reading.top else ""
    query = (
        f"SELECT {dimension}, {value} AS {quoted(name)} FROM {table} "  # noqa: S608 - quoted
        f"WHERE {dimension} IS NOT NULL GROUP BY 1 ORDER BY 2 {order} NULLS LAST, 1{limit}"
    )
    sort = "-x" if reading.descending else "x"
    channels = {"y": {**_channel(reading.dimension, "nominal"), "sort": sort}, "x": _channel(name, "quantitative")}
    return _draft(reading, query, "bar", channels)


def value_name(reading: Reading) -> str:
    """Return the name of the computed column; never the dimension's own."""
    words = {"sum": "total", "avg": "average"}
    name = "count" if reading.measure is None else f"{words.get(reading.how, reading.how)} {reading.measure}"
    return f"{name} of rows" if name.casefold() == reading.dimension.casefold() else name


def end_name(reading: Reading) -> str:
    """Return the name of the column that has the end of each bin; none of the others has it."""
    return f"up to {reading.dimension}"


def _channel(field: str | None, kind: str) -> dict[str, Any]:
    return {"field": field, "type": kind, "title": (field or "").replace("_", " ")}


def _draft(reading: Reading, query: str, mark: str, channels: dict[str, Any]) -> ChartDraft:
    title = _title(reading)
    more = f" A row is taken for one of the {reading.counted!r}." if reading.counted else ""
    if reading.of_several:
        more += f" The table is {reading.table!r}."
    if reading.shape == "time":
        more += f" The time is {reading.dimension!r}."
    if reading.missing:
        more += f" {reading.missing:,} row{'s' * (reading.missing > 1)} without {reading.dimension!r} left out."
    return ChartDraft(
        query=query,
        spec={"title": title, "mark": mark, "encoding": channels},
        explanation=f"{title}, computed by fixed rules.{more}",
    )


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
