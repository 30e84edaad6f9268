"""The codec: events to bytes and back, and the only functions that open or close the bytes of an event."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar, cast

from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic_core import PydanticSerializationError, from_json, to_json

from progressnb.errors import EventFormatError
from progressnb.wire.events import KNOWN_TYPES, BaseEvent, Event, SnapshotEvent, UnknownEvent
from progressnb.wire.making import made
from progressnb.wire.paths import path_fault
from progressnb.wire.plain import jsonable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from progressnb.wire.making import ContentFacts, ProgressFacts

__all__ = [
    "add_field",
    "close_line",
    "decode",
    "decode_any",
    "encode",
    "encode_facts",
    "escape_line_breaks",
    "on_one_line",
    "open_line",
    "open_lines",
    "type_of",
]

Opened: TypeAlias = dict[str, Any]
"""An event as plain data: its fields by name, in the order of the bytes."""

_known: TypeAdapter[Event] = TypeAdapter(Event, config=ConfigDict(cache_strings="keys"))
_unknown: TypeAdapter[UnknownEvent] = TypeAdapter(UnknownEvent)
_Read = TypeVar("_Read", bound=BaseEvent)
_warned_types: set[str] = set()
_SPACE = b" \t\r\n"
_NO_BREAKS = bytes.maketrans(b"\r\n", b"  ")  # valid JSON has them between its tokens only
_logger = logging.getLogger("progressnb")

_TYPE = b'"type":"'

# Line breaks to `str.splitlines` that JSON leaves as they are. In valid JSON they occur inside strings only.
_LINE_BREAKS = (
    ("\u2028".encode(), rb"\u2028"),
    ("\u2029".encode(), rb"\u2029"),
    ("\u0085".encode(), rb"\u0085"),
)


def encode(event: Event) -> bytes:
    r"""Encode an event as one line of JSON in UTF-8.

    The line has no character that ends a line for `str.splitlines` or another reader of lines: U+2028, U+2029 and
    U+0085 are written as `\u2028`, `\u2029` and `\u0085`.

    Args:
        event: The event.

    Returns:
        The line, without a line break at its end.

    Example:
        ::

            line = pnb.events.encode(event)
            assert pnb.events.decode(line) == event

    """
    try:
        line = event.__pydantic_serializer__.to_json(event)
    except (PydanticSerializationError, ValueError):  # text or data that never went through `jsonable`
        line = to_json(jsonable(event.model_dump()))
    return line if line.isascii() else escape_line_breaks(line)


def encode_facts(facts: ProgressFacts | ContentFacts) -> bytes:
    """Encode the facts of an event to the bytes that `encode` makes of the event."""
    try:
        line = to_json(facts, inf_nan_mode="null")
    except (PydanticSerializationError, ValueError):
        return encode(made(facts))
    return line if line.isascii() else escape_line_breaks(line)


def decode(line: str | bytes) -> Event | None:
    """Decode one event.

    Args:
        line: The event's JSON, as text or bytes.

    Returns:
        The event, or None for one of a type that only a newer version knows. The first of each such type logs a
        warning.

    Raises:
        EventFormatError: The line is no event of this format.

    Example:
        ::

            history.export_jsonl("runs.jsonl")
            with open("runs.jsonl", "rb") as file:
                events = [pnb.events.decode(line) for line in file]

    """
    event = _decoded(line)
    if event is not None:
        return event
    data = open_line(line)
    return None if _is_unknown(data) else _validate(_known, data)


def decode_any(line: str | bytes) -> Event | UnknownEvent:
    """Decode one event, also of a type that only a newer version knows; raise `EventFormatError` as `decode` does."""
    event = _decoded(line)
    if event is not None:
        return event
    data = open_line(line)
    return _validate(_unknown, data) if _is_unknown(data) else _validate(_known, data)


def _decoded(line: str | bytes) -> Event | None:
    """Return the event of a line; None for one that must be read with care: of an unknown type, or no event."""
    try:
        return _checked(_known.validate_json(line))
    except ValidationError:
        return None


def open_line(line: str | bytes) -> Opened:
    """Return the fields of an encoded event. Raises `EventFormatError` for text that is no JSON object."""
    try:
        # Encoded here: to half of a surrogate pair the parser answers TypeError.
        data: Any = from_json(line.encode() if isinstance(line, str) else line, cache_strings="keys")
    except ValueError as error:
        raise EventFormatError("one event as JSON", str(error), "Check that the line is whole.") from None
    if not isinstance(data, dict):
        raise EventFormatError("one event as JSON", "another JSON value", "Check that the line came from progressnb.")
    return data  # pyright: ignore[reportUnknownVariableType] # any JSON


def open_lines(lines: Sequence[bytes]) -> list[Opened]:
    """Return the fields of several encoded events, in half the time of `open_line` for each; raise as it does."""
    try:
        events: list[Any] = from_json(b"[" + b",".join(lines) + b"]")
    except ValueError as error:
        raise EventFormatError("one event a line", str(error), "Check that the lines are whole.") from None
    if len(events) != len(lines) or not all(isinstance(event, dict) for event in events):
        raise EventFormatError("one event a line", "something else", "Check that the lines are whole.")
    return events


def type_of(line: bytes) -> bytes:
    """Return the type of an encoded event on one line, without opening it where the bytes alone tell it."""
    at = line.find(_TYPE)
    if at > 0 and line.find(b"{", 1, at) < 0:  # in no object inside the event; quotes inside a string are escaped
        begin = at + len(_TYPE)
        end = line.find(b'"', begin)
        if (found := line[begin:end]).isalnum():
            return found
    return b" ".join(str(open_line(line).get("type")).encode().split())


def close_line(fields: Opened) -> bytes:
    """Encode the fields of an opened event again; lines are closed as `encode` closes them."""
    return escape_line_breaks(to_json(fields))


def add_field(line: bytes, name: str, value: object) -> bytes:
    """Return an encoded event with one more field at its end, without opening it; `value` is plain data."""
    return line.rstrip()[:-1] + b"," + escape_line_breaks(to_json({name: value}))[1:]


def escape_line_breaks(line: bytes) -> bytes:
    """Return the same JSON with U+2028, U+2029 and U+0085 escaped. A line without them is returned itself, uncopied."""
    if line.isascii():
        return line
    for raw, escaped in _LINE_BREAKS:
        if raw in line:
            line = line.replace(raw, escaped)
    return line


def on_one_line(line: bytes) -> bytes:
    """Return the same bytes, unless they are laid out on several lines, as another writer's may be."""
    line = line.strip(_SPACE)
    return line.translate(_NO_BREAKS) if b"\n" in line or b"\r" in line else line


def _is_unknown(data: Opened) -> bool:
    event_type = data.get("type")
    if not isinstance(event_type, str) or event_type in KNOWN_TYPES:
        return False
    if event_type not in _warned_types:
        _warned_types.add(event_type)
        _logger.warning("skipped events of the unknown type %r; a newer progressnb wrote them", event_type)
    return True


def _validate(adapter: TypeAdapter[_Read], data: Opened) -> _Read:
    try:
        event = adapter.validate_python(data, strict=False)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "the event"
        raise EventFormatError(
            "an event of wire format 1",
            f"a fault at {where}: {first['msg']}",
            "Check that the line came from progressnb.",
        ) from None
    return _checked(event)


def _checked(event: _Read) -> _Read:
    _check_path(event.stage)
    if type(event) is SnapshotEvent:  # of a model `isinstance` asks an abstract class
        for stage in cast("SnapshotEvent", event).stages:
            _check_path(stage.path)
    return event


def _check_path(path: str | None) -> None:
    if path is not None and (fault := path_fault(path)):
        raise EventFormatError(*fault, "Check that the line came from progressnb.")
