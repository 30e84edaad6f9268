"""The wire contract, format version 1: frozen events, one union, encoded once.

An event is what happened. Everything that anyone sees of a run is a fold of its events, so whatever
a reader needs must be in here and nothing else may be needed. `encode` and `decode` are the only
two doors between events and bytes.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal, TypeAlias

from pydantic import AwareDatetime, BaseModel, ConfigDict, Discriminator, Field

from progressnb.wire.plain import clean_text

__all__ = [
    "KNOWN_TYPES",
    "LAST_TYPES",
    "RESERVED_DATA",
    "BaseEvent",
    "CancelledEvent",
    "ContentEvent",
    "DoneEvent",
    "ErrorEvent",
    "Event",
    "Parent",
    "ProgressEvent",
    "RunStatus",
    "StageDeclaration",
    "StageStatus",
    "StartedEvent",
    "is_last",
]

WIRE_VERSION = 1
LAST_TYPES = frozenset({"done", "error", "cancelled"})
RESERVED_DATA = frozenset(
    {
        "state",
        "model",
        "input_tokens",
        "output_tokens",
        "cost",
        "first_token",
        "attempt",
        "source",
        "remaining",
        "silence",
        "status_code",
    }
)

StageStatus: TypeAlias = Literal[
    "pending", "running", "retrying", "fallback", "finished", "failed", "skipped", "cancelled"
]
RunStatus: TypeAlias = Literal["pending", "running", "finished", "failed", "cancelled"]
Percent: TypeAlias = Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)]
Seconds: TypeAlias = Annotated[float, Field(ge=0, allow_inf_nan=False)]

_LINE_LIMIT = 200


class _Record(BaseModel):
    # Unknown fields come from a newer version: kept, so that forwarding loses nothing.
    model_config = ConfigDict(frozen=True, extra="allow")


class StageDeclaration(_Record):
    """A stage as the run declared it: its weight is its share of the run, from 0 to 1."""

    name: str
    title: str
    weight: float = Field(ge=0, allow_inf_nan=False)


class Parent(_Record):
    """The stage of another run that called this run."""

    run_id: str
    stage: str


class BaseEvent(_Record):
    """What every event carries.

    `seq` counts from 0 without gaps in a run. `elapsed` is in seconds on a monotonic clock since the
    run began. `stage` is a slash-joined path such as `evaluation/search#2`, or None for the run itself.
    """

    v: int = WIRE_VERSION
    run_id: str
    seq: int = Field(ge=0)
    timestamp: AwareDatetime
    elapsed: float = Field(ge=0, allow_inf_nan=False)
    operation: str
    stage: str | None = None

    last: ClassVar[bool] = False
    moves: ClassVar[bool] = False

    def __str__(self) -> str:
        """Say on one line what happened: `on_event=print` is a log that people read."""
        fields = {**self.__dict__}
        said = [fields[name] for name in ("status", "message", "delta", "reason") if fields.get(name)]
        percent = fields.get("overall_progress")
        where = self.stage or self.operation
        head = f"{self.elapsed:8.2f} s {'' if percent is None else f'{percent:5.1f} %':>7}  {fields['type']:9} {where}"
        return clean_text(" ".join(f"{head}: {', '.join(map(str, said))}".split("\n"))[:_LINE_LIMIT].rstrip(": "))


class StartedEvent(BaseEvent):
    """The run began: its stages in order, its model, and where it came from."""

    type: Literal["started"] = "started"
    stages: list[StageDeclaration] = []
    model: str | None = None
    parent: Parent | None = None
    resumed_from: str | None = None


class ProgressEvent(BaseEvent):
    """A stage moved: status, percent (0–100, None when unknown), message, data.

    The first event of a stage that was not declared carries its `weight` (share of its parent) and `title`.
    """

    type: Literal["progress"] = "progress"
    status: StageStatus
    stage_progress: Percent | None = None
    overall_progress: Percent | None = None
    message: str | None = None
    data: dict[str, Any] = {}
    weight: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    title: str | None = None
    duration: Seconds | None = None

    moves: ClassVar[bool] = True


class ContentEvent(BaseEvent):
    """Characters were added to a part of a stage's output since its last content event.

    `reset` says that the part starts over with this delta, as a retry does.
    """

    type: Literal["content"] = "content"
    kind: Literal["text", "json"] = "text"
    part: str = "output"
    delta: str | None = ""
    reset: bool = False
    stage_progress: Percent | None = None
    overall_progress: Percent | None = None

    moves: ClassVar[bool] = True


class DoneEvent(BaseEvent):
    """The run succeeded. Always its last event, and the only one at 100.

    `view` says how the result looks, as a list of blocks (`progressnb.wire.blocks`); None is an outline of its data.
    """

    type: Literal["done"] = "done"
    result: Any = None
    view: Any = None
    overall_progress: Percent = 100.0
    duration: Seconds
    data: dict[str, Any] = {}

    last: ClassVar[bool] = True


class ErrorEvent(BaseEvent):
    """Something failed. A fatal error is the run's last event. `data.status_code` is the answer of a model's server."""

    type: Literal["error"] = "error"
    message: str
    error_type: str
    fatal: bool = True
    duration: Seconds | None = None
    data: dict[str, Any] = {}


class CancelledEvent(BaseEvent):
    """The run was cancelled. Always its last event."""

    type: Literal["cancelled"] = "cancelled"
    reason: str | None = None
    duration: Seconds | None = None

    last: ClassVar[bool] = True


Event: TypeAlias = Annotated[
    StartedEvent | ProgressEvent | ContentEvent | DoneEvent | ErrorEvent | CancelledEvent,
    Discriminator("type"),
]
KNOWN_TYPES = frozenset({"started", "progress", "content", *LAST_TYPES})


def is_last(event: Event) -> bool:
    """Tell whether this event ends its run."""
    return event.fatal if isinstance(event, ErrorEvent) else event.last
