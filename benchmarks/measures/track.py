"""The cost of loops: an iteration of a long one, and a short one as a whole, in a terminal and without a bar.

The terminal is a real one (a pty), whose other end a process of its own reads. Loops of tqdm draw there as ours do.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import gc
import io
import os
import struct
import subprocess
import sys
import termios
import tracemalloc
from typing import TYPE_CHECKING

import progressnb as pnb
from benchmarks.measures import Measure, measure
from benchmarks.turns import take_turns

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Iterator

    Loop = Callable[[Iterable[int]], Iterable[int]]

ITEMS = 1_000_000
LOOPS = 300
SHORT = 2  # items of a short loop


@contextlib.contextmanager
def terminal() -> Iterator[None]:
    """Let stderr be a terminal of 120 columns meanwhile."""
    ours, theirs = os.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
    before = os.dup(2)
    quiet = subprocess.DEVNULL
    with subprocess.Popen(["cat"], stdin=ours, stdout=quiet, stderr=quiet) as reader:  # noqa: S607 - of any system
        os.close(ours)
        os.dup2(theirs, 2)
        os.close(theirs)
        try:
            yield
        finally:
            sys.stderr.flush()
            os.dup2(before, 2)
            os.close(before)
            reader.terminate()


def use_up(items: Iterable[int]) -> None:
    """Do nothing with each item."""
    for _ in items:
        pass


def one_after_another(loop: Loop) -> None:
    """Run short loops, each of its own."""
    for _ in range(LOOPS):
        for _ in loop(range(SHORT)):
            pass


def inside(loop: Loop) -> None:
    """Run short loops in the body of another one, as epochs have their batches."""
    for _ in loop(range(LOOPS)):
        for _ in loop(range(SHORT)):
            pass


@measure("track, an iteration of a body that does nothing", unit="ns", target=50 / 23, against="floor")
def iteration() -> Measure:
    """Iterate; the floor is a generator that passes the items on, the peer rich, the faster of the others."""
    import rich.progress
    from rich.console import Console

    def passed_on() -> Iterator[int]:
        yield from range(0)
        for item in range(ITEMS):  # noqa: UP028 - a frame that is entered for each item
            yield item

    screen = Console(file=io.StringIO(), force_terminal=True, width=100)
    with terminal():
        return take_turns(
            lambda: use_up(pnb.track(range(ITEMS), "items")),
            floor=lambda: use_up(passed_on()),
            peer=lambda: use_up(rich.progress.track(range(ITEMS), console=screen)),
            calls=ITEMS,
            unit="ns",
            rounds=5,
        )


@measure("atrack, an iteration of async for", unit="ns", target=1.0, against="peer", own=True)
def async_iteration() -> Measure:
    """Iterate with `async for`; the peer is tqdm."""
    import tqdm.asyncio

    count = ITEMS // 5

    async def numbers() -> AsyncIterator[int]:
        for number in range(count):
            yield number

    async def go(loop: Callable[[AsyncIterator[int]], AsyncIterable[int]]) -> None:
        async for _ in loop(numbers()):
            pass

    with terminal():
        return take_turns(
            lambda: asyncio.run(go(lambda items: pnb.atrack(items, "items"))),
            floor=lambda: asyncio.run(go(lambda items: items)),
            peer=lambda: asyncio.run(go(tqdm.asyncio.tqdm)),
            calls=count,
            unit="ns",
            rounds=5,
        )


def short_loops(run: Callable[[Loop], None], *, show: bool) -> Measure:
    """Measure short loops beside those of tqdm, which are drawn."""
    import tqdm

    pnb.configure(show=show)
    with terminal():
        return take_turns(lambda: run(pnb.track), peer=lambda: run(tqdm.tqdm), calls=LOOPS)


@measure("a short loop without a bar", unit="µs", target=1.0, against="peer")
def short_silent() -> Measure:
    """Run short loops that show nothing; those of the peer are drawn."""
    return short_loops(one_after_another, show=False)


@measure("a short loop in a terminal", unit="µs", target=1.0, against="peer")
def short_in_terminal() -> Measure:
    """Run short loops with their bars."""
    return short_loops(one_after_another, show=True)


@measure("a short loop in a loop, in a terminal", unit="µs", target=2.0, against="peer", own=True)
def short_in_loop() -> Measure:
    """Run short loops in a loop: each is a stage below it, with two events; the peer draws a bar and keeps nothing."""
    return short_loops(inside, show=True)


def kept_behind(loop: Loop, count: int) -> float:
    """Return the KB that are kept behind the last of so many loops in a loop."""
    kept = 0
    tracemalloc.start()
    for number in loop(range(count)):
        for _ in loop(range(SHORT)):
            pass
        if number == count - 1:
            gc.collect()
            kept = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    return kept / 1e3


@measure("kept behind 10,000 loops in a loop", unit="KB")
def kept_of_loops() -> Measure:
    """Measure the memory while the outer loop goes on; the peer is tqdm, which keeps nothing of what has ended."""
    import tqdm

    with terminal():
        return Measure(kept_behind(pnb.track, 10_000), None, kept_behind(tqdm.tqdm, 10_000))
