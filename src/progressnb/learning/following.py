"""How a stage at work goes on, from where it is, and what that says of the stages after it.

Three opinions are heard: that the rest takes as long as the clock leaves of a usual duration, that this
has been so but for what the position adds, and that what began slowly goes on slowly. Each counts as much as it
would have been right in past runs.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from progressnb.learning.statistics import (
    Normal,
    Part,
    bounded,
    compare,
    explain,
    locate,
    log,
    moments,
    own_spread,
    rest_points,
    sum_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from progressnb.learning.knowledge import Forecast, Speed
    from progressnb.learning.stages import StageKnowledge

__all__ = ["POINTS", "Follow", "Outlook", "log_of"]

POINTS = 13
"""Possibilities that stand for a distribution."""

_PACE, _PACE_SPREAD = 0.7, 0.4  # how much of a slow beginning goes on in a stage, before runs say more
_CLOCK_SPREAD = 0.2
_EARLY = 0.05  # the position before which the pace says little
_LEAST_LEFT = 0.01


class Outlook(NamedTuple):
    """What is expected of all stages that have not begun, and of the run's speed."""

    rest: Normal | None  # the logarithm of their seconds
    loading: float  # by how much that moves with the run's speed
    speed: Speed
    first: Normal | None  # of the one that comes next
    after_first: Normal | None


class Follow:
    """How one stage goes on, and what that says of those after it."""

    def __init__(
        self, known: StageKnowledge, forecast: Forecast, outlook: Outlook, passed: float, shared: float
    ) -> None:
        self._known = known
        self._forecast = forecast
        self._outlook = outlook
        self._passed = passed
        self._loading = known.deviation * math.sqrt(shared)

    def parts(self, points: Iterable[tuple[float, Normal | None]]) -> list[Part]:
        """Return each possibility for this stage with what it says of the others."""
        parts: list[Part] = []
        normal, speed, rest = self._forecast.normal, self._outlook.speed, self._outlook.rest
        common = self._loading * speed.variance / normal.variance
        for point, own in points:
            if rest is None:
                parts.append(Part(point, *log_of(own)))
                continue
            seconds = point + (math.exp(bounded(own).mean) if own is not None else 0.0)
            off = max(-3.0, min(3.0, (log(self._passed + seconds) - normal.mean) / math.sqrt(normal.variance)))
            faster = common * off * math.sqrt(normal.variance)
            variance = max(1e-6, rest.variance - (self._outlook.loading**2) * common * self._loading)
            after = Normal(rest.mean + self._outlook.loading * faster, variance)
            both = after if own is None else sum_of([moments(own), moments(after)])
            parts.append(Part(point, *log_of(both)))
        return parts

    def before_first_sign(self) -> list[Part]:
        """Wait for the first sign, then for the rest; by the clock alone where waits don't tell."""
        model = self._known.waiting
        if model is None:
            points = rest_points(self._forecast.normal, self._passed, POINTS)
            return self.parts((point, None) for point in points)
        found: list[tuple[float, Normal | None]] = []
        for point in rest_points(model.wait, self._passed, POINTS):
            seen = model.rest.at(log(self._passed + point))
            found.append((point, Normal(seen.mean + self._forecast.shift, seen.variance)))
        return self.parts(found)

    def after(self, position: float, when: float, first: float, passed: float) -> list[Part]:
        """Go on from a position, as past runs went on from there."""
        known, forecast = self._known, self._forecast
        curves = known.curves or ()
        paces: list[float] = []
        clocks: list[float] = []
        lefts: list[float] = []
        usual = Normal(known.location.middle, known.variance)
        for curve, shift in zip(curves, forecast.past_shifts, strict=True):
            came = curve.passed(position)
            start = curve.first if curve.first is not None and curve.first < came else 0.0
            paces.append(log(max(came - start, 0.05)) - shift)
            clocks.append(_usual_rest(usual, shift, came) - shift)
            lefts.append(log(max(_LEAST_LEFT * curve.duration, curve.duration - came)) - shift)
        start = first if first < when else 0.0
        location = locate(lefts, known.fading, own_spread(lefts, known.deviation))
        noise = known.variance / 2
        weight = position / (position + _EARLY)
        by_pace = explain(lefts, paces, location, noise=noise, slope=_PACE * weight, slope_spread=_PACE_SPREAD)
        by_clock = explain(lefts, clocks, location, noise=noise, slope=1.0, slope_spread=_CLOCK_SPREAD)
        pace = by_pace.at(log(max(when - start, 0.05)) - forecast.shift)
        now = _usual_rest(usual, forecast.shift, when) - forecast.shift
        unmoved = compare(lefts, clocks, location, noise=noise)
        normal = _blend(
            (by_pace.evidence, pace),
            (by_clock.evidence, by_clock.at(now)),
            (unmoved.evidence, Normal(now, unmoved.variance)),
        )
        normal = Normal(normal.mean + forecast.shift, normal.variance)
        return self.parts((point, None) for point in rest_points(normal, passed - when, POINTS))


def _blend(*opinions: tuple[float, Normal]) -> Normal:
    """Return what opinions say together, each with its evidence, which is a logarithm of odds."""
    most = max(evidence for evidence, _ in opinions)
    weights = [math.exp(max(-50.0, evidence - most)) for evidence, _ in opinions]
    total = math.fsum(weights)
    mean = math.fsum(weight * normal.mean for weight, (_, normal) in zip(weights, opinions, strict=True)) / total
    spread = math.fsum(
        weight * (normal.variance + (normal.mean - mean) ** 2)
        for weight, (_, normal) in zip(weights, opinions, strict=True)
    )
    return Normal(mean, spread / total)


def _usual_rest(usual: Normal, shift: float, passed: float) -> float:
    """Return the logarithm of what is left by the clock alone."""
    return log(rest_points(Normal(usual.mean + shift, usual.variance), passed, 1)[0])


def log_of(normal: Normal | None) -> tuple[float, float]:
    """Return the mean and the deviation of a logarithm; of nothing, that of 0."""
    if normal is None:
        return -math.inf, 0.0
    mean, variance = bounded(normal)
    return mean, math.sqrt(variance)
