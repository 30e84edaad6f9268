"""Tables in files, which a process of its own reads: CSV, JSON, Parquet and Excel."""

from __future__ import annotations

import os
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, TypeAlias

from progressnb.errors import InputError, MissingExtraError, QueryError
from progressnb.operations.chart.query.sandbox import Sandbox
from progressnb.wire import open_regular

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from pathlib import Path

    import pandas as pd

__all__ = ["Reader", "read_apart", "tables_of_file", "tables_of_text"]

Reader: TypeAlias = "Callable[[tuple[object, ...]], dict[str, pd.DataFrame]]"
"""A function that asks the process for the tables of a file, by the message for it."""

BYTES = 4_000_000_000
"""Bytes of the largest file."""

FORMATS = {
    **dict.fromkeys((".csv", ".tsv", ".txt", ".csv.gz", ".tsv.gz", ".txt.gz"), "text"),
    **dict.fromkeys((".json", ".jsonl", ".ndjson", ".json.gz", ".jsonl.gz", ".ndjson.gz"), "json"),
    **dict.fromkeys((".parquet", ".pq"), "parquet"),
    **dict.fromkeys((".xlsx", ".xlsm", ".xls", ".ods"), "workbook"),
}
"""The formats of files, by the ends of their names."""


def read_apart(message: tuple[object, ...]) -> dict[str, pd.DataFrame]:
    """Return the tables of a file or of a text, read by a process for them alone."""
    sandbox = Sandbox()
    try:
        return sandbox.read(message)
    finally:
        sandbox.close()


def tables_of_file(path: Path, read: Reader) -> dict[str, pd.DataFrame]:
    """Return the tables of a file. Raises `InputError` for what is no regular file, or has no table."""
    lower = path.name.lower()
    suffix = next((each for each in FORMATS if lower.endswith(each)), None)
    if suffix is None:
        known = ", ".join(sorted({f".{each.split('.')[1]}" for each in FORMATS}))
        raise InputError(f"a file of {known}", repr(path.name), "Read it with pandas and pass the DataFrame.")
    kind = FORMATS[suffix]
    if kind == "workbook" and find_spec("python_calamine") is None:
        raise MissingExtraError("excel", "the package python-calamine, which reads workbooks")
    with _errors(f"a table in {path.name!r}"):
        with open_regular(path, most=BYTES) as file:
            status = os.fstat(file.fileno())
        identity = status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns
        name = path.name[: -len(suffix)] or "data"
        packed = suffix.endswith(".gz")
        delimiter = "\t" if suffix.startswith(".tsv") else None
        return read(("read", str(path.absolute()), (kind, packed, delimiter), identity, name))


def tables_of_text(text: str, read: Reader) -> dict[str, pd.DataFrame]:
    """Return the table of a text that is CSV. Raises `InputError` for any other."""
    with _errors("a table as the text of a CSV file"):
        return read(("parse", str.__str__(text), "data"))


@contextmanager
def _errors(expected: str) -> Generator[None]:
    """Turn what keeps a file from being read into an error of ours."""
    try:
        yield
    except InputError:
        raise
    except QueryError as error:
        expected = f"{expected}: {error.expected}" if error.expected else expected
        raise InputError(expected, error.got, error.remedy) from None
    except (OSError, ValueError) as error:
        reason: Any = getattr(error, "strerror", None) or error
        raise InputError(expected, str(reason), "Check that the file is there and whole.") from None
