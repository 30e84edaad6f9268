"""Long AI work as an awaitable call: live progress bars, output as it is written, timings in pandas.

- Your own work: `operation`, `StreamingOperation`, `ProgressTracker`, `current_stage`, `track`, `atrack`, `progress`;
  in threads and processes `carry` and `workers`.
- Other libraries: `watch` (agents, LangChain, OpenTelemetry), `stream` (any client), `catch_tqdm`,
  `ReportProgress` (one agent).
- Many runs: `batch`, with `BatchFailed` and `BatchStopped`.
- Runs: `Run`, `runs`, `last_run`, `cancel_all`, `replay`, `resume_run`, `Budget`, `Retry`, `Stage`.
- Work that is there: `generate`, `chart`, `customize`, `generate_tests`, `run_tools`; `demo` and `samples` to try it.
- Kept and served: `use_history`, `History`, `serve`, `attach`; `configure` for the settings.
- More names, by kind: `errors`, `events`, `interop`, `testing`, `web`.

Each name is loaded at its first use, as in `pnb.track` or `from progressnb import track`; then `help(pnb.track)` says
more. A scan, which asks for each name that `dir(pnb)` lists, gets all of them and loads none.
"""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

    from progressnb import errors as errors
    from progressnb import events as events
    from progressnb import interop as interop
    from progressnb import samples as samples
    from progressnb import testing as testing
    from progressnb import web as web
    from progressnb.agents import ReportProgress
    from progressnb.batching import batch
    from progressnb.errors import BatchFailed, BatchStopped, ProgressError
    from progressnb.execution import (
        Operation,
        Run,
        StreamingOperation,
        cancel_all,
        operation,
        replay,
        resume_run,
        runs,
    )
    from progressnb.execution.watched import WatchedRun
    from progressnb.history import History, use_history
    from progressnb.interop.streams import stream
    from progressnb.interop.tqdm import catch_tqdm
    from progressnb.interop.watch import watch
    from progressnb.operations.chart import chart
    from progressnb.operations.resume import customize, demo
    from progressnb.operations.testcases import generate_tests
    from progressnb.operations.text import generate
    from progressnb.operations.toolrun import run_tools
    from progressnb.tools import ProgressStream, Result, atrack, progress, track
    from progressnb.tools.workers import workers
    from progressnb.tracking import (
        Budget,
        ProgressTracker,
        Retry,
        Stage,
        StageHandle,
        carry,
        configure,
        current_stage,
    )
    from progressnb.web import attach, serve

    last_run: Run[Any] | WatchedRun | None

__all__ = [
    "BatchFailed",
    "BatchStopped",
    "Budget",
    "History",
    "Operation",
    "ProgressError",
    "ProgressStream",
    "ProgressTracker",
    "ReportProgress",
    "Result",
    "Retry",
    "Run",
    "Stage",
    "StageHandle",
    "StreamingOperation",
    "__version__",
    "atrack",
    "attach",
    "batch",
    "cancel_all",
    "carry",
    "catch_tqdm",
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
    "stream",
    "track",
    "use_history",
    "watch",
    "workers",
]

__version__ = "0.2.0.dev0"

# Where each name lives, or None for a module. Nothing is loaded before it is first asked for.
_TABLE = {
    "BatchFailed": "errors",
    "BatchStopped": "errors",
    "Budget": "tracking",
    "History": "history",
    "Operation": "execution",
    "ProgressError": "errors",
    "ProgressStream": "tools",
    "ProgressTracker": "tracking",
    "ReportProgress": "agents",
    "Result": "tools",
    "Retry": "tracking",
    "Run": "execution",
    "Stage": "tracking",
    "StageHandle": "tracking",
    "StreamingOperation": "execution",
    "atrack": "tools",
    "attach": "web",
    "batch": "batching",
    "cancel_all": "execution",
    "carry": "tracking",
    "catch_tqdm": "interop.tqdm",
    "chart": "operations.chart",
    "configure": "tracking",
    "current_stage": "tracking",
    "customize": "operations.resume",
    "demo": "operations.resume",
    "errors": None,
    "events": None,
    "generate": "operations.text",
    "generate_tests": "operations.testcases",
    "interop": None,
    "operation": "execution",
    "progress": "tools",
    "replay": "execution",
    "resume_run": "execution",
    "run_tools": "operations.toolrun",
    "runs": "execution",
    "samples": None,
    "serve": "web",
    "stream": "interop.streams",
    "testing": None,
    "track": "tools",
    "use_history": "history",
    "watch": "interop.watch",
    "web": None,
    "workers": "tools.workers",
}

# A name whose value changes is asked for each time, hence not in `__all__`: `from progressnb import *` would fix it.
_CHANGING = ("last_run",)

