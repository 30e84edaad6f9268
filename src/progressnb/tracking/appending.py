"""The events that stages write most, made of facts: stamped, counted, folded and appended under the run's lock."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Protocol, TypeVar

from progressnb.folds.rollup import RollUp
from progressnb.folds.state import RunState
from progressnb.tracking.remaining import AtWork, TimeLeft
from progressnb.tracking.waits import Waits
from progressnb.tracking.work import Work
from progressnb.wire.events import WIRE_VERSION
from progressnb.wire.log import EventLog
from progressnb.wire.making import made
from progressnb.wire.plain import clean_text

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from progressnb.tracking.clock import Clock
    from progressnb.tracking.parts import Part
    from progressnb.tracking.protocols import Estimator
    from progressnb.wire.buffer import OutputBuffer
    from progressnb.wire.events import Event, StageStatus
    from progressnb.wire.making import ContentFacts, ProgressFacts

__all__ = ["CAP", "Appending", "OpenStage"]

CAP = 99.9
"""The overall percent that a run can't pass before it is done."""

_Answer = TypeVar("_Answer")
_logger = logging.getLogger("progressnb")


class OpenStage(AtWork, Protocol):
    """A stage that has begun and not ended, as the recorder sees it. Called under the run's lock."""

    def output(self, part: str) -> OutputBuffer | None:
        """Return a part of its output, with what no event carries yet."""
        ...

    def flush(self, *, whole: bool = False) -> None:
        """Write what is pending; `whole` says that nothing will follow the text, so that no half a character waits."""
        ...

    def tick(self) -> bool:
        """Write what time alone has changed; return whether anything was written."""
        ...


class LateStage(Protocol):
    """A stage whose latest report waits for its turn to be an event."""

    def show(self, state: RunState) -> None:
        """Show in a state, under the lock, what the event will say."""
        ...


class Appending:
    """Append changes of stages and what they write to the log of one run.

    `open` has the outboxes of the stages that have begun and not ended, by path, `late` those whose latest report waits
    for its turn to be an event. `waits` are the waits for people.
    `estimator` tells of the time left by past runs, or is None.
    """

    def __init__(self, operation: str, run_id: str, clock: Clock) -> None:
        self.operation = clean_text(operation)
        self.run_id = run_id
        self.clock = clock
        self.state = RunState(run_id=run_id, operation=self.operation)
        self.log = EventLog(RollUp(self.state))
        self.root = Work()
        self.overall = 0.0
        self.open: dict[str, OpenStage] = {}
        self.late: dict[str, LateStage] = {}
        self.estimator: Estimator | None = None
        self.waits = Waits()
        self._time_left = TimeLeft(self.waits)
        self._began = clock.monotonic()

    @property
    def elapsed(self) -> float:
        """Seconds since the run began."""
        return max(0.0, self.clock.monotonic() - self._began)

    def told(self) -> RunState:
        """Return the state with the percents and messages that were reported and that no event carries yet."""
        if self.late and not self.log.ended:
            with self.log.lock:
                for stage in self.late.values():
                    stage.show(self.state)
                if self.estimator is None:
                    self.state.overall_progress = self._risen(self.root.value, self.elapsed)
        return self.state

    def since(self, began: float) -> float:
        """Return the seconds since a time of the run, in the nanoseconds that a clock measures."""
        return round(self.elapsed - began, 9)

    def progress(  # noqa: PLR0917 - once an event: names make the call slower
        self,
        stage: str | None,
        status: StageStatus,
        percent: float | None = None,
        message: str | None = None,
        data: dict[str, Any] | None = None,
        weight: float | None = None,
        title: str | None = None,
        duration: float | None = None,
    ) -> None:
        """Append, under the lock, a change of a stage or of the run; the facts were checked, the data are its own."""
        elapsed, value = self.elapsed, self.root.value
        data = {} if data is None else data
        if self.estimator is None and stage is not None:
            news = self._time_left.measured(self.root, self.open.values(), value, elapsed)
            if news is not None:
                data |= news
        self._append_facts(
            {
                "v": WIRE_VERSION,
                "run_id": self.run_id,
                "seq": self.log.length,
                "timestamp": self.clock.now(),
                "elapsed": elapsed,
                "operation": self.operation,
                "stage": stage,
                "type": "progress",
                "status": status,
                "stage_progress": percent,
                "overall_progress": self._risen(value, elapsed),
                "message": message,
                "data": data,
                "weight": weight,
                "title": title,
                "duration": duration,
            }
        )

    def content(self, stage: str, part: Part, name: str, percent: float | None) -> None:
        """Append, under the lock, what is there of a part of a stage's output."""
        elapsed = self.elapsed
        delta, reset = part.taken()
        self._append_facts(
            {
                "v": WIRE_VERSION,
                "run_id": self.run_id,
                "seq": self.log.length,
                "timestamp": self.clock.now(),
                "elapsed": elapsed,
                "operation": self.operation,
                "stage": stage,
                "type": "content",
                "kind": part.kind,
                "part": name,
                "delta": delta,
                "reset": reset,
                "stage_progress": percent,
                "overall_progress": self._risen(self.root.value, elapsed),
            }
        )

    def _risen(self, value: float, elapsed: float) -> float:
        """Return the percent of the run, which stands at this value of its work or above."""
        if self.estimator is not None:
            if elapsed < self.estimator.holds_until:
                return self.overall
            value = self._estimated_overall(elapsed, value)
        if value > self.overall:
            self.overall = min(CAP, value)
        return self.overall

    def _append_facts(self, facts: ProgressFacts | ContentFacts) -> None:
        log = self.log
        if log.ended:
            log.refuse()
        self.state.take(facts)
        if self.estimator is None or facts["elapsed"] < self.estimator.follows_from:
            log.add_facts(facts)
        else:
            event = made(facts)
            self._observe(event)
            log.add(event)

    def _estimated_overall(self, elapsed: float, value: float) -> float:
        """Return the percent of the run as past runs let expect it, or the one that is given where they don't."""
        try:  # at each event that moves: `_estimated` takes as long as a question
            percent = self.estimator.overall(elapsed) if self.estimator is not None else None
        except Exception as error:  # noqa: BLE001 - likewise
            self._detach_estimator(error)
            return value
        return value if percent is None else percent

    def _observe(self, event: Event) -> None:
        if self.estimator is not None:
            try:
                self.estimator.observe(event)
            except Exception as error:  # noqa: BLE001 - likewise
                self._detach_estimator(error)

    def _estimated(self, ask: Callable[[Estimator], _Answer]) -> _Answer | None:
        if self.estimator is not None:
            try:
                return ask(self.estimator)
            except Exception as error:  # noqa: BLE001 - a wrong guess must not end the run
                self._detach_estimator(error)
        return None

    def _detach_estimator(self, error: Exception) -> None:
        _logger.warning("detached the estimates of %s, which raised", self.operation, exc_info=error)
        self.estimator = None
