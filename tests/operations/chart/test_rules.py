"""Questions for rules: which they read, and the errors for all others."""

import threading
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from progressnb import chart
from progressnb.agents.offline import OfflineModel
from progressnb.errors import InputError, QueryError, UnclearQuestionError
from progressnb.operations.chart.rules.checking import check_rows, recompute
from progressnb.operations.chart.rules.drafts import draft_by_rules, remarks
from progressnb.operations.chart.rules.parser import read_question
from progressnb.operations.chart.rules.reading import Reading
from progressnb.operations.chart.tables import kind_of, read_tables
from progressnb.web import Text


def shop(count: int = 300) -> pd.DataFrame:
    """Make orders, the same ones each time."""
    rng = np.random.default_rng(1)
    return pd.DataFrame(
        {
            "order_id": range(count),
            "customer": rng.choice(list("abcdefg"), count),
            "region": rng.choice(["N", "S", "E"], count),
            "category": rng.choice(["toys", "books"], count),
            "price": rng.random(count) * 10,
            "revenue": rng.random(count) * 100,
            "rating": rng.integers(1, 6, count),
            "age": rng.integers(18, 80, count),
            "date": pd.date_range("2025-01-01", periods=count),
            "active": rng.random(count) < 0.5,
        }
    )


SHOP = {"data": shop()}
NINE = pd.date_range("2025-01-01", periods=9, freq="D")


def title(question: str) -> str:
    """Return what rules would draw."""
    return str(draft_by_rules(read_question(question, SHOP)).spec["title"])


READ = {
    "total revenue by region": "Total revenue by region",
    "bar chart of revenue by region": "Total revenue by region",
    "compare revenue by region": "Total revenue by region",
    "average price of each category": "Average price by category",
    "average price by rating": "Average price by rating",
    "average revenue by age": "Average revenue by age",
    "highest price by category": "Highest price by category",
    "top 5 customers by revenue": "Top 5 customer by total revenue",
    "five best customers by revenue": "Top 5 customer by total revenue",
    "top customers by revenue": "Top 10 customer by total revenue",
    "show me the 3 customers with the lowest revenue": "Bottom 3 customer by total revenue",
    "which customer has the highest revenue": "Total revenue by customer",
    "which category has the lowest average price": "Average price by category",
    "which region has the most rows": "Number of rows by region",
    "number of rows by active": "Number of rows by active",
    "distinct customers per region": "Number of different customer by region",
    "number of customers per region": "Number of different customer by region",
    "number of unique customers per month": "Number of different customer per month",
    "how many orders per month": "Number of different order id per month",
    "histogram of age": "Distribution of age",
    "how is revenue distributed": "Distribution of revenue",
    "frequency of category": "Number of rows by category",
    "is price related to rating": "Price against rating",
    "scatter plot of price against revenue": "Price against revenue",
    "trend of revenue": "Total revenue per month",
    "line chart of revenue per week": "Total revenue per week",
    "daily revenue": "Total revenue per day",
    "pie chart of revenue by region": "Total revenue by region",
    "monthly revenue by category": "Total revenue per month and category",
    "revenue by region and category": "Total revenue by region and category",
    "revenue per customer per month": "Total revenue per month and customer",
    "price by region and rating": "Average price by region and rating",
    "cumulative revenue per month": "Running total revenue per month",
    "share of revenue by category": "Share of total revenue by category",
    "revenue by region as percentage": "Share of total revenue by region",
    "share of active by region": "Percent active by region",
    "how many active by region": "Number of rows by region",
    "total revenue and average price by region": "Total revenue, average price by region",
    "average age": "Average age",
    "number of regions": "Number of different region",
}


@pytest.mark.parametrize("question", READ)
def test_read(question: str) -> None:
    """The usual ways to ask are read, and the title says as what."""
    assert title(question) == READ[question]


UNREAD = {
    "90th percentile of price by region": "'90th', 'percentile'",
    "box plot of price by category": "'box'",
    "total revenue by region in 2024": "none, by 'date'",
    "count of customers with revenue over 100 by region": "none, by 'revenue'",
    "average order value by region": "'value'",
    "Umsatz nach Region": "'umsatz', 'nach'",
    "revenue": "does not say by what",
    "number of age by region": "may ask for rows or for a total",
    "how many visits by region": "'visits' is no column or value",
}


FILTERED = {
    "total revenue by region in 2025": "year of date = 2025",
    "total revenue by region excluding N": "region is not N",
    "sum of revenue where region is N": "region is N",
    "average price of toys per month": "category is toys",
    "count of customers with revenue over 50 by region": "revenue > 50",
    "how many active by region": "active is True",
    "revenue by category in March": "month of date = 3",
    "average price by category on weekends": "date on weekends",
    "average revenue by category for S and E": "region is one of S, E",
}


