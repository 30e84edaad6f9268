"""Knowledge of an operation from its past runs: each stage, and what the stages of one run have in common.

A slow run is often slow in all its stages, so what its finished stages say of its speed holds for those to come
(a one-factor model). A stage may also depend on how much an earlier one wrote (`predictors`). Both are shrunk to
nothing where runs are few or don't show it.
"""

from __future__ import annotations

import math
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

from progressnb.learning.distributions import Normal, log_seconds
from progressnb.learning.predictors import adjustment, predictors_of
from progressnb.learning.stages import StageKnowledge
from progressnb.learning.statistics import pooled_variance, shrunk_variance, student_inflation
from progressnb.learning.trends import remove_trends

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from progressnb.folds.course import PastRun, StageCourse

__all__ = ["LATEST", "Knowledge", "StageForecast"]

LATEST = 30
"""The number of past runs that count, the latest ones."""

_CORRELATION = 0.35  # prior correlation between the log seconds of two stages of one run
_CORRELATION_COUNT = 3.0  # runs that this prior is worth
_MAX_CORRELATION = 0.95
_PAST_BOUND, _LIVE_BOUND = 3.0, 4.0  # standard scores are clipped there
_RUNS_FOR_PREDICTORS = 3
_CHANCE_OF_UNSEEN = 0.5


class StageForecast(NamedTuple):
    """The distribution of a stage's log seconds, given what has finished in its run.

    `shift` is what the finished stages changed of its mean; `past_shifts` are the same for each past run of the stage.
    """

    normal: Normal
    shift: float
    past_shifts: tuple[float, ...]


