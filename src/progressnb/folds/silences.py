"""Signs of life: when each stage first gave one, how long it was silent, and each change of its status.

This is the one meaning of start, end, silence and retry for all folds. A stage begins with its first event that says
neither pending nor skipped. Signs of life are output, an error, and a change of status, percent, message or data; they
count for the stage and for all above it. A notice is no sign of life, since only time caused it: it is a progress event
with `data.silence`. A stage is tried again with each event that says retrying and names an attempt. The time in which a
stage waits for a person, in the status waiting, is no silence, neither of that stage nor of those above it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from progressnb.wire.events import (
    ContentEvent,
    ErrorEvent,
    ProgressEvent,
    SnapshotEvent,
    StageStatus,
    StartedEvent,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from progressnb.wire.events import Event

__all__ = ["ENDED", "NOT_BEGUN", "Change", "Signs", "StageSigns", "is_at_work", "silence_in"]

ENDED: frozenset[str] = frozenset({"finished", "failed", "skipped", "cancelled"})
"""Statuses of stages and runs that have ended."""

NOT_BEGUN: frozenset[str] = frozenset({"pending", "skipped"})
"""Statuses with which a stage that has given no sign of life has not begun."""


def is_at_work(status: str) -> bool:
    """Tell whether a status is that of a stage or run that has begun and not ended."""
    return status != "pending" and status not in ENDED


_CERTAIN = 9.95
"""Seconds of silence that are certain in any log.

The first version told of a silence after 10 seconds, in a message that only people can tell from others. So a longer
silence in its logs may have been longer still. Its two clock readings were some milliseconds apart.
"""

_NUMBER = (int, float)
_TIME_ALONE = frozenset({"remaining", "forecast"})  # data that change while a stage does nothing


def silence_in(data: Mapping[str, Any]) -> float | None:
    """Return the seconds of silence that the data of an event tell of, or None."""
    seconds = data.get("silence")
    return float(seconds) if isinstance(seconds, _NUMBER) and not isinstance(seconds, bool) else None


class Change(NamedTuple):
    """A change of a stage's status, or the begin of another attempt."""

    stage: str
    before: StageStatus
    after: StageStatus
    is_retry: bool

    @property
    def begins(self) -> bool:
        """Whether the stage has begun with this."""
        return self.before in NOT_BEGUN and self.after not in NOT_BEGUN

    @property
    def ends(self) -> bool:
        """Whether the stage has ended with this."""
        return self.before not in ENDED and self.after in ENDED


@dataclass(slots=True)
class StageSigns:
    """The signs of life of one stage. Times are in seconds since the run began."""

    first: float | None = None
    last: float | None = None
    stall: float = 0.0  # the longest silence between two signs
    retries: int = 0
    status: StageStatus = "pending"
    percent: float | None = None
    message: str | None = None


@dataclass(slots=True)
class Signs:
    """The signs of life of a run's stages by path. `Signs.of(events)` folds a whole log."""

    stages: dict[str, StageSigns] = field(default_factory=dict[str, StageSigns])
    elapsed: float = 0.0
    _tells: bool = False  # whether the log's notices are data

    @classmethod
    def of(cls, events: Iterable[Event]) -> Signs:
        """Fold events, in order."""
        signs = cls()
        for event in events:
            signs.apply(event)
        return signs

    def apply(self, event: Event) -> Change | None:
        """Fold the next event in; return how it changed its stage's status, or None if it did not."""
        self.elapsed = event.elapsed
        path = event.stage
        if path is None:
            if isinstance(event, StartedEvent):
                self._tells = event.writer is not None
            elif isinstance(event, SnapshotEvent):
                self._restore(event)
        elif type(event) is ProgressEvent:  # of a model `isinstance` asks an abstract class
            return self._progress(path, event)
        elif type(event) is ContentEvent or type(event) is ErrorEvent:
            signs = self.stages.get(path)
            if signs is None:
                signs = self.stages[path] = StageSigns()
            self._hear(path, signs, event.elapsed)
            if signs.status == "pending" and type(event) is ContentEvent:
                signs.status = "running"
                return Change(path, "pending", "running", is_retry=False)
        return None

    def _restore(self, event: SnapshotEvent) -> None:
        """Take over what a snapshot tells; silences that were before it are known only to those who saw them."""
        self._tells = True
        for stage in event.stages:
            signs = self.stages.setdefault(stage.path, StageSigns())
            signs.status, signs.percent, signs.message = stage.status, stage.percent, stage.message
            if stage.started_elapsed is not None:
                signs.first = stage.started_elapsed if signs.first is None else signs.first
                has_ended = stage.status in ENDED and stage.duration is not None
                signs.last = stage.started_elapsed + (stage.duration or 0.0) if has_ended else event.elapsed

    def stall(self, path: str) -> float | None:
        """Return the longest silence of a stage so far, in seconds; None where there is none or it can't be known."""
        signs = self.stages.get(path)
        if signs is None or signs.last is None:
            return None
        # A stage that is open, or that its run's end closed, has been silent until now.
        until = signs.last if signs.status in ENDED else self.elapsed
        longest = max(signs.stall, until - signs.last)
        if longest > signs.stall and self._waits(path):
            longest = signs.stall
        return longest if self._tells or longest < _CERTAIN else None

    def _waits(self, path: str) -> bool:
        below = f"{path}/"
        return any(
            signs.status == "waiting" and (at == path or at.startswith(below)) for at, signs in self.stages.items()
        )

    def _progress(self, path: str, event: ProgressEvent) -> Change | None:
        signs = self.stages.get(path)
        if signs is None:
            signs = self.stages[path] = StageSigns()
        before, status, data = signs.status, event.status, event.data
        is_retry = status == "retrying" and (before != "retrying" or "attempt" in data)
        if data and silence_in(data) is not None:
            self._tells = True
        elif status not in NOT_BEGUN or (status == "skipped" and signs.last is not None):
            is_told = event.message is not None and event.message != signs.message
            if (
                is_told
                or status != before
                or event.stage_progress != signs.percent
                or (data and data.keys() - _TIME_ALONE)
            ):
                self._hear(path, signs, event.elapsed, waited=before == "waiting")
            if is_told:
                signs.message = event.message
        signs.status, signs.percent = status, event.stage_progress
        signs.retries += is_retry
        return Change(path, before, status, is_retry) if is_retry or status != before else None

    def _hear(self, path: str, signs: StageSigns | None, elapsed: float, *, waited: bool = False) -> None:
        stages = self.stages
        while True:
            if signs is None:
                signs = stages[path] = StageSigns()
            if signs.last is None:
                signs.first = elapsed
            elif elapsed - signs.last > signs.stall and not waited:
                signs.stall = elapsed - signs.last
            signs.last = elapsed
            above = path.rfind("/")
            if above <= 0:
                return
            path = path[:above]
            signs = stages.get(path)
