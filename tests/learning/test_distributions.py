"""Distributions of durations: what is left of one, sums and mixtures, whatever the figures are."""

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from progressnb.learning.distributions import (
    Component,
    Normal,
    lognormal_moments,
    lognormal_sum,
    mixture_quantile,
    remaining_points,
)

MEANS, DEVIATIONS = st.floats(-5, 8), st.floats(0.01, 1.5)


@given(mean=st.floats(-5, 10), deviation=DEVIATIONS, passed=st.floats(0, 1e6))
def test_rest_of_a_duration(mean: float, deviation: float, passed: float) -> None:
    """What is left of a duration is positive and in order; of one that has not begun the middle is the median."""
    points = remaining_points(Normal(mean, deviation**2), passed, 13)
    assert points == sorted(points)
    assert all(0 <= point < math.inf for point in points)
    if passed == 0:
        assert points[6] == pytest.approx(math.exp(mean))


@given(mean=st.floats(-2, 5), deviation=st.floats(0.1, 1))
def test_the_far_tail_joins(mean: float, deviation: float) -> None:
    """Where the tail is approximated, the rest is about what the exact formula gives just before."""
    before, after = (
        remaining_points(Normal(mean, deviation**2), math.exp(mean + score * deviation), 3)[1]
        for score in (5.999, 6.001)
    )
    assert after == pytest.approx(before, rel=0.03)


@given(st.lists(st.tuples(st.floats(0, 1e4), MEANS, DEVIATIONS), min_size=1, max_size=13))
def test_quantiles(parts: list[tuple[float, float, float]]) -> None:
    """Quantiles are in order, as far as they are computed, and that of a single lognormal is its own."""
    mixture = [Component(*part) for part in parts]
    found = [mixture_quantile(mixture, probability) for probability in (0.1, 0.5, 0.9)]
    assert all(lower <= 1.003 * higher for lower, higher in pairwise(found))
    if len(parts) == 1:
        fixed, mean, _ = parts[0]
        assert found[1] == pytest.approx(fixed + math.exp(mean), rel=0.01)


@given(st.lists(st.floats(0, 1e4), min_size=1, max_size=13))
def test_quantiles_of_fixed_seconds(seconds: list[float]) -> None:
    """Without lognormals the quantiles lie between the values, and the median is theirs."""
    mixture = [Component(fixed) for fixed in seconds]
    ordered = sorted(seconds)
    assert ordered[0] <= mixture_quantile(mixture, 0.1) <= mixture_quantile(mixture, 0.9) <= ordered[-1]
    middle = (ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) / 2
    assert mixture_quantile(mixture, 0.5) == pytest.approx(middle)


def test_moments() -> None:
    """The mean of a lognormal is exp(mean + variance / 2)."""
    assert lognormal_moments(Normal(0.0, 0.04))[0] == pytest.approx(math.exp(0.02))


@given(st.lists(st.tuples(st.floats(-2, 4), st.floats(0.05, 0.9)), min_size=1, max_size=6))
def test_a_sum_keeps_mean_and_variance(parts: list[tuple[float, float]]) -> None:
    """The lognormal that stands for a sum has its mean and its variance; that of one is the same again."""
    moments = [lognormal_moments(Normal(mean, deviation**2)) for mean, deviation in parts]
    total = lognormal_sum(moments)
    assert total is not None
    mean, variance = lognormal_moments(total)
    assert mean == pytest.approx(sum(one for one, _ in moments))
    assert variance == pytest.approx(sum(one for _, one in moments))
    assert lognormal_sum([]) is None
