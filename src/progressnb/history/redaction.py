"""Redaction: the fields of an event that a store without contents keeps."""

from __future__ import annotations

from typing import Any, cast, get_args

from progressnb.wire.codec import close_line, open_line
from progressnb.wire.events import KEPT_DATA, BaseEvent, Event

__all__ = ["redact"]

_CONTENTS = frozenset({"delta", "result"})
_COMMON = frozenset({*BaseEvent.model_fields, "type", "redacted"})
_KEPT: dict[str, frozenset[str]] = {
    each.model_fields["type"].default: _COMMON | each.model_fields.keys() - _CONTENTS
    for each in get_args(get_args(Event)[0])
}
"""The fields that are kept, by the event's type. Of a newer version's fields nobody knows here what they hold."""


def redact(line: bytes) -> bytes:
    """Null everything in an encoded event that may be contents, and mark it `redacted`.

    Times, statuses, names, messages and the data of `KEPT_DATA` stay. The `delta`, the `result`, all other data and the
    fields that only a newer version knows are nulled. An event that has none of these comes back as the same bytes.
    """
    event = open_line(line)
    data = event.get("data")
    hidden = _hide(cast("dict[str, Any]", data), KEPT_DATA) if isinstance(data, dict) else False
    kept = _KEPT.get(str(event.get("type")), _COMMON)
    hidden |= _hide(event, kept if isinstance(data, dict) else kept - {"data"})
    if not hidden:
        return line
    event["redacted"] = True
    return close_line(event)


def _hide(fields: dict[str, Any], kept: frozenset[str]) -> bool:
    """Null the fields that are not kept; return whether there were any."""
    hidden = [name for name, value in fields.items() if value is not None and name not in kept]
    fields.update(dict.fromkeys(hidden))
    return bool(hidden)
