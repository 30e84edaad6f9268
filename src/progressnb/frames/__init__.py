"""The events of runs as pandas DataFrames and as charts, and pictures of charts. Altair loads with the first chart."""

from __future__ import annotations

from progressnb.errors import MissingExtraError

try:
    import pandas as pd  # noqa: F401 # pyright: ignore[reportUnusedImport] - only whether it is there
except ImportError as error:  # in a browser: PyPI has no wheel of it for Pyodide
    what, remedy = "pandas, for DataFrames and plots", "Install it: pip install pandas"
    raise MissingExtraError(what, f"none ({error})", remedy) from error

from progressnb.frames.batches import item_stages_frame, items_frame, rows_of
from progressnb.frames.columns import local_times
from progressnb.frames.exact import frame_node, restored_frame
from progressnb.frames.frames import events_frame, fields_frame, timings_frame
from progressnb.frames.item_events import item_events_frame
from progressnb.frames.picture import KINDS, Kind, can_draw, draw_picture, need_drawing
from progressnb.frames.plots import stages_chart, timeline_chart
from progressnb.frames.process import PythonProcessError, begin_python, end_process, error_line, run_python
from progressnb.frames.runs import comparison_frame, runs_frame, stage_frame
from progressnb.frames.sheets import csv_text
from progressnb.frames.vega import ShownChart, load_altair, shown

__all__ = [
    "KINDS",
    "Kind",
    "PythonProcessError",
    "ShownChart",
    "begin_python",
    "can_draw",
    "comparison_frame",
    "csv_text",
    "draw_picture",
    "end_process",
    "error_line",
    "events_frame",
    "fields_frame",
    "frame_node",
    "item_events_frame",
    "item_stages_frame",
    "items_frame",
    "load_altair",
    "local_times",
    "need_drawing",
    "restored_frame",
    "rows_of",
    "run_python",
    "runs_frame",
    "shown",
    "stage_frame",
    "stages_chart",
    "timeline_chart",
    "timings_frame",
]
