"""SQL text: names in quotes, and the check that a statement reads nothing but the given tables."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

__all__ = ["RefusedQueryError", "check_tree", "open_pivot", "plain_sql", "quoted", "quoted_text"]

_NODES = frozenset({"SELECT_NODE", "SET_OPERATION_NODE", "RECURSIVE_CTE_NODE", "CTE_NODE"})  # all others write
_SOURCES = frozenset({"range", "generate_series", "unnest"})  # functions that may stand in place of a table
# These reveal facts about the machine, write, or sleep for any time.
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
_CATALOG_PREFIXES = ("duckdb_", "pragma_", "pg_", "sqlite_", "information_schema")
"""Beginnings of the names of DuckDB's own tables, which the parts of a query may not take."""

_PLACES = ({"", None, "memory"}, {"", None, "main"})  # the catalog and the schema that the tables lie in
_FENCE = re.compile(r"\s*```\w*[ \t]*\n(?P<sql>.*?)\n?\s*```\s*", re.DOTALL)
_PIVOT = re.compile(
    r"\s*PIVOT\s+(?P<source>\([^;]*?\)|[\w.]+|\"[^\"]+\")\s+ON\s+(?P<column>\w+|\"[^\"]+\")\s+(?P<rest>USING\b.*)",
    re.DOTALL | re.IGNORECASE,
)
_HARMLESS = frozenset({"current_date", "current_timestamp", "current_time"})


class RefusedQueryError(Exception):
    """A query that is not run. Its arguments are the parts of a `QueryError`: expected, got, remedy."""


def quoted(name: str) -> str:
    """Return a name in quotes, so that SQL takes it as a name whatever is in it."""
    return '"' + name.replace('"', '""') + '"'


def quoted_text(text: str) -> str:
    """Return a text in quotes, so that SQL takes it as a value whatever is in it."""
    return "'" + text.replace("'", "''") + "'"


def plain_sql(text: str) -> str:
    """Return SQL without the code fence that a model may put around it."""
    fence = _FENCE.fullmatch(text)
    return fence["sql"] if fence else text


def open_pivot(sql: str) -> tuple[str, str, str] | None:
    """Return the parts of a PIVOT that names no values: a query for them, and what stands before and after its list."""
    found = _PIVOT.fullmatch(sql)
    if found is None:
        return None
    values = f"SELECT DISTINCT {found['column']} FROM {found['source']} ORDER BY 1"  # noqa: S608 - checked like any query
    return values, sql[: found.start("rest")], found["rest"]


def check_tree(tree: Any, tables: Collection[str]) -> None:  # noqa: ANN401 - DuckDB's own JSON
    """Raise `RefusedQueryError` for a parsed statement that does more than read these tables.

    Args:
        tree: The result of DuckDB's `json_serialize_sql`.
        tables: The names of the tables, case-folded.

    """
    nodes = list(_nodes(tree))
    defined = {str(entry["key"]).casefold() for node in nodes for entry in _common_tables(node)}
    if hidden := sorted(name for name in defined if name.startswith(_CATALOG_PREFIXES)):
        raise RefusedQueryError("other names for the parts of a query", repr(hidden[0]))
    for node in nodes:
        _check_node(node, tables, defined)


def _check_node(node: dict[str, Any], tables: Collection[str], defined: Collection[str]) -> None:
    kind = str(node.get("type", ""))
    if kind == "SHOW_REF" or (kind.endswith("_NODE") and kind not in _NODES):
        raise RefusedQueryError("a SELECT that only reads", kind.removesuffix("_NODE"))
    if kind == "BASE_TABLE":
        name, place = str(node.get("table_name", "")), (node.get("catalog_name"), node.get("schema_name"))
        is_ours = name.casefold() in tables and all(part in known for part, known in zip(place, _PLACES, strict=True))
        if not is_ours and (any(place) or name.casefold() not in defined):
            raise RefusedQueryError(f"the tables {', '.join(sorted(tables))}", repr(name))
    function = str(node.get("function_name", "")).casefold()
    if kind == "TABLE_FUNCTION":
        called: dict[str, Any] = node.get("function") or {}
        source = str(called.get("function_name", "")).casefold()
        if source not in _SOURCES:
            raise RefusedQueryError("the given tables", f"the function {source!r} in place of one")
    elif function and _is_forbidden(function):
        raise RefusedQueryError("functions that compute", f"{function!r}")


def _is_forbidden(name: str) -> bool:
    return name not in _HARMLESS and (name in _FORBIDDEN or name.startswith(_FORBIDDEN_PREFIXES))


def _common_tables(node: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the entries of a node's WITH clause."""
    clause: dict[str, Any] = node.get("cte_map") or {}
    found: list[Any] = clause.get("map") or []
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
