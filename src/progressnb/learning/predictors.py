"""Predictors of a stage's duration: how much the finished stages of the same run wrote.

A stage may take longer when an earlier one listed more items, wrote more characters or used more tokens. Each of these
is a candidate line over past runs. The candidates and the plain forecast are averaged by their evidence (Bayesian model
averaging), so that a candidate without evidence changes little.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from progressnb.learning.distributions import Normal
from progressnb.learning.statistics import LineFit, fit_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from progressnb.folds.course import PastRun
    from progressnb.learning.stages import StageKnowledge

__all__ = ["Adjustment", "Predictor", "adjustment", "predictors_of"]

_QUANTITIES = ("items", "characters", "tokens")
_SLOPE, _SLOPE_DEVIATION = 0.5, 0.5  # prior: the exponent of duration over quantity
_NOISE_COUNT = 4.0
_MAX_EVIDENCE = 50.0


class Predictor(NamedTuple):
    """The logarithm of a quantity, in the past runs of a stage and in the run that goes on."""

    past: list[float]
    now: float


class Adjustment(NamedTuple):
    """The shift that predictors add to a plain forecast of log seconds, and the variance of both together.

    `past_shifts` has the shift that each past run of the stage would have got.
    """

    shift: float
    variance: float
    past_shifts: list[float]


def predictors_of(
    stage: StageKnowledge, past: Sequence[PastRun], live: PastRun, finished: Iterable[str]
) -> list[Predictor]:
    """Return the quantities of finished stages that are known now and in every past run of a stage."""
    found: list[Predictor] = []
    for path in finished:
        for quantity in _QUANTITIES:
            now = float(getattr(live.stages[path], quantity))
            before = [getattr(past[at].stages[path], quantity) if path in past[at].stages else 0 for at in stage.runs]
            if now > 0 and min(before) > 0 and max(before) != min(before):
                found.append(Predictor([math.log(value) for value in before], math.log(now)))
    return found


def adjustment(
    stage: StageKnowledge, residuals: Sequence[float], variance: float, predictors: Sequence[Predictor]
) -> Adjustment:
    """Average over the candidate lines and over no line at all.

    `residuals` are the stage's past log seconds less what the plain forecast explains of them; `variance` is that of
    the plain forecast.
    """
    lines = [
        fit_line(
            residuals,
            predictor.past,
            stage.location,
            noise=variance,
            slope=_SLOPE,
            slope_deviation=_SLOPE_DEVIATION,
            noise_count=_NOISE_COUNT,
        )
        for predictor in predictors
    ]
    odds = [math.exp(min(_MAX_EVIDENCE, line.evidence)) / len(lines) for line in lines]
    total = 1.0 + sum(odds)
    seen = [_shifted(line, predictor) for line, predictor in zip(lines, predictors, strict=True)]
    shift = math.fsum(odd * own.mean for odd, own in zip(odds, seen, strict=True)) / total
    spread = math.fsum(odd * (own.variance + (own.mean - shift) ** 2) for odd, own in zip(odds, seen, strict=True))
    past_shifts = [
        math.fsum(
            odd * (line.slope * (predictor.past[at] - line.predictor_mean))
            for odd, line, predictor in zip(odds, lines, predictors, strict=True)
        )
        / total
        for at in range(len(residuals))
    ]
    return Adjustment(shift, (variance + spread + shift**2) / total, past_shifts)


def _shifted(line: LineFit, predictor: Predictor) -> Normal:
    predicted = line.at(predictor.now)
    return Normal(predicted.mean - line.value_mean, predicted.variance)
