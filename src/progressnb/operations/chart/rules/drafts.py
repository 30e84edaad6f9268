"""The plan, the query and the drawing of a parsed question."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from progressnb.operations.chart.rules.lexicon import MONTHS, WEEKDAYS
from progressnb.operations.chart.rules.names import VALUE, WHICH, end_name, filter_words, title, value_name, value_title
from progressnb.operations.chart.rules.statements import statement
from progressnb.operations.chart.rules.words import parts_of
from progressnb.operations.chart.schemas import ChartDraft, ChartPlan

if TYPE_CHECKING:
    from progressnb.operations.chart.rules.reading import Reading, Shape

__all__ = ["draft_by_rules", "plan_by_rules", "remarks"]

_MARKS: dict[Shape, str] = {
    "by": "bar",
    "steps": "bar",
    "time": "line",
    "distribution": "bar",
    "against": "point",
    "number": "text",
}
_ORDERS = {"weekday": WEEKDAYS, "month of year": MONTHS}


def plan_by_rules(reading: Reading) -> ChartPlan:
    """Return the plan for a parsed question."""
    labels = (reading.measure, *(each.column for each in reading.others), reading.dimension, reading.color)
    columns = [label for label in labels if label]
    return ChartPlan(goal=title(reading), columns=columns, drawing=f"{_mark(reading)}, by fixed rules")


def draft_by_rules(reading: Reading) -> ChartDraft:
    """Return the query and the drawing for a parsed question."""
    spec: dict[str, Any] = {"title": title(reading), "mark": _mark(reading), "encoding": _channels(reading)}
    if reading.is_within:
        spec["resolve"] = {"scale": {"y": "independent"}}
    explanation = f"{title(reading)}, computed by fixed rules. {' '.join(remarks(reading))}".strip()
    return ChartDraft(query=statement(reading), spec=spec, explanation=explanation)


def _mark(reading: Reading) -> str:
    cyclic = reading.shape == "time" and reading.unit in ("weekday", "month of year", "hour")
    years = reading.shape == "steps" and reading.color is not None and "year" in parts_of(reading.dimension)
    return reading.mark or ("bar" if cyclic else "line" if years else _MARKS[reading.shape])


def _channels(reading: Reading) -> dict[str, Any]:
    name = VALUE if reading.others else value_name(reading)
    value = _channel(name, "quantitative")
    if not reading.others and reading.shape not in ("against", "number"):
        value["title"] = value_title(reading)
    color = WHICH if reading.others else reading.color
    colors = {"color": _channel(color, "nominal")} if color else {}
    match reading.shape:
        case "against":
            x, y = _channel(reading.dimension, "quantitative"), _channel(reading.measure, "quantitative")
            return {"x": {**x, "scale": {"zero": False}}, "y": {**y, "scale": {"zero": False}}, **colors}
        case "distribution":
            x = {**_channel(reading.dimension, "quantitative"), "bin": "binned"}
            return {"x": x, "x2": {"field": end_name(reading)}, "y": value}
        case "number":
            return {"text": value} if not reading.others else {"y": colors["color"], "text": value}
        case _ if reading.mark == "arc":
            return {"theta": value, "color": _channel(reading.dimension, "nominal")}
        case "by":
            return _bars(reading, value, colors)
        case _:
            x = _channel(reading.dimension, "temporal" if reading.shape == "time" else "ordinal")
            if reading.shape == "time" and reading.unit in ("weekday", "month of year", "hour"):
                order = [each.capitalize() for each in _ORDERS.get(reading.unit, [])]
                x = {**x, "type": "ordinal", **({"sort": order} if order else {})}
            side = {"xOffset": colors["color"]} if colors and _mark(reading) == "bar" and not _adds_up(reading) else {}
            return {"x": x, "y": value, **colors, **side}


def _bars(reading: Reading, value: dict[str, Any], colors: dict[str, Any]) -> dict[str, Any]:
    sort = "-x" if reading.descending else "x"
    # All groups come in the order that the query gives them, weekdays and the like in their own.
    chosen = reading.top is not None or not reading.descending
    y = {
        **_channel(reading.dimension, "nominal"),
        **({"sort": sort} if reading.is_within or (chosen and not colors) else {}),
    }
    if reading.is_within:
        return {"row": _channel(reading.color, "nominal"), "y": y, "x": value}
    side = {"yOffset": colors["color"]} if colors and not _adds_up(reading) else {}
    return {"y": y, "x": value, **colors, **side}


def _adds_up(reading: Reading) -> bool:
    """Tell whether bars of a group may stand on one another: only parts of a whole may."""
    return reading.aggregate in ("sum", "count") and not reading.others and reading.computed in ("", "share")


def _channel(field: str | None, kind: str) -> dict[str, Any]:
    return {"field": field, "type": kind}


def remarks(reading: Reading) -> list[str]:
    """Return sentences about what the chart leaves out and what the rules assumed; they stand below its title."""
    found = [f"Only where {' and '.join(map(filter_words, reading.filters))}."] if reading.filters else []
    found += [f"A row is taken for one of the {reading.counted!r}."] if reading.counted else []
    found += [f"The table is {reading.table!r}."] if reading.of_several else []
    found += [f"The time is {reading.dimension!r}."] if reading.shape == "time" else []
    found += reading.assumed
    if reading.missing:
        columns = " or ".join(repr(each) for each in (reading.dimension, reading.color) if each)
        found.append(f"{reading.missing:,} row{'s' * (reading.missing > 1)} without {columns} left out.")
    return found
