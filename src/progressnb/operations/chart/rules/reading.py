"""The parsed form of a question."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

__all__ = ["Aggregate", "Reading", "Shape"]

Aggregate: TypeAlias = Literal["sum", "avg", "count", "min", "max", "median", "distinct"]
"""The functions that are computed of a column, by their names in SQL; `distinct` counts different values."""

Shape: TypeAlias = Literal["by", "steps", "time", "distribution", "against"]
"""The shape of a chart.

`by` has a value for each group of a text, `steps` for each value of a number, `time` for each unit of time.
`distribution` has the bins of a number, `against` the points of two numbers.
"""


@dataclass(frozen=True)
class Reading:
    """A parsed question, in terms of one table."""

    shape: Shape
    table: str
    measure: str | None
    """The column that is computed; None where rows are counted."""
    dimension: str
    """The column of groups, times or bins; of two numbers against each other, the one on x."""
    aggregate: Aggregate = "count"
    unit: str = "month"
    """The unit of time that groups are made of."""
    top: int | None = None
    """The number of groups that are drawn; None for all."""
    descending: bool = True
    """Whether the highest values come first."""
    groups: int = 0
    """The number of groups that there are, where not all are drawn though all were asked for; else 0."""
    bin_width: float = 1
    """The width of a bin of a distribution, in the column's unit."""
    every: int = 1
    """One row in so many is drawn."""
    missing: int = 0
    """The number of rows that are left out, for they have no value to group by."""
    of_several: bool = False
    """Whether there are other tables."""
    counted: str = ""
    """The question's noun for a row, such as "orders"; empty where it has none."""
