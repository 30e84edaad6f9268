"""The data of a chart: one or more tables of plain columns, whose names are safe in SQL."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from progressnb.errors import InputError
from progressnb.operations.chart.texts import read_texts
from progressnb.wire import Text, open_regular

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["NOTES", "Data", "describe", "kind_of", "read_tables"]

Data: TypeAlias = "pd.DataFrame | Mapping[str, Any] | Sequence[Mapping[str, Any]] | str | Text | os.PathLike[str]"
"""A DataFrame, a CSV or Parquet file, or plain data: records, or columns by name; or a dict of such tables."""

DataOrNone: TypeAlias = (
    "pd.DataFrame | Mapping[str, Any] | Sequence[Mapping[str, Any]] | str | Text | os.PathLike[str] | None"
)
"""The same, or None. Written out: a server reads it when the operation is served, without pandas."""

ROWS = 10_000_000
COLUMNS = 1_000
"""Rows and columns of the largest table."""

BYTES = 4_000_000_000
"""Bytes of the largest file."""

_NAME_LIMIT = 200
"""Characters of the longest name of a table or column."""

NOTES = "progressnb_notes"
"""The attribute of a table that says which columns of text were read as numbers or times, and how."""

_SAMPLES = 5
"""Values of each column that a model sees."""


def read_tables(data: Any) -> dict[str, pd.DataFrame]:  # noqa: ANN401 - whatever was passed
    """Return the tables, by name, of data in any form that `chart` takes. Raises `InputError` for anything else."""
    import pandas as pd

    if isinstance(data, pd.Series):
        data = data.to_frame(data.name if data.name is not None else "value")  # pyright: ignore[reportUnknownMemberType]
    if isinstance(data, pd.DataFrame):
        tables = {"data": data}
    elif isinstance(data, Text):
        tables = {"data": _read_text(data)}
    elif isinstance(data, str | os.PathLike):
        path = Path(cast("str", data))
        tables = {path.stem or "data": _read_file(path)}
    elif isinstance(data, Mapping) and data and all(isinstance(each, pd.DataFrame) for each in data.values()):  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType]
        tables = {str(name): table for name, table in cast("Mapping[object, pd.DataFrame]", data).items()}
    elif isinstance(data, Mapping) and data and all(_is_table(each) for each in data.values()):  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType, reportUnknownMemberType]
        tables = {str(name): _from_plain(table) for name, table in cast("Mapping[object, object]", data).items()}
    elif isinstance(data, Mapping | list) and data:
        tables = {"data": _from_plain(cast("object", data))}
    else:
        raise InputError("a pandas DataFrame, a dict of them, records, or a CSV or Parquet file", _type_name(data))  # pyright: ignore[reportUnknownArgumentType]
    return {name: _checked(name, table) for name, table in tables.items()}


def _type_name(data: object) -> str:
    """Return the name of a type, with its library's: other libraries have a DataFrame too."""
    kind = type(data)
    library = kind.__module__.partition(".")[0]
    return kind.__name__ if library == "builtins" else f"{library}.{kind.__name__}"


def kind_of(column: pd.Series[Any]) -> str:
    """Return the kind of a column: `number`, `time`, `flag` or `text`."""
    import pandas as pd

    if pd.api.types.is_bool_dtype(column.dtype):
        return "flag"
    if pd.api.types.is_numeric_dtype(column.dtype):
        return "number"
    return "time" if pd.api.types.is_datetime64_any_dtype(column.dtype) else "text"


def describe(tables: Mapping[str, pd.DataFrame]) -> str:
    """Return the description of the tables for a model: names, kinds, and a few values of each column."""
    lines: list[str] = []
    for name, table in tables.items():
        lines.append(f"table {name!r}, {len(table):,} rows")
        for label in table.columns:
            column = table[label]
            values = ", ".join(repr(str(value))[:60] for value in column.dropna().unique()[:_SAMPLES])
            lines.append(f"  {label!r}: {kind_of(column)}, such as {values or 'nothing'}")
    return "\n".join(lines)


def _is_table(value: object) -> bool:
    """Tell whether plain data is a table, that is records or columns by name, and not a single column."""
    if isinstance(value, Mapping):
        return True
    if not isinstance(value, list):
        return False
    rows: list[Any] = value  # pyright: ignore[reportUnknownVariableType] # anything may be in it
    return bool(rows) and all(isinstance(each, Mapping) for each in rows)


