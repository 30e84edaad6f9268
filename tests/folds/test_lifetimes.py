"""The time that items at work take still: finite, ordered, and right for what is really distributed so."""

from __future__ import annotations

import math
import random
from statistics import fmean, median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from progressnb.folds.expectations import Sum
from progressnb.folds.lifetimes import SHORTEST, Lifetimes

durations = st.lists(st.sampled_from([0.0, 1e-6, 0.3, 1.0, 4.0, 60.0, 5_000.0]), min_size=3, max_size=20)
many_ages = st.lists(st.sampled_from([0.0, 0.1, 2.0, 100.0, 1e6]), max_size=6)


def lifetimes_of(seconds: list[float], ages: list[float]) -> Lifetimes:
    """Return what these durations tell."""
    logs = Sum()
    for each in seconds:
        logs.add(math.log(max(each, SHORTEST)))
    return Lifetimes(len(seconds), sum(seconds), logs.total, logs.squares, ages)


@given(durations, many_ages, st.integers(0, 300), st.sampled_from([0.0, 0.01, 3.0]))
def test_quantiles_are_finite_and_ordered(seconds: list[float], ages: list[float], pending: int, pace: float) -> None:
    """Whatever was seen, a later share comes later, and more items never end earlier."""
    lifetimes = lifetimes_of(seconds, ages)
    quantiles = [lifetimes.all_ended(share, ages, pending, pace) for share in (0.1, 0.5, 0.9)]
    assert all(math.isfinite(each) and each >= 0 for each in quantiles)
    assert quantiles == sorted(quantiles)
    more = lifetimes.all_ended(0.5, ages, pending + 64, pace)
    assert more >= quantiles[1] * 0.99
    assert math.isfinite(lifetimes.mean + lifetimes.deviation)


def test_the_median_of_the_slowest() -> None:
    """The time until 20 items that begin now have ended is the median of that of many such groups."""
    source = random.Random(1)  # noqa: S311 - no secret
    seen = [source.lognormvariate(1.0, 0.6) for _ in range(2_000)]
    groups = [max(source.lognormvariate(1.0, 0.6) for _ in range(20)) for _ in range(2_000)]
    assert lifetimes_of(seen, []).all_ended(0.5, [], 20, 0.0) == pytest.approx(median(groups), rel=0.05)


def test_what_is_at_work_counts() -> None:
    """Where only short items have ended, those at work for longer make the mean that of all that began."""
    source = random.Random(2)  # noqa: S311 - no secret
    all_begun = [source.lognormvariate(1.0, 0.8) for _ in range(2_000)]
    ended = [each for each in all_begun if each <= 3.0]
    ages = [3.0] * (len(all_begun) - len(ended))
    truth = fmean(all_begun)
    assert lifetimes_of(ended, []).mean < 0.6 * truth
    assert lifetimes_of(ended, ages).mean == pytest.approx(truth, rel=0.15)
