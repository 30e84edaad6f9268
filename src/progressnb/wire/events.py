"""The wire contract, format version 1: frozen events, one union, encoded once.

An event is what happened. Everything that anyone sees of a run is a fold of its events, so whatever
a reader needs must be in here and nothing else may be needed. `encode` and `decode` are the only
two doors between events and bytes.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Iterable, Iterator
from typing import Annotated, Any, ClassVar, Literal, TypeAlias, cast

from pydantic import AwareDatetime, BaseModel, ConfigDict, Discriminator, Field, TypeAdapter, ValidationError
from pydantic_core import PydanticSerializationError, from_json, to_json, to_jsonable_python

from progressnb.errors import EventFormatError

__all__ = [
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
    "clean_text",
    "decode",
    "encode",
    "jsonable",
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
    }
)

StageStatus: TypeAlias = Literal[
    "pending", "running", "retrying", "fallback", "finished", "failed", "skipped", "cancelled"
]
RunStatus: TypeAlias = Literal["pending", "running", "finished", "failed", "cancelled"]
Percent: TypeAlias = Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)]
Seconds: TypeAlias = Annotated[float, Field(ge=0, allow_inf_nan=False)]

_LINE_LIMIT = 200
_REPR_LIMIT = 10_000
_INT_BITS = 4_000  # Python reads and writes no more than 4,300 digits, some readers fewer
_DEPTH = 150  # JSON readers give up at 200 levels, of which the event needs some
_logger = logging.getLogger("progressnb")


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

    def to_agui(self, *, thread_id: str | None = None) -> list[dict[str, Any]]:
        """Return this event as AG-UI 1.0 events, each a dict of JSON data in camelCase.

        Run started, finished or failed; what a stage says, as an activity of type `progress`; text and thinking
        as message chunks; data, other output and errors that the run survived as custom events named
        `progressnb.…`. One event alone can't tell that a stage has just begun: `pnb.interop.to_agui(run)` converts a
        whole run, with steps and with messages that are opened and closed.
        """
        from progressnb.interop.convert import convert_to_agui

        return convert_to_agui(cast("Event", self), thread_id=thread_id)

    def to_mcp(self, token: str | int) -> dict[str, Any] | None:
        """Return this event as the parameters of MCP's `notifications/progress`; None if it moves nothing.

        `token` is the `progressToken` of the request. `progress` is the overall percent, of a `total` of 100,
        and rises with each event of a run, as MCP demands: by a billionth where the percent stands still.
        """
        from progressnb.interop.convert import convert_to_mcp

        return convert_to_mcp(cast("Event", self), token)


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
    """The run succeeded. Always its last event, and the only one at 100."""

    type: Literal["done"] = "done"
    result: Any = None
    overall_progress: Percent = 100.0
    duration: Seconds
    data: dict[str, Any] = {}

    last: ClassVar[bool] = True


class ErrorEvent(BaseEvent):
    """Something failed. A fatal error is the run's last event."""

    type: Literal["error"] = "error"
    message: str
    error_type: str
    fatal: bool = True
    duration: Seconds | None = None


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
_KNOWN_TYPES = frozenset({"started", "progress", "content", *LAST_TYPES})
_adapter: TypeAdapter[Event] = TypeAdapter(Event)
_warned_types: set[str] = set()


def is_last(event: Event) -> bool:
    """Tell whether this event ends its run."""
    return event.fatal if isinstance(event, ErrorEvent) else event.last


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
        if isinstance(event_type, str) and event_type not in _KNOWN_TYPES:
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


def clean_text(text: str) -> str:
    """Return text that can be encoded as UTF-8: lone surrogates become U+FFFD, pairs become one character."""
    if text.isascii():  # nearly always, and known without looking
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def jsonable(value: object) -> Any:  # noqa: ANN401 - plain JSON data is any of six types, nested
    """Return plain JSON data for a value; what is no JSON becomes `{"type", "repr"}`, NaN becomes None.

    Iterators are described and never read: they are the user's to read, and may have no end.
    """
    return _plain(value, ())


def _described(value: object) -> dict[str, str]:
    try:
        text = repr(value)
    except Exception as error:  # noqa: BLE001 - a broken __repr__ is the user's, and must not end the run
        text = f"<unprintable: {type(error).__name__}>"
    return {"type": f"{type(value).__module__}.{type(value).__qualname__}", "repr": clean_text(text[:_REPR_LIMIT])}


def _plain(value: object, above: tuple[int, ...]) -> Any:  # noqa: ANN401, PLR0911 - each kind of value has its answer
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    if type(value) is str:
        return clean_text(value)
    if type(value) is int:
        return value if value.bit_length() <= _INT_BITS else _described(value)
    if isinstance(value, Iterator) or id(value) in above or len(above) >= _DEPTH:
        return _described(value)  # pyright: ignore[reportUnknownArgumentType] # narrowed to unknown items
    inside = (*above, id(value))
    try:
        if isinstance(value, dict):
            items = cast("dict[object, object]", value).items()
            return {_key(key): _plain(item, inside) for key, item in items}
        if isinstance(value, list | tuple | set | frozenset):
            return [_plain(item, inside) for item in cast("Iterable[object]", value)]
        plain = to_jsonable_python(value, fallback=_described, inf_nan_mode="null")
        return _plain(plain, inside)
    except Exception:  # noqa: BLE001 - a broken serializer is the user's, and must not end the run
        return _described(value)  # pyright: ignore[reportUnknownArgumentType] # narrowed to unknown items


def _key(key: object) -> str:
    text = key if isinstance(key, str) else str(*to_jsonable_python({key: None}))
    return clean_text(text)
