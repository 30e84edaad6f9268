"""A chart by explicit arguments, without a question: which columns on x and y, which aggregate, colour and rows."""

from __future__ import annotations

import difflib
import math
import numbers
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeAlias, cast

import numpy as np

from progressnb.errors import InputError
from progressnb.operations.chart.rules.columns import Column
from progressnb.operations.chart.rules.finishing import finished
from progressnb.operations.chart.rules.reading import Filter, Measured, Reading
from progressnb.operations.chart.rules.selecting import group_keys, selected
from progressnb.operations.chart.rules.times import PERIODS, usual_unit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from progressnb.operations.chart.rules.reading import Aggregate, Operator, Shape

__all__ = ["Arguments", "Where", "explicit_reading"]

Where: TypeAlias = "Mapping[str, Any]"
"""Conditions on rows: columns with a value, a list of values, or a comparison such as `(">", 5)`."""

_AGGREGATES: dict[str, Aggregate] = {
    "sum": "sum", "total": "sum", "mean": "avg", "average": "avg", "avg": "avg", "median": "median", "min": "min",
    "max": "max", "std": "std", "count": "count", "distinct": "distinct", "nunique": "distinct",
}  # fmt: skip
_UNITS = (*PERIODS, "weekday", "hour")
_OPERATORS = ("=", "!=", ">", ">=", "<", "<=", "in", "not in")
_PAIR = 2


@dataclass(frozen=True)
class Arguments:
    """The explicit arguments of `chart`, as they were given."""

    x: str | None = None
    y: str | Sequence[str] | None = None
    aggregate: str | None = None
    color: str | None = None
    where: Where | None = None

    def __bool__(self) -> bool:
        """Whether any of them was given."""
        return any(each is not None for each in (self.x, self.y, self.aggregate, self.color, self.where))


def explicit_reading(given: Arguments, tables: Mapping[str, pd.DataFrame]) -> Reading:
    """Return the reading that explicit arguments stand for. Raises `InputError` where they don't fit the table."""
    if len(tables) != 1:
        raise InputError("one table for a chart by x and y", f"{len(tables)}", "Pass the table alone.")
    ((name, table),) = tables.items()
    return finished(_Given(given, name, table).reading(), table)


