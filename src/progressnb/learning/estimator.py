"""The estimator of one run: an honest percent, the seconds that remain, and which silence is too long.

At time t of a run that takes T a bar should show 100·t/T. T is not known, but past runs tell its distribution. The
percent from the median of T has the least expected distance to 100·t/T.
"""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING

from progressnb.folds.course import PastRun
from progressnb.learning.distributions import Interval, interval_of, mixture_quantile, usual_total
from progressnb.learning.forecast import RunForecast
from progressnb.learning.knowledge import Knowledge
from progressnb.learning.lesson import PAUSE, Lesson
from progressnb.wire.codec import decode
from progressnb.wire.events import LAST_TYPES, StartedEvent, is_last
from progressnb.wire.paths import encode_name

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from progressnb.folds.state import RunState
    from progressnb.learning.distributions import Component
    from progressnb.wire.events import Event
    from progressnb.wire.log import EventLog

__all__ = ["RunEstimator"]

_FIRST = PAUSE  # seconds for which the forecast of every run that begins holds: most runs of a batch are over by then
_HELD = 0.01  # seconds for which a percent of that time stays: nobody sees the ones between
_MAX_AHEAD = 0.05  # of the run: how far ahead of the present the percent may be
_MAX_STEP = 9.0  # percent points by which the percent grows at once,
_MAX_HASTE = 1.0  # or this multiple of the time that has passed, where that is more
_CREEP = 0.03  # the pace of a run that is behind its percent, relative to the expected one
_NEVER = 99.9  # the percent that creeping never reaches
_MOST = 99.0  # the percent that a forecast alone reaches while a stage is at work
_LEAST_LEFT = 0.1  # seconds
_MAX_PACE = 1.0  # seconds between two questions: a ticker asks that often
_PACE_SMOOTHING = 0.2
_VAGUE, _VAGUE_FROM = 4.0, 10.0  # the upper end of an interval is that much above its middle: a multiple, and seconds
_PATIENCE = 10.0  # seconds of silence that are never too long


