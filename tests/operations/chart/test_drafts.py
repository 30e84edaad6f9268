"""Drawings of a model: what can act is taken out and told, what is wrong goes back at once, and the rest is kept."""

import json
from typing import Any

import pandas as pd
import pytest

from progressnb import chart
from progressnb.errors import QueryError
from progressnb.operations.chart.drawing import checked_spec, draw
from progressnb.operations.chart.specs.expressions import fields_of, is_harmless
from progressnb.operations.chart.specs.faults import words_for_model
from progressnb.operations.chart.specs.fitting import fitted
from progressnb.operations.chart.specs.misleading import misleading
from progressnb.testing import scripted_model

ROWS = pd.DataFrame(
    {
        "year": [2023, 2023, 2024, 2024],
        "region": ["north", "south", "north", "south"],
        "day": ["Tuesday", "Monday", "Friday", "Sunday"],
        "n": [3.5, 5.0, 8.0, -1.0],
        "when": pd.to_datetime(["2024-01-01", "2024-02-01", "2024-03-01", "2024-04-01"]),
    }
)
X = {"field": "region", "type": "nominal"}
Y = {"field": "n", "type": "quantitative"}
BARS: dict[str, Any] = {"mark": "bar", "encoding": {"x": X, "y": Y}}
PLAN = {"goal": "n by region.", "columns": ["n", "region"], "drawing": "bar"}
QUERY = "SELECT region, sum(n) AS n FROM data GROUP BY 1"


def drawn(spec: dict[str, Any], rows: pd.DataFrame = ROWS) -> tuple[dict[str, Any], list[str]]:
    """Return the specification that is shown for a model's, and what was left out."""
    rest, left_out = checked_spec(spec)
    return draw(fitted(rest, rows), rows, "").to_dict(), left_out


def holds(whole: Any, part: Any) -> bool:
    """Tell whether all that one specification says is in another one."""
    if isinstance(part, dict):
        if isinstance(whole, dict) and set(part) <= set(whole):
            return all(holds(whole[key], each) for key, each in part.items())
        return False
    if isinstance(part, list):
        return isinstance(whole, list) and len(whole) == len(part) and all(map(holds, whole, part))
    return bool(whole == part)


KEPT: list[dict[str, Any]] = [
    {
        "encoding": {"x": X},
        "layer": [
            {"mark": {"type": "bar"}, "encoding": {"y": Y}},
            {"mark": {"type": "rule"}, "encoding": {"y": {"datum": 4}}},
        ],
    },
    {
        "mark": {"type": "point"},
        "encoding": {
            "x": {"field": "year", "type": "quantitative"},
            "y": Y,
            "shape": X,
            "row": {"field": "region", "type": "nominal"},
        },
    },
    {"mark": {"type": "boxplot", "extent": "min-max"}, "encoding": {"x": X, "y": Y}},
    {
        "mark": {"type": "bar"},
        "encoding": {"x": {**X, "sort": None}, "xOffset": {"field": "year", "type": "ordinal"}, "y": Y},
    },
    {
        "mark": {"type": "bar"},
        "encoding": {
            "x": {**X, "sort": {"field": "n", "op": "max", "order": "descending"}},
            "y": {**Y, "aggregate": "mean"},
        },
    },
    {
        "mark": {"type": "bar"},
        "encoding": {
            "x": {"field": "n", "type": "quantitative", "bin": {"maxbins": 5}},
            "y": {"aggregate": "count", "type": "quantitative"},
        },
    },
    {
        "mark": {"type": "line"},
        "encoding": {
            "x": {"field": "when", "type": "temporal", "timeUnit": "yearmonth"},
            "y": {
                **Y,
                "scale": {"type": "symlog", "domain": [-5, 10], "reverse": True},
                "axis": {"title": "n (t)", "format": ".1f"},
            },
        },
    },
    {
        "transform": [{"regression": "n", "on": "year"}],
        "mark": {"type": "line"},
        "encoding": {"x": {"field": "year", "type": "quantitative"}, "y": Y},
    },
    {
        "transform": [{"calculate": "round(datum.n * 2) / datum['n']", "as": "twice"}, {"filter": "datum.twice > 1"}],
        "mark": {"type": "tick"},
        "encoding": {"x": {"field": "twice", "type": "quantitative"}},
    },
    {
        "mark": {"type": "bar"},
        "encoding": {"x": X, "y": Y, "color": {"condition": {"test": "datum.n < 0", "value": "red"}, "value": "teal"}},
        "config": {"axis": {"grid": False}, "view": {"stroke": None}},
    },
    {
        "params": [{"name": "zoom", "select": "interval", "bind": "scales"}],
        "mark": {"type": "point"},
        "encoding": {"x": {"field": "when", "type": "temporal"}, "y": Y},
    },
    {
        "repeat": ["n", "year"],
        "spec": {"mark": {"type": "tick"}, "encoding": {"x": {"field": {"repeat": "repeat"}, "type": "quantitative"}}},
    },
]


