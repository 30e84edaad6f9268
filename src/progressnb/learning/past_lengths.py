"""The lengths of a stage's past outputs, and what they say of the one that is being written.

Outputs of a stage are alike, or they may have any length. A few past ones don't tell which, so both are held possible.
How likely the first is follows from the spread of the past lengths, and from the run itself: an output that grows
beyond all past ones has refuted them.
"""

from __future__ import annotations

import math
from statistics import NormalDist, fmean, variance
from typing import TYPE_CHECKING

from progressnb.learning.distributions import Normal, remaining_points
from progressnb.learning.statistics import student_inflation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from progressnb.folds.course import StageCourse

__all__ = ["PastLengths"]

_ALIKE = 0.4  # the deviation of log characters up to which outputs are alike
_ALIKE_DEVIATION, _ALIKE_COUNT = 0.35, 1.0  # prior: of outputs that are alike, and lengths that it is worth
_ANY_DEVIATION, _ANY_COUNT = 1.33, 4.0  # of outputs of any length: log-uniform over a factor of 100
_MOST = 0.97  # the share at which an open output is left
_FREEDOM = 3
_STANDARD = NormalDist()


class PastLengths:
    """The lengths in characters of a stage's past outputs.

    `shifts` are what the finished stages of each past run told of its length, and `shift` those of this run, in
    logarithms. `trust` is how likely it is, 0–1, that the outputs are alike otherwise. It is 1 where lengths were not
    kept.
    """

    def __init__(self, courses: Sequence[StageCourse], shifts: Sequence[float], shift: float) -> None:
        pairs = zip(courses, shifts, strict=True)
        logs = [math.log(course.characters) - own + shift for course, own in pairs if course.characters]
        freedom = max(0, len(logs) - 1)
        squares = freedom * variance(logs) if freedom else 0.0
        self.trust = 1.0
        self._alike = self._any = None
        if logs:
            center, more = fmean(logs), 1 + 1 / len(logs)
            count = _ALIKE_COUNT + freedom
            alike = _ALIKE_COUNT * _ALIKE_DEVIATION**2 + squares
            self.trust = _chance_above(alike / _ALIKE**2, count)
            any_length = (_ANY_COUNT * _ANY_DEVIATION**2 + squares) / (_ANY_COUNT + freedom)
            self._any = Normal(center, any_length * more)
            self._alike = Normal(
                center, min(any_length, alike / count * student_inflation(_FREEDOM + len(logs))) * more
            )

    def trust_at(self, characters: int) -> float:
        """Return how likely it is, 0–1, that an output which has so many characters by now is like the past ones."""
        if self._alike is None or self._any is None or not characters:
            return self.trust
        alike = self.trust * _survival(self._alike, characters)
        any_length = (1 - self.trust) * _survival(self._any, characters)
        return alike / max(1e-300, alike + any_length)

    def share(self, characters: int, reported: float) -> float:
        """Return which share is written, 0–1, if the output may have any length; 0 where nothing is known.

        It lies between what the stage itself reports, 0–1, and what past lengths say, which count the more the nearer
        they are to each other.

        A look at an output of N characters counts 1 / N, as in `usual_total`; 1 / N times a lognormal is one again,
        lower by its variance.
        """
        if self._any is None or not characters:
            return reported
        seen = Normal(self._any.mean - self._any.variance, self._any.variance)
        past = min(_MOST, characters / (characters + remaining_points(seen, characters, 1)[0]))
        if not 0 < reported < 1:
            return past
        weight = _ANY_DEVIATION**2 / (_ANY_DEVIATION**2 + self._any.variance)
        odds: float = (past / (1 - past)) ** weight * (reported / (1 - reported)) ** (1 - weight)
        return odds / (1 + odds)


def _survival(normal: Normal, characters: int) -> float:
    return 0.5 * math.erfc((math.log(characters) - normal.mean) / math.sqrt(2 * normal.variance))


def _chance_above(value: float, freedom: float) -> float:
    """Return the probability that chi-squared is above a value (the approximation of Wilson and Hilferty)."""
    spread = 2 / (9 * freedom)
    return 1 - _STANDARD.cdf((math.cbrt(value / freedom) - (1 - spread)) / math.sqrt(spread))
