"""What past runs teach of each stage and of how stages hang together.

A slow run is often slow in all its stages: what its finished stages say of its speed holds for those to
come. A stage may also depend on how much an earlier one wrote. Both are learned, and shrunk to nothing
where runs are few or don't show it.
"""

from __future__ import annotations

import math
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

from progressnb.learning.stages import StageKnowledge
from progressnb.learning.statistics import Normal, explain, log, pooled_variance, shrunk_variance, student
from progressnb.learning.trends import straighten

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from progressnb.folds.course import PastRun, StageCourse

__all__ = ["Forecast", "Knowledge", "Speed"]

LATEST = 30
"""How many past runs count, the latest first."""

_SHARED = 0.35  # the share of the spread that stages of a run have in common, before runs say more
_SHARED_COUNT = 3.0
_MOST_SHARED = 0.95
_ENOUGH_FOR_CAUSES = 3
_CAUSE_SLOPE, _CAUSE_SLOPE_SPREAD = 0.5, 0.5


class Speed(NamedTuple):
    """How slow a run is beside others, in deviations."""

    mean: float
    variance: float


class Forecast(NamedTuple):
    """What is expected of a stage: the logarithm of its seconds, and what of it each past run was expected to have."""

    normal: Normal
    shift: float
    past_shifts: tuple[float, ...]


