"""Encoded events without their contents, made of the bytes around these: an event is neither read nor encoded again.

In the texts of JSON each quote has a backslash before it. So the marks of fields are what they seem where an event has
the fields of its type in their order and no others. One that another program has laid out is left to `redact`.
"""

from __future__ import annotations

from typing import Any

from pydantic_core import to_json

from progressnb.wire.codec import escape_line_breaks
from progressnb.wire.events import ContentEvent, ProgressEvent

__all__ = ["with_facts", "without_delta"]

_NAME_ENDS = b'":'
_BESIDE_DELTA = len(ContentEvent.model_fields) - 2  # the fields but `delta` and the one behind it
_BESIDE_FACTS = len(ProgressEvent.model_fields) - 3  # the fields but `message`, `data` and the one behind it


def without_delta(line: bytes) -> bytes | None:
    """Return an encoded content event without its characters, or None for one that is laid out in another way."""
    before, _, rest = line.partition(b',"delta":"')
    _, end, after = rest.partition(b'","reset":')
    if not end or before.count(_NAME_ENDS) + after.count(_NAME_ENDS) != _BESIDE_DELTA:
        return None
    return b"".join((before, b',"delta":null,"reset":', after[:-1], b',"redacted":true}'))


def with_facts(line: bytes, message: str | None, data: dict[str, Any]) -> bytes | None:
    """Return an encoded progress event with this message and these data, or None for one laid out in another way."""
    before, _, rest = line.partition(b',"message":')
    _, _, rest = rest.partition(b',"data":{')
    _, end, after = rest.rpartition(b'},"weight":')
    if not end or before.count(_NAME_ENDS) + after.count(_NAME_ENDS) != _BESIDE_FACTS:
        return None
    facts = to_json({"message": message, "data": data}, inf_nan_mode="null")
    return b"".join((before, b",", escape_line_breaks(facts)[1:-1], b',"weight":', after[:-1], b',"redacted":true}'))
