"""The events of a run, wire format version 1: frozen models in one union.

An event says what happened. Everything that anyone sees of a run is a fold of its events, so each fact that a reader
needs is a field of an event. `progressnb.wire.codec` turns events into bytes and back.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, TypeAlias

from pydantic import AwareDatetime, BaseModel, ConfigDict, Discriminator, Field, PlainValidator

from progressnb.wire.items import Finite, ItemEnd
from progressnb.wire.visible import visible

if TYPE_CHECKING:
    from progressnb.wire.batch import BatchRecord
else:
    BatchRecord = Any  # `_batch_of` reads it

__all__ = [
    "KEPT_DATA",
    "KNOWN_TYPES",
    "LAST_TYPES",
    "RESERVED_DATA",
    "TIME_DATA",
    "WIRE_VERSION",
    "BaseEvent",
    "CancelledEvent",
    "ContentEvent",
    "DoneEvent",
    "ErrorEvent",
    "Event",
    "FoldedRecord",
    "ItemEvent",
    "OutputRecord",
    "Parent",
    "ProgressEvent",
    "RunStatus",
    "SnapshotEvent",
    "StageDeclaration",
    "StageRecord",
    "StageStatus",
    "StartedEvent",
    "UnknownEvent",
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
        "output_lines",
        "status_code",
        "arguments",
        "result",
        "result_length",
        "waiting_for",
        "traced",
        "intervention",
        "approval_decision",
        "ended_early",
        "answer_end",
        "answer_choices",
        "came_whole",
        "counts_tokens",
        "budget",
        "projected_cost",
        "expected",
        "guessed",
        "end_unknown",
        "rerun",
        "reused",
        "not_restorable",
        "batch",
        "batch_now",
        "batch_words",
    }
)
"""Keys of `data` that have a meaning of their own."""

TIME_DATA = frozenset({"remaining", "silence"})
"""Data that are written when only time passes, by the run itself."""

KEPT_DATA = RESERVED_DATA - {
    *("arguments", "result", "result_length", "intervention"),
    *("batch", "batch_now", "batch_words"),
}
"""Reserved keys whose values are facts about the work. A store without contents keeps them and no others.

Of `batch` and `batch_now` it keeps the fields that are known, in the data of the run itself.
"""

StageStatus: TypeAlias = Literal[
    "pending", "running", "retrying", "fallback", "waiting", "finished", "failed", "skipped", "cancelled"
]
RunStatus: TypeAlias = Literal["pending", "running", "finished", "failed", "cancelled"]
Percent: TypeAlias = Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)]
Seconds: TypeAlias = Annotated[float, Field(ge=0, allow_inf_nan=False)]

_LINE_LIMIT = 200


class _Record(BaseModel):
    # Unknown fields come from a newer version: kept, so that forwarding loses nothing.
    model_config = ConfigDict(frozen=True, extra="allow")


class StageDeclaration(_Record):
    """A declared stage: its name, its title and its weight, which is its share of the run, 0–1."""

    name: str
    title: str
    weight: float = Field(ge=0, allow_inf_nan=False)


class Parent(_Record):
    """The stage of another run that called this run."""

    run_id: str
    stage: str


class BaseEvent(_Record):
    """The fields of every event. Fields that only a newer version knows are kept.

    Attributes:
        v: The version of the wire format, 1.
        run_id: The run's id.
        seq: The event's number in its run, counted from 0 without gaps.
        timestamp: When it happened, an aware time in UTC.
        elapsed: Seconds since the run began, on a monotonic clock.
        operation: The operation's name.
        stage: The stage's path, such as `evaluation/search#2`; None for the run itself.
        last: Whether events of this class end their run; `ErrorEvent.fatal` says it of an error.
        moves: Whether events of this class tell how far the run is, by `overall_progress`.

    Example:
        ::

            async for event in run:
                print(event)

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
        """Describe the event on one line, so that `on_event=print` is a log that people read."""
        fields = {**self.__dict__}
        parts = [fields[name] for name in ("status", "message", "delta", "reason") if fields.get(name)]
        percent = fields.get("overall_progress")
        where = self.stage or self.operation
        if isinstance(self, ItemEvent):
            where = f"{where} {self.index}"
        head = f"{self.elapsed:8.2f} s {'' if percent is None else f'{percent:5.1f} %':>7}  {fields['type']:9} {where}"
        line = " ".join(f"{head}: {', '.join(map(str, parts))}"[: 2 * _LINE_LIMIT].split("\n"))
        return visible(line[:_LINE_LIMIT].rstrip(": "))


