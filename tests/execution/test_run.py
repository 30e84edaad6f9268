"""`Run`: awaiting, iterating, failing, watching; exactly one last event, always."""

import asyncio
import gc
import threading
import traceback
from pathlib import Path
from typing import Any

import pytest

from progressnb.errors import ProgressError
from progressnb.execution.run import Run, runs
from progressnb.tracking.tracker import ProgressTracker
from progressnb.wire.events import ErrorEvent, Event, ProgressEvent
from tests.execution.helpers import awaited, begin, check_ended, fails, quick


def test_await() -> None:
    """Awaiting gives the result, as often and as late as one likes, to any number of tasks."""

    async def main() -> None:
        run = begin(quick)
        assert run.status == "pending"
        assert run in runs()
        waiting = [asyncio.ensure_future(run) for _ in range(3)]
        assert [await each for each in waiting] == ["result"] * 3
        assert await run == run.result == "result"
        assert (run.status, run.exception, run.state.overall_progress) == ("finished", None, 100)
        check_ended(run)

    asyncio.run(main())


def test_begins_at_the_next_turn() -> None:
    """The call itself runs nothing; the loop's next turn begins the run, awaited or not."""

    async def main() -> None:
        run = begin(quick)
        assert len(run.log) == 0
        for _ in range(5):
            await asyncio.sleep(0)
        assert run.status == "finished"
        check_ended(run)

    asyncio.run(main())


def test_made_in_sync_code() -> None:
    """A run made where no loop is runs on the loop of whoever awaits it, also through its events."""
    run = begin(quick)

    async def main() -> list[int]:
        return [event.seq async for event in run]

    assert asyncio.run(main()) == list(range(len(run.log)))
    assert asyncio.run(awaited(run)) == "result"


def test_failure() -> None:
    """A failure raises what the operation raised: that object, with its traceback and a note that names the stage."""

    async def main() -> None:
        run = begin(fails)
        for _ in range(2):
            with pytest.raises(ValueError, match="no such row") as caught:
                await run
            assert caught.value is run.exception
        assert run.exception is not None
        assert run.exception.__notes__ == ["in stage 's' of 'op'"]
        assert "raise ValueError" in "".join(traceback.format_exception(run.exception))
        first, *inner = [Path(frame.filename).name for frame in traceback.extract_tb(run.exception.__traceback__)]
        assert first == Path(__file__).name
        # Awaiting adds two frames of ours, which IPython hides; those in which it was called are left out.
        assert inner == ["run.py", "run.py", "helpers.py"]
        assert (run.status, run.result, run.state.error, run.state.error_stage) == ("failed", None, "no such row", "s")
        check_ended(run)

    asyncio.run(main())


class _Mute(Exception):  # noqa: N818 - the name is not the point
    def __str__(self) -> str:
        raise RuntimeError


@pytest.mark.parametrize("error", [_Mute(), type("Odd", (BaseException,), {})("odd"), ProgressError("x"), ValueError()])
def test_any_error(error: BaseException) -> None:
    """An error without text, with a broken one, or that is no Exception ends the run as failed, once."""

    async def body(_: ProgressTracker) -> None:
        raise error

    async def main() -> None:
        run = begin(body)
        with pytest.raises(type(error)) as caught:
            await run
        assert caught.value is error
        last = run.log[len(run.log) - 1]
        assert isinstance(last, ErrorEvent)
        assert last.message
        check_ended(run)

    asyncio.run(main())


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit])
def test_interrupt_in_the_body(error: type[BaseException], capfd: pytest.CaptureFixture[str]) -> None:
    """An interrupt that hits the body stops the loop as ever; the run ends as cancelled and prints nothing."""
    made: list[Run[Any]] = []

    async def body(tracker: ProgressTracker) -> None:
        with tracker.stage("s"):
            raise error

    async def main() -> None:
        made.append(begin(body))
        await made[0]

    with pytest.raises(error):
        asyncio.run(main())
    check_ended(made[0])
    assert (made[0].status, made[0].state.reason) == ("cancelled", "interrupted")
    made.clear()
    gc.collect()
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("how", ["waits", "swallows", "raises", "times out itself"])
def test_timeout(how: str) -> None:
    """When the timeout is over the run ends with a fatal TimeoutError, whatever its code makes of it."""

    async def body(tracker: ProgressTracker) -> str:
        async with tracker.stage("s"):
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                if how == "swallows":
                    return "too late"
                if how == "raises":
                    raise ValueError("the connection is gone") from None
                if how == "times out itself":
                    raise TimeoutError from None
                raise
        return ""

    async def main() -> None:
        run = begin(body, timeout=0)
        with pytest.raises(TimeoutError):
            await run
        last = run.log[len(run.log) - 1]
        assert isinstance(last, ErrorEvent)
        assert (last.error_type, last.fatal) == ("TimeoutError", True)
        assert last.message == str(run.exception) == "op took longer than its timeout of 0 s"
        assert last.stage == (None if how in ("swallows", "raises") else "s")
        check_ended(run)

    asyncio.run(main())


