"""The data of a chart in any form that it comes in, as tables of plain columns."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, cast, runtime_checkable

from progressnb.errors import InputError
from progressnb.operations.chart.files import read_apart, tables_of_file, tables_of_text
from progressnb.operations.chart.kept import kept_plain
from progressnb.operations.chart.plain import NOTES, kind_of, plain_table
from progressnb.wire import Text

if TYPE_CHECKING:
    import pandas as pd

    from progressnb.operations.chart.files import Reader

__all__ = ["NOTES", "Data", "describe", "kind_of", "read_tables"]


@runtime_checkable
class ArrowStream(Protocol):
    """A table of any library that gives it as Arrow data: polars, pyarrow, DuckDB and others."""

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """Return a capsule with the stream, as https://arrow.apache.org/docs/format/CDataInterface describes it."""
        ...


Data: TypeAlias = "pd.DataFrame | ArrowStream | Mapping[str, Any] | Sequence[Any] | str | Text | os.PathLike[str]"
"""A table of any library, a file, or plain data: records, or columns by name; or a dict of such tables."""

DataOrNone: TypeAlias = (
    "pd.DataFrame | ArrowStream | Mapping[str, Any] | Sequence[Any] | str | Text | os.PathLike[str] | None"
)
"""The same, or None. Written out: a server reads it when the operation is served, without pandas."""

_SAMPLES = 5
"""Values of each column that a model sees."""

_LOOKED_AT = 10_000
"""Rows of each column that these are looked for in."""


def read_tables(data: Any, read: Reader = read_apart) -> dict[str, pd.DataFrame]:  # noqa: ANN401 - whatever was passed
    """Return the tables, by name, of data in any form that `chart` takes. Raises `InputError` for anything else."""
    import pandas as pd

    if isinstance(data, Text):
        tables: Mapping[str, Any] = tables_of_text(data, read)
    elif isinstance(data, str | os.PathLike):
        tables = tables_of_file(Path(cast("str", data)), read)
    elif isinstance(data, Mapping) and _are_tables(given := cast("Mapping[object, object]", data)):
        tables = {str(name): _table(each, read) for name, each in given.items()}
    else:
        tables = {"data": _table(cast("object", data), read)}
    return {
        name: kept_plain(name, table, plain_table) if isinstance(table, pd.DataFrame) else plain_table(name, table)
        for name, table in tables.items()
    }


def _are_tables(data: Mapping[object, object]) -> bool:
    return bool(data) and all(map(_is_table, data.values()))


def _is_table(value: object) -> bool:
    """Tell whether a value is a table, and not a single column of one."""
    import pandas as pd

    if isinstance(value, pd.DataFrame | Mapping | os.PathLike):
        return True
    if isinstance(value, ArrowStream):
        return hasattr(value, "schema") or hasattr(value, "columns")
    rows = cast("list[object]", value) if isinstance(value, list) else []
    return bool(rows) and all(isinstance(each, Mapping) for each in rows)


def _table(data: object, read: Reader) -> pd.DataFrame:
    given = data
    import numpy as np
    import pandas as pd

    if isinstance(data, pd.DataFrame):
        return data
    if isinstance(data, pd.Series):
        return data.to_frame(data.name if data.name is not None else "value")  # pyright: ignore[reportUnknownMemberType]
    if isinstance(data, os.PathLike):
        found = tables_of_file(Path(cast("str", data)), read)
        if len(found) > 1:
            raise InputError("a file with one table", f"{len(found)} sheets", "Pass the file alone.")
        return next(iter(found.values()))
    if isinstance(data, ArrowStream):
        return _from_arrow(data)
    if isinstance(data, np.ndarray) and cast("Any", data).ndim in (1, 2):
        return _from_numpy(cast("Any", data))
    if isinstance(data, Mapping | list) and data:
        return _from_plain(cast("object", data))
    expected = "a table of pandas, polars, pyarrow or DuckDB, a dict of them, records, or a file with one"
    raise InputError(expected, _type_name(given), "Call its collect() first." if hasattr(given, "collect") else "")


def _type_name(data: object) -> str:
    """Return the name of a type, with its library's: other libraries have a DataFrame too."""
    kind = type(data)
    library = kind.__module__.partition(".")[0]
    return kind.__name__ if library == "builtins" else f"{library}.{kind.__name__}"


class _Stream:
    """A stream of Arrow data under a name that DuckDB doesn't know: for known ones it would ask for pyarrow."""

    def __init__(self, data: ArrowStream) -> None:
        self._data = data

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self._data.__arrow_c_stream__(requested_schema)


def _from_arrow(data: ArrowStream) -> pd.DataFrame:
    from progressnb.operations.chart.query.sandbox import load_duckdb

    duckdb = load_duckdb()
    frame: Any = data
    if not _is_table(data) and hasattr(data, "to_frame"):  # a single column
        frame = frame.to_frame()
    try:
        with duckdb.connect(":memory:") as connection:
            connection.execute("SET TimeZone = 'UTC'")  # not that of the machine
            return cast("pd.DataFrame", connection.from_arrow(_Stream(frame)).df())
    except (duckdb.Error, RuntimeError, TypeError, ValueError) as error:
        raise InputError(f"a table in {_type_name(data)}", str(error).splitlines()[0], "Pass it as pandas.") from None


def _from_numpy(data: Any) -> pd.DataFrame:  # noqa: ANN401 - an array
    """Return the table of an array of records, or of one with a row a record."""
    import numpy as np
    import pandas as pd

    if not data.dtype.names:
        cells = data.reshape(len(data), -1)
        table = pd.DataFrame(cells, columns=[f"column {at}" for at in range(1, cells.shape[1] + 1)])
        return table.rename(columns={"column 1": "value"}) if data.ndim == 1 else table
    if data.ndim != 1:
        raise InputError("records in one dimension", f"{data.ndim}")
    columns: dict[str, Any] = {}
    for name in data.dtype.names:
        values: Any = np.ascontiguousarray(data[name])
        if values.ndim > 1:
            values = pd.Series(list(values), dtype=object)
        elif values.dtype.kind == "S":
            values = np.char.decode(values, "utf-8", "replace")
        else:
            values = values.astype(values.dtype.newbyteorder("="))
        columns[name] = values
    return pd.DataFrame(columns)


def _from_plain(data: object) -> pd.DataFrame:
    import pandas as pd

    try:
        return pd.DataFrame(cast("Any", data))
    except (ValueError, TypeError) as error:
        raise InputError("records or columns of one length", str(error)) from None


def describe(tables: Mapping[str, pd.DataFrame]) -> str:
    """Return the description of the tables for a model: names, kinds, and a few values of each column."""
    lines: list[str] = []
    for name, table in tables.items():
        lines.append(f"table {name!r}, {len(table):,} rows")
        for label in table.columns:
            column = table[label].head(_LOOKED_AT)
            values = ", ".join(repr(str(value))[:60] for value in column.dropna().unique()[:_SAMPLES])
            lines.append(f"  {label!r}: {kind_of(column)}, such as {values or 'nothing'}")
    return "\n".join(lines)
