"""The course of a run: when each stage began, wrote and ended, as its events tell.

A past run and the one that goes on now are read by the same fold, so what was learned of the one can be
compared with the other. Of contents only lengths and counts are kept. A store without contents still
teaches durations, silences, tokens, the time to the first sign and the percent that the stage had at each time.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from progressnb.folds.state import ENDED
from progressnb.wire.buffer import OutputBuffer
from progressnb.wire.events import ContentEvent, ErrorEvent, ProgressEvent, StartedEvent, is_last
from progressnb.wire.paths import encode_name

if TYPE_CHECKING:
    from collections.abc import Iterable

    from progressnb.wire.events import Event

__all__ = ["Mark", "PastRun", "StageCourse"]

MARKS = 128
"""How many marks a stage keeps; past them every other one is dropped."""

_FALL = 5.0  # percent points by which only a stage that starts over falls
_ROOT = "[]"  # the one field of an output that is a list
_TICKED = re.compile(r"\(?(?:silent|no .{1,80}) for \d+ s\b")


class Mark(NamedTuple):
    """Where a stage was at a time, in seconds since the run began."""

    time: float
    percent: float
    characters: int  # of the whole output
    done: int  # fields complete
    open: str | None  # the field that is being written
    open_characters: int
    items: int  # complete, of the list that is being written


@dataclass(slots=True)
class StageCourse:
    """What one top stage did. Times are in seconds since the run began."""

    path: str
    weight: float | None = None
    status: str = "pending"
    began: float | None = None
    attempt: float = 0.0  # when it last started over, or began
    ended: float | None = None
    before: float = 0.0  # the end of what came before it: it adds to the run from there on
    restored: bool = False
    quiet: float = 0.0  # the longest silence
    heard: float = 0.0  # the last sign of life
    percent: float = 0.0
    message: str | None = None
    tokens: float = 0.0
    outputs: int = 0  # how many outputs were begun, one over the other
    marks: list[Mark] = field(default_factory=list[Mark])
    fields: list[tuple[str, int, int]] = field(default_factory=list[tuple[str, int, int]])  # name, characters, items
    characters: int = 0
    items: int = 0  # of its largest list
    _buffer: OutputBuffer | None = None

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

    def hear(self, elapsed: float) -> None:
        """Take note of a sign of life."""
        self.quiet = max(self.quiet, elapsed - self.heard)
        self.heard = elapsed

    def start_over(self, elapsed: float) -> None:
        """Begin another attempt: what was written no longer counts."""
        self.attempt = elapsed
        self.marks.clear()
        self.fields.clear()
        self.characters = self.items = self.outputs = 0
        self._buffer = None

    def write(self, event: ContentEvent) -> None:
        """Add to the output."""
        buffer = self._buffer
        if buffer is None or event.reset or buffer.kind != event.kind:
            self.outputs += 1
            self.fields.clear()
            buffer = self._buffer = OutputBuffer(event.kind)
        buffer.append(event.delta or "")
        self.characters = len(buffer)

    def mark(self, elapsed: float) -> None:
        """Keep where it is now, if that says anything."""
        done, name, length, items = self._open_field()
        if not (self.percent or self.characters):
            return
        self.marks.append(Mark(elapsed, self.percent, self.characters, done, name, length, items))
        if len(self.marks) > MARKS:
            del self.marks[1::2]

    def close(self, elapsed: float) -> None:
        """End it."""
        self.hear(elapsed)
        self.ended = elapsed
        self._open_field()
        self.forget()

    def forget(self) -> None:
        """Let go of what was written; lengths stay."""
        self._buffer = None

    def _open_field(self) -> tuple[int, str | None, int, int]:
        buffer = self._buffer
        if buffer is None or buffer.kind == "text":
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
    """What a run did, stage by stage, in the order in which they began. `PastRun.of(events)` reads a log."""

    stages: dict[str, StageCourse] = field(default_factory=dict[str, StageCourse])
    declared: dict[str, float] = field(default_factory=dict[str, float])
    model: str | None = None
    finished: bool = False
    elapsed: float = 0.0
    frontier: float = 0.0  # the latest end of a stage
    opened: int = 0  # how many stages have begun
    ended: int = 0  # how many have ended, or been skipped

    @classmethod
    def of(cls, events: Iterable[Event]) -> PastRun:
        """Read a run's events, in order."""
        run = cls()
        for event in events:
            run.observe(event)
        return run

    @property
    def begun(self) -> list[StageCourse]:
        """The stages that began, in that order."""
        return [stage for stage in self.stages.values() if stage.began is not None]

    def observe(self, event: Event) -> None:
        """Take in the next event."""
        self.elapsed = max(self.elapsed, event.elapsed)
        if isinstance(event, StartedEvent):
            self.declared = {encode_name(stage.name): stage.weight for stage in event.stages}
            self.model = self.model or event.model
        elif is_last(event):
            self.finished = event.type == "done"
            for each in self.stages.values():
                each.forget()
        elif event.stage and not isinstance(event, ErrorEvent):
            path, _, below = event.stage.partition("/")
            stage = self.stages.get(path)
            if stage is None:
                stage = self.stages[path] = StageCourse(path, self.declared.get(path))
            if isinstance(event, ContentEvent):
                self._content(stage, event, own=not below)
            elif isinstance(event, ProgressEvent):
                if self.model is None and isinstance(model := event.data.get("model"), str):
                    self.model = model
                self._progress(stage, event, own=not below)

    def _begin(self, stage: StageCourse, elapsed: float) -> None:
        if stage.began is None:
            stage.began = stage.attempt = stage.heard = elapsed
            self.opened += 1
            # Stages in the order of their beginning, whatever was declared or said of them first.
            self.stages[stage.path] = self.stages.pop(stage.path)

    def _content(self, stage: StageCourse, event: ContentEvent, *, own: bool) -> None:
        self._begin(stage, event.elapsed)
        stage.hear(event.elapsed)
        if own and event.part == "output":
            self._move(stage, event.stage_progress, event.elapsed)
            stage.write(event)
            stage.mark(event.elapsed)

    def _move(self, stage: StageCourse, percent: float | None, elapsed: float) -> bool:
        before, stage.percent = stage.percent, stage.percent if percent is None else percent
        if stage.percent < before - _FALL:
            stage.start_over(elapsed)
        return stage.percent != before

    def _progress(self, stage: StageCourse, event: ProgressEvent, *, own: bool) -> None:
        if event.status == "skipped" and own:
            stage.status = event.status
            self.ended += 1
            return
        if event.status == "pending":
            return
        self._begin(stage, event.elapsed)
        if not own:
            stage.hear(event.elapsed)
            return
        moved = event.status not in ENDED and self._move(stage, event.stage_progress, event.elapsed)
        told = event.message is not None and event.message != stage.message and not _TICKED.search(event.message)
        if moved or told or event.status != stage.status or event.data.keys() - {"remaining"}:
            stage.hear(event.elapsed)
        stage.message = event.message if event.message is not None else stage.message
        stage.status, stage.weight = event.status, stage.weight if event.weight is None else event.weight
        stage.restored = stage.restored or event.data.get("source") == "restored"
        tokens = event.data.get("output_tokens")
        stage.tokens = float(tokens) if isinstance(tokens, int | float) else stage.tokens
        if event.status in ENDED:
            stage.before = self.frontier
            stage.close(event.elapsed)
            self.frontier = max(self.frontier, event.elapsed)
            self.ended += 1
        elif moved:
            stage.mark(event.elapsed)
