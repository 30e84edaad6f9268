"""Redaction: the fields of an event that a store without contents keeps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast, get_args

from progressnb.history.splices import with_facts, without_delta
from progressnb.wire.codec import close_line, open_line
from progressnb.wire.events import KEPT_DATA, BaseEvent, ContentEvent, Event, ProgressEvent, StageRecord, UnknownEvent
from progressnb.wire.items import (
    BATCH_DATA,
    ITEM_CONTENTS,
    BatchRecord,
    FailureRecord,
    ItemAtWork,
    LongRecord,
    SlowRecord,
    hide_unknown,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["redact", "redact_event"]

_CONTENTS = ("delta", "result", "view")
_OF_CALLS = ("title", "subject")  # the caller's own words, in the events that begin a record
_FIRST = frozenset({"started", "snapshot"})
_OF = {"item": ITEM_CONTENTS, **dict.fromkeys(_FIRST, _OF_CALLS)}
_STAGE = frozenset(StageRecord.model_fields)
_KNOWN: dict[str, frozenset[str]] = {
    each.model_fields["type"].default: frozenset({*each.model_fields, "redacted"})
    for each in get_args(get_args(Event)[0])
}
"""The fields that this version knows, by the event's type. Others may hold contents."""

_BATCH = frozenset(BatchRecord.model_fields)
_FAILURE = frozenset(FailureRecord.model_fields) - {"title", "error"}
_SLOW = frozenset(SlowRecord.model_fields) - {"title"}
_LONG = frozenset(LongRecord.model_fields) - {"title"}
_ITEM = frozenset(ItemAtWork.model_fields)
_COMMON = frozenset({*BaseEvent.model_fields, "type", "redacted", *_CONTENTS})


def redact_event(event: Event | UnknownEvent, line: bytes) -> bytes:
    """Return what `redact` returns of an encoded event; those of stages, nearly all, are not opened for it."""
    if not event.__pydantic_extra__ and event.stage is not None:
        if type(event) is ContentEvent:
            return without_delta(line) or redact(line)
        if type(event) is ProgressEvent:
            return _redact_progress(event, line)
    return redact(line)


def _redact_progress(event: ProgressEvent, line: bytes) -> bytes:
    if KEPT_DATA.issuperset(event.data):
        return line
    data = {key: value if key in KEPT_DATA else None for key, value in event.data.items()}
    return line if data == event.data else with_facts(line, event.message, data) or redact(line)


def redact(line: bytes) -> bytes:
    """Null everything in an encoded event that may be contents, and mark it `redacted`.

    Times, statuses, names, messages and the data of `KEPT_DATA` stay. The `delta`, the `result`, the `view`, all other
    data and the fields that only a newer version knows are nulled. An event without these comes back as the same bytes.
    """
    event = open_line(line)
    hidden = False
    for name in (*_CONTENTS, *_OF.get(str(event.get("type")), ())):
        if event.get(name) is not None:
            event[name], hidden = None, True
    hidden |= _hide(event, _KNOWN.get(str(event.get("type")), _COMMON))
    data = event.get("data")
    if isinstance(data, dict):
        # Of the run itself alone: in a stage such a key is the user's own.
        own = BATCH_DATA.keys() if event.get("type") == "progress" and event.get("stage") is None else frozenset[str]()
        hidden |= _hide(cast("dict[str, Any]", data), KEPT_DATA.union(own))
        hidden |= _hide_in_batch(cast("dict[str, Any]", data), {key: key for key in own})
    elif data is not None:  # a newer version's
        event["data"], hidden = None, True
    if event.get("type") == "snapshot":
        hidden |= _hide_in_stages(event.get("stages"))
        hidden |= _hide_in_sums(event.get("batch"))
    if not hidden:
        return line
    event["redacted"] = True
    return close_line(event)


def _hide_in_batch(data: dict[str, Any], kinds: Mapping[str, str]) -> bool:
    """Null what is not known of the data of a batch, of these kinds by key; return whether there was any."""
    hidden = False
    for key in kinds.keys() & data.keys():
        before = data[key]
        if before is not None and (known := hide_unknown(kinds[key], before)) != before:
            data[key], hidden = known, True
    return hidden


def _hide_in_sums(batch: object) -> bool:
    """Null the contents of the sums of a batch in a snapshot; return whether there were any."""
    if not isinstance(batch, dict):
        return batch is not None
    sums = cast("dict[str, Any]", batch)
    hidden = _hide(sums, _BATCH) | _hide_in_batch(sums, {"plan": "batch", "now": "batch_now"})
    for name in ("titles", "workers"):
        hidden |= bool(sums.get(name))
        sums[name] = {}
    for name, known in (("failures", _FAILURE), ("slowest", _SLOW), ("longest", _LONG), ("items", _ITEM)):
        for each in cast("list[dict[str, Any]]", sums.get(name) or []):
            hidden |= _hide(each, known)
    return hidden


def _hide_in_stages(stages: object) -> bool:
    """Null the contents of the stages of a snapshot; return whether there were any."""
    hidden = False
    for stage in cast("list[dict[str, Any]]", stages) if isinstance(stages, list) else []:
        hidden |= _hide(stage, _STAGE) | _hide(stage.get("data") or {}, KEPT_DATA)
        outputs: dict[str, dict[str, Any]] = stage.get("outputs") or {}
        for output in outputs.values():
            hidden |= output.get("text") is not None
            output["text"] = None
        parts: list[dict[str, Any]] = stage.get("folded") or []
        for folded in parts:
            folded["item"] = None
    return hidden


def _hide(fields: dict[str, Any], kept: frozenset[str]) -> bool:
    """Null the fields that are not kept; return whether there were any."""
    if kept.issuperset(fields):  # nearly always
        return False
    hidden = [name for name, value in fields.items() if value is not None and name not in kept]
    fields.update(dict.fromkeys(hidden))
    return bool(hidden)
