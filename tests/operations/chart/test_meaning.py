"""The meaning of questions: each word takes one role, what is not sure is asked, and nothing is answered falsely."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from progressnb.errors import InputError, UnclearQuestionError
from progressnb.operations.chart.rules.checking import recompute
from progressnb.operations.chart.rules.drafts import draft_by_rules
from progressnb.operations.chart.rules.parser import read_question
from progressnb.operations.chart.tables import read_tables

RNG = np.random.default_rng(5)
COUNT = 240
SHIPS = read_tables(
    pd.DataFrame(
        {
            "class": RNG.choice(["1st", "2nd", "3rd"], COUNT),
            "who": RNG.choice(["man", "woman", "child"], COUNT),
            "survived": RNG.choice(["yes", "no"], COUNT),
            "is_insured": RNG.random(COUNT) < 0.5,
            "ticketPrice": RNG.random(COUNT) * 100,
            "temp_max": RNG.random(COUNT),
            "temp_min": RNG.random(COUNT),
            "revenue": RNG.integers(1, 50, COUNT),
            "voyage": RNG.permutation(np.arange(1000, 1000 + COUNT)),
            "Größe": RNG.random(COUNT),
            "day": pd.date_range("2024-01-01", periods=COUNT),
        }
    )
)
SHIP = SHIPS["data"]


def values(question: str) -> dict[Any, Any]:
    """Return the values that rules read a question as, computed by pandas."""
    return recompute(read_question(question, SHIPS), SHIPS).to_dict()


def grouped(rows: pd.DataFrame, by: str = "class") -> dict[Any, int]:
    """Count rows by a column."""
    return rows.groupby(by).size().to_dict()


RIGHT: dict[str, Any] = {
    "how many women by class": lambda: grouped(SHIP[SHIP["who"] == "woman"]),
    "how many children per class": lambda: grouped(SHIP[SHIP["who"] == "child"]),
    "how many survived by class": lambda: grouped(SHIP[SHIP["survived"] == "yes"]),
    "how many survivors by class": lambda: grouped(SHIP[SHIP["survived"] == "yes"]),
    "how many did not survive by class": lambda: grouped(SHIP[SHIP["survived"] == "no"]),
    "how many insured by who": lambda: grouped(SHIP[SHIP["is_insured"]], "who"),
    "voyages by class": lambda: SHIP.groupby("class").size().to_dict(),
    "number of rows with revenue over 20 by class": lambda: grouped(SHIP[SHIP["revenue"] > 20]),
    "number of women with at least 40 revenue": lambda: {
        "": int(((SHIP["who"] == "woman") & (SHIP["revenue"] >= 40)).sum())
    },
    "survival rate by class": ((SHIP["survived"] == "yes").groupby(SHIP["class"]).mean() * 100).to_dict,
    "ticketPrice by class": lambda: SHIP.groupby("class")["ticketPrice"].mean().to_dict(),
    "average ticket price by class": lambda: SHIP.groupby("class")["ticketPrice"].mean().to_dict(),
    "avarage ticket price by class": lambda: SHIP.groupby("class")["ticketPrice"].mean().to_dict(),
    "average Größe by who": lambda: SHIP.groupby("who")["Größe"].mean().to_dict(),
    "min temp by class": lambda: SHIP.groupby("class")["temp_min"].mean().to_dict(),
    "total revenue by class excluding 3rd": lambda: (
        SHIP[SHIP["class"] != "3rd"].groupby("class")["revenue"].sum().to_dict()
    ),
    "revenue of women and children by class": lambda: (
        SHIP[SHIP["who"] != "man"].groupby(["class", "who"])["revenue"].sum().to_dict()
    ),
    "which class has the most revenue": lambda: SHIP.groupby("class")["revenue"].sum().to_dict(),
    "which class has the highest average ticket price": lambda: SHIP.groupby("class")["ticketPrice"].mean().to_dict(),
    "share of revenue by class": (SHIP.groupby("class")["revenue"].sum() / SHIP["revenue"].sum() * 100).to_dict,
    "most common who": lambda: SHIP.groupby("who").size().to_dict(),
    "average revenue by weekday": lambda: SHIP.groupby(SHIP["day"].dt.day_name())["revenue"].mean().to_dict(),
}


@pytest.mark.parametrize("question", RIGHT)
def test_right(question: str) -> None:
    """Values, yes and no, row nouns, comparisons, exact names, typos and shares are read as what they mean."""
    assert values(question) == pytest.approx(RIGHT[question]())


ASKED = {
    "which class has the highest ticketPrice": (
        "which class has the highest average ticketPrice",
        "highest ticketPrice by class",
    ),
    "temp by class": ("temp_max by class", "temp_min by class"),
    "how many passengers by class": ("number of rows by class",),
    "how many cancellations by class": ("number of rows by class",),
    "how many revenue by class": ("number of rows by class", "total revenue by class"),
    "women by class": ("number of rows: women by class",),
    "worst ticketPrice by class": None,
    "Größe by class": ("average Größe by class", "total Größe by class"),
}


@pytest.mark.parametrize("question", ASKED)
def test_asked_back(question: str) -> None:
    """What has several meanings is asked, and each of the choices is answered."""
    with pytest.raises(InputError) as caught:
        read_question(question, SHIPS)
    if (expected := ASKED[question]) is not None:
        assert isinstance(caught.value, UnclearQuestionError)
        assert caught.value.choices[: len(expected)] == expected
        assert all(repr(choice) in str(caught.value) for choice in caught.value.choices)
        for choice in caught.value.choices:
            read_question(choice, SHIPS)


REFUSED = [
    "least profitable class",
    "most expensive class",
    "longest voyage",
    "sum of voyage ids by class",
    "difference between women and children",
    "will revenue go up next year",
    "revenue by class last year",
    "average age by class",
]


@pytest.mark.parametrize("question", REFUSED)
def test_refused(question: str) -> None:
    """Adjectives, events, missing columns and other times are refused, and never left out."""
    with pytest.raises(InputError):
        read_question(question, SHIPS)


def test_counts_of_aggregated_rows() -> None:
    """Where a column says how many each row stands for, a question for how many asks which is meant."""
    medals = read_tables({"nation": ["A", "A", "B"], "medal": ["gold", "silver", "gold"], "count": [3, 1, 2]})
    with pytest.raises(UnclearQuestionError) as caught:
        read_question("how many gold by nation", medals)
    first = recompute(read_question(caught.value.choices[0], medals), medals)
    assert first.to_dict() == {"A": 3, "B": 2}


def test_levels_per_period() -> None:
    """Values that are there once a month are drawn a month each; of a year they are asked about, and not added up."""
    months = pd.date_range("2020-01-01", periods=36, freq="MS")
    tables = read_tables(pd.DataFrame({"month": months, "manufacturing": range(36), "population": range(36)}))
    assert recompute(read_question("manufacturing over time", tables), tables).tolist() == list(range(36))
    for label in ("manufacturing", "population"):
        with pytest.raises(UnclearQuestionError, match="may be averaged or added up"):
            read_question(f"{label} by year", tables)


def test_stocks_of_one_year() -> None:
    """Populations are added up over places of one year, and never over years."""
    tables = read_tables(
        {"place": ["A", "A", "B", "B"], "land": ["x"] * 4, "year": [1, 2, 1, 2], "pop": [1, 2, 10, 20]}
    )
    tables["data"]["year"] += 2000
    assert recompute(read_question("population by land in 2001", tables), tables).to_dict() == {"x": 11}
    assert recompute(read_question("population over time", tables), tables).to_dict() == {2001: 11, 2002: 22}
    with pytest.raises(UnclearQuestionError):
        read_question("population by land", tables)


def test_names_that_are_functions() -> None:
    """A column whose name is a common word is that column where it is named exactly."""
    tables = read_tables({"count": [1, 2], "Country": ["A", "B"], "time": ["Lunch", "Dinner"], "total": [3, 4]})
    assert read_question("total total by time", tables).measure == "total"
    assert read_question("number of countries by time", tables).measure == "Country"


def test_nothing_of_a_question_is_lost() -> None:
    """A word in the middle of a question that says something is never left out, whatever it is."""
    for word in ("refunded", "median", "weighted", "last", "without", "7", "net"):
        for question in (
            f"total {word} revenue by class",
            f"total revenue {word} by class",
            f"total revenue by class {word}",
        ):
            try:
                reading = read_question(question, SHIPS)
            except InputError:
                continue
            assert reading != read_question("total revenue by class", SHIPS), question


def test_what_was_assumed_stands_on_the_chart() -> None:
    """The default aggregate, a corrected word and conditions are sentences below the title."""
    from progressnb.operations.chart.rules.drafts import remarks

    below = remarks(read_question("ticketPrice by class of women in January", SHIPS))
    assert "'ticketPrice' is averaged." in below
    assert "Only where who is woman and month of day = 1." in below
    assert draft_by_rules(read_question("avarage revenue by class", SHIPS)).spec["title"] == "Average revenue by class"
    assert "'avarage' is read as 'avg'." in remarks(read_question("avarage revenue by class", SHIPS))
