"""Redaction: the fields of an event that a store without contents keeps."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, cast, get_args

from pydantic_core import to_json

from progressnb.history.facts import hide_data, is_name
from progressnb.history.wordings import HIDDEN, template_of
from progressnb.wire.batch import (
    BATCH_DATA,
    BatchRecord,
    FailureRecord,
    ItemAtWork,
    LongRecord,
    SlowRecord,
    hide_unknown,
)
from progressnb.wire.codec import close_line, escape_line_breaks, open_line
from progressnb.wire.events import (
    BaseEvent,
    ContentEvent,
    DoneEvent,
    Event,
    ProgressEvent,
    StageRecord,
    StartedEvent,
    UnknownEvent,
)
from progressnb.wire.items import ITEM_CONTENTS
from progressnb.wire.paths import UNKNOWN_TOOL, name_of

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["redact", "redact_event"]

_TEXTS = ("message", "error", "reason")
_NAMES = ("model", "error_type")
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


def _from(event_type: type[BaseEvent], first: str) -> tuple[bytes, list[str]]:
    names = [*event_type.model_fields]
    return b',"%b":' % first.encode(), names[names.index(first) :]


_ENDS: dict[type[BaseEvent], tuple[bytes, list[str]]] = {
    StartedEvent: _from(StartedEvent, "resumed_from"),
    DoneEvent: _from(DoneEvent, "result"),
}
"""The mark and the names of the fields from the first on that may hold contents: no field before it has that mark."""

_MARK = b',"redacted":true}'

_BATCH = frozenset(BatchRecord.model_fields)
_FAILURE = frozenset(FailureRecord.model_fields) - {"title", "error"}
_SLOW = frozenset(SlowRecord.model_fields) - {"title"}
_LONG = frozenset(LongRecord.model_fields) - {"title"}
_ITEM = frozenset(ItemAtWork.model_fields)
_COMMON = frozenset({*BaseEvent.model_fields, "type", "redacted", *_CONTENTS})


def redact_event(event: Event | UnknownEvent, line: bytes, *, own: bool = False) -> bytes:
    """Return what `redact` returns of an encoded event, made of the bytes around its contents where it is our `own`.

    In the texts of JSON each quote has a backslash before it, so the marks of fields are what they seem in a line that
    this version has laid out. What other programs lay out may have a field twice.
    """
    if own and not event.__pydantic_extra__:
        if event.stage is not None:
            if type(event) is ContentEvent:
                return _without_delta(line) or redact(line)
            if type(event) is ProgressEvent and (event.title is None or name_of(event.stage) != UNKNOWN_TOOL):
                return _redact_progress(event, line)
        elif type(event) is DoneEvent:
            return _redact_end(event, line, result=None, view=None)
        elif type(event) is StartedEvent and (event.model is None or is_name(event.model)):
            return _redact_end(event, line, title=None, subject=None)
    return redact(line)


def _redact_progress(event: ProgressEvent, line: bytes) -> bytes:
    message, data = event.message and template_of(event.message), {**event.data}
    hidden = hide_data(data) if data else False
    if not hidden and message == event.message:
        return line
    before, _, rest = line.partition(b',"message":')
    after = rest.rpartition(b',"weight":')[2]
    facts = _encoded({"message": message, "data": data}) if data else _message(message)
    return b"".join((before, b",", facts, b',"weight":', after[:-1], _MARK))


def _redact_end(event: StartedEvent | DoneEvent, line: bytes, **nothing: None) -> bytes:
    data = {**event.data}
    if not hide_data(data, of_run=True) and all(getattr(event, name) is None for name in nothing):
        return line
    mark, names = _ENDS[type(event)]
    end = {name: getattr(event, name) for name in names} | nothing | {"data": data}
    return b"".join((line.partition(mark)[0], b",", _encoded(end), _MARK))


@lru_cache(256)
def _message(message: str | None) -> bytes:
    return _encoded({"message": message, "data": {}})


def _encoded(fields: dict[str, Any]) -> bytes:
    """Return fields as they stand in an event, without braces."""
    return escape_line_breaks(to_json(fields, inf_nan_mode="null"))[1:-1]


def _without_delta(line: bytes) -> bytes | None:
    """Return an encoded content event without its characters, which may be many, or None if it has none."""
    before, _, rest = line.partition(b',"delta":"')
    _, end, after = rest.partition(b'","reset":')
    return b"".join((before, b',"delta":null,"reset":', after[:-1], _MARK)) if end else None


def redact(line: bytes) -> bytes:
    """Hide everything in an encoded event that may be contents, and mark it `redacted`.

    Times, statuses, names, the facts of `KEPT_DATA` and messages that this library words stay. The `delta`, the
    `result`, the `view`, all other data and the fields that only a newer version knows are nulled; of other messages
    and of errors nothing stays but their template and their class. An event without these comes back as the same bytes.
    """
    event = open_line(line)
    hidden = _hide_words(event)
    for name in (*_CONTENTS, *_OF.get(str(event.get("type")), ())):
        if event.get(name) is not None:
            event[name], hidden = None, True
    hidden |= _hide(event, _KNOWN.get(str(event.get("type")), _COMMON))
    data = event.get("data")
    if isinstance(data, dict):
        # Of the run itself alone: in a stage such a key is the user's own.
        own = BATCH_DATA.keys() if event.get("type") == "progress" and event.get("stage") is None else frozenset[str]()
        of_run = event.get("stage") is None
        hidden |= hide_data(cast("dict[str, Any]", data), frozenset(own), of_run=of_run)
        hidden |= _hide_in_batch(cast("dict[str, Any]", data), {key: key for key in own})
    elif data is not None:  # a newer version's
        event["data"], hidden = None, True
    if event.get("type") == "snapshot":
        hidden |= _hide_in_folded(event.get("folded"))
        hidden |= _hide_in_stages(event.get("stages"))
        hidden |= _hide_in_sums(event.get("batch"))
    if not hidden:
        return line
    event["redacted"] = True
    return close_line(event)


def _hide_words(fields: dict[str, Any]) -> bool:
    """Leave the template of each text of an event, or of a stage in one; return whether that hid anything."""
    error_type = fields.get("error_type")
    path = fields.get("stage") or fields.get("path") or fields.get("name")
    hidden = fields.get("title") is not None and isinstance(path, str) and name_of(path) == UNKNOWN_TOOL
    if hidden:
        hidden, fields["title"] = fields["title"] != UNKNOWN_TOOL, UNKNOWN_TOOL
    for name in _NAMES:
        if (text := fields.get(name)) is not None and not is_name(text):
            fields[name], hidden = HIDDEN, True
    for name in _TEXTS:
        if (text := fields.get(name)) is None:
            continue
        kept = template_of(text) if isinstance(text, str) else HIDDEN
        if kept == HIDDEN and error_type is not None and text != HIDDEN:
            kept = fields["error_type"]  # as the text of an error is whose contents are not written
        if kept != text:
            fields[name], hidden = kept, True
    return hidden


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
        hidden |= _hide(stage, _STAGE) | _hide_words(stage) | hide_data(stage.get("data") or {})
        outputs: dict[str, dict[str, Any]] = stage.get("outputs") or {}
        for output in outputs.values():
            hidden |= output.get("text") is not None
            output["text"] = None
        hidden |= _hide_in_folded(stage.get("folded"))
    return hidden


def _hide_in_folded(parts: object) -> bool:
    """Hide the contents of the sums of stages of a snapshot; return whether there were any."""
    hidden = False
    for folded in cast("list[dict[str, Any]]", parts) if isinstance(parts, list) else []:
        hidden |= _hide_words(folded) | (folded.get("item") is not None)
        folded["item"] = None
    return hidden


def _hide(fields: dict[str, Any], kept: frozenset[str]) -> bool:
    """Null the fields that are not kept; return whether there were any."""
    if kept.issuperset(fields):  # nearly always
        return False
    hidden = [name for name, value in fields.items() if value is not None and name not in kept]
    fields.update(dict.fromkeys(hidden))
    return bool(hidden)
