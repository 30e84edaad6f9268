"""The functions that worker processes call in tests of `workers`."""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import progressnb as pnb
from progressnb.tracking import internals

WAIT = 60.0  # seconds after which something that does not come is missing


@pnb.operation(stages=["part"])
async def operation(tracker: pnb.ProgressTracker, number: int) -> int:
    """Do one stage."""
    with tracker.stage("part") as stage:
        stage.update(50, "half")
    return number


def count(number: int) -> int:
    """Report on the worker's stage, a loop, and a stage in the loop."""
    stage = pnb.current_stage()
    assert stage is not None
    stage.update(message=f"number {number}")
    for _ in pnb.track(range(2), "steps"):
        inner = pnb.current_stage()
        assert inner is not None
        with inner.stage("deep") as deep:
            deep.write("words")
    return number


def call(number: int) -> int:
    """Call an operation in a loop."""
    return sum(operation(number).wait() for _ in pnb.track([1], "calls"))


def wait_for(path: str) -> str:
    """Say that it waits, until a file is there."""
    for _ in pnb.track([1], "waiting"):
        until(Path(path))
    return path


def until(path: Path) -> None:
    """Wait for a file."""
    end = time.monotonic() + WAIT
    while not path.exists() and time.monotonic() < end:
        time.sleep(0.01)


def fail(number: int) -> None:
    """Raise an error in a loop."""
    for _ in pnb.track(range(3), "fails"):
        raise ValueError(f"bad {number}")


def die(how: str) -> None:
    """End this process in the middle of a loop, or with no loop."""
    stage = pnb.current_stage()
    assert stage is not None
    stage.update(30, "before its end")
    for number in pnb.track(range(3), "dies") if "loop" in how else range(3):
        if number == 1:
            end(how)


def end(how: str) -> None:
    """End this process."""
    if "kill" in how:
        os.kill(os.getpid(), signal.SIGKILL)
    os._exit(3)


def endless(path: str) -> None:
    """Go through a loop that only Cancel ends."""
    for _ in pnb.track(forever(), "endless"):
        Path(path).touch()


def forever() -> Iterator[int]:
    """Give an item from time to time."""
    end = time.monotonic() + WAIT
    while time.monotonic() < end:
        time.sleep(0.01)
        yield 1


def flood(number: int) -> int:
    """Report far more than anybody can see."""
    stage = pnb.current_stage()
    assert stage is not None
    for each in range(5_000):
        stage.update(1, str(each), each=each)
    for _ in range(300):
        list(pnb.track([1], "short"))
    return number


def use(cost: float) -> bool:
    """Report cost; return whether contents may be written here."""
    stage = pnb.current_stage()
    assert stage is not None
    with stage.stage("model") as model:
        model.add_usage("m", cost=cost, output_tokens=10)
    return internals(stage).contents


def nothing(_: Any = None) -> object:
    """Return what is current, and track."""
    list(pnb.track([1]))
    return pnb.current_stage()
