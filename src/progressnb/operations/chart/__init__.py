"""The operation `chart`: a question about tables becomes a query and a drawing.

The folders, lowest first; each file imports only from its own folder or from those before it:

- `query/`: SQL text, and the process that checks and runs it.
- `factors.py`, `texts.py`, `plain.py`, `kept.py`, `files.py`, `tables.py`: the data that goes in, as plain columns.
- `schemas.py`: the results that come out.
- `rules/`: the work without a model. A question is parsed, drafted as SQL, and its rows are checked with pandas.
- `specs/`: the drawing that a model wrote: what acts is taken out, the rest is checked and kept.
- `drawing.py`, `prompts.py`, `drafting.py`, `pipeline.py`: the drawing, the prompts for a model, its drafts, and the
  operation itself.
"""

from progressnb.operations.chart.pipeline import chart
from progressnb.operations.chart.schemas import ChartResult, check_target

__all__ = ["ChartResult", "chart", "check_target"]