class StartedEvent(BaseEvent):
    """The first event of a run.

    Attributes:
        stages: The declared stages, in order.
        model: The model that the run declares, or None.
        parent: The stage of another run that called this run, or None.
        resumed_from: The id of the interrupted run that this one continues, or None.
        title: The title that the caller gave this run, or None.
        subject: The argument that tells this run from others of its operation, in a few words, or None.
        writer: The program that wrote the run's events, such as `progressnb 0.2.0`; None for the first version, which
            told of a silence in messages alone.
        data: Plain data of the run. `expected` has the seconds that past runs let expect of each stage, by path;
            `rerun` the stages that a run which takes up another was asked to run again.

    """

    type: Literal["started"] = "started"
    stages: list[StageDeclaration] = []
    model: str | None = None
    parent: Parent | None = None
    resumed_from: str | None = None
    title: str | None = None
    subject: str | None = None
    writer: str | None = None
    data: dict[str, Any] = {}


class ProgressEvent(BaseEvent):
    """A change of a stage: its status, percent, message or data.

    Attributes:
        status: The stage's status.
        stage_progress: The stage's percent, 0–100; None when unknown.
        overall_progress: The run's percent, 0–100.
        message: The message that the stage shows now, or None for no change.
        data: Plain data that the stage reports. An event with `silence` only says for how many seconds the stage has
            given no sign of life.
            `guessed` says whether the percent from here on is a guess, as while a model writes an answer of unknown
            length; in the last event of a stage, that nothing was counted.
            `arguments` and `result` are those of a call; of a list that was cut, `result_length` is the number of
            all its items. `rerun` is why a stage that an earlier run had finished is run again, `reused` has the same
            of the stages of a run that the stage shows, by path. `not_restorable` is why the result of a stage was not
            kept.
        weight: The stage's share of its parent, 0–1, in the first event of a stage that was not declared.
        title: Its title, likewise.
        duration: Seconds that the stage took, when it ends.

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
    """Characters that were added to a part of a stage's output.

    Attributes:
        kind: Whether the part is text or JSON.
        part: The part's name: `output`, or another such as `thinking`.
        delta: The characters since the part's last content event; None where contents were not kept.
        reset: Whether the part starts over with this delta, as a retry does.
        stage_progress: The stage's percent, 0–100; None when unknown.
        overall_progress: The run's percent, 0–100.

    """

    type: Literal["content"] = "content"
    kind: Literal["text", "json"] = "text"
    part: str = "output"
    delta: str | None = ""
    reset: bool = False
    stage_progress: Percent | None = None
    overall_progress: Percent | None = None

    moves: ClassVar[bool] = True


class ItemEvent(ItemEnd, BaseEvent):
    """The end of an item of a batch, with the fields of `ItemEnd`, and the percent of the batch, 0–100."""

    type: Literal["item"] = "item"
    overall_progress: Percent | None = None

    moves: ClassVar[bool] = True


class OutputRecord(_Record):
    """A part of a stage's output in a snapshot.

    Attributes:
        kind: Whether it is text or JSON.
        text: What is left of it: nothing of a stage that has ended, the end of a text of many millions of characters.
            None where contents were not kept.
        length: The characters that were written.

    """

    kind: Literal["text", "json"] = "text"
    text: str | None = ""
    length: int = Field(0, ge=0)


class FoldedRecord(_Record):
    """Ended stages of one name below one stage, of which a snapshot has the sums alone.

    Attributes:
        name: Their name.
        title: The title of the first.
        counts: How many there are, by status.
        items: How many items of a loop they belong to.
        started: When the first began, aware UTC.
        began: The same in seconds since the run began.
        ended: When the last ended, in seconds since the run began.
        seconds: The sum of their durations.
        shortest: The shortest duration in seconds.
        longest: The longest duration in seconds.
        usage: Tokens and cost of them all, with those of the stages below them.
        characters: Characters of output.
        item: The item of a loop that the last one belongs to, or None.

    """

    name: str
    title: str
    counts: dict[str, Annotated[int, Field(ge=0)]] = {}
    items: int = Field(0, ge=0)
    started: AwareDatetime | None = None
    began: Seconds | None = None
    ended: Seconds | None = None
    seconds: Seconds = 0.0
    shortest: Seconds | None = None
    longest: Seconds | None = None
    usage: dict[str, Finite] = {}
    characters: int = Field(0, ge=0)
    item: Any = None


class StageRecord(_Record):
    """A stage in a snapshot, with the fields of `StageState` in `progressnb.folds`."""

    path: str
    title: str
    status: StageStatus = "pending"
    weight: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    percent: Percent | None = None
    message: str | None = None
    started: AwareDatetime | None = None
    started_elapsed: Seconds | None = None
    duration: Seconds | None = None
    silence: Seconds | None = None
    error: str | None = None
    data: dict[str, Any] = {}
    waits: list[tuple[Seconds, Seconds | None]] = []
    wrote: tuple[Seconds, Seconds] | None = None
    step: tuple[Seconds, Finite | None] | None = None
    uncounted: int = Field(0, ge=0)
    outputs: dict[str, OutputRecord] = {}
    folded: list[FoldedRecord] = []


def _batch_of(value: object) -> object:
    """Read the state of a batch. Most programs have none, and its records are a quarter of all that events load."""
    if value is None:
        return None
    from progressnb.wire.batch import BatchRecord as Kind

    return Kind.model_validate(value)


class SnapshotEvent(BaseEvent):
    """The sum of a run's events up to this seq, in the place of those that its log no longer has.

    Its seq, time and `elapsed` are those of the last event that it stands for. The next event has the next seq.

    Attributes:
        started: When the run began.
        model: The model of the run, or None.
        parent: The stage of another run that called this run, or None.
        resumed_from: The id of the interrupted run that this one continues, or None.
        title: The title that the caller gave this run, or None.
        subject: The argument that tells this run from others of its operation, in a few words, or None.
        overall_progress: The run's percent, 0–100.
        data: Plain data of the run.
        stages: The stages, each after the one above it. Stages that have ended have no outputs.
        folded: The stages at the top that are told as sums.
        last_output: The path of the stage that wrote output last, or None.
        most_tokens: The most tokens that were expected at a time.
        uncounted: Characters that models wrote for which no request has told its tokens yet.
        batch: The state of a batch, or None for other runs.

    """

    type: Literal["snapshot"] = "snapshot"
    started: AwareDatetime | None = None
    model: str | None = None
    parent: Parent | None = None
    resumed_from: str | None = None
    title: str | None = None
    subject: str | None = None
    overall_progress: Percent = 0.0
    data: dict[str, Any] = {}
    stages: list[StageRecord] = []
    folded: list[FoldedRecord] = []
    last_output: str | None = None
    most_tokens: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 0.0
    uncounted: int = Field(0, ge=0)
    batch: Annotated[BatchRecord | None, PlainValidator(_batch_of)] = None


class DoneEvent(BaseEvent):
    """The last event of a run that succeeded, and the only one at 100 percent.

    Attributes:
        result: The run's result as plain data.
        overall_progress: 100.
        duration: Seconds that the run took.
        data: Tokens and cost of the whole run.
        view: The look of the result as a list of blocks (`progressnb.wire.blocks`); None is an outline of its data.

    """

    type: Literal["done"] = "done"
    result: Any = None
    view: Any = None
    overall_progress: Percent = 100.0
    duration: Seconds
    data: dict[str, Any] = {}

    last: ClassVar[bool] = True


class ErrorEvent(BaseEvent):
    """An error. A fatal one is the last event of its run; the run survived any other.

    Attributes:
        message: The error's text.
        error_type: The name of the error's class.
        fatal: Whether the error ended the run.
        duration: Seconds that the run took, when the error ended it.
        data: Facts about the error; `status_code` is the HTTP status with which a model's server answered.

    """

    type: Literal["error"] = "error"
    message: str
    error_type: str
    fatal: bool = True
    duration: Seconds | None = None
    data: dict[str, Any] = {}


class CancelledEvent(BaseEvent):
    """The last event of a run that was cancelled.

    Attributes:
        reason: Why, in words, or None.
        duration: Seconds that the run took.

    """

    type: Literal["cancelled"] = "cancelled"
    reason: str | None = None
    duration: Seconds | None = None

    last: ClassVar[bool] = True


class UnknownEvent(BaseEvent):
    """An event of a type that only a newer version knows: kept in its place, and passed on as the bytes that came.

    A log has it at its seq. Whoever iterates over a log or a run does not get it.
    """

    type: str
    timestamp: AwareDatetime = datetime.min.replace(tzinfo=UTC)
    elapsed: float = Field(0.0, ge=0, allow_inf_nan=False)


Event: TypeAlias = Annotated[
    StartedEvent | ProgressEvent | ContentEvent | ItemEvent | SnapshotEvent | DoneEvent | ErrorEvent | CancelledEvent,
    Discriminator("type"),
]
KNOWN_TYPES = frozenset({"started", "progress", "content", "item", "snapshot", *LAST_TYPES})


def is_last(event: Event) -> bool:
    """Tell whether an event is the last of its run."""
    return event.fatal if type(event) is ErrorEvent else event.last  # `isinstance` asks the metaclass, which is slow
