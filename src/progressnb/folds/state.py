"""The fold: a run's events become a tree of stages with percent, status, message, times and output.

`RunState.apply` reads nothing but the event: the same log gives the same state, live, replayed, or
on another machine. Percents are taken as they stand in the events and never computed here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from progressnb.wire.buffer import OutputBuffer
from progressnb.wire.events import (
    ContentEvent,
    DoneEvent,
    ErrorEvent,
    Event,
    Parent,
    ProgressEvent,
    RunStatus,
    StageStatus,
    StartedEvent,
)
from progressnb.wire.paths import encode_name, name_of, stage_title

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

__all__ = ["ENDED", "RunState", "StageState"]

ENDED: frozenset[str] = frozenset({"finished", "failed", "skipped", "cancelled"})
_SUMMED = ("input_tokens", "output_tokens", "cost")


@dataclass(slots=True)
class StageState:
    """A stage as its events tell it.

    `percent` is 0–100, None when unknown. `started` is aware UTC; `duration` is in seconds and None
    until the stage ends. `weight` is the share of its parent, 0–1.
    """

    name: str
    title: str
    path: str
    weight: float | None = None
    percent: float | None = None
    status: StageStatus = "pending"
    message: str | None = None
    started: datetime | None = None
    started_elapsed: float | None = None
    duration: float | None = None
    error: str | None = None
    data: dict[str, Any] = field(default_factory=dict[str, Any])
    children: list[StageState] = field(default_factory=list["StageState"])
    outputs: dict[str, OutputBuffer] = field(default_factory=dict[str, OutputBuffer])

    @property
    def output(self) -> OutputBuffer | None:
        """What the stage writes as its output, apart from its thinking."""
        return self.outputs.get("output")

    @property
    def partial(self) -> Any:  # noqa: ANN401 - plain JSON data
        """The output so far as plain data, or None."""
        return self.output.value if self.output is not None else None

    @property
    def ended(self) -> bool:
        """Whether the stage has ended, well or not."""
        return self.status in ENDED

    def walk(self, depth: int = 0) -> Iterator[tuple[int, StageState]]:
        """Go through this stage and all below it, parents first, each with its depth."""
        waiting = [(depth, self)]
        while waiting:
            depth, stage = waiting.pop()
            yield depth, stage
            waiting += [(depth + 1, child) for child in reversed(stage.children)]


@dataclass(slots=True)
class RunState:
    """A run as its events tell it. `RunState.of(events)` folds a whole log.

    `elapsed` is the last event's; a live view adds the time since. `usage` sums tokens and cost of all stages.
    """

    run_id: str = ""
    operation: str = ""
    status: RunStatus = "pending"
    overall_progress: float = 0.0
    stages: list[StageState] = field(default_factory=list[StageState])
    model: str | None = None
    parent: Parent | None = None
    resumed_from: str | None = None
    started: datetime | None = None
    elapsed: float = 0.0
    duration: float | None = None
    result: Any = None
    view: Any = None
    error: str | None = None
    error_type: str | None = None
    error_stage: str | None = None
    reason: str | None = None
    data: dict[str, Any] = field(default_factory=dict[str, Any])
    last_seq: int = -1
    last_output: StageState | None = None
    _by_path: dict[str, StageState] = field(default_factory=dict[str, StageState], repr=False)

    @classmethod
    def of(cls, events: Iterable[Event]) -> RunState:
        """Fold events into a state."""
        state = cls()
        for event in events:
            state.apply(event)
        return state

    @property
    def ended(self) -> bool:
        """Whether the run has had its last event."""
        return self.status in ENDED

    @property
    def partial(self) -> Any:  # noqa: ANN401 - plain JSON data
        """The output of the stage that wrote last, as plain data; None before anything is written."""
        return self.last_output.partial if self.last_output is not None else None

    @property
    def current(self) -> StageState | None:
        """The innermost stage that is at work now, the latest first."""
        active = [stage for _, stage in self.walk() if stage.status != "pending" and not stage.ended]
        return active[-1] if active else None

    @property
    def usage(self) -> dict[str, float]:
        """Tokens and cost summed over all stages, as far as they are known."""
        totals: dict[str, float] = {}
        for _, stage in self.walk():
            for key in _SUMMED:
                value = stage.data.get(key)
                if isinstance(value, int | float):
                    totals[key] = totals.get(key, 0) + value
        return totals

    def walk(self) -> Iterator[tuple[int, StageState]]:
        """Go through all stages, parents first, each with its depth."""
        for stage in self.stages:
            yield from stage.walk()

    def find(self, path: str) -> StageState | None:
        """Return the stage at a path, or None."""
        return self._by_path.get(path)

    def apply(self, event: Event) -> None:
        """Fold one event in. Events after the last one, and events already folded, change nothing."""
        if self.ended or event.seq <= self.last_seq:
            return
        self.last_seq, self.elapsed = event.seq, event.elapsed
        self.run_id, self.operation = event.run_id, event.operation
        if isinstance(event, ProgressEvent):
            self._progress(event)
        elif isinstance(event, ContentEvent):
            self._content(event)
        elif isinstance(event, StartedEvent):
            self._started(event)
        elif isinstance(event, ErrorEvent):
            self._error(event)
        elif isinstance(event, DoneEvent):
            self.status, self.overall_progress = "finished", event.overall_progress
            self.result, self.view, self.duration = event.result, event.view, event.duration
            self.data.update(event.data)
            self._close_stages("finished", event.elapsed)
        else:  # cancelled
            self.status, self.reason, self.duration = "cancelled", event.reason, event.duration
            self._close_stages("cancelled", event.elapsed)

    def _started(self, event: StartedEvent) -> None:
        self.status, self.started, self.model = "running", event.timestamp, event.model
        self.parent, self.resumed_from = event.parent, event.resumed_from
        for declared in event.stages:
            path = encode_name(declared.name)
            stage = StageState(name=declared.name, title=declared.title, path=path, weight=declared.weight)
            self.stages.append(stage)
            self._by_path[path] = stage

    def _progress(self, event: ProgressEvent) -> None:
        if event.overall_progress is not None:
            self.overall_progress = event.overall_progress
        if event.stage is None:
            self.data.update(event.data)
            return
        stage = self._stage(event.stage)
        if stage.started is None and event.status not in ("pending", "skipped"):
            stage.started, stage.started_elapsed = event.timestamp, event.elapsed
        stage.status = event.status
        stage.percent = event.stage_progress
        stage.message = event.message if event.message is not None else stage.message
        stage.duration = event.duration if event.duration is not None else stage.duration
        stage.weight = event.weight if event.weight is not None else stage.weight
        stage.title = event.title if event.title is not None else stage.title
        stage.data.update(event.data)
        if isinstance(model := event.data.get("model"), str):
            self.model = self.model or model

    def _content(self, event: ContentEvent) -> None:
        if event.overall_progress is not None:
            self.overall_progress = event.overall_progress
        if event.stage is None:
            return
        stage = self._stage(event.stage)
        stage.percent = event.stage_progress
        buffer = stage.outputs.get(event.part)
        if buffer is None:
            buffer = stage.outputs[event.part] = OutputBuffer(event.kind)
        if event.reset or buffer.kind != event.kind:
            buffer.reset(event.kind)
        buffer.append(event.delta or "")
        if event.part == "output" and event.delta:
            self.last_output = stage

    def _error(self, event: ErrorEvent) -> None:
        if event.stage is not None:
            self._stage(event.stage).error = event.message
        if event.fatal:
            self.status, self.duration = "failed", event.duration
            self.error, self.error_type, self.error_stage = event.message, event.error_type, event.stage
            self._close_stages("cancelled", event.elapsed)

    def _close_stages(self, status: StageStatus, elapsed: float) -> None:
        # A run may end while stages of other tasks or threads are open; nothing more will come of them.
        for _, stage in self.walk():
            if stage.status != "pending" and not stage.ended:
                stage.status = status
                stage.duration = elapsed - (stage.started_elapsed or 0.0)

    def _stage(self, path: str) -> StageState:
        stage = self._by_path.get(path)
        if stage is None:
            parent, name = path.rpartition("/")[0], name_of(path)
            stage = StageState(name=name, title=stage_title(name), path=path)
            (self._stage(parent).children if parent else self.stages).append(stage)
            self._by_path[path] = stage
        return stage
