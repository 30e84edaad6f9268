"""Charts by explicit arguments, and changes of charts."""

from typing import Any

import pandas as pd
import pytest

from progressnb import chart
from progressnb.agents.offline import OfflineModel
from progressnb.errors import InputError, UnclearQuestionError
from progressnb.operations.chart.rules.checking import recompute
from progressnb.operations.chart.rules.explicit import Arguments, explicit_reading
from progressnb.operations.chart.rules.parser import read_question
from progressnb.operations.chart.rules.refining import refined
from progressnb.testing import scripted_model

SALES = pd.DataFrame(
    {
        "region": ["N", "S", "N", "S", "E", "N"],
        "kind": ["a", "b", "b", "a", "a", "a"],
        "price": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0],
        "revenue": [10, 20, 30, 40, 50, 60],
        "date": pd.to_datetime(["2023-05-01", "2024-01-02", "2024-01-09", "2024-02-01", "2023-07-07", "2024-02-03"]),
    }
)
TABLES = {"data": SALES}
BEFORE = read_question("total revenue by region", TABLES)
LATE = SALES[SALES["date"].dt.year == 2024]

CHANGES: dict[str, Any] = {
    "only 2024": LATE.groupby("region")["revenue"].sum(),
    "as percent, only 2024": LATE.groupby("region")["revenue"].sum() / LATE["revenue"].sum() * 100,
    "excluding N": SALES[SALES["region"] != "N"].groupby("region")["revenue"].sum(),
    "only a": SALES[SALES["kind"] == "a"].groupby("region")["revenue"].sum(),
    "average instead": SALES.groupby("region")["revenue"].mean(),
    "by kind instead": SALES.groupby("kind")["revenue"].sum(),
    "coloured by kind": SALES.groupby(["region", "kind"])["revenue"].sum(),
    "also by kind": SALES.groupby(["region", "kind"])["revenue"].sum(),
}


@pytest.mark.parametrize("change", CHANGES)
def test_changes(change: str) -> None:
    """A change keeps what it does not name: measure, group and rows."""
    assert recompute(refined(BEFORE, change, TABLES), TABLES).to_dict() == pytest.approx(CHANGES[change].to_dict())


def test_top_and_mark() -> None:
    """The number of groups and the kind of chart can be changed."""
    assert refined(BEFORE, "top 2", TABLES).top == 2
    assert refined(BEFORE, "as a pie", TABLES).mark == "arc"


def test_unclear_and_unread_changes() -> None:
    """A change with two meanings is asked about, and one that says nothing known is refused."""
    with pytest.raises(UnclearQuestionError) as caught:
        refined(BEFORE, "by kind", TABLES)
    for choice in caught.value.choices:
        refined(BEFORE, choice, TABLES)
    for change in ("make it purple", "only", "please"):
        with pytest.raises(InputError):
            refined(BEFORE, change, TABLES)


EXPLICIT: list[tuple[Arguments, Any]] = [
    (Arguments(x="region"), SALES.groupby("region").size()),
    (Arguments(x="region", y="price", aggregate="mean"), SALES.groupby("region")["price"].mean()),
    (Arguments(x="year(date)", y="revenue", aggregate="sum"), None),
    (Arguments(y="revenue", aggregate="max"), None),
    (
        Arguments(x="region", y="revenue", aggregate="sum", color="kind"),
        SALES.groupby(["region", "kind"])["revenue"].sum(),
    ),
    (
        Arguments(x="region", y="revenue", aggregate="sum", where={"kind": ["a"], "price": (">", 1)}),
        SALES[(SALES["kind"] == "a") & (SALES["price"] > 1)].groupby("region")["revenue"].sum(),
    ),
]


@pytest.mark.parametrize(("given", "wanted"), EXPLICIT)
def test_explicit(given: Arguments, wanted: Any) -> None:
    """Columns by name need no words: groups, aggregates, colours and conditions."""
    got = recompute(explicit_reading(given, TABLES), TABLES)
    if wanted is None:
        assert got.tolist() in ([60, 150], [60])
    else:
        assert got.to_dict() == pytest.approx(wanted.to_dict())


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (Arguments(x="regoin"), "Did you mean 'region'"),
        (Arguments(x="region", y="price"), "an aggregate"),
        (Arguments(x="region", y="price", aggregate="sums"), "an aggregate of sum"),
        (Arguments(x="kind", y="region", aggregate="sum"), "numbers for the aggregate"),
        (Arguments(x="month(region)"), "a unit of day"),
        (Arguments(x="region", where={"date": (">", "soon")}), "a time for 'date'"),
        (Arguments(color="kind"), "x, or y with an aggregate"),
    ],
)
def test_explicit_errors(given: Arguments, words: str) -> None:
    """Arguments that don't fit the table are errors that say what fits."""
    with pytest.raises(InputError) as caught:
        explicit_reading(given, TABLES)
    assert words in str(caught.value)


async def test_a_conversation() -> None:
    """A chart is refined by the result itself, which stays as it is; a model gets the query that is to be changed."""
    ask = chart.using(show=False)
    result = await ask("total revenue by region", SALES, model=OfflineModel(pace=0))
    shares = await result.refine("as percent, only 2024", model=OfflineModel(pace=0))
    assert shares.data.iloc[:, 1].sum() == pytest.approx(100)
    assert shares.chart.to_dict()["title"]["subtitle"][0] == "Only where year of date = 2024."
    assert result.data["total revenue"].sum() == SALES["revenue"].sum()
    explicit = await ask(SALES, x="region", y="price", aggregate="mean")
    assert explicit.note is None
    plan = {"goal": "", "columns": [], "drawing": "bar"}
    bars = {"mark": "bar", "encoding": {"x": {"field": "n", "type": "quantitative"}}}
    draft = {"query": "SELECT max(revenue) AS n FROM data", "spec": bars, "explanation": "The largest."}
    run = chart.using(show=False)("the largest alone", of=shares, model=scripted_model(plan, draft))
    largest = await run
    with pytest.raises(InputError, match="a chart that rules made"):
        await largest.refine("only 2024", model=OfflineModel(pace=0))
    with pytest.raises(InputError, match="data, or a chart"):
        await ask("total revenue by region")
