"""The estimator of one run: an honest percent, the seconds that remain, and which silence is too long.

At time t of a run that takes T a bar should show 100·t/T. T is not known, but past runs tell its distribution. The
percent from the median of T has the least expected distance to 100·t/T.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from progressnb.folds.course import PastRun
from progressnb.learning.distributions import mixture_quantile, usual_total
from progressnb.learning.forecast import RunForecast
from progressnb.learning.knowledge import Knowledge
from progressnb.wire.events import is_last

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from progressnb.folds.state import RunState
    from progressnb.learning.distributions import Component
    from progressnb.wire.events import Event

__all__ = ["Interval", "RunEstimator"]

_REUSE = 0.1  # seconds for which an answer holds, unless a stage begins or ends
_MAX_AHEAD = 0.05  # of the run: how far ahead of the present the percent may be
_MAX_STEP = 9.0  # percent points by which the percent grows at once,
_MAX_HASTE = 1.0  # or this multiple of the time that has passed, where that is more
_CREEP = 0.03  # the pace of a run that is behind its percent, relative to the expected one
_NEVER = 99.9  # the percent that creeping never reaches
_MOST = 99.0  # the percent that a forecast alone reaches while a stage is at work
_LEAST_LEFT = 0.1  # seconds
_MAX_PACE = 1.0  # seconds between two questions: a ticker asks that often
_PACE_SMOOTHING = 0.2
_WIDENING = 1.02  # of intervals: no model is exact
_VAGUE, _VAGUE_FROM = 4.0, 10.0  # the upper end of an interval is that much above its middle: a multiple, and seconds
_PATIENCE = 10.0  # seconds of silence that are never too long


class Interval(NamedTuple):
    """Seconds that remain: 10 %, 50 % and 90 % quantiles."""

    p10: float
    p50: float
    p90: float


class RunEstimator:
    """Estimate one run from past runs of its model. Not thread-safe: called under the run's lock.

    Args:
        past: Past runs of the operation, the oldest first.
        model: The model of the run where it is declared. While it is unknown, it is taken to be that of the last past
            run; the events may name it later.
        state: The state of the run where it is folded anyway, so that its output is held once. It must have each event
            before `observe` gets it.
        on_end: A function that is called with the run's own course when it has ended.
        learn: A function that returns what some of the past runs, those of a model, teach.

    Example:
        ::

            estimator = RunEstimator([PastRun.of(events) for events in logs])
            estimator.observe(event)  # every event of the run, in order
            estimator.remaining(12.5)  # at 12.5 s: p10, p50 and p90 in seconds

    """

    def __init__(
        self,
        past: Sequence[PastRun],
        model: str | None = None,
        *,
        state: RunState | None = None,
        on_end: Callable[[PastRun], object] | None = None,
        learn: Callable[[Sequence[PastRun], str | None], Knowledge] = lambda past, _model: Knowledge(past),
    ) -> None:
        self._past = past
        self._learn = learn
        self._live = PastRun(model=model, state=state)
        self._on_end = on_end
        self._learn_from(model if model is not None or not past else past[-1].model)

    def _learn_from(self, model: str | None) -> None:
        self._model = model
        self._forecast = RunForecast(self._learn([run for run in self._past if run.model == model], model), self._live)
        self._phase: tuple[int, int] = (-1, -1)  # of the percent that was answered last
        self._percent: float | None = None
        self._asked = 0.0
        self._pace = _MAX_PACE
        self._answer: tuple[float, list[Component] | None] | None = None

    def observe(self, event: Event) -> None:
        """Take in the next event of this run."""
        self._live.observe(event)
        self._answer = None
        if self._past and self._live.model is not None and self._live.model != self._model:
            self._learn_from(self._live.model)
        if self._on_end is not None and is_last(event):
            self._on_end(self._live)

    def overall(self, elapsed: float) -> float | None:
        """Return the percent to show at a time (seconds), 0–100, or None where past runs say nothing of this run."""
        forecast = self._forecast
        if not forecast.is_applicable():
            return None
        # Parallel stages ask much more often than anybody looks.
        is_fresh = 0 <= elapsed - self._asked < _REUSE and forecast.phase == self._phase
        if self._percent is not None and is_fresh:
            return self._percent
        components = self._components(elapsed)
        if components is None:
            return None
        passed = max(0.0, elapsed - self._asked)
        # The percent stays on the screen until the next question, so it is computed for the middle of that time.
        if elapsed > self._asked:
            self._pace += _PACE_SMOOTHING * (min(_MAX_PACE, elapsed - self._asked) - self._pace)
            self._asked = elapsed
        total = usual_total(components, elapsed)
        ahead = min(self._pace / 2, _MAX_AHEAD * total)
        percent = min(_MOST, 100.0 * (elapsed + ahead) / total) if total > 0 else 0.0
        if (before := self._percent) is not None:
            percent = self._smoothed(percent, before, passed, components, max(total - elapsed, _LEAST_LEFT))
        self._phase, self._percent = forecast.phase, percent
        return percent

    def _smoothed(
        self, percent: float, before: float, passed: float, components: Sequence[Component], left: float
    ) -> float:
        """Let the percent never fall nor stand, and jump at the end of a stage alone."""
        if self._phase[1] == self._forecast.phase[1]:
            longest = self._asked + mixture_quantile(components, 0.9)
            percent = min(percent, before + max(_MAX_STEP, _MAX_HASTE * 100.0 * passed / longest))
        if percent > before:
            return percent
        return before + max(0.0, _NEVER - before) * -math.expm1(-_CREEP * passed / left)

    def _components(self, elapsed: float) -> list[Component] | None:
        """Return the forecast at a time; between two events it is asked several times."""
        if self._answer is None or self._answer[0] != elapsed:
            self._answer = elapsed, self._forecast.remaining(elapsed)
        return self._answer[1]

    def remaining(self, elapsed: float) -> Interval | None:
        """Return the seconds that remain at a time (seconds), or None where past runs say nothing of this run."""
        components = self._components(elapsed)
        if components is None:
            return None
        low, middle, high = (mixture_quantile(components, probability) for probability in (0.1, 0.5, 0.9))
        below, above = max(0.0, middle - low), max(0.0, high - middle)
        return Interval(max(0.0, middle - _WIDENING * below), middle, middle + _WIDENING * above)

    def doubt(self, elapsed: float) -> str | None:
        """Return why the seconds that remain should not be shown at a time (seconds), or None where they hold.

        `"exceeded"`: the run has outlasted all past runs, so they say nothing of its end. `"overdue"`: a stage at work
        has outlasted its own past by more than the forecast gives the whole run. `"vague"`: they may be any.
        """
        known, live = self._forecast.knowledge, self._live
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

    def durations(self, declared: Mapping[str, float]) -> dict[str, float]:
        """Return the seconds that past runs let expect of each stage at the top, by path; empty without ground.

        `declared` has the weights of the declared stages, by path.
        """
        return self._forecast.durations(declared)

    def silence(self, path: str, seconds: float) -> float | None:
        """Return the longest silence of a stage in past runs, in seconds, if this one is longer; else None."""
        known = self._forecast.knowledge.stages.get(path.partition("/")[0])
        if known is None or seconds <= max(_PATIENCE, known.longest_silence):
            return None
        return known.longest_silence
