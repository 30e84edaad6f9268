"""Turns: two or three ways of doing the same, measured one after the other in one process, again and again.

A noisy moment so falls on all of them. What counts is the median of their CPU time.
"""

from __future__ import annotations

import gc
import statistics
import time
from typing import TYPE_CHECKING

from benchmarks.measures import Measure

if TYPE_CHECKING:
    from collections.abc import Callable

SCALES = {"s": 1.0, "ms": 1e3, "µs": 1e6, "ns": 1e9}


def take_turns(
    ours: Callable[[], object],
    *,
    floor: Callable[[], object] | None = None,
    peer: Callable[[], object] | None = None,
    calls: int = 1,
    unit: str = "µs",
    rounds: int = 9,
) -> Measure:
    """Measure the CPU time of a call of ours, of the floor and of the peer, each of which makes so many calls.

    Args:
        ours: does our work, `calls` times.
        floor: does the bare work as often.
        peer: does the same with another library as often.
        calls: how often each does its work in a turn.
        unit: of the numbers that are returned: "s", "ms", "µs" or "ns".
        rounds: how many turns each has. One more, the first, warms up and does not count.

    Returns:
        The medians, and the spread of the ratios of the rounds: half the distance of their quartiles over the median.

    """
    works = [work for work in (ours, floor, peer) if work is not None]
    took: list[list[float]] = [[] for _ in works]
    gc.collect()
    gc.freeze()  # what is there already; the collections below look at what the works leave
    for number in range(rounds + 1):
        for work, times in zip(works, took, strict=True):
            gc.collect()
            began = time.process_time()
            work()
            if number:
                times.append(time.process_time() - began)
    medians = [statistics.median(times) * SCALES[unit] / calls for times in took]
    bases = took[1] if len(took) > 1 else [1.0] * rounds
    rest = iter(medians[1:])
    return Measure(
        medians[0],
        next(rest) if floor is not None else None,
        next(rest) if peer is not None else None,
        spread([mine / theirs for mine, theirs in zip(took[0], bases, strict=True)]),
    )


def spread(values: list[float]) -> float:
    """Return half the distance of the quartiles, relative to the median."""
    if len(values) < 2:  # noqa: PLR2004 - one has no quartiles
        return 0.0
    first, middle, third = statistics.quantiles(values, n=4)
    return (third - first) / 2 / middle if middle else 0.0
