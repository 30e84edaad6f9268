"""What happened, as DataFrames: one row an event, a stage, an output field.

Columns are named as the events' fields are, and are the same, with the same types, for a run in which nothing
happened. Times are aware UTC, durations are seconds, shares 0–1.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, get_args

import numpy as np
import pandas as pd
from pydantic_core import from_json

from progressnb.errors import EventFormatError
from progressnb.folds.timings import Timings
from progressnb.frames.columns import TIME, is_count, typed_frame
from progressnb.wire.buffer import OutputBuffer
from progressnb.wire.events import ContentEvent, RunStatus, StageStatus

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

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
    "view": "object",
    "error_type": "str",
    "fatal": "boolean",
    "reason": "str",
    "title": "str",
    "weight": "float64",
    "stages": "object",
    "model": "str",
    "parent": "object",
    "resumed_from": "str",
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
    try:
        # One call for many lines: half the time of one for each.
        events: list[Any] = from_json(b"[" + b",".join(lines) + b"]")
    except ValueError as error:
        raise EventFormatError("one event a line", str(error), "Check that the lines are whole.") from None
    if len(events) != len(lines) or not all(map(_has_seq, events)):
        raise EventFormatError("one event a line", "something else", "Check that the lines are whole.")
    return events


def _has_seq(event: Any) -> bool:  # noqa: ANN401 - any JSON
    return isinstance(event, dict) and is_count(event.get("seq"))  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType] # any JSON


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
    buffers: dict[str, OutputBuffer] = {}
    found: dict[tuple[str, str | int], tuple[datetime, float]] = {}
    closed: dict[tuple[str, str | int], tuple[datetime, float, int]] = {}
    for event in events:
        if not isinstance(event, ContentEvent) or event.part != "output" or event.stage is None:
            continue
        stage = event.stage
        buffer = buffers.setdefault(stage, OutputBuffer(event.kind))
        if event.reset or buffer.kind != event.kind:
            buffer.reset(event.kind)
            found = {key: value for key, value in found.items() if key[0] != stage}
            closed = {key: value for key, value in closed.items() if key[0] != stage}
        known = buffer.fields_completed
        buffer.append(event.delta or "")
        now = (event.timestamp, event.elapsed)
        if buffer.fields_completed != known:
            for path, length in buffer.completed.items():
                key = (stage, path[0])
                if len(path) == 1 and key not in closed:
                    found.setdefault(key, now)
                    closed[key] = (*now, length)
        if buffer.open_length and (open_path := buffer.open_path):
            found.setdefault((stage, open_path[0]), now)
    columns: dict[str, list[Any]] = {name: [] for name in FIELDS}
    for (stage, name), (started, began) in found.items():
        completed, ended, length = closed.get((stage, name), (None, None, buffers[stage].open_length))
        duration = None if ended is None else ended - began
        for column, value in zip(
            columns.values(), (stage, str(name), started, completed, duration, length), strict=True
        ):
            column.append(value)
    return typed_frame(columns, FIELDS)