@pytest.mark.parametrize("spec", KEPT, ids=lambda each: json.dumps(each)[:60])
def test_what_only_draws_is_kept(spec: dict[str, Any]) -> None:
    """Layers, facets, offsets, transforms, aggregates, units, sorts, scales, axes and looks come through whole."""
    shown, left_out = drawn(spec)
    assert left_out == []
    assert holds(shown, spec)


ACTS: list[tuple[dict[str, Any], str]] = [
    ({**BARS, "data": {"url": "https://example.org/rows.csv"}}, "data"),
    ({**BARS, "data": {"values": [{"region": "x", "n": 1}]}}, "data"),
    ({**BARS, "datasets": {"other": [{"a": 1}]}}, "datasets"),
    ({**BARS, "usermeta": {"embedOptions": {"loader": {"http": {}}}}}, "usermeta"),
    ({**BARS, "mark": {"type": "bar", "href": "https://example.org"}}, "mark.href"),
    ({**BARS, "encoding": {"x": X, "y": Y, "href": X}}, "encoding.href"),
    ({**BARS, "encoding": {"x": X, "y": Y, "url": X}}, "encoding.url"),
    ({**BARS, "mark": {"type": "bar", "fill": "url(https://example.org/x.svg#a)"}}, "mark.fill"),
    ({**BARS, "params": [{"name": "p", "value": 1, "bind": {"input": "range"}}]}, "params[0]"),
    ({**BARS, "params": [{"name": "p", "expr": "open('x')"}]}, "params[0]"),
    ({**BARS, "mark": {"type": "bar", "opacity": {"expr": "warn(1)"}}}, "mark.opacity.expr"),
    (
        {**BARS, "encoding": {"x": {**X, "axis": {"labelExpr": "constructor.constructor('x')()"}}, "y": Y}},
        "encoding.x.axis.labelExpr",
    ),
    (
        {"layer": [BARS, {"mark": {"type": "image", "url": "x.png"}, "encoding": {"x": X, "y": Y}}]},
        "layer[1].mark image",
    ),
]


@pytest.mark.parametrize(("spec", "place"), ACTS, ids=lambda each: each if isinstance(each, str) else "")
def test_what_acts_is_left_out(spec: dict[str, Any], place: str) -> None:
    """Addresses, links, images, foreign data, inputs and foreign expressions are taken out, named, and nothing else."""
    shown, left_out = drawn(spec)
    assert len(left_out) == 1
    assert left_out[0].startswith(place)
    text = json.dumps({**shown, "$schema": ""})
    assert not any(word in text for word in ("example.org", "warn(", "open(", "constructor", "x.png", "loader"))
    assert shown["layer"][0]["encoding"] if "layer" in spec else holds(shown["encoding"]["y"], Y)


@pytest.mark.parametrize(
    "text",
    [
        "datum.a.constructor('x')()",
        "constructor",
        "datum['constructor']",
        "datum.__proto__",
        "event.view.alert(1)",
        "(datum.a)(1)",
        "datum.a(1)",
        "window",
        "this",
        "[1][0](2)",
        "'a'['b']('c')",
        "datum[datum.a]",
        "a => a",
        "open('x')",
        "data('source_0')",
        "format.constructor",
        "datum['con\\u0073tructor']",
        "round(1)(2)",
        "",
        "datum.a = 1",
        "`x`",
        "warn(1)",
        "scale('x', 1)",
        "datum.a; datum.b",
        "1 " * 600,
    ],
)
def test_expressions_that_may_do_more(text: str) -> None:
    """An expression that names anything but the row, or calls anything but what computes, is none."""
    assert not is_harmless(text)


@pytest.mark.parametrize(
    "text",
    [
        "datum.a",
        "datum['a b'] / 2",
        "datum.a > 5 && datum.b !== 'x' ? round(datum.a) : null",
        "max(1, datum.a, 2e3)",
        "timeFormat(datum.value, '%b %Y')",
        "datum.label + ' €'",
        "[datum.a, 1]",
        "-datum.a % 2",
        "!isValid(datum.a)",
        "if(datum.a, (1 + 2) * 3, 'y')",
        "split(datum.a, ',')[0]",
    ],
)
def test_expressions_that_compute(text: str) -> None:
    """Arithmetic, comparisons and usual functions of a row's values are kept."""
    assert is_harmless(text)