class RunEstimator:
    """Estimate one run from past runs of its model. Not thread-safe: called under the run's lock.

    Args:
        past: Past runs of the operation, the oldest first.
        model: The model of the run where it is declared. While it is unknown, it is taken to be that of the last past
            run; the events may name it later.
        state: The state of the run where it is folded anyway, so that its output is held once. It must have each event
            before `observe` gets it.
        log: The log of the run, which has the events of its first moment when somebody asks. With None all of them
            must be given to `observe`.
        on_end: A function that is called when the run has ended, with a function that returns its own course, and with
            the seconds that it took.
        lesson_of: A function that returns what the past runs of a model teach, which runs share.

    Example:
        ::

            estimator = RunEstimator([PastRun.of(events) for events in logs])
            estimator.observe(event)  # every event of the run, in order
            estimator.remaining(12.5)  # at 12.5 s: p10, p50 and p90 in seconds

    Attributes:
        follows_from: Seconds of the run from which it is to get changes of stages as they come: the log has those of
            its first moment.
        holds_until: Seconds of the run until which the percent that `overall` answered last stays.

    """

    def __init__(
        self,
        past: Sequence[PastRun],
        model: str | None = None,
        *,
        state: RunState | None = None,
        log: EventLog | None = None,
        on_end: Callable[[Callable[[], PastRun], float], object] | None = None,
        lesson_of: Callable[[str | None], Lesson] | None = None,
    ) -> None:
        self._past = past
        self._lesson_of = lesson_of or self._own_lesson
        self._declared_model = model
        self._state = state
        self._log = log
        self._on_end = on_end
        # The events of the first moment are read when somebody asks. Then `_forecast` has the course of the run.
        self._unread: list[Event] = []  # without a log
        self._started: StartedEvent | None = None
        self._forecast: RunForecast | None = None
        self.follows_from = 0.0 if log is None else _FIRST
        self._learn_from(model if model is not None or not past else past[-1].model)

    def _own_lesson(self, model: str | None) -> Lesson:
        return Lesson(Knowledge([run for run in self._past if run.model == model]))

    def _learn_from(self, model: str | None) -> None:
        self._model = model
        self._lesson = self._lesson_of(model)
        self._turns = self._lesson.take_part()
        if self._forecast is not None:
            self._forecast = RunForecast(self._lesson.knowledge, self._forecast.live)
        self._phase: tuple[int, int] = (-1, -1)  # of the percent that was answered last
        self._percent: float | None = None
        self._total: float | None = None  # seconds that it was measured against
        self._asked = 0.0
        self._pace = _MAX_PACE
        self._answer: tuple[float, list[Component] | None] | None = None
        self._left: tuple[float, Interval] | None = None  # as it was answered last, and when
        self.holds_until = 0.0

    def observe(self, event: Event) -> None:
        """Take in the next event of this run."""
        self._answer = None
        ends = event.type in LAST_TYPES and is_last(event)
        if self._forecast is None and event.elapsed >= _FIRST and not ends:
            self._read()
        if self._forecast is not None:
            self._forecast.live.observe(event)
            self._follow_model(self._forecast)
        else:
            if type(event) is StartedEvent:
                self._started = event
            if self._log is None and not ends:
                self._unread.append(event)
        if ends:
            self._turns.leave()
            if self._on_end is not None:
                self._on_end(self._course(event), event.elapsed)

    def _course(self, last: Event) -> Callable[[], PastRun]:
        """Return a function that returns the course of the run; nothing else of the estimator is kept for it."""
        if self._forecast is None:  # without the last event: its result may be large
            events = self._unread if self._log is None else self._log.encoded()
            return partial(_read_all, events, last.elapsed, finished=last.type == "done")
        live = self._forecast.live
        return lambda: live

    def _read(self) -> RunForecast:
        """Return the forecast by the course of the run so far."""
        if self._forecast is None:
            live = PastRun(model=self._declared_model)
            for event in self._unread if self._log is None else self._log:
                live.observe(event)
            if self._state is not None:
                live.share(self._state)
            self._unread = []
            self.follows_from = self.holds_until = 0.0
            self._forecast = RunForecast(self._lesson.knowledge, live)
            self._follow_model(self._forecast)
        return self._forecast

    def _follow_model(self, forecast: RunForecast) -> None:
        if self._past and forecast.live.model is not None and forecast.live.model != self._model:
            self._learn_from(forecast.live.model)

    def overall(self, elapsed: float) -> float | None:
        """Return the percent to show at a time (seconds), 0–100, or None where past runs say nothing of this run."""
        if self._forecast is None and 0 <= elapsed < _FIRST:
            return self._at_first(elapsed)
        forecast = self._read()
        if not forecast.is_applicable():
            return None
        # Parallel stages ask much more often than anybody looks.
        passed = elapsed - self._asked
        has_changed = forecast.phase != self._phase
        if self._percent is not None and passed >= 0 and not self._may_ask(elapsed, has_changed=has_changed):
            return self._between(elapsed)
        components = self._components(elapsed)
        if components is None:
            return None
        before, passed = self._between(elapsed), max(0.0, passed)
        # The percent stays on the screen until the next question, so it is computed for the middle of that time.
        if elapsed > self._asked:
            self._pace += _PACE_SMOOTHING * (min(_MAX_PACE, elapsed - self._asked) - self._pace)
            self._asked = elapsed
        self._total = total = usual_total(components, elapsed)
        percent = self._share(elapsed, total)
        if before is not None:
            percent = self._smoothed(percent, before, passed, components, max(total - elapsed, _LEAST_LEFT))
        self._phase, self._percent = forecast.phase, percent
        return percent

    def _at_first(self, elapsed: float) -> float | None:
        """Return the percent of a run that has just begun: by the duration of all that begin, without a question."""
        if self._total is None:
            beginning = self._lesson.beginning(self._declared())
            if beginning is None:
                return None
            self._total, self._phase = beginning.total, (0, 0)
        percent = self._share(elapsed, self._total)
        self._percent = percent if self._percent is None else max(percent, self._percent)
        self.holds_until = min(_FIRST, elapsed + _HELD)
        return self._percent

    def _declared(self) -> dict[str, float]:
        stages = self._started.stages if self._started is not None else []
        return {encode_name(stage.name): stage.weight for stage in stages}

    def _share(self, elapsed: float, total: float) -> float:
        ahead = min(self._pace / 2, _MAX_AHEAD * total)
        return min(_MOST, 100.0 * (elapsed + ahead) / total) if total > 0 else 0.0

    def _may_ask(self, elapsed: float, *, has_changed: bool) -> bool:
        is_known = self._answer is not None and self._answer[0] == elapsed
        return is_known or self._turns.may_ask(elapsed, self._asked, has_changed=has_changed)

    def _between(self, elapsed: float) -> float | None:
        """Return the percent between two questions: where others have the turn, it goes on as it was expected to."""
        passed = elapsed - self._asked
        if self._percent is None or passed < PAUSE or self._turns.is_alone or not self._total:
            return self._percent
        return max(self._percent, min(_MOST, self._percent + 100.0 * passed / self._total))

    def _smoothed(
        self, percent: float, before: float, passed: float, components: Sequence[Component], left: float
    ) -> float:
        """Let the percent never fall nor stand, and jump at the end of a stage alone."""
        if self._phase[1] == self._read().phase[1]:
            longest = self._asked + mixture_quantile(components, 0.9)
            percent = min(percent, before + max(_MAX_STEP, _MAX_HASTE * 100.0 * passed / longest))
        if percent > before:
            return percent
        return before + max(0.0, _NEVER - before) * -math.expm1(-_CREEP * passed / left)

    def _components(self, elapsed: float) -> list[Component] | None:
        """Return the forecast at a time; between two events it is asked several times."""
        if self._answer is None or self._answer[0] != elapsed:
            self._turns.take(elapsed)
            self._answer = elapsed, self._read().remaining(elapsed)
        return self._answer[1]

    def remaining(self, elapsed: float) -> Interval | None:
        """Return the seconds that remain at a time (seconds), or None where past runs say nothing of this run."""
        if not self._turns.is_alone and not self._may_ask(elapsed, has_changed=False):
            return self._left_between(elapsed)
        components = self._components(elapsed)
        if components is None:
            return None
        self._left = elapsed, interval_of(components)
        return self._left[1]

    def _left_between(self, elapsed: float) -> Interval | None:
        if self._left is not None:
            return self._left[1].after(elapsed - self._left[0])
        if not self._read().is_applicable():
            return None
        beginning = self._lesson.beginning(self._read().live.declared)
        return beginning.left.after(elapsed) if beginning is not None else None

    def doubt(self, elapsed: float) -> str | None:
        """Return why the seconds that remain should not be shown at a time (seconds), or None where they hold.

        `"exceeded"`: the run has outlasted all past runs, so they say nothing of its end. `"overdue"`: a stage at work
        has outlasted its own past by more than the forecast gives the whole run. `"vague"`: they may be any.
        """
        known, live = self._lesson.knowledge, self._read().live
        if elapsed > known.longest:
            return "exceeded"
        left, overdue = self.remaining(elapsed), 0.0
        if left is not None and left.p90 - left.p50 > max(_VAGUE_FROM, _VAGUE * left.p50):
            return "vague"
        for stage in live.begun:
            found = known.stages.get(stage.path) if stage.ended is None else None
            if found is not None:
                overdue = max(overdue, elapsed - stage.attempt - found.longest)
        return "overdue" if overdue > 0 and left is not None and left.p50 < overdue else None

    def durations(self, declared: Mapping[str, float]) -> Mapping[str, float]:
        """Return the seconds that past runs let expect of each stage at the top, by path; empty without ground.

        `declared` has the weights of the declared stages, by path.
        """
        return self._lesson.durations(declared)

    def silence(self, path: str, seconds: float) -> float | None:
        """Return the longest silence of a stage in past runs, in seconds, if this one is longer; else None."""
        known = self._lesson.knowledge.stages.get(path.partition("/")[0])
        if known is None or seconds <= max(_PATIENCE, known.longest_silence):
            return None
        return known.longest_silence


def _read_all(events: Sequence[Event | bytes], elapsed: float, *, finished: bool) -> PastRun:
    read = (decode(each) if isinstance(each, bytes) else each for each in events)
    run = PastRun.of(each for each in read if each is not None)
    run.end(elapsed, finished=finished)
    return run