class Knowledge:
    """What past runs of an operation teach, the oldest run first."""

    def __init__(self, past: Sequence[PastRun]) -> None:
        self.past = [run for run in past if any(_teaches(stage) for stage in run.begun)][-LATEST:]
        ages = [len(self.past) - at for at in range(len(self.past))]
        samples: dict[str, dict[int, StageCourse]] = {}
        for at, run in enumerate(self.past):
            for stage in run.begun:
                if _teaches(stage):
                    samples.setdefault(stage.path, {})[at] = stage
        self.stages = {path: StageKnowledge(path, courses, ages) for path, courses in samples.items()}
        straighten(list(self.stages.values()))
        lost = math.fsum(stage.straightened for stage in self.stages.values())
        pooled = pooled_variance([stage.values for stage in self.stages.values()], lost)
        for known in self.stages.values():
            known.settle(pooled)
        self._scores = [
            {
                stage.path: (stage.values[stage.runs.index(at)] - stage.location.middle) / stage.deviation
                for stage in self.stages.values()
                if at in stage.runs
            }
            for at in range(len(self.past))
        ]
        self.shared = self._shared()
        self.tail = median([max(0.0, run.elapsed - run.frontier) for run in self.past if run.finished] or [0.0])
        self._orders = [[stage.path for stage in run.begun] for run in self.past]

    def _shared(self) -> float:
        """Return which share of their spread the stages of a run have in common."""
        products = pairs = 0.0
        for scores in self._scores:
            clipped = [max(-3.0, min(3.0, score)) for score in scores.values()]
            products += sum(clipped) ** 2 - sum(score**2 for score in clipped)
            pairs += len(clipped) * (len(clipped) - 1)
        count = len(self.past)
        if not pairs or count < 2:  # noqa: PLR2004 - one run is its own middle
            return _SHARED
        found = products / pairs * count / (count - 1)
        worth = (count - 1) * max(1.0, pairs / count) ** 0.5
        shared = (_SHARED_COUNT * _SHARED + worth * found) / (_SHARED_COUNT + worth)
        return float(min(_MOST_SHARED, max(0.0, shared)))

    def scores(self, run: PastRun) -> dict[str, float]:
        """Return how far each finished stage of the run that goes on is off, in deviations."""
        return {
            stage.path: (log(stage.added) - known.location.middle) / known.deviation
            for stage in run.begun
            if _teaches(stage) and (known := self.stages.get(stage.path)) is not None
        }

    def speed(self, scores: Mapping[str, float], *, past: bool = False) -> Speed:
        """Return what finished stages say of a run's speed, for the one that goes on or one of those learned from."""
        count = len(self.past)
        # Where the middle of all runs lies, and how far they spread, is known from a few.
        before = 1.0 if past else (1 + 1 / count) * student(max(2, count - 1))
        own = 1 - self.shared
        precision = 1 / before + len(scores) * self.shared / own
        clipped = math.fsum(max(-4.0, min(4.0, score)) for score in scores.values())
        return Speed(math.sqrt(self.shared) * clipped / own / precision, 1 / precision)

    def forecast(self, stage: StageKnowledge, live: PastRun, scores: Mapping[str, float]) -> Forecast:
        """Say what is to be expected of a stage, after what has finished."""
        speed = self.speed(scores)
        loading = stage.deviation * math.sqrt(self.shared)
        shift = loading * speed.mean
        past = [
            loading
            * self.speed({path: own for path, own in self._scores[at].items() if path in scores}, past=True).mean
            for at in stage.runs
        ]
        own = stage.variance * (1 - self.shared) * stage.doubt + stage.trend_variance
        variance = own + loading**2 * speed.variance
        if len(stage.runs) < _ENOUGH_FOR_CAUSES:
            normal = Normal(stage.location.middle + shift, variance)
            return Forecast(normal, shift, tuple(past))
        return self._with_causes(stage, live, scores, Normal(shift, variance), past)

    def _with_causes(
        self,
        stage: StageKnowledge,
        live: PastRun,
        finished: Mapping[str, float],
        plain: Normal,
        past: list[float],
    ) -> Forecast:
        # How much each finished stage wrote may say how long this one takes: the better it did, the more it counts.
        left = [value - shift for value, shift in zip(stage.values, past, strict=True)]
        found: list[tuple[float, float, list[float], float]] = []  # chance, shift, past shifts, variance
        causes = [
            cause
            for path in finished
            for kind in ("items", "characters", "tokens")
            if (cause := self._cause(stage, live, path, kind)) is not None
        ]
        for values, now in causes:
            line = explain(
                left,
                values,
                stage.location,
                noise=plain.variance,
                slope=_CAUSE_SLOPE,
                slope_spread=_CAUSE_SLOPE_SPREAD,
                noise_count=4.0,
            )
            seen = line.at(now)
            shifts = [line.slope * (value - line.cause_mean) for value in values]
            found.append(
                (math.exp(min(50.0, line.evidence)) / len(causes), seen.mean - line.value_mean, shifts, seen.variance)
            )
        middle = stage.location.middle
        total = 1.0 + sum(chance for chance, *_ in found)
        shift = math.fsum(chance * own for chance, own, _, _ in found) / total
        variance = (
            plain.variance
            + math.fsum(chance * (own_variance + (own - shift) ** 2) for chance, own, _, own_variance in found)
            + shift**2
        ) / total
        shifts = [
            base + math.fsum(chance * own[at] for chance, _, own, _ in found) / total for at, base in enumerate(past)
        ]
        return Forecast(Normal(middle + plain.mean + shift, variance), plain.mean + shift, tuple(shifts))

    def _cause(self, stage: StageKnowledge, live: PastRun, path: str, kind: str) -> tuple[list[float], float] | None:
        now = float(getattr(live.stages[path], kind))
        before = [getattr(self.past[at].stages[path], kind) if path in self.past[at].stages else 0 for at in stage.runs]
        if now <= 0 or min(before) <= 0 or max(before) == min(before):
            return None
        return [math.log(value) for value in before], math.log(now)

    def checked_variance(self, variance: float, forecasts: Mapping[str, Forecast]) -> float:
        """Correct the variance of a sum of stages by how far past runs were off what was to be expected of them."""
        off: list[float] = []
        for at in range(len(self.past)):
            here = [
                (self.stages[path], forecast) for path, forecast in forecasts.items() if at in self.stages[path].runs
            ]
            if len(here) < len(forecasts):
                continue
            took = expected = 0.0
            for stage, forecast in here:
                own = stage.runs.index(at)
                took += math.exp(stage.values[own])
                expected += math.exp(stage.location.middle + forecast.past_shifts[own])
            off.append(log(took) - log(expected))
        if not off:
            return variance
        # They were learned from, and so less far off than the next run will be.
        doubt = math.sqrt((1 + 1 / len(off)) * student(len(off)))
        return shrunk_variance([doubt * one for one in off], 0.0, variance)

    def chance(self, path: str, live: PastRun) -> float:
        """Return how likely a stage that has not begun still comes."""
        declared = [run for run in self.past if path in run.declared]
        if path in live.declared and path not in self.stages and not declared:
            return 1.0
        if declared and live.declared and path not in live.declared:
            return 0.0
        known = [stage.path for stage in live.begun if any(stage.path in order for order in self._orders)]
        latest = known[-1] if known else None
        came = could = 0
        for run, order in zip(self.past, self._orders, strict=True):
            if latest is not None and latest not in order:
                continue
            after = order[order.index(latest) + 1 :] if latest is not None else order
            if path in after or run.finished:
                could += 1
                came += path in after
        if came or path not in live.declared:
            return came / could if could else 0.0
        return 0.5 / (could + 1)


def _teaches(stage: StageCourse) -> bool:
    return stage.status == "finished" and not stage.restored
