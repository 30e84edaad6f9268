"""How much of an output is written: it moves with every character, by what the schema says, and claims no end."""

import json
import math
import random
from itertools import pairwise
from statistics import fmean, median
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from progressnb.tracking.expected import Expected, Extent
from progressnb.tracking.written import OutputMeasure
from progressnb.wire.buffer import OutputBuffer


class Finding(BaseModel):
    """An item of a list."""

    title: str
    detail: str
    severity: Literal["low", "high"]


class Report(BaseModel):
    """An output that is nearly all one list."""

    title: str
    findings: list[Finding]
    summary: str


class Bounded(BaseModel):
    """A list whose length the schema knows."""

    items: list[str] = Field(min_length=10, max_length=10)


class Nested(BaseModel):
    """Everything that a schema may hold."""

    kind: Literal["a", "b"]
    count: int
    on: bool = True
    when: str | None = None
    child: "Nested | None" = None
    pairs: dict[str, float] = {}
    point: tuple[int, int] = (0, 0)
    either: int | str | list[Finding] = 0


def expected_of(model: type[BaseModel]) -> Expected:
    """Return what the schema of a model lets expect."""
    return Expected.of(model.model_json_schema())


def shares(
    text: str, expected: Expected | None = None, *, kind: Literal["text", "json"] = "json", step: int = 20
) -> list[float]:
    """Return the share after each piece of a text."""
    buffer, measure, found = OutputBuffer(kind), OutputMeasure(expected), [0.0]
    for at in range(0, len(text), step):
        buffer.append(text[at : at + step])
        found.append(measure.share(buffer, found[-1]))
    return found


def report(length: int, seed: int = 1) -> str:
    """Return a report whose findings have about so many characters."""
    chance = random.Random(seed)  # noqa: S311 - a simulation
    findings: list[dict[str, str]] = []
    while len(json.dumps(findings)) < length:
        findings.append(
            {"title": "t" * chance.randint(10, 50), "detail": "d" * chance.randint(20, 200), "severity": "low"}
        )
    return json.dumps({"title": "Tides", "findings": findings, "summary": "s" * 150})


def written(form: str, length: int, seed: int = 1) -> str:
    """Return a text or a report of about this length."""
    return "x" * length if form == "text" else report(length, seed)


def shares_of(form: str, text: str, step: int = 20) -> list[float]:
    """Return the share after each piece of a text or a report."""
    return shares(text, kind="text", step=step) if form == "text" else shares(text, expected_of(Report), step=step)


LONG = [300, 1000, 3000, 10_000, 30_000]


@pytest.mark.parametrize("length", LONG)
@pytest.mark.parametrize("form", ["text", "list"])
def test_it_moves_with_every_piece(form: str, length: int) -> None:
    """One long text or one long list moves the share with each piece, by a tenth at most, and never fills it."""
    found = shares_of(form, written(form, length))
    open_ended = found if form == "text" else found[:-1]
    steps = [after - before for before, after in pairwise(open_ended)]
    assert min(steps) > 0
    assert max(steps) <= 0.1 + 1e-9
    assert open_ended[-1] < 1
    assert form == "text" or found[-1] == 1  # the last brace has come


def best_error(series: list[list[tuple[int, float]]]) -> float:
    """Return the error of the best rising curve over the characters (isotonic medians)."""
    points = sorted(point for each in series for point in each)
    blocks: list[list[float]] = []
    for at in range(0, len(points), 40):
        blocks.append([truth for _, truth in points[at : at + 40]])
        while len(blocks) > 1 and median(blocks[-2]) > median(blocks[-1]):
            last = blocks.pop()
            blocks[-1] += last
    return sum(abs(truth - median(block)) for block in blocks for truth in block) / len(points)