@pytest.mark.parametrize("question", FILTERED)
def test_conditions(question: str) -> None:
    """Values, comparisons, years, months and weekends choose rows, and a sentence on the chart says which."""
    reading = read_question(question, SHOP)
    assert f"Only where {FILTERED[question]}." in remarks(reading)


@pytest.mark.parametrize("question", UNREAD)
def test_not_read(question: str) -> None:
    """A question is read as a whole or not at all: what would be left out is named."""
    with pytest.raises(InputError) as caught:
        read_question(question, SHOP)
    assert UNREAD[question] in caught.value.got


@pytest.mark.parametrize(
    "question",
    [
        "total sales by product in the US",
        "total sales by product in US",
        "sales per product for IT",
        "sales by product in us",
    ],
)
def test_values_are_words(question: str) -> None:
    """A word that usually says nothing is a condition where it is a value of the table."""
    tables = {"data": pd.DataFrame({"country": ["US", "IT"], "product": ["x", "x"], "sales": [1, 10]})}
    (only,) = read_question(question, tables).filters
    assert (only.column, only.value) == ("country", "IT" if "IT" in question else "US")


@pytest.mark.parametrize(
    ("question", "column"),
    [("average unemployment by region", "employment"), ("number of rows by inactive", "active")],
)
def test_opposites_are_no_typos(question: str, column: str) -> None:
    """A word that begins otherwise is another word."""
    tables = {"data": pd.DataFrame({"region": ["a", "b"], column: [1, 2]})}
    with pytest.raises(InputError):
        read_question(question, tables)


def test_flags_are_not_counted_as_values() -> None:
    """The question for how many were returned counts those that say yes, and not different values."""
    expected = shop()[shop()["active"]].groupby("region").size()
    assert recompute(read_question("how many active by region", SHOP), SHOP).to_dict() == expected.to_dict()


async def test_two_tables() -> None:
    """A table that is named is the one; where there are others, the explanation says which."""
    tables = {f"sales_{zone}": pd.DataFrame({"region": ["a"], "revenue": [n]}) for zone, n in (("eu", 1), ("us", 100))}
    for question in ("total revenue by region in sales_us", "total revenue by region of sales us"):
        result = await ask(question, tables)
        assert result.data["total revenue"].tolist() == [100]
        assert "The table is 'sales_us'." in result.explanation
    assert "The table is 'sales_eu'." in (await ask("total revenue by region", tables)).explanation


STRANGE: dict[str, tuple[str, dict[str, Any]]] = {
    "numbers that are names": ("top 2 stores by sales", {"store": [1, 2, 10], "sales": [5.0, 50.0, 9.0]}),
    "a column called key": ("top 2 keys by sales", {"key": list("abc"), "sales": [5.0, 50.0, 9.0]}),
    "a column called value": ("top 2 values by sales", {"value": list("abc"), "sales": [5.0, 50.0, 9.0]}),
    "very large numbers": ("top 2 g by sales", {"g": list("abc"), "sales": [1, 2**62, 2**62]}),
}


@pytest.mark.parametrize("case", STRANGE)
async def test_top_of_strange_tables(case: str) -> None:
    """The top ones are the top ones, whatever columns are called and however large the numbers are."""
    question, table = STRANGE[case]
    result = await ask(question, pd.DataFrame(table))
    label = next(iter(table))
    pairs = sorted(zip(table["sales"], table[label], strict=True), reverse=True)[:2]
    assert sorted(result.data[label].tolist(), key=str) == sorted((key for _, key in pairs), key=str)


async def test_a_column_called_count() -> None:
    """Names that differ in case alone are one name to SQL."""
    table = pd.DataFrame({"Count": [1, 2, 2]})
    assert (await ask("histogram of Count", table)).data.iloc[:, -1].tolist() == [1, 2]
    assert (await ask("number of rows by Count", table)).data.iloc[:, -1].tolist() == [1, 2]


async def test_ties_and_roundings() -> None:
    """Of equals any may be the last one, and a sum may be made in any order."""
    many = pd.DataFrame({"region": [f"r{i}" for i in range(40) for _ in range(3)], "sales": [0.1, 0.2, 0.3] * 40})
    assert len((await ask("sales by region", many)).data) == 30
    await ask("top 1 store by sales", pd.DataFrame({"store": list("aaabbb"), "sales": [0.1, 0.2, 0.3, 0.3, 0.2, 0.1]}))
    noise = pd.Series(np.random.default_rng(0).normal(0, 1e9, 1_000))
    await ask("sales by region", pd.DataFrame({"region": "a", "sales": noise - noise.mean()}))


