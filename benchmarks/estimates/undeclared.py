"""Stages that nobody declared, one after the other, side by side and a few at a time: what the percent is off.

`python -m benchmarks.estimates.honesty --undeclared` prints the mean |percent - 100·t/T| over runs of 1 to 200
stages of lognormal durations, beside the curves that could be taken instead. `ours` is the package's own percent. Side
by side, or a few at a time, all curves but ours are those of stages that have ended.
"""

from __future__ import annotations

import heapq
import math
import random
from statistics import fmean
from typing import TYPE_CHECKING

from progressnb.tracking.work import Work

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["measure"]

COUNTS = (1, 2, 3, 5, 8, 15, 30, 80, 200)
AT_ONCE = {"one after the other": 1, "four at a time": 4, "side by side": 10_000}
SPREAD = 0.5  # of log seconds
GRID = 200

CURVES: dict[str, Callable[[int], float]] = {
    "halves": lambda ended: 1 - 0.5**ended,
    "k/(k+1)": lambda ended: ended / (ended + 1),
    "k/(k+2)": lambda ended: ended / (ended + 2),
    "√k/(1+√k)": lambda ended: math.sqrt(ended) / (1 + math.sqrt(ended)),
}


def _moves(durations: list[float], at_once: int) -> list[tuple[float, int, float]]:
    """Return when stages end, how many have ended then, and the percent of the package."""
    work = Work()
    waiting = list(enumerate(durations))[::-1]
    at_work: list[tuple[float, int, Work]] = []
    moves = [(0.0, 0, 0.0)]
    while waiting or at_work:
        while waiting and len(at_work) < at_once:
            number, duration = waiting.pop()
            heapq.heappush(at_work, (moves[-1][0] + duration, number, work.part()))
        now, _, part = heapq.heappop(at_work)
        part.finish()
        moves.append((now, moves[-1][1] + 1, work.value))
    return moves


def _errors(count: int, at_once: int, seed: int) -> dict[str, float]:
    chance = random.Random(f"{count} {at_once} {seed}")  # noqa: S311 - a simulation
    moves = _moves([math.exp(chance.gauss(0, SPREAD)) for _ in range(count)], at_once)
    errors: dict[str, list[float]] = {name: [] for name in ("ours", *CURVES)}
    at = 0
    for step in range(GRID):
        truth = (step + 0.5) / GRID
        while at + 1 < len(moves) and moves[at + 1][0] <= truth * moves[-1][0]:
            at += 1
        errors["ours"].append(abs(moves[at][2] - 100 * truth))
        for name, curve in CURVES.items():
            errors[name].append(100 * abs(curve(moves[at][1]) - truth))
    return {name: fmean(each) for name, each in errors.items()}


def measure(runs: int) -> None:
    """Print the tables."""
    for title, at_once in AT_ONCE.items():
        print(f"{title:22}" + "".join(f"{count:7}" for count in COUNTS) + f"{'mean':>8}")
        found = [[_errors(count, at_once, seed) for seed in range(runs)] for count in COUNTS]
        for name in ("ours", *CURVES):
            means = [fmean(each[name] for each in one) for one in found]
            print(f"{name:22}" + "".join(f"{mean:7.1f}" for mean in means) + f"{fmean(means):8.1f}")
        print()
