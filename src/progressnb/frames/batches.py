"""The items of a batch as DataFrames: rows in, and what became of each out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pandas as pd

from progressnb.errors import InputError
from progressnb.frames.columns import typed_frame

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

__all__ = ["item_stages_frame", "items_frame", "rows_of"]


def rows_of(frame: Any, optional: Collection[str]) -> tuple[list[object], pd.Index[Any]]:  # noqa: ANN401 - a DataFrame
    """Return the rows of a DataFrame as arguments by name, with its index.

    A missing cell leaves an optional argument out. Numbers of NumPy become numbers of Python.
    """
    table = cast("pd.DataFrame", frame)
    columns: list[object] = list(table.columns)
    if not all(isinstance(name, str) for name in columns) or len(set(columns)) != len(columns):
        raise InputError(
            "a DataFrame whose columns are names of parameters, each once",
            ", ".join(map(repr, columns)),
            'Choose and name them: frame[["topic", "words"]].',
        )
    missing = table.isna().to_numpy()
    rows: list[object] = [
        {
            name: value
            for (name, value), is_missing in zip(row.items(), gone, strict=True)
            if not (is_missing and name in optional)
        }
        for row, gone in zip(table.to_dict("records"), missing, strict=True)
    ]
    return rows, table.index


_DTYPES = {
    **dict.fromkeys(("attempts", "input_tokens", "output_tokens"), "Int64"),
    **dict.fromkeys(("cost", "duration"), "float64"),
}


def items_frame(columns: Mapping[str, Sequence[object]], labels: Any) -> pd.DataFrame:  # noqa: ANN401 - an index, or None
    """Return one row an item, with the index of the DataFrame that the items came from, else their positions."""
    made = {name: _column(name, values) for name, values in columns.items()}
    count = len(next(iter(columns.values()), ()))
    index = labels[:count] if labels is not None else pd.RangeIndex(count, name="item")
    frame = pd.DataFrame(made)
    frame.index = index
    return frame


def item_stages_frame(rows: Sequence[tuple[object, ...]], names: Sequence[str]) -> pd.DataFrame:
    """Return one row a stage of an item, with the item and the path of the stage as its index."""
    made = {name: _column(name, [row[place] for row in rows]) for place, name in enumerate(names)}
    return pd.DataFrame(made).set_index(["item", "stage"])


def _column(name: str, values: Sequence[object]) -> pd.Series[Any]:
    if name in _DTYPES:
        return typed_frame({name: values}, _DTYPES)[name]
    cells = np.empty(len(values), dtype=object)
    for place, value in enumerate(values):  # a list would be taken for several values
        cells[place] = value
    column: pd.Series[Any] = pd.Series(cells)
    known = [value for value in values if value is not None]
    if len(known) < len(values) and any(isinstance(value, int) for value in known):
        return column  # whole numbers beside a missing one stay whole
    return column.infer_objects()
