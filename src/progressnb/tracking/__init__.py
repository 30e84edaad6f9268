"""The writing side of a run: trackers and stages, which turn what code reports into events."""

from __future__ import annotations

from progressnb.tracking.handle import StageHandle, current_stage
from progressnb.tracking.session import configure
from progressnb.tracking.stage import Stage
from progressnb.tracking.tracker import ProgressTracker
from progressnb.tracking.views import register_view

__all__ = ["ProgressTracker", "Stage", "StageHandle", "configure", "current_stage", "register_view"]
