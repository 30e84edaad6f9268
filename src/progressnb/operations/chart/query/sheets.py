"""Tables from workbooks, such as those of Excel, by the package python-calamine; formulas are not computed."""

from __future__ import annotations

import zipfile
from datetime import date, time, timedelta
from typing import Any, BinaryIO

import pandas as pd

from .sql import RefusedQueryError

__all__ = ["read_workbook"]

UNPACKED = 1_000_000_000
"""Bytes that the parts of a workbook may have unpacked."""


def read_workbook(file: BinaryIO, name: str, rows: int, columns: int) -> dict[str, pd.DataFrame]:
    """Return the tables of a workbook, one a sheet; a single one has the file's name."""
    from python_calamine import CalamineError, CalamineWorkbook  # an extra

    _check_size(file)
    try:
        book = CalamineWorkbook.from_filelike(file)
        found = {each: _table(book.get_sheet_by_name(each), rows, columns) for each in book.sheet_names}
    except (CalamineError, ValueError, OSError) as error:
        raise RefusedQueryError("", str(error).splitlines()[0], "Check that it is whole.") from None
    tables = {each: table for each, table in found.items() if table is not None}
    if not tables:
        raise RefusedQueryError("", "sheets without rows")
    return tables if len(tables) > 1 else {name: next(iter(tables.values()))}


def _check_size(file: BinaryIO) -> None:
    is_zip = zipfile.is_zipfile(file)
    file.seek(0)
    if not is_zip:
        return  # an older one
    with zipfile.ZipFile(file) as parts:
        size = sum(each.file_size for each in parts.infolist())
    if size > UNPACKED:
        raise RefusedQueryError(f"at most {UNPACKED:,} bytes when it is unpacked", f"{size:,}", "Pass an extract.")
    file.seek(0)


def _table(sheet: Any, rows: int, columns: int) -> pd.DataFrame | None:  # noqa: ANN401 - a sheet of calamine
    if sheet.total_height > rows + 1 or sheet.total_width > columns:
        size = f"{sheet.total_height:,} rows, {sheet.total_width:,} columns"
        raise RefusedQueryError(f"at most {rows:,} rows and {columns:,} columns", size, "Pass an extract.")
    found: list[list[Any]] = sheet.to_python(skip_empty_area=True)
    filled = [row for row in found if any(cell != "" for cell in row)]
    if len(filled) < 2:  # noqa: PLR2004 - a header and a row
        return None
    header = ["" if cell == "" else str(_plain(cell)) for cell in filled[0]]
    cells = [[None if cell == "" else _plain(cell) for cell in row] for row in filled[1:]]
    table = pd.DataFrame(cells, columns=pd.RangeIndex(len(header)))
    made = [_column(table.iloc[:, at]) for at in range(len(header))]
    return pd.concat(made, axis="columns").set_axis(header, axis="columns")


def _plain(cell: object) -> object:
    if isinstance(cell, float) and cell.is_integer():
        return int(cell)
    if isinstance(cell, date):  # or a datetime, which is one
        return pd.Timestamp(cell)
    if isinstance(cell, timedelta):
        return cell.total_seconds()
    return cell.isoformat() if isinstance(cell, time) else cell


def _column(column: pd.Series[Any]) -> pd.Series[Any]:
    """Return a column by what all its cells are: numbers, times, or yes and no; else by their texts."""
    values = column.dropna()
    if len(values) == 0:
        return column.astype(float)
    kinds: set[object] = {type(each) for each in values}
    if kinds <= {int, float}:
        whole = len(values) == len(column) and all(isinstance(each, int) for each in values)
        return column.astype("int64" if whole else float)
    if kinds == {bool}:
        return column.astype(bool) if len(values) == len(column) else column.map(str, na_action="ignore")
    if kinds == {pd.Timestamp}:
        times: Any = pd.to_datetime
        return times(column).astype("datetime64[us]")  # type: ignore[no-any-return]
    return column.map(str, na_action="ignore")
