"""The times of a run: a fold of its events into one row a stage.

It keeps no output: a store folds every run that it records.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from progressnb.folds.silences import Signs
from progressnb.folds.state import RunState
from progressnb.wire.buffer import OutputLength
from progressnb.wire.events import ContentEvent, ItemEvent, ProgressEvent
from progressnb.wire.paths import encode_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from progressnb.folds.stages import FoldedStages, StageState
    from progressnb.wire.events import Event

__all__ = ["StageTiming", "Timings"]

_TELLS_MORE = attrgetter("data", "duration", "title")
_NUMBER = (int, float)  # what is asked of each event is made once; `isinstance` of a model asks its metaclass
_OF_RUNS = (ProgressEvent, ItemEvent)
_NOTHING_TOLD = None, None, None, None, None
_NOTHING: tuple[dict[str, object], None, None] = {}, None, None


class StageTiming(NamedTuple):
    """One stage of a run: its times, tokens and cost. None is unknown.

    `started` is aware UTC; `offset` is when it began, `duration` how long it took, `first_token` how long after its
    request the first token came, all in seconds. `stall` is the longest time in seconds without a sign of life of the
    stage or one below it: output, a percent, a message, data, a status. `characters` is the length of its output.
    Tokens and cost are the stage's own, without those below it.
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
class Timings:
    """The times of a run and its stages. `Timings.of(events)` folds a whole log.

    `state` is the run's state, as far as the rows need it: it has the lengths of outputs alone, and no messages.
    """

    state: RunState = field(default_factory=lambda: RunState(buffer=OutputLength, folds=False))
    _signs: Signs = field(default_factory=Signs)
    _first_content: dict[str, float] = field(default_factory=dict[str, float])
    # The rows of stages that have ended, until an event tells more of them: a store asks ten times a second.
    _whole: dict[str, StageTiming] = field(default_factory=dict[str, StageTiming])

    @classmethod
    def of(cls, events: Iterable[Event]) -> Timings:
        """Fold events, in order."""
        timings = cls()
        for event in events:
            timings.apply(event)
        return timings

    @classmethod
    def of_ended(cls, state: RunState, events: Iterable[Event]) -> Timings:
        """Return the times of a run whose state somebody has folded to its end; `events` are all of its log."""
        timings = cls(state)
        apply, note = timings._signs.apply, timings._note_content
        for event in events:  # no row is made yet that one of them could change
            apply(event)
            if type(event) is ContentEvent:
                note(event)
        return timings

    @property
    def elapsed(self) -> float:
        """Seconds until the run's latest event."""
        return self.state.elapsed

    @property
    def overall_progress(self) -> float:
        """The run's percent, 0–100."""
        return self.state.overall_progress

    def apply(self, event: Event) -> None:
        """Fold one event in. Events after the last one, and events already folded, change nothing."""
        state = self.state
        if event.seq <= state.last_seq or state.ended:
            return
        if not self._pass_over(event):
            state.apply(event)
        self._time(event)

    def _pass_over(self, event: Event) -> bool:
        """Take in an event that changes no row, or the length of an output alone; return whether it is one.

        So are nearly all events of a long run, and a store folds each of them.
        """
        stage = self.state.find(event.stage) if event.stage is not None else None
        if stage is None or stage.started is None:
            return False
        if type(event) is ContentEvent:
            buffer = stage.outputs.get(event.part)
            if buffer is None or event.reset or buffer.kind != event.kind or stage.status == "pending":
                return False
            buffer.append(event.delta or "")
        elif type(event) is not ProgressEvent or event.status != stage.status or _TELLS_MORE(event) != _NOTHING:
            return False
        state = self.state
        state.last_seq, state.elapsed = event.seq, event.elapsed
        if event.overall_progress is not None:
            state.overall_progress = event.overall_progress
        return True

    def _time(self, event: Event) -> None:
        self._signs.apply(event)
        if self._whole and not (event.stage is None and type(event) in _OF_RUNS):
            self._forget(event.stage)
        self._note_content(event)

    def _note_content(self, event: Event) -> None:
        if type(event) is ContentEvent and event.part == "output" and event.delta and event.stage is not None:
            self._first_content.setdefault(event.stage, event.elapsed)

    def _forget(self, path: str | None) -> None:
        """Forget the rows that an event changes: those of its stage and of all above, or all of them."""
        if path is None:
            self._whole.clear()
            return
        self._whole.pop(path, None)
        while (above := path.rfind("/")) > 0:
            path = path[:above]
            self._whole.pop(path, None)

    def rows(self) -> Iterator[tuple[int, StageTiming]]:
        """Go through the stages, parents first, each with its depth.

        Stages of which a snapshot told sums alone are one row, whose path ends in `#*`.
        """
        for depth, stage in self.state.walk():
            row = self._whole.get(stage.path)
            if row is None:
                row = self._row(stage)
                if stage.ended:
                    self._whole[stage.path] = row
            yield depth, row
            for folded in stage.folded.values():
                yield depth + 1, _sums(f"{stage.path}/", folded)
        for folded in self.state.folded.values():
            yield 0, _sums("", folded)

    def _row(self, stage: StageState) -> StageTiming:
        path, data = stage.path, stage.data
        signs, output = self._signs.stages.get(path), stage.output
        first_token, source, input_tokens, output_tokens, cost = _told(data) if data else _NOTHING_TOLD
        came_whole = data.get("came_whole") is True  # such an answer has no first token
        if first_token is None and not came_whole and (first := self._first_content.get(path)) is not None:
            first_token = first - (stage.started_elapsed or 0.0)
        return StageTiming(
            path,
            stage.title,
            stage.status,
            stage.started,
            stage.started_elapsed,
            stage.duration,
            first_token,
            self._signs.stall(path),
            input_tokens,
            output_tokens,
            cost,
            signs.retries if signs is not None else 0,
            source,
            len(output) if output is not None else 0,
        )


def _told(data: Mapping[str, Any]) -> tuple[float | None, str | None, int | None, int | None, float | None]:
    """Return what data tell of a stage: its first token, source, tokens in and out, and cost."""
    get = data.get
    source = get("source")
    return (
        _number(get("first_token")),
        source if isinstance(source, str) else None,
        _count(get("input_tokens")),
        _count(get("output_tokens")),
        _number(get("cost")),
    )


def _sums(above: str, folded: FoldedStages) -> StageTiming:
    usage = folded.usage
    return StageTiming(
        stage=f"{above}{encode_name(folded.name)}#*",
        title=folded.title,
        status="failed" if folded.counts["failed"] == folded.count else "finished",
        started=folded.started,
        offset=folded.began,
        duration=folded.seconds,
        first_token=None,
        stall=None,
        input_tokens=_count(usage.get("input_tokens")),
        output_tokens=_count(usage.get("output_tokens")),
        cost=_number(usage.get("cost")),
        retries=0,
        source=None,
        characters=folded.characters,
    )


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, _NUMBER) and not isinstance(value, bool) else None


def _count(value: object) -> int | None:
    number = _number(value)
    return round(number) if number is not None and abs(number) < 1 << 62 else None
