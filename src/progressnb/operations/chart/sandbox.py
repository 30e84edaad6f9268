"""SQL that a model wrote, run where it can do no harm: one SELECT, in memory, on the given tables alone."""

from __future__ import annotations

import asyncio
import json
import threading
from typing import TYPE_CHECKING, Any, cast

from progressnb.errors import MissingExtraError, QueryError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from types import ModuleType

    import pandas as pd

__all__ = ["Sandbox", "load_duckdb", "quoted"]

ROWS = 5_000
"""Rows that a chart is drawn from at most."""

SECONDS = 20.0
"""Seconds that a query may take."""

MEMORY = "512MB"

# In this order: the last one makes the others final.
_SETTINGS = (
    "python_enable_replacements = false",
    "python_scan_all_frames = false",
    "autoinstall_known_extensions = false",
    "autoload_known_extensions = false",
    "allow_community_extensions = false",
    f"memory_limit = '{MEMORY}'",
    "max_temp_directory_size = '0B'",
    "temp_directory = ''",
    "threads = 2",
    "enable_external_access = false",
    "lock_configuration = true",
)
_SOURCES = frozenset({"range", "generate_series", "unnest"})  # functions that may stand in place of a table
# They tell of the machine, or write; or make one value of any size, which no interrupt stops.
_FORBIDDEN = frozenset(
    {"getenv", "getvariable", "nextval", "currval", "setseed", "write_log", "txid_current"}
    | {"repeat", "lpad", "rpad", "list_resize", "array_resize", "format", "printf", "bitstring"}
)
_FORBIDDEN_PREFIXES = (
    "duckdb_",
    "pragma_",
    "pg_",
    "read_",
    "write_",
    "parquet_",
    "sniff_",
    "query",
    "current_",
    "has_",
)
_HARMLESS = frozenset({"current_date", "current_timestamp", "current_time"})


def load_duckdb() -> ModuleType:
    """Return the module `duckdb`, or raise `MissingExtraError` with what to install."""
    try:
        import duckdb
    except ImportError:
        raise MissingExtraError(
            "the package duckdb, which runs the query", "none", 'Install it: pip install "progressnb[chart]"'
        ) from None
    return duckdb


def quoted(name: str) -> str:
    """Return a name as SQL takes it, whatever is in it."""
    return '"' + name.replace('"', '""') + '"'


class Sandbox:
    """Run queries on tables. Nothing outside can be read, and nothing is written anywhere. Close it after use."""

    def __init__(self, tables: Mapping[str, pd.DataFrame], *, seconds: float = SECONDS, rows: int = ROWS) -> None:
        self._duckdb: Any = load_duckdb()
        self._seconds = seconds
        self._rows = rows
        self._names = {name.casefold() for name in tables}
        self._connection = self._duckdb.connect(":memory:")
        try:
            for name, table in tables.items():
                self._connection.register("progressnb_given", table)
                self._connection.execute(f"CREATE TABLE {quoted(name)} AS SELECT * FROM progressnb_given")  # noqa: S608 - quoted
                self._connection.unregister("progressnb_given")
            for setting in _SETTINGS:
                self._connection.execute(f"SET {setting}")
        except self._duckdb.Error as error:
            self.close()
            raise QueryError("tables that DuckDB can hold", _first_line(error)) from None

    def close(self) -> None:
        """Forget the tables."""
        self._connection.close()

    def check(self, sql: str) -> None:
        """Raise `QueryError` for what is not one SELECT on the given tables, or what DuckDB can't bind."""
        try:
            statements = self._connection.extract_statements(sql)
        except self._duckdb.Error as error:
            raise QueryError("one SELECT that DuckDB can read", _first_line(error)) from None
        if len(statements) != 1 or statements[0].type != self._duckdb.StatementType.SELECT:
            kinds = ", ".join(str(each.type).rpartition(".")[2] for each in statements) or "none"
            raise QueryError("one SELECT", f"{len(statements)} statements: {kinds}", "Write a single SELECT.")
        (serialized,) = self._connection.execute("SELECT json_serialize_sql(?)", [sql]).fetchone()
        tree = json.loads(serialized)
        if tree.get("error"):
            raise QueryError("one SELECT", str(tree.get("error_message", "another statement")))
        self._check_tree(tree)
        try:
            self._connection.execute(f"EXPLAIN {sql}").fetchall()
        except self._duckdb.Error as error:
            raise QueryError("a query that fits the tables", _first_line(error)) from None

    async def run(self, sql: str) -> pd.DataFrame:
        """Check a query and return its rows; cancelling stops it. Raises `QueryError`."""
        task = asyncio.ensure_future(asyncio.to_thread(self._run, sql))
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            while not task.done():  # an interrupt that comes before the query begins is lost
                self._connection.interrupt()
                await asyncio.wait({task}, timeout=0.01)
            if not task.cancelled():
                task.exception()
            raise

    def _run(self, sql: str) -> pd.DataFrame:
        over = threading.Event()

        def stop() -> None:
            over.set()
            self._connection.interrupt()

        timer = threading.Timer(self._seconds, stop)
        timer.daemon = True
        timer.start()
        try:
            self.check(sql)
            table: pd.DataFrame = self._connection.sql(sql).limit(self._rows + 1).df()
        except self._duckdb.Error as error:
            if over.is_set():
                raise QueryError(f"a query that ends within {self._seconds:g} s", "one that does not") from None
            raise QueryError("a query that runs", _first_line(error)) from None
        except MemoryError:
            raise QueryError(f"a query within {MEMORY}", "one that needs more") from None
        finally:
            timer.cancel()
        if len(table) > self._rows:
            raise QueryError(f"at most {self._rows:,} rows", "more", "Aggregate, or take the top ones.")
        return table

    def _check_tree(self, tree: Any) -> None:  # noqa: ANN401 - DuckDB's own JSON
        nodes = list(_nodes(tree))
        named = {str(entry["key"]).casefold() for node in nodes for entry in _entries(node)}
        for node in nodes:
            if node.get("type") == "BASE_TABLE":
                name, place = str(node.get("table_name", "")), (node.get("catalog_name"), node.get("schema_name"))
                if any(place) or name.casefold() not in self._names | named:
                    raise QueryError(f"the tables {', '.join(sorted(self._names))}", repr(name))
            function = str(node.get("function_name", "")).casefold()
            if node.get("type") == "TABLE_FUNCTION":
                called: dict[str, Any] = node.get("function") or {}
                source = str(called.get("function_name", "")).casefold()
                if source not in _SOURCES:
                    raise QueryError("the given tables", f"the function {source!r} in place of one")
            elif function and _is_forbidden(function):
                raise QueryError("functions that compute", f"{function!r}")


def _is_forbidden(function: str) -> bool:
    return function not in _HARMLESS and (function in _FORBIDDEN or function.startswith(_FORBIDDEN_PREFIXES))


def _entries(node: dict[str, Any]) -> list[dict[str, Any]]:
    named: dict[str, Any] = node.get("cte_map") or {}
    found: list[Any] = named.get("map") or []
    return [entry for entry in found if isinstance(entry, dict) and "key" in entry]


def _nodes(tree: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401 - DuckDB's own JSON
    waiting: list[Any] = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            fields = cast("dict[str, Any]", node)
            yield fields
            waiting.extend(fields.values())
        elif isinstance(node, list):
            waiting.extend(node)  # pyright: ignore[reportUnknownArgumentType]


def _first_line(error: Exception) -> str:
    return next((line for line in str(error).splitlines() if line.strip()), type(error).__name__)
