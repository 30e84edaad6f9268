"""Numbers between limits: the nearest to zero."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from progressnb.operations.testcases.spec.json_schema import Schema

__all__ = ["number_of"]


_GREATEST = 10**300
"""The greatest number that is written with a fraction."""


def number_of(schema: Schema) -> int | float | None:
    """Return the number nearest to zero that fits the limits and `multipleOf` of a schema, or None."""
    is_whole = schema.get("type") == "integer"
    low, above = _limit(schema, "minimum", "exclusiveMinimum", max)
    high, below = _limit(schema, "maximum", "exclusiveMaximum", min)
    step = _exact(schema.get("multipleOf"))
    if is_whole:
        # A multiple k·p/q is a whole number where q divides k.
        step = Fraction(step.numerator) if step else Fraction(1)
    number = _multiple(step or Fraction(1), low, high, above=above, below=below)
    if number is None and step is None and low is not None and high is not None and low < high:
        number = (low + high) / 2
    if number is None:
        return None
    return int(number) if is_whole or abs(number) > _GREATEST else float(number)


def _multiple(
    step: Fraction, low: Fraction | None, high: Fraction | None, *, above: bool, below: bool
) -> Fraction | None:
    """Return the multiple nearest to zero between two limits; `above` and `below` say that a limit itself is out."""
    least = None if low is None else (math.floor(low / step) + 1 if above else math.ceil(low / step))
    most = None if high is None else (math.ceil(high / step) - 1 if below else math.floor(high / step))
    if least is not None and most is not None and least > most:
        return None
    count = 0
    if least is not None:
        count = max(count, least)
    if most is not None:
        count = min(count, most)
    return count * step


def _limit(schema: Schema, inclusive: str, exclusive: str, narrower: Any) -> tuple[Fraction | None, bool]:  # noqa: ANN401 - min or max
    """Return the limit on one side, and whether it is itself out."""
    one, other = _exact(schema.get(inclusive)), _exact(schema.get(exclusive))
    if one is None or other is None:
        return (one, False) if other is None else (other, True)
    return narrower(one, other), narrower(one, other) == other


def _exact(value: object) -> Fraction | None:
    """Return a number as it is written, so that 0.1 is a tenth; None for what is none, or has no end."""
    if isinstance(value, float):
        return Fraction(str(value)) if math.isfinite(value) else None
    return Fraction(value) if isinstance(value, int) and not isinstance(value, bool) else None
