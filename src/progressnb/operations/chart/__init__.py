"""`chart`: a chart from a question."""

from .pipeline import chart
from .schemas import ChartResult, check_target

__all__ = ["ChartResult", "chart", "check_target"]
