"""How charts look: words, orders, numbers, gaps and sizes, for any table; what a drawing says itself is kept."""

from __future__ import annotations

import itertools
import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any, cast

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from progressnb.errors import InputError, ProgressError, UnclearQuestionError
from progressnb.operations.chart.drawing import checked_spec, draw
from progressnb.operations.chart.headings import headed, split_unit, words
from progressnb.operations.chart.looks.orders import order_of
from progressnb.operations.chart.looks.theme import COLORS
from progressnb.operations.chart.query.database import Database
from progressnb.operations.chart.rules.drafts import draft_by_rules
from progressnb.operations.chart.rules.parser import read_question
from progressnb.operations.chart.specs.fitting import fitted
from progressnb.operations.chart.tables import read_tables

if TYPE_CHECKING:
    from collections.abc import Callable

MOST_TICKS = 24


def shown(spec: dict[str, Any], rows: pd.DataFrame, query: str = "") -> dict[str, Any]:
    """Return the specification that is shown for a drawing of rows."""
    rest, _ = checked_spec(spec)
    return draw(fitted(rest, rows), rows, "", query).to_dict()


def answered(question: str, data: pd.DataFrame) -> dict[str, Any]:
    """Return the specification that is shown for a question, by the rules."""
    tables = read_tables(data)
    draft = draft_by_rules(read_question(question, tables))
    database = Database(tables)
    rows = database.run(draft.query, 5_000)
    return shown(draft.spec, rows, draft.query)


