"""The numbers of a loop: how many items there are, how many were done before, and its rate."""

from __future__ import annotations

import math
from operator import length_hint
from typing import Any, SupportsFloat, cast

from progressnb.errors import InvalidProgressError
from progressnb.tracking.percent import is_number

__all__ = ["count_of", "differ", "length_of", "plain_number"]

_RATE_NEWS = 0.1  # the share by which a rate must have changed to be written while no item is done


def length_of(iterable: object, total: float | None, initial: float = 0) -> float | None:
    """Return the number of items: the given total, else `initial` and the length of the iterable, or None.

    A table, such as a DataFrame, has as many rows as its length, and iterates over its columns.
    """
    if total is None:
        try:
            columns = getattr(iterable, "columns", None) if hasattr(iterable, "shape") else None
            hint = length_hint(iterable if columns is None else columns, -1)
        except Exception:  # noqa: BLE001 - a length that raises an error is unknown
            return None
        return initial + hint if hint >= 0 else None
    total = _checked(total, "a total of 0 or more", "Leave it out if it is unknown.")
    return total if math.isfinite(total) else None


def count_of(initial: float) -> float:
    """Return the number of items that were done before; raise `InvalidProgressError` for anything else."""
    initial = _checked(initial, "an initial count of 0 or more", "It is the number of items that were done before.")
    if not math.isfinite(initial):
        raise InvalidProgressError("a finite initial count", repr(initial), "Leave it out if it is unknown.")
    return initial


def _checked(value: object, expected: str, remedy: str) -> float:
    if not is_number(value) or not value >= 0:
        raise InvalidProgressError(expected, repr(value), remedy)
    return int(value) if math.isfinite(value) and value == int(value) else float(value)


def plain_number(value: object) -> Any:  # noqa: ANN401 - plain data or anything else
    """Return a number for what only looks like one, such as a tensor of one value."""
    if value is None or isinstance(value, bool | int | float | str) or not hasattr(value, "__float__"):
        return value
    try:
        return float(cast("SupportsFloat", value))
    except Exception:  # noqa: BLE001 - a tensor of several values
        return value


def differ(before: float | None, now: float | None) -> bool:
    """Return whether two rates differ by so much that it is worth an event."""
    if before is None or now is None:
        return before is not now
    return abs(now - before) > _RATE_NEWS * before
