"""The sandbox: whatever a model writes, nothing but the given tables is read, and nothing is written."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pandas as pd
import pytest

from progressnb.errors import MissingExtraError, QueryError
from progressnb.operations.chart.query import sandbox as sandboxes
from progressnb.operations.chart.query.sandbox import Sandbox

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
    "WITH x AS (DELETE FROM t RETURNING *) SELECT * FROM x",
    "WITH x AS (UPDATE t SET a = 0 RETURNING *) SELECT * FROM x",
    "WITH x AS (INSERT INTO t VALUES (4, 'w') RETURNING *) SELECT * FROM x",
    "WITH x AS (TRUNCATE t) SELECT 1",
    "SELECT * FROM sqlite_master, (WITH sqlite_master AS (SELECT 1) SELECT * FROM sqlite_master) u",
    "WITH duckdb_tables AS (SELECT 1) SELECT * FROM duckdb_tables",
    "SHOW TABLES",
    "SELECT sleep_ms(86400000)",
    "SELECT * FROM system.main.duckdb_settings",
    "SELECT * FROM other.t",
    "SELECT * FROM temp.t",
    "WITH x AS (SELECT 1) SELECT * FROM main.x",
    "PIVOT t ON b USING sum(a); DROP TABLE t",
    "```sql\nDROP TABLE t\n```",
    "SELECT '\ud800'",
    "DESCRIBE t",
    "SUMMARIZE t",
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


@pytest.fixture(scope="module")
async def sandbox() -> AsyncIterator[Sandbox]:
    """Hold one small table."""
    held = Sandbox(seconds=1.5, rows=100)
    await held.load({"t": TABLE})
    yield held
    held.close()


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
        "SELECT (SELECT string_agg(t.range::VARCHAR, ',') FROM range(1000000) t) FROM range(5000)",
        "SELECT len(range(1000000000))",
        "SELECT levenshtein(repeat('a', 400000), repeat('b', 400000))",
        "SELECT repeat(b, 1000000) FROM t, range(30)",
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


async def test_a_query_answers_alike_each_time() -> None:
    """Groups come in the same order and means have the same digits each time, also where a query orders nothing."""
    query, rows = "SELECT b, avg(a) AS mean FROM t GROUP BY b", range(5_000)
    sandbox = Sandbox()
    await sandbox.load({"t": pd.DataFrame({"a": [at % 97 / 7 for at in rows], "b": [str(at % 31) for at in rows]})})
    first = await sandbox.run(query)
    for _ in range(100):
        pd.testing.assert_frame_equal(await sandbox.run(query), first, check_exact=True)
    sandbox.close()


async def test_cancelling_stops_the_query() -> None:
    """A query that is cancelled ends at once, and the next one works."""
    sandbox = Sandbox(seconds=600)
    await sandbox.load({"t": TABLE})
    task = asyncio.create_task(sandbox.run("SELECT count(*) FROM range(1000000) x, range(1000000) y, range(1000000) z"))
    for _ in range(20):
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert len(await sandbox.run("SELECT * FROM t")) == 3
    sandbox.close()


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
        "WITH current_year AS (SELECT a FROM t), has_b AS (SELECT b FROM t) SELECT * FROM current_year, has_b",
        "WITH query_result AS (SELECT a FROM t) SELECT * FROM query_result",
        "SELECT * FROM main.t",
        "SELECT * FROM memory.main.t; -- all of them\n-- and no more",
        "SELECT * FROM t -- all of them",
        "/* first */ SELECT a FROM t;\n",
        "```sql\nSELECT a FROM t\n```",
        "```\nSELECT a FROM t;\n```\n",
        "PIVOT t ON b IN ('x', 'y') USING sum(a)",
        "PIVOT t ON b USING sum(a)",
        "PIVOT (SELECT a, b FROM t) ON a USING count(*) GROUP BY b",
        "UNPIVOT (SELECT a, a * 2 AS c FROM t) ON a, c INTO NAME which VALUE n",
    ],
)
async def test_honest_queries(sql: str, sandbox: Sandbox) -> None:
    """Ordinary queries run."""
    assert len(await sandbox.run(sql)) > 0


async def test_a_pivot_makes_columns_of_values(sandbox: Sandbox) -> None:
    """A PIVOT that names no values gets those of the table, as data: nothing in them is run."""
    other = Sandbox()
    await other.load({"t": pd.DataFrame({"a": [1, 2, 4], "b": ["x", "it's') --", "x"]})})
    pivoted = await other.run("PIVOT t ON b USING sum(a)")
    other.close()
    assert pivoted.iloc[0].to_dict() == {"it's') --": 2, "x": 5}
    for sql in ("PIVOT hidden ON b USING sum(a)", "PIVOT (FROM read_text('/etc/passwd')) ON size USING count(*)"):
        with pytest.raises(QueryError):
            await sandbox.run(sql)


async def test_its_process_is_gone() -> None:
    """The process with the tables ends with its sandbox, also while a query runs."""
    sandbox = Sandbox(seconds=600)
    process = sandbox._process
    await sandbox.load({"t": TABLE})
    query = asyncio.create_task(sandbox.run("SELECT count(*) FROM range(1000000) x, range(1000000) y"))
    await asyncio.sleep(0)
    sandbox.close()
    assert process.poll() is not None
    with pytest.raises(QueryError):
        await query


async def test_sums_that_are_whole(sandbox: Sandbox) -> None:
    """Whole sums are whole numbers, and floats where NumPy has no whole number so large."""
    table = await sandbox.run("SELECT sum(a) AS n, sum(a) * 1000000000000000000000 AS m FROM t")
    assert (str(table["n"].dtype), table["n"][0]) == ("int64", 6)
    assert table["m"][0] == 6e21
    assert (await sandbox.run("SELECT sum(a) AS n FROM t WHERE false"))["n"].isna().all()


async def test_a_folder_of_modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file of the notebook's folder that is called like a module is none."""
    (tmp_path / "json.py").write_text("raise SystemExit('not this one')")
    monkeypatch.chdir(tmp_path)
    sandbox = Sandbox()
    await sandbox.load({"t": TABLE})
    assert len(await sandbox.run("SELECT * FROM t")) == 3
    sandbox.close()


