"""The runner of the cases in cases.json: the same for every API. It reads the cases as data and runs nothing of them."""

from .running import Outcome, Session, run
from .suite import Suite

__all__ = ["Outcome", "Session", "Suite", "run"]