def test_wrong_top_is_found() -> None:
    """One that is left out and is better than one that is drawn is found."""
    tables = {"data": pd.DataFrame({"g": list("abc"), "sales": [5.0, 50.0, 9.0]})}
    reading = read_question("top 2 g by sales", tables)
    check_rows(pd.DataFrame({"g": ["b", "c"], "total sales": [50.0, 9.0]}), reading, tables)
    with pytest.raises(QueryError, match="top 2"):
        check_rows(pd.DataFrame({"g": ["b", "a"], "total sales": [50.0, 5.0]}), reading, tables)


class Colour(str, Enum):  # noqa: UP042 - the other kind of such
    """A text of a kind that other processes don't know."""

    RED = "red"


class OwnFrame(pd.DataFrame):
    """A table of a notebook's own."""


async def test_what_is_a_notebooks_own() -> None:
    """Classes and attributes that only this process knows stay here."""
    frame = OwnFrame({Text("g"): [Colour.RED, Text("b")], "n": [1, 2]})
    frame.attrs["lock"] = threading.Lock()
    assert sorted((await ask("total n by g", frame)).data["g"]) == ["b", "red"]


def test_examples_make_sense() -> None:
    """The examples that an error gives add no identifiers, and can be asked."""
    with pytest.raises(InputError) as caught:
        read_question("?", SHOP)
    examples = [each for each in str(caught.value).split("Such as: ")[1].split("'")[1::2] if each.strip("; ")]
    assert examples[:2] == ["total price by customer", "top 5 customer by total price"]
    for example in examples[:5]:
        read_question(example, SHOP)


def test_no_dates() -> None:
    """A question for time names the column that looks like dates and has none."""
    tables = read_tables({"sales": [1, 2], "date": ["2025-01-01", "unknown"]})
    with pytest.raises(InputError, match=r"'date' has other values; convert it with pandas\.to_datetime"):
        read_question("sales per month", tables)


async def ask(question: str, data: Any) -> Any:
    """Ask for a chart, without a panel."""
    return await chart.using(show=False)(question, data, model=OfflineModel(pace=0))


async def test_rows_that_are_left_out() -> None:
    """Rows with nothing to group by are told, and which time is meant."""
    data = pd.DataFrame({"g": ["a", None, "b"], "n": [1.0, float("inf"), float("nan")], "hired": [NINE[0], None, None]})
    assert "1 row without 'g' left out." in (await ask("number of rows by g", data)).explanation
    assert "2 rows without 'n' left out." in (await ask("distribution of n", data)).explanation
    assert "The time is 'hired'. 2 rows without 'hired' left out." in (await ask("total n per day", data)).explanation


async def test_a_column_of_nothing() -> None:
    """Where there is nothing to group by, the error names the column."""
    with pytest.raises(InputError, match="values in the column 'g', got none"):
        await ask("total n by g", pd.DataFrame({"g": [None, None], "n": [1, 2]}))


async def test_what_is_not_finite(tmp_path: Path) -> None:
    """An infinite value is no mark, and the chart is drawn without it."""
    result = await ask("total n by g", pd.DataFrame({"g": ["a", "b"], "n": [1.0, float("inf")]}))
    assert result.data["total n"].tolist() == [float("inf"), 1.0]
    assert b"Infinity" not in result.save(tmp_path / "c.json").read_bytes()


async def test_many_groups() -> None:
    """Of very many groups the largest are drawn, and the title says of how many."""
    result = await ask("total n by name", pd.DataFrame({"name": [f"n{i:03}" for i in range(500)], "n": range(500)}))
    assert result.data["name"].tolist() == [f"n{i}" for i in range(499, 469, -1)]
    assert result.explanation.startswith("Top 30 of 500 name by total n")


async def test_labels_of_steps() -> None:
    """The labels of groups side by side stand upright where they are numbers, and don't lie on one another."""
    chart = (await ask("average revenue by age", shop())).chart.to_dict()
    axis = chart["encoding"]["x"]["axis"]
    assert (axis["labelOverlap"], axis["labelAngle"]) == ("greedy", 0)


async def test_many_points() -> None:
    """Of very many points some from all over the table are drawn, and the title says how many."""
    count = 100_000
    result = await ask("a against b", pd.DataFrame({"a": [0] * 50_000 + [1] * 50_000, "b": range(count)}))
    assert len(result.data) == 5_000
    assert result.data["a"].mean() == pytest.approx(0.5)
    assert "one of 20 points" in result.explanation


async def test_rows_that_are_counted() -> None:
    """Where rows are counted under another name, the explanation says so; a name that no column has is asked about."""
    flights = pd.DataFrame({"flight": range(100, 160), "carrier": ["UA", "AA"] * 30})
    assert "A row is taken for one of the 'flights'." in (await ask("flights by carrier", flights)).explanation
    with pytest.raises(UnclearQuestionError) as caught:
        await ask("how many visits by region", shop())
    assert caught.value.choices == ("number of rows by region",)
    assert "taken" not in (await ask("number of rows by region", shop())).explanation