def test_columns_of_an_expression() -> None:
    """The columns that an expression reads are known."""
    assert fields_of("datum.a + datum['b c'] * datum.d.e") == {"a", "b c", "d"}


def test_faults_in_the_schemas_words() -> None:
    """All faults are told at once, each with its place and what is allowed there."""
    spec = {
        "mark": "bars",
        "encoding": {"x": {**X, "type": "categorical"}, "y": {**Y, "aggregat": "sum"}, "colour": X},
    }
    with pytest.raises(QueryError) as caught:
        checked_spec(spec)
    told = words_for_model(caught.value)
    for words in ("mark: 'bars'", "area, bar", "encoding.x.type: 'categorical'", "'nominal'", "'aggregat'", "'colour'"):
        assert words in told


def test_fields_that_are_missing() -> None:
    """Unknown fields, wherever a drawing has them, are told at once with the columns that there are."""
    spec = {
        "transform": [{"calculate": "datum.gone1", "as": "c"}, {"fold": ["gone2"]}],
        "mark": "bar",
        "encoding": {
            "x": {**X, "sort": {"field": "gone3"}},
            "y": {**Y, "field": "gone4"},
            "tooltip": [{"field": "gone5"}],
        },
    }
    with pytest.raises(QueryError) as caught:
        drawn(spec)
    told = words_for_model(caught.value)
    assert all(f"gone{at}" in told for at in range(1, 6))
    assert "year, region, day, n, when" in told


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ({**BARS, "transform": [{"calculate": "1", "as": "n"}]}, "column of the query"),
        ({**BARS, "transform": [{"filter": "open(datum.n)"}]}, "a filter"),
        (
            {**BARS, "encoding": {"x": X, "y": {"field": "region", "aggregate": "mean", "type": "quantitative"}}},
            "mean of",
        ),
        ({**BARS, "encoding": {"x": X, "y": {**Y, "bin": {"step": 1e-9}}}}, "bins"),
        ({"mark": "bar", "encoding": {"color": X}}, "x, y, theta or text"),
        ({"mark": "image", "encoding": {"x": X}}, "a mark of"),
    ],
)
def test_what_would_draw_something_else(spec: dict[str, Any], words: str) -> None:
    """What would change the query's numbers, or draws none of them, is refused."""
    with pytest.raises(QueryError, match=words):
        drawn(spec)


def test_types_that_are_missing() -> None:
    """A field without a type gets that of its column; years and dates as text become times where they are drawn so."""
    shown, _ = drawn({"mark": "line", "encoding": {"x": {"field": "year", "type": "temporal"}, "y": {"field": "n"}}})
    assert shown["encoding"]["y"]["type"] == "quantitative"
    rows = next(iter(shown["datasets"].values())) if "datasets" in shown else shown["data"]["values"]
    assert rows[0]["year"] == "2023-01-01T00:00:00"


def test_weekdays_in_their_order() -> None:
    """Names of weekdays stand in the order of the week, unless the drawing says otherwise."""
    day = {"field": "day", "type": "nominal"}
    shown, _ = drawn({"mark": "bar", "encoding": {"x": day, "y": Y}})
    assert shown["encoding"]["x"]["sort"] == ["Monday", "Tuesday", "Friday", "Sunday"]
    shown, _ = drawn({"mark": "bar", "encoding": {"x": {**day, "sort": "-y"}, "y": Y}})
    assert shown["encoding"]["x"]["sort"] == "-y"


def test_older_forms() -> None:
    """Names of older versions of Vega-Lite are read as today's."""
    when = {"field": "when", "type": "temporal", "timeUnit": "monthyear"}
    counted = {"aggregate": "count", "field": "*", "type": "quantitative"}
    shown, left_out = drawn({"mark": "bar", "encoding": {"x": when, "y": counted}})
    assert (shown["encoding"]["x"]["timeUnit"], left_out) == ("yearmonth", [])
    shown, _ = drawn({"mark": "bar", "encoding": {"x": {**X, "scale": {"rangeStep": 15}}, "y": Y}})
    assert shown["width"] == {"step": 15}


