"""`on_event`: a callback that hears everything and holds nothing up."""

import asyncio

import pytest

from progressnb.execution.operation import operation
from progressnb.testing import ManualClock
from progressnb.tracking.tracker import ProgressTracker
from progressnb.wire.events import Event
from tests.execution.helpers import awaited, begin, check_ended, quick


def test_on_event() -> None:
    """A plain or an async callback gets every event in order, all of them before the result is there."""
    heard: list[Event] = []

    async def slow(event: Event) -> None:
        await asyncio.sleep(0)
        heard.append(event)

    for callback in (heard.append, slow):
        heard.clear()
        run = begin(quick, on_event=callback)
        assert asyncio.run(awaited(run)) == "result"
        assert heard == list(run.log)


@pytest.mark.parametrize("at", ["started", "done"])
def test_on_event_that_raises(at: str, caplog: pytest.LogCaptureFixture) -> None:
    """A callback that raises is detached with one warning; the run goes on to its result."""
    heard: list[str] = []

    def callback(event: Event) -> None:
        heard.append(event.type)
        if event.type == at:
            raise ValueError("not my day")

    run = begin(quick, on_event=callback)
    assert asyncio.run(awaited(run)) == "result"
    check_ended(run)
    assert run.status == "finished"
    assert heard == [event.type for event in run.log][: len(heard)]
    assert heard[-1] == at
    assert [record.levelname for record in caplog.records] == ["WARNING"]


def test_on_event_that_never_returns() -> None:
    """A callback that hangs does not hold the run up, and a cancelled awaiter does not wait for it."""

    async def stuck(_: Event) -> None:
        await asyncio.Event().wait()

    async def main() -> None:
        run = begin(quick, on_event=stuck)
        async for _ in run:
            pass
        assert run.status == "finished"
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0):
                await run
        assert await run == "result", "and cancelling has stopped it"

    asyncio.run(main())


def test_an_event_prints_as_one_line() -> None:
    """`on_event=print` gives a log to read: when, how far, what and where, on one line of bounded length."""
    lines: list[str] = []

    @operation(stages=["read"], clock=ManualClock())
    async def report(tracker: ProgressTracker) -> None:
        async with tracker.stage("read") as stage:
            stage.update(50, "half\nway " + "x" * 1000, page=3)

    async def main() -> None:
        await report.using(on_event=lambda event: lines.append(str(event)))()

    asyncio.run(main())
    assert lines[0] == "    0.00 s          started   report"
    assert lines[2].startswith("    0.00 s  50.0 %  progress  read: running, half way xxx")
    assert lines[-1] == "    0.00 s 100.0 %  done      report"
    assert all("\n" not in line and len(line) <= 200 for line in lines)
