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


def load(number: int, folder: str) -> int:
    """Note that it was called."""
    with Path(folder, "loaded").open("a") as file:
        file.write(f"{number}\n")
    return 10 * number


def send(number: int, folder: str, *, dies: bool) -> int:
    """Fail, or kill the worker, at the first call of an item."""
    first = Path(folder, f"sent-{number}")
    if first.exists():
        return number
    first.touch()
    if dies:
        while not Path(folder, "die").exists():
            time.sleep(0.02)
        os._exit(1)
    raise OSError("the line is dead")


@pnb.operation
async def in_two(tracker: pnb.ProgressTracker, number: int, folder: str, *, dies: bool = False) -> int:
    """Load, which is dear, and send, which fails once."""
    loaded = await tracker.stage("load").run(load, number, folder)
    return await tracker.stage("send").run(send, loaded, folder, dies=dies)
