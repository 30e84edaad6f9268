"""DataFrames of many runs: one row a run, one row a stage, and two groups of runs side by side."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING, Any, TypeAlias, get_args

import numpy as np
import pandas as pd

from progressnb.folds.shapes import added, is_number
from progressnb.frames.columns import PERCENT, TIME, Recorded, typed_frame
from progressnb.wire.events import RunStatus, StageStatus

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = ["STATUS", "TIMINGS", "comparison_frame", "runs_frame", "stage_frame"]

STATUS = pd.CategoricalDtype(list(dict.fromkeys((*get_args(StageStatus), *get_args(RunStatus)))))
"""The statuses of stages and runs; statuses of a newer version come after them."""

TIMINGS: dict[str, Any] = {
    "stage": "str",
    "status": STATUS,
    "duration": "float64",
    "share": "float64",
    "cost": "float64",
    "input_tokens": "Int64",
    "output_tokens": "Int64",
    "first_token": "float64",
    "tokens_per_second": "float64",
    "stall": "float64",
    "retries": "int64",
    "source": "str",
    "characters": "int64",
    "started": TIME,
}
_RUNS: dict[str, Any] = {
    "operation": "category",
    "model": "str",
    "status": STATUS,
    "started": TIME,
    "duration": "float64",
    "cost": "float64",
    "input_tokens": "Int64",
    "output_tokens": "Int64",
    "overall_progress": PERCENT,
    "elapsed": "float64",
    "run_id": "str",
    "parent": "str",
    "parent_stage": "str",
    "resumed_from": "str",
}
_PLACES = {"run_id": 1, "stage": 2}  # behind all that people came for
_COMPARED = ("duration", "tokens_per_second")
_UNKNOWN = (None, None)
_Work: TypeAlias = "tuple[str, float | None, int | None]"


def runs_frame(columns: Mapping[str, Sequence[Any]]) -> pd.DataFrame:
    """Return one row a run from the columns of a history's table."""
    return typed_frame({name: columns[name] for name in _RUNS}, _RUNS)


def stage_frame(columns: Mapping[str, Sequence[Any]], totals: Sequence[float | None]) -> pd.DataFrame:
    """Return one row a stage, with `share` (0–1) and `tokens_per_second` added.

    `totals` has the duration of each stage's run in seconds. Columns that are not of timings come first, as text, and
    the long names last.
    """
    frame = typed_frame(columns, {**dict.fromkeys(columns, "str"), **TIMINGS})
    total = typed_frame({"total": totals}, {"total": "float64"})["total"]
    frame["share"] = frame["duration"].div(total.where(total > 0))
    tokens = frame["output_tokens"].astype("Float64").astype("float64")
    frame["tokens_per_second"] = tokens.div(frame["duration"].where(frame["duration"] > 0))
    others = [name for name in columns if name not in TIMINGS]
    names: list[str] = sorted((*others, *TIMINGS), key=lambda name: _PLACES.get(name, 0))
    return frame[names]


def comparison_frame(a: Iterable[_Work], b: Iterable[_Work]) -> pd.DataFrame:
    """Return one row a stage from the stages of two groups of runs: their medians, the difference and the ratio.

    Of each stage there are its path, its duration in seconds and its output tokens. Stages come in the order of the
    first group, then those that only the second has.
    """
    sides = [_medians(a), _medians(b)]
    stages = [*dict.fromkeys([*sides[0], *sides[1]])]
    columns = {
        f"{name}_{side}": np.array([medians.get(stage, _UNKNOWN)[place] for stage in stages], dtype="float64")
        for side, medians in zip("ab", sides, strict=True)
        for place, name in enumerate(_COMPARED)
    }
    before, after = columns["duration_a"], columns["duration_b"]
    pairs = zip(before.tolist(), after.tolist(), strict=True)
    columns["difference"] = np.array([added(later, -earlier) for earlier, later in pairs], dtype="float64")
    columns["ratio"] = after / np.where(before > 0, before, np.nan)
    names = ["duration_a", "duration_b", "difference", "ratio", "tokens_per_second_a", "tokens_per_second_b"]
    index = pd.Index(stages, dtype="str", name="stage")
    return Recorded({name: columns[name] for name in names}, index=index)


def _medians(stages: Iterable[_Work]) -> dict[str, tuple[float | None, float | None]]:
    """Return the median duration and the median tokens a second of each stage, by path; None is unknown."""
    known: dict[str, tuple[list[float], list[float]]] = {}
    for stage, duration, tokens in stages:
        durations, rates = known.setdefault(stage, ([], []))
        if is_number(duration):
            durations.append(duration)
            if duration > 0 and is_number(tokens):
                rates.append(tokens / duration)
    return {
        stage: (median(durations) if durations else None, median(rates) if rates else None)
        for stage, (durations, rates) in known.items()
    }
