"""Operations that the workers of a cluster import."""

import asyncio
import os
import time
from pathlib import Path
from typing import Any

import progressnb as pnb


@pnb.operation
async def pay(tracker: pnb.ProgressTracker, number: int, seconds: float = 0.0) -> tuple[int, int]:
    """Wait, pay, and say which process it was."""
    async with tracker.stage("work") as stage:
        await asyncio.sleep(seconds)
        stage.add_usage("m", input_tokens=2, output_tokens=1, cost=0.01)
    if number == -1:
        raise ValueError("no such number")
    return number, os.getpid()


@pnb.operation
async def poison(tracker: pnb.ProgressTracker, number: int) -> int:
    """Kill the worker at one number."""
    async with tracker.stage("work"):
        await asyncio.sleep(0.05)
    if number == 3:
        os._exit(1)
    return number


@pnb.operation
async def write(tracker: pnb.ProgressTracker, number: int) -> int:
    """Write a secret, and wait for long."""
    async with tracker.stage("write") as stage:
        await stage.update(40, "looking for the lighthouse")
        stage.write(f"the lighthouse {number}")
        await asyncio.sleep(600)
    return number


class TooManyError(Exception):
    """An error as client libraries raise it."""

    status_code = 429


def ask(number: int) -> int:
    """Be refused once for the first number."""
    if number == 0 and not _asked:
        _asked.append(number)
        raise TooManyError("slow down")
    return number


_asked: list[int] = []


@pnb.operation(stages=[pnb.Stage("ask", retry=pnb.Retry(attempts=2, wait=0.5, jitter=0))])
async def refused(tracker: pnb.ProgressTracker, number: int) -> int:
    """Ask, and try again by itself where that is refused."""
    return int(await tracker.stage("ask").run(ask, number))


class Door:
    """A value that a process can load only where a file is there; one that waits does so until then."""

    def __init__(self, path: Path, *, waits: bool) -> None:
        self.path, self.waits = path, waits

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        while not self.path.exists():
            if not self.waits:
                raise ImportError("the door is shut")
            time.sleep(0.02)


def at_work() -> int:
    """Return how many attempts are at work in this process."""
    from progressnb.batching.worker import _places

    return sum(len(place.runs) for place in _places)


def process(*_: Any) -> int:
    """Return the id of this process."""
    return os.getpid()
