"""The parsed form of a question."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

__all__ = ["Aggregate", "Computed", "Filter", "Measured", "Reading", "Shape"]

Aggregate: TypeAlias = Literal["sum", "avg", "count", "min", "max", "median", "std", "corr", "distinct", "rate", "any"]
"""The functions that are computed of a column, by their names in SQL.

`std` is the standard deviation of a sample, `corr` Pearson's correlation with another column, `distinct` counts
different values, `rate` is the percent of rows that say yes, and `any` the value of a group that has
one row.
"""

Shape: TypeAlias = Literal["by", "steps", "time", "distribution", "against", "number"]
"""The shape of a chart.

`by` has a value for each group of a text, `steps` for each value of a number, `time` for each unit of time.
`distribution` has the bins of a number, `against` the points of two numbers, `number` is one number.
"""

Computed: TypeAlias = Literal["", "share", "running", "change", "growth"]
"""Values made of others: percents of their total, running totals, differences or percents from the one before."""

Operator: TypeAlias = Literal["=", "!=", ">", ">=", "<", "<=", "in", "not in", "year", "month", "weekend"]


@dataclass(frozen=True)
class Filter:
    """A condition that rows fulfil: a column, a comparison, and a value, or several for `in` and `not in`.

    Of `year` and `month` the value is a comparison with a number: `("=", 2012)`. Of `weekend` it is whether it is one.
    """

    column: str
    operator: Operator
    value: Any


@dataclass(frozen=True)
class Measured:
    """A further measure: a column and its aggregate."""

    column: str
    aggregate: Aggregate


@dataclass(frozen=True)
class Reading:
    """A parsed question, in terms of one table."""

    shape: Shape
    table: str
    measure: str | None
    """The column that is computed; None where rows are counted."""
    dimension: str
    """The column of groups, times or bins; of two numbers against each other, the one on x; empty for one number."""
    aggregate: Aggregate = "count"
    unit: str = "month"
    """The unit of time that groups are made of, or `weekday`, `month of year` or `hour`."""
    top: int | None = None
    """The number of groups that are drawn; None for all."""
    descending: bool = True
    """Whether the highest values come first."""
    groups: int = 0
    """The number of groups that there are, where not all are drawn though all were asked for; else 0."""
    bin_width: float = 0
    """The width of a bin of a distribution, in the column's unit; 0 for one that the values give."""
    partner: str = ""
    """The column with which `corr` is computed."""
    is_within: bool = False
    """Whether `top` is the number of groups that are drawn of each value of `color`."""
    every: int = 1
    """One row in so many is drawn."""
    missing: int = 0
    """The number of rows that are left out, for they have no value to group by."""
    of_several: bool = False
    """Whether there are other tables."""
    counted: str = ""
    """The question's noun for a row, such as "orders"; empty where it has none."""
    color: str | None = None
    """The column of a second group, drawn as colours."""
    filters: tuple[Filter, ...] = ()
    """Conditions that each row fulfils."""
    others: tuple[Measured, ...] = ()
    """Further measures, drawn beside the first."""
    computed: Computed = ""
    """The values that are computed of those of the query."""
    yes: Any = None
    """Of the aggregate `rate`, the value that counts."""
    mark: str = ""
    """The mark that the question asks for; empty for the usual one."""
    assumed: tuple[str, ...] = ()
    """Sentences about what the question does not say and rules assumed."""
