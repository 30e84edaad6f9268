"""Tables from files: CSV, JSON, Parquet and Excel, each from the one opened file, within bounds of memory and size."""

from __future__ import annotations

import gzip
import json
import os
import stat
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

import duckdb
import pandas as pd

from .sheets import read_workbook
from .sql import RefusedQueryError, quoted, quoted_text
from .texts import LINE, ROWS, Layout, regular_text, scanned

if TYPE_CHECKING:
    from collections.abc import Generator

__all__ = ["read_file", "read_text"]

COLUMNS = 1_000

_MISSING = (
    "", "NA", "N/A", "n/a", "#N/A", "#N/A N/A", "#NA", "NaN", "nan", "-NaN", "-nan", "NULL", "null", "None", "<NA>",
    "1.#IND", "1.#QNAN", "-1.#IND", "-1.#QNAN",
)  # fmt: skip
"""Texts that stand for no value in CSV, as pandas has them."""

_WHOLE = r"\s*[-+]?(?:0|[1-9]\d{0,17})\s*"
_NUMBER = r"\s*[-+]?(?:(?:0|[1-9]\d*)(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?\s*"
_LOOKED_AT = 2_000
_BIG_OBJECT = 100_000_000


class Identity(NamedTuple):
    """Marks that tell a file from every other one, and from itself at another time."""

    device: int
    number: int
    size: int
    changed: int


def read_file(
    path: str, form: tuple[str, bool, str | None], identity: tuple[int, ...], name: str
) -> dict[str, pd.DataFrame]:
    """Return the tables of a file of a form: its kind, whether it is packed, its delimiter if known.

    Raises `RefusedQueryError` for one that is no such file, or that changes.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except OSError as error:
        raise RefusedQueryError("", str(error.strerror), "Check that the file is there and whole.") from None
    with os.fdopen(descriptor, "rb") as file:
        _check_same(file, identity)
        try:
            tables = _tables(file, path, form, name)
        finally:
            _check_same(file, identity)
    return tables


def read_text(text: str, name: str) -> dict[str, pd.DataFrame]:
    """Return the table of a text as CSV."""
    with scratch() as (file, place):
        file.write(text.encode("utf-8", "replace"))
        file.flush()
        file.seek(0)
        return {name: _text(file, place, is_packed=False, delimiter=None)}


def _check_same(file: BinaryIO, identity: tuple[int, ...]) -> None:
    status = os.fstat(file.fileno())
    now = Identity(status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)
    if not stat.S_ISREG(status.st_mode) or now != Identity(*identity):
        raise RefusedQueryError("", "it was changed while it was read", "Wait until it is written, and ask again.")


def _tables(file: BinaryIO, path: str, form: tuple[str, bool, str | None], name: str) -> dict[str, pd.DataFrame]:
    kind, is_packed, delimiter = form
    own = Path(f"/proc/self/fd/{file.fileno()}")
    place = str(own) if own.exists() else path  # the opened file, whatever is put in its place meanwhile
    if kind == "workbook":
        return read_workbook(file, name, ROWS, COLUMNS)
    if kind == "text":
        return {name: _text(file, place, is_packed=is_packed, delimiter=delimiter)}
    with duckdb.connect(":memory:") as connection:
        _settle(connection)
        if kind == "parquet":
            return {name: _fetched(connection, "SELECT * FROM read_parquet(?)", place)}
        return {name: _json(connection, place, is_packed=is_packed)}


@contextmanager
def scratch() -> Generator[tuple[BinaryIO, str]]:
    """Give a file that only this process has, in memory where the system can."""
    if hasattr(os, "memfd_create"):
        with os.fdopen(os.memfd_create("table"), "w+b") as file:
            yield file, f"/proc/self/fd/{file.fileno()}"
        return
    import tempfile

    with tempfile.TemporaryDirectory() as folder, (Path(folder) / "table").open("w+b") as file:
        yield file, file.name


def _check_width(columns: int) -> None:
    if columns > COLUMNS:
        raise RefusedQueryError(f"at most {COLUMNS:,} columns", f"{columns:,}", "Pass an extract.")


def _settle(connection: Any) -> None:  # noqa: ANN401 - DuckDB's connection
    for setting in ("threads = 2", "autoinstall_known_extensions = false", "TimeZone = 'UTC'", "temp_directory = ''"):
        connection.execute(f"SET {setting}")


def _text(file: BinaryIO, place: str, *, is_packed: bool, delimiter: str | None) -> pd.DataFrame:
    layout = scanned(file, is_packed=is_packed, delimiter=delimiter)
    _check_width(len(layout.header))
    with duckdb.connect(":memory:") as connection:
        _settle(connection)
        if layout.is_regular:
            table = _csv(connection, place, layout, packing="gzip" if is_packed else "none")
            if table is not None:
                return table
        with scratch() as (copy, copied):
            regular_text(file, copy, layout, is_packed=is_packed)
            table = _csv(connection, copied, layout._replace(delimiter=",", rows=None), packing="none")
    if table is None:
        raise RefusedQueryError("", "rows that can't be told apart", "Write it as CSV with commas and quotes.")
    return table


def _csv(connection: Any, place: str, layout: Layout, *, packing: str) -> pd.DataFrame | None:  # noqa: ANN401
    """Return the table of regular CSV, or None where DuckDB can't read it."""
    columns = [f"c{at}" for at in range(len(layout.header))]
    kinds = ", ".join(f"'{each}': 'VARCHAR'" for each in columns)
    missing = ", ".join(map(quoted_text, _MISSING))
    options = (
        f"auto_detect = false, header = true, delim = '{layout.delimiter}', quote = '\"', escape = '\"', "
        f"null_padding = true, parallel = false, compression = '{packing}', nullstr = [{missing}], "
        f"max_line_size = {LINE}, columns = {{{kinds}}}"
    )
    try:
        connection.execute(
            f"CREATE OR REPLACE TABLE raw AS SELECT * FROM read_csv(?, {options}) LIMIT {ROWS + 1}",  # noqa: S608 - our own
            [place],
        )
    except duckdb.OutOfMemoryException:
        raise
    except duckdb.Error:
        return None
    ((rows,),) = connection.execute("SELECT count(*) FROM raw").fetchall()
    if layout.rows is not None and rows not in (layout.rows, ROWS + 1):
        return None
    made = [_typed(connection, each) for each in columns]
    table: pd.DataFrame = connection.execute(f"SELECT {', '.join(made)} FROM raw").df()  # noqa: S608 - our own
    return table.set_axis(layout.header, axis="columns")


