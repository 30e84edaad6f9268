"""The disk of a history that is full, may only be read, is locked or slow: the run goes on, and that is said."""

from __future__ import annotations

import asyncio
import resource
import signal
import sqlite3
import tempfile
import time
from contextlib import closing, contextmanager
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import progressnb as pnb
from progressnb.errors import HistoryError
from progressnb.history.pace import INTERVAL
from tests.faults.campaign import Outcome, fault

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from contextlib import AbstractContextManager

    Break = Callable[[pnb.History], AbstractContextManager[object]]

FEWEST = 3
"""Events of the first part that are there before the fault."""

LATER = "the run has its result, and the record is whole once the fault has passed"
SAID = "the run has its result; what was recorded before is whole, and the rest is said to be missing"


@pnb.operation(stages=["Before", "Meanwhile", "After"])
async def three_parts(tracker: pnb.ProgressTracker, begin: Any, end: Any) -> str:
    """Write before, during and after a fault."""
    for name, then in (("Before", begin), ("Meanwhile", end), ("After", None)):
        async with tracker.stage(name) as stage:
            for step in range(20):
                stage.write(f"{name} {step} " * 500)
                await stage.update(step, f"step {step}")
                await asyncio.sleep(0.01)
        if then is not None:
            await then()
    return "done"


async def _tried(times: int, fails: Break, *, passes: bool = True) -> Outcome:
    """Let a disk fail in mid-run; compare what is kept with the run's log."""
    survived = lost = 0
    for _ in range(times):
        with tempfile.TemporaryDirectory() as folder:
            history = pnb.History(Path(folder) / "runs.db", contents=True, create=True)
            with pnb.configure.local(history=history, show=False):
                block = fails(history)

                async def begin(history: pnb.History = history, block: Any = block) -> None:
                    await asyncio.to_thread(history.elsewhere.settle)
                    block.__enter__()
                    await asyncio.sleep(3 * INTERVAL)

                async def end(block: Any = block) -> None:
                    block.__exit__(None, None, None)

                run = three_parts(begin, end)
                is_done = await run == "done"
            try:
                await asyncio.to_thread(history.close)
            except HistoryError:
                is_done &= not passes
            kept, lines = _kept(Path(folder) / "runs.db", run.id), run.log.encoded()
            survived += is_done and kept == lines[: len(kept)] and len(kept) > FEWEST
            lost += len(lines) - len(kept) if passes else 0
    return Outcome(times, survived, lost)


def _kept(path: Path, run_id: str) -> list[bytes]:
    with closing(sqlite3.connect(path)) as file:
        (state,) = file.execute("PRAGMA integrity_check").fetchone()
        assert state == "ok"
        query = "SELECT CAST(line AS BLOB) FROM events JOIN runs USING (run) WHERE run_id = ? ORDER BY seq"
        return [line for (line,) in file.execute(query, (run_id,))]


@contextmanager
def _full(history: pnb.History) -> Generator[None]:
    """Let no file of this process grow beyond the size that the record has now, as on a full disk."""
    before, handler = resource.getrlimit(resource.RLIMIT_FSIZE), signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    assert history._store.path is not None
    resource.setrlimit(resource.RLIMIT_FSIZE, (history._store.path.stat().st_size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


@contextmanager
def _locked(history: pnb.History) -> Generator[None]:
    assert history._store.path is not None
    with closing(sqlite3.connect(history._store.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


@contextmanager
def _read_only(history: pnb.History) -> Generator[None]:
    history._store._writer.execute("PRAGMA query_only = ON")
    yield
    history._store._writer.execute("PRAGMA query_only = OFF")


@contextmanager
def _slow(history: pnb.History) -> Generator[None]:
    store, writing = history._store, history._store.writing

    def later() -> AbstractContextManager[sqlite3.Connection]:
        time.sleep(0.5)
        return writing()

    with patch.object(store, "writing", later):
        yield


def _in_child(times: int, send: Any) -> None:
    send.send(tuple(asyncio.run(_tried(times, _full))))


@fault("the history's disk is full in mid-run, then has room", LATER, times=20, part=1)
async def full(times: int) -> Outcome:
    """Limit the size of files, in a process of its own."""
    context = get_context("spawn")
    receive, send = context.Pipe(duplex=False)
    child = context.Process(target=_in_child, args=(times, send))
    child.start()
    outcome = Outcome(*await asyncio.to_thread(receive.recv))
    await asyncio.to_thread(child.join)
    return outcome


@fault("the history's file is locked by another process, then free", LATER, times=20, part=1)
async def locked(times: int) -> Outcome:
    """Hold the lock of the file."""
    return await _tried(times, _locked)


@fault("the history's disk is slow: half a second a transaction", LATER, times=20, part=1)
async def slow(times: int) -> Outcome:
    """Let each transaction wait."""
    return await _tried(times, _slow)


@fault("the history's file may only be read in mid-run", SAID, times=20, part=1)
async def read_only(times: int) -> Outcome:
    """Refuse each write as SQLite refuses it for such a file."""
    return await _tried(times, _read_only, passes=False)
