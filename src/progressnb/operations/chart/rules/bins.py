"""Bins of a distribution: a round width, and edges that SQL and pandas compute alike."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["bin_edge", "bin_starts", "bin_width"]

_MOST = 20
"""Bins that a distribution has at most, about."""

_FAR = 0.01
"""The share of values on either side that may be far from the others."""

_FLAT = 3
"""The number of times that far values may be as far as all others."""

_MOST_FINE = 200
"""The number of times that there may be more bins because of far values."""

_DIGITS = 6
"""Decimals of a value in bins. A value this near to an edge counts as on it, whatever binary fractions make of it."""


def bin_width(column: pd.Series[Any]) -> float:
    """Return the smallest of 1, 2 and 5 times a power of ten that makes about twenty bins at most.

    The width is at least 1 for a column of whole numbers.
    """
    values = column.dropna().to_numpy(dtype=float)
    values = values[np.isfinite(values)]
    # Divided first: the difference of two huge numbers may be more than a float holds.
    width = float(values.max() / _MOST - values.min() / _MOST) if values.size else 0.0
    low, high = np.quantile(values, (_FAR, 1 - _FAR)) if values.size else (0.0, 0.0)
    middle = float(high / _MOST - low / _MOST)
    if width > _FLAT * middle > 0:  # a few far values would put all others into one bin
        width = max(middle, width / _MOST_FINE)
    if not width:
        return 1
    power = math.floor(math.log10(width))
    round_width = next(step * 10.0**power for step in (1, 2, 5, 10) if step * 10.0**power >= width * (1 - 1e-9))
    return max(round_width, 1) if bool((values == np.floor(values)).all()) else round_width


def bin_edge(column: str, width: float, *, after: int = 0) -> str:
    """Return SQL for the start of a value's bin, or of the bin so many places `after` it."""
    value = f"CAST({column} AS DOUBLE)"
    if width >= 1:
        count, scale = f"floor({value} / {width:.0f})", f"* {width:.0f}"
    else:
        count, scale = f"floor(round({value} * {_parts(width)}, {_DIGITS}))", f"/ {_parts(width)}"
    return f"({count} + {after}) {scale}" if after else f"{count} {scale}"


def bin_starts(column: pd.Series[Any], width: float) -> pd.Series[Any]:
    """Return the start of each value's bin."""
    values = column.astype(float)
    if width >= 1:
        return (values / width).map(math.floor).astype(float) * width
    return (values * _parts(width)).round(_DIGITS).map(math.floor).astype(float) / _parts(width)


def _parts(width: float) -> int:
    """Return the number of bins in 1. Dividing by 10 is exact where multiplying by 0.1 is not."""
    return round(1 / width)
