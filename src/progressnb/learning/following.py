"""The rest of a stage at work, forecast from where it is, and what that says of the stages after it.

Three forecasts are averaged by their evidence in past runs. By the pace: what began slowly goes on slowly. By the
clock: the rest is what a usual duration leaves. By a line through the clock's forecast: the same, corrected by what
the position added in past runs.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from progressnb.learning.distributions import (
    Component,
    Normal,
    clamped,
    log_seconds,
    lognormal_moments,
    lognormal_sum,
    remaining_points,
)
from progressnb.learning.statistics import fit_identity, fit_line, huber_location, robust_deviation

if TYPE_CHECKING:
    from collections.abc import Iterable

    from progressnb.learning.knowledge import StageForecast
    from progressnb.learning.past_lengths import PastLengths
    from progressnb.learning.stages import StageKnowledge

__all__ = ["POINTS", "LaterStages", "RunningStage", "Sign"]

POINTS = 13
"""The number of equally likely points that stand for a distribution."""

_PACE_SLOPE, _PACE_DEVIATION = 0.7, 0.4  # prior: how much of a slow beginning goes on
_CLOCK_SLOPE, _CLOCK_DEVIATION = 1.0, 0.2
_EARLY = 0.05  # the position around which the pace begins to say something
_LEAST_LEFT = 0.01  # of the duration: a logarithm needs more than zero
_LEAST_PACE = 0.05  # seconds
_SCORE_BOUND = 3.0  # standard scores are clipped there
_LEAST_VARIANCE = 1e-6
_MAX_LOG_ODDS = 50.0
_SURE = 0.95  # trust above which nothing else is looked at
_SHARE_VARIANCE = 3.0  # of the log odds of a share that may be any from 0 to 1 (logistic: pi squared / 3)


class LaterStages(NamedTuple):
    """The forecast of all stages that have not begun, in log seconds.

    `total` is their sum, `next` the stage that comes next, `after_next` the sum of the others; None stands for no
    stage. `loading` is by how much the total moves with one standard deviation of the run's `speed`.
    """

    total: Normal | None
    loading: float
    speed: Normal
    next: Normal | None
    after_next: Normal | None


class Sign(NamedTuple):
    """The latest sign of a stage at work: when it came, in seconds since the attempt began, and what it told.

    `share` is what the stage itself reports, 0–1; `characters` are those of the output.
    """

    when: float
    share: float
    characters: int


class RunningStage:
    """One stage at work, its last attempt `passed` seconds old.

    `loading` is by how much its log seconds move with one standard deviation of the run's speed. `lengths` are those
    of its past outputs.
    """

    def __init__(
        self,
        known: StageKnowledge,
        forecast: StageForecast,
        lengths: PastLengths,
        later: LaterStages,
        passed: float,
        *,
        loading: float,
    ) -> None:
        self._known = known
        self._forecast = forecast
        self._later = later
        self._passed = passed
        self._loading = loading
        self._lengths = lengths

    def by_duration(self) -> list[Component]:
        """Forecast from the usual duration alone, for a stage that shows nothing on its way."""
        points = remaining_points(self._forecast.normal, self._passed, POINTS)
        return self._doubted((point, None) for point in points)

    def before_first_sign(self) -> list[Component]:
        """Forecast the wait for the first sign, then the rest; by the duration where waits say nothing."""
        model = self._known.wait_model
        if model is None:
            return self.by_duration()
        found: list[tuple[float, Normal | None]] = []
        for point in remaining_points(model.wait, self._passed, POINTS):
            rest = model.rest.at(log_seconds(self._passed + point))
            found.append((point, Normal(rest.mean + self._forecast.shift, rest.variance)))
        return self._doubted(found)

    def from_position(self, position: float, reached: float, first: float, sign: Sign) -> list[Component]:
        """Forecast from a position (0–1), as past runs went on from there.

        `reached` and `first` are the seconds, since the attempt began, to this position and to the first sign. `sign`
        is the latest.
        """
        rest = self._rest_from(position, reached, first)
        trust = self._lengths.trust_at(sign.characters)
        points = remaining_points(rest, self._passed - reached, POINTS)
        if trust > _SURE:
            return self._with_later((point, None) for point in points)
        return [
            *self._with_later(((point, None) for point in points), trust),
            *self._of_any_length(sign, 1 - trust),
        ]

    def _rest_from(self, position: float, reached: float, first: float) -> Normal:
        known, forecast = self._known, self._forecast
        usual = Normal(known.location.center, known.variance)
        paces: list[float] = []
        clocks: list[float] = []
        rests: list[float] = []
        for curve, shift in zip(known.curves or (), forecast.past_shifts, strict=True):
            then = curve.time_at(position)
            paces.append(_pace(then, curve.first) - shift)
            clocks.append(_rest_by_clock(usual, shift, then) - shift)
            rests.append(log_seconds(max(_LEAST_LEFT * curve.duration, curve.duration - then)) - shift)
        location = huber_location(rests, known.weights, robust_deviation(rests, known.deviation))
        noise = known.variance / 2
        slope = _PACE_SLOPE * (position / (position + _EARLY))
        by_pace = fit_line(rests, paces, location, noise=noise, slope=slope, slope_deviation=_PACE_DEVIATION)
        by_line = fit_line(rests, clocks, location, noise=noise, slope=_CLOCK_SLOPE, slope_deviation=_CLOCK_DEVIATION)
        by_clock = fit_identity(rests, clocks, location, noise=noise)
        clock = _rest_by_clock(usual, forecast.shift, reached) - forecast.shift
        rest = _averaged(
            (by_pace.evidence, by_pace.at(_pace(reached, first) - forecast.shift)),
            (by_line.evidence, by_line.at(clock)),
            (by_clock.evidence, Normal(clock, by_clock.variance)),
        )
        return Normal(rest.mean + forecast.shift, rest.variance)

    def _of_any_length(self, sign: Sign, weight: float) -> list[Component]:
        """Forecast an output that may have any length: by what the stage itself reports, and by past lengths."""
        share = self._lengths.share(sign.characters, sign.share)
        if not 0 < share < 1:
            return []
        rest = Normal(log_seconds(sign.when * (1 - share) / share), _SHARE_VARIANCE)
        points = remaining_points(rest, self._passed - sign.when, POINTS)
        return self._with_later(((point, None) for point in points), weight, sign.when / share)

    def _doubted(self, points: Iterable[tuple[float, Normal | None]]) -> list[Component]:
        """Add the later stages, for a stage that may write an output of any length: it may not be far from its end."""
        trust, total = self._lengths.trust, self._passed + math.exp(clamped(self._forecast.normal).mean)
        if trust > _SURE:
            return self._with_later(points)
        listed = list(points)
        return [*self._with_later(listed, trust), *self._with_later(listed, 1 - trust, total)]

    def _with_later(
        self, points: Iterable[tuple[float, Normal | None]], weight: float = 1.0, seen: float = 0.0
    ) -> list[Component]:
        """Add the later stages to each possible rest of this one: fixed seconds, and log seconds of more or None.

        A long rest of this stage makes the whole run look slow, and the later stages with it.
        """
        components: list[Component] = []
        normal, speed, total = self._forecast.normal, self._later.speed, self._later.total
        common = self._loading * speed.variance / normal.variance  # regression of the speed on this stage
        for point, own in points:
            if total is None:
                components.append(Component.of(point, own, weight, seen))
                continue
            seconds = point + (math.exp(clamped(own).mean) if own is not None else 0.0)
            score = (log_seconds(self._passed + seconds) - normal.mean) / math.sqrt(normal.variance)
            score = max(-_SCORE_BOUND, min(_SCORE_BOUND, score))
            slower = common * score * math.sqrt(normal.variance)
            variance = max(_LEAST_VARIANCE, total.variance - (self._later.loading**2) * common * self._loading)
            after = Normal(total.mean + self._later.loading * slower, variance)
            rest = after if own is None else lognormal_sum([lognormal_moments(own), lognormal_moments(after)])
            components.append(Component.of(point, rest, weight, seen))
        return components


def _pace(reached: float, first: float | None) -> float:
    """Return the log seconds from the first sign to a position; from the beginning where the first sign is later."""
    start = first if first is not None and first < reached else 0.0
    return log_seconds(max(reached - start, _LEAST_PACE))


def _rest_by_clock(usual: Normal, shift: float, passed: float) -> float:
    """Return the median of what the clock leaves of the usual duration, as log seconds."""
    return log_seconds(remaining_points(Normal(usual.mean + shift, usual.variance), passed, 1)[0])


def _averaged(*forecasts: tuple[float, Normal]) -> Normal:
    """Average forecasts by their evidence, which is log odds (Bayesian model averaging, matched by one normal)."""
    most = max(evidence for evidence, _ in forecasts)
    weights = [math.exp(max(-_MAX_LOG_ODDS, evidence - most)) for evidence, _ in forecasts]
    total = math.fsum(weights)
    mean = math.fsum(weight * normal.mean for weight, (_, normal) in zip(weights, forecasts, strict=True)) / total
    spread = math.fsum(
        weight * (normal.variance + (normal.mean - mean) ** 2)
        for weight, (_, normal) in zip(weights, forecasts, strict=True)
    )
    return Normal(mean, spread / total)
