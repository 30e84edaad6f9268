"""`chart`: a chart from a question."""

from .pipeline import chart
from .schemas import ChartResult

__all__ = ["ChartResult", "chart"]
