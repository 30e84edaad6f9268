"""The tables in DuckDB, in memory and locked up, and the queries that read them."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import duckdb
import pandas as pd

from .sql import RefusedQueryError, check_tree, open_pivot, plain_sql, quoted, quoted_text

if TYPE_CHECKING:
    from collections.abc import Container, Generator, Iterable, Mapping

__all__ = ["MEMORY", "Database"]

MEMORY = 512
"""Megabytes that DuckDB may take for a query."""

_COMPACT = "progressnb_compact"
"""The schema of the tables that queries see by views alone."""

EXACT = 2**53
"""The largest whole number up to which a float is exact."""

PIVOTED = 200
"""Columns that a PIVOT may make of the values of a column."""

# In this order: the last setting makes all others final.
_SETTINGS = (
    "python_enable_replacements = false",
    "python_scan_all_frames = false",
    "autoinstall_known_extensions = false",
    "autoload_known_extensions = false",
    "allow_community_extensions = false",
    f"memory_limit = '{MEMORY}MB'",
    "max_temp_directory_size = '0B'",
    "temp_directory = ''",
    "threads = 1",  # with more, groups come in another order and sums end in other digits at each run
    "enable_external_access = false",
    "lock_configuration = true",
)


class Database:
    """Tables in memory, and one query at a time that reads them."""

    def __init__(self, tables: Mapping[str, pd.DataFrame] | None = None) -> None:
        """Take tables; those that come in pieces are added, and then it is closed."""
        self._names: set[str] = set()
        self._connection: Any = duckdb.connect(":memory:")
        self._connection.execute(f"SET threads = 2; CREATE SCHEMA {_COMPACT}")
        for name, table in (tables or {}).items():
            self.add(name, table)
        if tables is not None:
            self.close()

    def add(self, name: str, piece: pd.DataFrame) -> None:
        """Add rows to a table; its first ones say which columns it has.

        Texts by categories are held by their numbers, in a table of which queries see a view with the texts.
        """
        kinds = {str(label): kind for label, kind in piece.dtypes.items()}
        few = {label for label, kind in kinds.items() if isinstance(kind, pd.CategoricalDtype)}
        text = {label for label, kind in kinds.items() if str(kind) in ("object", "str", "string")}
        place = f"{_COMPACT if few else 'main'}.{quoted(name)}"
        is_new = name.casefold() not in self._names
        begin = f"CREATE TABLE {place} AS" if is_new else f"INSERT INTO {place}"
        try:
            self._connection.register("progressnb_given", piece)
            self._connection.execute(f"{begin} SELECT {_columns(kinds, text)} FROM progressnb_given")  # noqa: S608 - quoted
            self._connection.unregister("progressnb_given")
            if is_new and few:
                self._connection.execute(f"CREATE VIEW {quoted(name)} AS SELECT {_columns(kinds, few)} FROM {place}")  # noqa: S608
        except (duckdb.Error, RuntimeError) as error:  # DuckDB's binding to Python raises the RuntimeError
            raise RefusedQueryError("tables that DuckDB can hold", _first_line(error)) from None
        self._names.add(name.casefold())

    def close(self) -> None:
        """Close it: from now on nothing but the tables can be read, and nothing be written."""
        for setting in _SETTINGS:
            self._connection.execute(f"SET {setting}")

    def check(self, sql: str) -> str:
        """Return the SELECT as it is run.

        Raises `RefusedQueryError` for anything but one SELECT on the tables that DuckDB can bind.
        """
        sql = self._with_values(plain_sql(sql))
        if any("\ud800" <= letter <= "\udfff" for letter in sql):
            raise RefusedQueryError("one SELECT in Unicode", "half of a surrogate pair")
        try:
            statements = self._connection.extract_statements(sql)
        except duckdb.Error as error:
            raise RefusedQueryError("one SELECT that DuckDB can read", _first_line(error)) from None
        if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
            kinds = ", ".join(str(each.type).rpartition(".")[2] for each in statements) or "none"
            raise RefusedQueryError("one SELECT", f"{len(statements)} statements: {kinds}", "Write a single SELECT.")
        sql = _without_end(sql)
        (serialized,) = self._connection.execute("SELECT json_serialize_sql(?)", [sql]).fetchone()
        tree = json.loads(serialized)
        if tree.get("error"):
            raise RefusedQueryError("one SELECT", str(tree.get("error_message", "another statement")))
        check_tree(tree, self._names)
        with self._read_only("a query that fits the tables"):
            self._connection.execute(f"EXPLAIN {sql}").fetchall()
        return sql

    def run(self, sql: str, rows: int) -> pd.DataFrame:
        """Check a query and return its rows. Raises `RefusedQueryError` for more than `rows` of them."""
        sql = self.check(sql)
        with self._read_only("a query that runs"):
            relation = self._connection.sql(sql).limit(rows + 1)
            table = _with_whole_sums(relation.df(), [str(each) for each in relation.types])
        if len(table) > rows:
            raise RefusedQueryError(f"at most {rows:,} rows", "more", "Aggregate, or take the top ones.")
        return table

    def _with_values(self, sql: str) -> str:
        """Return a PIVOT with the values that make its columns; DuckDB would create a type for them, which writes."""
        parts = open_pivot(sql)
        if parts is None:
            return sql
        values, before, rest = parts
        found = [str(each) for (each,) in self.run(values, PIVOTED).itertuples(index=False) if each is not None]
        return f"{before}IN ({', '.join(map(quoted_text, found))}) {rest}"

    @contextmanager
    def _read_only(self, expected: str) -> Generator[None]:
        self._connection.execute("BEGIN TRANSACTION READ ONLY")
        try:
            yield
        except duckdb.OutOfMemoryException:
            raise
        except duckdb.Error as error:
            raise RefusedQueryError(expected, _first_line(error)) from None
        finally:
            self._connection.execute("ROLLBACK")


def _with_whole_sums(table: pd.DataFrame, kinds: list[str]) -> pd.DataFrame:
    """Return sums of whole numbers as whole numbers.

    DuckDB's type for them, HUGEINT, is wider than any of NumPy's, so that they arrive as floats.
    """
    wide = [at for at, kind in enumerate(kinds) if kind == "HUGEINT"]
    exact = {at for at in wide if not (table.iloc[:, at].abs() > EXACT).any()}
    columns = [
        column.astype("Int64" if column.isna().any() else "int64") if at in exact else column
        for at, (_, column) in enumerate(table.items())
    ]
    return pd.concat(columns, axis="columns") if exact else table


def _without_end(sql: str) -> str:
    """Return a statement without the semicolon and the comments behind it, which would end a query around it."""
    written = sql.encode()
    end = len(written)
    for at, kind in reversed(duckdb.tokenize(sql)):
        if kind != duckdb.token_type.comment and written[at : at + 1] != b";":
            break
        end = at
    return written[:end].decode()


def _columns(labels: Iterable[str], texts: Container[str]) -> str:
    """Return SQL for columns, of which some are read as texts."""
    names = {label: quoted(label) for label in labels}
    return ", ".join(f"CAST({e} AS VARCHAR) AS {e}" if label in texts else e for label, e in names.items())


def _first_line(error: Exception) -> str:
    return next((line for line in str(error).splitlines() if line.strip()), type(error).__name__)