def test_timeout_that_is_not_reached() -> None:
    """A timeout that is not reached changes nothing, an endless one included."""
    for timeout in (1_000, float("inf"), None):
        assert asyncio.run(awaited(begin(quick, timeout=timeout))) == "result"


@pytest.mark.parametrize("end", ["done", "fail", "cancelled"])
def test_body_that_ends_its_own_run(end: str) -> None:
    """A body that ends its run itself, and then returns, leaves one last event and prints nothing."""

    async def body(tracker: ProgressTracker) -> str:
        getattr(tracker, end)(*([ValueError("x")] if end == "fail" else []))
        return "result"

    async def main() -> None:
        run = begin(body)
        await asyncio.wait([asyncio.ensure_future(run)])
        check_ended(run)

    asyncio.run(main())


# --- iterating -------------------------------------------------------------------------------------


def test_iterate() -> None:
    """Every reader, early, late or both at once, sees all events from the first to the last."""

    async def read(run: Run[Any]) -> list[Event]:
        return [event async for event in run]

    async def main() -> None:
        run = begin(quick)
        early = await asyncio.gather(read(run), read(run), run)
        assert early[0] == early[1] == await read(run) == list(run.log)
        check_ended(run)

    asyncio.run(main())


def test_closing_an_iterator() -> None:
    """Leaving a loop over the events early cancels nothing."""

    async def main() -> None:
        run = begin(quick)
        async for _ in run:
            break
        events = run.__aiter__()
        await anext(events)
        await events.aclose()  # type: ignore[attr-defined]
        assert await run == "result"

    asyncio.run(main())


# --- where it runs ---------------------------------------------------------------------------------


def test_updates_from_a_thread() -> None:
    """A thread of the run reports into it; once the run has ended its updates are dropped and counted."""
    go, gone = threading.Event(), threading.Event()

    def late(tracker: ProgressTracker) -> None:
        tracker.update("s", 30, "in time")
        go.wait()
        tracker.update("s", 60, "too late")
        gone.set()

    async def body(tracker: ProgressTracker) -> ProgressTracker:
        threading.Thread(target=late, args=(tracker,)).start()
        while tracker.state.find("s") is None:
            await asyncio.sleep(0)
        return tracker

    run = begin(body)
    tracker = asyncio.run(awaited(run))
    go.set()
    gone.wait()
    assert tracker.dropped == 1
    assert [event.stage_progress for event in run.log if isinstance(event, ProgressEvent)][1] == 30
    check_ended(run)


def test_gather() -> None:
    """Many runs at once each have their own id, log and result."""

    async def main() -> None:
        made = [begin(quick) for _ in range(50)]
        assert runs() == made
        assert await asyncio.gather(*made) == ["result"] * 50
        assert len({run.id for run in made}) == 50
        for run in made:
            check_ended(run)
            assert {event.run_id for event in run.log} == {run.id}

    asyncio.run(main())


def test_repr() -> None:
    """A run's repr is one line with its operation, status and percent; where nothing begins it, with what does."""
    run = begin(quick)
    assert repr(run) == f"<Run op {run.id[:8]}: pending, 0 %; await it in a coroutine, or .wait()>"
    asyncio.run(awaited(run))
    assert repr(run) == f"<Run op {run.id[:8]}: finished, 100 %>"
