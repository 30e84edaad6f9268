"""The shapes of plain JSON data, for values of which nothing is known."""

from __future__ import annotations

import math
from typing import Any, TypeGuard

__all__ = ["added", "is_described", "is_dict", "is_list", "is_nothing", "is_number"]

_LONGEST = 1_000  # bits of a whole number, which then fits into a float
_DECIMALS = 12  # of US dollars: a thousandth of the least price of a token; clocks have nine, of seconds


def is_dict(value: object) -> TypeGuard[dict[str, Any]]:
    """Tell whether a value is an object of JSON."""
    return isinstance(value, dict)


def is_list(value: object) -> TypeGuard[list[Any]]:
    """Tell whether a value is a list."""
    return isinstance(value, list)


def is_number(value: object) -> TypeGuard[int | float]:
    """Tell whether a value is a number that can be shown: finite, and not of hundreds of digits."""
    if isinstance(value, float):
        return math.isfinite(value)
    return isinstance(value, int) and not isinstance(value, bool) and value.bit_length() <= _LONGEST


def added(total: float, amount: float) -> float:
    """Add amounts as people do: 0.1 and 0.2 are 0.3, where floating point gives 0.30000000000000004.

    Whole numbers stay whole. What is below a millionth of a millionth was measured by nobody.
    """
    return round(total + amount, _DECIMALS)


def is_nothing(value: object) -> bool:
    """Tell whether a value is null, or a text, a list or an object with nothing in it."""
    return value is None or value == "" or value == [] or value == {}  # noqa: PLR1714 - a list can't be hashed


def is_described(value: object) -> TypeGuard[dict[str, str]]:
    """Tell whether a value is the description of an object that JSON has no form for."""
    return is_dict(value) and value.keys() == {"type", "repr"} and all(isinstance(text, str) for text in value.values())
