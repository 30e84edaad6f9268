"""Numbers and dates that are text: read by the evidence of their column, and said."""

from typing import Any

import pandas as pd
import pytest

from progressnb.operations.chart.tables import kind_of, read_tables
from progressnb.operations.chart.texts import read_texts

NUMBERS: dict[str, tuple[list[str], list[float]]] = {
    "dollars": (["$1,234.50", "$12.00", "-$3.25"], [1234.5, 12, -3.25]),
    "percent": (["5 %", "7.5%", "10 %"], [5, 7.5, 10]),
    "plain": (["12", "7", "100"], [12, 7, 100]),
    "German": (["1.234,50 €", "2,00 €"], [1234.5, 2]),
    "Swiss": (["CHF 1'200.50", "CHF 3"], [1200.5, 3]),
    "accounts": (["(1,200)", "300"], [-1200, 300]),
}


@pytest.mark.parametrize("case", NUMBERS)
def test_numbers(case: str) -> None:
    """Amounts, percents and numbers with thousands are numbers."""
    texts, wanted = NUMBERS[case]
    found = read_texts(pd.Series(texts), "x")
    assert found is not None
    assert found.column.tolist() == wanted
    assert found.note.startswith("'x' was read as numbers")


DATES: dict[str, tuple[list[str], str]] = {
    "American": (["12/30/17", "01/02/17"], "2017-12-30"),
    "British": (["30/12/2017", "01/02/2017"], "2017-12-30"),
    "German": (["30.12.2017", "01.02.2017"], "2017-12-30"),
    "names": (["Dec 30 2017", "Jan 2 2017"], "2017-12-30"),
    "months": (["Dec 2017", "Jan 2017"], "2017-12-01"),
}


@pytest.mark.parametrize("case", DATES)
def test_dates(case: str) -> None:
    """The order of day and month is that of the column's own values."""
    texts, first = DATES[case]
    found = read_texts(pd.Series(texts), "x")
    assert found is not None
    assert str(found.column.iloc[0].date()) == first
    assert "was read as dates" in found.note


@pytest.mark.parametrize(
    "texts",
    [
        ["01/02/2017", "03/04/2017"],
        ["007", "012"],
        ["1,5", "1.5"],
        ["$1", "€2"],
        ["a", "1"],
        ["12", "n/a"],
        ["1-2", "3-4"],
    ],
)
def test_what_is_not_sure_stays_text(texts: list[str]) -> None:
    """Dates of unknown order, codes, contradicting and mixed values stay as they are."""
    assert read_texts(pd.Series(texts), "x") is None


@pytest.mark.parametrize("label", ["zip", "order_id", "phone"])
def test_codes(label: str) -> None:
    """Columns whose names say that they identify something stay text."""
    assert read_texts(pd.Series(["8001", "8002"]), label) is None


def test_one_bad_value() -> None:
    """One bad date does not make text of all, and the note counts it."""
    days = [f"2024-01-{day:02}" for day in range(1, 31)]
    tables: Any = read_tables({"day": [*days, "unknown"], "n": range(31)})
    assert kind_of(tables["data"]["day"]) == "time"
    found = read_texts(pd.Series([*days, "unknown"]), "day")
    assert found is not None
    assert found.note == "'day' was read as times; 1 of its 31 values is none."
