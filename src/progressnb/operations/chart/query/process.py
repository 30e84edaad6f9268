"""The program of the process that queries run in: it holds the tables, checks SQL, and answers with rows.

It is run as a file and imports nothing of progressnb. It ends with the pipe that it reads, or when it is killed.
"""

from __future__ import annotations

import json
import os
import pickle
import signal
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, cast

import duckdb
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping

__all__ = ["MEMORY", "read_message", "write_message"]

MEMORY = 512
"""Megabytes that a query may take. The process has twice as many, beyond the tables."""

ANSWER = 32_000_000
"""Bytes of the rows of an answer."""

CPU_SECONDS = 120
"""Seconds of CPU that an answer may take."""

IDLE = 60
"""Seconds that it waits for tables."""

EXACT = 2**53
"""The largest whole number of which a float has all digits."""

# In this order: the last one makes the others final.
_SETTINGS = (
    "python_enable_replacements = false",
    "python_scan_all_frames = false",
    "autoinstall_known_extensions = false",
    "autoload_known_extensions = false",
    "allow_community_extensions = false",
    f"memory_limit = '{MEMORY}MB'",
    "max_temp_directory_size = '0B'",
    "temp_directory = ''",
    "threads = 2",
    "enable_external_access = false",
    "lock_configuration = true",
)
_NODES = frozenset({"SELECT_NODE", "SET_OPERATION_NODE", "RECURSIVE_CTE_NODE", "CTE_NODE"})  # the others write
_SOURCES = frozenset({"range", "generate_series", "unnest"})  # functions that may stand in place of a table
# They tell of the machine, write, or do nothing for a day.
_FORBIDDEN = frozenset(
    {"getenv", "getvariable", "nextval", "currval", "setseed", "write_log", "txid_current", "sleep", "sleep_ms"}
)
_FORBIDDEN_PREFIXES = (
    "duckdb_",
    "pragma_",
    "pg_",
    "sqlite_",
    "information_schema",
    "read_",
    "write_",
    "parquet_",
    "sniff_",
    "query",
    "current_",
    "has_",
)
_HARMLESS = frozenset({"current_date", "current_timestamp", "current_time"})


class Refused(Exception):  # noqa: N818 - it is an answer
    """A query that is not run: what was expected, what came, what to do."""


class Tables:
    """The tables, in memory, and one query at a time on them."""

    def __init__(self, tables: Mapping[str, pd.DataFrame]) -> None:
        self._names = {name.casefold() for name in tables}
        self._connection: Any = duckdb.connect(":memory:")
        try:
            for name, table in tables.items():
                self._connection.register("progressnb_given", table)
                self._connection.execute(f"CREATE TABLE {_quoted(name)} AS SELECT * FROM progressnb_given")  # noqa: S608 - quoted
                self._connection.unregister("progressnb_given")
            for setting in _SETTINGS:
                self._connection.execute(f"SET {setting}")
        except (duckdb.Error, RuntimeError) as error:  # its binding to Python raises the other one
            raise Refused("tables that DuckDB can hold", _first_line(error)) from None

    def check(self, sql: str) -> None:
        """Refuse what is not one SELECT on the tables, or what DuckDB can't bind."""
        if any("\ud800" <= letter <= "\udfff" for letter in sql):
            raise Refused("one SELECT in Unicode", "half of a surrogate pair")
        try:
            statements = self._connection.extract_statements(sql)
        except duckdb.Error as error:
            raise Refused("one SELECT that DuckDB can read", _first_line(error)) from None
        if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
            kinds = ", ".join(str(each.type).rpartition(".")[2] for each in statements) or "none"
            raise Refused("one SELECT", f"{len(statements)} statements: {kinds}", "Write a single SELECT.")
        (serialized,) = self._connection.execute("SELECT json_serialize_sql(?)", [sql]).fetchone()
        tree = json.loads(serialized)
        if tree.get("error"):
            raise Refused("one SELECT", str(tree.get("error_message", "another statement")))
        self._check_tree(tree)
        with self._only_reading("a query that fits the tables"):
            self._connection.execute(f"EXPLAIN {sql}").fetchall()

    def run(self, sql: str, rows: int) -> pd.DataFrame:
        """Check a query and return its rows."""
        self.check(sql)
        with self._only_reading("a query that runs"):
            relation = self._connection.sql(sql).limit(rows + 1)
            table = _whole(relation.df(), [str(each) for each in relation.types])
        if len(table) > rows:
            raise Refused(f"at most {rows:,} rows", "more", "Aggregate, or take the top ones.")
        return table

    @contextmanager
    def _only_reading(self, expected: str) -> Generator[None]:
        self._connection.execute("BEGIN TRANSACTION READ ONLY")
        try:
            yield
        except duckdb.OutOfMemoryException:
            raise
        except duckdb.Error as error:
            raise Refused(expected, _first_line(error)) from None
        finally:
            self._connection.execute("ROLLBACK")

    def _check_tree(self, tree: Any) -> None:  # noqa: ANN401 - DuckDB's own JSON
        nodes = list(_nodes(tree))
        named = {str(entry["key"]).casefold() for node in nodes for entry in _entries(node)}
        if hidden := sorted(filter(_is_forbidden, named)):
            raise Refused("names of their own for parts of a query", repr(hidden[0]))
        for node in nodes:
            kind = str(node.get("type", ""))
            if kind == "SHOW_REF" or (kind.endswith("_NODE") and kind not in _NODES):
                raise Refused("a SELECT that only reads", kind.removesuffix("_NODE"))
            if kind == "BASE_TABLE":
                name, place = str(node.get("table_name", "")), (node.get("catalog_name"), node.get("schema_name"))
                if any(place) or name.casefold() not in self._names | named:
                    raise Refused(f"the tables {', '.join(sorted(self._names))}", repr(name))
            function = str(node.get("function_name", "")).casefold()
            if kind == "TABLE_FUNCTION":
                called: dict[str, Any] = node.get("function") or {}
                source = str(called.get("function_name", "")).casefold()
                if source not in _SOURCES:
                    raise Refused("the given tables", f"the function {source!r} in place of one")
            elif function and _is_forbidden(function):
                raise Refused("functions that compute", f"{function!r}")


