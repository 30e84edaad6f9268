"""Bodies of runs, and checks, that several tests of runs share."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, TypeAlias

import pytest

from progressnb.errors import RunCancelled
from progressnb.execution.run import Run
from progressnb.testing import ManualClock
from progressnb.tracking.tracker import ProgressTracker
from progressnb.wire.events import CancelledEvent, is_last

Body: TypeAlias = Callable[[ProgressTracker], Awaitable[Any]]


def begin(body: Body, stages: Any = None, **options: Any) -> Run[Any]:
    """Make a run of a body, in an operation of these stages."""
    return Run(ProgressTracker("op", stages, clock=ManualClock()), body, **options)


async def turns(count: int) -> None:
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
    with pytest.raises(RunCancelled, match=r"op was cancelled[.:] .*run\.partial"):
        await run
    assert [is_last(event) for event in run.log] == [False] * (len(run.log) - 1) + [True]
    last = run.log[len(run.log) - 1]
    assert isinstance(last, CancelledEvent)
    assert (run.status, run.result, run.exception, run.state.reason) == ("cancelled", None, None, last.reason)
    assert reason is None or last.reason == reason
    assert run.state.current is None


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
