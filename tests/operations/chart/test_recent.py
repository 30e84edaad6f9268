"""Times that are relative to the newest one, dates, the top ones of each group, correlations and widths of bins."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from progressnb.errors import InputError, UnclearQuestionError
from progressnb.operations.chart.query.database import Database
from progressnb.operations.chart.rules.checking import check_rows
from progressnb.operations.chart.rules.drafts import draft_by_rules, remarks
from progressnb.operations.chart.rules.examples import examples
from progressnb.operations.chart.rules.parser import read_question
from progressnb.operations.chart.rules.spotting import Vocabulary
from progressnb.operations.chart.tables import read_tables


def orders(last: str = "2025-02-08") -> dict[str, pd.DataFrame]:
    """Make orders, one a day up to a last one."""
    count = 1_200
    rng = np.random.default_rng(1)
    return read_tables(
        pd.DataFrame(
            {
                "product": rng.choice(["toy", "book", "pen", "cup"], count),
                "region": rng.choice(["N", "S"], count),
                "sex": rng.choice(["male", "female"], count),
                "price": rng.random(count) * 10,
                "revenue": rng.random(count) * 100,
                "date": pd.date_range(end=last, periods=count),
            }
        )
    )


ORDERS = orders()


def answered(question: str, tables: dict[str, pd.DataFrame] = ORDERS) -> pd.DataFrame:
    """Return the rows of an answer, checked."""
    reading = read_question(question, tables)
    rows = Database(tables).run(draft_by_rules(reading).query, 5_000)
    check_rows(rows, reading, tables)
    return rows


RECENT = {
    "in the past 3 years": ("2022-02-09", "2025-02-08"),
    "over the last 12 months": ("2024-02-09", "2025-02-08"),
    "in the last 90 days": ("2024-11-11", "2025-02-08"),
    "this year": ("2025-01-01", "2025-02-08"),
    "previous month": ("2025-01-01", "2025-01-31"),
    "previous quarter": ("2024-10-01", "2024-12-31"),
    "since 2024-05-01": ("2024-05-01", "2025-02-08"),
    "after 2024-05": ("2024-06-01", "2025-02-08"),
    "before 2024-05-01": ("2000-01-01", "2024-04-30"),
    "between 2024-05-01 and 2024-06-30": ("2024-05-01", "2024-06-30"),
    "from 2024-01 to 2024-03": ("2024-01-01", "2024-03-31"),
    "on 2024-05-01": ("2024-05-01", "2024-05-01"),
}


@pytest.mark.parametrize("words", RECENT)
def test_times(words: str) -> None:
    """Times relative to the newest one of the table, and dates, choose the days that they say."""
    table = ORDERS["data"]
    first, last = RECENT[words]
    wanted = table[table["date"].between(first, last)].groupby("region")["revenue"].sum()
    got = answered(f"total revenue by region {words}").set_index("region")["total revenue"]
    pd.testing.assert_series_equal(got.sort_index(), wanted.sort_index(), check_names=False, check_dtype=False)


def test_what_was_assumed_is_said() -> None:
    """The chart says with which time a span ends, and on which it begins."""
    said = " ".join(remarks(read_question("total revenue by region in the past 3 years", ORDERS)))
    assert "'past 3 years' ends with the newest date, 2025-02-08, and begins on 2022-02-09." in said


def test_a_last_month_that_is_not_over() -> None:
    """Where the newest month may not be over, the last one is asked about, and each choice is answered."""
    with pytest.raises(UnclearQuestionError) as caught:
        read_question("total revenue by region last month", ORDERS)
    assert len(caught.value.choices) == 2
    for choice in caught.value.choices:
        answered(choice)
    assert len(answered("total revenue by region last month", orders("2025-01-31"))) == 2


def test_top_of_each() -> None:
    """The top ones of each group are those of pandas."""
    table = ORDERS["data"]
    rows = answered("top 2 products in each region by revenue")
    wanted = table.groupby(["region", "product"])["revenue"].sum().groupby("region").nlargest(2)
    assert sorted(rows["total revenue"].round(6)) == sorted(wanted.round(6))
    rows = answered("bottom 1 products per region by average price")
    assert len(rows) == 2


def test_correlation_and_deviation() -> None:
    """A correlation and a standard deviation are those of pandas."""
    table = ORDERS["data"]
    got = answered("correlation between price and revenue").iloc[0, 0]
    assert got == pytest.approx(table["price"].corr(table["revenue"]))
    spread = answered("standard deviation of price by region").set_index("region").iloc[:, 0]
    assert spread.to_dict() == pytest.approx(table.groupby("region")["price"].std().to_dict())


def test_width_of_bins() -> None:
    """Bins have the width that is asked for."""
    for words in ("distribution of revenue, bins of 25", "histogram of revenue in 25 dollar bins"):
        assert answered(words)["revenue"].tolist() == [0, 25, 50, 75]


def test_men_and_women() -> None:
    """Women are those whose sex is female, and the chart says so."""
    reading = read_question("average price of women by region", ORDERS)
    assert "'women' is read as 'female'." in remarks(reading)


NOT_READ = [
    "latest price by region",
    "total revenue by region since last year",
    "histogram of revenue with 10 bins",
    "top 2 products per month by revenue",
    "last 5 products by revenue",
    "correlation of price by region",
    "total revenue by region in the past 0 years",
]


@pytest.mark.parametrize("question", NOT_READ)
def test_not_sure(question: str) -> None:
    """What has several meanings, or none, is not answered."""
    with pytest.raises(InputError):
        read_question(question, ORDERS)


LABELS = st.sampled_from(
    ["date", "day", "year", "month", "count", "total", "size", "net price", "lifeExp", "Größe", "region", "is_new",
     "in", "top", "order_id", "last", "bins", "2024", "average tip", "pop", "temp_max", "a b c", "n"]
)  # fmt: skip
COLUMNS: Any = st.sampled_from(
    [
        ["a", "b", "a", "c"],
        [1, 2, 3, 4],
        [1.5, 2.5, None, 4.0],
        [True, False, True, True],
        ["yes", "no", "yes", "no"],
        pd.to_datetime(["2024-01-01", "2024-02-01", "2024-03-01", "2024-04-01"]),
        [2001, 2002, 2003, 2004],
        ["$1", "$2", "$3", "$4"],
        ["last", "total", "by", "2024"],
    ]
)


ASKED = ["why", "total foo by bar", "last month", "size by day", "how many count", "top 3 region"]


@given(st.dictionaries(LABELS, COLUMNS, min_size=1, max_size=5), st.sampled_from(ASKED))
def test_each_proposal_is_answered(columns: dict[str, Any], question: str) -> None:
    """Each example that a refusal proposes, and each choice that is asked about, is answered, whatever the table."""
    tables = read_tables(pd.DataFrame(columns))
    proposed: list[str] = []
    try:
        read_question(question, tables)
    except UnclearQuestionError as error:
        proposed = list(error.choices)
    except InputError as error:
        names = Vocabulary("data", tables["data"])
        proposed = [each for each in examples(names) if f"{each!r}" in str(error)]
    database = Database(tables)
    for each in proposed:
        reading = read_question(each, tables)
        check_rows(database.run(draft_by_rules(reading).query, 5_000), reading, tables)
