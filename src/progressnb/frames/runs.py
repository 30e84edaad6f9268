"""DataFrames of many runs: one row a run, one row a stage, and two groups of runs side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

import numpy as np
import pandas as pd

from progressnb.frames.columns import TIME, typed_frame
from progressnb.wire.events import RunStatus, StageStatus

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["STATUS", "TIMINGS", "comparison_frame", "runs_frame", "stage_frame"]

STATUS = pd.CategoricalDtype(list(dict.fromkeys((*get_args(StageStatus), *get_args(RunStatus)))))
"""The statuses of stages and runs; statuses of a newer version come after them."""

TIMINGS: dict[str, Any] = {
    "stage": "str",
    "status": STATUS,
    "started": TIME,
    "duration": "float64",
    "share": "float64",
    "first_token": "float64",
    "stall": "float64",
    "input_tokens": "Int64",
    "output_tokens": "Int64",
    "tokens_per_second": "float64",
    "cost": "float64",
    "retries": "int64",
    "source": "str",
    "characters": "int64",
}
_RUNS: dict[str, Any] = {
    "run_id": "str",
    "operation": "category",
    "model": "str",
    "status": STATUS,
    "started": TIME,
    "duration": "float64",
    "elapsed": "float64",
    "overall_progress": "float64",
    "input_tokens": "Int64",
    "output_tokens": "Int64",
    "cost": "float64",
    "parent": "str",
    "parent_stage": "str",
    "resumed_from": "str",
}
_COMPARED = ["duration", "tokens_per_second"]


def runs_frame(columns: Mapping[str, Sequence[Any]]) -> pd.DataFrame:
    """Return one row a run from the columns of a history's table."""
    return typed_frame(columns, _RUNS)


def stage_frame(columns: Mapping[str, Sequence[Any]], totals: Sequence[float | None]) -> pd.DataFrame:
    """Return one row a stage, with `share` (0–1) and `tokens_per_second` added.

    `totals` has the duration of each stage's run in seconds. Columns that are not of timings come first, as text.
    """
    frame = typed_frame(columns, {**dict.fromkeys(columns, "str"), **TIMINGS})
    total = pd.Series(np.array(totals, dtype="float64"))
    frame["share"] = frame["duration"].div(total.where(total > 0))
    tokens = frame["output_tokens"].astype("Float64").astype("float64")
    frame["tokens_per_second"] = tokens.div(frame["duration"].where(frame["duration"] > 0))
    return frame[[*dict.fromkeys((*(name for name in columns if name not in TIMINGS), *TIMINGS))]]


def comparison_frame(a: pd.DataFrame, b: pd.DataFrame) -> pd.DataFrame:
    """Return one row a stage from the stages of two groups of runs: their medians, the difference and the ratio.

    Stages come in the order of the first group, then those that only the second has.
    """
    sides = [frame.groupby("stage", sort=False)[_COMPARED].median() for frame in (a, b)]
    stages = sides[0].index.append(sides[1].index).unique()
    named = [side.reindex(stages).add_suffix(suffix) for side, suffix in zip(sides, ("_a", "_b"), strict=True)]
    both = pd.concat(named, axis="columns")
    both["difference"] = both["duration_b"] - both["duration_a"]
    both["ratio"] = both["duration_b"] / both["duration_a"].where(both["duration_a"] > 0)
    names = ["duration_a", "duration_b", "difference", "ratio", "tokens_per_second_a", "tokens_per_second_b"]
    return both[names].rename_axis("stage")
