"""A percent as a number from 0 to 100, and the check of one that code reports."""

from __future__ import annotations

from numbers import Real
from typing import TypeGuard

from progressnb.errors import InvalidProgressError

__all__ = ["FULL", "checked_percent", "is_number"]

FULL = 100.0


def is_number(value: object) -> TypeGuard[float]:
    """Return whether a value is a real number; NumPy's are, a bool is not."""
    return not isinstance(value, bool) and isinstance(value, Real)


def checked_percent(value: object) -> float:
    """Return a percent, 0–100, as a float; raise `InvalidProgressError` for any other value."""
    if type(value) is float and 0.0 <= value <= FULL:  # nearly always
        return value
    if not is_number(value):
        raise InvalidProgressError("a percent as a number from 0 to 100", repr(value), "Pass None if it is unknown.")
    if not 0 <= value <= FULL:  # NaN is not, either
        raise InvalidProgressError(
            "a percent from 0 to 100", repr(value), "Pass 100 * done / total, or None if it is unknown."
        )
    return float(value)
