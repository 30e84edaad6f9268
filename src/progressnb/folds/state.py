"""The state of a run: the fold of its events into a tree of stages with percent, status, message, times and output.

The fold is pure. `RunState.apply` reads nothing but the event, so the same log gives the same state, live, replayed, or
on another machine, whoever looks and when. Percents are taken from the events and never computed here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Literal, cast

from progressnb.folds.forest import StageForest
from progressnb.folds.kinds import SUMMED, usage_of
from progressnb.folds.records import batch_of, begun_batch, folded_of, stage_of
from progressnb.folds.shapes import is_number
from progressnb.folds.silences import ENDED, NOT_BEGUN, is_at_work, silence_in
from progressnb.folds.stages import APART, GUESSED, MEANT, TOKENS, StageState, Step
from progressnb.wire.buffer import OutputBuffer
from progressnb.wire.events import (
    TIME_DATA,
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
    StartedEvent,
)
from progressnb.wire.items import BATCH_KEYS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from progressnb.folds.batches import BatchState
    from progressnb.wire.making import ContentFacts, ProgressFacts

__all__ = ["ENDED", "RunState", "StageState", "Step", "is_at_work"]

_CHARACTERS = 4  # of a token, on the average


@dataclass(slots=True)
class RunState(StageForest):
    """The state of a run. `RunState.of(events)` folds a whole log.

    Attributes:
        run_id: The run's id.
        operation: The operation's name.
        status: Pending, running, finished, failed or cancelled.
        overall_progress: The percent, 0–100.
        stages: The stages at the top, each with those below it.
        model: The model that the run declares, or else the first that a stage reports.
        parent: The stage of another run that called this one, or None.
        resumed_from: The id of the run that this one continues, or None.
        title: The title that its caller gave the run, or None.
        subject: The argument that tells the run from others of its operation, in a few words, or None.
        started: When it began, aware UTC, or None before.
        elapsed: Seconds from the begin to the latest event; a live view adds the time since.
        duration: Seconds that it took; None until it ends.
        result: The result as plain data, of a run that finished.
        view: How the result looks, as blocks of plain data, or None.
        error: The text of the error that ended it, or None.
        error_type: The name of the error's class.
        error_stage: The path of the stage where the error arose.
        error_data: Facts about that error, such as `status_code`, the answer of a model's server.
        reason: Why it was cancelled, or None.
        data: What the run reported, by key.
        last_seq: The seq of the latest event; -1 before the first.
        last_output: The stage that wrote output last, or None.
        most_tokens: The most tokens that were expected at a time: those that requests told, and a quarter of the
            characters that are written since.
        uncounted: Characters that models wrote for which no request has told its tokens yet.
        buffer: The class that keeps outputs; `OutputLength` keeps their lengths alone.
        folds: Whether ended stages of a name are folded in a run of more than 1,000 stages.
        folded: The ended stages at the top that are not kept one by one, by name.
        batch: The state of a batch, or None for other runs.

    Example:
        ::

            state = RunState.of(run.log)
            state.find("research").percent

    """

    run_id: str = ""
    operation: str = ""
    status: RunStatus = "pending"
    overall_progress: float = 0.0
    model: str | None = None
    parent: Parent | None = None
    resumed_from: str | None = None
    title: str | None = None
    subject: str | None = None
    started: datetime | None = None
    elapsed: float = 0.0
    duration: float | None = None
    result: Any = None
    view: Any = None
    error: str | None = None
    error_type: str | None = None
    error_stage: str | None = None
    error_data: dict[str, Any] = field(default_factory=dict[str, Any])
    reason: str | None = None
    data: dict[str, Any] = field(default_factory=dict[str, Any])
    last_seq: int = -1
    batch: BatchState | None = None
    buffer: type[OutputBuffer] = field(default=OutputBuffer, repr=False)
    most_tokens: float = 0.0
    uncounted: int = field(default=0, repr=False)
    _tokens: float = 0.0  # that requests have told

    @classmethod
    def of(cls, events: Iterable[Event]) -> RunState:
        """Fold events, in order."""
        state = cls()
        for event in events:
            state.apply(event)
        return state

    @property
    def ended(self) -> bool:
        """Whether the run has had its last event."""
        return self.status in ENDED

    @property
    def counted_progress(self) -> float | None:
        """The percent, 0–100; None where all ended with nothing counted, and the percent before was a guess."""
        begun = [stage for stage in self.stages if stage.percent or stage.data.get("guessed")]
        is_guess = bool(begun) and all(stage.ended and stage.data.get("guessed") for stage in begun)
        if is_guess and self.status != "finished":
            return None
        return self.overall_progress

    @property
    def usage(self) -> dict[str, float]:
        """Tokens and cost summed over all stages, or over the items of a batch, as far as they are known."""
        if self._usage is None:
            self._usage = usage_of((stage for _, stage in self.walk()), self.folded)
        return {**self._usage} if self.batch is None else self.batch.usage | self._usage

    def apply(self, event: Event) -> None:
        """Fold one event in. Events after the last one, and events already folded, change nothing."""
        kind = type(event)
        if kind is ProgressEvent or kind is ContentEvent:
            self.take(cast("ProgressFacts | ContentFacts", event.__dict__))
        elif event.seq > self.last_seq and self.status not in ENDED:
            self.last_seq, self.elapsed = event.seq, event.elapsed
            self.run_id, self.operation = event.run_id, event.operation
            if (fold := self._folds.get(kind)) is not None:  # not of an unknown type
                fold(self, event)

    def take(self, facts: ProgressFacts | ContentFacts) -> None:
        """Fold in the facts of an event, as `apply` does the event."""
        if facts["seq"] <= self.last_seq or self.status in ENDED:
            return
        self.last_seq, self.elapsed = facts["seq"], facts["elapsed"]
        self.run_id, self.operation = facts["run_id"], facts["operation"]
        if facts["type"] == "progress":
            self._progress(facts)
        else:
            self._content(facts)

    def _end(self, event: DoneEvent | CancelledEvent) -> None:
        if isinstance(event, DoneEvent):
            self.status, self.overall_progress = "finished", event.overall_progress
            self.result, self.view, self.duration = event.result, event.view, event.duration
            self.data.update(event.data)
        else:
            self.status, self.reason, self.duration = "cancelled", event.reason, event.duration
        self._close(self.status, event.elapsed)

    def _close(self, status: Literal["finished", "cancelled"], elapsed: float) -> None:
        """Take in that nothing more comes of stages and items at work."""
        self._close_stages(status, elapsed)
        if self.batch is not None:
            self.batch.close(elapsed)

    def _started(self, event: StartedEvent) -> None:
        self.status, self.started, self.model = "running", event.timestamp, event.model
        self.parent, self.resumed_from = event.parent, event.resumed_from
        self.title, self.subject = event.title, event.subject
        self.data.update(event.data)
        for declared in event.stages:
            self._declare(declared.name, declared.title, declared.weight)

    def _progress(self, facts: ProgressFacts) -> None:
        if (overall := facts["overall_progress"]) is not None:
            self.overall_progress = overall
        path, status = facts["stage"], facts["status"]
        if path is None:
            self._tell(facts)
            return
        stage = self._by_path.get(path) or self._add(path)
        ends = status in ENDED and not stage.ended
        if stage.started is None or status != stage.status:
            self._enter(stage, facts)
        stage.percent = facts["stage_progress"]
        stage.silence = None
        stage.message = stage.message if (message := facts["message"]) is None else message
        stage.duration = stage.duration if (duration := facts["duration"]) is None else duration
        stage.weight = stage.weight if (weight := facts["weight"]) is None else weight
        stage.title = stage.title if (title := facts["title"]) is None else title
        if data := facts["data"]:
            self._learn(stage, facts, data)
        if ends:
            self._fold(stage)

    def _tell(self, facts: ProgressFacts) -> None:
        """Take in data of the run itself; those of a batch are folded, and not kept beside."""
        data = facts["data"]
        if not BATCH_KEYS.isdisjoint(data):
            self.batch = self.batch or begun_batch()
            self.batch.tell(data, facts["elapsed"])
            data = {key: value for key, value in data.items() if key not in BATCH_KEYS}
        self.data.update(data)

    def _item(self, event: ItemEvent) -> None:
        if event.overall_progress is not None:
            self.overall_progress = event.overall_progress
        self.batch = self.batch or begun_batch()
        self.batch.end(event, event.elapsed)

    def _enter(self, stage: StageState, facts: ProgressFacts) -> None:
        if stage.started is None and facts["status"] not in NOT_BEGUN:
            stage.started, stage.started_elapsed = facts["timestamp"], facts["elapsed"]
        self._turn(stage, facts["status"], facts["elapsed"])

    def _restore(self, event: SnapshotEvent) -> None:
        """Take the state over that a snapshot tells, in the place of all before."""
        self.status, self.overall_progress = "running", event.overall_progress
        self.started, self.model, self.parent = event.started, event.model, event.parent
        self.resumed_from, self.title, self.subject = event.resumed_from, event.title, event.subject
        self.data, self.folded = dict(event.data), {each.name: folded_of(each) for each in event.folded}
        self._clear_stages()
        for record in event.stages:
            stage_of(record, self._stage(record.path), self.buffer)
        self._count_ended()
        self.last_output = self.find(event.last_output) if event.last_output else None
        usage = self.usage
        self._tokens = sum(usage.get(key, 0) for key in TOKENS)
        self.most_tokens, self.uncounted = event.most_tokens, event.uncounted
        self.batch = batch_of(event.batch)

    def _learn(self, stage: StageState, facts: ProgressFacts, data: dict[str, Any]) -> None:
        """Take in data of a stage, and count with them what is counted."""
        if MEANT.isdisjoint(data):  # nearly always
            stage.data.update(data)
        else:
            self._read(stage, facts, data)
        if self._survey is not None:
            self._survey.tell(stage)

    def _read(self, stage: StageState, facts: ProgressFacts, data: dict[str, Any]) -> None:
        """Take in data that say more than what they are."""
        self._usage = self._usage if SUMMED.isdisjoint(data) else None
        stage.silence = silence_in(data)
        if "done" in data and data["done"] != stage.data.get("done"):
            rate = data.get("rate", stage.data.get("rate"))
            stage.step = Step(facts["elapsed"], rate if is_number(rate) else None)
        if not TOKENS.isdisjoint(data):
            self._count(stage, data)
        apart = APART if facts["status"] not in ENDED else TIME_DATA
        if apart.isdisjoint(data):
            stage.data.update(data)
        else:
            stage.data.update({key: value for key, value in data.items() if key not in apart})
            if "remaining" in data:  # of the run: an event of a stage carries it
                self.data["remaining"] = data["remaining"]
            if GUESSED in data and GUESSED in apart:
                stage.guess = data[GUESSED] is True
        if self.model is None and isinstance(model := data.get("model"), str):
            self.model = model

    def _content(self, facts: ContentFacts) -> None:
        if (overall := facts["overall_progress"]) is not None:
            self.overall_progress = overall
        path, part = facts["stage"], facts["part"]
        if path is None:
            return
        stage = self._by_path.get(path) or self._stage(path)
        if stage.started is None:
            stage.started, stage.started_elapsed = facts["timestamp"], facts["elapsed"]
        if stage.status == "pending":  # the log of another writer
            self._turn(stage, "running", facts["elapsed"])
        stage.percent = facts["stage_progress"]
        stage.silence = None
        buffer = stage.outputs.get(part)
        if buffer is None:
            buffer = stage.outputs[part] = self.buffer(facts["kind"])
            self.thinker = stage if part == "thinking" else self.thinker
        elif facts["reset"] or buffer.kind != facts["kind"]:
            buffer.reset(facts["kind"])
        if facts["delta"]:
            self._write(stage, facts, buffer, facts["delta"])

    def _write(self, stage: StageState, facts: ContentFacts, buffer: OutputBuffer, delta: str) -> None:
        if facts["part"] == "output":
            elapsed = facts["elapsed"]
            stage.wrote = (elapsed if stage.wrote is None or not len(buffer) else stage.wrote[0]), elapsed
            self.last_output = stage
        buffer.append(delta)
        if stage.is_model and stage.data.get("counts_tokens") is not False:
            stage.uncounted += len(delta)
            self.uncounted += len(delta)
            self._estimate()

    def _count(self, stage: StageState, told: dict[str, Any]) -> None:
        """Take the tokens that a request told in place of those that its characters let expect."""
        self.uncounted -= stage.uncounted
        stage.uncounted = 0
        for key in TOKENS & told.keys():
            before, now = stage.data.get(key), told[key]
            self._tokens += (now if is_number(now) else 0) - (before if is_number(before) else 0)
        self._estimate()

    def _estimate(self) -> None:
        self.most_tokens = max(self.most_tokens, self._tokens + self.uncounted / _CHARACTERS)

    def _error(self, event: ErrorEvent) -> None:
        if event.stage is not None:
            stage = self._stage(event.stage)
            stage.error, stage.silence = event.message, None
        if event.fatal:
            self.status, self.duration = "failed", event.duration
            self.error, self.error_type, self.error_stage = event.message, event.error_type, event.stage
            self.error_data = {**event.data}
            self._close("cancelled", event.elapsed)

    # fmt: off
    _folds: ClassVar[dict[type[BaseEvent], Callable[[Any, Any], None]]] = {
        StartedEvent: _started, ItemEvent: _item, SnapshotEvent: _restore, ErrorEvent: _error,
        DoneEvent: _end, CancelledEvent: _end,
    }
    # fmt: on
