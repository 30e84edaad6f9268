"""Who works on a run: one process at a time, and a run whose process was killed is lost, not running."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from progressnb import History, ProgressTracker, operation, resume_run
from progressnb.errors import ResumeError
from progressnb.history import holders
from progressnb.testing import ManualClock

WORKER = """
import asyncio, sys
import progressnb as pnb

history = pnb.use_history(sys.argv[1], contents=True)

def split(text):
    return text.split()

@pnb.operation
async def held(tracker, text):
    words = await tracker.stage("split").run(split, text)
    history._writer.flush()
    print(tracker.id, flush=True)
    if sys.argv[2] == "wait":
        await asyncio.Event().wait()
    return words

if len(sys.argv) > 3:
    run = pnb.resume_run(sys.argv[3], show=False)
else:
    run = held("a b", show=False)
try:
    print(run.wait(), run.reused)
except BaseException as error:
    print(error)
"""


@contextmanager
def process(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    """Run the worker."""
    with subprocess.Popen([sys.executable, "-c", WORKER, *arguments], stdout=subprocess.PIPE, text=True) as worker:
        try:
            yield worker
        finally:
            worker.kill()


def line_of(worker: subprocess.Popen[str]) -> str:
    """Return the next line of a process."""
    assert worker.stdout is not None
    return worker.stdout.readline().strip()


@pytest.mark.integration
def test_a_run_of_another_process(tmp_path: Path) -> None:
    """A run at work elsewhere is refused; once its process is killed it is lost, and its result is reused."""

    @operation
    async def held(tracker: ProgressTracker, text: str) -> None:
        """Do nothing."""

    store = tmp_path / "runs.db"
    with process(str(store), "wait") as worker:
        run_id = line_of(worker)
        with History(store) as history:
            assert history.runs()["status"].tolist() == ["running"]
            with pytest.raises(ResumeError, match=f"alive, in process {worker.pid} on "):
                resume_run(run_id, history=history, allow_changes=True)
            worker.send_signal(signal.SIGKILL)
            worker.wait()
            assert history.runs()["status"].tolist() == ["lost"]
    with process(str(store), "wait", run_id) as first:
        second_id = line_of(first)
        refused = subprocess.run(
            [sys.executable, "-c", WORKER, str(store), "go", run_id], capture_output=True, text=True, check=False
        )
        assert f"{second_id[:8]} has taken up, in process {first.pid}" in refused.stderr
    again = subprocess.run(
        [sys.executable, "-c", WORKER, str(store), "go", run_id], capture_output=True, text=True, check=False
    )
    assert again.stdout.splitlines()[-1] == "['a', 'b'] {'split': 'reused'}", again.stderr
    with History(store) as history:
        assert history.runs()["status"].tolist() == ["lost", "lost", "finished"]


@pytest.mark.integration
def test_a_holder(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that is there is no gone holder; one that ended, or another of the same id, is gone."""
    here = holders.holder_of_process()
    assert holders.is_here(here)
    assert not holders.is_gone(here, 1e9)
    assert not holders.is_gone(holders._holder(os.getppid()), 1e9)
    assert holders.is_gone(here.replace('"started": "', '"started": "1'), 0.0)
    elsewhere = here.replace('"host": "', '"host": "not-')
    assert not holders.is_gone(elsewhere, 59.0)
    assert holders.is_gone(elsewhere, 61.0)
    assert holders.is_gone(here.replace('"boot": "', '"boot": "before'), 0.0)
    assert not holders.is_gone("what a newer version writes", 1.0)
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        holder = holders._holder(ended.pid)
        os.waitid(os.P_PID, ended.pid, os.WEXITED | os.WNOWAIT)
        assert holders.is_gone(holder.replace('"started": null', '"started": "1"'), 0.0)  # a zombie
    monkeypatch.setattr(holders, "_started", lambda _: "")
    assert not holders.is_gone(here.replace(f'"pid": {os.getpid()}', f'"pid": {os.getppid()}'), 0.0)


def test_a_run_of_this_process_is_never_lost(tmp_path: Path) -> None:
    """A run that goes on here is running, however long it was silent."""
    with History(tmp_path / "runs.db") as history:
        tracker = ProgressTracker("work", clock=ManualClock())
        history.record(tracker)
        tracker.start()
        assert history.runs()["status"].tolist() == ["running"]
        tracker.done()
        assert history.runs()["status"].tolist() == ["finished"]
        with history._store.reading() as connection:
            assert connection.execute("SELECT count(*) FROM leases").fetchone() == (0,)