MISLEADS: list[tuple[dict[str, Any], str, str]] = [
    ({"mark": "bar", "encoding": {"x": X, "y": {**Y, "scale": {"zero": False}}}}, "", "begin at zero"),
    ({"mark": "bar", "encoding": {"x": X, "y": {**Y, "scale": {"domain": [3, 9]}}}}, "", "begin at zero"),
    ({"mark": "bar", "encoding": {"x": X, "y": Y}}, "", "on each other in one bar"),
    (
        {"mark": "bar", "encoding": {"x": {"field": "year", "type": "ordinal"}, "y": Y, "color": X}},
        "SELECT avg(n) AS n",
        "no parts of a sum",
    ),
    (
        {"mark": "bar", "encoding": {"x": {"field": "year"}, "y": {**Y, "aggregate": "mean"}, "color": X}},
        "",
        "no parts of a sum",
    ),
    ({"mark": "arc", "encoding": {"theta": Y, "color": X}}, "", "negative"),
    ({"mark": "line", "encoding": {"x": X, "y": Y}}, "", "joins names"),
]


@pytest.mark.parametrize(("spec", "query", "words"), MISLEADS, ids=lambda each: each if isinstance(each, str) else "")
def test_drawings_that_mislead(spec: dict[str, Any], query: str, words: str) -> None:
    """Cut bars, stacked averages, pies of negatives, hidden groups and lines over names are warned of."""
    rest, _ = checked_spec(spec)
    assert any(words in each for each in misleading(fitted(rest, ROWS), ROWS, query))


def test_many_colours() -> None:
    """More groups than colours are warned of where the drawing names a scheme, else there are twice as many colours."""
    rows = pd.DataFrame({"name": [f"a{at}" for at in range(14)], "n": range(14)})
    color = {"field": "name", "type": "nominal"}
    spec = {"mark": "point", "encoding": {"x": Y, "color": color}}
    shown, _ = drawn(spec, rows)
    assert shown["encoding"]["color"]["scale"]["scheme"] == "tableau20"
    assert misleading(fitted(spec, rows), rows, "") == []
    few = {"mark": "point", "encoding": {"x": Y, "color": {**color, "scale": {"scheme": "set2"}}}}
    assert "14 groups" in misleading(fitted(few, rows), rows, "")[0]


@pytest.mark.parametrize(
    "spec",
    [
        {"mark": "bar", "encoding": {"x": X, "y": {**Y, "aggregate": "sum"}}},
        {"mark": "bar", "encoding": {"x": X, "xOffset": {"field": "year"}, "y": {**Y, "aggregate": "mean"}}},
        {"mark": "line", "encoding": {"x": {"field": "year", "type": "ordinal"}, "y": Y, "color": X}},
        {"mark": "bar", "encoding": {"x": {"field": "year", "type": "ordinal"}, "y": Y, "color": X}},
    ],
)
def test_honest_drawings(spec: dict[str, Any]) -> None:
    """Nothing is said of a drawing that doesn't mislead."""
    rest, _ = checked_spec(spec)
    assert misleading(fitted(rest, ROWS), ROWS, "SELECT region, year, n FROM data") == []


async def test_a_reader_is_told() -> None:
    """What was left out and what misleads stands in the explanation, the warning also below the title."""
    spec = {
        **BARS,
        "title": "n",
        "data": {"url": "https://example.org"},
        "encoding": {"x": X, "y": {**Y, "scale": {"zero": False}}},
    }
    answer = {"query": f"```sql\n{QUERY}\n```", "spec": spec, "explanation": "n by region."}
    result = await chart.using(show=False)("n", ROWS, model=scripted_model(PLAN, answer))
    assert result.explanation.startswith("n by region. Left out of the drawing, since it acts or reaches out: data.")
    assert "begin at zero" in result.explanation
    assert "begin at zero" in result.chart.to_dict()["title"]["subtitle"][0]
    assert result.query == QUERY


async def test_all_faults_at_once() -> None:
    """The faults of the query and of the drawing go back to the model in one answer."""
    asked: list[str] = []
    wrong = {"query": "SELECT nothing FROM data", "spec": {**BARS, "mark": "bars"}, "explanation": "."}
    right = {"query": QUERY, "spec": BARS, "explanation": "."}
    run = chart.using(show=False)("n", ROWS, model=scripted_model(PLAN, wrong, right))
    await run
    for event in run.log:
        message = getattr(event, "message", None) or ""
        asked += [message] if "bars" in message else []
    assert any("nothing" in each and "'bars'" in each for each in asked)