async def test_an_orphan_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """A query that nobody stops any more ends by itself."""
    impatient = sandboxes._PROGRAM.replace("process.main()", "process.CPU_SECONDS = 1; process.main()")
    monkeypatch.setattr(sandboxes, "_PROGRAM", impatient)
    monkeypatch.setattr(sandboxes, "_idle", [])
    sandbox = Sandbox(seconds=600)
    await sandbox.load({"t": TABLE})
    with pytest.raises(QueryError, match="survives"):
        await sandbox.run("SELECT count(*) FROM range(1000000) x, range(1000000) y")
    sandbox.close()


async def test_a_process_that_is_gone() -> None:
    """A process that is killed while it is asked is an error of ours, and another takes its place."""
    sandbox = Sandbox()
    loading = asyncio.create_task(sandbox.load({"t": pd.DataFrame({"a": range(3_000_000)})}))
    await asyncio.sleep(0)
    sandbox._process.kill()
    with pytest.raises(QueryError):
        await loading
    await sandbox.load({"t": TABLE})
    assert len(await sandbox.run("SELECT * FROM t")) == 3
    sandbox.close()


async def test_no_python(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no Python can be started, the error says so."""
    monkeypatch.setattr(sandboxes, "_idle", [])
    for nothing in ("", "/nowhere/python", None):
        monkeypatch.setattr(sys, "executable", nothing)
        with pytest.raises(QueryError, match="a Python interpreter that can be started"):
            Sandbox()


def test_no_duckdb(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without DuckDB no process begins, and the error says what to install. The notebook itself never loads it."""

    def find(name: str) -> None:
        assert name == "duckdb"

    monkeypatch.setattr(sandboxes, "find_spec", find)
    with pytest.raises(MissingExtraError, match=r'pip install "progressnb\[chart\]"'):
        Sandbox()
