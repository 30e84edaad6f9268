"""Bodies of runs, and checks, that several tests of runs share."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, TypeAlias

import pytest

from progressnb.errors import RunCancelled
from progressnb.execution.operation import operation
from progressnb.execution.run import Run, runs
from progressnb.testing import ManualClock
from progressnb.tracking.tracker import ProgressTracker
from progressnb.wire.events import CancelledEvent, StartedEvent, is_last

Body: TypeAlias = Callable[[ProgressTracker], Awaitable[Any]]


def begin(body: Body, stages: Any = None, **options: Any) -> Run[Any]:
    """Make a run of a body, in an operation of these stages."""
    return Run(ProgressTracker("op", stages, clock=ManualClock()), body, **options)


async def turns(count: int = 20) -> None:
    """Give the loop some turns."""
    for _ in range(count):
        await asyncio.sleep(0)


async def quick(tracker: ProgressTracker) -> str:
    """Do a little."""
    with tracker.stage("s") as stage:
        await stage.update(50)
    return "result"


async def forever(tracker: ProgressTracker) -> None:
    """Write something, then wait."""
    async with tracker.stage("s") as stage:
        stage.write("half a sen")
        await asyncio.Event().wait()


async def check_cancelled(run: Run[Any], reason: str | None = None) -> None:
    """Check all that holds for a run that was cancelled."""
    with pytest.raises(RunCancelled, match=r"^op was cancelled([.:] |$)") as caught:
        await run
    # The error says where the output is, exactly where there is one.
    assert bool(re.search(r"op was cancelled[.:] .*run\.partial", str(caught.value))) == (run.partial is not None)
    assert [is_last(event) for event in run.log] == [False] * (len(run.log) - 1) + [True]
    last = run.log[len(run.log) - 1]
    assert isinstance(last, CancelledEvent)
    assert (run.status, run.result, run.exception, run.state.reason) == ("cancelled", None, None, last.reason)
    assert reason is None or last.reason == reason
    assert run.state.current is None


async def fails(tracker: ProgressTracker) -> None:
    """Fail in a stage."""
    async with tracker.stage("s"):
        await asyncio.sleep(0)
        raise ValueError("no such row")


def check_ended(run: Run[Any]) -> None:
    """Check what holds for every run that has ended."""
    assert [is_last(event) for event in run.log] == [False] * (len(run.log) - 1) + [True]
    assert run.log[0].type == "started"
    assert run not in runs()


async def awaited(run: Run[Any]) -> Any:
    """Await a run, for `asyncio.run`, which takes coroutines only."""
    return await run


@operation(stages={"research": 0.7, "write": 0.3}, clock=ManualClock())
async def report(tracker: ProgressTracker, topic: str, *, words: int = 100) -> str:
    """Write a report."""
    async with tracker.stage("research") as stage:
        await stage.update(30, "reading")
    async with tracker.stage("write") as stage:
        stage.write(topic)
    return topic * (words // 100)


def started(run: Run[Any]) -> StartedEvent:
    """Return a run's first event."""
    first = run.log[0]
    assert isinstance(first, StartedEvent)
    return first


# Bodies by what they make of a cancellation.


async def obeys(tracker: ProgressTracker) -> str:
    """Let it through."""
    async with tracker.stage("s"):
        await turns(3)
    return "result"


async def swallows(tracker: ProgressTracker) -> str:
    """Return as if nothing had happened."""
    with suppress(asyncio.CancelledError):
        await obeys(tracker)
    return "result"


async def raises(tracker: ProgressTracker) -> str:
    """Turn it into another error."""
    try:
        return await obeys(tracker)
    except asyncio.CancelledError:
        raise ValueError("the connection is gone") from None


async def goes_on(tracker: ProgressTracker) -> str:
    """Go on for a while, and report."""
    try:
        await obeys(tracker)
    except asyncio.CancelledError:
        async with tracker.stage("t") as stage:
            await turns(3)
            stage.update(50, "tidying up")
    return "result"


async def ignores(tracker: ProgressTracker) -> str:
    """Ignore it again and again."""
    for _ in range(5):
        try:
            await turns(2)
        except asyncio.CancelledError:
            tracker.update("s", message="no")
    return "result"


BODIES = [obeys, swallows, raises, goes_on, ignores]
