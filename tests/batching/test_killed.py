"""A batch whose process is killed at random: nothing committed is paid again, and the results are in order."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

HERE = Path(__file__).parent
COUNT, LIMIT, KILLS = 400, 8, 3


def paid(folder: Path) -> int:
    """Return how often somebody paid."""
    file = folder / "paid.txt"
    return len(file.read_text().splitlines()) if file.exists() else 0


@pytest.mark.integration
@pytest.mark.parametrize("seed", [1])
def test_killed_three_times(tmp_path: Path, seed: int) -> None:
    """Killed three times, 400 items cost no more than 400 and what was at work at each kill."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    command = [sys.executable, str(HERE / "killed.py"), str(tmp_path), str(COUNT), str(LIMIT)]
    target = 0
    for kill in range(KILLS):
        target = paid(tmp_path) + chance.randint(20, 100)
        with subprocess.Popen(command, env={**os.environ}, stderr=subprocess.PIPE) as process:
            while paid(tmp_path) < target:
                assert process.poll() is None, f"it ended before kill {kill}: {process.communicate()[1]!r}"
                time.sleep(0.002)
            process.send_signal(signal.SIGKILL)
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads((tmp_path / "results.json").read_text()) == [f"number {number}" for number in range(COUNT)]
    assert COUNT <= paid(tmp_path) <= COUNT + KILLS * LIMIT
