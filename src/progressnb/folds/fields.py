"""The fields of structured outputs: when each began and was complete, and how long it is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from progressnb.folds.state import RunState
from progressnb.wire.events import ContentEvent, SnapshotEvent, is_last

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from progressnb.wire.events import Event

__all__ = ["FieldTiming", "Fields"]


@dataclass(slots=True)
class FieldTiming:
    """One field of a stage's output: its times and its length.

    `started` and `completed` are aware UTC, the times of the events that brought its first and last character;
    `completed` and `duration`, in seconds, are None for a field that is open. `characters` is its length as JSON,
    of an open one so far. A list at the root has its items as fields.
    """

    stage: str
    field: str | int
    started: datetime
    began: float
    completed: datetime | None = None
    duration: float | None = None
    characters: int = 0


@dataclass(slots=True)
class Fields:
    """The fields of a run's outputs, in the order in which they began. `Fields.of(events)` folds a whole log.

    A retry starts its stage's fields over. Empty for a log without contents.
    """

    _state: RunState = field(default_factory=RunState)  # of the outputs alone
    _found: dict[tuple[str, str | int], FieldTiming] = field(default_factory=dict[tuple[str, str | int], FieldTiming])

    @classmethod
    def of(cls, events: Iterable[Event]) -> Fields:
        """Fold events, in order."""
        fields = cls()
        for event in events:
            fields.apply(event)
        return fields

    def apply(self, event: Event) -> None:
        """Fold one event in. Events after the last one, and events already folded, change nothing."""
        state = self._state
        if state.ended or event.seq <= state.last_seq:
            return
        if is_last(event) or isinstance(event, SnapshotEvent):
            state.apply(event)
        elif isinstance(event, ContentEvent) and event.part == "output" and event.stage is not None:
            stage = state.find(event.stage)
            before = stage.output if stage is not None else None
            known = before.fields_completed if before is not None else 0
            if before is not None and (event.reset or before.kind != event.kind):
                known = 0
                self._found = {key: value for key, value in self._found.items() if key[0] != event.stage}
            state.apply(event)
            self._content(event, event.stage, known)

    def rows(self) -> list[FieldTiming]:
        """Return the fields, in the order in which they began."""
        return list(self._found.values())

    def _content(self, event: ContentEvent, path: str, known: int) -> None:
        stage = self._state.find(path)
        buffer = stage.output if stage is not None else None
        if buffer is None:
            return
        if buffer.fields_completed != known:
            for inside, length in buffer.completed.items():
                if len(inside) == 1 and (one := self._of(path, inside[0], event)).completed is None:
                    one.completed, one.duration = event.timestamp, event.elapsed - one.began
                    one.characters = length
        if (length := buffer.open_length) and (open_path := buffer.open_path):
            one = self._of(path, open_path[0], event)
            if one.completed is None:
                one.characters = length

    def _of(self, path: str, name: str | int, event: ContentEvent) -> FieldTiming:
        found = self._found.get((path, name))
        if found is None:
            found = self._found[path, name] = FieldTiming(path, name, event.timestamp, event.elapsed)
        return found