def _typed(connection: Any, column: str) -> str:  # noqa: ANN401 - DuckDB's connection
    """Return SQL for a column as numbers, or as yes and no, where each of its values is one; 007 is none."""
    for pattern, kind in ((_WHOLE, "BIGINT"), (_NUMBER, "DOUBLE"), ("(?i)true|false", "BOOLEAN")):
        for source in (f"(FROM raw LIMIT {_LOOKED_AT})", "raw"):
            (are, count) = connection.execute(
                f"SELECT bool_and(regexp_full_match({column}, '{pattern}')), count({column}) FROM {source}"  # noqa: S608
            ).fetchone()
            if not are:
                break
        if are and count:
            return f"CAST(trim({column}) AS {kind})"
    return column


def _json(connection: Any, place: str, *, is_packed: bool) -> pd.DataFrame:  # noqa: ANN401
    packing = "gzip" if is_packed else "uncompressed"
    options = f"compression = '{packing}', maximum_object_size = {_BIG_OBJECT}"
    described = _ran(connection, f"DESCRIBE SELECT * FROM read_json(?, sample_size = -1, {options})", place).fetchall()  # noqa: S608
    _check_width(len(described))
    if described and all(str(row[1]).endswith("[]") for row in described):
        parts = ", ".join(f"unnest({quoted(row[0])}) AS {quoted(row[0])}" for row in described)
        return _fetched(connection, f"SELECT {parts} FROM read_json(?, sample_size = -1, {options})", place)  # noqa: S608
    if described and all(str(row[1]).startswith(("STRUCT", "MAP", "JSON")) for row in described):
        return _by_columns(place, is_packed=is_packed)
    kinds = ", ".join(f"{quoted_text(row[0])}: '{_json_kind(str(row[1]))}'" for row in described)
    return _fetched(connection, f"SELECT * FROM read_json(?, {options}, columns = {{{kinds}}})", place)  # noqa: S608


def _by_columns(place: str, *, is_packed: bool) -> pd.DataFrame:
    """Return the table of JSON that has an object a column, of values by the names of rows, as pandas writes it."""
    with gzip.open(place, "rt", encoding="utf-8") if is_packed else Path(place).open(encoding="utf-8") as file:
        try:
            table = pd.DataFrame(json.load(file))
        except (ValueError, TypeError, RecursionError) as error:
            raise RefusedQueryError("", str(error).splitlines()[0], "Write records.") from None
    _check_width(len(table.columns))
    return table.reset_index(drop=True)


def _json_kind(kind: str) -> str:
    """Return the type that a value of JSON is read as: a text stays one, since its dates may be of any country."""
    return kind if kind in ("BIGINT", "UBIGINT", "HUGEINT", "DOUBLE", "BOOLEAN") else "VARCHAR"


def _ran(connection: Any, sql: str, place: str) -> Any:  # noqa: ANN401 - DuckDB's own
    try:
        return connection.execute(sql, [place])
    except duckdb.OutOfMemoryException:
        raise
    except duckdb.Error as error:
        raise RefusedQueryError("", _words(error, place), "Check that it is whole.") from None


def _words(error: Exception, place: str) -> str:
    """Return the first line of DuckDB's words, without the kind of the error and without the place of the file."""
    line = str(error).splitlines()[0].replace(f'"{place}"', "the file").replace(f"'{place}'", "the file")
    return line.replace(place, "the file").partition("Error: ")[2].rstrip(". ") or line


def _fetched(connection: Any, sql: str, place: str) -> pd.DataFrame:  # noqa: ANN401 - DuckDB's connection
    """Return the rows of a query, with types that pandas has; what is nested becomes text."""
    described = _ran(connection, f"DESCRIBE {sql}", place).fetchall()
    _check_width(len(described))
    made = ", ".join(_fetched_column(row[0], str(row[1])) for row in described)
    try:
        table: pd.DataFrame = _ran(connection, f"SELECT {made} FROM ({sql}) LIMIT {ROWS + 1}", place).df()  # noqa: S608
    except duckdb.Error as error:
        raise RefusedQueryError("", _words(error, place)) from None
    return table


def _fetched_column(label: str, kind: str) -> str:
    name = quoted(label)
    if kind.startswith("DECIMAL"):
        return f"CAST({name} AS DOUBLE) AS {name}"
    if kind.startswith("TIMESTAMP") or kind == "DATE":
        return f"CAST({name} AS TIMESTAMP) AS {name}"
    plain = kind in ("BIGINT", "INTEGER", "SMALLINT", "TINYINT", "UBIGINT", "UINTEGER", "USMALLINT", "UTINYINT",
                     "DOUBLE", "FLOAT", "BOOLEAN", "VARCHAR")  # fmt: skip
    return name if plain else f"CAST({name} AS VARCHAR) AS {name}"