class Knowledge:
    """The lessons of past runs of one operation and model. `past` has the oldest run first.

    Of stages only those that finished and were not restored count. `correlation` is that between the log seconds of two
    stages of one run, 0–1; `tail` is the median of the seconds from the last stage's end to the run's end. `longest` is
    the duration of the longest run that finished, in seconds, infinite where none did.
    """

    def __init__(self, past: Sequence[PastRun]) -> None:
        self.past = [run for run in past if any(_teaches(stage) for stage in run.begun)][-LATEST:]
        ages = [len(self.past) - at for at in range(len(self.past))]
        courses: dict[str, dict[int, StageCourse]] = {}
        for at, run in enumerate(self.past):
            for stage in run.begun:
                if _teaches(stage):
                    courses.setdefault(stage.path, {})[at] = stage
        self.stages = {path: StageKnowledge(path, found, ages) for path, found in courses.items()}
        self._fit()
        self._scores = [
            {
                stage.path: (stage.values[stage.runs.index(at)] - stage.location.center) / stage.deviation
                for stage in self.stages.values()
                if at in stage.runs
            }
            for at in range(len(self.past))
        ]
        self.correlation = self._correlation()
        self.tail = median([max(0.0, run.elapsed - run.frontier) for run in self.past if run.finished] or [0.0])
        self.longest = max((run.elapsed for run in self.past if run.finished), default=math.inf)
        self._orders = [[stage.path for stage in run.begun] for run in self.past]

    def _fit(self) -> None:
        stages = list(self.stages.values())
        remove_trends(stages)
        freedom_used = math.fsum(stage.trend_share for stage in stages)
        pooled = pooled_variance([stage.values for stage in stages], freedom_used)
        for stage in stages:
            stage.fit(pooled)

    def _correlation(self) -> float:
        """Estimate the correlation between stages of one run (intraclass), shrunk towards the prior."""
        products = pairs = 0.0
        for scores in self._scores:
            clipped = [max(-_PAST_BOUND, min(_PAST_BOUND, score)) for score in scores.values()]
            products += sum(clipped) ** 2 - sum(score**2 for score in clipped)
            pairs += len(clipped) * (len(clipped) - 1)
        count = len(self.past)
        if not pairs or count < 2:  # noqa: PLR2004 - the values of one run are their own centre
            return _CORRELATION
        found = products / pairs * count / (count - 1)
        worth = (count - 1) * max(1.0, pairs / count) ** 0.5
        shrunk = (_CORRELATION_COUNT * _CORRELATION + worth * found) / (_CORRELATION_COUNT + worth)
        return float(min(_MAX_CORRELATION, max(0.0, shrunk)))

    def scores(self, run: PastRun) -> dict[str, float]:
        """Return the standard score of each finished stage of the run that goes on."""
        return {
            stage.path: (log_seconds(stage.added) - known.location.center) / known.deviation
            for stage in run.begun
            if _teaches(stage) and (known := self.stages.get(stage.path)) is not None
        }

    def speed(self, scores: Mapping[str, float], *, past: bool = False) -> Normal:
        """Return the posterior of a run's slowness, in standard deviations, given scores of its finished stages.

        `past` is for one of the runs learned from: its prior is the standard normal. That of the next run is wider,
        since centre and spread of all runs are estimated from a few.
        """
        count = len(self.past)
        prior = 1.0 if past else (1 + 1 / count) * student_inflation(max(2, count - 1))
        own = 1 - self.correlation
        precision = 1 / prior + len(scores) * self.correlation / own
        total = math.fsum(max(-_LIVE_BOUND, min(_LIVE_BOUND, score)) for score in scores.values())
        return Normal(math.sqrt(self.correlation) * total / own / precision, 1 / precision)

    def forecast(self, stage: StageKnowledge, live: PastRun, scores: Mapping[str, float]) -> StageForecast:
        """Forecast a stage's duration from the finished stages of its run."""
        speed = self.speed(scores)
        loading = self.loading(stage)
        past = [
            loading
            * self.speed({path: own for path, own in self._scores[at].items() if path in scores}, past=True).mean
            for at in stage.runs
        ]
        shift = loading * speed.mean
        own = stage.variance * (1 - self.correlation) * stage.inflation + stage.trend_variance
        variance = own + loading**2 * speed.variance
        center = stage.location.center
        if len(stage.runs) < _RUNS_FOR_PREDICTORS:
            return StageForecast(Normal(center + shift, variance), shift, tuple(past))
        residuals = [value - base for value, base in zip(stage.values, past, strict=True)]
        more = adjustment(stage, residuals, variance, predictors_of(stage, self.past, live, scores))
        shifts = tuple(base + own for base, own in zip(past, more.past_shifts, strict=True))
        return StageForecast(Normal(center + shift + more.shift, more.variance), shift + more.shift, shifts)

    def loading(self, stage: StageKnowledge) -> float:
        """Return by how much a stage's log seconds move with one standard deviation of the run's speed."""
        return stage.deviation * math.sqrt(self.correlation)

    def calibrated_variance(self, variance: float, forecasts: Mapping[str, StageForecast]) -> float:
        """Correct the variance (log seconds) of a sum of stages by how far past runs were off such a forecast."""
        errors: list[float] = []
        for at in range(len(self.past)):
            stages = [(self.stages[path], own) for path, own in forecasts.items() if at in self.stages[path].runs]
            if len(stages) < len(forecasts):
                continue
            took = expected = 0.0
            for stage, forecast in stages:
                index = stage.runs.index(at)
                took += math.exp(stage.values[index])
                expected += math.exp(stage.location.center + forecast.past_shifts[index])
            errors.append(log_seconds(took) - log_seconds(expected))
        if not errors:
            return variance
        # These runs were learned from, so they are off by less than the next run will be.
        inflation = math.sqrt((1 + 1 / len(errors)) * student_inflation(len(errors)))
        return shrunk_variance([inflation * error for error in errors], 0.0, variance)

    def chance(self, path: str, live: PastRun) -> float:
        """Return the probability, 0–1, that a stage which has not begun still comes in this run.

        It is the share of comparable past runs (those that had the latest stage begun) in which it came later.
        """
        declared = any(path in run.declared for run in self.past)
        if path in live.declared and path not in self.stages and not declared:
            return 1.0
        if declared and live.declared and path not in live.declared:
            return 0.0
        known = [stage.path for stage in live.begun if any(stage.path in order for order in self._orders)]
        latest = known[-1] if known else None
        came = comparable = 0
        for run, order in zip(self.past, self._orders, strict=True):
            if latest is not None and latest not in order:
                continue
            later = order[order.index(latest) + 1 :] if latest is not None else order
            if path in later or run.finished:
                comparable += 1
                came += path in later
        if came or path not in live.declared:
            return came / comparable if comparable else 0.0
        return _CHANCE_OF_UNSEEN / (comparable + 1)


def _teaches(stage: StageCourse) -> bool:
    return stage.status == "finished" and not stage.restored
