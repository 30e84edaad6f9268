"""The course of a run: when each top stage began, wrote and ended.

A past run and the one that goes on now are read by the same fold, so that they can be compared. Of contents only
lengths and counts are kept. The log of a store without contents still gives durations, silences, tokens, the time to
the first sign and the percent that the stage had at each time.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from progressnb.folds.silences import ENDED, Signs
from progressnb.folds.state import RunState
from progressnb.wire.events import ContentEvent, ErrorEvent, ProgressEvent, SnapshotEvent, StartedEvent, is_last
from progressnb.wire.paths import encode_name

if TYPE_CHECKING:
    from collections.abc import Iterable

    from progressnb.wire.buffer import OutputBuffer
    from progressnb.wire.events import Event

__all__ = ["Mark", "PastRun", "StageCourse"]

MARKS = 128
"""Marks that a stage keeps; past them every other one is dropped."""

MUCH = 100_000
"""Characters that come at once, after which an output counts by its length alone: reading its fields holds the loop."""

_FALL = 5.0  # percent points by which only a stage that starts over falls
_NUMBER = (int, float)
_OF_OUTPUTS = (ContentEvent, SnapshotEvent)
_ROOT = "[]"  # the name of the one field of an output that is a list


class Mark(NamedTuple):
    """The position of a stage at a time, in seconds since the run began."""

    time: float
    percent: float
    characters: int  # of the whole output
    done: int  # fields complete
    open: str | None  # the field that is being written
    open_characters: int
    items: int  # complete, of the list that is being written


@dataclass(slots=True)
class StageCourse:
    """The course of one top stage. Times are in seconds since the run began."""

    path: str
    weight: float | None = None
    status: str = "pending"
    began: float | None = None
    attempt: float = 0.0  # when it last started over, or began
    ended: float | None = None
    before: float = 0.0  # the end of what came before it: it adds to the run from there on
    restored: bool = False
    quiet: float = 0.0  # the longest silence, once it has ended; infinite where the log can't tell
    percent: float = 0.0
    message: str | None = None
    tokens: float = 0.0
    outputs: int = 0  # how many outputs were begun, one over the other
    marks: list[Mark] = field(default_factory=list[Mark])
    fields: list[tuple[str, int, int]] = field(default_factory=list[tuple[str, int, int]])  # name, characters, items
    characters: int = 0
    items: int = 0  # of its largest list
    _buffer: OutputBuffer | None = None  # the state's
    _skipped: int = 0  # characters of it that an earlier attempt wrote
    _is_coarse: bool = False  # it came in such pieces that its fields say nothing of the time

    @property
    def duration(self) -> float:
        """Seconds of its last attempt."""
        return max(0.0, (self.ended or 0.0) - self.attempt)

    @property
    def added(self) -> float:
        """Seconds that it added to the run: from the end of what came before to its own."""
        return max(0.0, (self.ended or 0.0) - self.before)

    @property
    def first_sign(self) -> float | None:
        """The time of the first mark of this attempt, or None before it."""
        return self.marks[0].time if self.marks else None

    def start_over(self, elapsed: float) -> None:
        """Begin another attempt: what was written no longer counts."""
        self.attempt = elapsed
        self.marks.clear()
        self.fields.clear()
        self.characters = self.items = self.outputs = 0
        self._skipped = len(self._buffer) if self._buffer is not None else 0

    def write(self, buffer: OutputBuffer, *, is_new: bool) -> None:
        """Take note of what was added to the output. `is_new` says that it started over with this."""
        if is_new:
            self._skipped = 0
            self.fields.clear()
        if is_new or not self.outputs:
            self.outputs += 1
        self._buffer = buffer
        written, self.characters = self.characters, len(buffer) - self._skipped
        self._is_coarse = (self._is_coarse and not is_new) or self.characters - written > MUCH

    def mark(self, elapsed: float) -> None:
        """Keep its position, unless nothing is known of it."""
        done, name, length, items = self._open_field()
        if not (self.percent or self.characters):
            return
        self.marks.append(Mark(elapsed, self.percent, self.characters, done, name, length, items))
        if len(self.marks) > MARKS:
            del self.marks[1::2]

    def close(self, elapsed: float) -> None:
        """End the stage."""
        self.ended = elapsed
        self._open_field()
        self.forget()

    def forget(self) -> None:
        """Let go of the output; lengths stay."""
        self._buffer = None

    def _open_field(self) -> tuple[int, str | None, int, int]:
        buffer = self._buffer
        if buffer is None or buffer.kind == "text" or self._is_coarse:
            return 0, None, 0, 0
        path = buffer.open_path
        if path and isinstance(path[0], int):  # the root is a list: one field, and it is open
            self.items = max(self.items, path[0])
            return 0, _ROOT, self.characters, path[0]
        if buffer.fields_completed > len(self.fields):
            self._complete(buffer)
        items = path[1] if path is not None and len(path) > 1 and isinstance(path[1], int) else 0
        self.items = max(self.items, items)
        return len(self.fields), str(path[0]) if path else None, buffer.open_length, items

    def _complete(self, buffer: OutputBuffer) -> None:
        known = {name for name, _, _ in self.fields}
        completed = buffer.completed
        lists = Counter(path[0] for path in completed if len(path) == 2 and isinstance(path[1], int))  # noqa: PLR2004
        for path, length in completed.items():
            if len(path) == 1 and isinstance(path[0], int):
                self.items = max(self.items, path[0] + 1)
            elif len(path) == 1 and (name := str(path[0])) not in known:
                known.add(name)
                self.fields.append((name, length, lists[path[0]]))
                self.items = max(self.items, lists[path[0]])


@dataclass(slots=True)
class PastRun:
    """The course of a run, stage by stage, in the order in which they began. `PastRun.of(events)` reads a log.

    `state` is the state of the run where somebody else folds it already: then it must have each event before
    `observe` gets it. Without it the events are folded here.
    """

    stages: dict[str, StageCourse] = field(default_factory=dict[str, StageCourse])
    declared: dict[str, float] = field(default_factory=dict[str, float])
    model: str | None = None
    finished: bool = False
    elapsed: float = 0.0
    frontier: float = 0.0  # the latest end of a stage
    opened: int = 0  # how many stages have begun
    ended: int = 0  # how many have ended, or been skipped
    state: RunState | None = field(default=None, repr=False, compare=False)
    _own: RunState | None = field(default=None, repr=False, compare=False)  # of the outputs alone
    _signs: Signs | None = field(default=None, repr=False, compare=False)
    _kinds: dict[str, str] = field(default_factory=dict[str, str], repr=False, compare=False)

    def __post_init__(self) -> None:
        self._signs = Signs()
        if self.state is None:
            self.state = self._own = RunState()

    @classmethod
    def of(cls, events: Iterable[Event]) -> PastRun:
        """Read a run's events, in order."""
        run = cls()
        for event in events:
            run.observe(event)
        return run

    def end(self, elapsed: float, *, finished: bool) -> None:
        """End the run at a time in seconds, as its last event does."""
        self.elapsed, self.finished = max(self.elapsed, elapsed), finished
        self._forget()

    def share(self, state: RunState) -> None:
        """Read outputs from now on in a state that somebody else folds, and that is as far as this is."""
        if self._signs is not None:
            self.state, self._own = state, None

    @property
    def begun(self) -> list[StageCourse]:
        """The stages that began, in that order."""
        return [stage for stage in self.stages.values() if stage.began is not None]

    def observe(self, event: Event) -> None:
        """Take in the next event. What comes after the last one changes nothing."""
        signs = self._signs
        if signs is None:
            return
        if self._own is not None and type(event) in _OF_OUTPUTS:
            self._own.apply(event)
        change = signs.apply(event)
        self.elapsed = max(self.elapsed, event.elapsed)
        if type(event) is StartedEvent:
            self.declared = {encode_name(stage.name): stage.weight for stage in event.stages}
            self.model = self.model or event.model
        elif is_last(event):
            self.finished = event.type == "done"
            self._forget()
        elif event.stage and type(event) is not ErrorEvent:
            path, _, below = event.stage.partition("/")
            stage = self.stages.get(path)
            if stage is None:
                stage = self.stages[path] = StageCourse(path, self.declared.get(path))
            if type(event) is ContentEvent:
                self._content(stage, event, own=not below)
            elif type(event) is ProgressEvent:
                if self.model is None and isinstance(model := event.data.get("model"), str):
                    self.model = model
                self._progress(stage, event, own=not below, is_retry=change is not None and change.is_retry)

    def _forget(self) -> None:
        self.state = self._own = self._signs = None
        self._kinds.clear()
        for each in self.stages.values():
            each.forget()

    def _begin(self, stage: StageCourse, elapsed: float) -> None:
        if stage.began is None:
            stage.began = stage.attempt = elapsed
            self.opened += 1
            # Stages in the order of their beginning, whatever was declared or said of them first.
            self.stages[stage.path] = self.stages.pop(stage.path)

    def _content(self, stage: StageCourse, event: ContentEvent, *, own: bool) -> None:
        self._begin(stage, event.elapsed)
        if not own or event.part != "output":
            return
        self._move(stage, event.stage_progress, event.elapsed)
        found = self.state.find(stage.path) if self.state is not None else None
        if found is not None and (buffer := found.output) is not None:
            stage.write(buffer, is_new=event.reset or self._kinds.get(stage.path) != event.kind)
            self._kinds[stage.path] = event.kind
        stage.mark(event.elapsed)

    def _move(self, stage: StageCourse, percent: float | None, elapsed: float) -> bool:
        before, stage.percent = stage.percent, stage.percent if percent is None else percent
        if stage.percent < before - _FALL:
            stage.start_over(elapsed)
        return stage.percent != before

    def _progress(self, stage: StageCourse, event: ProgressEvent, *, own: bool, is_retry: bool) -> None:
        if event.status == "skipped" and own:
            stage.status = event.status
            self.ended += 1
            return
        if event.status == "pending":
            return
        self._begin(stage, event.elapsed)
        if not own:
            return
        if is_retry:
            stage.start_over(event.elapsed)
        moved = event.status not in ENDED and self._move(stage, event.stage_progress, event.elapsed)
        stage.message = event.message if event.message is not None else stage.message
        stage.status, stage.weight = event.status, stage.weight if event.weight is None else event.weight
        stage.restored = stage.restored or event.data.get("source") == "restored"
        tokens = event.data.get("output_tokens")
        stage.tokens = float(tokens) if isinstance(tokens, _NUMBER) else stage.tokens
        if event.status in ENDED:
            self._end(stage, event.elapsed)
        elif moved:
            stage.mark(event.elapsed)

    def _end(self, stage: StageCourse, elapsed: float) -> None:
        quiet = self._signs.stall(stage.path) if self._signs is not None else None
        stage.quiet = math.inf if quiet is None else quiet
        stage.before = self.frontier
        stage.close(elapsed)
        self.frontier = max(self.frontier, elapsed)
        self.ended += 1
