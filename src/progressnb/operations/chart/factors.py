"""The different values of a column of text, and which of them each row has.

What is done with the values once is not done for each of millions of rows. The work is cut in pieces: pandas holds
Python's lock while it looks at objects, and a notebook has to go on meanwhile.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Factors", "factors_of", "is_text", "pieces"]

PIECE = 100_000
"""Rows that are looked at in one go."""

MOST = 0.5
"""The share of different values from which on a column's values are taken as all different."""


class Factors(NamedTuple):
    """The values of a column and the place of each row's among them, -1 for none; all are texts."""

    texts: list[str]
    codes: Any
    are_few: bool
    """Whether values repeat; else each row has its own, though it may be that of another row too."""

    @property
    def counts(self) -> Any:  # noqa: ANN401 - an array of NumPy
        """The number of rows that have each value."""
        return np.bincount(self.codes + 1, minlength=len(self.texts) + 1)[1:]


def pieces(column: pd.Series[Any]) -> Iterator[pd.Series[Any]]:
    """Yield a column in pieces."""
    for first in range(0, len(column), PIECE):
        yield column.iloc[first : first + PIECE]


def is_text(column: pd.Series[Any]) -> bool:
    """Tell whether all values of a column are texts, missing ones aside."""
    if isinstance(column.dtype, pd.StringDtype):
        return True
    return {pd.api.types.infer_dtype(each, skipna=True) for each in pieces(column)} <= {"string", "empty"}


def factors_of(column: pd.Series[Any]) -> Factors:
    """Return the factors of a column of texts."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        used = column.cat.remove_unused_categories().cat
        return Factors([_plain_text(each) for each in used.categories], used.codes.to_numpy(), are_few=True)
    places: dict[str, int] = {}
    parts: list[Any] = []
    seen = 0
    for piece in pieces(column):
        codes, found = cast("tuple[Any, Any]", pd.factorize(piece))
        known = [places.setdefault(_plain_text(each), len(places)) for each in found]
        parts.append(np.append(np.asarray(known, dtype="int32"), np.int32(-1))[codes])
        seen += len(piece)
        if seen > PIECE and len(places) > MOST * seen:
            return _all_different(column)
    return Factors(list(places), np.concatenate(parts) if parts else np.zeros(0, "int32"), are_few=True)


def _all_different(column: pd.Series[Any]) -> Factors:
    values: list[str] = []
    here: list[Any] = []
    for piece in pieces(column):
        there = piece.notna().to_numpy()
        here.append(there)
        values += map(_plain_text, piece.to_numpy()[there])
    present = np.concatenate(here)
    codes = np.full(len(column), -1, dtype="int32")
    codes[present] = np.arange(len(values), dtype="int32")
    return Factors(values, codes, are_few=False)


def _plain_text(value: Any) -> str:  # noqa: ANN401 - a text of any class
    """Return a text of Python's own class: one of the notebook is unknown in the query's process."""
    return str.__str__(value.value) if isinstance(value, Enum) else str.__str__(value)
