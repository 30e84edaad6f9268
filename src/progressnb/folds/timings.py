"""Where the time went: the fold of a run's events into one row a stage, without what it wrote.

Pure like the state, and it keeps no output: a store folds every run that it records.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from progressnb.folds.state import ENDED, RunState
from progressnb.wire.events import ContentEvent, ErrorEvent, ProgressEvent

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from progressnb.folds.state import StageState
    from progressnb.wire.events import Event

__all__ = ["StageTiming", "Timings"]

# What a ticker says of a silence is no end of it.
_NOTICE = re.compile(r"(?:silent|no [^()]*) for \d+ s\)?$")


@dataclass(frozen=True, slots=True)
class StageTiming:
    """How a stage went.

    `started` is aware UTC; `offset` is when it began, `duration` how long it took, `first_token` how long after its
    request the first token came, all in seconds. `stall` is the longest time in seconds without a sign of life of the
    stage or one below it: output, a percent, a message, data, a status. `characters` counts its output as it stood at
    last. Tokens and cost are the stage's own, without those below it. None is unknown.
    """

    stage: str
    title: str
    status: str
    started: datetime | None
    offset: float | None
    duration: float | None
    first_token: float | None
    stall: float | None
    input_tokens: int | None
    output_tokens: int | None
    cost: float | None
    retries: int
    source: str | None
    characters: int


@dataclass(slots=True)
class _Signs:
    """What a stage's events say beyond its state."""

    last: float
    stall: float = 0.0
    retries: int = 0
    characters: int = 0
    first_content: float | None = None
    seen: tuple[str, float | None, str | None] = ("", None, None)


@dataclass(slots=True)
class Timings:
    """A run as its times tell it. `Timings.of(events)` folds a whole log.

    `state` is the run's state without outputs; `elapsed` and `overall_progress` are the last event's.
    """

    state: RunState = field(default_factory=RunState)
    elapsed: float = 0.0
    overall_progress: float = 0.0
    _signs: dict[str, _Signs] = field(default_factory=dict[str, _Signs])

    @classmethod
    def of(cls, events: Iterable[Event]) -> Timings:
        """Fold events."""
        timings = cls()
        for event in events:
            timings.apply(event)
        return timings

    def apply(self, event: Event) -> None:
        """Fold one event in. Events after the last one, and events already folded, change nothing."""
        if self.state.ended or event.seq <= self.state.last_seq:
            return
        self.elapsed = event.elapsed
        if (overall := getattr(event, "overall_progress", None)) is not None:
            self.overall_progress = overall
        if isinstance(event, ContentEvent):
            self.state.last_seq = event.seq
            self._content(event)
            return
        self.state.apply(event)
        if event.stage is None:
            return
        if isinstance(event, ProgressEvent):
            self._progress(event, event.stage)
        elif isinstance(event, ErrorEvent):
            self._alive(event.stage, event.elapsed)

    def rows(self) -> Iterator[tuple[int, StageTiming]]:
        """Go through the stages, parents first, each with its depth."""
        for depth, stage in self.state.walk():
            yield depth, self._row(stage)

    def _content(self, event: ContentEvent) -> None:
        if event.stage is None:
            return
        self._alive(event.stage, event.elapsed)
        signs = self._signs[event.stage]
        if event.part == "output":
            signs.characters = (0 if event.reset else signs.characters) + len(event.delta or "")
            if event.delta and signs.first_content is None:
                signs.first_content = event.elapsed

    def _progress(self, event: ProgressEvent, path: str) -> None:
        signs = self._signs.get(path)
        if signs is None:
            if event.status not in ("pending", "skipped"):
                self._alive(path, event.elapsed)
                self._signs[path].seen = (event.status, event.stage_progress, event.message)
            return
        status, percent, message = signs.seen
        if event.status == "retrying" and (status != "retrying" or "attempt" in event.data):
            signs.retries += 1
        noticed = event.message is not None and _NOTICE.search(event.message) is not None
        said = not noticed and event.message != message
        if said or event.data or event.status != status or event.stage_progress != percent:
            self._alive(path, event.elapsed)
        signs.seen = (event.status, event.stage_progress, message if noticed else event.message)

    def _alive(self, path: str, elapsed: float) -> None:
        while path:
            signs = self._signs.get(path)
            if signs is None:
                self._signs[path] = _Signs(elapsed)
            else:
                signs.stall = max(signs.stall, elapsed - signs.last)
                signs.last = elapsed
            path = path.rpartition("/")[0]

    def _row(self, stage: StageState) -> StageTiming:
        signs, data = self._signs.get(stage.path), stage.data
        stall = None
        first_token = _number(data.get("first_token"))
        if signs is not None:
            # A stage that is open, or that its run's end closed, has been silent until now.
            until = signs.last if signs.seen[0] in ENDED else self.elapsed
            stall = max(signs.stall, until - signs.last)
            if first_token is None and signs.first_content is not None:
                first_token = signs.first_content - (stage.started_elapsed or 0.0)
        source = data.get("source")
        return StageTiming(
            stage=stage.path,
            title=stage.title,
            status=stage.status,
            started=stage.started,
            offset=stage.started_elapsed,
            duration=stage.duration,
            first_token=first_token,
            stall=stall,
            input_tokens=_count(data.get("input_tokens")),
            output_tokens=_count(data.get("output_tokens")),
            cost=_number(data.get("cost")),
            retries=signs.retries if signs is not None else 0,
            source=source if isinstance(source, str) else None,
            characters=signs.characters if signs is not None else 0,
        )


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _count(value: object) -> int | None:
    number = _number(value)
    return round(number) if number is not None and abs(number) < 1 << 62 else None
