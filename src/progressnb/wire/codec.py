"""Events to bytes and back: the only two doors."""

from __future__ import annotations

import logging
from typing import cast

from pydantic import TypeAdapter, ValidationError
from pydantic_core import PydanticSerializationError, from_json, to_json

from progressnb.errors import EventFormatError
from progressnb.wire.events import KNOWN_TYPES, Event
from progressnb.wire.plain import jsonable

__all__ = ["decode", "encode"]

_adapter: TypeAdapter[Event] = TypeAdapter(Event)
_warned_types: set[str] = set()
_logger = logging.getLogger("progressnb")


def encode(event: Event) -> bytes:
    """Encode an event as one line of UTF-8 JSON, without a line break."""
    try:
        return event.__pydantic_serializer__.to_json(event)
    except (PydanticSerializationError, ValueError):  # text or data that never went through `jsonable`
        return to_json(jsonable(event.model_dump()))


def decode(line: str | bytes) -> Event | None:
    """Decode one event, or return None for a type that only a newer version knows.

    The first event of each unknown type logs a warning. Raises `EventFormatError` for text that is no event.
    """
    try:
        data = from_json(line)
        event_type = cast("dict[str, object]", data).get("type") if isinstance(data, dict) else None
        if isinstance(event_type, str) and event_type not in KNOWN_TYPES:
            if event_type not in _warned_types:
                _warned_types.add(event_type)
                _logger.warning("skipped events of the unknown type %r; a newer progressnb wrote them", event_type)
            return None
        return _adapter.validate_python(data, strict=False)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "the event"
        raise EventFormatError(
            "an event of wire format 1",
            f"a fault at {where}: {first['msg']}",
            "Check that the line came from progressnb.",
        ) from None
    except ValueError as error:
        raise EventFormatError("one event as JSON", str(error), "Check that the line is whole.") from None
