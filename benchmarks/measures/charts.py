"""Rows of `chart`: what a question of millions of rows costs beside pandas' own groupby."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from benchmarks.measures import Measure, measure

if TYPE_CHECKING:
    import pandas as pd

ROWS = 5_000_000
QUESTION = "total revenue by region"


def _sales() -> pd.DataFrame:
    import numpy as np
    import pandas as pd

    rng = np.random.default_rng(0)
    return pd.DataFrame(
        {
            "region": rng.choice(["north", "south", "east", "west"], ROWS),
            "product": rng.choice([f"product {at}" for at in range(50)], ROWS),
            "date": pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(0, 1_500, ROWS), unit="D"),
            "revenue": rng.random(ROWS) * 100,
            "units": rng.integers(1, 9, ROWS),
        }
    )


def _costs(charts: int) -> Measure:
    """Ask a question so many times; return the CPU seconds of the last time, and of pandas' groupby as the floor."""
    import progressnb as pnb

    sales = _sales()
    floors: list[float] = []
    for _ in range(3):
        begin = time.process_time()
        sales.groupby("region")["revenue"].sum()
        floors.append(time.process_time() - begin)
    ask = pnb.chart.using(show=False)

    async def asked() -> float:
        await ask(QUESTION, sales.head(100))  # modules load, and the process begins
        cost = 0.0
        for _ in range(charts):
            begin = time.process_time()
            await ask(QUESTION, sales)
            cost = time.process_time() - begin
        return cost

    return Measure(asyncio.run(asked()), floor=min(floors))


@measure("first chart of 5 M rows, in the notebook", unit="s CPU", target=5, against="floor")
def first_chart() -> Measure:
    """Look at a DataFrame, load it, ask, and check."""
    return _costs(1)


@measure("next chart of 5 M rows, in the notebook", unit="s CPU", target=5, against="floor")
def next_chart() -> Measure:
    """Ask the same DataFrame again."""
    return _costs(2)
