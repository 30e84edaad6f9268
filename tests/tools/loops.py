"""Helpers for tests of tracked loops: runs that would be shown, a stage on a clock that stands still, programs."""

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

from progressnb.folds.state import StageState
from progressnb.testing import ManualClock
from progressnb.tracking.current import current_stage
from progressnb.tracking.protocols import Watchable
from progressnb.tracking.session import configure
from progressnb.tracking.tracker import ProgressTracker

__all__ = ["found", "outline", "run_cells", "run_script", "shown", "stage_of_a_run", "wait_for"]

WAIT = 60.0  # seconds until a condition counts as never to come, also on a busy machine


@contextlib.contextmanager
def shown() -> Iterator[list[Watchable]]:
    """Collect the runs that would be shown."""
    runs: list[Watchable] = []
    with configure.local(screen=runs.append, show=True):
        yield runs


@contextlib.asynccontextmanager
async def stage_of_a_run() -> AsyncIterator[tuple[ProgressTracker, ManualClock]]:
    """Enter a stage of a run on a clock that stands still."""
    clock = ManualClock()
    async with ProgressTracker("op", ["work"], show=False, clock=clock) as tracker:
        async with tracker.stage("work"):
            yield tracker, clock
        assert current_stage() is None


def wait_for(condition: Callable[[], bool]) -> None:
    """Wait until something that a timer does has happened."""
    deadline = time.monotonic() + WAIT
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def found(run: Watchable, path: str) -> StageState:
    """Return the stage at a path."""
    stage = run.state.find(path)
    assert stage is not None
    return stage


def outline(run: Watchable) -> list[tuple[str, str, str | None]]:
    """Return path, status and message of each stage."""
    return [(stage.path, stage.status, stage.message) for _, stage in run.state.walk()]


_PROGRAM = """
import atexit, json
import progressnb as pnb
_shown = []
pnb.configure(screen=_shown.append, show=True)

def _tell():
    rows = [(run.operation, run.state.status, run.state.stages[0].message) for run in _shown]
    print("TOLD" + json.dumps(rows), flush=True)

atexit.register(_tell)
"""

_SHELL = """
from IPython.core.interactiveshell import InteractiveShell
_shell = InteractiveShell.instance()
_shell.user_ns.update(pnb=pnb, shown=_shown)
for _cell in {cells!r}:
    _shell.run_cell(_cell)
    print("CELL" + json.dumps([(run.operation, run.state.status, run.state.stages[0].message) for run in _shown]))
"""


def run_script(folder: Path, code: str) -> tuple[list[Any], str]:
    """Run a program; return what its loops have ended as, and its stderr."""
    path = folder / "program.py"
    path.write_text(_PROGRAM + code, encoding="utf-8")
    environment = {**os.environ, "IPYTHONDIR": str(folder)}
    done = subprocess.run(
        [sys.executable, str(path)], capture_output=True, text=True, timeout=WAIT, check=False, env=environment
    )
    told = [line for line in done.stdout.splitlines() if line.startswith("TOLD")]
    assert told, done.stderr
    loops: list[Any] = json.loads(told[-1].removeprefix("TOLD"))
    return loops, done.stderr + done.stdout


def run_cells(folder: Path, *cells: str) -> list[list[Any]]:
    """Run cells in an IPython shell; return what the loops are after each of them."""
    _, text = run_script(folder, _SHELL.format(cells=cells))
    return [json.loads(line.removeprefix("CELL")) for line in text.splitlines() if line.startswith("CELL")]
