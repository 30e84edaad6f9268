"""Generators and loops that report how far they are."""

from __future__ import annotations

from progressnb.tools.steps import Result
from progressnb.tools.stream import ProgressStream
from progressnb.tools.tool import bind_call, progress
from progressnb.tools.track import atrack, track

__all__ = ["ProgressStream", "Result", "atrack", "bind_call", "progress", "track"]
