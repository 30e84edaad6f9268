"""Tables of any size on their way from the query's process: the memory of each column, and texts as JSON.

Nothing in them is run when they are read, and each length is checked before it is taken.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, BinaryIO, cast

import numpy as np
import pandas as pd

from .framing import HEAD, write_framed

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["read_packed", "write_packed"]

_MOST_HEAD = 4_000_000
_MOST_ROWS, _MOST_COLUMNS, _MOST_TEXT = 10_000_001, 1_001, 4_000_000_000
_PIECE = 20_000
"""Texts that are read in one go, so that Python's lock is free in between."""

_FIXED = re.compile(r"bool|u?int(8|16|32|64)|float(32|64)|datetime64\[(s|ms|us|ns)\]")
_TEXT = "text"
_MISSING = "int64 or missing"


def write_packed(pipe: BinaryIO, tables: Mapping[str, pd.DataFrame]) -> None:
    """Write tables of numbers, times, yes and no, and texts."""
    for name, table in tables.items():
        columns = [(str(label), *_packed(table.iloc[:, at])) for at, label in enumerate(table.columns)]
        heads = [[label, kind, [memoryview(each).nbytes for each in parts]] for label, kind, parts in columns]
        write_framed(pipe, json.dumps([name, len(table), heads]).encode())
        for _, _, parts in columns:
            pipe.writelines(parts)
    write_framed(pipe, b"null")
    pipe.flush()


def read_packed(pipe: BinaryIO) -> dict[str, pd.DataFrame]:
    """Return the tables. Raises `ValueError` for anything else, and `EOFError` when the process has ended."""
    tables: dict[str, pd.DataFrame] = {}
    try:
        while (head := json.loads(_read(pipe, _most_head(pipe)))) is not None:
            name, rows, columns = head
            if not isinstance(name, str) or not 0 <= rows <= _MOST_ROWS or len(columns) > _MOST_COLUMNS:
                raise ValueError("no table")
            made = [_column(pipe, rows, kind, sizes).rename(label) for label, kind, sizes in columns]
            tables[name] = pd.concat(made, axis="columns") if made else pd.DataFrame()
    except (TypeError, KeyError, AttributeError, IndexError, RecursionError, OverflowError) as error:
        raise ValueError("no table") from error
    return tables


def _packed(column: pd.Series[Any]) -> tuple[str, list[Any]]:
    kind = str(column.dtype)
    if _FIXED.fullmatch(kind):
        values = column.to_numpy()
        return kind, [_memory(values)]
    if pd.api.types.is_integer_dtype(column.dtype):
        masked: Any = column.array
        values = masked.to_numpy(dtype="int64", na_value=0)
        return _MISSING, [_memory(values), _memory(column.isna().to_numpy())]
    codes, found = pd.factorize(column.map(str, na_action="ignore").astype(object))
    texts = [json.dumps(list(found[at : at + _PIECE])).encode() for at in range(0, len(found), _PIECE)]
    return _TEXT, [_memory(codes.astype("int32")), *texts]


def _memory(values: Any) -> memoryview:  # noqa: ANN401 - an array of NumPy
    flat: Any = np.ascontiguousarray(values).view("u1")
    return memoryview(flat)


def _column(pipe: BinaryIO, rows: int, kind: Any, sizes: list[int]) -> pd.Series[Any]:  # noqa: ANN401 - any JSON
    if not isinstance(kind, str) or sum(sizes) > _MOST_TEXT or min(sizes) < 0:
        raise ValueError("no column")
    parts = [_read(pipe, size) for size in sizes]
    if _FIXED.fullmatch(kind):
        values: Any = np.frombuffer(parts[0], dtype=kind)
        return _whole(pd.Series(values, copy=False), rows)
    if kind == _MISSING:
        values = pd.array(np.frombuffer(parts[0], "int64"), dtype="Int64")
        values[np.frombuffer(parts[1], "bool")] = pd.NA
        return _whole(pd.Series(values), rows)
    if kind != _TEXT:
        raise ValueError("no column")
    codes = np.frombuffer(parts[0], "int32")
    texts: list[Any] = []
    for part in parts[1:]:
        texts += json.loads(part)
    if len(texts) and (codes.max(initial=-1) >= len(texts) or codes.min(initial=0) < -1):
        raise ValueError("no codes")
    if not all(isinstance(each, str) for each in texts):
        raise ValueError("no texts")
    if len(texts) * 2 <= rows:
        categories = pd.Index(texts, dtype="str")
        from_codes: Any = pd.Categorical.from_codes
        return _whole(pd.Series(from_codes(codes, categories=categories)), rows)
    found: Any = np.array([*texts, None], dtype=object)
    return _whole(pd.Series(found[codes], dtype="str"), rows)


def _whole(column: pd.Series[Any], rows: int) -> pd.Series[Any]:
    if len(column) != rows:
        raise ValueError("no whole column")
    return column


def _most_head(pipe: BinaryIO) -> int:
    size = int.from_bytes(_read(pipe, HEAD))
    if size > _MOST_HEAD:
        raise ValueError("a head that is too long")
    return size


def _read(pipe: BinaryIO, size: int) -> bytearray:
    body = bytearray(size)
    view, at = memoryview(body), 0
    while at < size:
        count: int = cast("Any", pipe).readinto(view[at:])
        if not count:
            raise EOFError
        at += count
    return body
