"""The runner of the cases in cases.json: the same for every API. The cases are data, and no code comes from them."""

from .of_model import run
from .outcome import Outcome
from .session import Session
from .suite import Suite

__all__ = ["Outcome", "Session", "Suite", "run"]