class _Given:
    """Arguments held against a table."""

    def __init__(self, given: Arguments, name: str, table: pd.DataFrame) -> None:
        self._given, self._name, self._table = given, name, table
        where: Any = given.where if given.where is not None else {}
        if not hasattr(where, "items"):
            raise InputError("conditions by columns", repr(where)[:80], 'Write where={"units": (">", 5)}.')
        self._filters = tuple(self._filter(label, value) for label, value in where.items())

    def reading(self) -> Reading:
        given = self._given
        listed: list[Any] = (
            list(given.y) if isinstance(given.y, list | tuple) else [given.y] if given.y is not None else []
        )
        measures = [self._column(each, "y") for each in dict.fromkeys(map(str, listed))]
        color = self._column(given.color, "color").label if given.color is not None else None
        if color is not None and given.x == color:
            raise InputError("another column for color than for x", repr(color))
        aggregate = self._aggregate()
        x, unit = self._x()
        if x is None:
            if not measures and aggregate == "count" and color is None:
                return Reading("number", self._name, None, "", filters=self._filters)
            if not measures or aggregate is None or color is not None:
                raise InputError(
                    "x, or y with an aggregate", "neither", 'Write x="region", or y="sales", aggregate="sum".'
                )
            return self._measured(Reading("number", self._name, None, "", filters=self._filters), measures, aggregate)
        if not measures:
            return self._counted(x, unit, color, aggregate)
        if aggregate is None and x.kind == "number" and len(measures) == 1 and measures[0].kind == "number":
            shape: Shape = "against"
            if not x.is_whole or self._repeats(x, unit, color):
                return Reading(shape, self._name, measures[0].label, x.label, color=color, filters=self._filters)
        if aggregate is None:
            if self._repeats(x, unit, color):
                got = f"several rows for one value of {x.label!r}"
                raise InputError("an aggregate", got, f"Write aggregate= one of {', '.join(_AGGREGATES)}.")
            aggregate = "any"
        return self._measured(self._grouped(x, unit, color), measures, aggregate)

    def _repeats(self, x: Column, unit: str, color: str | None) -> bool:
        """Whether a group has several rows, so that they need an aggregate."""
        rows = selected(self._table, self._filters)
        keys = [group_keys(rows[x.label], unit), *([rows[color]] if color else [])]
        return len(rows) > 0 and int(rows.groupby(keys, dropna=False, observed=True).size().max()) > 1

    def _counted(self, x: Column, unit: str, color: str | None, aggregate: Aggregate | None) -> Reading:
        if aggregate not in (None, "count"):
            raise InputError(f"y for the aggregate {aggregate!r}", "none", 'Write y="sales".')
        if x.kind == "number" and aggregate is None and color is None:
            return Reading("distribution", self._name, None, x.label, filters=self._filters)
        return self._grouped(x, unit, color)

    def _grouped(self, x: Column, unit: str, color: str | None) -> Reading:
        shape: Shape = "time" if unit else "steps" if x.kind == "number" else "by"
        return Reading(shape, self._name, None, x.label, unit=unit or "month", color=color, filters=self._filters)

    def _measured(self, reading: Reading, measures: list[Column], aggregate: Aggregate) -> Reading:
        wrong = [each for each in measures if each.kind != "number" and aggregate not in ("count", "distinct", "any")]
        if wrong:
            raise InputError(f"numbers for the aggregate {aggregate!r}", f"{wrong[0].label!r}, a {wrong[0].kind}")
        if aggregate == "count":
            return replace(reading, measure=None, aggregate="count")
        others = tuple(Measured(each.label, aggregate) for each in measures[1:])
        return replace(reading, measure=measures[0].label, aggregate=aggregate, others=others)

    def _aggregate(self) -> Aggregate | None:
        given = self._given.aggregate
        if given is None:
            return None
        if given not in _AGGREGATES:
            raise InputError(f"an aggregate of {', '.join(_AGGREGATES)}", repr(given))
        return _AGGREGATES[given]

    def _x(self) -> tuple[Column | None, str]:
        """Return the column on x, and of times the unit: "month(date)"."""
        given = self._given.x
        if given is None:
            return None, ""
        called = re.fullmatch(r"(\w+)\((.+)\)", str(given))
        if called is None or given in self._table.columns:
            column = self._column(given, "x")
            return column, usual_unit(column.values) if column.kind == "time" else ""
        unit, column = called[1], self._column(called[2], "x")
        if unit not in _UNITS or column.kind != "time":
            raise InputError(f"a unit of {', '.join(_UNITS)}, of a column of times", repr(given))
        return column, unit

    def _column(self, label: object, role: str) -> Column:
        if not isinstance(label, str):
            raise InputError(f"the name of a column for {role}", repr(label))
        if label not in self._table.columns:
            close = difflib.get_close_matches(str(label), [str(each) for each in self._table.columns], 1)
            remedy = f"Did you mean {close[0]!r}?" if close else ""
            raise InputError(
                f"a column for {role}, one of {', '.join(map(str, self._table.columns))}", repr(label), remedy
            )
        return Column(str(label), self._table[label])

    def _filter(self, label: object, value: Any) -> Filter:  # noqa: ANN401 - whatever was passed
        column = self._column(label, "where")
        pair: tuple[Any, ...] = value if isinstance(value, tuple) else ()  # pyright: ignore[reportUnknownVariableType]
        values: list[Any] = list(cast("Any", value)) if isinstance(value, list | set | frozenset) else []
        if pair:
            operator = {"==": "=", "<>": "!="}.get(str(pair[0]), str(pair[0]))
            if len(pair) != _PAIR or operator not in _OPERATORS:
                raise InputError(
                    f"a comparison for {label!r}, of {', '.join(_OPERATORS)} and a value, or a list of values",
                    repr(cast("object", value)),
                )
            if operator not in ("in", "not in"):
                return Filter(column.label, cast("Operator", operator), self._value(column, pair[1]))
            values = list(cast("Any", pair[1])) if isinstance(pair[1], list | set | frozenset | tuple) else [pair[1]]
            kept = tuple(self._value(column, each) for each in values)
            return Filter(column.label, cast("Operator", operator), kept)
        if values:
            return Filter(column.label, "in", tuple(self._value(column, each) for each in values))
        return Filter(column.label, "=", self._value(column, value))

    @staticmethod
    def _value(column: Column, value: Any) -> Any:  # noqa: ANN401 - a value of a column
        """Return a value that can be compared with those of a column. Raises `InputError` for any other."""
        import pandas as pd

        if column.kind != "time":
            is_number = not isinstance(value, bool) and isinstance(value, numbers.Real) and not math.isnan(value)
            expected = {"number": "a number", "flag": "True or False", "text": "a text"}[column.kind]
            fits = {"number": is_number, "flag": isinstance(value, bool | np.bool_), "text": isinstance(value, str)}
            if not fits[column.kind]:
                raise InputError(f"{expected} for {column.label!r}", repr(value))
            return value
        try:
            return pd.Timestamp(value)
        except (ValueError, TypeError):
            raise InputError(f"a time for {column.label!r}", repr(value), 'Write "2024-05-31".') from None
