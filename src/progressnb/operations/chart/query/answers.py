"""The rows of a query as plain data, and back: columns with their type and their values, and nothing that is run."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from typing import Any, cast

import numpy as np
import pandas as pd

__all__ = ["plain_table", "table_of"]

_NUMBERS = re.compile(r"bool|boolean|u?int(8|16|32|64)|U?Int(8|16|32|64)|float(16|32|64)|Float(32|64)")
_TIMES = re.compile(r"(datetime64|timedelta64)\[(s|ms|us|ns)(, [\w/+-]{1,64})?\]")
_NO_TIME = -(2**63)
_TIMES_OF_DAY = "time"
_DAYS = "date"


def plain_table(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return a table as plain data: the name, the type and the values of each column."""
    return [_plain_column(str(name), table.iloc[:, at]) for at, name in enumerate(table.columns)]


def table_of(plain: object) -> pd.DataFrame:
    """Return the table of plain data. Raises `ValueError` for anything that is none."""
    try:
        columns = [_column(each) for each in cast("list[dict[str, Any]]", plain)]
        return pd.concat(columns, axis="columns") if columns else pd.DataFrame()
    except (KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise ValueError("no table") from error


def _plain_column(name: str, column: pd.Series[Any]) -> dict[str, Any]:
    kind = str(column.dtype)
    if _TIMES.fullmatch(kind):
        values: list[Any] = column.astype("int64").tolist() if len(column) else []
    elif _NUMBERS.fullmatch(kind):
        values = [None if each is pd.NA else each for each in column.tolist()]
    else:
        # A column of one type of Python's keeps it; the types of mixed ones are those of JSON.
        kinds: set[object] = {type(each) for each in column if not _is_missing(each)}
        kind = _DAYS if kinds == {date} else _TIMES_OF_DAY if kinds == {time} else "text"
        values = [_plain_value(each) for each in column]
    return {"name": name, "kind": kind, "values": values}


def _column(plain: dict[str, Any]) -> pd.Series[Any]:
    name, kind, values = plain["name"], plain["kind"], plain["values"]
    if not isinstance(name, str) or not isinstance(kind, str) or not isinstance(values, list):
        raise TypeError
    given: list[Any] = plain["values"]
    column: Any
    if _TIMES.fullmatch(kind):
        column = _times(kind, np.array(given, dtype="int64"))
    elif _NUMBERS.fullmatch(kind):
        column = pd.Series(cast("Any", given), dtype=cast("Any", kind))
    elif kind in (_DAYS, _TIMES_OF_DAY):
        read = date.fromisoformat if kind == _DAYS else time.fromisoformat
        column = pd.Series([None if each is None else read(each) for each in given], dtype=object)
    elif kind != "text":
        raise TypeError
    else:
        kinds: set[object] = {type(each) for each in given if each is not None}
        column = pd.Series(given) if kinds == {str} else pd.Series(given, dtype=object)
    return cast("pd.Series[Any]", column.rename(name))


def _times(kind: str, values: Any) -> Any:  # noqa: ANN401 - arrays and columns
    base, _, zone = kind.removesuffix("]").partition(", ")
    column: Any = pd.Series(values.view(f"{base}]" if zone else kind))
    return column.dt.tz_localize("UTC").dt.tz_convert(zone) if zone else column


def _is_missing(value: object) -> bool:
    return value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and value != value)  # noqa: PLR0124 - not a number


def _plain_value(value: object) -> Any:  # noqa: ANN401 - plain data
    if isinstance(value, np.ndarray | np.generic):
        value = cast("object", value.tolist())
    if _is_missing(value) or isinstance(value, str | int | float):
        return None if _is_missing(value) else value
    if isinstance(value, list):
        return [_plain_value(each) for each in cast("list[object]", value)]
    if isinstance(value, dict):
        return {str(key): _plain_value(each) for key, each in cast("dict[object, object]", value).items()}
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(cast("bytes", value)).hex()
    return value.isoformat() if isinstance(value, datetime | date | time) else str(value)
