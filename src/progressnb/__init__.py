"""Long AI work as an awaitable call: live progress bars, output as it is written, timings in pandas."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from progressnb.current import current_stage
from progressnb.errors import (
    AttachError,
    EventFormatError,
    HistoryError,
    InputError,
    InvalidProgressError,
    InvalidStagesError,
    MissingExtraError,
    ModelError,
    OperationError,
    ProgressError,
    QueryError,
    ResumeError,
    RunCancelled,
    RunEndedError,
    RunFailed,
    ServeError,
    StreamError,
    UnknownRunError,
    UnknownStageError,
)
from progressnb.handle import StageHandle
from progressnb.operation import Operation, operation
from progressnb.progress_stream import ProgressStream
from progressnb.run import Run, cancel_all, runs
from progressnb.settings import Watchable, configure, settings
from progressnb.stage import Stage
from progressnb.steps import Result
from progressnb.streaming_operation import StreamingOperation
from progressnb.text import Text
from progressnb.tools import progress
from progressnb.track import atrack, track
from progressnb.tracker import ProgressTracker

if TYPE_CHECKING:
    from progressnb import samples, testing, web
    from progressnb.agents import ReportProgress
    from progressnb.agui import to_agui
    from progressnb.events import ProgressEvent
    from progressnb.history import History, use_history
    from progressnb.operations.chart import chart
    from progressnb.operations.resume import Customization, customize, demo
    from progressnb.operations.testcases import ApiTestSuite, generate_tests
    from progressnb.operations.text import generate
    from progressnb.operations.toolrun import run_tools
    from progressnb.replaying import replay
    from progressnb.resuming import resume_run
    from progressnb.web.attach import attach
    from progressnb.web.serving import serve

__all__ = [
    "ApiTestSuite",
    "AttachError",
    "Customization",
    "EventFormatError",
    "History",
    "HistoryError",
    "InputError",
    "InvalidProgressError",
    "InvalidStagesError",
    "MissingExtraError",
    "ModelError",
    "Operation",
    "OperationError",
    "ProgressError",
    "ProgressEvent",
    "ProgressStream",
    "ProgressTracker",
    "QueryError",
    "ReportProgress",
    "Result",
    "ResumeError",
    "Run",
    "RunCancelled",
    "RunEndedError",
    "RunFailed",
    "ServeError",
    "Stage",
    "StageHandle",
    "StreamError",
    "StreamingOperation",
    "Text",
    "UnknownRunError",
    "UnknownStageError",
    "__version__",
    "atrack",
    "attach",
    "cancel_all",
    "chart",
    "configure",
    "current_stage",
    "customize",
    "demo",
    "generate",
    "generate_tests",
    "operation",
    "progress",
    "replay",
    "resume_run",
    "run_tools",
    "runs",
    "samples",
    "serve",
    "testing",
    "to_agui",
    "track",
    "use_history",
    "web",
]

__version__ = "0.1.0"

# What needs pydantic-ai, ipywidgets or the like loads at first use: importing this package stays fast.
_LAZY = {
    "attach": "progressnb.web.attach",
    "chart": "progressnb.operations.chart",
    "generate": "progressnb.operations.text",
    "ApiTestSuite": "progressnb.operations.testcases",
    "generate_tests": "progressnb.operations.testcases",
    "replay": "progressnb.replaying",
    "resume_run": "progressnb.resuming",
    "run_tools": "progressnb.operations.toolrun",
    "Customization": "progressnb.operations.resume",
    "History": "progressnb.history",
    "ProgressEvent": "progressnb.events",
    "ReportProgress": "progressnb.agents",
    "customize": "progressnb.operations.resume",
    "demo": "progressnb.operations.resume",
    "serve": "progressnb.web",
    "to_agui": "progressnb.agui",
    "use_history": "progressnb.history",
}
_MODULES = ("samples", "testing", "web")


def __getattr__(name: str) -> object:
    """Load what is heavy when it is first asked for."""
    if name in _MODULES:
        return importlib.import_module(f"progressnb.{name}")
    if name in _LAZY:
        value = getattr(importlib.import_module(_LAZY[name]), name)
        globals()[name] = value
        return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    """List what is there, loaded or not."""
    return sorted({*globals(), *__all__})


def _present(run: Watchable) -> None:
    from progressnb.display import present

    present(run)


settings.presenter = _present
