"""Tables of plain columns: numbers, times, yes and no, or text, whose names are safe in SQL."""

from __future__ import annotations

import itertools
import re
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Any, cast

from progressnb.errors import InputError
from progressnb.operations.chart.factors import factors_of, is_text, pieces
from progressnb.operations.chart.query.sandbox import KEY
from progressnb.operations.chart.texts import read_factors

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["NOTES", "kind_of", "plain_table"]

ROWS = 10_000_000
COLUMNS = 1_000
"""Rows and columns of the largest table."""

MANY = 50_000
"""Rows from which on a column of text that repeats its values is kept by categories."""

_NAME_LIMIT = 200
"""Characters of the longest name of a table or column."""

NOTES = "progressnb_notes"
"""The attribute of a table with remarks on its columns: their names, and what was read as numbers or times."""

_keys = itertools.count()


def kind_of(column: pd.Series[Any]) -> str:
    """Return the kind of a column: `number`, `time`, `flag` or `text`."""
    import pandas as pd

    if pd.api.types.is_bool_dtype(column.dtype):
        return "flag"
    if pd.api.types.is_numeric_dtype(column.dtype):
        return "number"
    return "time" if pd.api.types.is_datetime64_any_dtype(column.dtype) else "text"


def plain_table(name: str, table: pd.DataFrame) -> pd.DataFrame:
    """Return a table with plain columns. Raises `InputError` for one without rows, or that is too large."""
    import pandas as pd

    if not _is_name(name):
        raise InputError("a short name for each table", repr(name[:80]))
    if len(table.columns) == 0 or len(table) == 0:
        raise InputError(f"rows and columns in table {name!r}", "none")
    if len(table) > ROWS or len(table.columns) > COLUMNS:
        size = f"{len(table):,} rows, {len(table.columns):,} columns"
        raise InputError(f"at most {ROWS:,} rows and {COLUMNS:,} columns", size, "Pass an extract.")
    # Of pandas' own class and without attributes: classes of the notebook are unknown in the query's process.
    table = pd.DataFrame(table)
    table.attrs = {}
    table = _with_index(table)
    notes: dict[str, str] = {}
    labels = _named([_label(label) for label in table.columns], notes)
    if wrong := [label for label in labels if not _is_name(label)]:
        raise InputError("a short name for each column", repr(wrong[0][:80]))
    plain = pd.DataFrame(
        {label: _plain(table.iloc[:, at], label, notes) for at, label in enumerate(labels)}, copy=False
    )
    plain.attrs = {NOTES: notes, KEY: next(_keys)}
    return plain


def _is_name(text: str) -> bool:
    # Half of a surrogate pair can't be encoded.
    return 0 < len(text) <= _NAME_LIMIT and not re.search("[\0\ud800-\udfff]", text)


def _with_index(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table with its index as a column, if the index has a name or times, as after `groupby`."""
    import pandas as pd

    index: pd.Index[Any] = table.index
    if isinstance(index, pd.DatetimeIndex | pd.PeriodIndex) and index.name is None:
        table, index = table.rename_axis("time"), index.rename("time")
    named = all(name is not None and name not in table.columns for name in index.names)
    return table.reset_index(drop=not named)


def _label(label: object) -> str:
    if isinstance(label, tuple):  # of a column with several header rows
        return " ".join(str(part) for part in cast("tuple[object, ...]", label) if str(part))
    return str.__str__(label) if isinstance(label, str) else str(label)


def _named(labels: list[str], notes: dict[str, str]) -> list[str]:
    """Return names that SQL can tell apart: one for a column without, and another one for a name's second column."""
    taken = {label.casefold() for label in labels if label.strip()}  # names in SQL ignore upper and lower case
    seen: set[str] = set()
    named: list[str] = []
    for at, label in enumerate(labels, 1):
        new = label
        if not label.strip() or label.casefold() in seen:
            stem = label if label.strip() else "column"
            numbers = itertools.count(at if stem == "column" else 2)
            new = next(f"{stem} {n}" for n in numbers if f"{stem} {n}".casefold() not in taken)
            notes[new] = f"Column {at} is called {new!r}."
        taken.add(new.casefold())
        seen.add(new.casefold())
        named.append(new)
    return named


def _plain(column: pd.Series[Any], label: str, notes: dict[str, str]) -> pd.Series[Any]:
    """Return a column of a type that SQL has: mixed and nested values become text, and dates become times."""
    import pandas as pd

    kind: Any = column.dtype
    if isinstance(kind, pd.CategoricalDtype) and not isinstance(kind.categories.dtype, pd.StringDtype):
        return _plain(column.astype(kind.categories.dtype), label, notes)
    if isinstance(kind, pd.PeriodDtype):
        column = column.dt.to_timestamp()
    elif isinstance(kind, pd.DatetimeTZDtype):
        column = column.dt.tz_localize(None)  # local time, so that a month begins at the same value on any machine
    elif kind == "float16":
        column = column.astype(float)
    elif pd.api.types.is_timedelta64_dtype(column):
        column = column.dt.total_seconds()
    elif kind_of(column) == "text":
        column = _from_texts(column, label, notes) if _all_text(column) else _from_objects(column)
    return column


def _all_text(column: pd.Series[Any]) -> bool:
    import pandas as pd

    return isinstance(column.dtype, pd.CategoricalDtype) or is_text(column)


def _from_texts(column: pd.Series[Any], label: str, notes: dict[str, str]) -> pd.Series[Any]:
    """Return the numbers or times that texts stand for, else the texts; many rows with few values by categories."""
    import pandas as pd

    factors = factors_of(column)
    if (found := read_factors(factors, column.index, label)) is not None:
        if found.note:
            notes[label] = " ".join(filter(None, (notes.get(label), found.note)))
        return found.column
    values = pd.Series(factors.texts, dtype="str")
    if factors.are_few and len(column) >= MANY:
        from_codes: Any = pd.Categorical.from_codes
        made: Any = from_codes(factors.codes, categories=values)
        return pd.Series(made, index=column.index)
    return values.reindex(range(-1, len(values))).take(factors.codes + 1).set_axis(cast("Any", column.index))


def _from_objects(column: pd.Series[Any]) -> pd.Series[Any]:
    """Return objects as times or numbers where all of them are, else as text."""
    import pandas as pd

    values: Any = column.dropna()
    to_times: Any = pd.to_datetime
    if all(map(_is_time, values)):
        times = to_times(values.map(_local_time), errors="coerce")
        if not times.isna().any():
            return cast("pd.Series[Any]", times.reindex(column.index))
    elif all(map(_is_number, values)):
        return column.astype(float)
    parts: Any = [piece.map(_as_text, na_action="ignore") for piece in pieces(column)]
    return cast("pd.Series[Any]", pd.concat(parts))


def _is_time(value: object) -> bool:
    return isinstance(value, date)


def _local_time(value: Any) -> Any:  # noqa: ANN401 - a date or a time
    return value.replace(tzinfo=None) if isinstance(value, datetime) else value


def _is_number(value: object) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def _as_text(value: object) -> str | None:
    if isinstance(value, Enum):
        value = value.value
    return None if value is None else str.__str__(value) if isinstance(value, str) else str(value)
