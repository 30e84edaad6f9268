"""What fixed rules plan, query and draw for a question that they have read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .bins import bin_edge
from .sandbox import quoted
from .schemas import ChartDraft, ChartPlan

if TYPE_CHECKING:
    from .rules import Reading

__all__ = ["MOST_POINTS", "draft_by_rules", "end_name", "plan_by_rules", "value_name"]

MOST_POINTS = 5000
"""Points that are drawn, of two numbers against each other."""


def plan_by_rules(reading: Reading) -> ChartPlan:
    """Return the plan of a question that was read."""
    columns = [label for label in (reading.measure, reading.dimension) if label is not None]
    drawing = {"by": "bar", "time": "line", "distribution": "bar", "against": "point"}[reading.shape]
    return ChartPlan(goal=_title(reading), columns=columns, drawing=f"{drawing}, by fixed rules")


def draft_by_rules(reading: Reading) -> ChartDraft:
    """Return the query and the drawing of a question that was read."""
    table, title = quoted(reading.table), _title(reading)
    value = "count(*)" if reading.measure is None else f"{reading.how}({quoted(reading.measure)})"
    name = value_name(reading)
    dimension = quoted(reading.dimension or "")
    if reading.shape == "against":
        measure = quoted(reading.measure or "")
        query = (
            f"SELECT {measure}, {dimension} FROM {table} "  # noqa: S608 - quoted
            f"WHERE {measure} IS NOT NULL AND {dimension} IS NOT NULL LIMIT {MOST_POINTS}"
        )
        channels = {"x": _channel(reading.measure, "quantitative"), "y": _channel(reading.dimension, "quantitative")}
        channels = {axis: {**channel, "scale": {"zero": False}} for axis, channel in channels.items()}
        return _draft(query, "point", channels, title)
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
        return _draft(query, "bar", channels, title)
    if reading.shape == "time":
        query = (
            f"SELECT date_trunc('{reading.unit}', {dimension}) AS {dimension}, {value} AS {quoted(name)} "  # noqa: S608 - quoted
            f"FROM {table} WHERE {dimension} IS NOT NULL GROUP BY 1 ORDER BY 1"
        )
        channels = {"x": _channel(reading.dimension, "temporal"), "y": _channel(name, "quantitative")}
        return _draft(query, "line", channels, title)
    order = "DESC" if reading.descending else "ASC"
    limit = f" LIMIT {reading.top}" if reading.top else ""
    query = (
        f"SELECT {dimension}, {value} AS {quoted(name)} FROM {table} "  # noqa: S608 - quoted
        f"WHERE {dimension} IS NOT NULL GROUP BY 1 ORDER BY 2 {order} NULLS LAST, 1{limit}"
    )
    sort = "-x" if reading.descending else "x"
    channels = {"y": {**_channel(reading.dimension, "nominal"), "sort": sort}, "x": _channel(name, "quantitative")}
    return _draft(query, "bar", channels, title)


def value_name(reading: Reading) -> str:
    """Return the name of the computed column; never the dimension's own."""
    words = {"sum": "total", "avg": "average"}
    name = "count" if reading.measure is None else f"{words.get(reading.how, reading.how)} {reading.measure}"
    return f"{name} of rows" if name == reading.dimension else name


def end_name(reading: Reading) -> str:
    """Return the name of the column that has the end of each bin; none of the others has it."""
    return f"up to {reading.dimension}"


def _channel(field: str | None, kind: str) -> dict[str, Any]:
    return {"field": field, "type": kind, "title": (field or "").replace("_", " ")}


def _draft(query: str, mark: str, channels: dict[str, Any], title: str) -> ChartDraft:
    spec = {"title": title, "mark": mark, "encoding": channels}
    return ChartDraft(query=query, spec=spec, explanation=f"{title}, computed by fixed rules.")


def _title(reading: Reading) -> str:
    dimension, name = (reading.dimension or "").replace("_", " "), value_name(reading).replace("_", " ")
    if reading.shape == "against":
        text = f"{(reading.measure or '').replace('_', ' ')} against {dimension}"
    elif reading.shape == "distribution":
        text = f"distribution of {dimension}"
    elif reading.shape == "time":
        text = f"{name} per {reading.unit}"
    else:
        first = f"{'top' if reading.descending else 'bottom'} {reading.top} {dimension} by" if reading.top else ""
        text = f"{first} {name}".strip() if reading.top else f"{name} by {dimension}"
    return text[:1].upper() + text[1:]
