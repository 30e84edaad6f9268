"""Statistics of few values: robust against one odd value, shrunk towards what is usual."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from progressnb.learning.statistics import (
    PRIOR_DEVIATION,
    fit_identity,
    fit_line,
    huber_location,
    pooled_variance,
    robust_deviation,
    shrunk_variance,
)

VALUES = st.lists(st.floats(-7, 20), min_size=1, max_size=12)


@given(VALUES, st.floats(0.05, 2))
def test_location_lies_among_the_values(values: list[float], deviation: float) -> None:
    """A centre lies between the smallest and the largest value, and no weight grows."""
    found = huber_location(values, [1.0] * len(values), deviation)
    assert min(values) - 1e-9 <= found.center <= max(values) + 1e-9
    assert all(0 < weight <= 1 for weight in found.weights)
    assert 1 - 1e-9 <= found.count <= len(values) + 1e-9


def test_an_outlier_counts_less() -> None:
    """One value far off moves the centre by less than it moves the mean."""
    found = huber_location([1.0, 1.1, 0.9, 1.0, 6.0], [1.0] * 5, 0.2)
    assert found.center < 1.2
    assert found.weights[-1] < 0.1


@given(VALUES, st.floats(0.01, 4))
def test_variance_is_shrunk(values: list[float], prior: float) -> None:
    """A shrunk variance lies between what the values say and the prior; one value says nothing."""
    center = sum(values) / len(values)
    assert shrunk_variance(values, center, prior) > 0
    assert shrunk_variance([center], center, prior) == pytest.approx(prior)
    assert robust_deviation(values, prior) >= prior


def test_no_values_no_news() -> None:
    """Without two values of one stage the spread is the prior."""
    assert pooled_variance([]) == pytest.approx(PRIOR_DEVIATION**2)
    assert pooled_variance([[1.0], [5.0]]) == pytest.approx(PRIOR_DEVIATION**2)


def test_a_line_is_found() -> None:
    """Values on a steep line move the slope away from its prior, with evidence; noise leaves it at the prior."""
    predictors = [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]
    values = [2 * predictor + 1 for predictor in predictors]
    location = huber_location(values, [1.0] * 6, 10.0)
    line = fit_line(values, predictors, location, noise=0.1, slope=0.5, slope_deviation=0.5)
    assert line.slope == pytest.approx(2, abs=0.1)
    assert line.evidence > 5
    assert line.at(6.0).mean == pytest.approx(13, abs=0.5)
    flat = fit_line([1.0] * 6, [0.0] * 6, location, noise=0.1, slope=0.5, slope_deviation=0.5)
    assert flat.slope == pytest.approx(0.5)


def test_the_identity_is_told_from_a_line() -> None:
    """Where predictors are the values the identity has more evidence than a line; where they are not, it has less."""
    predictors = [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]
    location = huber_location(predictors, [1.0] * 6, 10.0)
    same = fit_identity(predictors, predictors, location, noise=0.1)
    line = fit_line(predictors, predictors, location, noise=0.1, slope=0.5, slope_deviation=0.5)
    assert same.evidence > line.evidence
    off = [predictor + 9 for predictor in predictors]
    assert fit_identity(off, predictors, location, noise=0.1).evidence < 0
