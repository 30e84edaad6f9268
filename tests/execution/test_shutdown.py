"""Loops that end before their runs do."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest

from progressnb.errors import RunCancelled
from progressnb.execution.run import Run, runs
from progressnb.testing import ManualClock
from progressnb.tracking.tracker import ProgressTracker
from progressnb.wire.events import CancelledEvent, is_last


def begin(body: Callable[[ProgressTracker], Awaitable[Any]], **options: Any) -> Run[Any]:
    """Make a run of a body."""
    return Run(ProgressTracker("op", ["s", "t"], clock=ManualClock()), body, **options)


async def turns(count: int) -> None:
    """Give the loop some turns."""
    for _ in range(count):
        await asyncio.sleep(0)


async def forever(tracker: ProgressTracker) -> None:
    """Write something, then wait."""
    async with tracker.stage("s") as stage:
        stage.write("half a sen")
        await asyncio.Event().wait()


@pytest.fixture(autouse=True)
def nothing_leaks() -> Iterator[None]:
    """Check that no run is left alive by a test."""
    yield
    assert runs() == []


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


@pytest.mark.parametrize("after", range(3))
@pytest.mark.parametrize("watched", [False, True])
@pytest.mark.parametrize("body", BODIES)
def test_loop_that_is_shut_down(
    body: Any, after: int, watched: bool, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """When `asyncio.run` ends before the run does, the run ends, too, once, and prints no traceback."""
    made: list[Run[Any]] = []

    async def main() -> None:
        made.append(begin(body, on_event=(lambda _: None) if watched else None))
        await turns(after)

    asyncio.run(main())
    (run,) = made
    assert [is_last(event) for event in run.log] == [False] * (len(run.log) - 1) + [True]
    assert capfd.readouterr().err == ""
    assert run.status == "cancelled" or (after > 0 and body is not obeys), "only its own code can end it otherwise"
    assert len(caplog.records) == (run.status == "failed")


def test_loop_that_is_closed() -> None:
    """A run whose loop was closed under it ends as cancelled when somebody cancels it or waits for it."""
    for how in ("cancel", "wait"):
        loop = asyncio.new_event_loop()

        async def main() -> Run[Any]:
            run = begin(forever)
            await turns(3)
            return run

        run = loop.run_until_complete(main())
        assert run._task is not None
        run._task._log_destroy_pending = False  # type: ignore[attr-defined]
        loop.close()
        if how == "cancel":
            run.cancel("gone")
        with pytest.raises(RunCancelled):
            run.wait()
        asyncio.run(check_cancelled(run))
        assert len(run.log) == run.state.last_seq + 1
