"""Measure how a batch plans: what a gate lets be refused, and how often the range of the time left holds what comes.

    python benchmarks/batch_plans.py

All time is simulated, so that it takes a minute. Figures fail nothing; `tests/batching/test_pace.py` and
`tests/folds/test_durations.py` hold the bounds.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parent.parent))

from progressnb.folds.expectations import figures_of
from tests.batching.providers import Simulation
from tests.batching.test_pace import DURATIONS, PROVIDERS
from tests.folds.test_durations import SHAPES, looks_of

SIZES = [(200, 20), (300, 60), (60, 6), (800, 100)]


def gates(seeds: int) -> None:
    """Print how many of 200 items are refused at 40 a second, and how long they take, in medians of seeds."""
    print("200 items, 40 a second allowed, limit 50: refused (at most), seconds; target 25 and 5.5")
    for provider, made in PROVIDERS.items():
        for name, duration in DURATIONS.items():
            for tells in (False, True):
                done = [Simulation(made(40, seed), duration, tells=tells, seed=seed).run() for seed in range(seeds)]
                refused = [each.refused for each in done]
                says = "Retry-After" if tells else ""
                seconds = median(each.seconds for each in done)
                print(f"  {provider:22}{name:22}{says:13}{median(refused):5.0f} ({max(refused):3}) {seconds:6.2f}")


def ranges(seeds: int) -> None:
    """Print in how many of a hundred looks the range of the time left holds what comes."""
    print("p10 to p90 of the time left hold what comes, in percent of the looks; target 60–95")
    print(f"  {'items / limit':18}" + "".join(f"{f'{total}/{limit}':>10}" for total, limit in SIZES))
    for name, shape in SHAPES.items():
        row: list[str] = []
        for total, limit in SIZES:
            inside = told = 0
            for seed in range(seeds):
                looks = looks_of(total, limit, shape, seed)
                for left, ground in looks[:: max(1, len(looks) // 25)]:
                    if (expected := figures_of(ground).left) is not None:
                        told += 1
                        inside += expected[0] <= left <= expected[2]
            row.append(f"{100 * inside / max(told, 1):10.0f}")
        print(f"  {name:18}" + "".join(row))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Measure how a batch plans.")
    parser.add_argument("--seeds", type=int, default=8, help="batches of each kind; default: 8")
    options = parser.parse_args()
    gates(options.seeds)
    ranges(options.seeds)


if __name__ == "__main__":
    main()
