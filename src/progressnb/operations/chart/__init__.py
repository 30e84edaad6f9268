"""`chart`: a chart from a question."""

from progressnb.operations.chart.pipeline import chart
from progressnb.operations.chart.schemas import ChartResult

__all__ = ["ChartResult", "chart"]
