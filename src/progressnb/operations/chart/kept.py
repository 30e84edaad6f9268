"""The plain form of a DataFrame, kept as long as the DataFrame lives and is not changed.

Whether it has changed is seen in its memory: a checksum of each column's numbers, or of the addresses of its texts.
With pandas 3 these texts can't go meanwhile, since a shallow copy of the DataFrame keeps them; before, nothing is kept.
"""

from __future__ import annotations

import weakref
import zlib
from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["kept_plain"]

_COPIES_ON_WRITE = int(pd.__version__.partition(".")[0]) >= 3  # noqa: PLR2004
_PIECE = 50_000_000
"""Bytes that are summed up in one go."""


class _Kept(NamedTuple):
    source: weakref.ref[pd.DataFrame]
    same: pd.DataFrame
    marks: list[Any]
    plain: pd.DataFrame


_kept: dict[tuple[int, str], _Kept] = {}
_lock = Lock()


def kept_plain(name: str, table: pd.DataFrame, make: Callable[[str, pd.DataFrame], pd.DataFrame]) -> pd.DataFrame:
    """Return `make(name, table)`, or what it returned for the same DataFrame if that has not changed since."""
    if not _COPIES_ON_WRITE:
        return make(name, table)
    same = pd.DataFrame(table)  # shares its memory
    same.attrs = {}
    marks = _marks(same)
    if marks is None:
        return make(name, table)
    key = id(table), name
    with _lock:
        known = _kept.get(key)
    if known is not None and known.source() is table and known.marks == marks and _same_labels(known.same, table):
        return known.plain
    plain = make(name, same)
    if _marks(same) == marks:  # nobody wrote to it meanwhile
        with _lock:
            _kept[key] = _Kept(weakref.ref(table, lambda _: _kept.pop(key, None)), same, marks, plain)
    return plain


def _same_labels(one: pd.DataFrame, other: pd.DataFrame) -> bool:
    return one.columns.identical(other.columns) and one.index.identical(other.index)


def _marks(table: pd.DataFrame) -> list[Any] | None:
    """Return a mark of each column that changes with its values, or None where a column has values that can change."""
    marks: list[Any] = [len(table)]
    for at in range(len(table.columns)):
        mark = _mark(cast("Any", table).iloc[:, at])
        if mark is None:
            return None
        marks.append(mark)
    return marks


def _mark(column: Any) -> Any:  # noqa: ANN401 - a column of pandas, and numbers to compare
    kind, name = column.dtype, str(column.dtype)
    values: Any = column.array
    if isinstance(kind, pd.CategoricalDtype):
        # Categories are an index, which is never changed; the copy keeps it, so that its id is its own.
        return str(kind.ordered), id(column.dtype), _sum(column.cat.codes.to_numpy())
    if isinstance(kind, pd.ArrowDtype) or getattr(kind, "storage", "") == "pyarrow":
        buffers = (each for chunk in values.__arrow_array__().chunks for each in chunk.buffers())
        return name, [None if each is None else (each.address, each.size) for each in buffers]
    if isinstance(kind, pd.DatetimeTZDtype):
        return name, _sum(column.dt.tz_localize(None).to_numpy())
    if isinstance(kind, np.dtype | pd.StringDtype):
        if name == "object" and pd.api.types.infer_dtype(column, skipna=True) != "string":
            return None
        return name, _sum(column.to_numpy())
    return None


def _sum(values: Any) -> int:  # noqa: ANN401 - an array of NumPy
    memory: Any = np.ascontiguousarray(values).view("u1" if values.dtype != object else "O")
    if values.dtype == object:
        memory = np.frombuffer(_addresses(memory), "u1")
    total = 0
    for first in range(0, memory.size, _PIECE):
        total = zlib.crc32(memory[first : first + _PIECE], total)
    return total


def _addresses(values: Any) -> Any:  # noqa: ANN401 - an array of objects, and its memory
    import ctypes

    return (ctypes.c_char * values.nbytes).from_address(values.ctypes.data)