async def test_whole_numbers_stay_whole() -> None:
    """Sums of whole numbers are whole numbers, with all digits as far as NumPy has them."""
    exact = await ask(
        "total n by g", pd.DataFrame({"g": ["a", "a", "b"], "n": [2**53 - 2, 1, None]}).astype({"n": "Int64"})
    )
    assert exact.data["total n"].tolist()[0] == 2**53 - 1
    whole = await ask("total n by g", pd.DataFrame({"g": ["a", "b"], "n": [3, 4]}))
    assert whole.data["total n"].dtype == "int64"


async def test_years() -> None:
    """A column of years groups, in its order, also where time is asked for."""
    table = pd.DataFrame({"year": [2024, 2023, 2024], "sales": [1, 2, 3]})
    for question in ("total sales by year", "sales over time", "sales per year"):
        assert (await ask(question, table)).data.to_numpy().tolist() == [[2023, 2], [2024, 4]]


@pytest.mark.parametrize("zone", ["Europe/Zurich", "America/New_York", "Asia/Kolkata", "UTC"])
async def test_time_zones(zone: str) -> None:
    """A month begins where it does on the column's own clock, wherever this machine is."""
    times = pd.date_range("2025-01-31 20:00", periods=9, freq="h", tz=zone)
    result = await ask("number of rows per month", pd.DataFrame({"time": times}))
    assert result.data["count"].tolist() == [4, 5]
    assert result.data["time"].tolist() == [pd.Timestamp("2025-01-01"), pd.Timestamp("2025-02-01")]


INDEXED: list[Any] = [
    shop().groupby("region")[["revenue"]].sum(),
    shop().groupby("region")["revenue"].sum(),
    shop().groupby(["region", "category"])[["revenue"]].sum(),
]


@pytest.mark.parametrize("data", INDEXED)
async def test_index(data: Any) -> None:
    """An index with a name is a column."""
    result = await ask("total revenue by region", data)
    expected = shop().groupby("region")["revenue"].sum()
    assert result.data.set_index("region")["total revenue"].to_dict() == pytest.approx(expected.to_dict())


async def test_index_of_times() -> None:
    """An index of times is a column, with a name or without; one that only counts is none."""
    for index in (NINE, NINE.rename("date"), NINE.to_period()):
        result = await ask("total n per day", pd.DataFrame({"n": range(9)}, index=index))
        assert result.data["total n"].tolist() == list(range(9))
    assert list(read_tables(shop().tail(3))["data"].columns) == list(shop().columns)


async def test_headings() -> None:
    """Columns under several headings have the name of all."""
    data = shop().groupby("region").agg({"revenue": ["sum", "mean"]}).reset_index()
    assert list(read_tables(data)["data"].columns) == ["region", "revenue sum", "revenue mean"]


@pytest.mark.parametrize(
    ("values", "kind", "first"),
    [
        ([Decimal("1.5"), Decimal(2)], "number", 1.5),
        (pd.to_timedelta(["90s", "2s"]), "number", 90.0),
        (pd.PeriodIndex(["2025-01", "2025-02"], freq="M"), "time", pd.Timestamp("2025-01-01")),
        (pd.Categorical(["b", "a"]), "text", "b"),
        (pd.Categorical([3, 1]), "number", 3),
        (["2025-01-01T10:00+02:00", "2025-07-01T10:00+01:00"], "time", pd.Timestamp("2025-01-01 10:00")),
        ([date(2025, 1, 1), None], "time", pd.Timestamp("2025-01-01")),
        ([datetime.fromisoformat("2025-01-01T10:00+02:00"), None], "time", pd.Timestamp("2025-01-01 10:00")),
        ([True, None], "text", "True"),
        ([1, "a"], "text", "1"),
        (pd.array([None, None], dtype="string"), "text", None),
        (np.array([1.5, 2], dtype="float16"), "number", 1.5),
        (["2025-01-01", "x"], "text", "2025-01-01"),
    ],
)
def test_kinds(values: Any, kind: str, first: object) -> None:
    """Columns of every kind that pandas has are numbers, times or texts."""
    column = read_tables(pd.DataFrame({"x": values}))["data"]["x"]
    assert kind_of(column) == kind
    assert column.isna().all() if first is None else column.iloc[0] == first


@pytest.mark.parametrize(
    ("question", "data"), [(shop(), "total revenue by region"), (None, shop()), ("x" * 2_001, shop())]
)
async def test_no_question(question: Any, data: Any) -> None:
    """Anything but a question is refused, also where question and data are swapped."""
    with pytest.raises(InputError, match="question of 1 to 2,000 characters"):
        await ask(question, data)


def test_reading_is_plain() -> None:
    """The same question of the same table has the same reading."""
    assert read_question("histogram of age", SHOP) == Reading("distribution", "data", None, "age", bin_width=5)
