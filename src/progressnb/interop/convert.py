"""Events as other protocols have them: AG-UI 1.0 and MCP. Plain JSON data as on the wire; neither package is needed.

In AG-UI a run is one activity of type `progress`, whose content is
`{"operation", "status", "overall", "stages": {path: {"title", "weight", "status", "percent", "message"}}}`.
It is sent whole when the run begins and as JSON Patch from then on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import unquote

from progressnb.wire.events import (
    CancelledEvent,
    ContentEvent,
    DoneEvent,
    ErrorEvent,
    Event,
    ProgressEvent,
    StartedEvent,
)
from progressnb.wire.paths import encode_name, stage_title

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "AguiEvent",
    "begin",
    "convert_content",
    "convert_progress",
    "convert_to_agui",
    "convert_to_mcp",
    "custom",
    "delta",
    "message_id",
    "milliseconds",
    "name_of",
    "put",
    "stage_facts",
]

AguiEvent: TypeAlias = "dict[str, Any]"
"""One AG-UI event as JSON data, in camelCase."""

ACTIVITY_TYPE = "progress"
PROTOCOL = "1.0"
TOTAL = 100.0

_STEP_UP = 1e-9  # points of percent; 100 million events stay below what is left for `done`


def convert_to_agui(event: Event, *, thread_id: str | None = None) -> list[AguiEvent]:
    """Return what an event alone says in AG-UI: see `BaseEvent.to_agui`."""
    if isinstance(event, StartedEvent):
        parent = event.parent.run_id if event.parent is not None else None
        stages = [(encode_name(stage.name), stage_facts(stage.title, stage.weight)) for stage in event.stages]
        return begin(event, thread_id, stages, parent)
    if isinstance(event, ProgressEvent):
        return list(convert_progress(event, whole=event.weight is not None or event.title is not None))
    if isinstance(event, ContentEvent):
        return list(convert_content(event))
    if isinstance(event, ErrorEvent) and not event.fatal:
        return [custom(event, "error", message=event.message, error_type=event.error_type)]
    return _end(event, thread_id or event.run_id)


def convert_to_mcp(event: Event, token: str | int) -> dict[str, Any] | None:
    """Return the parameters of MCP's `notifications/progress`, or None: see `BaseEvent.to_mcp`."""
    percent = getattr(event, "overall_progress", None)
    if percent is None:
        return None
    progress = TOTAL if isinstance(event, DoneEvent) else percent + event.seq * _STEP_UP
    said: dict[str, Any] = {"progressToken": token, "progress": progress, "total": TOTAL}
    if message := _said(event):
        said["message"] = message
    return said


def _said(event: Event) -> str:
    where = " / ".join(stage_title(name_of(step)) for step in event.stage.split("/")) if event.stage else ""
    if isinstance(event, DoneEvent):
        return "finished"
    what = (event.message or event.status) if isinstance(event, ProgressEvent) else ""
    return ": ".join(part for part in (where, what) if part)


def begin(
    event: Event, thread_id: str | None, stages: list[tuple[str, dict[str, Any]]], parent: str | None
) -> list[AguiEvent]:
    """Begin a run and its activity."""
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
    """Say where a stage stands: all of it, or what an event changes."""
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
    """Say what was written; what AG-UI has no message for is a custom event."""
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


def _overall(event: ProgressEvent | ContentEvent) -> list[dict[str, Any]]:
    return [] if event.overall_progress is None else [put("overall", value=event.overall_progress)]


def stage_facts(
    title: str,
    weight: float | None = None,
    status: str = "pending",
    percent: float | None = None,
    message: str | None = None,
) -> dict[str, Any]:
    """Return a stage as the activity has it."""
    return {"title": title, "weight": weight, "status": status, "percent": percent, "message": message}


def _activity(event: Event, event_type: str) -> AguiEvent:
    return {
        "type": event_type,
        "timestamp": milliseconds(event),
        "messageId": f"{event.run_id}/{ACTIVITY_TYPE}",
        "activityType": ACTIVITY_TYPE,
    }


def delta(event: Event, patch: list[dict[str, Any]]) -> AguiEvent:
    """Change the activity."""
    return {**_activity(event, "ACTIVITY_DELTA"), "patch": patch}


def put(*path: str, value: object) -> dict[str, Any]:
    """Return the step of a JSON Patch that puts a value somewhere."""
    # "add" of JSON Patch also replaces, so it holds whatever the reader has.
    steps = "".join("/" + step.replace("~", "~0").replace("/", "~1") for step in path)
    return {"op": "add", "path": steps, "value": value}


def custom(event: Event, name: str, **value: object) -> AguiEvent:
    """Return a custom event of ours."""
    return {
        "type": "CUSTOM",
        "timestamp": milliseconds(event),
        "name": f"progressnb.{name}",
        "value": {"stage": event.stage, **value},
    }


def message_id(event: ContentEvent) -> str:
    """Name the message that a part of a stage's output is."""
    return f"{event.run_id}/{event.stage or ''}/{event.part}"


def milliseconds(event: Event) -> int:
    """Return an event's time as AG-UI has it."""
    return int(event.timestamp.timestamp() * 1000)


def name_of(step: str) -> str:
    """Return the name of the last stage in a path."""
    return unquote(step.rpartition("/")[2].partition("#")[0])
