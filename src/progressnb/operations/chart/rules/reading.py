"""What a question asks for, once it is read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from progressnb.operations.chart.rules.words import How

__all__ = ["Reading", "Shape"]

Shape: TypeAlias = Literal["by", "steps", "time", "distribution", "against"]
"""Values by the groups of a text, by the steps of a number, over time; bins of a number; two numbers."""


@dataclass(frozen=True)
class Reading:
    """What a question asks for, in terms of a table."""

    shape: Shape
    table: str
    measure: str | None
    dimension: str
    how: How = "count"
    unit: str = "month"
    top: int | None = None
    descending: bool = True
    groups: int = 0
    """How many there are, where not all are drawn."""
    width: float = 1
    """How wide a bin of a distribution is."""
    every: int = 1
    """Of how many rows one is drawn."""
    missing: int = 0
    """How many rows have nothing to group by."""
    of_several: bool = False
    """Whether there are other tables."""
    counted: str = ""
    """What a row is taken for."""
