"""Learned durations: an honest percent, the time remaining and what silence is too long, from past runs.

At time t of a run that takes T, a bar should show 100·t/T. What is left, T - t, is not known, but past
runs say how it is distributed; of all figures the one with its median is off by the least on average.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from progressnb.folds.course import PastRun
from progressnb.learning.following import POINTS, Follow, Outlook, log_of
from progressnb.learning.knowledge import Forecast, Knowledge
from progressnb.learning.statistics import Normal, Part, log, moments, quantile, rest_points, sum_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from progressnb.folds.course import StageCourse
    from progressnb.learning.stages import StageKnowledge
    from progressnb.wire.events import Event

__all__ = ["Estimates", "Interval", "LearnedEstimator"]

MANY = 50
"""Top stages with which a run counts as a batch: how many are done says enough, and there is no opinion."""

_UNKNOWN_VARIANCE = 0.64  # of a stage that no past run had
_KNOWN_SHARE = 0.5  # of the declared weights; with less known there is no opinion
_LIKELY = 0.5  # the chance from which on a stage is waited for
_OFTEN = 0.1  # seconds between two answers that differ, while no stage begins or ends
_MOST_AHEAD = 0.05  # of the run: a bar does not begin in its middle
_LONGEST_WAIT = 1.0  # seconds between two events: there is a ticker
_MODESTY = 1.02  # no model is quite right: intervals are wider than it says
_PATIENCE = 10.0  # seconds of silence that are no stall, whatever runs needed


class Interval(NamedTuple):
    """Seconds that remain: less than `p10` in one case of ten, than `p50` in five, than `p90` in nine."""

    p10: float
    p50: float
    p90: float


class Estimates:
    """What past runs of one operation and model say of the next.

    ::

        estimator = Estimates([PastRun.of(events) for events in logs]).begin()
    """

    def __init__(self, past: Sequence[PastRun]) -> None:
        self.knowledge = Knowledge(past)

    def begin(self, live: PastRun | None = None) -> LearnedEstimator:
        """Return an estimator for a run that is about to begin, or for one that somebody else feeds."""
        return LearnedEstimator(self.knowledge, live)


class LearnedEstimator:
    """Follow one run and say how far it is. Not thread-safe: called under the run's lock."""

    def __init__(self, knowledge: Knowledge, live: PastRun | None = None) -> None:
        self._knowledge = knowledge
        self._live = PastRun() if live is None else live
        self._began: tuple[int, int] = (-1, -1)
        self._outlook: Outlook | None = None
        self._forecasts: dict[str, Forecast] = {}
        self._positions: dict[str, tuple[float, float, float]] = {}  # attempt, position, when it was come to
        self._asked = 0.0
        self._shown: float | None = None
        self._pace = _LONGEST_WAIT  # the time between two questions
        self._known: bool | None = None
        self._second_weight: float | None = None

    def observe(self, event: Event) -> None:
        """Learn of an event of this run; they come in order."""
        self._live.observe(event)

    def overall(self, elapsed: float) -> float | None:
        """Return the percent to show at this time, 0–100, or None where past runs say nothing of this one."""
        if not self._opinion():
            return None
        # Events of many stages at once come much more often than anybody looks.
        if self._shown is not None and 0 <= elapsed - self._asked < _OFTEN and self._state() == self._began:
            return self._shown
        parts = self._left(elapsed)
        if parts is None:
            return None
        # What is shown stays until the next event: what holds in the middle of that time is off the least.
        if elapsed > self._asked:
            self._pace += 0.2 * (min(_LONGEST_WAIT, elapsed - self._asked) - self._pace)
            self._asked = elapsed
        total = elapsed + quantile(parts, 0.5)
        ahead = min(self._pace / 2, _MOST_AHEAD * total)
        self._shown = min(100.0, 100.0 * (elapsed + ahead) / total) if total > 0 else 0.0
        return self._shown

    def remaining(self, elapsed: float) -> Interval | None:
        """Return the seconds that remain, or None where past runs say nothing of this one."""
        parts = self._left(elapsed)
        if parts is None:
            return None
        low, middle, high = (quantile(parts, share) for share in (0.1, 0.5, 0.9))
        below, above = max(0.0, middle - low), max(0.0, high - middle)
        return Interval(max(0.0, middle - _MODESTY * below), middle, middle + _MODESTY * above)

    def silence(self, path: str, seconds: float) -> float | None:
        """Return the longest silence that a stage has ever needed, in seconds, if this one is longer; else None."""
        known = self._knowledge.stages.get(path.partition("/")[0])
        if known is None or seconds <= max(_PATIENCE, known.longest_silence):
            return None
        return known.longest_silence

    # --- what is left ---------------------------------------------------------------------------

    def _left(self, elapsed: float) -> list[Part] | None:
        if not self._opinion():
            return None
        begun = self._live.begun
        state = self._state()
        if self._outlook is None or state != self._began:
            self._began = state
            self._outlook = self._look_ahead()
        outlook = self._outlook
        at_work = [self._stage_left(stage, elapsed, outlook) for stage in begun if stage.ended is None]
        tail = self._knowledge.tail
        if at_work:
            # Side by side, the one that takes longest counts; what comes after has been learned as added time.
            parts = max(at_work, key=lambda parts: quantile(parts, 0.5))
        elif outlook.first is not None:
            after = outlook.after_first
            parts = [
                Part(point, *log_of(after))
                for point in rest_points(outlook.first, elapsed - self._live.frontier, POINTS)
            ]
        else:
            since = elapsed - self._live.frontier
            return [Part(tail - since if since < tail else 0.1 * since, -math.inf, 0.0)]
        return [Part(part.sure + tail, part.mean, part.deviation) for part in parts] if tail else parts

    def _state(self) -> tuple[int, int]:
        return self._live.opened, self._live.ended

    def _opinion(self) -> bool:
        if len(self._live.stages) > MANY or len(self._knowledge.stages) > MANY:
            return False
        if self._known is None or not self._live.begun:
            declared, stages = self._live.declared, self._knowledge.stages
            if declared:
                self._known = sum(weight for path, weight in declared.items() if path in stages) >= _KNOWN_SHARE
            else:
                self._known = bool(stages)
        return self._known

    def _look_ahead(self) -> Outlook:
        live, knowledge = self._live, self._knowledge
        scores = knowledge.scores(live)
        speed = knowledge.speed(scores)
        for stage in live.begun:
            known = knowledge.stages.get(stage.path)
            if stage.ended is None and known is not None and stage.path not in self._forecasts:
                self._forecasts[stage.path] = knowledge.forecast(known, live, scores)
        lasting: list[tuple[float, float]] = []
        loadings: list[tuple[float, float]] = []
        following: tuple[int, Normal] | None = None
        expected: dict[str, Forecast] = {}
        for path in self._to_come():
            chance = knowledge.chance(path, live)
            if not chance:
                continue
            known = knowledge.stages.get(path)
            if known is None:
                normal = self._unknown(path)
            else:
                expected[path] = forecast = knowledge.forecast(known, live, scores)
                normal = forecast.normal
            loading = known.deviation * math.sqrt(knowledge.shared) if known is not None else 0.0
            own = max(1e-6, normal.variance - loading**2 * speed.variance)
            mean, variance = moments(Normal(normal.mean + loading**2 * speed.variance / 2, own))
            lasting.append((chance * mean, chance * (variance + mean**2) - (chance * mean) ** 2))
            loadings.append((chance * mean, loading))
            if following is None and chance > _LIKELY:
                following = len(lasting) - 1, normal
        total = sum(mean for mean, _ in loadings)
        loading = sum(mean * own for mean, own in loadings) / total if total else 0.0
        shared = loading**2 * speed.variance
        rest = sum_of(lasting, shared)
        if rest is not None:
            rest = Normal(rest.mean, knowledge.checked_variance(rest.variance, expected))
        if following is None:
            return Outlook(rest, loading, speed, None, rest)
        at, normal = following
        return Outlook(rest, loading, speed, normal, sum_of([*lasting[:at], *lasting[at + 1 :]], shared))

    def _to_come(self) -> list[str]:
        live, knowledge = self._live, self._knowledge
        seen = {path for path, stage in live.stages.items() if stage.began is not None or stage.status == "skipped"}
        return [path for path in dict.fromkeys((*live.declared, *knowledge.stages)) if path not in seen]

    def _unknown(self, path: str) -> Normal:
        # As long as its weight says, where the weights of others say how long that is.
        stages, declared = self._knowledge.stages, self._live.declared
        if self._second_weight is None:
            both = [(path, weight) for path, weight in declared.items() if path in stages and weight > 0]
            seconds = math.fsum(math.exp(stages[path].location.middle) for path, _ in both)
            weights = math.fsum(weight for _, weight in both)
            self._second_weight = seconds / weights if weights else 0.0
        expected = self._second_weight * declared.get(path, 0.0)
        if not expected:
            expected = math.exp(math.fsum(stage.location.middle for stage in stages.values()) / len(stages))
        return Normal(log(expected), _UNKNOWN_VARIANCE)

    # --- one stage ---------------------------------------------------------------------------------

    def _stage_left(self, stage: StageCourse, elapsed: float, outlook: Outlook) -> list[Part]:
        known = self._knowledge.stages.get(stage.path)
        passed = elapsed - stage.attempt
        if known is None:
            normal = self._unknown(stage.path)
            return [Part(point, *log_of(outlook.rest)) for point in rest_points(normal, passed, POINTS)]
        forecast = self._forecasts[stage.path]
        curves = known.curves
        follow = Follow(known, forecast, outlook, passed, self._knowledge.shared)
        if curves is None:
            return follow.parts((point, None) for point in rest_points(forecast.normal, passed, POINTS))
        at = self._position(stage, known)
        return follow.before_first_sign() if at is None else follow.after(*at, self._first(stage), passed)

    def _first(self, stage: StageCourse) -> float:
        return (stage.first_sign or stage.attempt) - stage.attempt

    def _position(self, stage: StageCourse, known: StageKnowledge) -> tuple[float, float] | None:
        """Return the position and when it was come to, since the attempt began; None before the first sign."""
        if not stage.marks:
            return None
        mark = stage.marks[-1]
        here, when = known.position(stage, mark), mark.time - stage.attempt
        attempt, before, since = self._positions.get(stage.path, (-1.0, -1.0, 0.0))
        if attempt == stage.attempt and before >= here:
            return before, since
        self._positions[stage.path] = (stage.attempt, here, when)
        return here, when