# Names that are looked for here, by the namespace that they are in.
_ELSEWHERE = {
    "events": (
        "CancelledEvent",
        "ContentEvent",
        "DoneEvent",
        "ErrorEvent",
        "Event",
        "ItemEvent",
        "ProgressEvent",
        "StartedEvent",
    ),
    "interop": ("OtelExport", "from_mcp", "to_agui", "to_mcp", "to_otel"),
    "web": ("Limits", "Text", "create_app", "sse", "websocket"),
}


class _Listed(str):
    """A name as `dir()` lists it, which tells a scan from a use: what a scan gets loads nothing by itself.

    Who asks for names as they are listed looks at every module or at every name: freezegun below a clock that stands
    still, where pandas crashes while it loads, a debugger's view of variables, the completer of Python's shell.
    """

    __slots__ = ()


class _Later:
    """The value of a name that a scan asked for: used in any way, it is loaded and stands for the value itself."""

    __slots__ = ("_name",)

    def __init__(self, name: str) -> None:
        self._name = name

    def __repr__(self) -> str:
        return f"<{__name__}.{self._name}, loaded at its first use>"

    def __getattr__(self, name: str) -> object:
        # A scan asks for special names alone: `__wrapped__`, `_mock_methods`, `_repr_html_`.
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(self._load(), name)

    def __call__(self, *args: object, **kwargs: object) -> object:
        return self._load()(*args, **kwargs)

    def __mro_entries__(self, _bases: tuple[object, ...]) -> tuple[object, ...]:
        return (self._load(),)

    def __instancecheck__(self, instance: object) -> bool:
        return isinstance(instance, self._load())

    def __subclasscheck__(self, subclass: type) -> bool:
        return issubclass(subclass, self._load())

    def _load(self) -> Any:  # noqa: ANN401 - of any type
        return getattr(sys.modules[__name__], self._name)


def _prepare_notebook() -> None:
    """Let a notebook's page have the panel's script before the first run: it comes at the end of the importing cell.

    In a cell that blocks the kernel a page could not say whether it draws panels. Nothing is loaded before the cell's
    end.
    """
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    if shell is None or getattr(shell, "kernel", None) is None:
        return

    def prepare(_result: object = None) -> None:
        shell.events.unregister("post_run_cell", prepare)
        importlib.import_module("progressnb.display").prepare()

    shell.events.register("post_run_cell", prepare)


def load_ipython_extension(shell: object) -> None:
    """Let every agent of a notebook report, as `watch()` does: `%load_ext progressnb`."""
    importlib.import_module("progressnb.interop.watch").load_ipython_extension(shell)


def unload_ipython_extension(shell: object) -> None:
    """Take back what `watch` does: `%unload_ext progressnb`."""
    importlib.import_module("progressnb.interop.watch").unload_ipython_extension(shell)


def __getattr__(name: str) -> object:
    """Load a name when it is first used; `last_run`, the latest run of the session, is looked up each time."""
    if name == "last_run":
        execution = sys.modules.get("progressnb.execution")  # without it there was no run
        return execution.latest_run() if execution is not None else None
    if name not in _TABLE:
        home = _namespace_of(name)
        remedy = f": it is in pnb.{home}" if home else _near(name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}{remedy}")
    if type(name) is _Listed:
        return _Later(str(name))
    home = _TABLE[name]
    with importlib.import_module("progressnb.imports").undisturbed():
        module = importlib.import_module(f"progressnb.{home or name}")
        if home is None:
            return module
        value = globals()[name] = getattr(module, name)
    return value


def _namespace_of(name: str) -> str | None:
    """Return the namespace that a public name belongs to, for an error message; only the errors are loaded for it."""
    if name.endswith(("Error", "Failed", "Cancelled", "Cut", "Exceeded", "Stopped")):
        return "errors" if name in importlib.import_module("progressnb.errors").__all__ else None
    return next((home for home, names in _ELSEWHERE.items() if name in names), None)


def _near(name: str) -> str:
    """Return the public names that are like one that is none, for an error message: IPython suggests nothing."""
    if name.startswith("_"):
        return ""  # tools ask every module for such names
    plain = {each.lower(): each for each in (*_TABLE, *_CHANGING)}
    close = importlib.import_module("difflib").get_close_matches(name.lower(), plain, n=3, cutoff=0.7)
    begun = [each for each in plain if len(name) > 2 and each.startswith(name.lower())]  # noqa: PLR2004 - as "Stop"
    inside = [each for each in plain if len(name) > 2 and name.lower() in each]  # noqa: PLR2004
    found = [f"pnb.{plain[each]}" for each in dict.fromkeys([*begun, *close, *inside])][:3]
    return f": did you mean {' or '.join(found)}?" if found else ""


def __dir__() -> list[str]:
    """List the public names, loaded or not."""
    return [_Listed(name) for name in sorted({*__all__, *_TABLE, *_CHANGING})]


_prepare_notebook()
