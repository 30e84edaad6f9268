"""The events of runs as pandas DataFrames and as charts, and pictures of charts."""

from __future__ import annotations

from progressnb.frames.picture import KINDS, can_draw, draw_picture, need_drawing
from progressnb.frames.process import PythonProcessError, begin_python, end_process, error_line, run_python
from progressnb.frames.vega import ShownChart, load_altair, shown

__all__ = [
    "KINDS",
    "PythonProcessError",
    "ShownChart",
    "begin_python",
    "can_draw",
    "draw_picture",
    "end_process",
    "error_line",
    "load_altair",
    "need_drawing",
    "run_python",
    "shown",
]
