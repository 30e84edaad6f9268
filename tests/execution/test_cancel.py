"""Cancelling a run: whenever, from wherever, however often, it ends as cancelled, once."""

import asyncio
import threading
from contextlib import suppress
from typing import Any

import pytest

from progressnb.errors import RunCancelled
from progressnb.execution.replay import replay
from progressnb.execution.run import Run, cancel_all, runs
from progressnb.tracking.tracker import ProgressTracker
from progressnb.wire.events import Event
from tests.execution.helpers import BODIES, begin, check_cancelled, forever, obeys, turns


@pytest.mark.parametrize("thread", [False, True])
@pytest.mark.parametrize("again", [None, 0, 1])
@pytest.mark.parametrize("after", range(6))
@pytest.mark.parametrize("body", BODIES)
def test_always_cancelled(body: Any, after: int, again: int | None, thread: bool) -> None:
    """After `cancel()` that came in time the run ends as cancelled: any body, any turn, twice, from any thread."""

    async def main() -> None:
        heard: list[Event] = []
        run = begin(body, on_event=heard.append)
        await turns(after)
        in_time = not run.log.ended
        for pause in (0, again):
            if pause is not None:
                await turns(pause)
                if thread:
                    caller = threading.Thread(target=run.cancel, args=("enough",))
                    caller.start()
                    caller.join()
                else:
                    run.cancel("enough")
        if in_time:
            await check_cancelled(run, "enough")
        else:
            assert await run == "result"
        await turns(3)
        assert heard == list(run.log), "on_event heard of it, too"

    asyncio.run(main())


def test_before_the_first_step() -> None:
    """A run that is cancelled before its first step has two events, and its body never begins."""

    async def main() -> None:
        run = begin(forever, ["s", "t"])
        run.cancel()
        await check_cancelled(run, "cancelled")
        assert [event.type for event in run.log] == ["started", "cancelled"]
        assert {stage.status for stage in run.state.stages} == {"pending"}

    asyncio.run(main())


def test_where_no_loop_is() -> None:
    """A run that was made and cancelled in sync code ends at once."""
    run = begin(forever)
    run.cancel("no need")
    assert run.status == "cancelled"
    asyncio.run(check_cancelled(run, "no need"))
    with pytest.raises(RunCancelled, match="no need"):
        run.wait()


def test_keeps_what_was_there() -> None:
    """What had been written stays in `run.partial`, in the state and in the log."""

    async def main() -> None:
        run = begin(forever)
        await turns(3)
        run.cancel()
        await check_cancelled(run)
        assert run.partial == run.state.partial == "half a sen"
        assert run.state.stages[0].status == "cancelled"

    asyncio.run(main())


def test_after_the_end() -> None:
    """Cancelling a run that has ended changes nothing."""

    async def main() -> None:
        run = begin(obeys)
        assert await run == "result"
        run.cancel()
        await turns(2)
        assert (await run, run.status, len(run.log)) == ("result", "finished", run.state.last_seq + 1)

    asyncio.run(main())


def test_body_finished_in_the_same_turn() -> None:
    """When the body returns in the very turn in which `cancel()` came, the run is cancelled all the same."""

    async def main() -> None:
        made: list[Run[Any]] = []

        async def body(_: ProgressTracker) -> str:
            made[0].cancel("from within")
            return "result"

        made.append(begin(body))
        await check_cancelled(made[0], "from within")

    asyncio.run(main())


def test_body_that_cancels_itself() -> None:
    """A body that raises CancelledError of its own ends its run as cancelled and not its awaiter."""

    async def body(_: ProgressTracker) -> None:
        raise asyncio.CancelledError

    async def main() -> None:
        await check_cancelled(begin(body))

    asyncio.run(main())


@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize("after", [1, 2, 3])
def test_cancelling_the_awaiter(body: Any, after: int) -> None:
    """Cancelling a task that awaits cancels the run, as for a Task, and waits until it has ended."""

    async def main() -> None:
        run = begin(body)
        other = asyncio.ensure_future(check_cancelled(run))
        awaiter = asyncio.ensure_future(run)
        await turns(after)
        in_time = not run.log.ended
        awaiter.cancel()
        await asyncio.wait([awaiter, other])
        assert awaiter.cancelled()
        assert in_time
        assert run.log.ended
        await other

    asyncio.run(main())


def test_timeout_around_await() -> None:
    """`asyncio.timeout` around an await raises TimeoutError there and cancels the run."""

    async def main() -> None:
        run = begin(forever)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0):
                await run
        await check_cancelled(run, "the task that awaited it was cancelled")

    asyncio.run(main())


def test_cancel_beats_the_timeout() -> None:
    """A run that was cancelled is cancelled, also if its time is over before its body has gone."""

    async def stubborn(_: ProgressTracker) -> None:
        for _again in range(2):
            with suppress(asyncio.CancelledError):
                await asyncio.Event().wait()
            cancel_all()

    async def main() -> None:
        await check_cancelled(begin(stubborn, timeout=0))

    asyncio.run(main())


def test_on_event_that_hangs() -> None:
    """A callback that hangs after the end is left behind by one more cancel."""

    async def hang(event: Event) -> None:
        if event.type == "cancelled":
            await asyncio.Event().wait()

    async def main() -> None:
        run = begin(forever, on_event=hang)
        await turns(3)
        run.cancel("enough")
        await run.log.wait_ended()
        await turns(3)
        run.cancel()
        await check_cancelled(run, "enough")

    asyncio.run(main())


def test_cancel_all() -> None:
    """`cancel_all()` stops what is alive and says how many there were."""

    async def main() -> None:
        assert cancel_all() == 0
        made = [begin(forever) for _ in range(3)]
        await turns(2)
        assert runs() == made
        assert cancel_all("closing time") == 3
        for run in made:
            await check_cancelled(run, "closing time")
        assert cancel_all() == 0

    asyncio.run(main())


async def test_no_word_twice() -> None:
    """What awaiting a cancelled run raises says why, where a reason was given."""
    for given, said in (
        (None, "op was cancelled. "),
        ("cancelled", "op was cancelled. "),
        ("enough", "cancelled: enough."),
    ):
        run = begin(forever)
        await asyncio.sleep(0)
        run.cancel(given)
        with pytest.raises(RunCancelled, match=said):
            await run
        with pytest.raises(RunCancelled, match=said):
            await replay(run, speed=None, show=False)
