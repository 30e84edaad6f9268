"""What a store without contents keeps of an event: timings, statuses and messages, not what was written."""

from __future__ import annotations

from typing import Any, cast

from pydantic_core import from_json, to_json

from progressnb.wire.events import RESERVED_DATA

__all__ = ["redact"]


def redact(line: bytes) -> bytes:
    """Null the `delta`, the `result`, the `view` and the unreserved `data` of an encoded event, and mark it `redacted`.

    An event that holds none of these comes back as the same bytes.
    """
    event: dict[str, Any] = from_json(line, cache_strings="keys")
    hidden = False
    for name in ("delta", "result", "view"):
        if event.get(name) is not None:
            event[name], hidden = None, True
    data = event.get("data")
    if isinstance(data, dict):
        fields = cast("dict[str, Any]", data)
        for key, value in fields.items():
            if key not in RESERVED_DATA and value is not None:
                fields[key], hidden = None, True
    elif data is not None:  # a newer version's
        event["data"], hidden = None, True
    if not hidden:
        return line
    event["redacted"] = True
    return to_json(event)