@pytest.mark.parametrize("form", ["text", "list"])
def test_near_the_best_curve(form: str) -> None:
    """For lengths from 300 to 30,000 the error is within 1.25 of the best curve that looks at the length alone."""
    chance = random.Random(7)  # noqa: S311 - a simulation
    ours: list[float] = []
    series: list[list[tuple[int, float]]] = []
    for seed in range(60):
        length = round(math.exp(chance.uniform(math.log(300), math.log(30_000))))
        text = "x" * length if form == "text" else report(length, seed)
        step = max(1, len(text) // 50)
        found = shares(
            text, None if form == "text" else expected_of(Report), kind="text" if form == "text" else "json", step=step
        )
        truth = [min(1.0, at * step / len(text)) for at in range(len(found))]
        ours.append(fmean(abs(0.9 * share - true) for share, true in zip(found, truth, strict=True)))
        series.append([(at * step, true) for at, true in enumerate(truth)])
    assert fmean(ours) < 1.25 * best_error(series)


def test_a_list_of_known_length() -> None:
    """With `minItems` and `maxItems` the share follows the items: it is off by little on the whole way."""
    text = json.dumps({"items": ["w" * 80] * 10})
    found = shares(text, expected_of(Bounded))
    off = [abs(share - at / (len(found) - 1)) for at, share in enumerate(found)]
    assert max(off[5:-1]) < 0.12


def test_bounds_of_the_schema_count() -> None:
    """A bound in the schema or by `max_tokens` says more: as much text is a larger share of less."""

    class Short(BaseModel):
        text: str = Field(max_length=400)

    class Few(BaseModel):
        findings: list[Finding] = Field(max_length=4)

    class Many(BaseModel):
        findings: list[Finding]

    some = json.dumps({"text": "x" * 300})[:300]
    free = Expected.of({"type": "object", "properties": {"text": {"type": "string"}}})
    assert shares(some, expected_of(Short))[-1] > shares(some, free)[-1] + 0.1
    assert shares(some, free.at_most(400))[-1] > shares(some, free)[-1] + 0.1
    listed = json.dumps({"findings": [{"title": "t", "detail": "d" * 200, "severity": "low"}] * 4})[:700]
    assert shares(listed, expected_of(Few))[-1] > shares(listed, expected_of(Many))[-1]
    plain = "x" * 1000
    assert shares(plain, Expected().at_most(1200), kind="text")[-1] > shares(plain, kind="text")[-1]


def test_complete_fields_count() -> None:
    """Of five short fields, each that is complete brings the share on by its part."""
    schema = {"type": "object", "properties": {name: {"type": "string"} for name in "abcde"}}
    text = json.dumps(dict.fromkeys("abcde", "x" * 120))
    found = shares(text, Expected.of(schema))
    off = [abs(share - at / (len(found) - 1)) for at, share in enumerate(found[:-1])]
    assert fmean(off) < 0.12


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-99, 99) | st.text(max_size=80),
        lambda inner: st.lists(inner, max_size=6) | st.dictionaries(st.text(max_size=8), inner, max_size=6),
        max_leaves=25,
    ),
    st.integers(1, 40),
    st.sampled_from([Report, Bounded, Nested, None]),
    st.floats(4, 1e5),
)
def test_any_output(value: Any, step: int, model: type[BaseModel] | None, limit: float) -> None:
    """Whatever comes, however it is cut, and whatever was expected: the share rises and stays within 0–1."""
    expected = (expected_of(model) if model else Expected()).at_most(limit)
    for kind in ("json", "text"):
        found = shares(json.dumps(value), expected, kind=kind, step=step)
        assert all(before <= after <= 1 for before, after in pairwise(found))
        assert found[1] > 0 or kind == "json"


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-5, 99) | st.text(max_size=8),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    [
                        "type",
                        "properties",
                        "items",
                        "$ref",
                        "$defs",
                        "anyOf",
                        "enum",
                        "maxItems",
                        "minItems",
                        "maxLength",
                        "required",
                        "const",
                        "prefixItems",
                        "additionalProperties",
                        "format",
                    ]
                ),
                inner,
                max_size=5,
            )
        ),
        max_leaves=20,
    )
)
def test_any_schema(schema: Any) -> None:
    """A schema of any shape, also one that makes no sense or refers to itself, gives lengths above 0."""
    found = Expected.of({"type": "object", "properties": {"x": schema}, "$defs": {"": {"$ref": "#/$defs/"}}})
    for extent in (found.whole, *found.fields.values()):
        assert 0 < extent.low <= extent.high < math.inf
    assert shares(json.dumps({"x": "y" * 50}), found)[-1] == 1


@given(st.floats(2, 1e4), st.floats(1, 1e3), st.floats(0, 1e6))
def test_whole(low: float, factor: float, written: float) -> None:
    """The expected length of an open value is more than what is written, whatever that is."""
    assert Extent(low, low * factor).whole(written) > written


class Verdict(BaseModel):
    """An output of three lines."""

    relevant: bool
    grade: Literal["a", "b"]
    note: str = Field(max_length=40)


@pytest.mark.parametrize(
    ("schema", "lines"),
    [
        ({"type": "boolean"}, 1),
        ({"type": "string", "enum": ["yes", "no"]}, 1),
        ({"type": "string", "maxLength": 100}, 2),
        (Verdict.model_json_schema(), 3),
        ({"type": "string"}, None),
        ({"type": "array", "items": {"type": "integer"}}, None),
        (Report.model_json_schema(), None),
        ({}, None),
    ],
)
def test_the_lines_that_an_output_needs(schema: dict[str, Any], lines: int | None) -> None:
    """A line a field where every field is short for certain; else nobody knows."""
    assert Expected.of(schema).lines == lines


def test_a_bound_of_the_model_bounds_the_lines_of_a_text() -> None:
    """Of a text that may have a hundred characters two lines are enough; a bound of thousands says nothing."""
    assert Expected.of({}).at_most(100).lines == 2
    assert Expected.of({}).at_most(4_000).lines is None
    assert Expected.of({}).at_most(math.inf).lines is None
    assert Expected.of(Report.model_json_schema()).at_most(100).lines is None
