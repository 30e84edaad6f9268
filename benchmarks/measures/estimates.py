"""Rows of the bar and of the time left, on simulated operations after five runs; all shapes count the same."""

from __future__ import annotations

from benchmarks.measures import Measure, measure

RUNS = 40  # a shape


@measure("error of the bar, mean of 18 shapes (floor: an oracle)", unit="points", target=1.1, against="floor", own=True)
def error_of_the_bar() -> Measure:
    """Mean |percent - 100·t/T|; the oracle knows the true median of each stage."""
    from statistics import fmean

    from benchmarks.estimates.honesty import series
    from benchmarks.estimates.shapes import SHAPES

    found = [series(name, seed, 5, False) for name in SHAPES for seed in range(RUNS)]  # noqa: FBT003 - with contents
    return Measure(fmean(one.ours for one in found), floor=fmean(one.share for one in found), spread=0.05)


@measure("p10–p90 of the time left: off 80 %", unit="points", target=5, own=True)
def interval_of_the_time_left() -> Measure:
    """How far the share of true times within the interval is from the eighty percent that it says."""
    from statistics import fmean

    from benchmarks.estimates.honesty import series
    from benchmarks.estimates.shapes import SHAPES

    found = [series(name, seed, 5, False) for name in SHAPES for seed in range(RUNS)]  # noqa: FBT003 - with contents
    held = fmean(fmean(one.held) for one in found if one.held)
    return Measure(abs(100 * held - 80), spread=0.4)