def rows_of(spec: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the rows that a specification holds."""
    return next(iter(spec["datasets"].values()))


def bars(x: str, y: str, **more: Any) -> dict[str, Any]:
    """Return a draft of bars that says nothing of its looks."""
    kinds = {"x": {"field": x, "type": "nominal"}, "y": {"field": y, "type": "quantitative"}}
    return {"mark": "bar", "encoding": {**kinds, **more}}


@pytest.mark.parametrize(
    ("name", "text", "unit"),
    [
        ("body_mass_g", "body mass", "g"),
        ("total_revenue_usd", "total revenue", "$"),
        ("Weight (kg)", "Weight", "kg"),
        ("discount_pct", "discount", "%"),
        ("Weight_in_lbs", "Weight", "lb"),
        ("lifeExp", "life exp", ""),
        ("total total", "total", ""),
        ("Total total_bill", "Total bill", ""),
        ("track_length_m", "track length", "m"),
        ("team_m", "team m", ""),
        ("s", "s", ""),
        ("iPhone", "iPhone", ""),
        ("pH", "pH", ""),
        ("temp_min", "temp", "min"),
    ],
)
def test_words(name: str, text: str, unit: str) -> None:
    """The name of a column is read as words, each said once, with the unit at its end."""
    assert split_unit(name) == (text, unit)


@pytest.mark.parametrize(
    "ordered",
    [
        ["Mon", "Tue", "Sun"],
        ["Thur", "Fri", "Sat", "Sun"],
        ["January", "March", "December"],
        ["XS", "M", "XL"],
        ["Low", "Medium", "High"],
        ["Q1", "Q2", "Q4"],
        ["1-5", "6-10", "11+"],
        ["under 18", "18-24", "25 to 34", "65 and over"],
        ["(0, 10]", "(10, 20]", "(100, 110]"],
        ["9", "10", "100"],
    ],
)
def test_orders(ordered: list[str]) -> None:
    """Weekdays, months, sizes, levels and ranges of numbers come in their own order, on either axis."""
    mixed = pd.Series([*ordered[1:], ordered[0]])
    assert order_of(mixed) == ordered
    spec = shown(bars("name", "n"), pd.DataFrame({"name": mixed, "n": range(len(mixed))}))
    assert spec["encoding"]["x"]["sort"] == ordered


def test_names_without_an_order() -> None:
    """Other names have no order of their own; those of a query that sorts them stay in its order."""
    rows = pd.DataFrame({"name": ["pear", "apple", "fig"], "n": [9, 5, 1]})
    assert order_of(rows["name"]) is None
    assert shown(bars("name", "n"), rows)["encoding"]["x"]["sort"] is None
    assert "sort" not in shown(bars("name", "n"), rows.iloc[[1, 0, 2]])["encoding"]["x"]


def test_years_are_years() -> None:
    """A year is written without a comma; other numbers of the same size are not years."""
    rows = pd.DataFrame({"year": [1998, 2002, 2010], "weight": [1998, 2002, 2010], "n": [1.0, 2.0, 3.0]})

    def axis(field: str) -> dict[str, Any]:
        x = {"field": field, "type": "quantitative"}
        spec = shown({"mark": "line", "encoding": {"x": x, "y": {"field": "n", "type": "quantitative"}}}, rows)
        found: dict[str, Any] = spec["encoding"]["x"]["axis"]
        return found

    assert axis("year")["format"] == "d"
    assert "format" not in axis("weight")


@pytest.mark.parametrize(
    ("name", "values", "title", "label"),
    [
        ("cost_usd", [5.0, 7.0], "Cost", "'$'"),
        ("share_pct", [5.0, 7.0], "Share", "' %'"),
        ("duration_s", [5.0, 7.0], "Duration (s)", ""),
        ("people", [5_000_000_000, 7_000_000_000], "People", "'B'"),
    ],
)
def test_units(name: str, values: list[float], title: str, label: str) -> None:
    """Currencies and percents stand beside the numbers of an axis, other units in its title; a billion is B."""
    spec = shown(bars("a", name), pd.DataFrame({"a": ["x", "y"], name: values}))
    y = spec["encoding"]["y"]
    assert y["title"] == title
    assert label in y.get("axis", {}).get("labelExpr", "")
    assert label in spec["layer"][1]["mark"]["text"]["expr"]


def test_labels() -> None:
    """Few bars have their values beside them; many, stacked and negative ones have none."""
    few = pd.DataFrame({"a": list("xyz"), "n": [1, 2, 3]})
    assert shown(bars("a", "n"), few)["layer"][1]["mark"]["type"] == "text"
    many = pd.DataFrame({"a": [f"n{i}" for i in range(60)], "n": range(60)})
    stacked = pd.DataFrame({"a": list("xxyy"), "b": list("uvuv"), "n": [1, 2, 3, 4]})
    color = {"field": "b", "type": "nominal"}
    assert "layer" not in shown(bars("a", "n"), many)
    assert "layer" not in shown(bars("a", "n", color=color), stacked)
    assert "layer" in shown(bars("a", "n", color=color, xOffset=color), stacked)
    assert "layer" not in shown(bars("a", "n"), few.assign(n=[-1, 2, 3]))


def test_missing_periods() -> None:
    """A month without rows is zero where rows are counted, else a gap; the chart says which."""
    data = pd.DataFrame({"day": pd.to_datetime([f"2024-{m:02}-03" for m in (1, 2, 3, 5, 6) for _ in range(2)])})
    data["cost"] = 2.0
    counted = answered("number of rows per month", data)
    assert [row["count"] for row in rows_of(counted)] == [2, 2, 2, 0, 2, 2]
    assert "zero" in str(counted["title"]["subtitle"])
    averaged = answered("average cost per month", data)
    assert [row["average cost"] for row in rows_of(averaged)] == [2, 2, 2, None, 2, 2]
    assert "gap" in str(averaged["title"]["subtitle"])


def test_rare_periods() -> None:
    """Values every five years are not incomplete, and neither are a few far from each other."""
    for years in ((1980, 1985, 1990, 1995), (1900, 1950, 1951, 2020)):
        data = pd.DataFrame({"when": pd.to_datetime([f"{year}-01-01" for year in years]), "cost": 1.0})
        assert len(rows_of(answered("average cost per year", data))) == len(years)


def test_missing_periods_of_a_group() -> None:
    """A period is missing where the line of one group lacks it, and not before that line begins."""
    when = pd.to_datetime(["2024-01-01", "2024-02-01", "2024-03-01", "2024-04-01"])
    data = pd.DataFrame({"when": [*when, when[1], when[3]], "who": [*"aaaa", *"bb"], "cost": range(6)})
    rows = rows_of(answered("average cost per month by who", data))
    assert [(row["when"][:7], row["average cost"]) for row in rows if row["who"] == "b"] == [
        ("2024-02", 4), ("2024-03", None), ("2024-04", 5)]  # fmt: skip


def test_years_that_are_missing() -> None:
    """A year without rows keeps its place between bars."""
    data = pd.DataFrame({"year": [2001, 2002, 2003, 2005, 2006], "cost": 1.0})
    assert answered("average cost by year", data)["encoding"]["x"]["scale"]["domain"] == [*range(2001, 2007)]


def test_far_values() -> None:
    """A few far values don't press a histogram into one bin: the axis ends before them, and the chart says so."""
    data = pd.DataFrame({"latency_ms": [*range(1, 401), 90_000, 120_000]})
    spec = answered("distribution of latency_ms", data)
    assert len(rows_of(spec)) >= 8
    assert "2 of 402 values are beyond the axis" in str(spec["title"]["subtitle"])
    plain = answered("distribution of latency_ms", data.iloc[:400])
    assert "beyond" not in str(plain["title"])
    assert sum(row["count"] for row in rows_of(plain)) == 400


def test_many_points() -> None:
    """The more points there are, the more they let through."""

    def opacity(count: int) -> float:
        rows = pd.DataFrame({"a": range(count), "b": range(count)})
        kinds = {name: {"field": field, "type": "quantitative"} for name, field in (("x", "a"), ("y", "b"))}
        return float(shown({"mark": "point", "encoding": kinds}, rows)["mark"]["opacity"])

    assert opacity(50) > opacity(400) > opacity(1_500) > opacity(5_000)


SAID = {
    "mark": {"type": "bar", "color": "#123456", "opacity": 0.5},
    "width": 90,
    "height": 91,
    "title": {"text": "Mine", "anchor": "end", "color": "#111111"},
    "config": {"axis": {"labelColor": "#222222"}, "range": {"category": ["#333333", "#444444"]}},
    "encoding": {
        "x": {"field": "day", "type": "ordinal", "sort": ["Sun", "Mon"], "title": "the DAY",
              "axis": {"labelAngle": 13}},
        "y": {"field": "n_pct", "type": "quantitative", "axis": {"title": "N", "format": ".3f", "tickCount": 2},
              "scale": {"zero": False}},
        "color": {"field": "day", "type": "nominal", "legend": {"title": "L", "orient": "bottom"}},
    },
}  # fmt: skip


def holds(whole: Any, part: Any) -> bool:
    """Tell whether all that one specification says is in another one."""
    if type(part) is not dict:
        return bool(whole == part)
    return all(key in whole and holds(whole[key], each) for key, each in cast("dict[str, Any]", part).items())


def test_what_a_draft_says_is_kept() -> None:
    """No look of ours takes the place of what a draft says."""
    spec = shown(SAID, pd.DataFrame({"day": ["Mon", "Sun"], "n_pct": [3.0, 4.0]}))
    bar = spec["layer"][0]
    put_together = {**spec, "mark": bar["mark"], "encoding": {**spec["encoding"], **bar["encoding"]}}
    assert holds(put_together, SAID)


NAMES = st.one_of(
    st.text("ab_ .[]'\"\\(%$🚀é", min_size=1, max_size=8).filter(lambda text: text.strip(" ._") != ""),
    st.sampled_from(["x" * 150, "total", "count", "year", "price_usd", "duration_s", "percent", "🚀", "a" * 180]),
)
MAKERS: list[Callable[[int], Any]] = [
    lambda n: [-0.0] * n,
    lambda n: [1e300, -1e300, 1.5] * n,
    lambda n: [1e-300] * n,
    lambda n: [float("inf"), 1.0] * n,
    lambda n: [None] * (n - 1) + [7.0],
    lambda n: [bool(i % 2) for i in range(n)],
    lambda n: [Decimal(i) / 3 for i in range(n)],
    lambda n: [i * 1_000_003 for i in range(n)],
    lambda n: pd.date_range("2020-01-31", periods=n, freq="D", tz="Europe/Paris"),
    lambda n: pd.period_range("2020-01", periods=n, freq="M"),
    lambda n: pd.date_range("1990-01-01", periods=n, freq="YS"),
    lambda n: pd.Categorical([("low", "high", "medium")[i % 3] for i in range(n)], ["low", "medium", "high"]),
    lambda n: pd.cut(pd.Series(range(n)), 3),
    lambda n: [f"{i} 🚀" + "n" * 280 for i in range(n)],
    lambda n: [f"name {i}" for i in range(n)],
]
COLUMNS = st.sampled_from(MAKERS)


@st.composite
def tables(draw_from: st.DrawFn) -> pd.DataFrame:
    """Make an odd table: a group, a second group and a measure, with odd names."""
    count = draw_from(st.sampled_from([1, 2, 7, 40]))
    names = draw_from(st.lists(NAMES, min_size=3, max_size=3, unique_by=str.casefold))
    made = {name: list(draw_from(COLUMNS)(count))[:count] for name in names}
    return pd.DataFrame({name: values + values[-1:] * (count - len(values)) for name, values in made.items()})


DRAWINGS = st.sampled_from(
    [(mark, x, y) for mark in ("bar", "line", "point", "area", "tick") for x, y in ((0, 1), (1, 0), (0, 2))]
)


def guides(spec: dict[str, Any]) -> list[dict[str, Any]]:
    """Return all channels of a specification that have a field."""
    views: list[dict[str, Any]] = [spec, *spec.get("layer", [])]
    channels: list[dict[str, Any]] = [each for view in views for each in view.get("encoding", {}).values()]
    return [each for each in channels if "field" in each]


@given(table=tables(), drawing=DRAWINGS)
def test_any_table(table: pd.DataFrame, drawing: tuple[str, int, int]) -> None:
    """A draft without looks is drawn for any rows: few ticks, titles that say no word twice, JSON that is valid."""
    mark, x, y = drawing
    try:
        rows = next(iter(read_tables(table).values()))
        x_name, y_name = rows.columns[x], rows.columns[y]
        spec = shown({"mark": mark, "encoding": {"x": {"field": x_name}, "y": {"field": y_name}}}, rows)
    except ProgressError:
        return  # an error of ours: no values, a name twice
    json.dumps(spec, allow_nan=False)
    for channel in guides(spec):
        check_channel(channel, rows)
    assert spec["width"] <= 600
    assert 40 <= spec["height"] <= 1_100
    assert set(spec["config"]["range"]["category"]) == set(COLORS)


def check_channel(channel: dict[str, Any], rows: pd.DataFrame) -> None:
    """Check what an axis shows: its title and its ticks."""
    title = str(channel.get("title") or "")
    said = title.casefold().split()
    assert all(one != other for one, other in itertools.pairwise(said)), title
    assert len(title) <= 90
    axis: dict[str, Any] = channel.get("axis") or {}
    assert len(axis.get("values", [])) <= MOST_TICKS
    scale: dict[str, Any] = channel.get("scale") or {}
    assert len(scale.get("domain", [])) <= max(60, len(rows))


QUESTIONS = ("number of rows by {0}", "average {2} by {0}", "total {2} by {0} and {1}", "distribution of {2}")


@given(table=tables(), question=st.sampled_from(QUESTIONS))
def test_any_question(table: pd.DataFrame, question: str) -> None:
    """What rules answer has a title that says no word twice, whatever the columns are called."""
    try:
        spec = answered(question.format(*(f'"{name}"' for name in table.columns)), table)
    except (InputError, UnclearQuestionError):
        return
    title: Any = spec["title"]
    text: Any = title["text"] if type(title) is dict else title
    for line in text.splitlines() if isinstance(text, str) else cast("list[str]", text):
        assert len(line) <= 70 or " " not in line
    for channel in guides(spec):
        check_channel(channel, table)


def test_ten_thousand_names() -> None:
    """Of ten thousand names the chart keeps a size that a page has."""
    rows = pd.DataFrame({"name": [f"n{i}" for i in range(10_000)], "n": range(10_000)})
    spec = shown({"mark": "bar", "encoding": {"y": {"field": "name"}, "x": {"field": "n"}}}, rows)
    assert spec["height"] <= 1_100
    spec = shown(bars("name", "n"), rows)
    assert spec["width"] <= 600
    assert spec["encoding"]["x"]["axis"]["labelOverlap"] == "greedy"


@given(st.text(max_size=60))
def test_words_of_any_name(name: str) -> None:
    """Words are made of the letters of the name alone, and a name is never lost."""
    made = words(name)
    assert made or not name
    assert not name.strip() or set(made.casefold()) <= set(name.casefold()) | {" "}
    assert headed(made).casefold() == made.casefold() or len(headed(made)) != len(made)