def _from_plain(data: object) -> pd.DataFrame:
    import pandas as pd

    try:
        return pd.DataFrame(cast("Any", data))
    except (ValueError, TypeError) as error:
        raise InputError("records or columns of one length", str(error)) from None


def _read_text(text: str) -> pd.DataFrame:
    import pandas as pd

    try:
        return pd.read_csv(io.StringIO(text))
    except ValueError as error:
        raise InputError("a table as the text of a CSV file", str(error)) from None


def _read_file(path: Path) -> pd.DataFrame:
    import pandas as pd

    suffix = path.suffix.lower()
    try:
        if suffix == ".csv":
            with open_regular(path, most=BYTES) as file:
                return pd.read_csv(file)
        if suffix in (".parquet", ".pq"):
            return _read_parquet(path)
    except InputError:
        raise
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"a table in {path.name!r}", str(reason), "Check that the file is there and whole.") from None
    raise InputError("a .csv or .parquet file", repr(path.name), "Read it with pandas and pass the DataFrame.")


def _read_parquet(path: Path) -> pd.DataFrame:
    from progressnb.operations.chart.query.sandbox import load_duckdb

    duckdb = load_duckdb()
    open_regular(path, most=BYTES).close()
    try:
        # DuckDB reads Parquet itself; pandas would need a package of 40 MB. The path comes from the user's own code.
        with duckdb.connect(":memory:") as connection:
            connection.execute("SET TimeZone = 'UTC'")  # not that of the machine
            return cast("pd.DataFrame", connection.execute("SELECT * FROM read_parquet(?)", [str(path)]).df())
    except duckdb.Error as error:
        got = str(error).splitlines()[0]
        raise InputError(f"a Parquet table in {path.name!r}", got, "Check that it is whole.") from None


def _checked(name: str, table: pd.DataFrame) -> pd.DataFrame:
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
    labels = [_label(label) for label in table.columns]
    folded = [label.casefold() for label in labels]  # names in SQL ignore upper and lower case
    if len(set(folded)) < len(folded):
        twice = next(label for label in labels if folded.count(label.casefold()) > 1)
        raise InputError("each column's name once", f"{twice!r} twice", "Rename one of them.")
    if wrong := [label for label in labels if not _is_name(label)]:
        raise InputError("a short name for each column", repr(wrong[0][:80]))
    notes: dict[str, str] = {}
    plain = pd.DataFrame({label: _plain(table.iloc[:, at], label, notes) for at, label in enumerate(labels)})
    plain.attrs = {NOTES: notes}
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


def _plain(column: pd.Series[Any], label: str, notes: dict[str, str]) -> pd.Series[Any]:
    """Return a column of a type that SQL has: mixed and nested values become text, and dates become times."""
    import pandas as pd

    kind: Any = column.dtype
    if isinstance(kind, pd.CategoricalDtype):
        return _plain(column.astype(kind.categories.dtype), label, notes)
    if isinstance(kind, pd.PeriodDtype):
        column = column.dt.to_timestamp()
    elif isinstance(kind, pd.DatetimeTZDtype):
        column = column.dt.tz_localize(None)  # local time, so that a month begins at the same value on any machine
    elif kind == "float16":
        column = column.astype(float)
    elif pd.api.types.is_timedelta64_dtype(kind):
        column = column.dt.total_seconds()
    elif kind_of(column) == "text":
        column = _from_objects(column, label, notes)
    return column


def _from_objects(column: pd.Series[Any], label: str, notes: dict[str, str]) -> pd.Series[Any]:
    import pandas as pd

    values: Any = column.dropna()
    texts = all(isinstance(value, str) for value in values)
    to_times: Any = pd.to_datetime
    times: Any = None
    if texts and len(values) and (found := read_texts(column, label)) is not None:
        if found.note:
            notes[label] = found.note
        return found.column
    if not texts and all(map(_is_time, values)):
        times = to_times(values.map(_local_time), errors="coerce")
    elif not texts and all(map(_is_number, values)):
        return column.astype(float)
    if times is not None and not times.isna().any():
        return cast("pd.Series[Any]", times.reindex(column.index))
    return column.map(_as_text, na_action="ignore")


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
