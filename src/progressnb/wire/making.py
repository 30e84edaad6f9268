"""The facts of the events that are written most, and events made of them without validation, in a tenth of the time.

The writer of a run checks what users report before it makes facts of it. Its fold and its encoder take the facts as
they are; an event is made of them where somebody looks. Events that were read are always validated.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Literal, TypedDict

from progressnb.wire.events import ContentEvent, ProgressEvent, StageStatus

if TYPE_CHECKING:
    from datetime import datetime

__all__ = ["ContentFacts", "ProgressFacts", "made"]

_new, _set = object.__new__, object.__setattr__  # a model that is frozen refuses to be filled


class _Facts(TypedDict):
    """The fields that every event begins with."""

    v: int
    run_id: str
    seq: int
    timestamp: datetime
    elapsed: float
    operation: str
    stage: str | None


class ProgressFacts(_Facts):
    """All fields of a `ProgressEvent`, in their order: it is that of the bytes."""

    type: Literal["progress"]
    status: StageStatus
    stage_progress: float | None
    overall_progress: float | None
    message: str | None
    data: dict[str, Any]
    weight: float | None
    title: str | None
    duration: float | None


class ContentFacts(_Facts):
    """All fields of a `ContentEvent`, in their order."""

    type: Literal["content"]
    kind: Literal["text", "json"]
    part: str
    delta: str | None
    reset: bool
    stage_progress: float | None
    overall_progress: float | None


def made(facts: ProgressFacts | ContentFacts) -> ProgressEvent | ContentEvent:
    """Return the event that has these facts, which belong to it from now on."""
    event_type: type[ProgressEvent | ContentEvent] = ProgressEvent if facts["type"] == "progress" else ContentEvent
    event = _new(event_type)
    _set(event, "__dict__", facts)
    _set(event, "__pydantic_fields_set__", _fields_of(event_type))
    _set(event, "__pydantic_extra__", {})
    _set(event, "__pydantic_private__", None)
    return event


@cache
def _fields_of(event_type: type[ProgressEvent | ContentEvent]) -> set[str]:
    return set(event_type.model_fields)
