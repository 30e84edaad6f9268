"""Events made of facts that are known to be right: without validation, in a tenth of the time.

The writer of a run checks what users report before it makes an event of it. Events that were read are always validated.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic_core import PydanticUndefined

if TYPE_CHECKING:
    from progressnb.wire.events import BaseEvent

__all__ = ["made"]

_Made = TypeVar("_Made", bound="BaseEvent")
_set = object.__setattr__  # a model that is frozen refuses to be filled


def made(event_type: type[_Made], facts: dict[str, Any]) -> _Made:
    """Return an event with these facts by name, and defaults for the others. What is mutable belongs to the event."""
    defaults, names = _fields_of(event_type)
    event = object.__new__(event_type)
    _set(event, "__dict__", defaults | facts)  # in the order of the fields, which is that of the bytes
    _set(event, "__pydantic_fields_set__", names)
    _set(event, "__pydantic_extra__", {})
    _set(event, "__pydantic_private__", None)
    return event


@cache
def _fields_of(event_type: type[BaseEvent]) -> tuple[dict[str, Any], set[str]]:
    """Return the fields of an event's type with their defaults, None for those that have none, and their names."""
    fields = event_type.model_fields
    defaults = {
        name: None if (default := field.default) is PydanticUndefined else default for name, field in fields.items()
    }
    return defaults, set(fields)
