"""Single events in AG-UI 1.0: plain JSON data, without the package `ag-ui-protocol`.

A run is one activity of type `progress`, whose content is
`{"operation", "status", "overall", "stages": {path: {"title", "weight", "status", "percent", "message"}}}`.
It is sent whole when the run begins and as JSON Patch from then on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from progressnb.wire.events import (
    CancelledEvent,
    ContentEvent,
    DoneEvent,
    ErrorEvent,
    Event,
    ItemEvent,
    ProgressEvent,
    SnapshotEvent,
    StartedEvent,
)
from progressnb.wire.items import ItemEnd
from progressnb.wire.paths import encode_name, name_of, stage_title

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "AguiEvent",
    "begin",
    "convert_content",
    "convert_event",
    "convert_progress",
    "convert_snapshot",
    "custom",
    "delta",
    "message_id",
    "milliseconds",
    "put",
    "stage_facts",
]

AguiEvent: TypeAlias = "dict[str, Any]"
"""One AG-UI event as JSON data, in camelCase."""

ACTIVITY_TYPE = "progress"
PROTOCOL = "1.0"


def convert_event(event: Event, *, thread_id: str | None = None) -> list[AguiEvent]:
    """Convert one event without knowing those before it."""
    if isinstance(event, StartedEvent):
        parent = event.parent.run_id if event.parent is not None else None
        stages = [(encode_name(stage.name), stage_facts(stage.title, stage.weight)) for stage in event.stages]
        return begin(event, thread_id, stages, parent)
    if isinstance(event, ProgressEvent):
        return list(convert_progress(event, whole=event.weight is not None or event.title is not None))
    if isinstance(event, ContentEvent | ItemEvent):
        return list(convert_content(event) if isinstance(event, ContentEvent) else _item(event))
    if isinstance(event, SnapshotEvent):
        return [convert_snapshot(event)]
    if isinstance(event, ErrorEvent) and not event.fatal:
        return [custom(event, "error", message=event.message, error_type=event.error_type)]
    return _end(event, thread_id or event.run_id)


def begin(
    event: Event, thread_id: str | None, stages: list[tuple[str, dict[str, Any]]], parent: str | None
) -> list[AguiEvent]:
    """Return the beginning of a run and of its activity."""
    at = milliseconds(event)
    begin: AguiEvent = {
        "type": "RUN_STARTED",
        "timestamp": at,
        "threadId": thread_id or event.run_id,
        "runId": event.run_id,
        "protocolVersion": PROTOCOL,
    }
    if parent is not None:
        begin["parentRunId"] = parent
    content = {"operation": event.operation, "status": "running", "overall": 0.0, "stages": dict(stages)}
    activity = {**_activity(event, "ACTIVITY_SNAPSHOT"), "content": content, "replace": True}
    return [begin, activity]


def convert_snapshot(event: SnapshotEvent) -> AguiEvent:
    """Return the activity of a run anew, for a reader that came after the run's first events had gone."""
    stages = {
        stage.path: stage_facts(stage.title, stage.weight, stage.status, stage.percent, stage.message)
        for stage in event.stages
    }
    facts = {"operation": event.operation, "status": "running", "overall": event.overall_progress, "stages": stages}
    return {**_activity(event, "ACTIVITY_SNAPSHOT"), "content": facts, "replace": True}


def _end(event: DoneEvent | ErrorEvent | CancelledEvent, thread_id: str) -> list[AguiEvent]:
    at = milliseconds(event)
    if isinstance(event, ErrorEvent):
        end = {"type": "RUN_ERROR", "timestamp": at, "message": event.message, "code": event.error_type}
        return [delta(event, [put("status", value="failed")]), end]
    end = {"type": "RUN_FINISHED", "timestamp": at, "threadId": thread_id, "runId": event.run_id}
    if isinstance(event, DoneEvent):
        patch = [put("status", value="finished"), put("overall", value=event.overall_progress)]
        return [delta(event, patch), {**end, "result": event.result, "outcome": {"type": "success"}}]
    patch = [put("status", value="cancelled"), put("reason", value=event.reason)]
    return [delta(event, patch), {**end, "outcome": {"type": "cancelled"}}]


