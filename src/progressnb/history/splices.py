"""Encoded events without their contents, made of the bytes around these: an event is neither read nor encoded again.

In the texts of JSON each quote has a backslash before it. So the marks of fields are what they seem where an event has
the fields of its type in their order and no others. That is looked at unless the line is our `own`. One that another
program has laid out is left to `redact`.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from pydantic_core import to_json

from progressnb.wire.codec import escape_line_breaks
from progressnb.wire.events import ContentEvent, DoneEvent, Parent, ProgressEvent, StageDeclaration, StartedEvent

__all__ = ["with_end", "with_facts", "without_delta"]

_NAME_ENDS = b'":'
_MARK = b',"redacted":true}'


def without_delta(line: bytes, *, own: bool = False) -> bytes | None:
    """Return an encoded content event without its characters, or None for one that is laid out in another way."""
    before, _, rest = line.partition(b',"delta":"')
    _, end, after = rest.partition(b'","reset":')
    if not end:
        return None
    if not own and not (_is_whole(before, _BEFORE_DELTA, _OF_CONTENT) and after.count(_NAME_ENDS) == _BEHIND_DELTA):
        return None
    return b"".join((before, b',"delta":null,"reset":', after[:-1], _MARK))


def with_facts(line: bytes, message: str | None, data: dict[str, Any], *, own: bool = False) -> bytes | None:
    """Return an encoded progress event with this message and these data, or None for one laid out in another way."""
    before, _, rest = line.partition(b',"message":')
    _, _, rest = rest.partition(b',"data":{')
    _, end, after = rest.rpartition(b'},"weight":')
    if not end:
        return None
    if not own:
        is_usual = after == _USUAL_END or after.count(_NAME_ENDS) == _BEHIND_WEIGHT
        if not is_usual or not _is_whole(before, _BEFORE_MESSAGE, _OF_PROGRESS):
            return None
    facts = _facts(message, data) if data else _message(message)
    return b"".join((before, facts, b',"weight":', after[:-1], _MARK))


def with_end(line: bytes, event: StartedEvent | DoneEvent, own: bool, **changed: object) -> bytes | None:  # noqa: FBT001
    """Return an encoded first or last event with these values of the fields behind its facts, or None likewise."""
    if type(event) is StartedEvent:
        names, count = _STARTED_END, _BEFORE_STARTED_END + _IN_STAGE * len(event.stages)
        count, marks = count + _IN_PARENT * (event.parent is not None), _OF_STARTED
    else:
        names, count, marks = _DONE_END, _BEFORE_DONE_END, _OF_RUN
    before, mark, _ = line.partition(b',"%s":' % names[0].encode())
    if not mark or not (own or _is_whole(before, count, marks)):
        return None
    return b"".join((before, b",", _encoded({name: getattr(event, name) for name in names} | changed), _MARK))


def _is_whole(before: bytes, count: int, marks: tuple[bytes, ...]) -> bool:
    """Return whether the beginning of an event has so many names, with those that it may lack: none is there twice."""
    is_there = before.startswith(b'{"v":') and all(mark in before for mark in marks)
    return is_there and before.count(_NAME_ENDS) == count


@lru_cache(256)
def _message(message: str | None) -> bytes:
    return _facts(message, {})


def _facts(message: str | None, data: dict[str, Any]) -> bytes:
    return b"," + _encoded({"message": message, "data": data})


def _encoded(fields: dict[str, Any]) -> bytes:
    """Return fields as they stand in an event, without braces."""
    return escape_line_breaks(to_json(fields, inf_nan_mode="null"))[1:-1]


_progress, _content = [*ProgressEvent.model_fields], [*ContentEvent.model_fields]
_BEFORE_MESSAGE, _BEHIND_WEIGHT = _progress.index("message"), len(_progress) - 1 - _progress.index("weight")
_BEFORE_DELTA, _BEHIND_DELTA = _content.index("delta"), len(_content) - 1 - _content.index("reset")
_started, _done = [*StartedEvent.model_fields], [*DoneEvent.model_fields]
_BEFORE_STARTED_END, _BEFORE_DONE_END = _started.index("resumed_from"), _done.index("result")
_STARTED_END, _DONE_END = _started[_BEFORE_STARTED_END:], _done[_BEFORE_DONE_END:]
_IN_STAGE, _IN_PARENT = len(StageDeclaration.model_fields), len(Parent.model_fields)
_USUAL_END = b'null,"title":null,"duration":null}'  # of events of stages at work

# Names of fields that an event may lack, before those that are cut: without them there would be room for one twice.
_OF_RUN: tuple[bytes, ...] = (b',"stage":null,"type":',)
_OF_STARTED: tuple[bytes, ...] = (*_OF_RUN, b',"stages":', b',"model":', b',"parent":')
_OF_PROGRESS = tuple(b',"%s":' % name.encode() for name in _progress[_progress.index("type") : _BEFORE_MESSAGE])
_OF_CONTENT = tuple(b',"%s":' % name.encode() for name in _content[_content.index("type") : _BEFORE_DELTA])
