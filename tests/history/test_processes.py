"""Histories and other processes: a killed kernel loses the last moment at most, and several kernels lose nothing."""

import os
import subprocess
import sys
import textwrap
import threading
from pathlib import Path

import pytest

from progressnb import History
from tests.history.helpers import run_of, until

pytestmark = pytest.mark.integration

CHILD = """
    import sys
    import progressnb as pnb
    tracker = pnb.ProgressTracker("child", ["s"])
    pnb.use_history(sys.argv[1], contents=True)
"""


def child(code: str, path: Path) -> "subprocess.Popen[str]":
    """Start a kernel of its own that records into a file."""
    program = textwrap.dedent(CHILD) + textwrap.dedent(code)
    return subprocess.Popen([sys.executable, "-c", program, str(path)], stdout=subprocess.PIPE, text=True, bufsize=1)


def test_kill_9(path: Path) -> None:
    """Of a kernel that is killed, all that was stored is whole: a run without gaps, to be read and written on."""
    process = child(
        """
        tracker.start()
        at = 0
        while True:
            tracker.stage("s").update(at=at)
            print(at := at + 1, flush=True)
        """,
        path,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "1\n"
    drained = threading.Thread(target=process.stdout.read)
    drained.start()
    with History(path) as history:
        until(lambda: len(history.runs()) == 1 and len(history.log(history.runs()["run_id"].item())) > 500)
        process.kill()
        process.wait()
        drained.join()
        (row,) = history.runs().to_dict("records")
        log = history.log(row["run_id"])
        assert [event.seq for event in log] == list(range(len(log)))
        assert (row["status"], row["elapsed"]) == ("lost", log[-1].elapsed)
        with history._store.reading() as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        history.record(run_of())
        assert len(history.runs()) == 2
    process.stdout.close()


def test_several_kernels(path: Path) -> None:
    """Four kernels that make and write one file at once lose nothing, and leave the rest to Python's exit."""
    code = """
        tracker.start()
        for at in range(300):
            tracker.stage("s").update(at=at)
        tracker.done()
    """
    processes = [child(code, path) for _ in range(4)]
    assert [process.wait(60) for process in processes] == [0] * 4
    for process in processes:
        assert process.stdout is not None
        process.stdout.close()
    with History(path) as history:
        runs = history.runs()
        assert runs["status"].tolist() == ["finished"] * 4
        assert [len(history.log(run_id)) for run_id in runs["run_id"]] == [len(history.log(runs["run_id"][0]))] * 4
        assert len(history.log(runs["run_id"][0])) > 300


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_forked_process(path: Path) -> None:
    """In a forked process the parent's file is left alone, runs go on with one warning, and the parent records on."""
    code = """
        import os, warnings
        warnings.simplefilter("ignore")
        tracker.start()
        if (forked := os.fork()) == 0:
            pnb.ProgressTracker("forked").start()
            tracker.done()
            os._exit(0)
        assert os.waitpid(forked, 0)[1] == 0
        tracker.done()
    """
    process = child(code, path)
    assert process.wait(60) == 0
    assert process.stdout is not None
    process.stdout.close()
    with History(path) as history:
        assert history.runs()[["operation", "status"]].to_numpy().tolist() == [["child", "finished"]]
