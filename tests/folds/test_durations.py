"""The time until the last item of a batch ends: finite, ordered, and right for durations of many shapes."""

from __future__ import annotations

import heapq
import math
import random
from collections import Counter
from statistics import fmean, median
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from progressnb.folds.durations import Durations, evenly, rung_of
from progressnb.folds.expectations import Ground, Sum, figures_of
from progressnb.folds.rest import rest_of

if TYPE_CHECKING:
    from collections.abc import Callable

durations = st.lists(st.sampled_from([0.0, 1e-6, 0.3, 1.0, 4.0, 60.0, 5_000.0, 1e12]), min_size=3, max_size=20)
many_ages = st.lists(st.sampled_from([0.0, 0.1, 2.0, 100.0, 1e6]), max_size=6)


def durations_of(seconds: list[float], ages: list[float]) -> Durations:
    """Return what these durations tell."""
    return Durations(Counter(map(rung_of, seconds)), max(1e-3, fmean(seconds)), ages)


@given(durations, many_ages, st.integers(0, 700), st.integers(1, 30))
def test_ranges_are_finite_and_ordered(seconds: list[float], ages: list[float], pending: int, side: int) -> None:
    """Whatever was seen, the range is finite and ordered, and more items never end earlier by much."""
    known = durations_of(seconds, ages)
    told = rest_of(known, ages, pending, max(side, len(ages)), len(seconds))
    assert all(math.isfinite(each) and each >= 0 for each in told)
    assert list(told) == sorted(told)
    assert told == rest_of(known, ages, pending, max(side, len(ages)), len(seconds))
    assert math.isfinite(known.mean + known.deviation)


def test_the_median_of_the_slowest() -> None:
    """The time until 20 items that begin now have ended is the median of that of many such groups."""
    source = random.Random(1)  # noqa: S311 - no secret
    seen = [source.lognormvariate(1.0, 0.6) for _ in range(2_000)]
    groups = [max(source.lognormvariate(1.0, 0.6) for _ in range(20)) for _ in range(2_000)]
    assert rest_of(durations_of(seen, []), [], 20, 20, 2_000)[1] == pytest.approx(median(groups), rel=0.15)


def test_what_is_at_work_counts() -> None:
    """Where only short items have ended, those at work for longer make the mean that of all that began."""
    source = random.Random(2)  # noqa: S311 - no secret
    all_begun = [source.lognormvariate(1.0, 0.8) for _ in range(2_000)]
    ended = [each for each in all_begun if each <= 3.0]
    ages = [3.0] * (len(all_begun) - len(ended))
    truth = fmean(all_begun)
    assert durations_of(ended, []).mean < 0.6 * truth
    assert durations_of(ended, ages).mean == pytest.approx(truth, rel=0.2)


def test_items_of_one_duration() -> None:
    """Items that all take the same end in waves, and the time left is that of these."""
    low, middle, high = rest_of(durations_of([4.0] * 40, [1.0] * 20), [1.0] * 20, 60, 20, 40)
    assert middle == pytest.approx(3 + 3 * 4, rel=0.03)
    assert high - low < 1.5


def test_ages_of_many() -> None:
    """Of those at work the oldest are told; the others are spread evenly below them."""
    assert evenly([9.0, 8.0], 4) == [9.0, 8.0, 2.0, 6.0]
    assert evenly([9.0, 8.0], 1) == [9.0]
    assert evenly([], 2) == [0.0, 0.0]
    assert evenly([9.0, 8.0], 6, [7.0, 5.0]) == [9.0, 8.0, 7.0, 7.0, 5.0, 5.0]


def two_kinds(source: random.Random) -> float:
    """Return the duration of one of twenty items that take ten times as long, or of another one."""
    return source.uniform(0.8, 1.2) * (20 if source.random() < 0.05 else 2)


SHAPES: dict[str, Callable[[random.Random], float]] = {
    "one duration": lambda source: source.uniform(3.95, 4.05),
    "uniform": lambda source: source.uniform(2, 6),
    "exponential": lambda source: source.expovariate(0.25),
    "lognormal 0.3": lambda source: source.lognormvariate(1, 0.3),
    "lognormal 0.6": lambda source: source.lognormvariate(1, 0.6),
    "lognormal 1.0": lambda source: source.lognormvariate(1, 1.0),
    "lognormal 1.5": lambda source: source.lognormvariate(1, 1.5),
    "Pareto 1.5": lambda source: 1.3 * source.paretovariate(1.5),
    "Pareto 2.5": lambda source: 2.4 * source.paretovariate(2.5),
    "two kinds": two_kinds,
}


def looks_of(total: int, limit: int, shape: Callable[[random.Random], float], seed: int) -> list[tuple[float, Ground]]:
    """Run a batch in simulated time; return what it rests on each second, and the time that was left then."""
    source = random.Random(seed)  # noqa: S311 - no secret
    waiting, at_work, now, tick = [shape(source) for _ in range(total)], list[tuple[float, float]](), 0.0, 1.0
    lasted, counts, longest, looks = Sum(), Counter[int](), 0.0, list[tuple[float, Ground]]()
    while waiting or at_work:
        while waiting and len(at_work) < limit:
            heapq.heappush(at_work, (now + waiting.pop(), now))
        if tick <= at_work[0][0]:
            ages = sorted((tick - began for _, began in at_work), reverse=True)
            ground = Ground(
                at=tick,
                paid=lasted.count,
                rest=len(waiting) + len(at_work),
                at_work=len(at_work),
                limit=limit,
                ages=tuple(ages[:30]),
                others=tuple(ages[30:][(2 * number + 1) * len(ages[30:]) // 20] for number in range(10) if ages[30:]),
                longest=longest,
                ends=(0.0, now, lasted.count),
                opens=None,
                sums={"duration": Sum(lasted.count, lasted.total, lasted.squares)},
                durations=dict(counts),
            )
            looks.append((tick, ground))
            tick += 1.0
            continue
        now, began = heapq.heappop(at_work)
        lasted.add(now - began)
        counts[rung_of(now - began)] += 1
        longest = max(longest, now - began)
    return [(now - at, ground) for at, ground in looks]


@pytest.mark.parametrize(
    ("total", "limit", "shape"),
    [*((200, 20, each) for each in SHAPES), *((60, 6, each) for each in SHAPES), (300, 60, "one duration")],
)
def test_ranges_hold_what_comes(total: int, limit: int, shape: str) -> None:
    """Whatever the shape of durations and the limit, p10 to p90 hold the time that is left in 60–97 of 100 looks."""
    inside = told = 0
    for seed in range(6):
        looks = looks_of(total, limit, SHAPES[shape], seed)
        for left, ground in looks[:: max(1, len(looks) // 12)]:
            if (expected := figures_of(ground).left) is not None:
                told += 1
                inside += expected[0] <= left <= expected[2]
    assert told > 20
    assert 0.6 <= inside / told <= 0.97
