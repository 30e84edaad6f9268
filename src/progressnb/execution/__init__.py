"""One execution of an operation: the run that is awaited, watched, cancelled, replayed and taken up again."""

from __future__ import annotations

from progressnb.execution.acts import act
from progressnb.execution.latest import latest_run
from progressnb.execution.operation import Operation, operation
from progressnb.execution.replay import replay
from progressnb.execution.resume import resume_run
from progressnb.execution.run import Run, cancel_all, runs
from progressnb.execution.streaming import StreamingOperation

__all__ = [
    "Operation",
    "Run",
    "StreamingOperation",
    "act",
    "cancel_all",
    "latest_run",
    "operation",
    "replay",
    "resume_run",
    "runs",
]
