"""The SQL of a parsed question."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from progressnb.operations.chart.query.sql import quoted, quoted_text
from progressnb.operations.chart.rules.bins import bin_edge
from progressnb.operations.chart.rules.names import VALUE, WHICH, base_name, end_name, value_name

if TYPE_CHECKING:
    from progressnb.operations.chart.rules.reading import Filter, Reading

__all__ = ["statement"]

_FUNCTIONS = {"std": "stddev_samp({})", "distinct": "count(DISTINCT {})", "any": "any_value({})"}
_TIMES = {"weekday": "dayname({})", "month of year": "monthname({})", "hour": "hour({})"}


def statement(reading: Reading) -> str:
    """Return the one SELECT that computes a reading."""
    if reading.shape == "against":
        return _points(reading)
    if reading.shape == "distribution":
        return _bins(reading)
    if reading.others:
        return _several(reading)
    query = _groups(
        reading, _value(reading.aggregate, reading.measure, reading.yes, reading.partner), base_name(reading)
    )
    if reading.is_within:
        return _top_of_each(reading, query)
    return _computed(reading, query) if reading.computed else f"{query}{_order(reading)}"


def _points(reading: Reading) -> str:
    labels = [reading.measure or "", reading.dimension, *([reading.color] if reading.color else [])]
    present = [f"{quoted(label)} IS NOT NULL" for label in labels]
    query = f"SELECT {', '.join(map(quoted, labels))} FROM {quoted(reading.table)}{_where(reading, present)}"  # noqa: S608 - quoted
    return f"{query} QUALIFY row_number() OVER () % {reading.every} = 0" if reading.every > 1 else query


def _bins(reading: Reading) -> str:
    dimension, width = quoted(reading.dimension), reading.bin_width
    finite = [f"isfinite(CAST({dimension} AS DOUBLE))"]
    return (
        f"SELECT {bin_edge(dimension, width)} AS {dimension}, "  # noqa: S608 - quoted
        f"{bin_edge(dimension, width, after=1)} AS {quoted(end_name(reading))}, "
        f"count(*) AS {quoted(value_name(reading))} "
        f"FROM {quoted(reading.table)}{_where(reading, finite)} GROUP BY ALL ORDER BY ALL"
    )


def _keys(reading: Reading) -> list[str]:
    if not reading.dimension:
        return []
    dimension = quoted(reading.dimension)
    key = dimension
    if reading.shape == "time":
        part = _TIMES.get(reading.unit, f"date_trunc('{reading.unit}', {{}})").format(dimension)
        key = f"{part} AS {dimension}"
    return [key, *([quoted(reading.color)] if reading.color else [])]


def _groups(reading: Reading, value: str, name: str) -> str:
    keys = _keys(reading)
    labels = [label for label in (reading.dimension, reading.color) if label]
    present = [f"{quoted(label)} IS NOT NULL" for label in labels]
    query = f"SELECT {', '.join([*keys, f'{value} AS {quoted(name)}'])} FROM {quoted(reading.table)}"  # noqa: S608 - quoted
    by = f" GROUP BY {', '.join(str(at) for at in range(1, len(keys) + 1))}" if keys else ""
    return f"{query}{_where(reading, present)}{by}"


def _several(reading: Reading) -> str:
    """Return SQL with a row a measure, so that they can be drawn side by side."""
    measures = [(reading.measure or "", reading.aggregate), *((each.column, each.aggregate) for each in reading.others)]
    parts: list[str] = []
    for column, aggregate in measures:
        query = _groups(reading, _value(aggregate, column, None), VALUE)
        name = quoted_text(base_name(reading, column, aggregate))
        head = f"SELECT {quoted(reading.dimension)}, " if reading.dimension else "SELECT "
        parts.append(f"{head}{name} AS {quoted(WHICH)}, {quoted(VALUE)} FROM ({query})")
    return f"{' UNION ALL '.join(parts)} ORDER BY ALL"


def _computed(reading: Reading, query: str) -> str:
    base, name = quoted(base_name(reading)), quoted(value_name(reading))
    keys = [quoted(label) for label in (reading.dimension, reading.color) if label]
    over = f"PARTITION BY {keys[1]} ORDER BY {keys[0]}" if len(keys) > 1 else f"ORDER BY {keys[0]}"
    before = f"lag({base}) OVER ({over})"
    made = {
        "share": f"100.0 * {base} / sum({base}) OVER ()",
        "running": f"sum({base}) OVER ({over} ROWS UNBOUNDED PRECEDING)",
        "change": f"{base} - {before}",
        "growth": f"100.0 * ({base} - {before}) / nullif({before}, 0)",
    }[reading.computed]
    return f"SELECT {', '.join(keys)}, {made} AS {name} FROM ({query}){_order(reading)}"  # noqa: S608 - quoted


def _top_of_each(reading: Reading, query: str) -> str:
    """Return SQL for the top groups of each value of the second group."""
    name, outer = quoted(base_name(reading)), quoted(reading.color or "")
    order = f"{name} {'DESC' if reading.descending else 'ASC'} NULLS LAST, {quoted(reading.dimension)}"
    return (
        f"SELECT * FROM ({query}) QUALIFY row_number() OVER (PARTITION BY {outer} ORDER BY {order}) <= {reading.top} "  # noqa: S608
        f"ORDER BY {outer}, {order}"
    )


def _order(reading: Reading) -> str:
    if reading.shape == "number":
        return ""
    if reading.shape != "by" or reading.color:
        return " ORDER BY ALL"
    order = "DESC" if reading.descending else "ASC"
    return f" ORDER BY 2 {order} NULLS LAST, 1" + (f" LIMIT {reading.top}" if reading.top else "")


def _value(aggregate: str, measure: str | None, yes: Any = None, partner: str = "") -> str:  # noqa: ANN401 - a value
    if measure is None:
        return "count(*)"
    column = quoted(measure)
    if aggregate == "corr":
        return f"corr({column}, {quoted(partner)})"
    if aggregate == "rate":
        return f"100.0 * count(*) FILTER ({column} = {_literal(yes)}) / count({column})"
    return _FUNCTIONS.get(aggregate, f"{aggregate}({{}})").format(column)


def _where(reading: Reading, conditions: list[str]) -> str:
    found = [*map(_condition, reading.filters), *conditions]
    return f" WHERE {' AND '.join(found)}" if found else ""


def _condition(each: Filter) -> str:
    column = quoted(each.column)
    match each.operator:
        case "in" | "not in":
            return f"{column} {each.operator.upper()} ({', '.join(map(_literal, each.value))})"
        case "year" | "month":
            sign, number = each.value
            return f"{each.operator}({column}) {'<>' if sign == '!=' else sign} {number}"
        case "weekend":
            return f"isodow({column}) >= 6"
        case _:
            return f"{column} {'<>' if each.operator == '!=' else each.operator} {_literal(each.value)}"


def _literal(value: Any) -> str:  # noqa: ANN401 - a value of a column
    if isinstance(value, pd.Timestamp):
        return f"TIMESTAMP '{value.isoformat(sep=' ')}'"
    if isinstance(value, bool) or value.__class__.__name__ in ("bool_", "bool"):
        return "TRUE" if value else "FALSE"
    if hasattr(value, "item"):
        value = value.item()
    return repr(value) if isinstance(value, int | float) else quoted_text(str(value))
