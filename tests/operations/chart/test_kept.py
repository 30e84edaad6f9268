"""Tables of other libraries, and those of pandas that are kept between charts."""

import gc
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest

from progressnb.errors import InputError
from progressnb.frames import end_process
from progressnb.operations.chart import kept, plain
from progressnb.operations.chart.query import sandbox as sandboxes
from progressnb.operations.chart.query.database import Database
from progressnb.operations.chart.query.sandbox import Sandbox
from progressnb.operations.chart.rules.checking import check_rows
from progressnb.operations.chart.rules.drafts import draft_by_rules
from progressnb.operations.chart.rules.parser import read_question
from progressnb.operations.chart.tables import read_tables


class Stream:
    """A table of a library that nobody knows."""

    def __init__(self, relation: Any) -> None:
        self._relation = relation

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self._relation.__arrow_c_stream__(requested_schema)


def test_arrow() -> None:
    """A table of any library comes through its own door of Arrow, without pyarrow."""
    relation = duckdb.sql("SELECT * FROM (VALUES (1, 'x', DATE '2024-01-01'), (NULL, 'y', NULL)) AS t(a, b, d)")
    for given in (relation, Stream(relation)):
        table = read_tables(given)["data"]
        assert table["b"].tolist() == ["x", "y"]
        assert table["a"].isna().tolist() == [False, True]
        assert str(table["d"].dtype).startswith("datetime64")
    assert set(read_tables({"one": relation, "two": [{"a": 1}]})) == {"one", "two"}


def test_numpy() -> None:
    """Records of NumPy are a table by their fields, rows of numbers one by the places of their columns."""
    records = np.array([(1, 2.5, b"x"), (2, 3.5, b"y")], dtype=[("a", ">i4"), ("b", "<f8"), ("c", "S1")])
    assert read_tables(records)["data"].to_dict("list") == {"a": [1, 2], "b": [2.5, 3.5], "c": ["x", "y"]}
    assert list(read_tables(np.ones((2, 2)))["data"].columns) == ["column 1", "column 2"]
    with pytest.raises(InputError, match="a table of pandas, polars"):
        read_tables(object())


def shop() -> pd.DataFrame:
    """Make a table of some columns."""
    return pd.DataFrame(
        {"region": ["N", "S", "N"], "units": [1, 2, 3], "x": [0.5, 1.5, np.nan], "b": [True, False, True]}
    )


@pytest.mark.skipif(not kept._COPIES_ON_WRITE, reason="before pandas 3 nothing is kept")
def test_the_same_table_is_looked_at_once() -> None:
    """A table that has not changed is not looked at again; one that is gone is not kept."""
    table = shop()
    first = read_tables(table)["data"]
    assert read_tables(table)["data"] is first
    key = id(table), "data"
    assert key in kept._kept
    del table
    gc.collect()
    assert key not in kept._kept


def renamed(table: pd.DataFrame) -> None:
    """Give a column another name."""
    table.columns = ["area", "units", "x", "b"]


CHANGES: dict[str, Any] = {
    "a text": lambda t: t.loc.__setitem__((0, "region"), "W"),
    "a number": lambda t: t.loc.__setitem__((0, "units"), 9),
    "a flag": lambda t: t.loc.__setitem__((0, "b"), not t["b"][0]),
    "a missing value": lambda t: t.loc.__setitem__((2, "x"), 4.0),
    "a column": lambda t: t.__setitem__("more", 1),
    "a name": renamed,
    "the index": lambda t: setattr(t, "index", pd.Index([4, 5, 6], name="key")),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_table_that_changes_is_looked_at_again(change: str) -> None:
    """Whatever changes in a table is seen by the next chart."""
    table = shop()
    before = read_tables(table)["data"]
    CHANGES[change](table)
    after = read_tables(table)["data"]
    assert not after.equals(before) or list(after.columns) != list(before.columns)
    assert after.equals(read_tables(table.copy())["data"])


def test_memory_that_is_written_past_pandas() -> None:
    """Also a write to the array that a table was made from, of which pandas knows nothing, is seen."""
    numbers = np.arange(4.0)
    table = pd.DataFrame({"a": numbers}, copy=False)
    read_tables(table)
    numbers[0] = 7
    assert read_tables(table)["data"]["a"][0] == table["a"][0]


QUESTIONS = (
    "number of rows by region",
    "total units by region",
    "average x of N",
    "total units by region excluding N",
    "number of rows with units over 1 by region",
)


@pytest.mark.parametrize("question", QUESTIONS)
def test_categories_change_no_answer(question: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Texts by categories give the same rows as texts."""
    found: list[Any] = []
    for many in (10**9, 0):
        monkeypatch.setattr(plain, "MANY", many)
        tables = read_tables(shop().copy())
        reading = read_question(question, tables)
        rows = Database(tables).run(draft_by_rules(reading).query, 100)
        check_rows(rows, reading, tables)
        found.append(rows.astype(object).to_dict("list"))
        assert isinstance(tables["data"]["region"].dtype, pd.CategoricalDtype) == (many == 0)
    assert found[0] == found[1]


@pytest.mark.integration
async def test_tables_are_loaded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The next chart of the same table finds it in the process; one of another table finds that one alone."""
    monkeypatch.setattr(sandboxes, "_idle", [])
    monkeypatch.setattr(sandboxes, "PIECE", 2)
    loads: list[int] = []
    pieces = sandboxes._in_pieces

    def counted(tables: Any) -> Any:
        loads.append(1)
        return pieces(tables)

    monkeypatch.setattr(sandboxes, "_in_pieces", counted)
    table = shop()
    for given, count in ((table, 1), (table, 1), (shop().head(2), 2), (table, 3)):
        sandbox = Sandbox()
        await sandbox.load(read_tables(given))
        assert (await sandbox.run("SELECT count(*) AS n FROM data"))["n"].tolist() == [len(given)]
        sandbox.close()
        assert len(loads) == count
    for process, _ in sandboxes._idle:
        end_process(process)
