"""The forecast of one run: the distribution of the seconds that remain, from knowledge and its events so far."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from progressnb.learning.distributions import (
    Component,
    Normal,
    log_seconds,
    lognormal_moments,
    lognormal_sum,
    mixture_quantile,
    remaining_points,
)
from progressnb.learning.following import POINTS, LaterStages, RunningStage, Sign
from progressnb.learning.past_lengths import PastLengths

if TYPE_CHECKING:
    from collections.abc import Mapping

    from progressnb.folds.course import PastRun, StageCourse
    from progressnb.learning.knowledge import Knowledge, StageForecast
    from progressnb.learning.stages import StageKnowledge

__all__ = ["MANY_STAGES", "RunForecast"]

MANY_STAGES = 50
"""The number of top stages above which a run is a batch: the count of finished stages says enough, no forecast."""

_UNKNOWN_VARIANCE = 0.64  # of the log seconds of a stage that no past run had
_KNOWN_WEIGHT = 0.5  # the share of the declared weights that past runs must have had
_LIKELY = 0.5  # the chance above which the next stage is waited for
_LATE = 0.1  # the share of the overdue time that is expected as the rest of an overdue end
_LEAST_VARIANCE = 1e-6


class RunForecast:
    """The forecast of a run that goes on. `live` is the fold of its events, which somebody else feeds."""

    def __init__(self, knowledge: Knowledge, live: PastRun) -> None:
        self.knowledge = knowledge
        self.live = live
        self._applicable: bool | None = None
        self._folded: tuple[int, int] = (-1, -1)
        self._later: LaterStages | None = None
        self._stage_forecasts: dict[str, StageForecast] = {}
        self._lengths: dict[str, PastLengths] = {}
        self._positions: dict[str, tuple[float, float, float]] = {}  # attempt, position, seconds when it was reached
        self._per_weight: float | None = None

    @property
    def phase(self) -> tuple[int, int]:
        """The numbers of stages that have begun and that have ended."""
        return self.live.opened, self.live.ended

    def is_applicable(self) -> bool:
        """Tell whether past runs had most of this run's stages, and there are not too many of them."""
        live, stages = self.live, self.knowledge.stages
        if len(live.stages) > MANY_STAGES or len(stages) > MANY_STAGES:
            return False
        if self._applicable is None or not live.begun:
            self._applicable = self._knows(live.declared)
        return self._applicable

    def _knows(self, declared: Mapping[str, float]) -> bool:
        stages = self.knowledge.stages
        if not declared:
            return bool(stages)
        return sum(weight for path, weight in declared.items() if path in stages) >= _KNOWN_WEIGHT

    def durations(self, declared: Mapping[str, float]) -> dict[str, float]:
        """Return the usual seconds of each stage that may come, times the chance that it comes, by path."""
        knowledge = self.knowledge
        if len(knowledge.stages) > MANY_STAGES or not self._knows(declared):
            return {}
        expected: dict[str, float] = {}
        for path, known in knowledge.stages.items():
            if not declared or path in declared:
                usual = math.exp(knowledge.forecast(known, self.live, {}).normal.mean)
                expected[path] = float(f"{usual * knowledge.chance(path, self.live):.4g}")
        return {path: seconds for path, seconds in expected.items() if seconds > 0}

    def remaining(self, elapsed: float) -> list[Component] | None:
        """Return the distribution of the seconds that remain, as equally likely components, or None."""
        if not self.is_applicable():
            return None
        if self._later is None or self.phase != self._folded:
            self._folded, self._later = self.phase, self._forecast_later()
        later, tail, since = self._later, self.knowledge.tail, elapsed - self.live.frontier
        at_work = [self._stage_remaining(stage, elapsed, later) for stage in self.live.begun if stage.ended is None]
        if at_work:
            # Of parallel stages the longest counts. A later one's duration was learned as the time that it adds.
            found = max(at_work, key=lambda components: mixture_quantile(components, 0.5))
        elif later.next is not None:
            found = [Component.of(point, later.after_next) for point in remaining_points(later.next, since, POINTS)]
        else:
            return [Component(tail - since if since < tail else _LATE * since)]
        return [one._replace(fixed=one.fixed + tail) for one in found] if tail else found

    # --- stages to come ---------------------------------------------------------------------------

    def _forecast_later(self) -> LaterStages:
        """Forecast the stages at work and sum up those to come."""
        live, knowledge = self.live, self.knowledge
        scores = knowledge.scores(live)
        speed = knowledge.speed(scores)
        for stage in live.begun:
            known = knowledge.stages.get(stage.path)
            if stage.ended is None and known is not None and stage.path not in self._stage_forecasts:
                self._stage_forecasts[stage.path] = forecast = knowledge.forecast(known, live, scores)
                self._lengths[stage.path] = PastLengths(known.courses, forecast.past_shifts, forecast.shift)
        moments: list[tuple[float, float]] = []
        loadings: list[tuple[float, float]] = []  # mean seconds and loading
        expected: dict[str, StageForecast] = {}
        following: tuple[int, Normal] | None = None
        for path in self._to_come():
            chance = knowledge.chance(path, live)
            if not chance:
                continue
            known = knowledge.stages.get(path)
            if known is None:
                normal, loading = self._unknown(path), 0.0
            else:
                expected[path] = forecast = knowledge.forecast(known, live, scores)
                normal, loading = forecast.normal, knowledge.loading(known)
            mean, variance = _own_moments(normal, loading, speed)
            # The moments of a stage that comes with a probability, and else takes no time.
            moments.append((chance * mean, chance * (variance + mean**2) - (chance * mean) ** 2))
            loadings.append((chance * mean, loading))
            if following is None and chance > _LIKELY:
                following = len(moments) - 1, normal
        return self._sum_up(moments, _mean_loading(loadings), speed, following, expected)

    def _sum_up(
        self,
        moments: list[tuple[float, float]],
        loading: float,
        speed: Normal,
        following: tuple[int, Normal] | None,
        expected: dict[str, StageForecast],
    ) -> LaterStages:
        shared = loading**2 * speed.variance
        total = lognormal_sum(moments, shared)
        if total is not None:
            total = Normal(total.mean, self.knowledge.calibrated_variance(total.variance, expected))
        if following is None:
            return LaterStages(total, loading, speed, None, total)
        at, normal = following
        return LaterStages(total, loading, speed, normal, lognormal_sum([*moments[:at], *moments[at + 1 :]], shared))

    def _to_come(self) -> list[str]:
        live = self.live
        seen = {path for path, stage in live.stages.items() if stage.began is not None or stage.status == "skipped"}
        return [path for path in dict.fromkeys((*live.declared, *self.knowledge.stages)) if path not in seen]

    def _unknown(self, path: str) -> Normal:
        """Return a wide forecast of a stage that no past run had: from its weight, else like the mean stage."""
        stages, declared = self.knowledge.stages, self.live.declared
        if self._per_weight is None:
            both = [(path, weight) for path, weight in declared.items() if path in stages and weight > 0]
            seconds = math.fsum(math.exp(stages[path].location.center) for path, _ in both)
            weights = math.fsum(weight for _, weight in both)
            self._per_weight = seconds / weights if weights else 0.0
        expected = self._per_weight * declared.get(path, 0.0)
        if not expected:
            expected = math.exp(math.fsum(stage.location.center for stage in stages.values()) / len(stages))
        return Normal(log_seconds(expected), _UNKNOWN_VARIANCE)

    # --- stages at work ---------------------------------------------------------------------------

    def _stage_remaining(self, stage: StageCourse, elapsed: float, later: LaterStages) -> list[Component]:
        known = self.knowledge.stages.get(stage.path)
        passed = elapsed - stage.attempt
        if known is None:
            points = remaining_points(self._unknown(stage.path), passed, POINTS)
            return [Component.of(point, later.total) for point in points]
        forecast, lengths = self._stage_forecasts[stage.path], self._lengths[stage.path]
        running = RunningStage(known, forecast, lengths, later, passed, loading=self.knowledge.loading(known))
        if known.curves is None:
            return running.by_duration()
        reached = self._position(stage, known)
        if reached is None:
            return running.before_first_sign()
        first = (stage.first_sign or stage.attempt) - stage.attempt
        latest = stage.marks[-1]
        sign = Sign(latest.time - stage.attempt, stage.percent / 100, stage.characters)
        return running.from_position(*reached, first, sign)

    def _position(self, stage: StageCourse, known: StageKnowledge) -> tuple[float, float] | None:
        """Return the furthest position, and the seconds from the attempt's begin to it; None before the first sign."""
        if not stage.marks:
            return None
        mark = stage.marks[-1]
        position, when = known.position(stage, mark), mark.time - stage.attempt
        attempt, before, since = self._positions.get(stage.path, (-1.0, -1.0, 0.0))
        if attempt == stage.attempt and before >= position:
            return before, since
        self._positions[stage.path] = (stage.attempt, position, when)
        return position, when


def _own_moments(normal: Normal, loading: float, speed: Normal) -> tuple[float, float]:
    """Return mean and variance, in seconds, of a stage without the variance that it shares with the others."""
    own = max(_LEAST_VARIANCE, normal.variance - loading**2 * speed.variance)
    return lognormal_moments(Normal(normal.mean + loading**2 * speed.variance / 2, own))


def _mean_loading(loadings: list[tuple[float, float]]) -> float:
    """Return the mean of loadings, weighted by their stages' mean seconds."""
    total = sum(mean for mean, _ in loadings)
    return sum(mean * loading for mean, loading in loadings) / total if total else 0.0
