"""The sandbox: whatever a model writes, nothing but the given tables is read, and nothing is written."""

import asyncio
import os
from pathlib import Path

import pandas as pd
import pytest

from progressnb.errors import QueryError
from progressnb.operations.chart.sandbox import Sandbox

TABLE = pd.DataFrame({"a": [1, 2, 3], "b": ["x", "y", "z"]})
hidden = pd.DataFrame({"secret": [1]})

ATTEMPTS = [
    "SELECT * FROM read_csv('/etc/passwd')",
    "SELECT * FROM read_text('/etc/passwd')",
    "SELECT * FROM read_blob('/etc/passwd')",
    "SELECT * FROM read_parquet('x.parquet')",
    "SELECT * FROM '/etc/passwd'",
    "SELECT * FROM 'https://example.org/x.csv'",
    "SELECT * FROM read_csv('https://example.org/x.csv')",
    "SELECT * FROM glob('/*')",
    "SELECT * FROM hidden",
    "SELECT * FROM duckdb_settings()",
    "SELECT * FROM duckdb_secrets()",
    "SELECT * FROM duckdb_tables()",
    "SELECT * FROM pragma_database_list()",
    "SELECT * FROM information_schema.tables",
    "SELECT * FROM sqlite_master",
    "SELECT * FROM pg_catalog.pg_tables",
    "SELECT * FROM query('SELECT 1')",
    "SELECT * FROM query_table('t')",
    "SELECT current_setting('home_directory')",
    "SELECT getenv('HOME')",
    "SELECT getvariable('x')",
    "SELECT a, (SELECT max(value) FROM duckdb_settings()) FROM t",
    "WITH x AS (SELECT * FROM duckdb_settings()) SELECT * FROM x",
    "SELECT * FROM t WHERE b IN (SELECT content FROM read_text('/etc/passwd'))",
    "ATTACH '/tmp/x.db'",
    "ATTACH ':memory:' AS other",
    "COPY t TO 'stolen.csv'",
    "COPY (SELECT 1) TO 'stolen.csv'",
    "EXPORT DATABASE 'stolen'",
    "INSTALL httpfs",
    "LOAD httpfs",
    "PRAGMA database_list",
    "PRAGMA enable_external_access",
    "SET enable_external_access = true",
    "SET threads = 64",
    "RESET ALL",
    "CREATE TABLE x AS SELECT 1",
    "CREATE MACRO f() AS 1",
    "DROP TABLE t",
    "DELETE FROM t",
    "INSERT INTO t VALUES (4, 'w')",
    "UPDATE t SET a = 0",
    "ALTER TABLE t ADD COLUMN c INT",
    "CALL duckdb_settings()",
    "CHECKPOINT",
    "BEGIN",
    "EXPLAIN ANALYZE SELECT * FROM t",
    "SELECT 1; SELECT 2",
    "SELECT 1; DROP TABLE t",
    "SELECT * FROM t; --",
    "VALUES",
    "",
    "   ",
    "-- nothing",
    "SELECT",
    "not sql at all",
    "SELECT * FROM t WHERE",
    "SELECT nothing FROM t",
    "\0",
]


@pytest.fixture
def sandbox() -> Sandbox:
    """Hold one small table."""
    return Sandbox({"t": TABLE}, seconds=1.0, rows=100)


@pytest.mark.parametrize("sql", ATTEMPTS)
async def test_attempts(sql: str, sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every attempt ends in a clear error of one line, and the tables and the disk are what they were."""
    monkeypatch.chdir(tmp_path)
    if sql == "SELECT * FROM t; --":  # a comment after a query is no second one
        assert len(await sandbox.run(sql.rstrip("; -"))) == 3
        return
    with pytest.raises(QueryError) as caught:
        await sandbox.run(sql)
    assert "\n" not in str(caught.value)
    assert os.listdir(tmp_path) == []  # noqa: PTH208 - pathlib's blocks
    assert (await sandbox.run("SELECT * FROM t ORDER BY a"))["b"].tolist() == ["x", "y", "z"]


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT count(*) FROM range(1000000) x, range(1000000) y, range(1000000) z WHERE x.range + y.range > z.range",
        "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT max(n) FROM r",
        "SELECT sum(hash(range)) FROM range(100000000000)",
        "SELECT list(range) FROM range(1000000000)",
        "SELECT repeat('x', 1000000000) || repeat('y', 1000000000) FROM range(10)",
    ],
)
async def test_what_takes_too_much(sql: str, sandbox: Sandbox) -> None:
    """A query that takes too long or too much memory is stopped, and the next one works."""
    with pytest.raises(QueryError):
        await sandbox.run(sql)
    assert len(await sandbox.run("SELECT * FROM t")) == 3


async def test_too_many_rows(sandbox: Sandbox) -> None:
    """More rows than a chart is drawn from are refused, with what to do."""
    with pytest.raises(QueryError, match=r"at most 100 rows.*Aggregate"):
        await sandbox.run("SELECT * FROM range(101)")
    assert len(await sandbox.run("SELECT * FROM range(100)")) == 100


async def test_cancelling_stops_the_query() -> None:
    """A query that is cancelled ends at once, and the next one works."""
    sandbox = Sandbox({"t": TABLE}, seconds=60)
    task = asyncio.create_task(sandbox.run("SELECT count(*) FROM range(1000000) x, range(1000000) y, range(1000000) z"))
    for _ in range(20):
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert len(await sandbox.run("SELECT * FROM t")) == 3


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT a, count(*) FROM t GROUP BY 1 ORDER BY 2",
        "WITH x AS (SELECT a FROM t) SELECT * FROM x JOIN t USING (a)",
        "SELECT * FROM t, range(3)",
        "SELECT *, row_number() OVER (ORDER BY a) FROM t",
        "SELECT unnest([1, 2]) AS n, current_date AS today FROM t",
        "FROM t",
        "SELECT * FROM T",
    ],
)
async def test_honest_queries(sql: str, sandbox: Sandbox) -> None:
    """What people write is let through."""
    assert len(await sandbox.run(sql)) > 0
