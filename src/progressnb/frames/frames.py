"""What happened, as DataFrames: one row an event, a stage, an output field.

Columns are named as the events' fields are, and are the same, with the same types, for a run in which nothing
happened. Times are aware UTC, durations are seconds, shares 0–1.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, get_args

import numpy as np
import pandas as pd

from progressnb.errors import EventFormatError
from progressnb.folds.fields import Fields
from progressnb.folds.timings import Timings
from progressnb.frames.columns import TIME, is_count, typed_frame
from progressnb.wire.codec import open_lines
from progressnb.wire.events import RunStatus, StageStatus

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from progressnb.wire.events import Event

__all__ = ["RUNS", "TIMINGS", "events_frame", "fields_frame", "stage_frame", "timings_frame"]

STATUS = pd.CategoricalDtype(list(dict.fromkeys((*get_args(StageStatus), *get_args(RunStatus)))))
_TYPES = ["started", "progress", "content", "done", "error", "cancelled"]
_CHUNK = 20_000

# The fields of all events; what an event does not have is missing. `object` holds plain JSON data.
EVENTS: dict[str, Any] = {
    "seq": "int64",
    "type": pd.CategoricalDtype(_TYPES),
    "stage": "str",
    "status": STATUS,
    "stage_progress": "float64",
    "overall_progress": "float64",
    "message": "str",
    "data": "object",
    "timestamp": TIME,
    "elapsed": "float64",
    "duration": "float64",
    "kind": pd.CategoricalDtype(["text", "json"]),
    "part": "str",
    "delta": "str",
    "reset": "boolean",
    "result": "object",
    "error_type": "str",
    "fatal": "boolean",
    "reason": "str",
    "title": "str",
    "weight": "float64",
    "stages": "object",
    "model": "str",
    "parent": "object",
    "resumed_from": "str",
    "writer": "str",
    "redacted": "boolean",
    "operation": "category",
    "run_id": "str",
    "v": "Int64",
}
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
FIELDS: dict[str, Any] = {
    "stage": "str",
    "field": "str",
    "started": TIME,
    "completed": TIME,
    "duration": "float64",
    "characters": "int64",
}
RUNS: dict[str, Any] = {
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


def events_frame(lines: Iterable[bytes]) -> pd.DataFrame:
    """Return one row an event from the encoded events of a run; `seq` is the index.

    Raises `EventFormatError` for text that is no event.
    """
    columns: dict[str, list[Any]] = {name: [] for name in EVENTS}
    rest = iter(lines)
    while chunk := list(islice(rest, _CHUNK)):
        events = _events_of(chunk)
        for name, values in columns.items():
            values += [event.get(name) for event in events]
    columns["redacted"] = [value is True for value in columns["redacted"]]
    return typed_frame(columns, EVENTS).set_index("seq")


def _events_of(lines: list[bytes]) -> list[dict[str, Any]]:
    events = open_lines(lines)
    if not all(is_count(event.get("seq")) for event in events):
        raise EventFormatError("one event a line", "one without a seq", "Check that the lines are whole.")
    return events


def timings_frame(events: Iterable[Event]) -> pd.DataFrame:
    """Return one row a stage, in the order of the tree; the stage's path is the index.

    `share` is of the run's duration, or of what has passed of it. `first_token` is the seconds from the request to
    the first token, `stall` the longest silence in seconds: no output, percent, message, data or status from the stage
    or one below it. `tokens_per_second` is the output over the stage's whole duration. A stage that goes on has no
    duration yet. ::

        run.timings()["duration"].idxmax()  # which stage is slowest
    """
    timings = Timings.of(events)
    total = timings.state.duration if timings.state.duration is not None else timings.elapsed
    rows = [row for _, row in timings.rows()]
    columns = {name: [getattr(row, name, None) for row in rows] for name in TIMINGS}
    return stage_frame(columns, [total] * len(rows)).set_index("stage")


def stage_frame(columns: dict[str, list[Any]], totals: Sequence[float | None]) -> pd.DataFrame:
    """Return stages' rows with what follows from them; `totals` are the durations of their runs in seconds."""
    frame = typed_frame(columns, {**dict.fromkeys(columns, "str"), **TIMINGS})
    total = pd.Series(np.array(totals, dtype="float64"))
    frame["share"] = frame["duration"].div(total.where(total > 0))
    tokens = frame["output_tokens"].astype("Float64").astype("float64")
    frame["tokens_per_second"] = tokens.div(frame["duration"].where(frame["duration"] > 0))
    return frame[[*dict.fromkeys((*(name for name in columns if name not in TIMINGS), *TIMINGS))]]


def fields_frame(events: Iterable[Event]) -> pd.DataFrame:
    """Return one row a field of the structured outputs, in the order in which the fields began.

    `started` and `completed` are the times of the events that brought its first and last character; `characters` is
    its length as JSON, of an open one so far. A retry starts its stage's fields over. Empty without contents.
    """
    rows = Fields.of(events).rows()
    columns = {name: [getattr(row, name) for row in rows] for name in FIELDS}
    columns["field"] = [str(name) for name in columns["field"]]
    return typed_frame(columns, FIELDS)
