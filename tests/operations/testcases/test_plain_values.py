"""Values for scalar schemas: texts of patterns, and numbers between limits."""

import re
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from progressnb.operations.testcases.spec.patterns import is_safe_pattern
from progressnb.operations.testcases.values.numbers import number_of
from progressnb.operations.testcases.values.scalars import NoValueError, Scalars

# Patterns of public specifications, and some that need more than the shortest text: least and greatest length.
PATTERNS = [
    (r"^[A-Z]{2}-[0-9]{4}$", 0, 100),
    (r"^PN[0-9a-fA-F]{32}$", 34, 34),
    (r"^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[1-2][0-9]|3[0-1])[T,t]([0-1][0-9]|2[0-3]):[0-5][0-9]Z$", 17, 64),
    (r"^[^\s@]+@[^\s@]+\.[a-z]{2,}$", 30, 40),
    (r"^(?=.*[A-Z])(?=.*\d)(?=.*[!@#$]).{8,}$", 8, 20),
    (r"^(?!0)\d+$", 3, 3),
    (r"^((?!bad).)*$", 4, 8),
    (r"^(a|bbbbbb)$", 3, 9),
    (r"^.{300,}$", 0, 5000),
    (r"^[A-Z]*$", 150, 200),
    (r"\bfoo\b", 10, 12),
    (r"[\u4e00-\u9fa5]{2,4}", 0, 9),
    (r"^[\t\n]$", 0, 3),
    (r"^[^ -~]$", 1, 1),
]


@pytest.mark.parametrize(("pattern", "low", "high"), PATTERNS)
def test_texts_fit_their_patterns(pattern: str, low: int, high: int) -> None:
    """A text fits its pattern and the limits of its length, and is the same each time."""
    schema: dict[str, Any] = {"pattern": pattern, "minLength": low, "maxLength": high}
    text = Scalars().make(schema, "string", "")
    assert re.search(pattern, text)
    assert low <= len(text) <= high
    assert Scalars().make(schema, "string", "") == text


def test_texts_fit_their_formats_too() -> None:
    """A text fits its pattern and its format, where both are stated."""
    schema = {"pattern": r"^\d{4}-\d{2}-\d{2}$", "format": "date"}
    assert re.fullmatch(r"\d{4}-(0\d|1[0-2])-[0-3]\d", Scalars().make(schema, "string", ""))


def test_texts_that_nothing_fits() -> None:
    """A pattern and a length that exclude each other have no text, and are told soon."""
    with pytest.raises(NoValueError, match="pattern"):
        Scalars().make({"pattern": "^a{5}$", "maxLength": 4}, "string", "")


PIECES = st.sampled_from(["a", "[b-d]", r"\d", r"\w{2}", "(?:e|fg)", "h?", "i{1,3}", r"[^\s]", "j*", r"\.", "k+"])


@given(st.lists(PIECES, min_size=1, max_size=6), st.integers(0, 12))
def test_any_pattern_has_a_text(pieces: list[str], low: int) -> None:
    """Whatever pieces a pattern has, and whatever length is asked for, there is a text if one is found by trying."""
    pattern = f"^{''.join(pieces)}.*$"
    if not is_safe_pattern(pattern):
        return
    text = Scalars().make({"pattern": pattern, "minLength": low, "maxLength": 80}, "string", "")
    assert re.search(pattern, text)
    assert low <= len(text)


LIMITS = st.one_of(st.none(), st.integers(-50, 50), st.integers(-500, 500).map(lambda each: each / 10))
STEPS = st.one_of(st.none(), st.integers(1, 9), st.sampled_from([0.1, 0.25, 0.5, 1.5]))


@given(
    st.sampled_from(["integer", "number"]),
    st.fixed_dictionaries(
        {}, optional={"minimum": LIMITS, "maximum": LIMITS, "exclusiveMinimum": LIMITS, "exclusiveMaximum": LIMITS}
    ),
    STEPS,
)
def test_numbers_fit_their_limits(kind: str, limits: dict[str, Any], step: float | None) -> None:
    """A number is within its limits and a multiple of its step; where there is none, no smaller search finds one."""
    schema = {key: each for key, each in {**limits, "multipleOf": step}.items() if each is not None}
    made = number_of({"type": kind, **schema})
    if made is None:
        tried = [Fraction(each, 20) for each in range(-1100, 1101)]
        assert not [each for each in tried if fits(each, kind, schema)]
    else:
        assert fits(Fraction(str(made)), kind, schema)
        assert isinstance(made, int) or kind == "number"


def fits(number: Fraction, kind: str, schema: dict[str, Any]) -> bool:
    """Tell whether a number fits, counted exactly."""
    exact = {key: Fraction(str(each)) for key, each in schema.items()}
    return (
        (kind == "number" or number.denominator == 1)
        and exact.get("minimum", number) <= number <= exact.get("maximum", number)
        and ("exclusiveMinimum" not in exact or number > exact["exclusiveMinimum"])
        and ("exclusiveMaximum" not in exact or number < exact["exclusiveMaximum"])
        and ("multipleOf" not in exact or (number / exact["multipleOf"]).denominator == 1)
    )


@pytest.mark.parametrize("limit", [float("inf"), float("-inf"), float("nan"), 1e308, -1e308, 10**400])
def test_odd_limits_end(limit: float) -> None:
    """Limits without an end, and huge ones, give a number or none, and no error."""
    for key in ("minimum", "maximum", "multipleOf", "exclusiveMinimum"):
        for kind in ("integer", "number"):
            assert isinstance(number_of({"type": kind, key: limit}), int | float | None)
