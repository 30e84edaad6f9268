"""DataFrames of one run: one row an event, a stage, or a field of an output.

Columns have the names of the events' fields. A run without events gives the same columns with the same types. Times are
aware UTC, durations are seconds, shares 0–1.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

import pandas as pd

from progressnb.errors import EventFormatError
from progressnb.folds.fields import Fields
from progressnb.folds.timings import Timings
from progressnb.frames.columns import PERCENT, TIME, is_count, typed_frame
from progressnb.frames.runs import STATUS, TIMINGS, stage_frame
from progressnb.wire.codec import open_lines

if TYPE_CHECKING:
    from collections.abc import Iterable

    from progressnb.wire.events import Event

__all__ = ["events_frame", "fields_frame", "timings_frame"]

_TYPES = ["started", "progress", "content", "item", "snapshot", "done", "error", "cancelled"]
_CHUNK = 20_000

# The fields of all events; a field that an event does not have is missing. `object` holds plain JSON data.
EVENTS: dict[str, Any] = {
    "seq": "int64",
    "type": pd.CategoricalDtype(_TYPES),
    "stage": "str",
    "status": STATUS,
    "stage_progress": PERCENT,
    "overall_progress": PERCENT,
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
    "subject": "str",
    "writer": "str",
    "redacted": "boolean",
    "operation": "category",
    "run_id": "str",
    "v": "Int64",
}
FIELDS: dict[str, Any] = {
    "stage": "str",
    "field": "str",
    "started": TIME,
    "completed": TIME,
    "duration": "float64",
    "characters": "int64",
}


def events_frame(lines: Iterable[bytes]) -> pd.DataFrame:
    """Return one row an event from the encoded events of a run; `seq` is the index.

    Raises `EventFormatError` for a line that is no event.
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

    What is mostly asked for comes first. `share` is the part of the run's duration, or of the time that has passed.
    `first_token` is the time in seconds from the request to the first token of the model, of a text or of a call.
    `stall` is the longest silence in seconds: no output, percent, message, data or status from the stage or one below
    it; it is missing where it is not known. `tokens_per_second` is the output over the stage's whole duration. A
    stage that goes on has no duration yet.
    """
    timings = Timings.of(events)
    total = timings.state.duration if timings.state.duration is not None else timings.elapsed
    rows = [row for _, row in timings.rows()]
    columns = {name: [getattr(row, name, None) for row in rows] for name in TIMINGS}
    return stage_frame(columns, [total] * len(rows)).set_index("stage")


def fields_frame(events: Iterable[Event]) -> pd.DataFrame:
    """Return one row a field of the structured outputs, in the order in which the fields began.

    `started` and `completed` are the times of the events that brought the first and the last character of the field.
    `characters` is its length as JSON; that of an open field is its length so far. A retry starts the fields of its
    stage over. The frame of a run without contents is empty.
    """
    rows = Fields.of(events).rows()
    columns = {name: [getattr(row, name) for row in rows] for name in FIELDS}
    columns["field"] = [str(name) for name in columns["field"]]
    return typed_frame(columns, FIELDS)
