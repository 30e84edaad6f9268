"""The time that a run will take, learned from past runs.

Three words: `Knowledge` is what past runs of one operation and model teach, a forecast is a distribution of seconds,
and a `RunEstimator` follows one run and answers with a percent and the seconds that remain. `PastRuns` makes
estimators from a history; those of an operation share one knowledge, a `Lesson`.
"""

from __future__ import annotations

from progressnb.learning.distributions import Interval
from progressnb.learning.estimator import RunEstimator
from progressnb.learning.knowledge import Knowledge
from progressnb.learning.source import PastRuns, RunStore

__all__ = ["Interval", "Knowledge", "PastRuns", "RunEstimator", "RunStore"]
