"""Loops in processes that begin in the middle of another loop, without a block of `workers`."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.tools.loops import WAIT

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork"),
]

POOLS = """
import multiprocessing, sys, threading, warnings
import progressnb as pnb
warnings.simplefilter("ignore")
def work(number):
    seen = pnb.current_stage()
    for _ in pnb.track(range(20), "inner"): pass
    return number if seen is None and pnb.current_stage() is None else "below the parent's"
def beside(over):
    while not over.is_set():
        for _ in pnb.track(range(50), "beside"): pass
def main():
    over = threading.Event()
    thread = threading.Thread(target=beside, args=(over,))
    thread.start()
    context = multiprocessing.get_context({method!r})
    for _ in pnb.track(range({rounds}), "outer"):
        with context.Pool(2) as pool:
            print("RESULT", sorted(pool.map(work, range(4)), key=str))
        for process in [context.Process(target=work, args=(1,)) for _ in range(2)]:
            process.start()
            process.join(30)
            print("EXIT", process.exitcode)
    over.set()
    thread.join()
if __name__ == "__main__":
    main()
"""


@pytest.mark.parametrize(("method", "rounds"), [("fork", 5), ("spawn", 1), ("forkserver", 1)])
def test_pools_in_the_body_of_a_loop(tmp_path: Path, method: str, rounds: int) -> None:
    """Workers that track end, whatever the parent's threads are at, see nothing of its runs, and draw nothing."""
    path = tmp_path / "program.py"
    path.write_text(POOLS.format(method=method, rounds=rounds), encoding="utf-8")
    done = subprocess.run([sys.executable, str(path)], capture_output=True, text=True, timeout=2 * WAIT, check=True)
    assert done.stdout.count("RESULT [0, 1, 2, 3]") == rounds
    assert done.stdout.count("EXIT 0") == 2 * rounds
    assert "inner" not in done.stderr
    assert "outer 100 %" in done.stderr