def _whole(table: pd.DataFrame, kinds: list[str]) -> pd.DataFrame:
    """Return sums of whole numbers as such: DuckDB's type for them is wider than any of NumPy's, and came as floats."""
    wide = [at for at, kind in enumerate(kinds) if kind == "HUGEINT"]
    exact = {at for at in wide if not (table.iloc[:, at].abs() > EXACT).any()}
    columns = [
        column.astype("Int64" if column.isna().any() else "int64") if at in exact else column
        for at, (_, column) in enumerate(table.items())
    ]
    return pd.concat(columns, axis="columns") if exact else table


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _is_forbidden(name: str) -> bool:
    return name not in _HARMLESS and (name in _FORBIDDEN or name.startswith(_FORBIDDEN_PREFIXES))


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


def _wake_after(seconds: int) -> None:
    """Have the process ended after so many seconds; 0 is never."""
    if __name__ == "__main__" and hasattr(signal, "alarm"):
        signal.alarm(seconds)


def read_message(pipe: BinaryIO) -> Any:  # noqa: ANN401 - of either side
    """Return what the other side wrote. Raises `EOFError` when it has ended."""
    head = pipe.read(8)
    _wake_after(0)
    body = pipe.read(int.from_bytes(head)) if len(head) == 8 else b""  # noqa: PLR2004 - bytes of a length
    if not body:
        raise EOFError
    return pickle.loads(body)  # noqa: S301 - of our own process


def write_message(pipe: BinaryIO, message: object) -> None:
    """Write what the other side reads."""
    body = pickle.dumps(message, protocol=5)
    pipe.write(len(body).to_bytes(8))
    pipe.write(body)
    pipe.flush()


def _bound_memory(*, bounded: bool) -> None:
    """Keep what the tables have not taken to a bound: some functions build one huge value outside of DuckDB's limit."""
    taken = Path("/proc/self/statm")
    if not taken.exists():
        return
    import resource

    _, most = resource.getrlimit(resource.RLIMIT_AS)
    pages = int(taken.read_text().split()[0])
    bound = pages * resource.getpagesize() + 2 * MEMORY * 1_000_000
    resource.setrlimit(resource.RLIMIT_AS, (bound if bounded else most, most))


def _bound_time() -> None:
    """Keep a query to a bound of its own, for when nobody is there any more to stop it."""
    if not hasattr(signal, "SIGXCPU"):
        return
    import resource

    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    used = resource.getrusage(resource.RUSAGE_SELF)
    resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + CPU_SECONDS, most))


def _answer(tables: Tables | None, message: Any) -> tuple[Tables | None, Any]:  # noqa: ANN401 - a message of the other side
    match message:
        case ("tables", given):
            tables = Tables(given)
            _bound_memory(bounded=True)
            return tables, None
        case ("check", sql) if tables:
            tables.check(sql)
            return tables, None
        case ("run", sql, rows) if tables:
            table = tables.run(sql, rows)
            if table.memory_usage(deep=True).sum() > ANSWER:
                raise Refused(f"rows of {ANSWER // 1_000_000} MB at most", "more", "Aggregate, or shorten the texts.")
            return tables, table
        case _:
            raise ValueError(message)


def main() -> None:
    """Answer until there is nothing more to read."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the notebook's, which kills this process if it has to
    reading, writing = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever else is printed is no answer
    tables: Tables | None = None
    while True:
        try:
            _wake_after(IDLE if tables is None else 0)
            message = read_message(reading)
        except EOFError:
            return
        if message == ("forget",):
            tables = None
            _bound_memory(bounded=False)
            continue
        _bound_time()
        _wake_after(0 if message[0] == "tables" else CPU_SECONDS)  # also where it only waits
        try:
            tables, answer = _answer(tables, message)
            write_message(writing, ("done", answer))
        except Refused as refused:
            write_message(writing, ("refused", refused.args))
        except (MemoryError, duckdb.OutOfMemoryException):
            write_message(writing, ("ended", (f"a query within {MEMORY} MB", "one that needs more", "Aggregate more.")))
            return  # what such a query took is not all given back


if __name__ == "__main__":
    main()