def convert_progress(event: ProgressEvent, *, whole: bool) -> Iterator[AguiEvent]:
    """Return the patch of the activity for a stage: the whole stage, or what the event changes."""
    patch = _overall(event)
    path = event.stage
    if path is not None:
        title = event.title or stage_title(name_of(path))
        facts = stage_facts(title, event.weight, event.status, event.stage_progress, event.message)
        if whole:
            patch.append(put("stages", path, value=facts))
        else:
            told = {**facts} if event.title is not None else {key: facts[key] for key in ("status", "percent")}
            told |= {key: facts[key] for key in ("weight", "message") if facts[key] is not None}
            patch += [put("stages", path, key, value=value) for key, value in told.items()]
    if patch:
        yield delta(event, patch)
    if event.data:
        yield custom(event, "data", data=event.data)


def convert_content(event: ContentEvent) -> Iterator[AguiEvent]:
    """Return text as message chunks, and other output as a custom event."""
    is_text = event.kind == "text" and event.part in ("output", "thinking")
    if event.reset or (event.delta and not is_text):
        fields = {"part": event.part, "kind": event.kind, "reset": event.reset}
        yield custom(event, "content", **fields, delta="" if is_text else event.delta or "")
    if event.delta and is_text:
        fields = {"timestamp": milliseconds(event), "messageId": message_id(event), "delta": event.delta}
        if event.part == "output":
            yield {"type": "TEXT_MESSAGE_CHUNK", **fields, "role": "assistant"}
        else:
            yield {"type": "REASONING_MESSAGE_CHUNK", **fields}
    patch = _overall(event)
    if event.stage is not None:
        patch.append(put("stages", event.stage, "percent", value=event.stage_progress))
    if patch:
        yield delta(event, patch)


def _item(event: ItemEvent) -> Iterator[AguiEvent]:
    """Return the end of an item of a batch: the percent, and the item as a custom event."""
    if patch := _overall(event):
        yield delta(event, patch)
    yield custom(event, "item", **event.model_dump(mode="json", include=set(ItemEnd.model_fields)))


def _overall(event: ProgressEvent | ContentEvent | ItemEvent) -> list[dict[str, Any]]:
    return [] if event.overall_progress is None else [put("overall", value=event.overall_progress)]


def stage_facts(
    title: str,
    weight: float | None = None,
    status: str = "pending",
    percent: float | None = None,
    message: str | None = None,
) -> dict[str, Any]:
    """Return the entry of a stage in the activity."""
    return {"title": title, "weight": weight, "status": status, "percent": percent, "message": message}


def _activity(event: Event, event_type: str) -> AguiEvent:
    return {
        "type": event_type,
        "timestamp": milliseconds(event),
        "messageId": f"{event.run_id}/{ACTIVITY_TYPE}",
        "activityType": ACTIVITY_TYPE,
    }


def delta(event: Event, patch: list[dict[str, Any]]) -> AguiEvent:
    """Return an event that patches the activity."""
    return {**_activity(event, "ACTIVITY_DELTA"), "patch": patch}


def put(*path: str, value: object) -> dict[str, Any]:
    """Return the step of a JSON Patch (RFC 6902) that sets the value at a path."""
    # "add" of JSON Patch also replaces, so it holds whatever the reader has.
    steps = "".join("/" + step.replace("~", "~0").replace("/", "~1") for step in path)
    return {"op": "add", "path": steps, "value": value}


def custom(event: Event, name: str, **value: object) -> AguiEvent:
    """Return a custom event whose name begins with `progressnb.`."""
    return {
        "type": "CUSTOM",
        "timestamp": milliseconds(event),
        "name": f"progressnb.{name}",
        "value": {"stage": event.stage, **value},
    }


def message_id(event: ContentEvent) -> str:
    """Return the id of the message that a part of a stage's output becomes."""
    return f"{event.run_id}/{event.stage or ''}/{event.part}"


def milliseconds(event: Event) -> int:
    """Return an event's time in milliseconds since 1970."""
    return int(event.timestamp.timestamp() * 1000)
