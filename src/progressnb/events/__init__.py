"""The events of a run, which `async for event in run`, `on_event` and a served run give."""

from __future__ import annotations

from progressnb.wire.codec import decode, encode
from progressnb.wire.events import (
    BaseEvent,
    CancelledEvent,
    ContentEvent,
    DoneEvent,
    ErrorEvent,
    Event,
    ItemEvent,
    Parent,
    ProgressEvent,
    RunStatus,
    SnapshotEvent,
    StageDeclaration,
    StageStatus,
    StartedEvent,
)

__all__ = [
    "BaseEvent",
    "CancelledEvent",
    "ContentEvent",
    "DoneEvent",
    "ErrorEvent",
    "Event",
    "ItemEvent",
    "Parent",
    "ProgressEvent",
    "RunStatus",
    "SnapshotEvent",
    "StageDeclaration",
    "StageStatus",
    "StartedEvent",
    "decode",
    "encode",
]
