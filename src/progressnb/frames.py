"""What happened, as DataFrames: one row an event, a stage, an output field.

Columns are named as the events' fields are, and are the same, with the same types, for a run in which nothing
happened. Times are aware UTC, durations are seconds, shares 0–1.
"""

from __future__ import annotations

from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Any, get_args

import numpy as np
import pandas as pd
from pydantic_core import from_json

from progressnb.errors import EventFormatError
from progressnb.events import ContentEvent, RunStatus, StageStatus
from progressnb.partial import OutputBuffer
from progressnb.timings import Timings

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from progressnb.events import Event

__all__ = ["RUNS", "TIMINGS", "events_frame", "fields_frame", "stage_frame", "timings_frame", "typed_frame"]

TIME = "datetime64[us, UTC]"
STATUS = pd.CategoricalDtype(list(dict.fromkeys((*get_args(StageStatus), *get_args(RunStatus)))))
_TYPES = ["started", "progress", "content", "done", "error", "cancelled"]
_CHUNK = 20_000
_LARGEST = (1 << 63) - 1

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
        known = len(columns["seq"])
        try:
            # One call for many lines: half the time of one for each.
            events: list[dict[str, Any]] = from_json(b"[" + b",".join(chunk) + b"]")
            for name, values in columns.items():
                values += [event.get(name) for event in events]
            if len(columns["seq"]) - known != len(chunk) or not all(map(_is_count, columns["seq"][known:])):
                raise ValueError("a line without one seq")
        except (ValueError, AttributeError) as error:
            raise EventFormatError("one event a line", str(error), "Check that the lines are whole.") from None
    columns["redacted"] = [value is True for value in columns["redacted"]]
    return typed_frame(columns, EVENTS).set_index("seq")


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


def typed_frame(columns: Mapping[str, Sequence[Any]], dtypes: Mapping[str, Any]) -> pd.DataFrame:
    """Return a DataFrame of these types; what a newer version wrote in another one is missing."""
    return pd.DataFrame({name: _column(values, dtypes[name]) for name, values in columns.items()})


def _column(values: Sequence[Any], dtype: Any) -> Any:  # noqa: ANN401 - pandas' arrays have no common type
    if dtype == TIME:
        return _times(values)
    if isinstance(dtype, pd.CategoricalDtype) or dtype == "category":
        return _category(values, dtype)
    if dtype == "object":
        array = np.empty(len(values), dtype=object)
        array[:] = values
        return array
    if dtype == "str":
        values = [value if value is None or isinstance(value, str) else str(value) for value in values]
        return pd.array(values, dtype=dtype)
    fits = _FITS[dtype]
    if not all(value is None or fits(value) for value in values):
        values = [value if fits(value) else None for value in values]
    return np.array(values, dtype=dtype) if dtype == "float64" else pd.array(values, dtype=dtype)


def _is_count(value: object) -> bool:
    return type(value) is int and -_LARGEST <= value <= _LARGEST


def _is_number(value: object) -> bool:
    return type(value) is float or _is_count(value)


def _is_boolean(value: object) -> bool:
    return isinstance(value, bool)


_FITS = {"float64": _is_number, "int64": _is_count, "Int64": _is_count, "boolean": _is_boolean}


def _times(values: Sequence[Any]) -> Any:  # noqa: ANN401 - pandas' arrays have no common type
    times: Any
    if all(value is None or _is_count(value) for value in values):  # microseconds since 1970
        times = pd.Series(pd.array(values, dtype="Int64")).astype("datetime64[us]").dt.tz_localize("UTC")
        return times.astype(TIME)
    texts = [value if isinstance(value, str | datetime) else None for value in values]
    times = pd.Series(pd.to_datetime(texts, utc=True, format="ISO8601", errors="coerce"))
    return times.astype(TIME)


def _category(values: Sequence[Any], dtype: Any) -> Any:  # noqa: ANN401 - pandas' arrays have no common type
    names: list[str] = [] if isinstance(dtype, str) else list(dtype.categories)  # as text it equals any of them
    # A newer version's words come after ours.
    codes = {name: number for number, name in enumerate(names)}
    coded = [-1 if value is None else codes.setdefault(str(value), len(codes)) for value in values]
    categories: Any = pd.Index(list(codes), dtype="str")
    return pd.Categorical.from_codes(coded, categories=categories)
